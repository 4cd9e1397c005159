//! JSON Web Tokens (RFC 7519), signed and encrypted.

use crate::bytes::{before, is_url_safe, part, rest, run};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::marks::Marks;

/// `eyJ` is `{"` in base64url: every token begins so.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if !rest(text, i).starts_with("eyJ") || matches!(before(text, i), b'-' | b'_' | b'.') {
        return None;
    }
    let mut end = run(text, i, usize::MAX, |b| is_url_safe(b) || b == b'.');
    while end > i && before(text, end) == b'.' {
        end -= 1;
    }
    let mut parts = part(text, i..end).split('.');
    let header = parts.next().is_some_and(|header| header.len() >= 12);
    let body = parts.next().is_some_and(|body| body.len() >= 6);
    if !(header && body) {
        return None;
    }
    marks.add(i..end, Kind::Secret, "jwt");
    Some(end)
}
