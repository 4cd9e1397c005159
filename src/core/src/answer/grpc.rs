//! Answers as gRPC statuses with `google.rpc` details.
//!
//! Pending is `FAILED_PRECONDITION`, not `UNAVAILABLE`: the latter invites every client library to hammer at once (gRPC
//! status code documentation, the litmus test for 9 and 14).

use super::{Reply, Retries, Row, Situation, Ticket};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

/// A trailers-only status; the message is the sentence, the details say it to programs.
pub(super) fn status(situation: &Situation, row: &Row, ticket: &Ticket) -> Reply {
    let sentence = situation.sentence(ticket);
    let details = details(situation, row, ticket, &sentence);
    let mut headers = vec![("grpc-status-details-bin", STANDARD_NO_PAD.encode(details))];
    if row.grpc == 9 {
        headers.push(("grpc-retry-pushback-ms", "-1".to_owned()));
    } else if row.grpc == 14 || matches!(situation, Situation::Busy(_)) {
        headers.push(("grpc-retry-pushback-ms", (ticket.retry_after_s * 1000).to_string()));
    }
    Reply { status: 200, headers, body: sentence.into_bytes(), grpc_status: Some(row.grpc) }
}

/// `google.rpc.Status` with `ErrorInfo` and, where coming again makes sense, `RetryInfo` (googleapis, `google/rpc`).
fn details(situation: &Situation, row: &Row, ticket: &Ticket, sentence: &str) -> Vec<u8> {
    let mut info = Vec::new();
    text(&mut info, 1, row.reason);
    text(&mut info, 2, "countersign");
    for (key, value) in [("handle", &ticket.handle), ("code", &ticket.code), ("ticket", &ticket.link)] {
        if let Some(value) = value {
            let mut entry = Vec::new();
            text(&mut entry, 1, key);
            text(&mut entry, 2, value);
            bytes(&mut info, 3, &entry);
        }
    }
    let mut out = Vec::new();
    varint(&mut out, 1 << 3);
    varint(&mut out, u64::from(row.grpc));
    text(&mut out, 2, sentence);
    any(&mut out, "type.googleapis.com/google.rpc.ErrorInfo", &info);
    if situation.retries() == Retries::Yes {
        let mut duration = Vec::new();
        varint(&mut duration, 1 << 3);
        varint(&mut duration, ticket.retry_after_s);
        let mut retry = Vec::new();
        bytes(&mut retry, 1, &duration);
        any(&mut out, "type.googleapis.com/google.rpc.RetryInfo", &retry);
    }
    out
}

fn any(out: &mut Vec<u8>, url: &str, value: &[u8]) {
    let mut inner = Vec::new();
    text(&mut inner, 1, url);
    bytes(&mut inner, 2, value);
    bytes(out, 3, &inner);
}

fn text(out: &mut Vec<u8>, field: u64, value: &str) {
    bytes(out, field, value.as_bytes());
}

/// A length-delimited field (wire type 2).
fn bytes(out: &mut Vec<u8>, field: u64, value: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or_default() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or_default());
}
