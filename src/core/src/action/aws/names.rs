//! The operations that a request names: in `X-Amz-Target`, in `Action` of its query or form, in its RPC path.
//!
//! A service reads one of them; which one, its protocol says. Here all count, and the strictest is what the call does.
//! (AWS JSON 1.0 and 1.1, AWS query, EC2 query and RPC v2 CBOR protocols of Smithy.)

use serde_json::Value;

use crate::action::{http::each_pair, index::Head, media::Media, payload::Payload};

/// The names found, and what the body could still add.
pub(super) struct Names {
    pub(super) found: Vec<String>,
    pub(super) body: Rest,
}

/// No name, and none to come.
pub(super) const NONE: Names = Names { found: Vec::new(), body: Rest::Read };

/// What the body says about names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing that was not read.
    Read,
    /// Only it can tell: no name was found elsewhere.
    Unread,
    /// It is a form that cannot be read.
    Garbled,
}

/// The most names that are looked up.
const MOST: usize = 16;

impl Names {
    /// Reads them all. `known` says that the path tells the operation, so that a body without a type needs no reading.
    pub(super) fn of(head: &Head<'_>, known: bool, payload: &Payload<'_>) -> Self {
        let (call, media) = (head.call, head.media);
        let mut found = Vec::new();
        for value in call.headers().get_all("x-amz-target") {
            let text = String::from_utf8_lossy(value);
            // Two headers that a proxy has joined.
            found.extend(
                text.split(',').map(|target| target.rsplit('.').next().unwrap_or_default().trim().to_owned()),
            );
        }
        if let Some(name) = of_path(call.path()) {
            found.push(name.to_owned());
        }
        actions(call.query().trim_start_matches('?'), &mut found);
        let form = matches!(media, Media::Form | Media::Multipart | Media::None | Media::Several);
        let rest = match payload {
            Payload::Unread if media == Media::Form || found.is_empty() && form && !known => Rest::Unread,
            Payload::Opaque(_) if found.is_empty() && form && !known => Rest::Garbled,
            Payload::Absent | Payload::Unread | Payload::Opaque(_) => Rest::Read,
            Payload::Read(content) => {
                match content.media {
                    // Some servers read a form whatever it is called.
                    Media::Form | Media::None | Media::Other | Media::Several => {
                        actions(&String::from_utf8_lossy(&content.bytes), &mut found)
                    }
                    Media::Multipart => content.readings.iter().for_each(|form| fields(form, &mut found)),
                    Media::Json | Media::Lines | Media::Grpc | Media::GraphQl | Media::Yaml | Media::Xml => {}
                }
                Rest::Read
            }
        };
        found.retain(|name| !name.is_empty());
        found.truncate(MOST);
        Self { found, body: rest }
    }
}

/// Every `Action` among the fields of a form.
fn fields(form: &Value, found: &mut Vec<String>) {
    let Value::Object(fields) = form else { return };
    for (_, value) in fields.iter().filter(|(name, _)| name.trim().eq_ignore_ascii_case("action")) {
        match value {
            Value::String(text) => found.push(text.trim().to_owned()),
            Value::Array(several) => {
                found.extend(several.iter().filter_map(Value::as_str).map(|text| text.trim().to_owned()));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
        }
    }
}

/// Every `Action` of a query or form, in any spelling of its case.
fn actions(text: &str, found: &mut Vec<String>) {
    each_pair(text, |name, value| {
        if name.trim().eq_ignore_ascii_case("action") {
            found.push(value.trim().to_owned());
        }
    });
}

/// `/service/NAME/operation/NAME`.
pub(super) fn of_path(path: &str) -> Option<&str> {
    let (_, rest) = path.strip_prefix("/service/")?.split_once('/')?;
    rest.strip_prefix("operation/").map(|name| name.trim_end_matches('/')).filter(|name| !name.contains('/'))
}
