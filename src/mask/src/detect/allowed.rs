//! What looks secret and is not: UUIDs, digests, trace contexts. They say which thing, and a reviewer needs that.

use crate::bytes::{at, ends_word, part, rest, run};
use crate::detect::Scan;
use crate::looks;
use crate::marks::Marks;

/// What names a digest.
const NAMES: &[&str] = &["sha256:", "sha512:", "sha384:", "sha1:", "md5:", "sha256-", "sha384-", "sha512-"];

/// Steps over it, marking nothing.
pub(super) fn find(scan: Scan<'_>, i: usize, _: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let names: &[&str] = if matches!(at(text, i), b's' | b'm') { NAMES } else { &[] };
    for name in names {
        if rest(text, i).starts_with(name) {
            let end = run(text, i + name.len(), 128, |b| {
                b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')
            });
            return (end - i - name.len() >= 32).then_some(end);
        }
    }
    // What an Amazon resource name names, be it a secret.
    if rest(text, i).starts_with("arn:") {
        return Some(run(text, i, 512, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b':' | b'/' | b'_' | b'-' | b'.' | b'*')
        }));
    }
    if !at(text, i).is_ascii_hexdigit() {
        return None;
    }
    if looks::is_uuid(part(text, i..i + 36)) && ends_word(text, i + 36) {
        return Some(i + 36);
    }
    let end = run(text, i, 129, |b| b.is_ascii_hexdigit());
    (looks::is_digest(part(text, i..end)) && ends_word(text, end)).then_some(end)
}
