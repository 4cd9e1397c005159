//! How much one worker has on its hands: requests whose body it reads, and bytes of heads and bodies of those and of all it
//! holds. Counted from the states themselves, before and after each event, so that nothing is ever forgotten or counted twice.

use super::{Desk, Reading, State, Verdict, close};
use crate::{
    answer::{Limit, Situation, speech::Speech},
    call::{Call, HeaderMap},
    config::LimitsDoc,
};

/// What the calls of a worker come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Requests whose body is awaited.
    pub reading: usize,
    /// Bytes of heads and bodies that are read or held.
    pub bytes: usize,
}

impl Load {
    /// One call came to `before` and now comes to `after`.
    pub(super) fn change(&mut self, before: Self, after: Self) {
        self.reading = self.reading.saturating_sub(before.reading).saturating_add(after.reading);
        self.bytes = self.bytes.saturating_sub(before.bytes).saturating_add(after.bytes);
    }
}

/// What one call comes to.
pub(super) fn of(state: &State) -> Load {
    match state {
        State::Reading(reading) => Load { reading: 1, bytes: weight(reading) },
        State::Asking(holding, _) | State::Waiting(holding, _) | State::Redeeming(holding, _) => {
            Load { reading: 0, bytes: holding.weight }
        }
        State::Fresh | State::Passing | State::Released(_) | State::Ended => Load::default(),
    }
}

fn weight(reading: &Reading) -> usize {
    reading.call.headers().size().saturating_add(reading.size)
}

impl Desk<'_> {
    /// Whether this worker can take a call of so many bytes; why not.
    pub(super) fn room(&self, bytes: usize) -> Result<(), Situation> {
        let others = self.worker.load.bytes.saturating_sub(self.weight);
        let most = self.worker.config.limits.held_bytes;
        if others.saturating_add(bytes) > most {
            return Err(Situation::Full { limit: Limit::HeldBytes, most });
        }
        Ok(())
    }

    /// Whether this worker can await another body; why not.
    pub(super) fn reads_another(&self) -> Result<(), Situation> {
        let most = self.worker.config.limits.held;
        if self.worker.load.reading >= most {
            return Err(Situation::Full { limit: Limit::Held, most });
        }
        Ok(())
    }

    /// Whether this worker can hold another call; why not.
    pub(super) fn holds_another(&self) -> Result<(), Situation> {
        let most = self.worker.config.limits.held;
        if self.worker.holding >= most {
            return Err(Situation::Full { limit: Limit::Held, most });
        }
        Ok(())
    }
}

/// Refuses a call whose body is larger than may be held.
pub(super) fn too_large(desk: &mut Desk<'_>, call: &Call) -> State {
    let situation = Situation::TooLarge { limit: Limit::Body, most: desk.worker.config.limits.body_bytes };
    close::refuse(desk, &Speech::of_head(call), &situation, Some(call), None, Verdict::Blocked)
}

/// Whether a head is more than this filter looks at; then nothing of it is.
pub(super) fn too_much(headers: &HeaderMap, limits: &LimitsDoc) -> Option<Situation> {
    if headers.len() > limits.headers {
        return Some(Situation::TooLarge { limit: Limit::Headers, most: limits.headers });
    }
    let most = limits.header_bytes;
    (headers.size() > most).then_some(Situation::TooLarge { limit: Limit::HeaderBytes, most })
}

/// This worker has as much on its hands as it may.
pub(super) fn refuse_full(desk: &mut Desk<'_>, call: &Call, full: &Situation) -> State {
    close::refuse(desk, &Speech::of_head(call), full, Some(call), None, Verdict::Unavailable)
}
