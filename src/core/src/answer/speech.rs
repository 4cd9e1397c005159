//! How an agent speaks: what its answer must look like to be understood.

use crate::{
    action::Protocol,
    call::{Body, Call},
};
use countersign_wire::json::{Limits, strict};
use serde_json::Value;

/// The form of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Speech {
    /// Problem details.
    Rest {
        /// Whether the client asked for `respond-async` (RFC 7240).
        prefers_async: PrefersAsync,
    },
    /// A gRPC status.
    Grpc,
    /// JSON-RPC 2.0 and MCP.
    JsonRpc(Messages),
    /// GraphQL over HTTP.
    GraphQl(GraphQlMedia),
}

/// Whether the client sent `Prefer: respond-async`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrefersAsync {
    /// It did.
    Yes,
    /// It did not.
    No,
}

/// Which answers a GraphQL client understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphQlMedia {
    /// `application/graphql-response+json`: the HTTP status may speak.
    Response,
    /// `application/json`: clients drop anything but 200.
    Legacy,
}

/// The messages of a JSON-RPC body that want an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Messages {
    /// One message.
    Single(Message),
    /// A batch.
    Batch(Vec<Message>),
}

/// What an answer to one message needs to know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its id; `null` where it could not be read.
    pub id: Value,
    /// Whether it calls a tool, whose answer is a tool result that a model sees.
    pub kind: MessageKind,
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// MCP's `tools/call`.
    ToolCall,
    /// The same from a client of MCP 2026-07-28 or later, which can be handed a state to come again with.
    ResumableToolCall,
    /// Anything else.
    Other,
}

const MOST_MESSAGES: usize = 200;

impl Speech {
    /// How the agent that sent this call speaks; `protocol` is what its decoder made of it.
    pub fn of(call: &Call, body: Body<'_>, protocol: Protocol) -> Self {
        match protocol {
            Protocol::Grpc => Self::Grpc,
            Protocol::JsonRpc | Protocol::Mcp => Self::JsonRpc(messages(body)),
            Protocol::GraphQl => {
                let accepts = call.headers().text("accept").unwrap_or_default();
                let response = accepts.contains("application/graphql-response+json");
                Self::GraphQl(if response { GraphQlMedia::Response } else { GraphQlMedia::Legacy })
            }
            Protocol::Http | Protocol::Sql | Protocol::Kubernetes | Protocol::Git | Protocol::Oci => {
                Self::plain(call)
            }
        }
    }

    /// The same before anything was decoded: only gRPC shows at the head.
    pub fn of_head(call: &Call) -> Self {
        let content_type = call.headers().text("content-type").unwrap_or_default();
        if content_type.starts_with("application/grpc") { Self::Grpc } else { Self::plain(call) }
    }

    fn plain(call: &Call) -> Self {
        let asks = |value: &[u8]| {
            let text = std::str::from_utf8(value).unwrap_or_default();
            text.split(',').any(|preference| preference.trim().eq_ignore_ascii_case("respond-async"))
        };
        let prefers_async =
            if call.headers().get_all("prefer").any(asks) { PrefersAsync::Yes } else { PrefersAsync::No };
        Self::Rest { prefers_async }
    }
}

fn messages(body: Body<'_>) -> Messages {
    let nameless = Message { id: Value::Null, kind: MessageKind::Other };
    let Body::Read(bytes) = body else { return Messages::Single(nameless) };
    // Answering must work even where binding does not, so the id is read leniently; it only ever goes back to its author.
    let limits = Limits { size: bytes.len(), depth: 64 };
    let value = strict(bytes, &limits).ok().or_else(|| serde_json::from_slice(bytes).ok());
    match value {
        Some(Value::Array(members)) => {
            Messages::Batch(members.iter().take(MOST_MESSAGES).map(message).collect())
        }
        Some(single) => Messages::Single(message(&single)),
        None => Messages::Single(nameless),
    }
}

fn message(value: &Value) -> Message {
    let id = match value.get("id") {
        Some(id @ (Value::String(_) | Value::Number(_))) => id.clone(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => Value::Null,
    };
    let kind = match value.get("method").and_then(Value::as_str) {
        Some("tools/call") if is_resumable(value) => MessageKind::ResumableToolCall,
        Some("tools/call") => MessageKind::ToolCall,
        Some(_) | None => MessageKind::Other,
    };
    Message { id, kind }
}

/// Versions of MCP are dates, so later ones compare greater.
fn is_resumable(message: &Value) -> bool {
    let version =
        message.pointer("/params/_meta/io.modelcontextprotocol~1protocolVersion").and_then(Value::as_str);
    version.is_some_and(|version| version.len() == 10 && version >= "2026-07-28")
}
