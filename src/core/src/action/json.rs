//! A JSON body: a JSON-RPC message, a GraphQL request, a batch of either, or just a document.
//!
//! Where the body has several readings, each of them is judged. Its members choose what it is, but only the path shape or
//! the operator may make a body's reading milder than that of plain HTTP: a server that does not speak JSON-RPC ignores `"method":"ping"` and does what its path says.

use serde_json::{Map, Value};

use super::{
    Action, Basis, Class, Contradiction, Decoded, Decoder, Document, Member, Obscurity, Part, Protocol,
    graphql, http,
    index::{Head, Spoken},
    jsonrpc,
    media::Media,
    overrides::Overrides,
    payload::{Content, Payload},
    sql,
};
use crate::call::Body;

/// Reads JSON bodies, and `application/graphql`.
pub(super) struct Json;

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
        match Payload::of(call, body) {
            Payload::Absent if jsonrpc::is_session_end(head) => {
                let action = Action { class: Class::ReadOnly, ..http::action(call, Body::Absent) };
                http::known(action, Document::Absent)
            }
            Payload::Absent => {
                http::known(http::meaning(head, Body::Absent, &Document::Absent), Document::Absent)
            }
            Payload::Unread => Decoded::NeedsBody,
            Payload::Opaque(why) => refuse(why),
            Payload::Read(content) if content.media == Media::GraphQl => graphql_text(head, &content, body),
            Payload::Read(content) => documents(head, body, content),
        }
    }
}

/// What the documents of a body do, in each of their readings.
pub(super) fn documents(head: &Head<'_>, body: Body<'_>, content: Content<'_>) -> Decoded {
    let refuse = |why| http::undecodable(head.call, body, why);
    if content.readings.is_empty() {
        return refuse(Obscurity::ContentType);
    }
    let mut members: Vec<Member> = Vec::new();
    let mut obscure = None;
    for (number, reading) in content.readings.into_iter().enumerate() {
        match one(head, body, reading, number) {
            Ok(found) => members.extend(found),
            Err(Fault::Obscure(why)) => obscure = Some(why),
            Err(Fault::Contradiction(contradiction)) => return Decoded::Contradiction(contradiction),
        }
    }
    match obscure.map(refuse) {
        // One server may read what another does not: it is as strict as what can be read.
        Some(Decoded::Undecodable(mut opaque)) => {
            let strictest = members.iter().map(|member| member.action.class).max();
            opaque.action.class = opaque.action.class.max(strictest.unwrap_or(Class::ReadOnly));
            Decoded::Undecodable(opaque)
        }
        Some(other) => other,
        None => Decoded::Known(members),
    }
}

/// What one reading does.
fn one(head: &Head<'_>, body: Body<'_>, value: Value, number: usize) -> Result<Vec<Member>, Fault> {
    match value {
        Value::Array(items) if items.iter().any(|item| !matches!(kind(head, item), Kind::Plain)) => {
            if items.len() > MAX_BATCH {
                return Err(Fault::Obscure(Obscurity::TooLarge));
            }
            let each = items.into_iter().map(|item| member(head, item, Part::OfBatch { reading: number }));
            each.collect()
        }
        value => match kind(head, &value) {
            Kind::Plain => plain(head, body, value),
            Kind::Rpc | Kind::GraphQl => member(head, value, Part::Whole).map(|member| vec![member]),
        },
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

fn member(head: &Head<'_>, value: Value, part: Part) -> Result<Member, Fault> {
    let action = match (kind(head, &value), &value) {
        (Kind::Rpc, Value::Object(message)) => jsonrpc::action(head, message)?,
        (Kind::GraphQl, Value::Object(request)) => graphql_request(head, request)?,
        // One item of a batch that is no message.
        _ => return Err(Fault::Obscure(Obscurity::Message)),
    };
    Ok(Member { action: hardened(head, action), document: Document::Read(value), part })
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
    Ok(vec![Member::whole(action, document)])
}

/// The stricter of the message's reading and HTTP's. At an endpoint that speaks the protocol a POST is only its envelope,
/// but verbs in the path and override headers still count.
fn hardened(head: &Head<'_>, action: Action) -> Action {
    let (class, _) = http::class(head.call, Body::Absent);
    let posts = head.call.method() == "POST";
    let envelope = posts
        && matches!(head.spoken, Spoken::Is(spoken) if spoken == action.protocol || both_rpc(spoken, action.protocol));
    let safe = Overrides::of(head.call, Body::Absent).are_safe();
    let floor = if envelope && safe { http::verbs_of_path(head.call) } else { class };
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
fn graphql_text(head: &Head<'_>, content: &Content<'_>, body: Body<'_>) -> Decoded {
    let text = std::str::from_utf8(&content.bytes).map_err(|_| Obscurity::Charset);
    match text.and_then(|text| graphql::document(head.call, text, None)) {
        Ok(action) => http::known(hardened(head, action), Document::Opaque),
        Err(why) => http::undecodable(head.call, body, why),
    }
}

/// Whether a document is a JSON-RPC or GraphQL message, or a batch of them, whatever the content type says.
pub(super) fn is_message(value: &Value) -> bool {
    let is_one = |value: &Value| {
        value.get("jsonrpc").is_some()
            || value.get("query").and_then(Value::as_str).is_some_and(graphql::looks_like)
    };
    match value {
        Value::Array(items) => items.iter().any(is_one),
        value => is_one(value),
    }
}
