//! The plain block style of YAML 1.2 in which manifests are written (Kubernetes, "Understanding Kubernetes Objects").
//!
//! One document of mappings and lists by indentation, with plain and simply quoted scalars, block texts, `{}` and `[]`.
//! Anchors, aliases, tags, flow collections with content, escapes, directives, tabs, complex keys, repeated keys and
//! several documents are not read: `None`, and nobody knows what the body says. Every scalar is a text, but `true`,
//! `false` and `null`: numbers are nobody's business here.

use serde_json::{Map, Value};

/// The most nesting.
const MOST_DEPTH: usize = 32;

/// The most lines.
const MOST_LINES: usize = 16 * 1024;

/// The document.
pub(super) fn read(text: &str) -> Option<Value> {
    let mut lines = Vec::new();
    for raw in text.split('\n') {
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        let content = raw.trim_start_matches(' ');
        lines.push(Line { indent: raw.len() - content.len(), text: content.trim_end() });
        if lines.len() > MOST_LINES {
            return None;
        }
    }
    let mut reader = Reader { lines: &lines };
    if reader.peek().is_some_and(|line| line.text == "---") {
        reader.advance();
    }
    let first = reader.peek()?;
    let value = reader.block(first.indent, 0)?;
    // Another document, or a line that belongs nowhere.
    match reader.peek() {
        None => Some(value),
        Some(_) => None,
    }
}

#[derive(Clone, Copy)]
struct Line<'a> {
    indent: usize,
    text: &'a str,
}

struct Reader<'a, 'l> {
    lines: &'l [Line<'a>],
}

impl<'a> Reader<'a, '_> {
    /// The next line that says something.
    fn peek(&mut self) -> Option<Line<'a>> {
        while let Some((line, rest)) = self.lines.split_first() {
            if !line.text.is_empty() && !line.text.starts_with('#') {
                return Some(*line);
            }
            self.lines = rest;
        }
        None
    }

    fn advance(&mut self) {
        self.lines = self.lines.get(1..).unwrap_or_default();
    }

    /// A mapping or a list whose lines stand at this indentation.
    fn block(&mut self, indent: usize, depth: usize) -> Option<Value> {
        let first = self.peek()?;
        if depth == MOST_DEPTH || first.indent != indent {
            return None;
        }
        if is_item(first.text) { self.list(indent, depth) } else { self.mapping(indent, depth, None) }
    }

    fn list(&mut self, indent: usize, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.indent == indent && is_item(line.text)) {
            self.advance();
            let content = line.text.get(1..)?.trim_start();
            let inner = indent + (line.text.len() - content.len());
            items.push(if content.is_empty() || content.starts_with('#') {
                self.below(indent, depth)?
            } else if is_item(content) {
                return None;
            } else if pair(content).is_some() {
                self.mapping(inner, depth + 1, Some(content))?
            } else {
                self.inline(content, indent)?
            });
        }
        Some(Value::Array(items))
    }

    /// A mapping; `first` is its first line where that stands behind the dash of a list.
    fn mapping(&mut self, indent: usize, depth: usize, mut first: Option<&'a str>) -> Option<Value> {
        if depth >= MOST_DEPTH {
            return None;
        }
        let mut members = Map::new();
        loop {
            let text = match first.take() {
                Some(text) => text,
                None => match self.peek() {
                    Some(line) if line.indent == indent && !is_item(line.text) => {
                        self.advance();
                        line.text
                    }
                    // Deeper than its mapping: a scalar of several lines, or an error.
                    Some(line) if line.indent > indent => return None,
                    Some(_) | None => return Some(Value::Object(members)),
                },
            };
            let (key, rest) = pair(text)?;
            let value = if rest.is_empty() || rest.starts_with('#') {
                match self.peek() {
                    // A list may stand at the indentation of its key.
                    Some(line) if line.indent == indent && is_item(line.text) => {
                        self.list(indent, depth + 1)?
                    }
                    Some(_) | None => self.below(indent, depth)?,
                }
            } else {
                self.inline(rest, indent)?
            };
            if members.insert(key.to_owned(), value).is_some() {
                return None;
            }
        }
    }

    /// What stands below a key or a dash; nothing is null.
    fn below(&mut self, indent: usize, depth: usize) -> Option<Value> {
        match self.peek() {
            Some(line) if line.indent > indent => self.block(line.indent, depth + 1),
            Some(_) | None => Some(Value::Null),
        }
    }

    /// What stands behind a key or a dash.
    fn inline(&mut self, text: &str, indent: usize) -> Option<Value> {
        if text.starts_with(['|', '>']) {
            return self.block_text(text, indent);
        }
        scalar(text)
    }

    /// A text of several lines. Which line breaks it keeps is not looked at: its lines are joined by one each.
    fn block_text(&mut self, header: &str, indent: usize) -> Option<Value> {
        if !matches!(header, "|" | ">" | "|-" | ">-" | "|+" | ">+") {
            return None;
        }
        let mut text = String::new();
        while let Some((line, rest)) = self.lines.split_first() {
            if line.indent <= indent && !line.text.is_empty() {
                break;
            }
            text.push_str(line.text);
            text.push('\n');
            self.lines = rest;
        }
        Some(Value::String(text))
    }
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

/// Key and what follows it.
fn pair(text: &str) -> Option<(&str, &str)> {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (key, rest) = quoted.split_once(quote)?;
            let rest = rest.strip_prefix(':')?;
            let spaced = rest.is_empty() || rest.starts_with(' ');
            return (spaced && !key.contains('\\')).then_some((key, rest.trim_start()));
        }
    }
    let (key, rest) = match text.split_once(": ") {
        Some((key, rest)) => (key, rest.trim_start()),
        None => (text.strip_suffix(':')?, ""),
    };
    let plain = is_plain(key) && !key.contains([':', ' ', '"', '\'', ',', '{', '}', '[', ']']) && key != "<<";
    plain.then_some((key, rest))
}

/// A scalar on one line.
fn scalar(text: &str) -> Option<Value> {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (content, rest) = quoted.split_once(quote)?;
            let rest = rest.trim_start();
            let clear = !content.contains('\\') && (rest.is_empty() || rest.starts_with('#'));
            return clear.then(|| Value::String(content.to_owned()));
        }
    }
    let text = text.split_once(" #").map_or(text, |(text, _)| text).trim_end();
    match text {
        "{}" => Some(Value::Object(Map::new())),
        "[]" => Some(Value::Array(Vec::new())),
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "null" | "~" => Some(Value::Null),
        _ => (is_plain(text) && !text.contains(": ") && !text.ends_with(':'))
            .then(|| Value::String(text.to_owned())),
    }
}

/// Whether a text may stand without quotes and means itself.
fn is_plain(text: &str) -> bool {
    let marks = ['&', '*', '!', '|', '>', '%', '@', '`', '"', '\'', '{', '[', '}', ']', ',', '?', '#'];
    !text.is_empty()
        && !text.starts_with(marks)
        && !text.starts_with("- ")
        && !matches!(text, "-" | "---" | "...")
        && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_manifest_is_read() {
        let text = "---\n# a pod\napiVersion: v1 # old\nkind: \"Pod\"\nmetadata:\n  name: x\n  labels: {}\n  \"a/b\": 'c'\nspec:\n  \
                    containers:\n  - name: one\n    args: []\n    command:\n      - sh\n      - -c\n      - |\n        rm -rf /\n\n        # x\n  - name: two\n  dry: true\nempty:\n";
        let expected = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "labels": {}, "a/b": "c"},
            "spec": {"containers": [
                {"name": "one", "args": [], "command": ["sh", "-c", "rm -rf /\n\n# x\n"]}, {"name": "two"}
            ], "dry": true},
            "empty": null
        });
        assert_eq!(read(text), Some(expected));
        assert_eq!(
            read("- a\n-\n  b: c\n- d: e\r\n  f: http://x\r\n"),
            Some(json!(["a", {"b": "c"}, {"d": "e", "f": "http://x"}]))
        );
    }

    #[test]
    fn what_is_fancy_is_not_read() {
        for text in [
            "",
            "# x",
            "x",
            "a: &b c",
            "a: *b",
            "<<: *b",
            "a: !!str b",
            "!x\na: b",
            "%YAML 1.2\n---\na: b",
            "a: b\n---\nc: d",
            "a: b\n...",
            "a: {b: c}",
            "a: [b]",
            "a: \"b\\u0063\"",
            "\"a\\u0063\": b",
            "a: 'b''c'",
            "a: b\na: c",
            "a:\n\tb: c",
            "? a\n: b",
            "a: b\n  c",
            "a: |2\n  c",
            "a: b: c",
            "  a: b\nc: d",
            "- - a",
            "a\u{0}b: c",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let deep: Vec<String> = (0..100).map(|n| format!("{}a:", " ".repeat(n))).collect();
        assert_eq!(read(&deep.join("\n")), None);
        assert_eq!(read(&"a\n".repeat(MOST_LINES + 1)), None);
    }
}
