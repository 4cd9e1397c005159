//! Text as Slack may show it: inert, escaped, and no longer than Slack takes.
//!
//! Promises: whatever an agent wrote is a `plain_text` element with `emoji: false`, or plain text within a preformatted
//! block. So no mention, link, emphasis, emoji or button comes of it; `&`, `<` and `>` are escaped besides, as Slack asks.
//! What is cut says so. Lengths are counted in UTF-16 units of the escaped text, the strictest of the ways to count.

use serde_json::{Value, json};

use crate::approver::text::Inert;

/// What stands where text was cut.
const CUT: &str = " … (cut)";
/// What stands where there is nothing: Slack takes no empty text.
const NOTHING: &str = "–";

/// Text that is escaped and fits.
pub(super) fn escaped(text: &Inert, most: usize) -> String {
    let text = text.as_str();
    if text.trim().is_empty() {
        return NOTHING.to_owned();
    }
    let room = most.saturating_sub(CUT.encode_utf16().count());
    let (mut out, mut used, mut kept) = (String::with_capacity(text.len()), 0_usize, 0_usize);
    for c in text.chars() {
        let units = match c {
            '&' => push(&mut out, "&amp;"),
            '<' => push(&mut out, "&lt;"),
            '>' => push(&mut out, "&gt;"),
            c => {
                out.push(c);
                c.len_utf16()
            }
        };
        used += units;
        if used <= room {
            kept = out.len();
        }
        if used > most {
            out.truncate(kept);
            out.push_str(CUT);
            return out;
        }
    }
    out
}

fn push(out: &mut String, text: &str) -> usize {
    out.push_str(text);
    text.len()
}

/// A text element in which nothing means anything.
pub(super) fn plain(text: &Inert, most: usize) -> Value {
    json!({"type": "plain_text", "text": escaped(text, most), "emoji": false})
}

/// A text element of our own words around others' inert ones.
pub(super) fn said(text: String, most: usize) -> Value {
    plain(&Inert::from(text), most)
}

/// A block of text as it is, in a fixed font.
pub(super) fn preformatted(text: &Inert, most: usize) -> Value {
    json!({"type": "rich_text", "elements": [{
        "type": "rich_text_preformatted",
        "elements": [{"type": "text", "text": escaped(text, most)}],
    }]})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approver::text::inert_block;

    #[test]
    fn mentions_links_and_markup_are_escaped() {
        let hostile = inert_block("<!channel> <https://evil.example|approve> a&b");
        assert_eq!(escaped(&hostile, 100), "&lt;!channel&gt; &lt;https://evil.example|approve&gt; a&amp;b");
    }

    #[test]
    fn what_is_cut_says_so_and_fits_and_no_escape_is_cut_in_two() {
        for text in ["<".repeat(50), "x".repeat(50), "🙂".repeat(50), "a\u{202e}".repeat(50)] {
            for most in 12..120 {
                let shown = escaped(&inert_block(&text), most);
                assert!(shown.encode_utf16().count() <= most, "{shown}");
                let whole = shown.strip_suffix(CUT).unwrap_or(&shown);
                assert_eq!(whole.matches('&').count(), whole.matches(';').count(), "{shown}");
            }
        }
        assert!(escaped(&inert_block(&"x".repeat(50)), 40).ends_with(CUT));
        assert_eq!(escaped(&inert_block("exactly"), 7), "exactly");
    }

    #[test]
    fn there_is_always_something_to_read() {
        for empty in ["", " ", "\n\t"] {
            assert_eq!(escaped(&inert_block(empty), 20), NOTHING);
        }
    }
}
