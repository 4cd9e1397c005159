//! XML 1.0, as far as the names of elements and their texts.
//!
//! `<Delete><Object><Key>k</Key></Object></Delete>` is `{"Delete": {"Object": {"Key": "k"}}}`: an element without elements
//! is its text, an element that occurs twice is a list, prefixes and attributes are left out. A document type, an entity
//! that is not one of the five of XML, and whatever is not well-formed as far as it is looked at are not read: `None`.

use serde_json::{Map, Value};

/// The most nesting.
const MOST_DEPTH: usize = 32;

/// The most elements.
const MOST_ELEMENTS: usize = 16 * 1024;

/// An element that is open.
struct Open<'a> {
    /// As written, with its prefix.
    name: &'a str,
    members: Map<String, Value>,
    text: String,
}

/// The document: an object with the root element's name.
pub(super) fn read(text: &str) -> Option<Value> {
    let mut open: Vec<Open<'_>> = vec![Open { name: "", members: Map::new(), text: String::new() }];
    let mut rest = text;
    let mut elements = 0;
    while let Some((before, after)) = rest.split_once('<') {
        add_text(open.last_mut()?, before)?;
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
        } else if let Some(data) = after.strip_prefix("![CDATA[") {
            let (data, next) = data.split_once("]]>")?;
            open.last_mut()?.text.push_str(data);
            rest = next;
        } else if let Some(instruction) = after.strip_prefix('?') {
            rest = instruction.split_once("?>")?.1;
        } else if after.starts_with('!') {
            return None;
        } else if let Some(end) = after.strip_prefix('/') {
            let (name, next) = end.split_once('>')?;
            if open.last()?.name != name.trim_end() {
                return None;
            }
            close(&mut open)?;
            rest = next;
        } else {
            let (name, closed, next) = tag(after)?;
            elements += 1;
            let second_root = open.len() == 1 && !open.last()?.members.is_empty();
            if second_root || open.len() > MOST_DEPTH || elements > MOST_ELEMENTS {
                return None;
            }
            open.push(Open { name, members: Map::new(), text: String::new() });
            if closed {
                close(&mut open)?;
            }
            rest = next;
        }
    }
    let [document] = &mut open[..] else { return None };
    let clean = document.text.trim().is_empty() && rest.trim().is_empty() && !document.members.is_empty();
    clean.then(|| Value::Object(std::mem::take(&mut document.members)))
}

/// Name of a start tag, whether it closes itself, and what follows it.
fn tag(after: &str) -> Option<(&str, bool, &str)> {
    let end = after.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))?;
    let name = after.get(..end)?;
    let good = |c: char| c.is_alphanumeric() || matches!(c, ':' | '_' | '-' | '.');
    if name.is_empty() || !name.chars().all(good) {
        return None;
    }
    let mut rest = after.get(end..)?;
    // A `>` may stand in the value of an attribute.
    loop {
        let place = rest.find(['"', '\'', '>', '<'])?;
        let (before, mark) = (rest.get(..place)?, rest.get(place..)?);
        let next = mark.get(1..)?;
        match mark.chars().next()? {
            '>' => return Some((name, before.ends_with('/'), next)),
            '<' => return None,
            quote => rest = next.split_once(quote)?.1,
        }
    }
}

fn close(open: &mut Vec<Open<'_>>) -> Option<()> {
    let Open { name, members, text } = open.pop()?;
    let value = if members.is_empty() { Value::String(text) } else { Value::Object(members) };
    let local = name.rsplit(':').next().unwrap_or(name);
    match open.last_mut()?.members.entry(local) {
        serde_json::map::Entry::Vacant(place) => {
            place.insert(value);
        }
        serde_json::map::Entry::Occupied(mut place) => match place.get_mut() {
            Value::Array(values) => values.push(value),
            first => *first = Value::Array(vec![first.take(), value]),
        },
    }
    Some(())
}

/// Text with its entities.
fn add_text(element: &mut Open<'_>, text: &str) -> Option<()> {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        element.text.push_str(before);
        let (name, next) = after.split_once(';')?;
        element.text.push(match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "apos" => '\'',
            "quot" => '"',
            _ => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)?
            }
        });
        rest = next;
    }
    element.text.push_str(rest);
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn elements_and_their_texts_are_read() {
        let text = "<?xml version=\"1.0\"?>\n<!-- x --><s:Delete xmlns:s='a>b'><Quiet/><s:Object a=\"1\"><Key>a&amp;b&#x41;</Key></s:Object>\
                    <Object><Key><![CDATA[<c>]]></Key></Object></s:Delete >\n";
        let expected = json!({"Delete": {"Quiet": "", "Object": [{"Key": "a&bA"}, {"Key": "<c>"}]}});
        assert_eq!(read(text), Some(expected));
    }

    #[test]
    fn what_is_not_well_formed_or_has_a_document_type_is_not_read() {
        for text in [
            "",
            "x",
            "<a>",
            "</a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "x<a/>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<a>&b;</a>",
            "<a b=\"></a>",
            "<a <b/>",
            "<a><!-- </a>",
            "< a/>",
            "<a>&#xd800;</a>",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&format!("{}{}", "<a>".repeat(100), "</a>".repeat(100))), None);
        assert_eq!(read(&format!("<b>{}</b>", "<a/>".repeat(MOST_ELEMENTS))), None);
    }
}
