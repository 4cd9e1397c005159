//! Passwords in SQL statements: `WITH PASSWORD 'x'`, `IDENTIFIED BY 'x'`.

use crate::bytes::{part, run_back};
use crate::detect::{Scan, pair};
use crate::keys::Key;
use crate::kind::Kind;
use crate::marks::Marks;
use crate::plausible::judge;

/// `i` is at the quote. The keyword before it decides; `PASSWORD = 'x'` is a pair.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let gap = run_back(text, i, 8, |b| matches!(b, b' ' | b'\n' | b'\t'));
    let start = run_back(text, gap, 32, |b| b.is_ascii_alphabetic() || b == b' ');
    let words = part(text, start..gap).to_ascii_lowercase();
    let telling = words.ends_with(" password") || words.ends_with("identified by");
    if gap == i || !telling {
        return None;
    }
    let value = pair::value(text, i);
    judge(Key::SECRET, part(text, value.clone()))?;
    marks.add(value.clone(), Kind::Secret, "sql_password");
    Some(value.end)
}
