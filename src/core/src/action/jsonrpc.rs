//! JSON-RPC 2.0, and the Model Context Protocol over it (Streamable HTTP, 2024-11-05 to 2026-07-28).
//!
//! A message is judged by its method; `tools/call` by the name of the tool, because a tool's annotations come from the
//! server that offers it. The members of a message must be those of the specification: what else stands there another
//! reader may act on. The headers `Mcp-Method` and `Mcp-Name` are hints that may only repeat the body. It cannot know
//! what a tool does whose name lies.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use super::{
    Action, Basis, Class, Contradiction, Obscurity, Protocol, Resource,
    index::{Head, Spoken},
    json::Fault,
    overrides::Overrides,
    tool, words,
};
use crate::call::{Body, Call};

const METHOD_HEADER: &str = "mcp-method";
const NAME_HEADER: &str = "mcp-name";

/// Whether the endpoint is known to speak JSON-RPC.
pub(super) fn is_spoken(head: &Head<'_>) -> bool {
    matches!(head.spoken, Spoken::Is(Protocol::Mcp | Protocol::JsonRpc))
}

/// Whether the call carries MCP's hints about its body.
pub(super) fn has_hints(call: &Call) -> bool {
    [METHOD_HEADER, NAME_HEADER].iter().any(|name| call.headers().get(name).is_some())
}

/// Whether a client takes leave of an MCP endpoint that an operator declared: `DELETE` with a session and no body.
pub(super) fn is_session_end(head: &Head<'_>) -> bool {
    let call = head.call;
    head.declared
        && head.spoken == Spoken::Is(Protocol::Mcp)
        && call.method() == "DELETE"
        && call.headers().get("mcp-session-id").is_some()
        && Overrides::of(call, Body::Absent) == Overrides::NONE
}

/// What one message does.
pub(super) fn action(head: &Head<'_>, message: &Map<String, Value>) -> Result<Action, Fault> {
    let obscure = || Fault::Obscure(Obscurity::Message);
    let known = ["jsonrpc", "id", "method", "params", "result", "error"];
    if message.keys().any(|name| !known.contains(&name.as_str()))
        || message.get("jsonrpc").and_then(Value::as_str) != Some("2.0")
        || !matches!(message.get("id"), None | Some(Value::String(_) | Value::Number(_) | Value::Null))
    {
        return Err(obscure());
    }
    let method = match (message.get("method"), message.get("result"), message.get("error")) {
        (Some(Value::String(method)), None, None) => method,
        (None, Some(result), None) if !message.contains_key("params") => return answer(head, Some(result)),
        (None, None, Some(Value::Object(_))) if !message.contains_key("params") => return answer(head, None),
        _ => return Err(obscure()),
    };
    let empty = Map::new();
    let params = match message.get("params") {
        None => &empty,
        Some(Value::Object(params)) => params,
        // By position: JSON-RPC allows it, MCP does not.
        Some(Value::Array(_)) if !is_mcp(method) => &empty,
        Some(_) => return Err(obscure()),
    };
    let named = named(method, params)?;
    hints(head.call, method, named)?;
    let protocol = if is_mcp(method) { Protocol::Mcp } else { Protocol::JsonRpc };
    let class = match class_of_mcp(method, params) {
        Some(class) => class,
        None => words::class_of_method(inner_method(method, params).unwrap_or(method)),
    };
    let (kind, id) = match (resource_kind(method), named) {
        (Some(kind), Some(name)) => (kind, name.to_owned()),
        _ => ("url", head.call.url()),
    };
    Ok(Action {
        arguments: params.get("arguments").cloned().unwrap_or(Value::Null),
        basis: Basis::Words,
        ..Action::plain(protocol, head.call.host(), method.clone(), class, Resource::new(kind, id))
    })
}

/// The method that a method calls: Odoo's web client sends `call` or `call_kw` with `method` among its parameters, and other
/// clients `execute_kw` with the method as the fifth argument (Odoo, "External API").
fn inner_method<'a>(method: &str, params: &'a Map<String, Value>) -> Option<&'a str> {
    if !matches!(method, "call" | "call_kw") {
        return None;
    }
    let inner = params.get("method").and_then(Value::as_str)?;
    match inner {
        "execute" | "execute_kw" => params.get("args")?.as_array()?.get(4)?.as_str(),
        inner => Some(inner),
    }
}

fn is_mcp(method: &str) -> bool {
    const SPACES: [&str; 13] = [
        "tools",
        "resources",
        "prompts",
        "notifications",
        "completion",
        "logging",
        "tasks",
        "sampling",
        "elicitation",
        "roots",
        "subscriptions",
        "server",
        "ui",
    ];
    matches!(method, "initialize" | "ping")
        || method.split_once('/').is_some_and(|(space, _)| SPACES.contains(&space))
}

/// The class of an MCP method; `None` where it is another protocol's.
fn class_of_mcp(method: &str, params: &Map<String, Value>) -> Option<Class> {
    match method {
        "tools/call" => {
            let arguments = params.get("arguments").and_then(Value::as_object);
            let name = params.get("name").and_then(Value::as_str);
            Some(name.map_or(Class::DataWrite, |name| tool::class(name, arguments)))
        }
        "initialize"
        | "ping"
        | "tools/list"
        | "resources/list"
        | "resources/read"
        | "resources/templates/list"
        | "resources/subscribe"
        | "resources/unsubscribe"
        | "completion/complete"
        | "logging/setLevel"
        | "tasks/get"
        | "tasks/list"
        | "tasks/result"
        | "server/discover"
        | "subscriptions/listen"
        | "roots/list" => Some(Class::ReadOnly),
        _ if method.starts_with("prompts/") || method.starts_with("notifications/") => Some(Class::ReadOnly),
        // `tasks/update` answers the server's questions in the agent's name, `tasks/cancel` ends somebody's work.
        _ if is_mcp(method) => Some(Class::DataWrite),
        _ => None,
    }
}

fn resource_kind(method: &str) -> Option<&'static str> {
    match method {
        "tools/call" => Some("tool"),
        "resources/read" | "resources/subscribe" | "resources/unsubscribe" => Some("resource"),
        "prompts/get" => Some("prompt"),
        _ if method.starts_with("tasks/") => Some("task"),
        _ => None,
    }
}

/// The name that a method must have in its parameters.
fn named<'a>(method: &str, params: &'a Map<String, Value>) -> Result<Option<&'a str>, Fault> {
    let member = match method {
        "tools/call" | "prompts/get" => "name",
        "resources/read" | "resources/subscribe" | "resources/unsubscribe" => "uri",
        "tasks/get" | "tasks/result" | "tasks/cancel" | "tasks/update" => "taskId",
        _ => return Ok(None),
    };
    if method == "tools/call"
        && !matches!(params.get("arguments"), None | Some(Value::Object(_) | Value::Null))
    {
        return Err(Fault::Obscure(Obscurity::Message));
    }
    match params.get(member) {
        Some(Value::String(name)) if !name.is_empty() => Ok(Some(name)),
        _ => Err(Fault::Obscure(Obscurity::Message)),
    }
}

/// The hints must say what the body says.
fn hints(call: &Call, method: &str, name: Option<&str>) -> Result<(), Fault> {
    let agrees = |header: &str, body: Option<&str>| {
        call.headers().get_all(header).all(|value| plain_hint(value).as_deref() == body)
    };
    if agrees(METHOD_HEADER, Some(method)) && agrees(NAME_HEADER, name) {
        Ok(())
    } else {
        Err(Fault::Contradiction(Contradiction::Headers))
    }
}

/// A hint's text; `=?base64?...?=` spells what a header cannot hold.
fn plain_hint(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value.trim_ascii()).ok()?;
    match text.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?).ok(),
        None => Some(text.to_owned()),
    }
}

/// An answer to a question of the server. An empty one, or an error, tells nothing; any other speaks for the agent.
fn answer(head: &Head<'_>, result: Option<&Value>) -> Result<Action, Fault> {
    if has_hints(head.call) {
        return Err(Fault::Contradiction(Contradiction::Headers));
    }
    let says = result.is_some_and(|result| result.as_object().is_none_or(|members| !members.is_empty()));
    let class = if says { Class::DataWrite } else { Class::ReadOnly };
    let resource = Resource::new("url", head.call.url());
    Ok(Action::plain(Protocol::JsonRpc, head.call.host(), "answer", class, resource))
}
