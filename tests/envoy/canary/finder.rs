//! Looks for a text in bytes of any kind: as it is, and in the forms in which it could be there without being read.
//!
//! Every canary ends in the same few letters, so that one look finds any of them, also one that was cut at its front. It
//! does not see through compression and encryption; nothing of ours compresses or encrypts what it writes.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A text in all its forms.
pub(super) struct Finder {
    /// What the form is called, and what it looks like.
    forms: Vec<(&'static str, String)>,
}

impl Finder {
    /// A finder of `text`, in any case of its letters where the form keeps them.
    pub(super) fn new(text: &str) -> Self {
        let mut forms = Vec::new();
        for text in [text.to_owned(), text.to_ascii_lowercase(), text.to_ascii_uppercase()] {
            let bytes = text.as_bytes();
            forms.push(("as it is", text.clone()));
            forms.push(("hexadecimal", each(bytes, "", "")));
            forms.push(("percent", each(bytes, "%", "")));
            forms.push(("escapes of JSON", each(bytes, "\\u00", "")));
            forms.push(("escapes of C", each(bytes, "\\x", "")));
            forms.push(("references of HTML", each(bytes, "&#x", ";")));
            forms.push(("UTF-16", text.chars().flat_map(|letter| [letter, '\0']).collect()));
            for shift in 0..3 {
                for (name, engine) in [("base64", &STANDARD_NO_PAD), ("base64url", &URL_SAFE_NO_PAD)] {
                    let whole = engine.encode([&[0; 2][..shift], bytes].concat());
                    let (first, last) = ((shift * 8).div_ceil(6), (shift + bytes.len()) * 8 / 6);
                    forms.push((name, whole.get(first..last).unwrap_or_default().to_owned()));
                }
            }
        }
        // What keeps letters as they are is looked for in lower case; base64 is another text in another case.
        for (name, form) in &mut forms {
            if !name.starts_with("base64") {
                form.make_ascii_lowercase();
            }
        }
        forms.sort();
        forms.dedup();
        Self { forms }
    }

    /// Where and how it is in there; of each form the first place.
    pub(super) fn find(&self, bytes: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(bytes);
        let lower = text.to_ascii_lowercase();
        let found = self.forms.iter().filter_map(|(name, form)| {
            let text: &str = if name.starts_with("base64") { &text } else { &lower };
            let at = text.find(form.as_str())?;
            let around: String = text.get(..at)?.chars().rev().take(90).collect();
            let around: String = around.chars().rev().collect();
            let rest: String = text.get(at..)?.chars().take(form.len() + 20).collect();
            Some(format!("{name}: `{around}{rest}`"))
        });
        found.collect()
    }
}

/// Every byte in hexadecimal, each with something around it.
pub(super) fn each(bytes: &[u8], before: &str, after: &str) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{before}{byte:02x}{after}").unwrap_or_default();
        text
    })
}

#[test]
fn the_finder_sees_a_text_in_every_form_it_knows() {
    let finder = Finder::new("Quercus77xZ");
    let hidden = |text: &str| finder.find(text.as_bytes()).is_empty();
    assert!(hidden("nothing is here, not even quercus"));
    assert!(!hidden("a QUERCUS77XZ in capitals"));
    for before in ["", "a", "ab", "abc", "abcd"] {
        for after in ["", "z", "zy", "zyx"] {
            let text = format!("{before}Quercus77xZ{after}");
            assert!(!hidden(&STANDARD_NO_PAD.encode(&text)), "{text}");
            assert!(!hidden(&URL_SAFE_NO_PAD.encode(&text)), "{text}");
            assert!(!hidden(&each(text.as_bytes(), "", "")), "{text}");
            assert!(!hidden(&each(text.as_bytes(), "%", "").to_ascii_uppercase()), "{text}");
            assert!(!hidden(&each(text.as_bytes(), "\\u00", "")), "{text}");
        }
    }
    assert!(!finder.find(&[b"\xff\x00", "Quercus77xZ".as_bytes(), b"\xfe"].concat()).is_empty());
}
