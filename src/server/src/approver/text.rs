//! Text that somebody else wrote, made harmless to look at.
//!
//! Agents, workloads and upstreams choose names, paths and reasons, and a reviewer must see them as what they are: a
//! string of visible characters. [`Inert`] is the only form in which such text enters a page, an API answer or a
//! terminal. It holds no control character, no bidirectional override and no invisible character: each becomes a
//! visible escape such as `⟨U+202E⟩`, so that nothing can hide, reorder or move a cursor. It does not escape HTML (the
//! templates do, always) and it does not mask secrets (the mask crate did, before).

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Text without control, bidirectional or invisible characters; only [`inert`] and [`inert_block`] make it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(from = "String")]
#[schema(value_type = String)]
pub struct Inert(String);

impl Inert {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Inert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Inert {
    /// What arrives over the wire is made inert again: a client trusts its own eyes, not its peer.
    fn from(text: String) -> Self {
        inert_block(&text)
    }
}

/// Text on one line: line breaks and tabs are escaped as well.
pub fn inert(text: &str) -> Inert {
    Inert(neutral(text, Breaks::Escaped))
}

/// Text that may have lines: `\n` and `\t` stay, everything else is as in [`inert`].
pub fn inert_block(text: &str) -> Inert {
    Inert(neutral(text, Breaks::Kept))
}

/// One line of at most `limit` characters; what is cut is cut in the middle and says so.
pub fn inert_short(text: &str, limit: usize) -> Inert {
    let whole = neutral(text, Breaks::Escaped);
    let count = whole.chars().count();
    if count <= limit {
        return Inert(whole);
    }
    let head = limit / 2;
    let tail = limit.saturating_sub(head + 1);
    let start: String = whole.chars().take(head).collect();
    let end: String = whole.chars().skip(count - tail).collect();
    Inert(format!("{start}…{end}"))
}

/// What becomes of line breaks and tabs.
#[derive(Clone, Copy)]
enum Breaks {
    Kept,
    Escaped,
}

fn neutral(text: &str, breaks: Breaks) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match (c, breaks) {
            ('\n' | '\t', Breaks::Kept) => out.push(c),
            _ if hides(c) => write!(out, "⟨U+{:04X}⟩", u32::from(c)).unwrap_or_default(),
            _ => out.push(c),
        }
    }
    out
}

/// Whether a character cannot be seen, or changes how others are seen.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0x00AD                          // soft hyphen
            | 0x034F                        // combining grapheme joiner
            | 0x061C                        // Arabic letter mark
            | 0x115F | 0x1160 | 0x3164 | 0xFFA0 // Hangul fillers: blank, yet letters
            | 0x17B4 | 0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F               // zero-width, direction marks
            | 0x2028..=0x202E               // line separators, bidirectional embeddings and overrides
            | 0x2060..=0x206F               // word joiner, invisible operators, isolates
            | 0x2800                        // braille blank
            | 0xFE00..=0xFE0F | 0xFEFF      // variation selectors, byte order mark
            | 0xFFF0..=0xFFFB
            | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
            | 0xE000..=0xF8FF               // private use: looks like whatever the font says
            | 0xE0000..=0xE0FFF             // tags and more variation selectors
            | 0xF0000..=0x0010_FFFF)
}

#[cfg(test)]
mod tests {
    use super::{Inert, inert, inert_block, inert_short};

    #[test]
    fn a_bidirectional_override_is_shown_and_not_obeyed() {
        assert_eq!(inert("pay \u{202e}0001$").as_str(), "pay ⟨U+202E⟩0001$");
        assert_eq!(inert("a\u{2066}b\u{2069}").as_str(), "a⟨U+2066⟩b⟨U+2069⟩");
    }

    #[test]
    fn invisible_characters_become_visible() {
        for c in ['\u{200b}', '\u{feff}', '\u{ad}', '\u{e0041}', '\u{3164}', '\u{2028}', '\u{85}'] {
            let shown = inert(&format!("a{c}b"));
            assert!(shown.as_str().starts_with("a⟨U+"), "{:X} is hidden", u32::from(c));
        }
    }

    #[test]
    fn a_terminal_escape_loses_its_escape() {
        assert_eq!(inert("\u{1b}[2Jgone").as_str(), "⟨U+001B⟩[2Jgone");
        assert_eq!(inert_block("a\r\nb").as_str(), "a⟨U+000D⟩\nb");
    }

    #[test]
    fn ordinary_writing_of_any_script_is_left_alone() {
        let text = "Zürich café 東京 שלום مرحبا 🙂 — “quoted”";
        assert_eq!(inert(text).as_str(), text);
    }

    #[test]
    fn one_line_stays_one_line() {
        assert_eq!(inert("a\nb\tc").as_str(), "a⟨U+000A⟩b⟨U+0009⟩c");
    }

    #[test]
    fn cutting_keeps_both_ends_and_says_so() {
        let cut = inert_short("abcdefghijklmnopqrstuvwxyz", 9);
        assert_eq!(cut.as_str(), "abcd…wxyz");
        assert_eq!(inert_short("short", 9).as_str(), "short");
    }

    #[test]
    fn making_inert_twice_changes_nothing() {
        let once = inert("x\u{202e}\u{0}y");
        assert_eq!(inert(once.as_str()), once);
        let back: Inert = serde_json::from_str(&serde_json::to_string(&once).unwrap()).unwrap();
        assert_eq!(back, once);
    }
}
