//! JSON in running text: what a command sends, what a line of a log or an event stream carries. It is read as JSON when
//! its brackets close; the detectors read it in any case.

use crate::bytes::{at, run};

/// Whether the bracket at `i` opens an object with a member, or an array of objects.
pub(super) fn begins(text: &str, i: usize) -> bool {
    let next = at(text, run(text, i + 1, 64, |b| b.is_ascii_whitespace()));
    matches!((at(text, i), next), (b'{', b'"') | (b'[', b'{'))
}

/// Where the brackets that open at `start` are closed.
pub(super) fn end(text: &str, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut string = false;
    let mut i = start;
    while i < text.len() {
        match (at(text, i), string) {
            (b'\\', true) => i += 1,
            (b'"', _) => string = !string,
            (b'{' | b'[', false) => depth += 1,
            (b'}' | b']', false) => depth -= 1,
            _ => {}
        }
        i += 1;
        if depth == 0 {
            return Some(i);
        }
    }
    None
}
