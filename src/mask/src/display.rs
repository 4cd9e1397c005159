//! Making text safe to look at: what a screen would hide, reorder or obey becomes a visible escape.
//!
//! The escape is `\uXXXX`, as JSON writes it, so that a JSON document stays the same document.

use crate::marks::{CUT, stand_in_across};

/// What to do with line breaks and tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// Bodies: lines are structure.
    Keep,
    /// Header values, paths, queries: a line break there is an attack.
    Escape,
}

/// `text` with every hidden character made visible.
pub(crate) fn visible(text: &str, lines: Lines) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if matches!(c, ' '..='~') {
            out.push(c);
            continue;
        }
        let kept = match c {
            '\n' | '\t' => lines == Lines::Keep,
            '\r' => lines == Lines::Keep && chars.peek() == Some(&'\n'),
            c => !is_hidden(c),
        };
        if kept {
            out.push(c);
        } else {
            escape(c, &mut out);
        }
    }
    out
}

/// Writes `c` as `\uXXXX`, as a surrogate pair where one unit is not enough.
pub(crate) fn escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        out.push_str("\\u");
        for shift in [12, 8, 4, 0] {
            out.push(char::from_digit(u32::from(*unit >> shift & 15), 16).unwrap_or('0'));
        }
    }
}

/// Control characters, bidirectional controls, and characters of no width.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e01ef}'
        )
}

/// Whether an excerpt shows everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    Whole,
    Cut,
}

/// The beginning of `text` in at most `limit` bytes: whole characters, whole masks, and marked where it was cut.
pub(crate) fn excerpt(mut text: String, limit: usize) -> (String, Fit) {
    if text.len() <= limit {
        return (text, Fit::Whole);
    }
    let Some(room) = limit.checked_sub(CUT.len()) else {
        return (String::new(), Fit::Cut);
    };
    let mut end = text.floor_char_boundary(room);
    end = before_escape(&text, end);
    end = stand_in_across(&text, end).unwrap_or(end);
    text.truncate(end);
    text.push_str(CUT);
    (text, Fit::Cut)
}

/// `end`, or the start of the `\uXXXX` that `end` would cut in two.
fn before_escape(text: &str, end: usize) -> usize {
    let inside = |back: &usize| {
        end.checked_sub(*back)
            .and_then(|start| text.get(start..end))
            .is_some_and(|tail| tail.starts_with('\\') && (*back == 1 || tail.starts_with("\\u")))
    };
    (1..6).rev().find(inside).map_or(end, |back| end - back)
}
