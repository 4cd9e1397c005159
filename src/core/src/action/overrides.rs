//! The methods that a call may really be: servers take another one from a header, the query, or a field of the body.
//!
//! ASP.NET, Google's APIs, Rack, Express, Symfony and Laravel among them. An override is a second reading: a rule that
//! guards looks at each, a rule that releases demands each. Where the body may hold one and cannot be read, nobody knows.

use serde_json::Value;

use super::{
    http::each_pair,
    media::Media,
    payload::{self, LIMITS, Payload},
};
use crate::call::{Body, Call};

/// The header names in use.
pub(super) const HEADERS: [&str; 3] = ["x-http-method-override", "x-method-override", "x-http-method"];

/// The field names in use.
const FIELDS: [&str; 4] = ["_method", "x-http-method-override", "$httpmethod", "x_method_override"];

/// The methods that a call may be read as besides its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Overrides {
    /// In upper case.
    pub(crate) methods: Vec<String>,
    /// Whether there may be others.
    pub(crate) others: Others,
}

/// Whether a call may be read as methods that are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    /// These are all.
    None,
    /// The body will tell.
    Unread,
    /// The body could tell and cannot be read.
    Unknown,
}

impl Overrides {
    /// None.
    pub(crate) const NONE: Self = Self { methods: Vec::new(), others: Others::None };

    /// What headers, query and body say.
    pub(crate) fn of(call: &Call, body: Body<'_>) -> Self {
        let mut found = of_head(call);
        let others = of_body(call, body, &mut found);
        found.retain(|method| !method.is_empty() && method != call.method());
        Self { methods: found, others }
    }
}

/// Whether a field of a form or query names the method.
pub(super) fn is_field(name: &str) -> bool {
    FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field))
}

fn of_head(call: &Call) -> Vec<String> {
    let mut found = Vec::new();
    for name in HEADERS {
        for value in call.headers().get_all(name) {
            let value = String::from_utf8_lossy(value);
            found.extend(value.split(',').map(method));
        }
    }
    each_pair(call.query().trim_start_matches('?'), |name, value| {
        if is_field(name) {
            found.push(method(value));
        }
    });
    found
}

fn of_body(call: &Call, body: Body<'_>, found: &mut Vec<String>) -> Others {
    let media = Media::of(call);
    // Where a body that cannot be read may hold a field. What is read has what it has, whatever its content type says.
    let may = match media {
        Media::Form | Media::Multipart | Media::Json => true,
        Media::None
        | Media::Lines
        | Media::Grpc
        | Media::GraphQl
        | Media::Yaml
        | Media::Xml
        | Media::Other
        | Media::Several => false,
    };
    let unknown = if may { Others::Unknown } else { Others::None };
    let bytes = match body {
        Body::Unread if may => return Others::Unread,
        Body::Unread | Body::Absent | Body::Read([]) => return Others::None,
        Body::Read(bytes) => bytes,
    };
    match payload::plain(call, media, bytes) {
        Err(_) => return unknown,
        Ok(plain) if plain.len() > LIMITS.size => return unknown,
        Ok(plain) if !may_name(media, &plain) => return Others::None,
        Ok(_) => {}
    }
    let content = match Payload::of(call, body) {
        Payload::Absent | Payload::Unread => return Others::None,
        Payload::Opaque(_) => return unknown,
        Payload::Read(content) => content,
    };
    for members in content.readings.iter().filter_map(Value::as_object) {
        for (_, value) in members.iter().filter(|(name, _)| is_field(name)) {
            let values = match value {
                Value::Array(values) => values.as_slice(),
                value => std::slice::from_ref(value),
            };
            for value in values {
                match value {
                    Value::String(text) => found.push(method(text)),
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                        return Others::Unknown;
                    }
                }
            }
        }
    }
    Others::None
}

/// Whether a field may be named in a body: without the name, and without escapes that could spell it, there is nothing to
/// parse.
fn may_name(media: Media, plain: &[u8]) -> bool {
    let named = plain.windows(7).any(|window| match window {
        [b'_' | b'-' | b'p' | b'P', name @ ..] => name.eq_ignore_ascii_case(b"method"),
        _ => false,
    });
    let may_escape = match media {
        Media::Form | Media::None => plain.contains(&b'%'),
        Media::Json
        | Media::Lines
        | Media::Grpc
        | Media::GraphQl
        | Media::Multipart
        | Media::Yaml
        | Media::Xml
        | Media::Other
        | Media::Several => false,
    };
    named || may_escape || payload::has(plain, b"\\u00")
}

fn method(text: &str) -> String {
    text.trim().to_ascii_uppercase()
}
