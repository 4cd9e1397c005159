//! `multipart/form-data` (RFC 7578, RFC 2046 section 5.1), where every reader finds the same parts.
//!
//! A form is an object of texts; a file is an object with its `filename` and, where it is text, its `content`. Parsers of
//! multipart differ more than those of any other body, so a body is read only in the one spelling that clients send:
//! CRLF, nothing before the first boundary or after the last, the boundary nowhere else, one `content-disposition` with
//! one plain `name` a part, no transfer encoding, no other charset than UTF-8. Every other is not read.

use serde_json::{Value, json};

use super::{
    super::{
        Obscurity,
        media::{Parameter, parameter_of},
    },
    form::Fields,
};

/// The most parts of a body.
const MOST_PARTS: usize = 1024;

/// The most bytes of the headers of one part.
const MOST_HEADERS: usize = 8 * 1024;

/// Every reading of a body.
pub(super) fn readings(body: &[u8], boundary: &Parameter<'_>) -> Result<Vec<Value>, Obscurity> {
    let boundary = match boundary {
        Parameter::Is(boundary) if (1..=70).contains(&boundary.len()) => boundary,
        Parameter::Is(_) | Parameter::Absent | Parameter::Unclear => return Err(Obscurity::Multipart),
    };
    let mut fields = Fields::default();
    for part in parts(body, boundary).ok_or(Obscurity::Multipart)? {
        let (name, value) = field(part).ok_or(Obscurity::Multipart)?;
        fields.add(name, value);
    }
    fields.readings()
}

/// The parts between the boundaries.
fn parts<'a>(body: &'a [u8], boundary: &str) -> Option<Vec<&'a [u8]>> {
    let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
    let dashes = delimiter.get(2..)?;
    let mut rest = body.strip_prefix(dashes)?;
    let mut parts = Vec::new();
    loop {
        match rest {
            // The body may end with a line break.
            b"--" | b"--\r\n" => return Some(parts),
            [b'\r', b'\n', ..] if parts.len() < MOST_PARTS => {}
            _ => return None,
        }
        // The line break belongs to the boundary before as well as to the one after.
        let end = position(rest, dashes)?;
        let part = rest.get(..end)?.strip_suffix(b"\r\n")?;
        parts.push(part.strip_prefix(b"\r\n").unwrap_or_default());
        rest = rest.get(end + dashes.len()..)?;
    }
}

fn position(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// Name and value of a part.
fn field(part: &[u8]) -> Option<(&str, Value)> {
    let end = position(part.get(..part.len().min(MOST_HEADERS)).unwrap_or_default(), b"\r\n\r\n")?;
    let headers = std::str::from_utf8(part.get(..end)?).ok()?;
    let content = part.get(end + 4..)?;
    let (mut disposition, mut kind) = (None, None);
    for line in headers.split("\r\n") {
        // A folded line, a bare line break, a zero: each is read differently by somebody.
        if line.starts_with([' ', '\t']) || line.contains(['\r', '\n', '\0']) {
            return None;
        }
        let (name, value) = line.split_once(':')?;
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        let place = match name {
            _ if is("content-disposition") => &mut disposition,
            _ if is("content-type") => &mut kind,
            _ if is("content-transfer-encoding") => {
                let same = |plain: &str| value.trim().eq_ignore_ascii_case(plain);
                if ["7bit", "8bit", "binary"].into_iter().any(same) {
                    continue;
                }
                return None;
            }
            _ if name.is_empty() || name.ends_with([' ', '\t']) => return None,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return None;
        }
    }
    let disposition = disposition?;
    let form_data = disposition.split(';').next()?.trim().eq_ignore_ascii_case("form-data");
    let Parameter::Is(name) = parameter_of(disposition, "name") else { return None };
    let utf8 = match kind.map_or(Parameter::Absent, |kind| parameter_of(kind, "charset")) {
        Parameter::Absent => true,
        Parameter::Is(charset) => {
            ["utf-8", "utf8", "us-ascii"].into_iter().any(|known| charset.eq_ignore_ascii_case(known))
        }
        Parameter::Unclear => false,
    };
    if !form_data || !utf8 || name == "_charset_" {
        return None;
    }
    let text = std::str::from_utf8(content).ok();
    let is_file = disposition.to_ascii_lowercase().contains("filename");
    let value = match (is_file, text) {
        (true, text) => {
            let file = match parameter_of(disposition, "filename") {
                Parameter::Is(file) => file,
                Parameter::Absent | Parameter::Unclear => "",
            };
            json!({"filename": file, "content": text})
        }
        (false, text) => Value::String(text?.to_owned()),
    };
    Some((name, value))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn read(body: &str) -> Result<Vec<Value>, Obscurity> {
        readings(body.as_bytes(), &Parameter::Is("b"))
    }

    const FIELD: &str = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";

    #[test]
    fn fields_and_files_are_read() {
        assert_eq!(read("--b--\r\n"), Ok(vec![json!({})]));
        assert_eq!(read(&format!("{FIELD}--b--")), Ok(vec![json!({"a": "1"})]));
        let body = "--b\r\ncontent-disposition:form-data;name=x y\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n\r\n--x\r\n\r\n--b\r\n\
             Content-Disposition: form-data; name=\"f\"; filename=\"C:\\a.txt\"; filename*=UTF-8''a\r\nX: y\r\n\r\nhi\r\n--b--\r\n";
        let expected = json!({"x y": "\r\n--x\r\n", "f": {"filename": "", "content": "hi"}});
        assert_eq!(read(body), Ok(vec![expected]));
        let twice = read(&format!("{FIELD}{}--b--", FIELD.replace('1', "2"))).unwrap();
        assert_eq!(twice, [json!({"a": ["1", "2"]}), json!({"a": "1"}), json!({"a": "2"})]);
    }

    #[test]
    fn a_body_that_two_readers_cut_differently_is_not_read() {
        for body in [
            String::new(),
            "x".to_owned(),
            FIELD.to_owned(),
            format!("preamble\r\n{FIELD}--b--"),
            format!("{FIELD}--b--\r\nepilogue"),
            format!("{FIELD}--b --"),
            format!("{FIELD}--bc\r\n\r\n\r\n--b--"),
            format!("{FIELD}--b--").replace("\r\n", "\n"),
            format!("{FIELD}--b--").replacen("1\r\n", "1\n", 1),
            format!("{FIELD}--b--").replace("1\r\n", "1 --b\r\n"),
            FIELD.replace("name=\"a\"", "name=\"a\"; name=\"c\"") + "--b--",
            FIELD.replace("name=\"a\"", "name=\"a\\\"\"") + "--b--",
            FIELD.replace("name=\"a\"", "name*=utf-8''a") + "--b--",
            FIELD.replace("form-data", "attachment") + "--b--",
            FIELD.replace("name", "\r\n name") + "--b--",
            FIELD.replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: base64\r\n\r\n") + "--b--",
            FIELD.replace("\r\n\r\n", "\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n") + "--b--",
            FIELD.replace("\r\n\r\n", "\r\ncontent-disposition: form-data; name=z\r\n\r\n") + "--b--",
            FIELD.replace("Content-Disposition:", "Content-Disposition :") + "--b--",
        ] {
            assert_eq!(read(&body), Err(Obscurity::Multipart), "{body}");
        }
        for boundary in [Parameter::Absent, Parameter::Unclear, Parameter::Is("")] {
            assert_eq!(readings(FIELD.as_bytes(), &boundary), Err(Obscurity::Multipart));
        }
    }
}
