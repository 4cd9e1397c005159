//! A JSON body: a JSON-RPC message, a GraphQL request, a batch of either, or just a document.
//!
//! The members of the body choose among them, but only the path shape or the operator may make a body's reading milder
//! than that of plain HTTP: a server that does not speak JSON-RPC ignores `"method":"ping"` and does what its path says.

use countersign_wire::json::{JsonFault, Limits, strict};
use serde_json::{Map, Value};

use super::{
    Action, Basis, Class, Contradiction, Decoded, Decoder, Document, Member, Obscurity, Protocol, graphql,
    http,
    index::{Head, Spoken},
    jsonrpc,
    media::Media,
    overrides::Overrides,
    sql,
};
use crate::call::Body;

/// Reads JSON bodies, and `application/graphql`.
pub(super) struct Json;

/// The most of a body that is decoded. A larger one is judged as a write.
pub(super) const LIMITS: Limits = Limits { size: 1024 * 1024, depth: 64 };

/// The most members of a batch.
const MAX_BATCH: usize = 256;

/// What one object of a body is.
enum Kind {
    Rpc,
    GraphQl,
    Plain,
}

impl Decoder for Json {
    fn decode(&self, head: &Head<'_>, body: Body<'_>) -> Decoded {
        let call = head.call;
        let refuse = |why| http::undecodable(call, body, why);
        let bytes = match body {
            Body::Absent | Body::Read([]) if jsonrpc::is_session_end(head) => {
                let action = Action { class: Class::ReadOnly, ..http::action(call, Body::Absent) };
                return http::known(action, Document::Absent);
            }
            Body::Absent | Body::Read([]) => {
                return http::known(http::meaning(head, Body::Absent, &Document::Absent), Document::Absent);
            }
            Body::Unread => return Decoded::NeedsBody,
            Body::Read(bytes) => bytes,
        };
        match (head.media, head.encoded) {
            (_, true) => return refuse(Obscurity::Encoding),
            (Media::GraphQl, false) => return graphql_text(head, bytes, body),
            (Media::Json, false) => {}
            (
                Media::None | Media::Grpc | Media::Form | Media::Multipart | Media::Other | Media::Several,
                false,
            ) => {
                return refuse(Obscurity::ContentType);
            }
        }
        let value = match strict(bytes, &LIMITS) {
            Ok(value) => value,
            Err(JsonFault::TooLarge(_)) => return refuse(Obscurity::TooLarge),
            Err(JsonFault::TooDeep(_) | JsonFault::Duplicate | JsonFault::Inexact | JsonFault::Malformed) => {
                return refuse(Obscurity::Json);
            }
        };
        let decoded = match value {
            Value::Array(items) if items.len() > MAX_BATCH => Err(Fault::Obscure(Obscurity::TooLarge)),
            Value::Array(items) if items.iter().any(|item| !matches!(kind(head, item), Kind::Plain)) => {
                items.into_iter().map(|item| member(head, item)).collect()
            }
            value => match kind(head, &value) {
                Kind::Plain => plain(head, body, value),
                Kind::Rpc | Kind::GraphQl => member(head, value).map(|member| vec![member]),
            },
        };
        match decoded {
            Ok(members) => Decoded::Known(members),
            Err(Fault::Obscure(why)) => refuse(why),
            Err(Fault::Contradiction(contradiction)) => Decoded::Contradiction(contradiction),
        }
    }
}

/// Why a message is none.
pub(super) enum Fault {
    Obscure(Obscurity),
    Contradiction(Contradiction),
}

fn kind(head: &Head<'_>, value: &Value) -> Kind {
    let Value::Object(object) = value else { return Kind::Plain };
    if object.contains_key("jsonrpc") || jsonrpc::is_spoken(head) {
        return Kind::Rpc;
    }
    let looks = object.get("query").and_then(Value::as_str).is_some_and(graphql::looks_like);
    if looks || head.spoken == Spoken::Is(Protocol::GraphQl) { Kind::GraphQl } else { Kind::Plain }
}

fn member(head: &Head<'_>, value: Value) -> Result<Member, Fault> {
    let action = match (kind(head, &value), &value) {
        (Kind::Rpc, Value::Object(message)) => jsonrpc::action(head, message)?,
        (Kind::GraphQl, Value::Object(request)) => graphql_request(head, request)?,
        // One item of a batch that is no message.
        _ => return Err(Fault::Obscure(Obscurity::Message)),
    };
    Ok(Member { action: hardened(head, action), document: Document::Read(value) })
}

/// A document that is no message: what plain HTTP says. Where the endpoint speaks a protocol of messages, it is none.
fn plain(head: &Head<'_>, body: Body<'_>, value: Value) -> Result<Vec<Member>, Fault> {
    if head.spoken != Spoken::Unknown && head.spoken != Spoken::Is(Protocol::Http) {
        return Err(Fault::Obscure(Obscurity::Message));
    }
    if jsonrpc::has_hints(head.call) {
        return Err(Fault::Contradiction(Contradiction::Headers));
    }
    let document = Document::Read(value);
    let mut action = http::meaning(head, body, &document);
    // A statement under a name that says so, where nobody knows the endpoint better.
    if let (Basis::Words, Document::Read(value)) = (action.basis, &document)
        && let Some(statement) = sql::inspect_unknown(head.call, value)
    {
        action = statement;
    }
    Ok(vec![Member { action, document }])
}

/// The stricter of the message's reading and HTTP's. At an endpoint that speaks the protocol a POST is only its envelope,
/// but verbs in the path and override headers still count.
fn hardened(head: &Head<'_>, action: Action) -> Action {
    let (class, _) = http::class(head.call, Body::Absent);
    let posts = head.call.method() == "POST";
    let envelope = posts
        && matches!(head.spoken, Spoken::Is(spoken) if spoken == action.protocol || both_rpc(spoken, action.protocol));
    let overridden = Overrides::of(head.call, Body::Absent) != Overrides::NONE;
    let floor = if envelope && !overridden { http::verbs_of_path(head.call) } else { class };
    Action { class: action.class.max(floor), ..action }
}

/// MCP is JSON-RPC: an endpoint of the one may be spoken to in the other's methods.
fn both_rpc(a: Protocol, b: Protocol) -> bool {
    let rpc = |p| matches!(p, Protocol::JsonRpc | Protocol::Mcp);
    rpc(a) && rpc(b)
}

fn graphql_request(head: &Head<'_>, request: &Map<String, Value>) -> Result<Action, Fault> {
    // Parameters in the URL beside those in the body: servers differ in which they take.
    if !head.call.query().trim_start_matches('?').is_empty() && graphql::has_parameters(head.call) {
        return Err(Fault::Obscure(Obscurity::Message));
    }
    graphql::request(head.call, request).map_err(Fault::Obscure)
}

/// A body that is a GraphQL document itself.
fn graphql_text(head: &Head<'_>, bytes: &[u8], body: Body<'_>) -> Decoded {
    let read = match std::str::from_utf8(bytes) {
        Ok(text) if bytes.len() <= LIMITS.size => graphql::document(head.call, text, None),
        Ok(_) => Err(Obscurity::TooLarge),
        Err(_) => Err(Obscurity::Json),
    };
    match read {
        Ok(action) => http::known(hardened(head, action), Document::Opaque),
        Err(why) => http::undecodable(head.call, body, why),
    }
}

/// Whether a body whose content type is not JSON is a JSON-RPC or GraphQL message all the same: some servers read it.
pub(super) fn looks_like_a_message(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if !matches!(bytes.first(), Some(b'{' | b'[')) || bytes.len() > LIMITS.size {
        return false;
    }
    let is_message = |value: &Value| {
        value.get("jsonrpc").is_some()
            || value.get("query").and_then(Value::as_str).is_some_and(graphql::looks_like)
    };
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Array(items)) => items.iter().any(is_message),
        Ok(value) => is_message(&value),
        // Not JSON to a strict reader. A lenient one may find anything in it.
        Err(_) => bytes.windows(9).any(|window| window == b"\"jsonrpc\""),
    }
}
