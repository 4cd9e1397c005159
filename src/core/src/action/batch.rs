//! Batches of HTTP requests in one: `multipart/mixed` with a request in each part (Google, OData, Azure Tables), and JSON
//! with a list of `requests` (Microsoft Graph, Azure Resource Manager, OData 4.01 section 19).
//!
//! Each request in it is a call to the same host and is judged as one; the strictest counts. Only its request line, its
//! headers and a JSON body are read. What looks like a request line is one, so that nothing hides between parts; a batch
//! of which a part has none, or whose parts are encoded, cannot be read.

use serde_json::Value;

use super::{
    Decoded, Document, Member, Obscurity, google, http,
    index::Head,
    media::Media,
    payload::{LIMITS, Payload},
};
use crate::call::{Body, Call, Destinations, HeaderMap};

/// The most requests of one batch.
const MOST: usize = 1000;

/// Whether a call is a batch, by its path.
pub(super) fn claims(call: &Call) -> bool {
    let path = call.path().trim_end_matches('/');
    call.method() == "POST"
        && (path.ends_with("/$batch")
            || google::claims(call)
                && path.get(..6) == Some("/batch")
                && matches!(path.as_bytes().get(6), None | Some(b'/'))
            || path == "/batch" && call.host().starts_with("management."))
}

/// One request of a batch.
struct Inner {
    pairs: Vec<(String, String)>,
    document: Document,
    /// By which reading of the batch.
    reading: usize,
}

/// Every request of a batch.
pub(super) fn decode(head: &Head<'_>, body: Body<'_>) -> Decoded {
    let call = head.call;
    let refuse = |why| http::undecodable(call, body, why);
    let content = match Payload::of(call, body) {
        Payload::Unread => return Decoded::NeedsBody,
        Payload::Absent => return refuse(Obscurity::Message),
        Payload::Opaque(why) => return refuse(why),
        Payload::Read(content) if content.bytes.len() > LIMITS.size => return refuse(Obscurity::TooLarge),
        Payload::Read(content) => content,
    };
    let found = match content.bytes.trim_ascii_start().first() {
        Some(b'{') if content.readings.is_empty() => None,
        Some(b'{') => {
            let each: Option<Vec<Vec<Inner>>> =
                content.readings.iter().map(|reading| of_json(call, reading)).collect();
            each.map(|readings| {
                let numbered = readings.into_iter().enumerate();
                numbered
                    .flat_map(|(reading, found)| {
                        found.into_iter().map(move |inner| Inner { reading, ..inner })
                    })
                    .collect()
            })
        }
        Some(_) | None => std::str::from_utf8(&content.bytes).ok().and_then(|text| of_text(call, text)),
    };
    let Some(found) = found.filter(|found| !found.is_empty() && found.len() <= MOST) else {
        return refuse(Obscurity::Message);
    };
    let members: Option<Vec<Member>> = found.into_iter().map(|inner| member(head, inner)).collect();
    members.map_or_else(|| refuse(Obscurity::Message), Decoded::Known)
}

/// What one request does; `None` where it cannot be read, or names a host that the batch is not for: who takes the batch
/// decides what its requests mean, and the agent must not choose whose catalog that is.
fn member(head: &Head<'_>, inner: Inner) -> Option<Member> {
    let call = Call::read(HeaderMap::from_pairs(inner.pairs), &Destinations::default()).ok()?;
    if call.host() != head.call.host() && !(google::claims(&call) && google::claims(head.call)) {
        return None;
    }
    let head = Head { call: &call, media: Media::of(&call), ..*head };
    let action = http::meaning(&head, Body::Absent, &inner.document);
    Some(Member::of_batch(action, inner.document, inner.reading))
}

impl Inner {
    /// A request to `target`, which may be absolute, a path, or relative to the batch.
    fn new(call: &Call, method: &str, target: &str, joined: bool) -> Self {
        let rest = target.strip_prefix("https://").or(target.strip_prefix("http://"));
        let (authority, path) = match rest {
            Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
            None => (call.host(), target),
        };
        let base = call.path().rsplit_once('/').map_or("", |(base, _)| base);
        let path = match (rest, path.starts_with('/')) {
            (None, true) if joined => format!("{base}{path}"),
            (None, false) => format!("{base}/{path}"),
            (Some(_), false) => "/".to_owned(),
            (_, true) => path.to_owned(),
        };
        let pairs = [(":method", method), (":authority", authority), (":path", path.as_str())];
        let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { pairs, document: Document::Opaque, reading: 0 }
    }
}

fn of_json(call: &Call, value: &Value) -> Option<Vec<Inner>> {
    let graph = call.path().ends_with("/$batch");
    value
        .get("requests")?
        .as_array()?
        .iter()
        .map(|request| {
            let text = |names: [&str; 3]| names.iter().find_map(|name| request.get(*name)?.as_str());
            let method = text(["method", "httpMethod", "Method"])?.to_ascii_uppercase();
            let mut inner = Inner::new(call, &method, text(["url", "relativeUrl", "Url"])?, graph);
            if let Some(body) = request.get("body").or(request.get("content")) {
                inner.document = Document::Read(body.clone());
            }
            for (name, value) in request.get("headers").and_then(Value::as_object).into_iter().flatten() {
                inner.pairs.push((name.to_ascii_lowercase(), value.as_str().unwrap_or_default().to_owned()));
            }
            Some(inner)
        })
        .collect()
}

fn of_text(call: &Call, text: &str) -> Option<Vec<Inner>> {
    let mut found: Vec<Inner> = Vec::new();
    let (mut parts, mut in_head) = (0, false);
    for line in text.split(['\n', '\r']).map(str::trim_start) {
        let lower = line.to_ascii_lowercase();
        if lower.starts_with("content-transfer-encoding:")
            && !lower.contains("binary")
            && !lower.contains("8bit")
            && !lower.contains("7bit")
        {
            return None;
        }
        parts += usize::from(lower.starts_with("content-type:") && lower.contains("application/http"));
        if let Some(inner) = of_line(call, line) {
            found.push(inner);
            in_head = true;
        } else if line.starts_with("--") {
            in_head = false;
        } else if in_head
            && let Some((name, value)) = line.split_once(':')
            && let Some(inner) = found.last_mut()
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            inner.pairs.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    (found.len() >= parts).then_some(found)
}

/// A request line, such as `DELETE /storage/v1/b/x HTTP/1.1`.
fn of_line(call: &Call, line: &str) -> Option<Inner> {
    let mut words = line.split_ascii_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let known = matches!(method, "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "MERGE");
    (known && words.next().is_none_or(|version| version.starts_with("HTTP/")))
        .then(|| Inner::new(call, method, target, false))
}

#[cfg(test)]
mod tests;
