//! HTTP credentials: the values of `Authorization` headers (RFC 7235), and in running text `Bearer x`, `Basic x` (RFC 6750,
//! RFC 7617), `Digest ..` (RFC 7616), `AWS4-HMAC-SHA256 ..` (Signature Version 4), `Hawk ..`, `OAuth ..` (RFC 5849) and the
//! words that single services use.
//!
//! The scheme stays, and of credentials with parameters those that name: realm, user, algorithm, signed headers.

use crate::bytes::{at, is_token68, part, rest, run, starts_with_any_case};
use crate::detect::{Scan, expression, wrapped};
use crate::kind::Kind;
use crate::looks;
use crate::marks::{Marks, is_masked};

/// What must follow a scheme in running text, where it is also an ordinary word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// `base64(user:password)`
    Basic,
    /// A token, which need not look random.
    Token,
    /// Something random.
    Random,
    /// `name="value", ..`
    Parameters,
}

const SCHEMES: &[(&str, Follows, &str)] = &[
    ("bearer", Follows::Token, "bearer_token"),
    ("basic", Follows::Basic, "basic_credentials"),
    ("aws4-hmac-sha256", Follows::Parameters, "authorization"),
    ("digest", Follows::Parameters, "authorization"),
    ("hawk", Follows::Parameters, "authorization"),
    ("oauth", Follows::Parameters, "authorization"),
    ("apikey", Follows::Random, "authorization"),
    ("dpop", Follows::Random, "authorization"),
    ("geniekey", Follows::Random, "authorization"),
    ("negotiate", Follows::Random, "authorization"),
    ("ntlm", Follows::Random, "authorization"),
    ("sharedkey", Follows::Random, "authorization"),
    ("sharedkeylite", Follows::Random, "authorization"),
    ("splunk", Follows::Random, "authorization"),
    ("ssws", Follows::Random, "authorization"),
    ("token", Follows::Random, "authorization"),
    ("zoho-oauthtoken", Follows::Random, "authorization"),
];

/// Parameters that say who and how, and prove nothing.
const SHOWN: &[&str] = &[
    "realm",
    "uri",
    "username",
    "algorithm",
    "qop",
    "nc",
    "signedheaders",
    "headers",
    "ts",
    "version",
    "keyid",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_version",
    "oauth_callback",
    "created",
    "expires",
    "charset",
];

/// Longest list of parameters that is read in running text.
const LONGEST: usize = 4096;

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if !matches!(at(text, i) | 32, b'a' | b'b' | b'd' | b'g' | b'h' | b'n' | b'o' | b's' | b't' | b'z') {
        return None;
    }
    let word = run(text, i, 20, |b| b.is_ascii_alphanumeric() || b == b'-');
    let gap = if rest(text, word).starts_with("%20") { word + 3 } else { run(text, word, 8, |b| b == b' ') };
    if gap == word {
        return None;
    }
    let name = part(text, i..word);
    let &(_, follows, detector) = SCHEMES.iter().find(|(scheme, ..)| name.eq_ignore_ascii_case(scheme))?;
    if follows == Follows::Parameters {
        let end = gap + run(rest(text, gap), 0, LONGEST, |b| !matches!(b, b'\n' | b'\r'));
        return parameters(part(text, gap..end), gap, marks);
    }
    let bare = run(text, gap, usize::MAX, |b| is_token68(b) || b == b':');
    let end = run(text, bare, 4, |b| b == b'=');
    let value = part(text, gap..end).trim_end_matches(['.', ':']);
    let credential = match follows {
        Follows::Basic => wrapped::decode(value).is_some_and(|plain| plain.contains(':')),
        Follows::Token => {
            value.len() >= 8 && value.bytes().any(|b| b.is_ascii_digit())
                || looks::random(value)
                || value.len() >= 20
        }
        Follows::Random | Follows::Parameters => {
            looks::random(value) || looks::is_uuid(value) || (value.len() >= 32 && looks::is_digest(value))
        }
    };
    if !credential || looks::harmless(value) || starts_with_any_case(value, "your") {
        return None;
    }
    marks.add(gap..gap + value.len(), Kind::Secret, detector);
    Some(gap + value.len())
}

/// Whether `word` is a scheme that this module knows.
pub(super) fn is_known(word: &str) -> bool {
    SCHEMES.iter().any(|(scheme, ..)| word.eq_ignore_ascii_case(scheme))
}

/// Marks the parameters in `list`, which lies at `start`, that prove something; answers where the last one ends.
fn parameters(list: &str, start: usize, marks: &mut Marks) -> Option<usize> {
    let mut i = 0;
    let mut seen = None;
    loop {
        i = run(list, i, 8, |b| matches!(b, b' ' | b',' | b'\t'));
        let end = run(list, i, 40, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        let name = part(list, i..end).to_ascii_lowercase();
        if name.is_empty() || at(list, end) != b'=' {
            return seen;
        }
        // The quotes may be escaped.
        let open = run(list, end + 1, 4, |b| b == b'\\');
        let quoted = at(list, open) == b'"';
        let from = if quoted { open + 1 } else { end + 1 };
        let stops: fn(u8) -> bool = if quoted {
            |b| !matches!(b, b'"' | b'\\')
        } else {
            |b| !matches!(b, b',' | b' ' | b'"' | b'\'' | b'\\')
        };
        let to = run(list, from, usize::MAX, stops);
        let value = part(list, from..to);
        // Of `AKIA../20260105/eu-west-1/s3/aws4_request` only the key's id goes.
        let value =
            if name == "credential" { value.split(['/', '%']).next().unwrap_or(value) } else { value };
        if !SHOWN.contains(&name.as_str()) && !looks::harmless(value) {
            marks.add(start + from..start + from + value.len(), Kind::Secret, "authorization");
        }
        i = if quoted { run(list, to, 4, |b| matches!(b, b'\\' | b'"')) } else { to };
        seen = Some(start + i);
    }
}

/// Marks the credentials of an `Authorization` value, `start` being where `value` lies. The scheme stays.
pub(crate) fn authorization(value: &str, start: usize, marks: &mut Marks) {
    let trimmed = value.trim();
    let start = start + (value.len() - value.trim_start().len());
    if is_masked(trimmed) || looks::harmless(trimmed) {
        return;
    }
    // `"Bearer " + token`: no value begins with a quote.
    if trimmed.starts_with(['"', '\'', '`']) {
        let inside = trimmed.get(1..).and_then(|rest| rest.split(['"', '\'', '`']).next()).unwrap_or("");
        if inside.len() + 1 < trimmed.len() && !inside.is_empty() {
            return authorization(inside, start + 1, marks);
        }
    }
    let scheme = trimmed.split(' ').next().unwrap_or("");
    let known = scheme.len() < trimmed.len()
        && scheme.len() <= 24
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !known || looks::random(scheme) {
        marks.add(start..start + trimmed.len(), Kind::Secret, "authorization");
        return;
    }
    let credentials = part(trimmed, scheme.len() + 1..trimmed.len());
    let from = start + scheme.len() + 1;
    // `"Bearer $token"`, `"Bearer \(token)"`
    let filled_in = expression::variable(credentials) || credentials.starts_with("\\(");
    if is_masked(credentials) || looks::harmless(credentials) || filled_in {
        return;
    }
    let found = SCHEMES.iter().find(|(name, ..)| scheme.eq_ignore_ascii_case(name));
    let several =
        credentials.contains(',') || found.is_some_and(|(_, follows, _)| *follows == Follows::Parameters);
    if several && parameters(credentials, from, marks) == Some(from + credentials.len()) {
        return;
    }
    let detector = found.map_or("authorization", |(.., detector)| detector);
    marks.add(from..start + trimmed.len(), Kind::Secret, detector);
}
