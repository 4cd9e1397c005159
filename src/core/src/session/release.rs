//! After the call left: what the upstream answered, measured and digested as it passes by, or anonymised first.

use super::{
    Desk, Effect, End, Flow, State, Wants, close,
    response::{Answering, Handed, Undone, told},
    secret::Guard,
};
use crate::{
    answer::Ticket,
    ask::Ask,
    call::HeaderMap,
    now::Now,
    service::{Post, task_path},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_wire::{
    outcome::{OutcomeReport, OutcomeState},
    record::{Event as Recorded, Record},
    sealed::Opened,
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A call that left, and what came back so far.
#[derive(Debug)]
pub struct Released {
    /// The task that was approved; none where nobody had to.
    tid: Option<String>,
    members: Map<String, Value>,
    trace: Option<String>,
    request_bytes: u64,
    since: u64,
    status: Option<u16>,
    response_bytes: u64,
    digest: Sha256,
    answering: Option<Answering>,
    /// Where secrets were put in.
    guard: Option<Box<Guard>>,
}

impl Released {
    pub(super) fn new(
        ask: &Ask,
        tid: String,
        jti: &str,
        ticket: &Ticket,
        opened: &[Opened],
        now: Now,
    ) -> Self {
        let mut members = close::named(ask, Some(&tid));
        members.insert("jti".into(), jti.into());
        let mut answering = None;
        if let Some((anonymise, request)) = &ask.anonymised {
            members.insert("anonymised".into(), told(&anonymise.rule, request, None));
            answering = anonymise.response.is_some().then(|| {
                Answering::new(Arc::clone(anonymise), request.clone(), ask.speech.clone(), ticket.clone())
            });
        }
        Self {
            tid: Some(tid),
            trace: ask.trace.clone(),
            guard: Guard::new(ask, opened, ticket).map(Box::new),
            ..Self::passed(members, ask.body_bytes, answering, now)
        }
    }

    /// A call that nobody had to approve, and whose answer is anonymised.
    pub(super) fn passed(
        members: Map<String, Value>,
        request_bytes: u64,
        answering: Option<Answering>,
        now: Now,
    ) -> Self {
        let (status, response_bytes, digest) = (None, 0, Sha256::new());
        let (tid, trace, since) = (None, None, now.mono_ms);
        let guard = None;
        Self { tid, members, trace, request_bytes, since, status, response_bytes, digest, answering, guard }
    }

    /// Whether the answer may go on.
    pub(super) fn flow(&self) -> Flow {
        let guard = self.guard.as_ref().map_or(Flow::Pass, |guard| guard.flow());
        match (guard, &self.answering) {
            (Flow::Pass, Some(answering)) => answering.flow(),
            (flow @ (Flow::Pass | Flow::Hold), _) => flow,
        }
    }

    pub(super) fn wants(&self) -> Wants {
        match (self.withheld(), &self.answering) {
            (Withheld::Yes, _) => Wants::Nothing,
            (Withheld::No, Some(answering)) => answering.wants(),
            (Withheld::No, None) => Wants::Response,
        }
    }

    /// Whether the guard of secrets has withheld the answer.
    fn withheld(&self) -> Withheld {
        match self.guard.as_ref().map(|guard| guard.wants()) {
            Some(Wants::Nothing) => Withheld::Yes,
            Some(Wants::Head | Wants::Body | Wants::Answers | Wants::Response | Wants::WholeResponse)
            | None => Withheld::No,
        }
    }

    /// The host did not change what it was told to.
    pub(super) fn undone(&mut self, desk: &mut Desk<'_>) -> Undone {
        if let Some(guard) = &mut self.guard {
            return guard.undone(desk);
        }
        let Some(answering) = &mut self.answering else { return Undone::Nothing };
        if answering.undone(desk) == Undone::Request && self.tid.is_none() {
            Undone::Request
        } else {
            Undone::Nothing
        }
    }

    fn hand_on(&mut self, desk: &mut Desk<'_>, piece: &[u8], handed: Handed) {
        match handed {
            Handed::Same => self.count(piece),
            Handed::Other(body) => {
                self.count(&body);
                desk.effects.push(Effect::ReplaceResponse(body));
            }
            Handed::Nothing => {}
        }
    }

    fn count(&mut self, piece: &[u8]) {
        self.response_bytes = self.response_bytes.saturating_add(piece.len() as u64);
        self.digest.update(piece);
    }
}

/// The head of the upstream's answer.
pub(super) fn head(state: State, desk: &mut Desk<'_>, headers: Option<&HeaderMap>, end: End) -> State {
    follow(state, |released| {
        let status = headers.and_then(|headers| headers.text(":status")?.parse().ok());
        released.status = status.or(released.status);
        if let Some(guard) = &mut released.guard {
            guard.head(desk, headers, end);
        }
        if let (Withheld::No, Some(answering)) = (released.withheld(), &mut released.answering) {
            answering.head(desk, headers, end);
        }
    })
}

/// A piece of the upstream's answer. Nothing of it is kept.
pub(super) fn body(state: State, desk: &mut Desk<'_>, piece: &[u8], end: End) -> State {
    follow(state, |released| {
        match released.answering.as_ref().map_or(Flow::Pass, Answering::flow) {
            Flow::Pass => {}
            Flow::Hold => return,
        }
        let handed = match &mut released.guard {
            Some(guard) => guard.piece(desk, piece, end),
            None => Handed::Same,
        };
        released.hand_on(desk, piece, handed);
    })
}

/// The trailers of the upstream's answer.
pub(super) fn trailers(state: State, desk: &mut Desk<'_>, trailers: Option<&HeaderMap>) -> State {
    follow(state, |released| {
        if let Some(guard) = &mut released.guard {
            guard.trailers(desk, trailers);
        }
    })
}

/// More of an answer is held back.
pub(super) fn grows(state: State, desk: &mut Desk<'_>, size: usize) -> State {
    follow(state, |released| {
        if let (Withheld::No, Some(answering)) = (released.withheld(), &mut released.answering) {
            answering.grows(desk, size);
        }
    })
}

/// An answer that was held back is whole. What is counted and digested is what the agent gets.
pub(super) fn ends(state: State, desk: &mut Desk<'_>, body: &[u8]) -> State {
    follow(state, |released| {
        let handed = match (released.withheld(), &mut released.answering) {
            (Withheld::Yes, _) => Handed::Nothing,
            (Withheld::No, Some(answering)) => answering.ends(desk, body),
            (Withheld::No, None) => Handed::Same,
        };
        let handed = match (handed, &mut released.guard) {
            (Handed::Same, Some(guard)) => guard.whole(body),
            (Handed::Other(body), Some(guard)) => match guard.whole(&body) {
                Handed::Same | Handed::Nothing => Handed::Other(body),
                other @ Handed::Other(_) => other,
            },
            (handed @ (Handed::Same | Handed::Other(_) | Handed::Nothing), _) => handed,
        };
        released.hand_on(desk, body, handed);
    })
}

/// Whether an answer is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Withheld {
    Yes,
    No,
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
    if let Some(answering) = &released.answering {
        members.insert("anonymised".into(), answering.told());
    }
    if let Some(guard) = &released.guard {
        members.insert("secrets".into(), guard.told());
    }
    let worker = &mut *desk.worker;
    let Some(tid) = released.tid else {
        worker.journal.write(desk.now, &mut worker.entropy, Recorded::ActionCompleted, members);
        return State::Ended;
    };
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
    let post = Post::json(format!("{}/outcome", task_path(&tid)), body, &mut worker.entropy);
    desk.notify(&post, released.trace.as_deref());
    State::Ended
}
