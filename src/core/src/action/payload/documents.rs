//! JSON (RFC 8259) as every kind of reader sees it, and documents one a line.
//!
//! A name that occurs twice in one object is read as its first and as its last value; names that differ in case only are
//! also read as one name (Go's `encoding/json` and case-insensitive Jackson and .NET readers take them so). Each of these
//! is a reading of the whole document. Promises at most [`MOST_READINGS`], and one reading only for a document of more
//! than [`MOST_AMBIGUOUS`] bytes; what would need more, a number that readers round differently, a lone surrogate and
//! nesting beyond [`LIMITS`](super::LIMITS) are not read. It cannot know which reader a server uses.

use countersign_wire::json::{JsonFault, Repeated, reading, strict};
use serde_json::{Map, Value};

use super::{super::Obscurity, LIMITS};

/// The most readings of one document.
const MOST_READINGS: usize = 8;

/// The most bytes of a document that has more than one reading.
const MOST_AMBIGUOUS: usize = 64 * 1024;

/// The most documents of one body of lines.
const MOST_LINES: usize = 64 * 1024;

/// How a text failed to be JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is none.
    NotJson,
    /// It is JSON, and readers differ.
    Unclear,
    /// It is too large.
    TooLarge,
}

impl From<Fault> for Obscurity {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotJson | Fault::Unclear => Self::Json,
            Fault::TooLarge => Self::TooLarge,
        }
    }
}

/// Every reading of one document.
pub(super) fn readings(text: &[u8]) -> Result<Vec<Value>, Fault> {
    let mut all = match strict(text, &LIMITS) {
        Ok(value) => vec![value],
        Err(JsonFault::Duplicate) if text.len() <= MOST_AMBIGUOUS => {
            let mut both = Vec::new();
            for repeated in [Repeated::First, Repeated::Last] {
                add(&mut both, reading(text, &LIMITS, repeated).map_err(|_| Fault::Unclear)?);
            }
            both
        }
        Err(JsonFault::Duplicate | JsonFault::TooDeep(_) | JsonFault::Inexact) => return Err(Fault::Unclear),
        Err(JsonFault::TooLarge(_)) => return Err(Fault::TooLarge),
        Err(JsonFault::Malformed) => return Err(Fault::NotJson),
    };
    let spellings = all.iter().map(most_alike).max().unwrap_or(1);
    if spellings > 1 {
        if text.len() > MOST_AMBIGUOUS || spellings > MOST_READINGS {
            return Err(Fault::Unclear);
        }
        for exact in all.clone() {
            for number in 0..spellings {
                add(&mut all, folded(&exact, number));
            }
        }
    }
    if all.len() > MOST_READINGS { Err(Fault::Unclear) } else { Ok(all) }
}

fn add(readings: &mut Vec<Value>, reading: Value) {
    if !readings.contains(&reading) {
        readings.push(reading);
    }
}

/// Documents one a line, as one list. A record separator before a document (RFC 7464) says nothing.
pub(super) fn lines(text: &[u8]) -> Result<Value, Fault> {
    if text.len() > LIMITS.size {
        return Err(Fault::TooLarge);
    }
    let mut documents = Vec::new();
    for line in text.split(|b| *b == b'\n') {
        let line = line.strip_prefix(b"\x1e").unwrap_or(line).trim_ascii();
        if line.is_empty() {
            continue;
        }
        if documents.len() == MOST_LINES {
            return Err(Fault::TooLarge);
        }
        match strict(line, &LIMITS) {
            Ok(document) => documents.push(document),
            Err(JsonFault::Malformed) => return Err(Fault::NotJson),
            Err(_) => return Err(Fault::Unclear),
        }
    }
    if documents.is_empty() { Err(Fault::NotJson) } else { Ok(Value::Array(documents)) }
}

/// The most names of one object that differ in case only.
fn most_alike(value: &Value) -> usize {
    match value {
        Value::Object(members) => {
            let alike = if may_be_alike(members) { by_name(members, |_| Value::Null) } else { Map::new() };
            let here = alike.values().filter_map(Value::as_array).map(Vec::len).fold(1, usize::max);
            members.values().map(most_alike).fold(here, usize::max)
        }
        Value::Array(items) => items.iter().map(most_alike).max().unwrap_or(1),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

/// Whether it is worth a closer look. Spares nearly every object the copies of its names.
fn may_be_alike(members: &Map<String, Value>) -> bool {
    const FEW: usize = 24;
    if members.len() > FEW || members.keys().any(|name| !name.is_ascii()) {
        return members.len() > 1;
    }
    let mut names = members.keys();
    while let Some(name) = names.next() {
        if names.clone().any(|other| name.eq_ignore_ascii_case(other)) {
            return true;
        }
    }
    false
}

/// The document as a reader without regard to case sees it that takes the value of the spelling with this number: each
/// spelling has the same value.
fn folded(value: &Value, number: usize) -> Value {
    match value {
        Value::Object(members) if may_be_alike(members) => {
            let alike = by_name(members, |value| folded(value, number));
            let chosen = |name: &String| {
                let values = alike.get(&lower(name))?.as_array()?;
                values.get(number).or(values.last()).map(|value| (name.clone(), value.clone()))
            };
            Value::Object(members.keys().filter_map(chosen).collect())
        }
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), folded(value, number))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| folded(item, number)).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// What the members are whose names are alike, as a list for each name. A map of JSON, for it is there already.
fn by_name(members: &Map<String, Value>, of: impl Fn(&Value) -> Value) -> Map<String, Value> {
    let mut alike = Map::new();
    for (name, value) in members {
        if let Value::Array(values) = alike.entry(lower(name)).or_insert(Value::Array(Vec::new())) {
            values.push(of(value));
        }
    }
    alike
}

/// A name without regard to case. Two letters beyond ASCII count as the letters that they fold to.
fn lower(name: &str) -> String {
    let letter = |c: char| match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    name.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn every_reading_of_a_repeated_name_is_found() {
        for (text, expected) in [
            (r#"{"a":1}"#, vec![json!({"a": 1})]),
            (
                r#" {"a":1,"b":{"\u0061":1,"a":2}}"#,
                vec![json!({"a":1,"b":{"a":1}}), json!({"a":1,"b":{"a":2}})],
            ),
            (r#"{"a":1,"a":1}"#, vec![json!({"a": 1})]),
            (
                r#"{"query":1,"Query":2}"#,
                vec![
                    json!({"Query":2,"query":1}),
                    json!({"Query":2,"query":2}),
                    json!({"Query":1,"query":1}),
                ],
            ),
            (r#"{"sql":1,"ſql":1}"#, vec![json!({"sql":1,"ſql":1})]),
            (
                r#"[{"k":1,"\u212a":2}]"#,
                vec![
                    json!([{"k":1,"\u{212a}":2}]),
                    json!([{"k":1,"\u{212a}":1}]),
                    json!([{"k":2,"\u{212a}":2}]),
                ],
            ),
        ] {
            assert_eq!(readings(text.as_bytes()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_would_need_too_many_readings_is_unclear() {
        let spellings: Vec<String> =
            (0..16_u8).map(|n| (0..4).map(|i| if n >> i & 1 == 1 { 'A' } else { 'a' }).collect()).collect();
        let members: Vec<String> =
            spellings.iter().enumerate().map(|(n, s)| format!("\"{s}\":{n}")).collect();
        let large = format!("{{\"a\":1,\"a\":2,\"b\":\"{}\"}}", "x".repeat(MOST_AMBIGUOUS));
        let alike = format!("{{\"a\":1,\"A\":2,\"b\":\"{}\"}}", "x".repeat(MOST_AMBIGUOUS));
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        let text = format!("{{{}}}", members.join(","));
        for text in [text.as_str(), r#"{"a":1,"a":2,"a":3}"#, &large, &alike, &deep, "9007199254740993"] {
            assert_eq!(readings(text.as_bytes()), Err(Fault::Unclear));
        }
        for text in ["", "{", "{} {}", "nul", r#""\ud800""#, "NaN", "{'a':1}", "{\"a\":1,}"] {
            assert_eq!(readings(text.as_bytes()), Err(Fault::NotJson), "{text}");
        }
    }

    #[test]
    fn lines_are_documents_and_one_that_is_none_spoils_them() {
        let all = Ok(json!([{"index": {}}, {"a": 1}]));
        for text in [
            "{\"index\":{}}\n{\"a\":1}",
            "\r\n{\"index\":{}}\r\n\n {\"a\":1}\n",
            "\x1e{\"index\":{}}\n\x1e{\"a\":1}\n",
        ] {
            assert_eq!(lines(text.as_bytes()), all, "{text}");
        }
        for text in ["", "\n", "{}\n{", "{}\nx"] {
            assert_eq!(lines(text.as_bytes()), Err(Fault::NotJson), "{text}");
        }
        assert_eq!(lines(b"{}\n{\"a\":1,\"a\":2}"), Err(Fault::Unclear));
    }
}
