//! Passwords, keys and one-time codes that a word beside them gives away: `password x1` in a `.netrc`, `ENV API_KEY x1` in
//! a Dockerfile, `the root pw on db-3 is x1`, `Das Passwort lautet: x1`, `482913 is your code`.
//!
//! The value is the anchor: a word with digits in it, or one in quotes. Then the words before it are read, as few as a
//! sentence needs. A password that is an ordinary word (`the password is swordfish`) cannot be told from one.

use crate::bytes::{at, before, part, rest, run, run_back};
use crate::detect::{Scan, whole_token};
use crate::keys::is_secret;
use crate::kind::Kind;
use crate::looks;
use crate::marks::Marks;

/// Longest value that is read, and how far back its name may be.
const LONGEST: usize = 512;
const FAR: usize = 96;

/// Words between a name and its value: `is`, `is now`, `changed to`.
const COPULAS: &[&str] = &[
    "is",
    "now",
    "was",
    "are",
    "est",
    "ist",
    "lautet",
    "jetzt",
    "es",
    "ahora",
    "è",
    "é",
    "jest",
    "är",
    "equals",
    "maintenant",
    "теперь",
    "это",
    "changed",
    "set",
    "reset",
    "rotated",
    "updated",
    "geändert",
];

/// The same, after one of those only.
const TOWARDS: &[&str] = &["to", "TO", "auf", "as", "en", "à"];

/// What is done to a password: `set it to`.
const VERBS: &[&str] =
    &["set", "Set", "SET", "reset", "change", "rotate", "update", "changed", "rotated", "updated", "Change"];

/// What a user and a password are called together.
const LOGINS: &[&str] = &["creds", "cred", "credentials", "login", "logins", "account", "access"];

/// Words after a name that say where it opens something: `the pw for the grafana admin is`.
const PLACES: &[&str] = &[
    "for", "of", "on", "at", "in", "to", "from", "für", "von", "am", "auf", "zu", "pour", "de", "du", "sur",
    "para", "del", "da", "do", "per", "voor", "van", "did", "has",
];

/// What the last word of a name is when the value may be anything a person makes up.
const CHOSEN: &[&str] = &[
    "pass",
    "pw",
    "psk",
    "pin",
    "puk",
    "kennwort",
    "contrase",
    "senha",
    "parol",
    "лозинк",
    "парол",
    "lösenord",
    "losenord",
    "haslo",
    "hasło",
    "wachtwoord",
    "salasana",
    "adgangskode",
    "jelszo",
    "heslo",
    "mot de passe",
    "otp",
    "code",
    "密码",
    "パスワード",
];

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let previous = before(text, i);
    let quoted = matches!(previous, b'"' | b'\'' | b'`' | b'\\');
    let open = if quoted { run_back(text, i, 4, |b| matches!(b, b'"' | b'\'' | b'`' | b'\\')) } else { i };
    let wide = previous >= 0x80;
    let beside = matches!(before(text, open), b' ' | b'\t' | b',') || (quoted && before(text, open) == b'(');
    let loose = matches!(before(text, open), b'|' | b';' | b'>' | b'<' | b'\n');
    if !(wide || beside || loose) {
        return None;
    }
    let end = value_end(text, i, if quoted || wide { previous } else { b' ' });
    let value = part(text, i..end);
    let telling = part(text, open.saturating_sub(1)..open);
    let (mut letters, mut digits, mut others) = (0, 0, 0);
    for b in value.bytes() {
        match b {
            b'0'..=b'9' => digits += 1,
            b'a'..=b'z' | b'A'..=b'Z' => letters += 1,
            _ => others += 1,
        }
    }
    if digits == 0 || value.len() < 4 {
        return None;
    }
    let number = letters == 0 && value.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let (name, gap) = if wide {
        (unspaced(text, i)?, Gap::Blank)
    } else {
        let close = if loose { None } else { name(text, i, open, telling) };
        close.or_else(|| strong(value).then(|| apart(text, open)).flatten().map(|name| (name, Gap::List)))?
    };
    let chosen = is_chosen(name);
    let good = if number {
        chosen
            && !passed(name)
            && (4..=8).contains(&digits)
            && gap != Gap::List
            && (others == 0 || name.contains("code"))
    } else if gap == Gap::List {
        strong(value)
    } else {
        letters > 0 && (strong(value) || (chosen && value.len() >= 6 && !dull(value)))
    };
    // `PASS test_login_2fa`
    let tested = passed(name) && (value.starts_with(['t', 'T']) || value.contains("_test"));
    if !good || tested || looks::harmless(value) || looks::code(value) {
        return None;
    }
    marks.add(i..end, Kind::Secret, whole_token(value).unwrap_or("secret_beside_its_name"));
    Some(end)
}

/// What stands between a name and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    Blank,
    List,
    Words,
}

fn value_end(text: &str, i: usize, quote: u8) -> usize {
    let stops: fn(u8) -> bool = match quote {
        b' ' => |b| {
            !(b.is_ascii_whitespace()
                || matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>' | b',' | b';' | b'|' | b'[' | b'\\'))
        },
        0x80.. => {
            |b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>' | b',' | b'[' | b'\\')
        }
        _ => |b| !(b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'[' | b'\\')),
    };
    let mut end = text.floor_char_boundary(run(text, i, LONGEST, stops));
    while end > i && matches!(before(text, end), b'.' | b':' | b'!' | b'?' | b')' | b']' | b'}') {
        end -= 1;
    }
    end
}

/// The words that name the value at `open`, if they say it is a secret.
fn name<'a>(text: &'a str, i: usize, open: usize, telling: &str) -> Option<(&'a str, Gap)> {
    let blank = run_back(text, open, 8, |b| matches!(b, b' ' | b'\t' | b',' | b'('));
    // `Passwort lautet: x`, `token <- "x"`, and Markdown's `**token:** x`, `| token | x |`
    let colon = run_back(text, blank, 4, |b| {
        matches!(b, b':' | b'=' | b'<' | b'-' | b'>' | b'*' | b'|' | b']' | b'`')
    });
    let sign = part(text, colon..blank);
    let row = || sign == "|" && at(text, run(text, i, LONGEST, |b| !matches!(b, b'|' | b'\n'))) == b'|';
    if sign == "-" || (sign.contains('|') && !row()) {
        return None;
    }
    let colon = if colon < blank { run_back(text, colon, 32, |b| b == b' ') } else { colon };
    let (mut start, mut end) = word_back(text, colon);
    if let Some(name) = secret(text, start, end) {
        return Some((name, if matches!(telling, "," | "(") { Gap::List } else { Gap::Blank }));
    }
    // `creds: admin / x`
    if before(text, colon) == b'/' {
        let user = run_back(text, colon - 1, 2, |b| b == b' ');
        let label = run_back(text, word_back(text, user).0, 3, |b| matches!(b, b' ' | b':' | b'='));
        let (start, end) = word_back(text, label);
        let told = LOGINS.iter().any(|login| part(text, start..end).eq_ignore_ascii_case(login));
        return told.then_some(("password", Gap::Blank));
    }
    if matches!(telling, "," | "(") {
        return None;
    }
    let mut joined = colon < blank;
    let mut towards = false;
    let mut after = "";
    for _ in 0..7 {
        let word = part(text, start..end);
        if word.is_empty() {
            return None;
        }
        if COPULAS.contains(&word) && after.is_empty() {
            joined = true;
        } else if TOWARDS.contains(&word) && !joined && after.is_empty() {
            towards = true;
        } else if towards && !joined {
            // `set the token to x`
            let name = secret(text, start, end)?;
            let verb = word_back(text, run_back(text, start, 2, |b| b == b' '));
            let verb = if part(text, verb.0..verb.1) == "the" {
                word_back(text, run_back(text, verb.0, 2, |b| b == b' '))
            } else {
                verb
            };
            return VERBS.contains(&part(text, verb.0..verb.1)).then_some((name, Gap::Words));
        } else if !joined {
            return None;
        } else {
            if (after.is_empty() || PLACES.contains(&after))
                && let Some(name) = secret(text, start, end)
            {
                return Some((name, Gap::Words));
            }
            after = word;
        }
        let next = run_back(text, start, 2, |b| b == b' ');
        if next == start {
            return None;
        }
        (start, end) = word_back(text, next);
    }
    None
}

/// The name that only signs part from a value which is random itself: `"token" -> "x"`, `token;x`, a colon and a new line.
fn apart(text: &str, open: usize) -> Option<&str> {
    let sign = |b: u8| {
        b.is_ascii_whitespace()
            || (b.is_ascii_punctuation() && !matches!(b, b'.' | b'/' | b'@' | b'&' | b'#' | b'_'))
    };
    let end = run_back(text, open, 16, sign);
    let signs = part(text, end..open);
    // A header's last column does not name the first one of the next row.
    if signs.contains('\n') && !signs.contains([':', '=', '\\', '>']) {
        return None;
    }
    let (start, end) = word_back(text, end);
    secret(text, start, end)
}

/// The name right before the value at `i`, in a script that puts no spaces between words: `密码：x`, `パスワードはx`.
fn unspaced(text: &str, i: usize) -> Option<&str> {
    let start = text.ceil_char_boundary(run_back(text, i, 45, |b| b >= 0x80));
    let words = part(text, start..i).trim_end_matches(['：', 'は', '是', '为', '為', '는', '은', 'が']);
    // The name may be the end of a sentence's words: at most eight characters of it are tried.
    words.char_indices().rev().take(8).find_map(|(at, _)| words.get(at..).filter(|name| is_secret(name)))
}

/// The words up to `end`, at most three, if they name a secret.
fn secret(text: &str, start: usize, end: usize) -> Option<&str> {
    let mut first = start;
    for _ in 0..2 {
        let next = run_back(text, first, 2, |b| b == b' ');
        first = if next < first { word_back(text, next).0 } else { first };
    }
    let name = part(text, first..end);
    let code = || {
        let mut words = name.rsplit(' ');
        let code = words.next().is_some_and(|word| CODE.iter().any(|code| word.eq_ignore_ascii_case(code)));
        code && words.next().is_some_and(|word| SENT.iter().any(|sent| word.eq_ignore_ascii_case(sent)))
    };
    (is_secret(name) || code()).then_some(name)
}

/// `your code`, `Ihr Code`: a code that was sent to open something.
const CODE: &[&str] = &["code", "código", "codigo", "codice", "kod", "koodi", "kode", "код"];
const SENT: &[&str] = &[
    "your",
    "use",
    "enter",
    "login",
    "access",
    "confirmation",
    "sms",
    "auth",
    "security",
    "verification",
    "one-time",
    "2fa",
    "ihr",
    "dein",
    "votre",
    "ton",
    "tu",
    "su",
    "seu",
    "tuo",
    "suo",
    "uw",
    "je",
    "twój",
    "din",
    "ваш",
];

fn word_back(text: &str, end: usize) -> (usize, usize) {
    let start = run_back(text, end, FAR, |b| {
        b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'_' | b'-' | b'.')
    });
    (start, end)
}

/// Whether the name is the verb: `pass 3 checks`.
fn passed(name: &str) -> bool {
    matches!(name.rsplit(' ').next(), Some("pass" | "PASS" | "Pass"))
}

fn is_chosen(name: &str) -> bool {
    let last = name.to_lowercase();
    CHOSEN.iter().any(|word| last.contains(word))
}

/// Paths, dates, versions and sizes, which stand beside such words, too.
fn dull(value: &str) -> bool {
    value.starts_with(['/', '.', '~', '-', '$', '{', '('])
        || (value.contains('/') && !looks::random(value))
        || value.contains('=')
        || !value.bytes().any(|b| b.is_ascii_alphabetic() && !matches!(b, b'v' | b'T' | b'Z' | b'x'))
}

/// Whether a value is a key even beside a word that may mean something else: `token`, `secret`.
fn strong(value: &str) -> bool {
    whole_token(value).is_some()
        || looks::is_uuid(value)
        || looks::is_digest(value)
        || jumbled(value)
        || serial(value)
        || (looks::random(value)
            && value.split(['-', '_', '.', '/']).any(|piece| {
                let digits = piece.bytes().filter(u8::is_ascii_digit).count();
                piece.len() >= 8 && digits >= 2 && digits < piece.len()
            }))
}

/// `AB3D9-FGH7J-KL2MN`: a licence is written so.
fn serial(value: &str) -> bool {
    value.split('-').count() > 2
        && value.bytes().any(|b| b.is_ascii_uppercase())
        && value.split('-').all(|group| {
            (4..=8).contains(&group.len())
                && group.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        })
}

/// Twelve and more letters and digits that change places too often for a word with a number.
fn jumbled(value: &str) -> bool {
    let mut changes = 0;
    let mut previous = None;
    for b in value.bytes() {
        changes += usize::from(previous.is_some_and(|was| was != b.is_ascii_digit()));
        previous = Some(b.is_ascii_digit());
    }
    value.len() >= 12 && changes >= 4 && value.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// `482913 is your code`: `i` is at the number.
pub(super) fn before_its_name(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if !at(text, i).is_ascii_digit() {
        return None;
    }
    let end = run(text, i, 9, |b| b.is_ascii_digit());
    let after = rest(text, end);
    if !(4..=8).contains(&(end - i)) || !after.starts_with(' ') {
        return None;
    }
    let words = after.get(..after.floor_char_boundary(64))?;
    let sentence = words.split(['.', '\n', ',', ';', '!']).next()?;
    let told = [" is your ", " is the "].iter().any(|is| sentence.starts_with(is))
        && ["code", "pin", "PIN", "OTP", "passcode"].iter().any(|code| sentence.contains(code))
        && !["error", "status", "zip", "exit", "country"].iter().any(|other| sentence.contains(other));
    let used = matches!(part(text, i.saturating_sub(4)..i), "Use " | "use ")
        && [" to sign", " to log", " to verif", " to confirm", " as your"]
            .iter()
            .any(|to| sentence.starts_with(to));
    if !(told || used) {
        return None;
    }
    marks.add(i..end, Kind::Secret, "one_time_code");
    Some(end)
}
