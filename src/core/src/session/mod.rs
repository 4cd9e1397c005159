//! One held call as a state machine: events in, effects out, no I/O.
//!
//! [`Session::handle`] is total: every state takes every event and none panics. Two laws: a stream event (head, body,
//! trailers) is answered by [`Session::flow`], and only the answer to a redeem emits [`Effect::Resume`], as the last effect
//! of its batch; where secrets are put into the call first, only the host's word that they are in it does. Whatever goes wrong on the way to the service arrives as [`Answer::Lost`] or as an answer that does not
//! verify, and both end in a refusal that says so. A held call has exactly one terminal effect and one closing record.
//!
//! ```text
//!  Fresh ──▶ Passing                        the policy asks nothing
//!    │  └──▶ Released                         or only that the answer be anonymised
//!    │  └──▶ Reading ──▶ Passing            only the body can tell
//!    ▼         ▼
//!  Asking ──▶ Waiting ──▶ Redeeming ──▶ Released ──▶ Ended
//!    └───────────┴────────────┴─────────────────────▶ Ended (answered)
//! ```

mod close;
mod effect;
mod garbled;
mod head;
mod hold;
mod load;
mod rebind;
mod redeem;
mod release;
mod response;
mod secret;

use crate::{
    answer::Ticket,
    ask::{Ask, Surroundings},
    call::{Call, HeaderMap},
    now::Now,
    permit::Grant,
    replay::Attempt,
    requester::{Facts, NoRequester, Requester},
    service::{Answer, Dispatch, Post},
    worker::Worker,
};
pub use effect::{Effect, Label, Length, Measure, Serial, Side, Verdict};
use head::Trailers;
pub use load::Load;
pub use release::Released;

/// Whether this is the end of the request's part that the event speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing follows.
    Yes,
    /// Something may follow.
    No,
}

/// What happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// The request's head.
    Head(HeaderMap, Surroundings, End),
    /// So many bytes of the body are buffered, and more may follow.
    BodyGrows(usize),
    /// The whole body.
    BodyEnds(&'a [u8]),
    /// So many trailers, after this body.
    Trailers(usize, &'a [u8]),
    /// The answer to a dispatch.
    Answer(Serial, Answer),
    /// The watch says that the task is no longer pending.
    Woken,
    /// Time has passed.
    Tick,
    /// The upstream's answer begins; `None` where its head cannot be read.
    ResponseHead(Option<HeaderMap>, End),
    /// A piece of the upstream's answer, which goes on.
    ResponseBody(&'a [u8]),
    /// So many bytes of an answer are held back, and more may follow.
    ResponseGrows(usize),
    /// The whole body of an answer that is held back.
    ResponseEnds(&'a [u8]),
    /// The last piece of it, or of what is held back of it.
    ResponseRest(&'a [u8]),
    /// Its trailers; `None` where they cannot be read.
    ResponseTrailers(Option<HeaderMap>),
    /// The host did all that came before [`Effect::Confirm`].
    Done,
    /// The host would not do something that an effect said, of this stream's headers or bodies.
    Undone,
    /// The stream is over.
    Gone,
}

/// Whether the stream may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It may.
    Pass,
    /// It may not.
    Hold,
}

/// One request on its way.
#[derive(Debug)]
pub struct Session {
    id: u32,
    state: State,
    serial: u32,
}

#[derive(Debug)]
enum State {
    /// Nothing seen yet.
    Fresh,
    /// The policy asks nothing of this call.
    Passing,
    /// Only the body can tell, or the body must be bound.
    Reading(Box<Reading>),
    /// The submission is under way.
    Asking(Box<Holding>, Asking),
    /// The task is known and nobody has decided.
    Waiting(Box<Holding>, Waiting),
    /// The grant is being used up.
    Redeeming(Box<Holding>, Box<Redeeming>),
    /// The call left, with a permit or because the policy asks nothing but that it be anonymised.
    Released(Box<Released>),
    /// Answered, or over.
    Ended,
}

#[derive(Debug)]
struct Reading {
    call: Call,
    requester: Option<Result<Requester, NoRequester>>,
    around: Surroundings,
    until: u64,
    /// Bytes of the body that have come.
    size: usize,
}

/// What is known of a held call in every state.
#[derive(Debug)]
struct Holding {
    ask: Ask,
    started: u64,
    deadline: u64,
    ticket: Ticket,
    contact: Contact,
    justified: Justified,
    /// Bytes of its head and body.
    weight: usize,
}

/// Whether the service's last word is fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contact {
    Heard,
    Lost,
}

/// Whether the agent's justification was handed to a reviewer's question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Justified {
    No,
    Yes,
}

#[derive(Debug)]
struct Asking {
    post: Post,
    tries: u8,
    step: Step,
}

#[derive(Debug)]
struct Waiting {
    tid: String,
    losses: u32,
    step: Step,
}

/// What a state waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// An answer; for a long poll, asked when and for how long.
    Answer { serial: Serial, since: u64, wait_s: u64 },
    /// A moment.
    Until(u64),
    /// The watch.
    Watched,
}

#[derive(Debug)]
struct Redeeming {
    tid: String,
    grant: Grant,
    attempt: Attempt,
    post: Post,
    tries: u8,
    serial: Serial,
    give_up: u64,
    /// The right to leave, once the host has put these secrets in.
    ready: Option<redeem::Ready>,
}

/// What a step works with.
struct Desk<'a> {
    id: u32,
    serial: &'a mut u32,
    worker: &'a mut Worker,
    now: Now,
    /// What the host knows, and what it would send.
    facts: &'a dyn Facts,
    /// Bytes that this call counted for when the event came; see [`load`].
    weight: usize,
    effects: Vec<Effect>,
}

impl Desk<'_> {
    fn dispatch(&mut self, dispatch: Dispatch) -> Serial {
        *self.serial = self.serial.wrapping_add(1);
        let serial = Serial(*self.serial);
        self.effects.push(Effect::Dispatch(serial, dispatch));
        serial
    }

    fn post(&mut self, post: &Post, timeout_ms: u64, trace: Option<&str>) -> Serial {
        let worker = &mut *self.worker;
        let dispatch = post.dispatch(&worker.config, &mut worker.entropy, self.now, timeout_ms, trace);
        self.dispatch(dispatch)
    }

    fn notify(&mut self, post: &Post, trace: Option<&str>) {
        let worker = &mut *self.worker;
        let timeout = crate::worker::ANSWER_MS;
        let dispatch = post.dispatch(&worker.config, &mut worker.entropy, self.now, timeout, trace);
        self.effects.push(Effect::Notify(dispatch));
    }
}

impl Session {
    /// A session that has seen nothing; `id` is what the watch wakes it by.
    pub fn new(id: u32) -> Self {
        Self { id, state: State::Fresh, serial: 0 }
    }

    /// Takes an event and says what to do about it, in this order.
    pub fn handle(
        &mut self,
        worker: &mut Worker,
        facts: &dyn Facts,
        now: Now,
        event: Event<'_>,
    ) -> Vec<Effect> {
        let state = std::mem::replace(&mut self.state, State::Ended);
        let before = load::of(&state);
        let mut desk = Desk {
            id: self.id,
            serial: &mut self.serial,
            worker,
            now,
            facts,
            weight: before.bytes,
            effects: Vec::new(),
        };
        self.state = match event {
            Event::Head(headers, around, end) => head::arrived(state, &mut desk, facts, headers, around, end),
            Event::BodyGrows(size) => head::body_grows(state, &mut desk, size),
            Event::BodyEnds(body) | Event::Trailers(0, body) => {
                head::body_ends(state, &mut desk, facts, body, Trailers::None)
            }
            Event::Trailers(_, body) => head::body_ends(state, &mut desk, facts, body, Trailers::Some),
            Event::Answer(serial, answer) => hold::answered(state, &mut desk, serial, &answer),
            Event::Woken => hold::woken(state, &mut desk),
            Event::Tick => hold::tick(state, &mut desk),
            Event::ResponseHead(headers, end) => release::head(state, &mut desk, headers.as_ref(), end),
            Event::ResponseBody(piece) => release::body(state, &mut desk, piece, End::No),
            Event::ResponseRest(piece) => release::body(state, &mut desk, piece, End::Yes),
            Event::ResponseTrailers(trailers) => release::trailers(state, &mut desk, trailers.as_ref()),
            Event::ResponseGrows(size) => release::grows(state, &mut desk, size),
            Event::ResponseEnds(body) => release::ends(state, &mut desk, body),
            Event::Done => redeem::done(state, &mut desk),
            Event::Undone => close::undone(state, &mut desk),
            Event::Gone => close::gone(state, &mut desk),
        };
        let effects = desk.effects;
        worker.load.change(before, load::of(&self.state));
        recorded_first(worker, effects)
    }

    /// Whether the stream may go on: the one gate for head, body and trailers.
    pub fn flow(&self) -> Flow {
        match &self.state {
            State::Passing | State::Released(_) => Flow::Pass,
            State::Fresh
            | State::Reading(_)
            | State::Asking(..)
            | State::Waiting(..)
            | State::Redeeming(..)
            | State::Ended => Flow::Hold,
        }
    }

    /// Whether the upstream's answer may go on: the gate for its head, body and trailers.
    pub fn response_flow(&self) -> Flow {
        match &self.state {
            State::Released(released) => released.flow(),
            State::Fresh
            | State::Passing
            | State::Reading(_)
            | State::Asking(..)
            | State::Waiting(..)
            | State::Redeeming(..)
            | State::Ended => Flow::Pass,
        }
    }

    /// What the shell must still bring.
    pub fn wants(&self) -> Wants {
        match &self.state {
            State::Passing | State::Ended => Wants::Nothing,
            State::Fresh => Wants::Head,
            State::Reading(_) => Wants::Body,
            State::Asking(..) | State::Waiting(..) | State::Redeeming(..) => Wants::Answers,
            State::Released(released) => released.wants(),
        }
    }

    /// Whether [`Event::Tick`] would do anything at this moment of the steady clock.
    pub fn is_due(&self, mono_ms: u64) -> bool {
        let next = match &self.state {
            State::Reading(reading) => reading.until,
            State::Asking(holding, Asking { step, .. }) | State::Waiting(holding, Waiting { step, .. }) => {
                match step {
                    Step::Until(moment) => holding.deadline.min(*moment),
                    Step::Answer { .. } | Step::Watched => holding.deadline,
                }
            }
            State::Redeeming(_, redeeming) => redeeming.give_up,
            State::Fresh | State::Passing | State::Released(_) | State::Ended => return false,
        };
        mono_ms >= next
    }
}

/// What was written to the chain meanwhile is printed before anything else is done.
fn recorded_first(worker: &mut Worker, effects: Vec<Effect>) -> Vec<Effect> {
    let printed = worker.journal.take_printed().into_iter().map(Effect::Record);
    printed.chain(effects).collect()
}

/// What the shell must still bring to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Nothing more: the callbacks may be skipped.
    Nothing,
    /// The head.
    Head,
    /// The body, whole.
    Body,
    /// Answers of the service, and time.
    Answers,
    /// The upstream's answer, piece by piece.
    Response,
    /// The upstream's answer, whole.
    WholeResponse,
}

#[cfg(test)]
mod tests;
