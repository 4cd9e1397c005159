//! Secrets on a command line: `--password x`, `--api-key=x` (the latter by [`super::pair`]), `-u user:password`.

use crate::bytes::{at, before, part, rest, run};
use crate::detect::{Scan, pair};
use crate::keys::{Key, classify};
use crate::kind::Kind;
use crate::marks::Marks;

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if !matches!(before(text, i), 0 | b' ' | b'\n' | b'\t' | b'\'' | b'"') {
        return None;
    }
    if let Some(after) = ["-u ", "--user "].iter().find(|flag| rest(text, i).starts_with(**flag)) {
        let value = pair::value(text, i + after.len());
        let (user, password) = part(text, value.clone()).split_once(':')?;
        if password.is_empty() || crate::looks::harmless(password) {
            return None;
        }
        marks.add(value.start + user.len() + 1..value.end, Kind::Secret, "command_line");
        return Some(value.end);
    }
    if at(text, i + 1) != b'-' {
        return None;
    }
    let end = run(text, i + 2, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if at(text, end) != b' ' || classify(part(text, i + 2..end)) != Key::SECRET {
        return None;
    }
    let value = pair::value(text, end + 1);
    let shown = part(text, value.clone());
    if shown.starts_with('-') || crate::looks::harmless(shown) || crate::looks::code(shown) {
        return None;
    }
    marks.add(value.clone(), Kind::Secret, "command_line");
    Some(value.end)
}
