//! Plain HTTP: method, path, and the places where a request says that it is really another method.
//!
//! Safe methods (RFC 9110 section 9.2.1, RFC 4918, RFC 3253, RFC 5323) read; DELETE deletes; everything else writes,
//! unknown methods included. A verb as a path segment, in an `?action=` parameter, an override header or the form field
//! `_method` makes a reading stricter, never milder. A POST is milder than that only where its path shape says so: a client
//! that signs itself in ([`signin`]), a method of gRPC in JSON ([`grpc`]), a question ([`asking`]); telemetry and inference
//! are in the catalogs. It cannot know what a POST to a path without verbs really does.

use serde_json::Value;

use super::{
    Action, Basis, Class, Decoded, Decoder, Document, Member, Obscurity, Protocol, Resource, Undecodable,
};
use super::{
    asking, azure, google, grpc,
    index::{Head, Spoken},
    json,
    media::Media,
    overrides::{self, Others, Overrides},
    payload::Payload,
    rest, signin, words,
};
use crate::call::{Body, Call, unescape};

/// Reads plain HTTP.
pub(super) struct Http;

impl Decoder for Http {
    fn decode(&self, head: &Head<'_>, body: Body<'_>) -> Decoded {
        let call = head.call;
        if tunnel(call).is_some() {
            return known(action(call, body), Document::Opaque);
        }
        let reads = is_safe(call.method());
        let content = match Payload::of(call, body) {
            Payload::Absent => return meant(head, Body::Absent, Document::Absent),
            // What a safe method's body says only the body can tell; so too whether a form overrides its method.
            Payload::Unread if reads || matches!(head.media, Media::Form | Media::Multipart) => {
                return Decoded::NeedsBody;
            }
            Payload::Unread => return meant(head, body, Document::Opaque),
            Payload::Opaque(why) => return undecodable(call, body, why),
            Payload::Read(content) => content,
        };
        if content.readings.iter().any(json::is_message) {
            return json::documents(head, body, content);
        }
        match content.readings.is_empty() {
            // The body of a GET, on which some servers act.
            true if reads => undecodable(call, body, Obscurity::ContentType),
            true => meant(head, body, Document::Opaque),
            false => {
                let member = |reading| {
                    let document = Document::Read(reading);
                    Member::whole(meaning(head, body, &document), document)
                };
                Decoded::Known(content.readings.into_iter().map(member).collect())
            }
        }
    }
}

/// A request that turns into a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tunnel {
    /// CONNECT, with or without a protocol.
    Connect,
    /// An `upgrade` header.
    Upgrade,
}

/// Whether the call asks for a tunnel.
pub(crate) fn tunnel(call: &Call) -> Option<Tunnel> {
    if call.method().eq_ignore_ascii_case("CONNECT") {
        return Some(Tunnel::Connect);
    }
    let headers = call.headers();
    headers.get("upgrade").or(headers.get(":protocol")).map(|_| Tunnel::Upgrade)
}

/// Whether the call is a plain read by its head alone. Allocates nothing for a plain one.
pub(super) fn is_plain_read(call: &Call) -> bool {
    if !is_safe(call.method()) {
        return false;
    }
    let telling = |(name, _): (&[u8], &[u8])| match name.len() {
        7 => name == b"upgrade",
        9 => name == b":protocol",
        13 | 17 | 22 => overrides::HEADERS.iter().any(|o| o.as_bytes() == name),
        _ => false,
    };
    !call.headers().iter_bytes().any(telling) && class_of_read(call) == Class::ReadOnly
}

/// The methods of which nobody expects a change.
pub(super) fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PROPFIND" | "REPORT" | "SEARCH")
}

/// The class of a call read as plain HTTP.
pub(super) fn class(call: &Call, body: Body<'_>) -> (Class, String) {
    let own = (class_of_method(call, call.method()), call.method().to_owned());
    let Overrides { methods, others } = Overrides::of(call, body);
    let others = match others {
        // Anything, so a write at least.
        Others::Unknown => Some((class_of_method(call, "POST"), call.method().to_owned())),
        Others::None | Others::Unread => None,
    };
    let methods = methods.into_iter().map(|method| (class_of_method(call, &method), method));
    methods.chain(others).fold(own, |a, b| if b.0 > a.0 { b } else { a })
}

pub(super) fn class_of_method(call: &Call, method: &str) -> Class {
    if is_safe(method) {
        return class_of_read(call);
    }
    let base = if method == "DELETE" { Class::DataDelete } else { Class::DataWrite };
    // Privileges and secrets count wherever they stand in the path, other collections only at its end.
    let anywhere =
        call.segments().map(words::class_of_collection).filter(|c| *c >= Class::CredentialAccess).max();
    let end = call.segments().rev().take(2).map(words::class_of_collection).max();
    let verb = call.segments().map(words::class_of_segment).max();
    [anywhere, end, verb].into_iter().flatten().fold(base, Class::max)
}

/// The class of a safe method, by the verbs of path and query.
fn class_of_read(call: &Call) -> Class {
    let path = verbs_of_path(call);
    let secret =
        if call.segments().any(words::is_secret_store) { Class::CredentialAccess } else { Class::ReadOnly };
    path.max(secret).max(class_of_query(call))
}

/// The strictest class that a verb among the query's parameters gives.
pub(super) fn class_of_query(call: &Call) -> Class {
    let mut class = Class::ReadOnly;
    each_pair(call.query().trim_start_matches('?'), |name, value| {
        class = class.max(class_of_parameter(name, value));
    });
    class
}

/// The strictest class that a verb among the path's segments gives.
pub(super) fn verbs_of_path(call: &Call) -> Class {
    call.segments().map(words::class_of_segment).max().unwrap_or(Class::ReadOnly)
}

fn class_of_parameter(name: &str, value: &str) -> Class {
    const VERBS: [&str; 8] = ["action", "operation", "op", "cmd", "command", "method", "do", "task"];
    if name.eq_ignore_ascii_case("query") {
        let writes = value.trim_start().get(..8).is_some_and(|start| start.eq_ignore_ascii_case("mutation"));
        return if writes { Class::DataWrite } else { Class::ReadOnly };
    }
    if overrides::is_field(name) {
        return if is_safe(&value.to_ascii_uppercase()) { Class::ReadOnly } else { Class::DataWrite };
    }
    if VERBS.iter().any(|verb| name.eq_ignore_ascii_case(verb)) {
        return words::class_of_verb_parameter(value);
    }
    Class::ReadOnly
}

/// The action of a call read as plain HTTP.
pub(super) fn action(call: &Call, body: Body<'_>) -> Action {
    let (class, operation) = match tunnel(call) {
        Some(Tunnel::Connect) => (Class::DataWrite, "connect".to_owned()),
        Some(Tunnel::Upgrade) => (Class::DataWrite, "upgrade".to_owned()),
        None => class(call, body),
    };
    let resource = Resource::new("url", call.url());
    Action { basis: Basis::Words, ..Action::plain(Protocol::Http, call.host(), operation, class, resource) }
}

/// What a call means whose body is no message: what the catalogs say, else what plain HTTP says.
pub(super) fn meaning(head: &Head<'_>, body: Body<'_>, document: &Document) -> Action {
    if google::claims(head.call) {
        return google::meaning(head, body, document);
    }
    if azure::claims(head.call) {
        return azure::meaning(head, body, document);
    }
    rest::decode(head.catalog, head, body, document).unwrap_or_else(|| {
        let action = action(head.call, body);
        match own_shape(head, body, document) {
            Some(class) => Action { class, ..action },
            None => Action { class: action.class.max(class_of_operations(document)), ..action },
        }
    })
}

/// The strictest of the operations that a document names: the verb of an `action`, the atomic operations of JSON:API ("Atomic Operations"), and
/// SCIM's bulk requests (RFC 7644 section 3.7).
fn class_of_operations(document: &Document) -> Class {
    let Document::Read(Value::Object(members)) = document else { return Class::ReadOnly };
    let listed = members.get("atomic:operations").or(members.get("Operations")).and_then(Value::as_array);
    let class = |operation: &Value| {
        let text = |name: &str| operation.get(name).and_then(Value::as_str).unwrap_or_default();
        let about = words::class_of_collection(text("path")).max(words::class_of_collection(text("href")));
        let removes =
            text("op").eq_ignore_ascii_case("remove") || text("method").eq_ignore_ascii_case("DELETE");
        about.max(if removes { Class::DataDelete } else { Class::ReadOnly })
    };
    // RPC in a body: `{"action": "deleteUser"}`.
    let verb =
        ["action", "operation", "command", "method"].iter().filter_map(|name| members.get(*name)?.as_str());
    let verb = verb.map(words::class_of_verb_parameter).max();
    listed.into_iter().flatten().map(class).max().max(verb).unwrap_or_default()
}

/// The class of a POST whose path shape says more than its method, where no override, no verb beside and nothing that
/// keeps secrets is in the way.
fn own_shape(head: &Head<'_>, body: Body<'_>, document: &Document) -> Option<Class> {
    let call = head.call;
    let plain = matches!(head.spoken, Spoken::Unknown | Spoken::Is(Protocol::Http | Protocol::Grpc));
    if !plain
        || call.method() != "POST"
        || class_of_read(call) != Class::ReadOnly
        || !Overrides::of(call, body).are_safe()
    {
        return None;
    }
    signin::class(call, document)
        .or_else(|| grpc::class(head))
        .or_else(|| asking::only_asks(call, document).then_some(Class::ReadOnly))
}

fn meant(head: &Head<'_>, body: Body<'_>, document: Document) -> Decoded {
    known(meaning(head, body, &document), document)
}

/// A call that cannot be read: a write at least.
pub(super) fn undecodable(call: &Call, body: Body<'_>, why: Obscurity) -> Decoded {
    let mut action = action(call, body);
    action.class = action.class.max(Class::DataWrite);
    Decoded::Undecodable(Undecodable { action, why })
}

/// One action.
pub(super) fn known(action: Action, document: Document) -> Decoded {
    Decoded::Known(vec![Member::whole(action, document)])
}

/// Calls `take` with each name and value of a form or query, decoded. Allocates only for what is escaped.
pub(super) fn each_pair(text: &str, mut take: impl FnMut(&str, &str)) {
    // An empty query is the common case of the fast path.
    if text.is_empty() {
        return;
    }
    for pair in text.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        take(&unescape(name), &unescape(value));
    }
}
