//! Secrets in URLs and connection strings: `postgres://app:secret@db/prod` (RFC 3986, 3.2.1), `user:secret@tcp(db)/prod`
//! (Go's MySQL driver), `scott/tiger@db` (Oracle), and addresses that are themselves the key (webhooks).
//!
//! User, host and what names the resource stay. Parameters and other segments are [`super::query`]'s.

use crate::bytes::{at, before, part, rest, run, run_back};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::looks;
use crate::marks::Marks;

/// Longest authority that is read.
const LONGEST: usize = 1024;

/// Hosts' ends and paths after which everything is a key, by their services' own documentation.
const HOOKS: &[(&str, &str)] = &[
    ("hooks.slack.com", "/services/"),
    ("hooks.slack.com", "/workflows/"),
    ("hooks.slack.com", "/triggers/"),
    ("discord.com", "/api/webhooks/"),
    ("discordapp.com", "/api/webhooks/"),
    ("webhook.office.com", "/webhookb2/"),
    ("outlook.office.com", "/webhook/"),
    ("hooks.zapier.com", "/hooks/"),
    (".make.com", "/"),
    ("hook.integromat.com", "/"),
    ("maker.ifttt.com", "/trigger/"),
    ("open.feishu.cn", "/open-apis/bot/v2/hook/"),
    ("open.larksuite.com", "/open-apis/bot/v2/hook/"),
    ("hooks.glip.com", "/webhook/"),
    ("events.pagerduty.com", "/integration/"),
    ("api.flock.com", "/hooks/sendMessage/"),
    ("hc-ping.com", "/"),
    ("hooks.airtable.com", "/workflows/"),
    ("connect.pabbly.com", "/workflow/"),
    ("api.telegram.org", "/bot"),
];

/// The user stays, the password goes; a user that is itself a token goes. A URL's user is not an e-mail address.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if !rest(text, i).starts_with("://") || !before(text, i).is_ascii_alphanumeric() {
        return None;
    }
    let start = i + 3;
    let mut end = run(text, start, LONGEST, |b| in_url(b) && !matches!(b, b'/' | b'?' | b'#'));
    let authority = part(text, start..end);
    let Some(mut at_sign) = authority.rfind('@') else {
        // A password may have a `/`, a `?` or a `#` in it all the same. A port or a path has no `@` after a colon.
        let (user, rest_of_it) = authority.split_once(':')?;
        let whole = run(text, start, LONGEST, in_url);
        let sign = part(text, end..whole).rfind('@').map(|sign| end + sign);
        let port = rest_of_it.bytes().all(|b| b.is_ascii_digit());
        return match sign {
            Some(sign) if !port && !user.is_empty() && at(text, end) != 0 => {
                marks.add(start + user.len() + 1..sign, Kind::Secret, "url_password");
                Some(sign + 1)
            }
            Some(_) | None => None,
        };
    };
    // `user:p@ss@host`, `user:p@ss/w@host`: the last sign before the path, or one more that a host follows.
    let whole = run(text, start, LONGEST, |b| in_url(b) && !matches!(b, b'?' | b'#'));
    if let Some(more) = part(text, end..whole).rfind('@')
        && authority.get(..at_sign).is_some_and(|user| user.contains(':'))
        && !authority.get(at_sign..).is_some_and(|host| host.contains(['.', ':']))
        && part(text, end + more + 1..whole).split('/').next().is_some_and(|host| host.contains(['.', ':']))
    {
        end += more + 1;
        at_sign = end - start - 1;
    }
    let user_info = part(text, start..start + at_sign);
    // `docker://image:tag@sha256:..`
    if part(text, start + at_sign..whole).starts_with("@sha256:") {
        return Some(end);
    }
    if let Some((user, password)) = user_info.split_once(':') {
        if user.len() >= 16 && (looks::random(user) || looks::is_digest(user)) {
            marks.add(start..start + user.len(), Kind::Secret, "url_password");
        }
        if !looks::harmless(password) && !matches!(password, "x-oauth-basic" | "x") {
            marks.add(start + user.len() + 1..start + at_sign, Kind::Secret, "url_password");
        }
    } else if looks::random(user_info)
        || looks::is_digest(user_info)
        || looks::is_uuid(user_info)
        || super::whole_token(user_info).is_some()
    {
        marks.add(start..start + at_sign, Kind::Secret, "url_password");
    }
    Some(start + at_sign + 1)
}

fn in_url(b: u8) -> bool {
    !b.is_ascii_whitespace() && !matches!(b, b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'|')
}

/// An address that is itself a key: its host stays. `i` is at the slash after the host.
pub(super) fn hook(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let host = part(text, i.saturating_sub(24)..i);
    let host = if host.is_empty() { part(text, 0..i) } else { host };
    let after = rest(text, i);
    let (_, path) = HOOKS.iter().find(|(name, path)| after.starts_with(path) && host.ends_with(name))?;
    // Make's own pages are on another host.
    if *path == "/" && host.contains("www.") {
        return None;
    }
    let from = i + path.len();
    let to = run(text, from, LONGEST, |b| in_url(b) && !matches!(b, b'?' | b'#' | b'[' | b')' | b',' | b';'));
    let key = part(text, from..to).trim_end_matches(['.', ':', '/']);
    if key.len() < 16 || !key.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    marks.add(from..from + key.len(), Kind::Secret, "webhook_url");
    Some(to)
}

/// `user:secret@tcp(db:3306)/prod`, `scott/tiger@//db:1521/orcl`. `i` is at the sign.
pub(super) fn without_scheme(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if at(text, i) != b'@' {
        return None;
    }
    let after = rest(text, i + 1);
    let start =
        text.ceil_char_boundary(run_back(text, i, 256, |b| in_url(b) && !matches!(b, b'=' | b'&' | b',')));
    let head = part(text, start..i);
    if after.starts_with("tcp(") || after.starts_with("unix(") {
        let (user, password) = head.split_once(':')?;
        if looks::harmless(password) {
            return None;
        }
        marks.add(start + user.len() + 1..i, Kind::Secret, "url_password");
        return Some(i + 1);
    }
    let (user, password) = head.rsplit_once('/')?;
    let driver =
        user.rsplit_once(':').is_some_and(|(driver, _)| driver.ends_with("thin") || driver.ends_with("oci"));
    let line = run_back(text, start, 96, |b| !matches!(b, b'\n' | b';' | b'|'));
    let command = text.get(line..start).unwrap_or("");
    let client = ["sqlplus", "rman", "impdp", "expdp", "sqlldr", "tnsping"];
    let called = !user.contains(['/', ':', '.']) && client.iter().any(|client| command.contains(client));
    if !(driver || called) || password.is_empty() || looks::harmless(password) {
        return None;
    }
    marks.add(start + user.len() + 1..i, Kind::Secret, "url_password");
    Some(i + 1)
}
