//! The methods that a call may really be: servers take another one from a header, the query, or a field of the body.
//!
//! ASP.NET, Google's APIs, Rack, Express, Symfony and Laravel among them. An override is a second reading: a rule that
//! guards looks at each, a rule that releases demands each. Where the body may hold one and cannot be read, nobody knows.

use std::borrow::Cow;

use serde_json::Value;

use super::{
    http::each_pair,
    media::{Media, is_encoded},
};
use crate::call::{Body, Call};

/// The header names in use.
pub(super) const HEADERS: [&str; 3] = ["x-http-method-override", "x-method-override", "x-http-method"];

/// The field names in use.
const FIELDS: [&str; 4] = ["_method", "x-http-method-override", "$httpmethod", "x_method_override"];

/// The most of a body that is searched.
const MAX: usize = 1024 * 1024;

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
    let may = match media {
        Media::Form | Media::Multipart | Media::Json => true,
        Media::None | Media::Grpc | Media::GraphQl | Media::Other | Media::Several => false,
    };
    match body {
        Body::Unread if may => Others::Unread,
        Body::Read(bytes) if may && !bytes.is_empty() => {
            if is_encoded(call) || bytes.len() > MAX {
                return Others::Unknown;
            }
            match media {
                Media::Form => of_form(bytes, found),
                Media::Multipart => of_multipart(bytes),
                _ => of_json(bytes, found),
            }
        }
        Body::Unread | Body::Absent | Body::Read(_) => Others::None,
    }
}

fn of_form(bytes: &[u8], found: &mut Vec<String>) -> Others {
    each_pair(&String::from_utf8_lossy(bytes), |name, value| {
        if is_field(name) {
            found.push(method(value));
        }
    });
    Others::None
}

/// Parts have names in more spellings than are worth reading: one that could be the field's is enough.
fn of_multipart(bytes: &[u8]) -> Others {
    let lower: Cow<'_, str> = String::from_utf8_lossy(bytes);
    let lower = lower.to_ascii_lowercase();
    if FIELDS.iter().any(|field| lower.contains(field)) { Others::Unknown } else { Others::None }
}

/// A member of the top level; a document that two readers read differently may have any.
fn of_json(bytes: &[u8], found: &mut Vec<String>) -> Others {
    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle));
    // Without the name, and without escapes that could spell it, there is nothing to parse.
    if !has(b"_method") && !has(b"\\u00") {
        return Others::None;
    }
    match countersign_wire::json::strict(bytes, &super::json::LIMITS) {
        Ok(Value::Object(members)) => {
            for (_, value) in members.iter().filter(|(name, _)| is_field(name)) {
                match value {
                    Value::String(text) => found.push(method(text)),
                    _ => return Others::Unknown,
                }
            }
            Others::None
        }
        Ok(_) => Others::None,
        Err(_) => Others::Unknown,
    }
}

fn method(text: &str) -> String {
    text.trim().to_ascii_uppercase()
}
