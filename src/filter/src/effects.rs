//! Effects become host calls.
//!
//! Calls to the approval service are always made as the root context: a stream's own would lose its answer, and leave an
//! entry in the SDK's table for good, when the client leaves.

use crate::{
    host::{self, Buffer, Level, Map},
    shared::{Callee, HostFacts, Shared},
};
use countersign_core::{
    service::{Answer, Dispatch},
    session::{Effect, Event, Serial, Side},
};

/// The filter state that access logs can show: `%FILTER_STATE(wasm.countersign:PLAIN)%`.
const STATE: &str = "countersign";

/// Whose callback the host is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Active {
    /// The root's.
    Root,
    /// This stream's.
    Stream(u32),
}

/// Hands an event to a tracked session and carries out what it says.
pub(crate) fn handle(shared: &Shared, stream: u32, active: Active, event: Event<'_>) {
    let now = shared.now();
    let effects = {
        let mut sessions = shared.sessions.borrow_mut();
        let Some(entry) = sessions.get_mut(&stream) else { return };
        let facts = HostFacts { active, root: shared.root, stream };
        entry.session.handle(&mut shared.worker.borrow_mut(), &facts, now, event)
    };
    perform(shared, stream, active, effects);
}

/// Carries effects out. No borrow of the shared state is held while the host is called.
pub(crate) fn perform(shared: &Shared, stream: u32, active: Active, effects: Vec<Effect>) {
    let (mut lost, mut undone, mut confirm) = (None, false, false);
    for effect in effects {
        match effect {
            Effect::Record(line) => host::log(Level::Info, &line),
            Effect::Strip(names) => {
                for name in &names {
                    if host::remove_header(Map::Request, name).is_err() {
                        host::log(Level::Error, "countersign: the proxy would not remove a request header");
                    }
                }
            }
            Effect::ReplaceBody(body, length) => {
                if host::replace_request_body(&body, length).is_err() {
                    undone = true;
                    host::log(Level::Error, "countersign: the proxy would not replace a request body");
                }
            }
            Effect::Header(side, edit) => {
                let map = match side {
                    Side::Request => Map::Request,
                    Side::Response => Map::Response,
                    Side::Trailers => Map::ResponseTrailers,
                };
                let done = as_stream(shared, stream, active, || match &edit.value {
                    Some(value) => host::set_header(map, &edit.name, value),
                    None => host::remove_header(map, &edit.name),
                });
                if !matches!(done, Some(Ok(()))) {
                    undone = true;
                    host::log(Level::Error, "countersign: the proxy would not change a header");
                }
            }
            Effect::Inject(name, value) => {
                let set = || host::set_header(Map::Request, &name, value.expose());
                if !matches!(as_stream(shared, stream, active, set), Some(Ok(()))) {
                    undone = true;
                    host::log(Level::Error, "countersign: the proxy would not put a secret into a header");
                }
            }
            Effect::Confirm => confirm = true,
            Effect::ReplaceResponse(body) => {
                if host::replace_body(Buffer::ResponseBody, &body).is_err() {
                    undone = true;
                    host::log(Level::Error, "countersign: the proxy would not replace a response body");
                }
            }
            Effect::Measure(measure) => shared.metrics.count(measure),
            Effect::Dispatch(serial, dispatch) => {
                if send(shared, active, &dispatch, Callee::Session(stream, serial)).is_err() {
                    lost = Some(serial);
                }
            }
            Effect::Notify(dispatch) => {
                if send(shared, active, &dispatch, Callee::Nobody).is_err() {
                    host::log(Level::Error, "countersign: the approval service could not be notified");
                }
            }
            Effect::Withdraw(dispatch) => shared.later.borrow_mut().push(dispatch),
            Effect::Verdict(verdict) => {
                as_stream(shared, stream, active, || {
                    host::set_state(STATE, verdict.as_str()).unwrap_or_default();
                });
            }
            Effect::Label(name, value) => {
                as_stream(shared, stream, active, || {
                    host::set_state(name.as_str(), &value).unwrap_or_default();
                });
            }
            Effect::Reply(reply) | Effect::Withhold(reply) => {
                let answer = || host::reply(reply.status, &reply.headers, &reply.body, reply.grpc_status);
                if !matches!(as_stream(shared, stream, active, answer), Some(Ok(()))) {
                    // Then the stream stays paused until the proxy's idle timeout: closed, not open.
                    host::log(Level::Error, "countersign: the proxy would not send an answer");
                }
            }
            Effect::Resume(_permit) => {
                if !matches!(as_stream(shared, stream, active, host::resume_request), Some(Ok(()))) {
                    host::log(Level::Error, "countersign: the proxy would not let a released request go on");
                }
            }
        }
    }
    if undone {
        handle(shared, stream, active, Event::Undone);
    } else if confirm {
        handle(shared, stream, active, Event::Done);
    }
    if let Some(serial) = lost {
        handle(shared, stream, active, Event::Answer(serial, Answer::Lost));
    }
}

/// Makes a call of the stream's; `None` where the host will not.
fn as_stream<T>(shared: &Shared, stream: u32, active: Active, call: impl FnOnce() -> T) -> Option<T> {
    match active {
        Active::Stream(_) => Some(call()),
        Active::Root => {
            host::act_as(stream).ok()?;
            let done = call();
            host::act_as(shared.root).unwrap_or_default();
            Some(done)
        }
    }
}

/// Calls the approval service as the root.
pub(crate) fn send(
    shared: &Shared,
    active: Active,
    dispatch: &Dispatch,
    callee: Callee,
) -> Result<(), host::Refused> {
    match active {
        Active::Root => {
            let token = host::dispatch(&shared.cluster, dispatch)?;
            shared.calls.borrow_mut().insert(token, callee);
        }
        Active::Stream(stream) => {
            host::act_as(shared.root)?;
            let token = host::dispatch(&shared.cluster, dispatch);
            // Whatever follows in this callback speaks of the stream again.
            host::act_as(stream)?;
            let token = token?;
            match callee {
                Callee::Session(_, serial) => {
                    if let Some(entry) = shared.sessions.borrow_mut().get_mut(&stream) {
                        entry.pending = Some((token, serial));
                    }
                }
                Callee::Records | Callee::Watch | Callee::Withdrawal | Callee::Nobody => {}
            }
        }
    }
    Ok(())
}

/// The answer to a dispatch that was made while a stream was active.
pub(crate) fn answered_in_stream(shared: &Shared, stream: u32, token: u32, answer: Answer) {
    let serial = {
        let mut sessions = shared.sessions.borrow_mut();
        let Some(entry) = sessions.get_mut(&stream) else { return };
        match entry.pending {
            Some((pending, serial)) if pending == token => {
                entry.pending = None;
                serial
            }
            Some(_) | None => return,
        }
    };
    deliver(shared, stream, Active::Stream(stream), serial, answer);
}

/// Brings an answer to its session.
pub(crate) fn deliver(shared: &Shared, stream: u32, active: Active, serial: Serial, answer: Answer) {
    handle(shared, stream, active, Event::Answer(serial, answer));
}
