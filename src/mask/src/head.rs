//! The head of a request: headers, path and query.

use crate::display::Lines;
use crate::keys::{Key, classify};
use crate::looks;
use crate::marks::Kind;
use crate::masked::{Found, Masked, step};
use crate::payload::{look, settle};
use crate::shown::{Finding, MaskedText};
use crate::structure::{form, value};

/// Stands for a header value that is not UTF-8.
const BINARY: &str = "[binary]";

/// Masks headers, in order: names in lower case, values masked.
///
/// `authorization` keeps its scheme, cookies keep their names, a value under a secret-looking name goes whole, and every
/// other value is scanned. A finding's path is `$.headers.<name>`.
pub fn headers<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> (Vec<(String, MaskedText)>, Vec<Finding>) {
    let mut shown = Vec::new();
    let mut found = Found::default();
    for (raw_name, raw_value) in pairs {
        let (name, in_name) = sealed(value::mask(Key::Plain, raw_name, 0), raw_name, "$.headers");
        let name = name.into_string().to_ascii_lowercase();
        let path = format!("$.headers{}", step(&name));
        let (text, in_value) = match core::str::from_utf8(raw_value) {
            Ok(text) => sealed(value::mask(header_key(raw_name), text, 0), text, &path),
            Err(_) => (MaskedText::seal(BINARY.to_owned()), vec![Finding { path, detector: "not_text" }]),
        };
        for finding in in_name.into_iter().chain(in_value) {
            found.add(finding.path, finding.detector);
        }
        shown.push((name, text));
    }
    (shown, found.into_vec())
}

/// What a header's name says. A header called a key or a session is one, however short.
fn header_key(name: &str) -> Key {
    match classify(name) {
        Key::Perhaps => Key::Secret,
        key @ (Key::Plain
        | Key::Secret
        | Key::Authorization
        | Key::Cookie
        | Key::Card
        | Key::Iban
        | Key::Ssn) => key,
    }
}

/// Masks a query, with or without its leading `?`. A finding's path is `$.query.<name>`.
pub fn query(query: &str) -> (MaskedText, Vec<Finding>) {
    let (mark, pieces) = query.strip_prefix('?').map_or(("", query), |pieces| ("?", pieces));
    let mut masked = form::mask(pieces, 0);
    masked.text.insert_str(0, mark);
    sealed(Some(masked), "", "$.query")
}

/// Masks a path, segment by segment. A segment that follows a telling one (`/token/x`) goes when it looks random. A
/// finding's path is `$.path`.
pub fn path(path: &str) -> (MaskedText, Vec<Finding>) {
    let mut out = String::with_capacity(path.len());
    let mut found = Found::default();
    let mut previous = Key::Plain;
    for (n, raw) in path.split('/').enumerate() {
        if n > 0 {
            out.push('/');
        }
        let Some(plain) = form::decode(raw) else {
            out.push_str(Kind::Secret.label());
            found.add(String::new(), "not_text");
            continue;
        };
        let telling = previous != Key::Plain && looks::random(&plain);
        match value::mask(if telling { Key::Secret } else { Key::Plain }, &plain, 0) {
            Some(masked) => {
                form::encode(&masked.text, &mut out);
                found.adopt("", masked.found);
            }
            None => out.push_str(raw),
        }
        previous = classify(&plain);
    }
    sealed(Some(Masked { text: out, found }), "", "$.path")
}

/// Masks any other text, by what it looks like: JSON, a form, or plain text. A finding's path begins with `$`.
pub fn text(text: &str) -> (MaskedText, Vec<Finding>) {
    match look(text).ok().and_then(|masked| settle(masked, "$", Lines::Keep, usize::MAX).ok()) {
        Some((text, found, _)) => (text, found),
        None => hidden("$"),
    }
}

/// Looks for anything that should have been masked in text that was. It must find nothing.
///
/// The approval service asks this of what arrives: a finding there is an incident.
pub fn residual(masked: &str) -> Vec<Finding> {
    match look(masked) {
        Ok(again) => {
            let mut found = Found::default();
            found.adopt("$", again.found);
            found.into_vec()
        }
        Err(_) => hidden("$").1,
    }
}

/// What is shown of a value: masked as given, or as it was when there was nothing to mask; a value that does not come to
/// rest is hidden whole.
fn sealed(masked: Option<Masked>, text: &str, root: &str) -> (MaskedText, Vec<Finding>) {
    let masked = masked.unwrap_or_else(|| Masked { text: text.to_owned(), found: Found::default() });
    match settle(masked, root, Lines::Escape, usize::MAX) {
        Ok((text, found, _)) => (text, found),
        Err(_) => hidden(root),
    }
}

fn hidden(root: &str) -> (MaskedText, Vec<Finding>) {
    let finding = Finding { path: root.to_owned(), detector: "not_understood" };
    (MaskedText::seal(Kind::Secret.label().to_owned()), vec![finding])
}
