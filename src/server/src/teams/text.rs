//! Text that an agent wrote, as parts of an Adaptive Card that no client gives a meaning.
//!
//! A `TextBlock` and a `FactSet` read Markdown, so such text never enters one. A `TextRun` reads none; of Adaptive Cards' own
//! templating it knows `{{DATE(…)}}` and `{{TIME(…)}}`, which are taken apart here so that they stay what they are. Before that
//! the text is [`Inert`]: nothing in it is invisible or turns the direction of writing. Nothing here makes a link; whether
//! a client of some system underlines an address in plain text by itself is not ours to know.
//!
//! [`Inert`]: crate::approver::text::Inert

use serde_json::{Value, json};

/// How text looks. None of it changes what the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Bold,
    Heading,
    Quiet,
    Code,
}

/// Text as `TextRun`s.
pub(super) fn runs(text: &str, look: Look) -> Vec<Value> {
    pieces(text).into_iter().map(|piece| run(piece, look)).collect()
}

fn run(text: &str, look: Look) -> Value {
    match look {
        Look::Plain => json!({"type": "TextRun", "text": text}),
        Look::Bold => json!({"type": "TextRun", "text": text, "weight": "Bolder"}),
        Look::Heading => json!({"type": "TextRun", "text": text, "weight": "Bolder", "size": "Medium"}),
        Look::Quiet => json!({"type": "TextRun", "text": text, "isSubtle": true}),
        Look::Code => json!({"type": "TextRun", "text": text, "fontType": "Monospace", "size": "Small"}),
    }
}

/// A paragraph of runs.
pub(super) fn paragraph(runs: &[Value]) -> Value {
    spaced(runs, "Small")
}

/// The same with so much room above it.
pub(super) fn spaced(runs: &[Value], spacing: &str) -> Value {
    json!({"type": "RichTextBlock", "inlines": runs, "spacing": spacing})
}

/// Text cut between the braces of what a client would replace.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        let next = ["{{DATE(", "{{TIME("].iter().filter_map(|macro_| rest.find(macro_)).min();
        let Some((head, tail)) = next.and_then(|at| rest.split_at_checked(at + 1)) else {
            pieces.push(rest);
            return pieces;
        };
        pieces.push(head);
        rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        runs(text, Look::Plain).iter().map(|run| run["text"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_date_that_a_client_would_replace_is_taken_apart() {
        let lure = "by {{DATE(2026-11-25T00:00:00Z, SHORT)}} {{TIME(2026-11-25T00:00:00Z)}}!";
        let texts = texts(lure);
        assert_eq!(texts.len(), 3);
        assert_eq!(texts.concat(), lure, "every character stays");
        assert!(texts.iter().all(|text| !text.contains("{{DATE(") && !text.contains("{{TIME(")));
    }

    #[test]
    fn what_is_no_template_stays_whole() {
        for text in ["", "{{ csrf }}", "{{{{", "**bold** [x](https://evil.example) <at>all</at>"] {
            assert_eq!(texts(text), [text]);
        }
    }
}
