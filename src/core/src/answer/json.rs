//! Answers in JSON: problem details, JSON-RPC and MCP, GraphQL.

use super::{
    EXECUTED, Reply, Row, Situation, Ticket,
    speech::{GraphQlMedia, Message, MessageKind, Messages, PrefersAsync},
};
use crate::config::AnswersDoc;
use countersign_wire::{
    json::jcs,
    problem::{MEDIA_TYPE, Problem},
};
use serde_json::{Map, Value, json};

/// REST: `application/problem+json` (RFC 9457).
pub(super) fn problem(
    situation: &Situation,
    row: &Row,
    ticket: &Ticket,
    prefers_async: PrefersAsync,
) -> Reply {
    let mut headers = vec![("content-type", MEDIA_TYPE.to_owned())];
    let mut status = row.status;
    if *situation == Situation::Pending && prefers_async == PrefersAsync::Yes {
        // The client asked for it (RFC 7240), so 202 is no surprise; the body still says that nothing was executed.
        status = 202;
        headers.push(("preference-applied", "respond-async".to_owned()));
        headers.extend(ticket.link.clone().map(|link| ("location", link)));
    }
    let body = jcs(&document(situation, &Row { status, ..*row }, ticket));
    Reply { status, headers, body, grpc_status: None }
}

fn document(situation: &Situation, row: &Row, ticket: &Ticket) -> Value {
    let mut problem = Problem::new(row.urn, row.title, row.status, situation.sentence(ticket));
    problem.instance = ticket.handle.as_ref().map(|handle| format!("urn:countersign:req:{handle}"));
    match situation {
        Situation::NeedsContext { question } => {
            problem.extra.insert("question".into(), question.clone().into());
        }
        Situation::Denied { reason: Some(reason) } => {
            problem.extra.insert("reason".into(), reason.clone().into());
        }
        Situation::Blocked { code, .. } => {
            problem.extra.insert("reason".into(), (*code).into());
        }
        Situation::Busy(busy) => {
            problem.extra.insert("limit".into(), busy.word().into());
            problem.extra.extend(busy.current.map(|current| ("current".into(), current.into())));
        }
        Situation::Denied { reason: None }
        | Situation::Pending
        | Situation::Expired
        | Situation::Unavailable { .. }
        | Situation::Invalid
        | Situation::AlreadyUsed
        | Situation::Withheld { .. }
        | Situation::TooLarge { .. }
        | Situation::Full { .. } => {}
    }
    problem.extra.insert("next_action".into(), row.next_action.into());
    problem.extra.insert("approval".into(), approval(row, ticket));
    serde_json::to_value(problem).unwrap_or_default()
}

fn approval(row: &Row, ticket: &Ticket) -> Value {
    let mut members = Map::new();
    let texts = [
        ("handle", &ticket.handle),
        ("code", &ticket.code),
        ("expires_at", &ticket.expires_at),
        ("ticket", &ticket.link),
    ];
    for (name, text) in texts {
        members.extend(text.clone().map(|text| (name.to_owned(), Value::String(text))));
    }
    members.insert("state".into(), row.state.into());
    members.insert("next_action".into(), row.next_action.into());
    members.insert("executed".into(), (row.state == EXECUTED).into());
    if matches!(row.state, "pending" | "needs_context" | "unavailable" | "limited") {
        members.insert("retry_after".into(), ticket.retry_after_s.into());
    }
    Value::Object(members)
}

/// JSON-RPC and MCP: HTTP 200 and the same id, so that the agent's library hands the answer to its caller.
pub(super) fn rpc(
    situation: &Situation,
    row: &Row,
    ticket: &Ticket,
    messages: &Messages,
    answers: &AnswersDoc,
) -> Reply {
    let one = |message: &Message| answer(situation, row, ticket, message, answers);
    let body = match messages {
        Messages::Single(message) => one(message),
        Messages::Batch(list) => Value::Array(list.iter().map(one).collect()),
    };
    // A header that contradicts the body is a bad HTTP request; everything else is an answer like any other.
    let status = if row.status == 400 { 400 } else { 200 };
    let headers = vec![("content-type", "application/json".to_owned())];
    Reply { status, headers, body: jcs(&body), grpc_status: None }
}

fn answer(
    situation: &Situation,
    row: &Row,
    ticket: &Ticket,
    message: &Message,
    answers: &AnswersDoc,
) -> Value {
    let id = &message.id;
    let sentence = situation.sentence(ticket);
    match message.kind {
        MessageKind::ResumableToolCall if *situation == Situation::Pending && ticket.state.is_some() => {
            json!({"jsonrpc": "2.0", "id": id, "result": {
                "resultType": "input_required", "requestState": ticket.state,
                "_meta": {"countersign/approval": approval(row, ticket)},
            }})
        }
        // A tool result with `isError` reaches the model, which can plan around it; a JSON-RPC error often does not.
        MessageKind::ToolCall | MessageKind::ResumableToolCall if row.status != 400 => {
            json!({"jsonrpc": "2.0", "id": id, "result": {
                "resultType": "complete", "isError": true,
                "content": [{"type": "text", "text": sentence}],
                "_meta": {"countersign/approval": approval(row, ticket)},
            }})
        }
        MessageKind::ToolCall | MessageKind::ResumableToolCall | MessageKind::Other => {
            let code = if row.jsonrpc < 0 {
                row.jsonrpc
            } else {
                answers.jsonrpc_denial_code.unwrap_or(row.jsonrpc)
            };
            let data = document(situation, row, ticket);
            json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": sentence, "data": data}})
        }
    }
}

/// GraphQL over HTTP: errors and no data.
pub(super) fn graphql(situation: &Situation, row: &Row, ticket: &Ticket, media: GraphQlMedia) -> Reply {
    let (status, media_type) = match media {
        GraphQlMedia::Response => (row.status, "application/graphql-response+json"),
        GraphQlMedia::Legacy => (200, "application/json"),
    };
    let extensions = json!({"code": row.reason, "approval": approval(row, ticket)});
    let body = json!({"errors": [{"message": situation.sentence(ticket), "extensions": extensions}]});
    Reply {
        status,
        headers: vec![("content-type", media_type.to_owned())],
        body: jcs(&body),
        grpc_status: None,
    }
}
