//! Passwords in URLs and connection strings: `postgres://app:secret@db/prod` (RFC 3986, 3.2.1).

use crate::bytes::{before, part, rest, run};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::looks;
use crate::marks::Marks;

/// Longest authority that is read.
const LONGEST: usize = 1024;

/// The user stays, the password goes; a user that is itself a token goes. A URL's user is not an e-mail address.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if !rest(text, i).starts_with("://") || !before(text, i).is_ascii_alphanumeric() {
        return None;
    }
    let start = i + 3;
    let end = run(text, start, LONGEST, |b| {
        !b.is_ascii_whitespace()
            && !matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'|')
    });
    let at_sign = part(text, start..end).rfind('@')?;
    let user_info = part(text, start..start + at_sign);
    if let Some((user, password)) = user_info.split_once(':') {
        if user.len() >= 16 && looks::random(user) {
            marks.add(start..start + user.len(), Kind::Secret, "url_password");
        }
        if !looks::harmless(password) {
            marks.add(start + user.len() + 1..start + at_sign, Kind::Secret, "url_password");
        }
    } else if looks::random(user_info) || super::whole_token(user_info).is_some() {
        marks.add(start..start + at_sign, Kind::Secret, "url_password");
    }
    Some(start + at_sign + 1)
}
