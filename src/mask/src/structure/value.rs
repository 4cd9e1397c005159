//! One value: masked by what its name says, by what it contains, and by what is wrapped in it.

use crate::detect::{DEEPEST, Scan, authorization, cookies, judge, scan};
use crate::keys::Key;
use crate::marks::{Kind, Marks, replace};
use crate::masked::{Found, Masked};
use crate::structure::{Fault, Format, json, sniff};

/// `text` under a name that says `key`, masked; nothing where it can stay as it is.
pub(crate) fn mask(key: Key, text: &str, depth: u8) -> Option<Masked> {
    let mut marks = Marks::default();
    match key {
        Key::Authorization => authorization(text, 0, &mut marks),
        Key::Cookie => cookies(text, 0, &mut marks),
        Key::Plain | Key::Secret | Key::Perhaps | Key::Card | Key::Iban | Key::Ssn => {
            if let Some((kind, detector)) = judge(key, text) {
                marks.add(0..text.len(), kind, detector);
            } else if depth < DEEPEST && sniff(text) == Format::Json {
                match json::mask(text, depth + 1) {
                    Ok(inner) => return (!inner.found.is_empty()).then_some(inner),
                    // What is not followed is not shown.
                    Err(Fault::TooDeep) => marks.add(0..text.len(), Kind::Secret, "nested_too_deep"),
                    Err(Fault::Malformed) => marks = scan(Scan { text, depth }),
                }
            } else {
                marks = scan(Scan { text, depth });
            }
        }
    }
    (!marks.is_empty()).then(|| render(text, marks))
}

/// `text` masked by what it contains.
pub(crate) fn plain(text: &str, depth: u8) -> Masked {
    render(text, scan(Scan { text, depth }))
}

fn render(text: &str, marks: Marks) -> Masked {
    let marks = marks.settle();
    let mut found = Found::default();
    for mark in &marks {
        found.add(String::new(), mark.detector);
    }
    Masked { text: replace(text, &marks), found }
}
