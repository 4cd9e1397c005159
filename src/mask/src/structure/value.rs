//! One value: masked by what its name says, by what it contains, and by what is wrapped in it.

use crate::bytes::part;
use crate::custom::Own;
use crate::detect::{Scan, authorization, cookies, scan};
use crate::keys::Key;
use crate::kind::Kind;
use crate::looks;
use crate::marks::Marks;
use crate::masked::{Masked, Rewrite};
use crate::masker::Look;
use crate::plausible::judge;
use crate::report::Report;
use crate::structure::{self, Fault, Format, escapes, sniff};

/// `text` under a name that says `key`, masked; nothing where it can stay as it is.
pub(crate) fn mask(key: Key, text: &str, look: Look<'_>) -> Option<Masked> {
    let mut marks = Marks::default();
    // What the policy says of a name comes before what this crate knows of it.
    let key = match look.named.own {
        Own::Holds(kind) if !looks::harmless(text) && look.changes(kind) => {
            marks.add(0..text.len(), kind, "policy_name");
            return released(text, marks, look);
        }
        Own::Nothing | Own::Holds(_) => key,
        Own::Plain => Key::Plain,
    };
    match look.heeded(key) {
        Key::Authorization => authorization(text, 0, &mut marks),
        Key::Cookie => cookies(text, 0, &mut marks),
        key @ (Key::Plain | Key::Perhaps | Key::Name | Key::Maybe(_) | Key::Holds(_)) => {
            // A value may be written in escapes of its own: `X-Customer-Name: Ann%20Lee`.
            let unescaped = || {
                let plain = if key == Key::Plain { None } else { escapes::read(text, b"%&\\") };
                plain.and_then(|plain| judge(key, &plain.text))
            };
            if let Some((kind, detector)) = judge(key, text).or_else(unescaped) {
                marks.add(0..text.len(), kind, detector);
            } else {
                match sniff(text) {
                    Format::Text => marks = scan(Scan { text, look }),
                    // One piece alone is not always a field: `c2VjcmV0=`.
                    Format::Form if !text.contains('&') => marks = scan(Scan { text, look }),
                    format @ (Format::Json | Format::Form) => {
                        match look.inside().map(|look| structure::mask(text, format, look)) {
                            Some(Ok(inner)) => {
                                let quiet = inner.found.is_empty() && inner.found.proof.not_understood == 0;
                                return (!quiet).then_some(inner);
                            }
                            Some(Err(Fault::TooDeep)) if look.traffic.is_some() => {
                                return Some(unread(text));
                            }
                            // What is not followed is not shown.
                            Some(Err(Fault::TooDeep)) => {
                                marks.add(0..text.len(), Kind::Secret, "nested_too_deep");
                            }
                            Some(Err(Fault::Malformed)) | None => marks = scan(Scan { text, look }),
                        }
                    }
                }
            }
        }
    }
    released(text, marks, look)
}

/// Traffic that is not followed cannot be vouched for: it is counted as not understood, and then nothing is sent.
fn unread(text: &str) -> Masked {
    let mut found = Report::default();
    found.unread(text.len());
    Masked { text: text.to_owned(), found }
}

/// The text without what is marked; nothing where the policy lets all of it stay.
fn released(text: &str, mut marks: Marks, look: Look<'_>) -> Option<Masked> {
    release(text, &mut marks, look);
    (!marks.is_empty()).then(|| render(text, marks, look))
}

fn release(text: &str, marks: &mut Marks, look: Look<'_>) {
    marks.release(|range| look.masker.custom.allows(part(text, range)));
    look.sift(text, marks);
}

/// `text` masked by what it contains.
pub(crate) fn plain(text: &str, look: Look<'_>) -> Masked {
    let mut marks = scan(Scan { text, look });
    release(text, &mut marks, look);
    render(text, marks, look)
}

fn render(text: &str, marks: Marks, look: Look<'_>) -> Masked {
    let mut rewrite = Rewrite::new(text);
    rewrite.apply(look, "", marks.settle());
    rewrite.finish()
}
