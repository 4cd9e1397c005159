//! A request that the host does not hand over: it is refused, whatever it may be.

use super::{Desk, Effect, Session, State, Verdict, close, load, recorded_first};
use crate::{
    answer::{
        Situation,
        speech::{PrefersAsync, Speech},
    },
    now::Now,
    requester::Facts,
    worker::Worker,
};

impl Session {
    /// Refuses a call whose head or body could not even be taken from the host. Later than that there is nothing to take.
    #[must_use]
    pub fn garbled(&mut self, worker: &mut Worker, now: Now) -> Vec<Effect> {
        match &self.state {
            State::Fresh | State::Reading(_) => {}
            State::Passing
            | State::Asking(..)
            | State::Waiting(..)
            | State::Redeeming(..)
            | State::Released(_)
            | State::Ended => return Vec::new(),
        }
        let before = load::of(&self.state);
        let mut desk = Desk {
            id: self.id,
            serial: &mut self.serial,
            worker,
            now,
            facts: &Nothing,
            weight: before.bytes,
            effects: Vec::new(),
        };
        let speech = Speech::Rest { prefers_async: PrefersAsync::No };
        let detail = "the proxy could not hand the request over".to_owned();
        let situation = Situation::Blocked { code: "unreadable_request", detail };
        self.state = close::refuse(&mut desk, &speech, &situation, None, None, Verdict::Blocked);
        let effects = desk.effects;
        worker.load.change(before, load::of(&self.state));
        recorded_first(worker, effects)
    }
}

/// A host that says nothing.
struct Nothing;

impl Facts for Nothing {
    fn property(&self, _path: &[&str]) -> Option<Vec<u8>> {
        None
    }
    fn environment(&self, _name: &str) -> Option<String> {
        None
    }
}
