//! The traffic itself, anonymised: what of a request is sent and what of a response is handed on, where a rule says so.
//!
//! Body and query of a request and the body of a response are rewritten by [`countersign_mask`]; here stands what that means
//! for HTTP. A body that was compressed with gzip or deflate is sent plain. `content-digest` and `repr-digest` (RFC 9530) are
//! computed anew, the digests and checksums that are not (`content-md5`, `digest`, `x-goog-hash`, `x-amz-checksum-*`) are
//! dropped, as is the `etag` of a changed response. Upstream is asked for `identity`. A request whose sender has signed what
//! would have to change is refused: the signature would no longer hold, and this proxy cannot sign.
//!
//! It promises that a call whose request cannot be rewritten does not leave. It does not look at headers, the path, or
//! trailers, and it changes what says `cache-control: no-transform` (RFC 9110, 7.7) all the same: the policy's author decides.

use std::borrow::Cow;

use countersign_mask::{DETECTORS, Fields, Finding, Masker, Report, Rewritten};
use countersign_wire::{digest::content_digest, submission::Masked};
use serde_json::{Map, Value, json};

use crate::{
    action::undone,
    call::{Call, Destinations, HeaderMap, Keep},
    policy::{Anonymise, AnonymiseResponse, Otherwise, Policy},
};

/// A header to set, or to remove where it has no value.
#[derive(Clone, PartialEq, Eq)]
pub struct Edit {
    /// Its name, lower case.
    pub name: String,
    /// Its value.
    pub value: Option<String>,
}

impl std::fmt::Debug for Edit {
    /// A query may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Edit({})", self.name)
    }
}

impl Edit {
    pub(crate) fn set(name: &str, value: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: Some(value.into()) }
    }

    pub(crate) fn remove(name: &str) -> Self {
        Self { name: name.to_owned(), value: None }
    }
}

/// A request as it may leave.
#[derive(Debug)]
pub(crate) struct Changed {
    /// The call as it will be sent; `None` where its head stays.
    pub(crate) call: Option<Call>,
    /// The body to send; `None` where it stays.
    pub(crate) body: Option<Vec<u8>>,
    /// What changes of the head.
    pub(crate) edits: Vec<Edit>,
    /// What is told of it.
    pub(crate) told: Told,
}

/// What records and reviewers are told of a rewriting: numbers and masked places, never values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    members: Map<String, Value>,
    /// The places, masked, as a reviewer is told of them.
    pub places: Vec<Masked>,
}

/// Most places that one record names.
const MOST_PLACES: usize = 32;
/// Longest place that one record names, in bytes.
const LONGEST_PLACE: usize = 256;

impl Told {
    fn of(report: &Report, masker: &Masker, before: usize, after: usize) -> Self {
        let counts: Map<String, Value> = report
            .proof
            .counts
            .iter()
            .map(|(kind, count)| (kind.as_str().to_owned(), (*count).into()))
            .collect();
        // A member's name may itself be what nobody should read, of a kind that the rule does not name.
        let place = |path: &str| {
            let short = path.get(..path.floor_char_boundary(LONGEST_PLACE)).unwrap_or_default();
            masker.text(short).0.into_string()
        };
        let told = |one: &Finding| Masked {
            path: place(&one.path),
            detector: "anonymised".to_owned(),
            kind: Some(one.kind.as_str().to_owned()),
            count: Some(one.count),
            at: None,
        };
        let places: Vec<Masked> = report.findings.iter().take(MOST_PLACES).map(told).collect();
        let listed = places.iter().map(|one| json!({"path": one.path, "kind": one.kind, "count": one.count}));
        let members = [
            ("detectors", DETECTORS.into()),
            ("counts", Value::Object(counts)),
            ("places", listed.collect()),
            ("bytes_in", before.into()),
            ("bytes_out", after.into()),
        ];
        Self { members: members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect(), places }
    }

    /// That the traffic passed as it was, and why.
    pub(crate) fn not(word: &str, why: &str) -> Self {
        Self { members: Map::from_iter([(word.to_owned(), why.into())]), places: Vec::new() }
    }

    /// As a member of a record.
    pub(crate) fn value(&self) -> Value {
        Value::Object(self.members.clone())
    }
}

/// A request as a policy would have it leave, for policy authors: path with query, and body.
///
/// # Errors
/// A sentence, where it would not leave.
pub fn preview(
    anonymise: &Anonymise,
    policy: &Policy,
    destinations: &Destinations,
    call: &Call,
    body: &[u8],
) -> Result<(String, Vec<u8>), String> {
    let changed = request(anonymise, policy.plain_masker(), destinations, call, body)?;
    let call = changed.call.as_ref().unwrap_or(call);
    let target = format!("{}{}", call.raw_path(), call.query());
    Ok((target, changed.body.unwrap_or_else(|| body.to_vec())))
}

/// Rewrites a request; the error is a sentence about it.
pub(crate) fn request(
    anonymise: &Anonymise,
    masker: &Masker,
    destinations: &Destinations,
    call: &Call,
    body: &[u8],
) -> Result<Changed, String> {
    let fields = &anonymise.request;
    let grpc = call.headers().text("content-type").is_some_and(is_grpc);
    if let (true, Some(AnonymiseResponse { otherwise: Otherwise::Refuse, .. })) = (grpc, &anonymise.response)
    {
        return Err(format!("rule `{}` anonymises the response, and gRPC's cannot be read", anonymise.rule));
    }
    let mut edits = Vec::new();
    if anonymise.response.is_some() {
        edits.push(Edit::set("accept-encoding", "identity"));
    }
    let because = |what: &str, why: &str| {
        format!("the {what} cannot be anonymised as rule `{}` demands: it is {why}", anonymise.rule)
    };
    let query = masker.rewrite_query(fields, call.query()).map_err(|why| because("query", why.as_str()))?;
    let plain = if fields.is_empty() {
        Cow::Borrowed(body)
    } else {
        plain(call, body).map_err(|why| because("body", why))?
    };
    let content_type = if fields.is_empty() || body.is_empty() {
        None
    } else {
        sole(call, "content-type").map_err(|why| because("body", why))?
    };
    let done =
        masker.rewrite(fields, content_type, None, &plain).map_err(|why| because("body", why.as_str()))?;
    if query.text.is_some() || done.text.is_some() {
        unsigned(call, &query)?;
    }
    if let Some(query) = &query.text {
        edits.push(Edit::set(":path", format!("{}{query}", call.raw_path())));
    }
    let body_after = done.text.map(String::into_bytes);
    if let Some(after) = &body_after {
        edits.extend(stale(call.headers(), after));
        if call.headers().get("content-encoding").is_some() {
            edits.push(Edit::remove("content-encoding"));
        }
    }
    let mut report = query.report;
    report.join(done.report);
    let told = Told::of(&report, masker, body.len(), body_after.as_ref().map_or(body.len(), Vec::len));
    let call = if edits.is_empty() { None } else { Some(edited(call, &edits, destinations)?) };
    Ok(Changed { call, body: body_after, edits, told })
}

/// The call with these headers changed.
fn edited(call: &Call, edits: &[Edit], destinations: &Destinations) -> Result<Call, String> {
    let mut headers = call.headers().clone();
    headers.retain(|name| if edits.iter().any(|edit| edit.name == name) { Keep::No } else { Keep::Yes });
    for edit in edits {
        if let Some(value) = &edit.value {
            headers.push(edit.name.as_bytes(), value.as_bytes());
        }
    }
    Call::read(headers, destinations).map_err(|fault| fault.to_string())
}

/// The body without its encodings.
fn plain<'b>(call: &Call, body: &'b [u8]) -> Result<Cow<'b, [u8]>, &'static str> {
    if body.is_empty() { Ok(Cow::Borrowed(body)) } else { undone(call, body).ok_or("compressed or encoded") }
}

/// A header that has one value, or none.
fn sole<'c>(call: &'c Call, name: &str) -> Result<Option<&'c str>, &'static str> {
    let mut values = call.headers().get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => std::str::from_utf8(value).map(Some).map_err(|_| "of a type that is not text"),
        (Some(_), Some(_)) => Err("of two types"),
    }
}

fn is_grpc(content_type: &str) -> bool {
    content_type.trim_start().get(..16).is_some_and(|start| start.eq_ignore_ascii_case("application/grpc"))
}

/// What no longer holds once the body is `after`.
fn stale(headers: &HeaderMap, after: &[u8]) -> Vec<Edit> {
    const FRESH: &[&str] = &["content-digest", "repr-digest"];
    const STALE: &[&str] = &["content-md5", "digest", "x-goog-hash", "x-amz-sdk-checksum-algorithm"];
    let mut edits: Vec<Edit> = Vec::new();
    for (name, _) in headers.iter() {
        if edits.iter().any(|edit| edit.name == name) {
            continue;
        }
        if FRESH.contains(&name) {
            edits.push(Edit::set(name, content_digest(after)));
        } else if STALE.contains(&name) || name.starts_with("x-amz-checksum-") {
            edits.push(Edit::remove(name));
        }
    }
    edits
}

/// Whether nobody has signed what changes; the error is a sentence.
///
/// Known are the schemes of `authorization` that sign body or query (AWS, Google, Azure, Alibaba, Tencent and other
/// `…-HMAC-…`, OAuth 1, Hawk, `Digest` with `auth-int`), any header that is called a signature (RFC 9421, webhooks), the
/// digest that AWS signs, and queries that carry a signature.
fn unsigned(call: &Call, query: &Rewritten) -> Result<(), String> {
    const SIGNING: &[&str] = &["aws", "goog4", "sharedkey", "signature", "hawk", "mac", "oauth"];
    let by = |what: &str| {
        Err(format!(
            "its sender has signed what would be anonymised (`{what}`): the signature would no longer hold"
        ))
    };
    for (name, value) in call.headers().iter() {
        let value = String::from_utf8_lossy(value).to_ascii_lowercase();
        let signed = match name {
            "authorization" | "proxy-authorization" => {
                let scheme = value.split(' ').next().unwrap_or_default();
                scheme.contains("hmac")
                    || SIGNING.iter().any(|one| scheme.starts_with(one))
                    || (scheme == "digest" && value.contains("auth-int"))
            }
            "x-amz-content-sha256" => value != "unsigned-payload",
            name => name.contains("signature"),
        };
        if signed {
            return by(name);
        }
    }
    let pieces = call.query().trim_start_matches('?').to_ascii_lowercase();
    let signs = |piece: &str| {
        let name = piece.split('=').next().unwrap_or_default();
        name == "sig" || name.ends_with("signature")
    };
    match pieces.split('&').find(|piece| query.text.is_some() && signs(piece)) {
        Some(piece) => by(piece.split('=').next().unwrap_or_default()),
        None => Ok(()),
    }
}

/// What no longer holds of a response whose body changes.
const STALE_ANSWER: &[&str] =
    &["etag", "accept-ranges", "content-md5", "digest", "content-digest", "repr-digest", "x-goog-hash"];

/// A response's body, rewritten: what is handed on, where that is something else, and what changes of the head.
#[derive(Debug)]
pub(crate) struct ChangedAnswer {
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) edits: Vec<Edit>,
    pub(crate) told: Told,
}

/// What is known of a response by its head.
#[derive(Debug, Default)]
pub(crate) struct ResponseHead {
    media_type: Option<String>,
    encoding: Option<String>,
    declared: bool,
    stale: Vec<String>,
}

impl ResponseHead {
    /// Reads a head; the error says why the body that follows cannot be rewritten.
    pub(crate) fn read(headers: &HeaderMap, rules: &AnonymiseResponse) -> Result<Self, String> {
        let joined = |name: &str| {
            let value = headers.joined(name)?;
            Some(String::from_utf8_lossy(&value).into_owned())
        };
        let (media_type, encoding, length) =
            (joined("content-type"), joined("content-encoding"), joined("content-length"));
        match headers.text(":status") {
            Some("206") => return Err("a part of a whole".to_owned()),
            Some("101") => return Err("a stream".to_owned()),
            Some(_) | None => {}
        }
        let limit = rules.limit;
        if length
            .as_deref()
            .and_then(|length| length.parse::<usize>().ok())
            .is_some_and(|length| length > limit)
        {
            return Err(too_large(limit));
        }
        if let Some(why) = Masker::plain().declines(media_type.as_deref(), encoding.as_deref()) {
            return Err(why.as_str().to_owned());
        }
        let stale = headers.iter().map(|(name, _)| name);
        let stale = stale.filter(|name| STALE_ANSWER.contains(name) || name.starts_with("x-amz-checksum-"));
        Ok(Self {
            stale: stale.map(str::to_owned).collect(),
            media_type,
            encoding,
            declared: length.is_some(),
        })
    }

    /// Rewrites the whole body.
    pub(crate) fn rewrite(
        &self,
        fields: &Fields,
        masker: &Masker,
        body: &[u8],
    ) -> Result<ChangedAnswer, String> {
        let done = masker.rewrite(fields, self.media_type.as_deref(), self.encoding.as_deref(), body);
        let done = done.map_err(|why| why.as_str().to_owned())?;
        let after = done.text.map(String::into_bytes);
        let told = Told::of(&done.report, masker, body.len(), after.as_ref().map_or(body.len(), Vec::len));
        let mut edits = Vec::new();
        if let Some(after) = &after {
            edits.extend(self.stale.iter().map(|name| Edit::remove(name)));
            if self.declared {
                edits.push(Edit::set("content-length", after.len().to_string()));
            }
        }
        Ok(ChangedAnswer { body: after, edits, told })
    }
}

/// Why a response over the limit is not rewritten.
pub(crate) fn too_large(limit: usize) -> String {
    format!("larger than {limit} bytes")
}

#[cfg(test)]
mod tests;
