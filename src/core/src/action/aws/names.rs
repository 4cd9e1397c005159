//! The operations that a request names: in `X-Amz-Target`, in `Action` of its query or form, in its RPC path.
//!
//! A service reads one of them; which one, its protocol says. Here all count, and the strictest is what the call does.
//! (AWS JSON 1.0 and 1.1, AWS query, EC2 query and RPC v2 CBOR protocols of Smithy.)

use crate::{
    action::{http::each_pair, json::LIMITS, media::Media},
    call::{Body, Call},
};

/// The names found, and what the body could still add.
pub(super) struct Names {
    pub(super) found: Vec<String>,
    pub(super) body: Rest,
}

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
    pub(super) fn of(call: &Call, media: Media, encoded: bool, body: Body<'_>) -> Self {
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
        let rest = match body {
            Body::Unread if media == Media::Form || found.is_empty() && form => Rest::Unread,
            Body::Unread | Body::Absent => Rest::Read,
            Body::Read(bytes) if !form || bytes.first().is_none_or(|first| b"{[<".contains(first)) => {
                Rest::Read
            }
            Body::Read(bytes)
                if encoded || media != Media::Form && media != Media::None || bytes.len() > LIMITS.size =>
            {
                if found.is_empty() {
                    Rest::Garbled
                } else {
                    Rest::Read
                }
            }
            Body::Read(bytes) => {
                actions(&String::from_utf8_lossy(bytes), &mut found);
                Rest::Read
            }
        };
        found.retain(|name| !name.is_empty());
        found.truncate(MOST);
        Self { found, body: rest }
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
