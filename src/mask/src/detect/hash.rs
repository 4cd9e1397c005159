//! Password hashes: what `crypt` and its kin write (`$2b$12$..`, `$argon2id$v=19$..`, crypt(5)), LDAP's `{SSHA}..` (RFC 2307),
//! and frameworks' `pbkdf2_sha256$600000$..`. Whoever has one can guess in peace, so it goes whole.

use core::ops::Range;

use crate::bytes::{at, before, part, run, run_back};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::marks::Marks;

/// What stands between the first two `$`.
const IDS: &[&str] = &[
    "1",
    "2a",
    "2b",
    "2x",
    "2y",
    "5",
    "6",
    "7",
    "y",
    "gy",
    "apr1",
    "argon2i",
    "argon2d",
    "argon2id",
    "scrypt",
    "pbkdf2",
    "pbkdf2-sha1",
    "pbkdf2-sha256",
    "pbkdf2-sha512",
    "P",
    "H",
    "S",
    "md5",
    "sha1",
    "sha256",
    "sha512",
    "bcrypt-sha256",
];

/// How a hash begins whose first `$` comes later.
const NAMES: &[&str] =
    &["pbkdf2", "scrypt", "bcrypt", "argon2", "md5", "sha1", "sha256", "sha512", "SCRAM-SHA-"];

/// LDAP's schemes, and what they begin with.
const SCHEMES: &[&str] =
    &["SSHA", "SHA", "SMD5", "MD5", "CRYPT", "BCRYPT", "PBKDF2", "ARGON2", "crypt", "bcrypt"];

/// Shorter than this it holds no hash.
const SHORTEST: usize = 24;
/// Longest that is read.
const LONGEST: usize = 512;

/// `i` is at the `$`, or at the `{`.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if at(text, i) == b'{' {
        let close = run(text, i + 1, 16, |b| b.is_ascii_alphanumeric() || b == b'-');
        let end = run(text, close + 1, LONGEST, is_part);
        let known = SCHEMES.iter().any(|scheme| part(text, i + 1..close).starts_with(scheme));
        if at(text, close) != b'}' || !known || end - close < SHORTEST {
            return None;
        }
        marks.add(close + 1..end, Kind::Secret, "password_hash");
        return Some(end);
    }
    let range = around(text, i)?;
    let end = range.end;
    marks.add(range, Kind::Secret, "password_hash");
    Some(end)
}

/// The hash that begins at `i`, if one does.
pub(super) fn at_start(text: &str, i: usize) -> Option<Range<usize>> {
    let first = run(text, i, 40, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'-'));
    if at(text, first) == b'$' { around(text, first).filter(|range| range.start == i) } else { None }
}

/// The hash whose first `$` is at `i`.
fn around(text: &str, i: usize) -> Option<Range<usize>> {
    let stop = run(text, i + 1, 16, |b| b.is_ascii_alphanumeric() || b == b'-');
    let known = at(text, stop) == b'$' && IDS.contains(&part(text, i + 1..stop));
    let start = run_back(text, i, 40, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'-'));
    let name = part(text, start..i);
    let named = NAMES.iter().find_map(|one| name.find(one));
    let start = match named {
        Some(offset) => start + offset,
        None if known && !before(text, i).is_ascii_alphanumeric() => i,
        None => return None,
    };
    let end = run(text, i, LONGEST, is_part);
    if end - i < SHORTEST || !part(text, i..end).bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(start..end)
}

fn is_part(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(b, b'$' | b'.' | b'/' | b'+' | b'=' | b',' | b'-' | b'_' | b':' | b'*')
}
