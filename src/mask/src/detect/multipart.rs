//! Fields of multipart forms: `name="password"`, an empty line, the value, a boundary.

use crate::bytes::{part, rest, run};
use crate::detect::Scan;
use crate::keys::{Key, classify};
use crate::kind::Kind;
use crate::looks;
use crate::marks::Marks;

/// How far the empty line may be from the name: other part headers stand between.
const HEAD: usize = 512;

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if !part(text, 0..i).ends_with("name") {
        return None;
    }
    let after = rest(text, i + 1).strip_prefix('"')?;
    let head = after.get(..after.floor_char_boundary(HEAD))?;
    let (name, _) = head.split_once('"')?;
    let (gap, width) =
        head.find("\r\n\r\n").map(|gap| (gap, 4)).or_else(|| head.find("\n\n").map(|gap| (gap, 2)))?;
    let start = i + 2 + gap + width;
    let value = match classify(name) {
        Key::Plain | Key::Name | Key::Maybe(_) => return None,
        // One whose end is missing runs to the end of the text.
        Key::Holds(_) | Key::Authorization | Key::Cookie => {
            let length = rest(text, start).find("\n--").unwrap_or(text.len() - start);
            Some(part(text, start..start + length).trim_end()).filter(|value| !looks::harmless(value))
        }
        Key::Perhaps => {
            let end = run(text, start, 4096, |b| b.is_ascii_graphic());
            Some(part(text, start..end)).filter(|value| looks::random(value))
        }
    }?;
    marks.add(start..start + value.len(), Kind::Secret, "secret_field");
    Some(start + value.len())
}
