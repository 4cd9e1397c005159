//! Secrets on a command line: `--password x`, `-u user:password`, `mysql -px`, `redis-cli -a x`, `net use .. /user:D\u x`.
//!
//! `--api-key=x` is a pair ([`super::pair`]). What a short flag means only its program knows, so the table names both, and
//! the program is looked for in the same command. They follow the programs' own manuals.

use core::ops::Range;

use crate::bytes::{at, before, part, rest, run, run_back, starts_with_any_case};
use crate::detect::{Scan, pair};
use crate::keys::is_secret;
use crate::kind::Kind;
use crate::looks;
use crate::marks::Marks;

/// How a flag and its value are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    /// `-px`
    Joined,
    /// `-p x`, `-p=x`
    Apart,
    /// Either.
    Any,
}

/// Programs, their flag for a password, and how that is written.
const FLAGS: &[(&str, &str, Written)] = &[
    (
        "-p",
        "mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlsh mariadb mariadb-dump 7z 7za 7zr rar unrar",
        Written::Joined,
    ),
    ("-p", "sshpass", Written::Any),
    (
        "-p",
        "login mongo mongosh mongodump mongorestore mongoexport mongoimport cqlsh rabbitmqadmin psexec psexec64 PsExec \
        ncftpput argocd vsql",
        Written::Apart,
    ),
    ("-P", "sqlcmd osql bcp ipmitool mosquitto_pub mosquitto_sub zip unzip isql nxc netexec", Written::Apart),
    ("-a", "redis-cli redis-benchmark valkey-cli", Written::Apart),
    ("-w", "ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldappasswd", Written::Apart),
    ("-s", "ldappasswd", Written::Apart),
    ("-A", "snmpget snmpwalk snmpset snmpbulkwalk", Written::Apart),
    ("-X", "snmpget snmpwalk snmpset snmpbulkwalk", Written::Apart),
    ("-k", "openssl", Written::Apart),
    ("-b", "htpasswd", Written::Apart),
    ("-bc", "htpasswd", Written::Apart),
    ("-cb", "htpasswd", Written::Apart),
    ("-bB", "htpasswd", Written::Apart),
    ("-nb", "htpasswd", Written::Apart),
    ("-nbB", "htpasswd", Written::Apart),
    ("-pw", "plink pscp psftp putty", Written::Apart),
    ("-password", "influx cypher-shell wlst keytool", Written::Apart),
    ("-storepass", "keytool jarsigner", Written::Apart),
    ("-keypass", "keytool jarsigner", Written::Apart),
    ("-Password", "", Written::Apart),
    ("/p:", "xfreerdp wfreerdp xfreerdp3 mstsc", Written::Joined),
    ("/rp", "schtasks", Written::Apart),
];

/// Words after which a positional argument is a password: how many arguments come before it.
const POSITIONS: &[(&str, usize)] = &[
    ("net user ", 1),
    ("ConvertTo-SecureString ", 0),
    ("ConvertTo-SecureString -String ", 0),
    ("rclone obscure ", 0),
    ("importprivkey ", 0),
    ("wallet passphrase ", 0),
    ("walletpassphrase ", 0),
];

/// How far back the program may be.
const FAR: usize = 256;

/// `i` is at the `-` or the `/`.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if !matches!(before(text, i), 0 | b' ' | b'\n' | b'\t' | b'\'' | b'"') {
        return None;
    }
    let value = user(text, i)
        .or_else(|| short(text, i))
        .or_else(|| long(text, i))
        .or_else(|| drive(text, i))
        .or_else(|| here(text, i))?;
    marks.add(value.clone(), Kind::Secret, "command_line");
    Some(value.end)
}

/// `-u user:password`, `-U user%password`, `-u user,password`
fn user(text: &str, i: usize) -> Option<Range<usize>> {
    const FLAGS: &[&str] = &["-u", "-U", "--user", "--proxy-user"];
    let end = run(text, i, 16, |b| b.is_ascii_alphabetic() || b == b'-');
    let flag = part(text, i..end);
    if !FLAGS.contains(&flag) || !matches!(at(text, end), b' ' | b'=') {
        return None;
    }
    let value = pair::value(text, end + 1);
    let shown = part(text, value.clone());
    let separators: &[char] = if flag == "-U" { &['%', ':'] } else { &[':', ','] };
    let (user, password) = shown.split_once(separators)?;
    let placeholder = user.eq_ignore_ascii_case("username") && password.eq_ignore_ascii_case("password");
    // Docker's `-u 1000:1000` and `-u www-data:www-data` name a user and a group.
    let group = password.len() < 6 && password.bytes().all(|b| b.is_ascii_digit()) || password == user;
    if password.is_empty() || placeholder || group || looks::harmless(password) || password.starts_with("//")
    {
        return None;
    }
    Some(value.start + user.len() + 1..value.end)
}

/// A short flag of a program that has it for a password.
fn short(text: &str, i: usize) -> Option<Range<usize>> {
    FLAGS.iter().find_map(|(flag, programs, written)| {
        let after = i + flag.len();
        if !rest(text, i).starts_with(flag) {
            return None;
        }
        let apart = matches!(at(text, after), b' ' | b'=') && *written != Written::Joined;
        let joined = at(text, after).is_ascii_graphic() && *written != Written::Apart;
        if !(apart || joined) || !(programs.is_empty() || called(text, i, programs)) {
            return None;
        }
        let mut value = pair::value(text, after + usize::from(apart));
        if flag.contains('b') {
            // `htpasswd -b file user password`, `htpasswd -nb user password`
            value = argument(text, after + 1, if flag.contains('n') { 1 } else { 2 })?;
        }
        plausible(text, &value).then_some(value)
    })
}

/// Whether one of `programs` is called in the command that `i` is in.
fn called(text: &str, i: usize, programs: &str) -> bool {
    let mut start = run_back(text, i, FAR, |b| !matches!(b, b'\n' | b';' | b'|' | b'&'));
    // A line that ends in `\` goes on.
    while before(text, start) == b'\n' && before(text, start.saturating_sub(1)) == b'\\' && i - start < FAR {
        start = run_back(text, start - 1, FAR, |b| !matches!(b, b'\n' | b';' | b'|' | b'&'));
    }
    let command = part(text, text.floor_char_boundary(start)..i);
    command
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
        .any(|word| !word.is_empty() && programs.split(' ').any(|program| program == word))
}

/// `--password x`
fn long(text: &str, i: usize) -> Option<Range<usize>> {
    if at(text, i + 1) != b'-' {
        return None;
    }
    let end = run(text, i + 2, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if at(text, end) != b' ' || !is_secret(part(text, i + 2..end)) {
        return None;
    }
    let value = pair::value(text, end + 1);
    // `the --username and --password options can be`
    let word = part(text, value.clone()).bytes().all(|b| b.is_ascii_lowercase());
    let sentence = word && at(text, value.end) == b' ' && at(text, value.end + 1).is_ascii_lowercase();
    // `--secret prod-db` names one.
    let named =
        part(text, i + 2..end) == "secret" && !part(text, value.clone()).bytes().any(|b| b.is_ascii_digit());
    (plausible(text, &value) && !sentence && !named).then_some(value)
}

/// `net use Z: \\server\share /user:DOMAIN\name password`, and the password before that.
fn drive(text: &str, i: usize) -> Option<Range<usize>> {
    if !starts_with_any_case(rest(text, i), "/user:") || !called(text, i, "net NET use") {
        return None;
    }
    let user = run(text, i, 128, |b| !b.is_ascii_whitespace());
    let good = |value: &Range<usize>| {
        plausible(text, value)
            && !part(text, value.clone()).starts_with(['/', '\\'])
            && before(text, value.end) != b':'
    };
    let end = run_back(text, i, 4, |b| b == b' ');
    let earlier = run_back(text, end, 128, |b| !b.is_ascii_whitespace())..end;
    argument(text, user, 0)
        .filter(good)
        .or_else(|| Some(earlier).filter(good).filter(|value| part(text, value.clone()) != "use"))
}

/// `docker login --password-stdin <<< "x"`
fn here(text: &str, i: usize) -> Option<Range<usize>> {
    let start = run_back(text, i, FAR, |b| b != b'\n');
    let command = part(text, text.ceil_char_boundary(start)..i);
    if !rest(text, i).starts_with("<<<") || !SINKS.iter().any(|sink| command.contains(sink)) {
        return None;
    }
    argument(text, i + 3, 0).filter(|value| plausible(text, value))
}

fn plausible(text: &str, value: &Range<usize>) -> bool {
    let shown = part(text, value.clone());
    !(shown.is_empty() || shown.starts_with(['-', '(']) || looks::harmless(shown) || looks::code(shown))
}

/// The argument after `start` that has so many before it.
fn argument(text: &str, start: usize, skip: usize) -> Option<Range<usize>> {
    let mut i = start;
    for left in (0..=skip).rev() {
        let value = pair::value(text, run(text, i, 8, |b| b == b' '));
        if value.is_empty() || left == 0 {
            return Some(value).filter(|value| !value.is_empty());
        }
        i = value.end + usize::from(matches!(at(text, value.end), b'"' | b'\''));
    }
    None
}

/// What a password is piped into.
const SINKS: &[&str] = &["--password-stdin", "sudo -S", "chpasswd", "passwd --stdin", "--with-token"];

/// An argument that is a password by its place: `net user name password`, `echo x | sudo -S y`. `i` is at the command's
/// first letter.
pub(super) fn place(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if !matches!(at(text, i) | 32, b'n' | b'c' | b'r' | b'i' | b'w' | b'e' | b'p') {
        return None;
    }
    let value = piped(text, i).or_else(|| {
        let (words, skip) =
            POSITIONS.iter().rfind(|(words, _)| starts_with_any_case(rest(text, i), words))?;
        argument(text, i + words.len(), *skip)
    })?;
    let shown = part(text, value.clone());
    if !plausible(text, &value) || shown.starts_with(['/', '$']) || shown == "*" {
        return None;
    }
    marks.add(value.clone(), Kind::Secret, "command_line");
    Some(value.end)
}

fn piped(text: &str, i: usize) -> Option<Range<usize>> {
    let command =
        ["echo ", "echo -n ", "printf "].iter().rfind(|command| rest(text, i).starts_with(**command))?;
    let value = argument(text, i + command.len(), 0)?;
    let end = run(text, value.end, FAR, |b| b != b'\n');
    let line = part(text, value.end..text.floor_char_boundary(end));
    let sink = SINKS.iter().find(|sink| line.contains(**sink))?;
    // `user:password`
    let user = if *sink == "chpasswd" { part(text, value.clone()).find(':')? + 1 } else { 0 };
    Some(value.start + user..value.end)
}
