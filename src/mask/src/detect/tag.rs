//! XML elements: `<password>value</password>`.

use crate::bytes::{part, rest, run_back};
use crate::detect::Scan;
use crate::keys::{Key, classify};
use crate::kind::Kind;
use crate::looks;
use crate::marks::Marks;
use crate::plausible::judge;

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let open = run_back(text, i, 128, |b| !matches!(b, b'<' | b'>' | b'\n'));
    let inside = part(text, open..i);
    if open == 0
        || part(text, open - 1..open) != "<"
        || inside.starts_with(['/', '?', '!'])
        || inside.ends_with('/')
    {
        return None;
    }
    let name = inside.split([' ', '\t']).next()?;
    let name = name.rsplit(':').next()?;
    let length = rest(text, i + 1).find('<')?;
    if !rest(text, i + 1 + length).starts_with("</") {
        return None;
    }
    let value = part(text, i + 1..i + 1 + length);
    let trimmed = value.trim();
    let (kind, detector) = match classify(name) {
        Key::Authorization | Key::Cookie if !looks::harmless(trimmed) => (Kind::Secret, "secret_field"),
        key => judge(key, trimmed)?,
    };
    let start = i + 1 + (value.len() - value.trim_start().len());
    marks.add(start..start + trimmed.len(), kind, detector);
    Some(start + trimmed.len())
}
