//! The content type of a call, as far as decoders tell types apart (RFC 9110 section 8.3).

use crate::call::Call;

/// What the body says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// It does not say.
    None,
    /// JSON.
    Json,
    /// One JSON document a line (NDJSON, JSON Lines; RFC 7464 without its separators).
    Lines,
    /// `application/grpc`, `application/grpc-web`, with or without a suffix.
    Grpc,
    /// `application/graphql`.
    GraphQl,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// YAML (RFC 9512).
    Yaml,
    /// XML (RFC 7303).
    Xml,
    /// Anything else.
    Other,
    /// Several types that differ.
    Several,
}

impl Media {
    /// Reads `content-type`.
    pub(super) fn of(call: &Call) -> Self {
        let mut values = call.headers().get_all("content-type");
        let Some(first) = values.next() else { return Self::None };
        if values.any(|value| value != first) {
            return Self::Several;
        }
        let Ok(text) = std::str::from_utf8(first) else { return Self::Other };
        let kind = text.split_once(';').map_or(text, |(kind, _)| kind).trim();
        let is = |name: &str| kind.eq_ignore_ascii_case(name);
        let starts =
            |name: &str| kind.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        let ends = |name: &str| {
            kind.len()
                .checked_sub(name.len())
                .and_then(|at| kind.get(at..))
                .is_some_and(|e| e.eq_ignore_ascii_case(name))
        };
        // First, for some of them end in `+json`.
        let lines = ["ndjson", "jsonl", "jsonlines", "json-lines", "json-seq", "stream+json"];
        if starts("application/grpc") {
            Self::Grpc
        } else if lines.into_iter().any(ends) {
            Self::Lines
        } else if is("application/json") || is("text/json") || ends("+json") {
            Self::Json
        } else if is("application/graphql") {
            Self::GraphQl
        } else if is("application/x-www-form-urlencoded") {
            Self::Form
        } else if is("multipart/form-data") {
            Self::Multipart
        } else if ends("/yaml") || ends("/x-yaml") || ends("+yaml") {
            Self::Yaml
        } else if ends("/xml") || ends("+xml") {
            Self::Xml
        } else if kind.is_empty() {
            Self::None
        } else if kind.contains(',') {
            // Two headers that a proxy has joined.
            Self::Several
        } else {
            Self::Other
        }
    }
}

/// A parameter of the content type.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parameter<'a> {
    /// There is none.
    Absent,
    /// It says this.
    Is(&'a str),
    /// There are several, or it is spelled in a way that two readers may read differently.
    Unclear,
}

/// The parameter `name` of the content type of a call.
pub(super) fn parameter<'a>(call: &'a Call, name: &str) -> Parameter<'a> {
    match call.headers().get("content-type").map(std::str::from_utf8) {
        None => Parameter::Absent,
        Some(Err(_)) => Parameter::Unclear,
        Some(Ok(text)) => parameter_of(text, name),
    }
}

/// The parameter `name` in the value of a header: `kind; name=value; name="value"`. A name with a `*` (RFC 2231, RFC
/// 8187), a name that occurs twice and a quoted value with a backslash are unclear.
pub(super) fn parameter_of<'a>(text: &'a str, name: &str) -> Parameter<'a> {
    let mut found = Parameter::Absent;
    let mut rest = text.split_once(';').map_or("", |(_, rest)| rest);
    while !rest.trim().is_empty() {
        let (key, after) = match (rest.find('='), rest.find(';')) {
            (Some(equals), end) if end.is_none_or(|end| equals < end) => {
                (rest.get(..equals).unwrap_or_default().trim(), rest.get(equals + 1..).unwrap_or_default())
            }
            // A word without a value says nothing.
            (_, Some(end)) => {
                rest = rest.get(end + 1..).unwrap_or_default();
                continue;
            }
            (_, None) => break,
        };
        let after = after.trim_start();
        let (value, clear, next) = if let Some(quoted) = after.strip_prefix('"') {
            let Some((value, next)) = quoted.split_once('"') else { return Parameter::Unclear };
            (value, !value.contains('\\'), next.trim_start())
        } else {
            let end = after.find(';').unwrap_or(after.len());
            let value = after.get(..end).unwrap_or_default().trim();
            (value, !value.contains(['"', '\\']), after.get(end..).unwrap_or_default())
        };
        let ours = key.eq_ignore_ascii_case(name);
        let extended = key.split_once('*').is_some_and(|(start, _)| start.eq_ignore_ascii_case(name));
        if extended || ours && (!clear || found != Parameter::Absent) {
            return Parameter::Unclear;
        }
        if ours {
            found = Parameter::Is(value);
        }
        rest = match (next.strip_prefix(';'), next.is_empty()) {
            (Some(rest), _) => rest,
            (None, true) => "",
            // Something after a closing quote.
            (None, false) => return Parameter::Unclear,
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_parameter_is_read_only_where_every_reader_reads_it_alike() {
        let is = |text| Parameter::Is(text);
        for (text, expected) in [
            ("a/b", Parameter::Absent),
            ("a/b; x=1", Parameter::Absent),
            ("a/b;boundary=c", is("c")),
            ("a/b; x=\"; boundary=d\"; Boundary = \"c d\" ;", is("c d")),
            ("a/b; flag; boundary=c", is("c")),
            ("a/b; boundary=c; boundary=d", Parameter::Unclear),
            ("a/b; boundary*=c", Parameter::Unclear),
            ("a/b; boundary*0=c", Parameter::Unclear),
            ("a/b; boundary=\"c", Parameter::Unclear),
            ("a/b; boundary=\"c\\\"d\"", Parameter::Unclear),
            ("a/b; boundary=\"c\"d", Parameter::Unclear),
        ] {
            assert_eq!(parameter_of(text, "boundary"), expected, "{text}");
        }
    }
}
