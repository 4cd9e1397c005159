//! After the release: what the upstream answered, measured and digested as it passes by.

use super::{Desk, State, close};
use crate::{
    ask::Ask,
    now::Now,
    service::{Post, task_path},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_wire::{
    outcome::{OutcomeReport, OutcomeState},
    record::{Event as Recorded, Record},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// A call that left, and what came back so far.
#[derive(Debug)]
pub struct Released {
    tid: String,
    members: Map<String, Value>,
    trace: Option<String>,
    request_bytes: u64,
    since: u64,
    status: Option<u16>,
    response_bytes: u64,
    digest: Sha256,
}

impl Released {
    pub(super) fn new(ask: &Ask, tid: String, jti: &str, now: Now) -> Self {
        let mut members = close::named(ask, Some(&tid));
        members.insert("jti".into(), jti.into());
        let (trace, request_bytes) = (ask.trace.clone(), ask.body_bytes);
        let (status, response_bytes, digest) = (None, 0, Sha256::new());
        Self { tid, members, trace, request_bytes, since: now.mono_ms, status, response_bytes, digest }
    }
}

/// The head of the upstream's answer.
pub(super) fn head(state: State, status: Option<u16>) -> State {
    follow(state, |released| released.status = status.or(released.status))
}

/// A piece of the upstream's answer. Nothing of it is kept.
pub(super) fn body(state: State, piece: &[u8]) -> State {
    follow(state, |released| {
        released.response_bytes = released.response_bytes.saturating_add(piece.len() as u64);
        released.digest.update(piece);
    })
}

/// Only the answer to a call that left is looked at.
fn follow(state: State, look: impl FnOnce(&mut Released)) -> State {
    match state {
        State::Released(mut released) => {
            look(&mut released);
            State::Released(released)
        }
        other @ (State::Fresh
        | State::Passing
        | State::Reading(_)
        | State::Asking(..)
        | State::Waiting(..)
        | State::Redeeming(..)
        | State::Ended) => other,
    }
}

/// The stream is over: the closing record, and the report to the service.
pub(super) fn completed(desk: &mut Desk<'_>, released: Released) -> State {
    let state = match released.status {
        Some(status) if status < 500 => OutcomeState::Completed,
        Some(_) => OutcomeState::UpstreamError,
        None => OutcomeState::Unknown,
    };
    let duration_ms = desk.now.mono_ms.saturating_sub(released.since);
    let mut members = released.members;
    let upstream = match released.status {
        Some(status) => json!({"status": status, "duration_ms": duration_ms}),
        None => json!({"duration_ms": duration_ms}),
    };
    members.insert("upstream".into(), upstream);
    members.insert("outcome".into(), state.as_str().into());
    let worker = &mut *desk.worker;
    let record: Record =
        worker.journal.write_ahead(desk.now, &mut worker.entropy, Recorded::ActionCompleted, members);
    worker.journal.offer(&record);
    let answered = released.status.is_some();
    let digest = format!("sha-256=:{}:", STANDARD.encode(released.digest.finalize()));
    let report = OutcomeReport {
        state,
        status: released.status,
        request_bytes: released.request_bytes,
        response_bytes: answered.then_some(released.response_bytes),
        duration_ms,
        response_digest: answered.then_some(digest),
        record: record.value(),
    };
    let body = serde_json::to_vec(&report).unwrap_or_default();
    let post = Post::json(format!("{}/outcome", task_path(&released.tid)), body, &mut worker.entropy);
    desk.notify(&post, released.trace.as_deref());
    State::Ended
}
