//! Finds a secret's value in an answer that goes by in pieces, in the forms in which a server gives it back.
//!
//! Looked for are the value itself and its base64, standard and URL-safe, at each of the three places at which it can begin
//! inside something longer (as in `Basic`); each of them plain, and with any of its characters escaped as in URLs (`%2B`, `+`) or
//! in JSON (`\"`, `\u002b`). Where a piece ends in what may be the beginning of one, [`Found::open`] says so: whoever hands the
//! pieces on waits there for the next. A value in capitals, in hexadecimal, hashed, compressed, or only a part of it is not
//! found: an upstream that means harm can always hand a secret back, and is not meant to get one.
//!
//! What is found is overwritten by as many `*`: no length changes, so an answer need not be held back as a whole.

use std::ops::Range;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use countersign_wire::sealed::Plain;

use crate::session::End;

/// The values to look for, in every form. Overwritten when dropped; cannot be printed.
pub(crate) struct Forms {
    forms: Vec<Plain>,
    /// Which bytes a form can begin with, in any spelling.
    first: [bool; 256],
}

impl std::fmt::Debug for Forms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Forms({})", self.forms.len())
    }
}

/// What was found in a piece.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where; in order and apart.
    pub(crate) hits: Vec<Range<usize>>,
    /// Where something begins that the next piece may make one.
    pub(crate) open: Option<usize>,
}

/// How far a form fits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// To its end, over so many bytes of the text.
    Whole(usize),
    /// As far as the text goes.
    Part,
    No,
}

impl Forms {
    /// The forms of these values.
    pub(crate) fn new<'a>(values: impl Iterator<Item = &'a Plain>) -> Self {
        let mut forms: Vec<Plain> = Vec::new();
        let mut add = |text: &str| {
            let form = Plain::joined(&[text]);
            if !text.is_empty() && !forms.contains(&form) {
                forms.push(form);
            }
        };
        for value in values {
            let value = value.expose();
            add(value);
            for shift in 0..3 {
                for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                    // Only the letters that the value alone decides.
                    let before = "AA".get(..shift).unwrap_or_default();
                    let shifted = Plain::joined(&[before, value]);
                    let whole = Plain::from(engine.encode(shifted.expose()));
                    let (start, end) = ((shift * 8).div_ceil(6), (shift + value.len()) * 8 / 6);
                    add(whole.expose().get(start..end).unwrap_or_default());
                }
            }
        }
        let mut first = [false; 256];
        let bytes = forms.iter().filter_map(|form| form.expose().bytes().next()).chain(*b"%\\+");
        for byte in bytes {
            if let Some(can) = first.get_mut(usize::from(byte)) {
                *can = true;
            }
        }
        Self { forms, first }
    }

    /// Looks a piece through; after the last one nothing is open.
    pub(crate) fn scan(&self, text: &[u8], end: End) -> Found {
        let mut found = Found::default();
        let mut at = 0;
        while let Some(rest) = text.get(at..) {
            let Some(ahead) = rest.iter().position(|b| self.first.get(usize::from(*b)) == Some(&true)) else {
                break;
            };
            at += ahead;
            let rest = rest.get(ahead..).unwrap_or_default();
            let mut longest = 0;
            for form in &self.forms {
                for spelling in [Spelling::Plain, Spelling::Url, Spelling::Json] {
                    match fit(form.expose().as_bytes(), rest, spelling) {
                        Fit::Whole(length) => longest = longest.max(length),
                        Fit::Part if end == End::No => found.open = found.open.or(Some(at)),
                        Fit::Part | Fit::No => {}
                    }
                }
            }
            if longest > 0 {
                found.hits.push(at..at + longest);
            }
            at += longest.max(1);
        }
        found
    }
}

/// The text with what was found overwritten; `None` where nothing was.
pub(crate) fn overwritten(text: &[u8], found: &Found) -> Option<Vec<u8>> {
    if found.hits.is_empty() {
        return None;
    }
    let mut text = text.to_vec();
    for hit in &found.hits {
        text.get_mut(hit.clone()).unwrap_or_default().fill(b'*');
    }
    Some(text)
}

/// How a text is written.
#[derive(Clone, Copy)]
enum Spelling {
    /// As it is.
    Plain,
    /// With escapes of URLs and forms.
    Url,
    /// With escapes of JSON strings.
    Json,
}

/// How a form fits the beginning of a text. In an escaped spelling any character may be escaped, and the sign that escapes
/// always is.
fn fit(form: &[u8], text: &[u8], spelling: Spelling) -> Fit {
    let mut at = 0;
    for wanted in form {
        let rest = text.get(at..).unwrap_or_default();
        let step = match (spelling, rest) {
            (_, []) | (Spelling::Json, [b'\\']) => return Fit::Part,
            (Spelling::Url, [b'%', digits @ ..]) => hex(digits, 2, *wanted, 1),
            (Spelling::Json, [b'\\', b'u', digits @ ..]) => hex(digits, 4, *wanted, 2),
            (Spelling::Json, [b'\\', next, ..]) => {
                if next == wanted && b"\"\\/".contains(wanted) {
                    Fit::Whole(2)
                } else {
                    Fit::No
                }
            }
            (Spelling::Plain | Spelling::Url | Spelling::Json, [next, ..]) => {
                let blank = matches!((spelling, next, wanted), (Spelling::Url, b'+', b' '));
                if blank || next == wanted { Fit::Whole(1) } else { Fit::No }
            }
        };
        match step {
            Fit::Whole(length) => at += length,
            Fit::Part | Fit::No => return step,
        }
    }
    Fit::Whole(at)
}

/// Whether so many hexadecimal digits say this byte; `before` bytes stand before them.
fn hex(digits: &[u8], count: usize, wanted: u8, before: usize) -> Fit {
    let there = digits.get(..count.min(digits.len())).unwrap_or_default();
    let fits = there.iter().enumerate().all(|(place, digit)| {
        let shift = (count - 1 - place) * 4;
        let nibble = if shift > 4 { 0 } else { (wanted >> shift) & 15 };
        char::from(*digit).to_digit(16) == Some(u32::from(nibble))
    });
    match (fits, there.len() == count) {
        (false, _) => Fit::No,
        (true, true) => Fit::Whole(before + count),
        (true, false) => Fit::Part,
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const VALUE: &str = "sk-live/+\"7Hq2 x%25";

    fn forms(value: &str) -> Forms {
        Forms::new([Plain::value(value.into()).unwrap()].iter())
    }

    fn redacted(value: &str, text: &str) -> String {
        let found = forms(value).scan(text.as_bytes(), End::Yes);
        assert_eq!(found.open, None);
        let after = overwritten(text.as_bytes(), &found).unwrap_or_else(|| text.as_bytes().to_vec());
        String::from_utf8(after).unwrap()
    }

    /// Whether nothing but stars is left between the brackets.
    fn gone(value: &str, written: &str) -> bool {
        let after = redacted(value, &format!("[{written}]"));
        after.len() == written.len() + 2 && after.trim_matches(['[', ']']).bytes().all(|b| b == b'*')
    }

    fn each(text: &str, write: impl Fn(u8) -> String) -> String {
        text.bytes().map(write).collect()
    }

    #[test]
    fn a_value_is_found_plain_and_escaped_as_in_urls_and_in_json() {
        assert!(gone(VALUE, VALUE));
        assert!(gone(VALUE, &each(VALUE, |b| format!("%{b:02X}"))));
        assert!(gone(VALUE, &each(VALUE, |b| format!("%{b:02x}"))));
        assert!(gone(VALUE, &each(VALUE, |b| format!("\\u00{b:02x}"))));
        let form = each(VALUE, |b| match b {
            b' ' => "+".into(),
            b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        });
        assert!(gone(VALUE, &form), "{form}");
        let json = serde_json::to_string(VALUE).unwrap();
        assert!(gone(VALUE, json.trim_matches('"')), "{json}");
        assert!(gone(VALUE, &VALUE.replace('"', "\\\"").replace('/', "\\/")));
    }

    #[test]
    fn a_value_is_found_in_base64_wherever_it_begins() {
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            for before in ["", "u", "us", "use", "user:"] {
                for after in ["", "x", "xy", "xyz"] {
                    let whole = engine.encode(format!("{before}{VALUE}{after}"));
                    let left = redacted(VALUE, &whole);
                    let stars = left.bytes().filter(|b| *b == b'*').count();
                    assert!(stars >= VALUE.len() * 8 / 6 - 1, "{whole} {left}");
                    let escaped = each(&whole, |b| match b {
                        b'+' | b'/' | b'=' => format!("%{b:02X}"),
                        b => char::from(b).to_string(),
                    });
                    assert!(redacted(VALUE, &escaped).contains("****************"), "{escaped}");
                }
            }
        }
    }

    #[test]
    fn what_only_looks_alike_stays() {
        for text in
            ["sk-live/+\"7Hq2 x%24", "sk-live", "", "%73%6b-live", VALUE.get(1..).unwrap(), "\\u1173k-live"]
        {
            assert_eq!(redacted(VALUE, text), text);
        }
    }

    #[test]
    fn every_one_of_several_is_found() {
        let text = format!("a {VALUE}{VALUE} b {VALUE}");
        let stars = "*".repeat(VALUE.len());
        assert_eq!(redacted(VALUE, &text), format!("a {stars}{stars} b {stars}"));
        assert_eq!(redacted("aaaaaaaa", &"a".repeat(20)), "*".repeat(16) + "aaaa");
    }

    #[test]
    fn a_value_is_found_wherever_the_answer_is_cut() {
        let forms = forms(VALUE);
        let json = serde_json::to_string(VALUE).unwrap();
        let url = each(VALUE, |b| format!("%{b:02X}"));
        let text = format!("x{VALUE}sk-l {json}{} {url} sk-li", STANDARD_NO_PAD.encode(format!("u:{VALUE}")));
        let whole = overwritten(text.as_bytes(), &forms.scan(text.as_bytes(), End::Yes)).unwrap();
        for size in 1..text.len() {
            let (mut out, mut held): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
            let mut pieces = text.as_bytes().chunks(size).peekable();
            while let Some(piece) = pieces.next() {
                held.extend(piece);
                let end = if pieces.peek().is_some() { End::No } else { End::Yes };
                let found = forms.scan(&held, end);
                if found.open.is_none() {
                    out.extend(overwritten(&held, &found).unwrap_or_else(|| held.clone()));
                    held.clear();
                }
            }
            assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&whole), "in pieces of {size}");
        }
    }

    #[test]
    fn a_beginning_is_open_until_the_end() {
        let forms = forms(VALUE);
        assert_eq!(forms.scan(b"abc sk-li", End::No), Found { hits: vec![], open: Some(4) });
        assert_eq!(forms.scan(b"abc sk-li", End::Yes), Found::default());
        assert_eq!(forms.scan(b"abc %7", End::No).open, Some(4));
        assert_eq!(forms.scan(b"abc sk-lx", End::No).open, None);
    }

    #[test]
    fn forms_cannot_be_printed() {
        let said = format!("{:?}", forms(VALUE));
        assert!(!said.contains("live"), "{said}");
    }
}
