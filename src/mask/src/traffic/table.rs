//! Tables with a line of column names (RFC 4180), read strictly where a rule names columns: every record has as many cells as
//! the first, or nothing is sent. What a rule does not name is looked through for its kinds, cell by cell.

use crate::bytes::part;
use crate::keys::{Key, classify};
use crate::masked::{Masked, Rewrite, step};
use crate::masker::Look;
use crate::shown::Why;
use crate::structure::{csv, value};
use crate::traffic::Slot;

/// Whether a media type is one of these tables.
pub(super) fn is_table(essence: &str) -> bool {
    matches!(essence, "text/csv" | "application/csv" | "text/tab-separated-values")
}

/// Rewrites the cells.
pub(super) fn mask(text: &str, look: Look<'_>) -> Result<Masked, Why> {
    let mut rewrite = Rewrite::new(text);
    let delimiter = csv::delimiter(text, 0).unwrap_or(b',');
    let header = csv::record(text, 0, delimiter);
    let names: Vec<String> = header
        .cells
        .iter()
        .map(|(cell, spelling)| spelling.read(part(text, cell.clone())).into_owned())
        .collect();
    let mut start = 0;
    while start < text.len() {
        let row = csv::record(text, start, delimiter);
        let blank = matches!(row.cells.as_slice(), [(cell, _)] if cell.is_empty());
        if row.cells.len() != names.len() && !blank {
            return Err(Why::Malformed);
        }
        for ((cell, spelling), name) in row.cells.into_iter().zip(&names) {
            let plain = spelling.read(part(text, cell.clone()));
            let (look, key) =
                if start == 0 { (look, Key::Plain) } else { (look.under(name), classify(name)) };
            let shown = value::mask(Key::Plain, name, look);
            let path = format!(".rows[*]{}", step(shown.as_ref().map_or(name, |shown| &shown.text)));
            if let Some(field) = look.meant(name).filter(|_| start > 0) {
                if let Some((kind, stand_in)) = look.place(field, key, &plain, Slot::Text) {
                    rewrite.found.add(path, kind, "policy".into(), cell.start);
                    rewrite.replace(cell, |out| out.push_str(&spelling.write(stand_in.unwrap_or_default())));
                }
            } else if let Some(masked) = value::mask(key, &plain, look) {
                rewrite.adopt(cell, &path, masked, |masked, out| {
                    out.push_str(&spelling.write(masked.to_owned()));
                });
            }
        }
        start = row.next;
    }
    Ok(rewrite.finish())
}
