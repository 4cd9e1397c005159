//! The request target: the path as sent, the path for matching, the query.

use std::borrow::Cow;

use super::Ambiguity;

/// A request target, split.
#[derive(Clone)]
pub(super) struct Target {
    /// Path and query as sent.
    raw: String,
    /// How many bytes of `raw` are the path.
    path: usize,
    /// The path for matching where it differs from the raw one.
    decoded: Option<String>,
}

impl std::fmt::Debug for Target {
    /// The length only: a target may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({} bytes)", self.raw.len())
    }
}

impl Target {
    /// Splits and normalises `raw`; `is_connect` targets have no path.
    pub(super) fn read(raw: &str, is_connect: bool) -> (Self, Option<Ambiguity>) {
        let path = raw.find('?').unwrap_or(raw.len());
        let text = raw.get(..path).unwrap_or_default();
        let (decoded, fault) = if is_connect && text.is_empty() { (None, None) } else { normalise(text) };
        (Self { raw: raw.to_owned(), path, decoded }, fault)
    }

    pub(super) fn raw_path(&self) -> &str {
        self.raw.get(..self.path).unwrap_or_default()
    }

    pub(super) fn path(&self) -> &str {
        self.decoded.as_deref().unwrap_or_else(|| self.raw_path())
    }

    pub(super) fn query(&self) -> &str {
        self.raw.get(self.path..).unwrap_or_default()
    }
}

/// The path for matching, `None` where it is the raw one, and the first ambiguity.
fn normalise(raw: &str) -> (Option<String>, Option<Ambiguity>) {
    // The asterisk form of RFC 9112 section 3.2.4.
    if raw == "*" {
        return (None, None);
    }
    let mut fault = (!raw.starts_with('/')).then_some(Ambiguity::NotAPath);
    let plain = fault.is_none() && raw.bytes().all(|b| !matches!(b, b'%' | b'\\' | b';' | b'#'));
    if plain && !raw.contains("//") && !has_dot_segment(raw) {
        return (None, None);
    }
    for byte in raw.bytes() {
        fault = fault.or(match byte {
            b'\\' => Some(Ambiguity::Backslash),
            b';' => Some(Ambiguity::PathParameter),
            b'#' => Some(Ambiguity::Fragment),
            _ => None,
        });
    }
    let (bytes, escapes) = decode(origin_form(raw).as_bytes());
    fault = fault.or(escapes);
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            fault = fault.or(Some(Ambiguity::EscapedBytes));
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        }
    };
    if has_dot_segment(&text) {
        fault = fault.or(Some(Ambiguity::DotSegment));
    }
    if text.contains("//") {
        fault = fault.or(Some(Ambiguity::EmptySegment));
    }
    (Some(resolve(&text)), fault)
}

/// The path of a target in absolute form (RFC 9112 section 3.2.2), which a server reads as if only its path stood there.
fn origin_form(raw: &str) -> &str {
    match raw.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/")
        }
        Some(_) | None => raw,
    }
}

fn has_dot_segment(path: &str) -> bool {
    path.contains("/.") && path.split('/').any(|segment| segment == "." || segment == "..")
}

/// Decodes every escape once.
fn decode(raw: &[u8]) -> (Vec<u8>, Option<Ambiguity>) {
    let mut out = Vec::with_capacity(raw.len());
    let mut fault = None;
    let mut rest = raw;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let Some(value) = escape(after) else {
            fault = fault.or(Some(Ambiguity::BrokenEscape));
            out.push(byte);
            continue;
        };
        fault = fault.or(match value {
            b'/' => Some(Ambiguity::EscapedSlash),
            b'\\' => Some(Ambiguity::Backslash),
            b'%' => Some(Ambiguity::EscapedPercent),
            0..=0x1f | 0x7f => Some(Ambiguity::EscapedControl),
            _ => None,
        });
        out.push(value);
        rest = after.get(2..).unwrap_or_default();
    }
    (out, fault)
}

/// A name or value of a form or query as a server reads it: `+` is a space, escapes are decoded once, what is not
/// UTF-8 is replaced. Allocates only where there is something to decode.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|b| b == b'%' || b == b'+') {
        return Cow::Borrowed(text);
    }
    let spaced: Vec<u8> = text.bytes().map(|b| if b == b'+' { b' ' } else { b }).collect();
    Cow::Owned(String::from_utf8_lossy(&decode(&spaced).0).into_owned())
}

/// One segment of a path with its escapes decoded once.
pub(crate) fn unescape_path(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|b| b == b'%') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(String::from_utf8_lossy(&decode(text.as_bytes()).0).into_owned())
}

/// The byte that two hexadecimal digits at the start of `digits` say.
fn escape(digits: &[u8]) -> Option<u8> {
    let digit = |place: usize| digits.get(place).and_then(|b| char::from(*b).to_digit(16));
    u8::try_from(digit(0)? << 4 | digit(1)?).ok()
}

/// Resolves dot segments and drops empty ones; a final `/` stays.
fn resolve(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    let directory = path.ends_with(['/', '\\']) || path.ends_with("/.") || path.ends_with("/..");
    let mut resolved = String::with_capacity(path.len());
    for segment in &kept {
        resolved.push('/');
        resolved.push_str(segment);
    }
    if directory || kept.is_empty() {
        resolved.push('/');
    }
    resolved
}
