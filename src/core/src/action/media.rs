//! The content type of a call, as far as decoders tell types apart.

use crate::call::Call;

/// What the body says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// It does not say.
    None,
    /// JSON in UTF-8.
    Json,
    /// `application/grpc`, `application/grpc-web`, with or without a suffix.
    Grpc,
    /// `application/graphql`.
    GraphQl,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
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
        let (kind, parameters) = text.split_once(';').unwrap_or((text, ""));
        let kind = kind.trim();
        let is = |name: &str| kind.eq_ignore_ascii_case(name);
        let starts =
            |name: &str| kind.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        let ends = |name: &str| {
            kind.len()
                .checked_sub(name.len())
                .and_then(|at| kind.get(at..))
                .is_some_and(|e| e.eq_ignore_ascii_case(name))
        };
        if starts("application/grpc") {
            Self::Grpc
        } else if is("application/json") || is("text/json") || ends("+json") {
            if other_charset(parameters) { Self::Other } else { Self::Json }
        } else if is("application/graphql") {
            Self::GraphQl
        } else if is("application/x-www-form-urlencoded") {
            Self::Form
        } else if is("multipart/form-data") {
            Self::Multipart
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

/// Whether the parameters name a charset in which the same bytes may say something else.
fn other_charset(parameters: &str) -> bool {
    parameters.split(';').any(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        let usual = value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8");
        name.trim().eq_ignore_ascii_case("charset") && !usual && !value.eq_ignore_ascii_case("us-ascii")
    })
}

/// Whether the body has a content encoding.
pub(super) fn is_encoded(call: &Call) -> bool {
    let plain =
        |value: &[u8]| value.trim_ascii().is_empty() || value.trim_ascii().eq_ignore_ascii_case(b"identity");
    call.headers().get_all("content-encoding").any(|value| !plain(value))
}
