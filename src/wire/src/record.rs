//! Audit records and their chains (audit 2.1, 2.2): one JSON line per event, each holding the hash of the one before.
//!
//! A record never holds payload bytes, secrets, tokens or unmasked text. Whoever builds one passes only what the types of
//! the core allow to be written.

use crate::{
    clock::{UnixMs, rfc3339_ms},
    digest::tagged_hex,
    json::{Limits, jcs, strict},
    submission::RecordRef,
};
use serde_json::{Map, Value};

/// Everything that is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A chain begins.
    ChainOpen,
    /// A policy took effect.
    PolicyLoaded,
    /// A call passed.
    ActionAllowed,
    /// Approval is asked for.
    ApprovalRequested,
    /// The service took it as a task.
    ApprovalPending,
    /// A reviewer asked something.
    ContextAsked,
    /// The agent answered.
    ContextAnswered,
    /// A decision; the service writes it.
    DecisionRecorded,
    /// Nobody decided in time.
    ApprovalExpired,
    /// Withdrawn.
    ApprovalCancelled,
    /// Written before the release it belongs to.
    ActionReleasing,
    /// The call left.
    ActionReleased,
    /// Secrets were put into a call that left: their names and versions.
    SecretReleased,
    /// The upstream answered.
    ActionCompleted,
    /// The call did not leave.
    ActionBlocked,
    /// Something that should have verified did not.
    VerifyFailed,
    /// The chain is alive; counts since the last one.
    ChainHeartbeat,
    /// A chain ends in order.
    ChainClose,
}

impl Event {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChainOpen => "chain.open",
            Self::PolicyLoaded => "policy.loaded",
            Self::ActionAllowed => "action.allowed",
            Self::ApprovalRequested => "approval.requested",
            Self::ApprovalPending => "approval.pending",
            Self::ContextAsked => "approval.context_asked",
            Self::ContextAnswered => "approval.context_answered",
            Self::DecisionRecorded => "decision.recorded",
            Self::ApprovalExpired => "approval.expired",
            Self::ApprovalCancelled => "approval.cancelled",
            Self::ActionReleasing => "action.releasing",
            Self::ActionReleased => "action.released",
            Self::SecretReleased => "secret.released",
            Self::ActionCompleted => "action.completed",
            Self::ActionBlocked => "action.blocked",
            Self::VerifyFailed => "verify.failed",
            Self::ChainHeartbeat => "chain.heartbeat",
            Self::ChainClose => "chain.close",
        }
    }
}

/// One finished record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    value: Map<String, Value>,
    name: RecordRef,
}

impl Record {
    /// Which record it is.
    pub fn name(&self) -> &RecordRef {
        &self.name
    }

    /// The record as a JSON value.
    pub fn value(&self) -> Value {
        Value::Object(self.value.clone())
    }

    /// The record as one canonical line, without a line feed.
    pub fn line(&self) -> String {
        String::from_utf8(jcs(&self.value())).unwrap_or_default()
    }

    /// Reads one line and checks that its hash is its own.
    ///
    /// # Errors
    /// [`ChainFault::Shape`] or [`ChainFault::Hash`], with `at` as the record's place.
    pub fn read(line: &[u8], at: u64) -> Result<Self, ChainFault> {
        let limits = Limits { size: 64 * 1024, depth: 32 };
        let value = strict(line, &limits).map_err(|_| ChainFault::Shape(at))?;
        Self::from_value(value, at)
    }

    /// As [`Record::read`], from a value that is already parsed.
    ///
    /// # Errors
    /// As [`Record::read`].
    pub fn from_value(value: Value, at: u64) -> Result<Self, ChainFault> {
        let Value::Object(mut members) = value else { return Err(ChainFault::Shape(at)) };
        let stated = members.remove("hash");
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        let chain = text("chain").filter(|chain| is_uuid(chain)).ok_or(ChainFault::Shape(at))?;
        let seq = members.get("seq").and_then(Value::as_u64).ok_or(ChainFault::Shape(at))?;
        let well_formed = members.get("v").and_then(Value::as_u64) == Some(1)
            && text("event").is_some()
            && text("ts").is_some()
            && text("prev").is_some_and(|prev| prev.len() == 64);
        if !well_formed {
            return Err(ChainFault::Shape(at));
        }
        let hash = tagged_hex(PREFIX, &jcs(&Value::Object(members.clone())));
        if stated.as_ref().and_then(Value::as_str) != Some(hash.as_str()) {
            return Err(ChainFault::Hash(at));
        }
        members.insert("hash".into(), hash.clone().into());
        Ok(Self { value: members, name: RecordRef { chain, seq, hash } })
    }

    /// A text member.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value.get(name).and_then(Value::as_str)
    }

    /// The hash of the record before.
    pub fn prev(&self) -> &str {
        self.text("prev").unwrap_or_default()
    }

    /// What happened, as it is written.
    pub fn event(&self) -> &str {
        self.text("event").unwrap_or_default()
    }
}

const PREFIX: &str = "countersign-audit-v1\0";
const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Whether `text` has the form of a UUID in lower case.
pub fn is_uuid(text: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| {
            if dashes.contains(&i) { b == b'-' } else { b.is_ascii_digit() || (b'a'..=b'f').contains(&b) }
        })
}

/// The writing end of one chain.
#[derive(Clone, Debug)]
pub struct Chain {
    id: String,
    next: u64,
    prev: String,
}

impl Chain {
    /// A new chain; `id` is a fresh UUIDv7.
    pub fn new(id: String) -> Self {
        Self { id, next: 0, prev: ZEROS.to_owned() }
    }

    /// Goes on with a chain whose last record is known.
    pub fn after(last: &RecordRef) -> Self {
        Self { id: last.chain.clone(), next: last.seq + 1, prev: last.hash.clone() }
    }

    /// The chain's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Writes the next record. Members that the chain itself owns cannot be overwritten by `members`.
    pub fn append(&mut self, event: Event, at: UnixMs, members: Map<String, Value>) -> Record {
        self.append_named(event.as_str(), at, members)
    }

    /// As [`Chain::append`], for events only the service knows (`approver.login`, `admin.*`).
    pub fn append_named(&mut self, event: &str, at: UnixMs, members: Map<String, Value>) -> Record {
        let mut value = members;
        value.remove("hash");
        value.insert("v".into(), 1.into());
        value.insert("chain".into(), self.id.clone().into());
        value.insert("seq".into(), self.next.into());
        value.insert("prev".into(), self.prev.clone().into());
        value.insert("event".into(), event.into());
        value.insert("ts".into(), rfc3339_ms(at).into());
        let hash = tagged_hex(PREFIX, &jcs(&Value::Object(value.clone())));
        value.insert("hash".into(), hash.clone().into());
        let name = RecordRef { chain: self.id.clone(), seq: self.next, hash: hash.clone() };
        self.next += 1;
        self.prev = hash;
        Record { value, name }
    }
}

/// What is wrong with a chain, in the words of audit 2.3; the number is the place in the file, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// Not a record.
    #[error("shape@{0}: not an audit record")]
    Shape(u64),
    /// Edited.
    #[error("hash@{0}: the record is not what was written")]
    Hash(u64),
    /// Something is missing, or out of order.
    #[error("gap@{0}: a record is missing or out of order")]
    Gap(u64),
    /// It does not follow the one before.
    #[error("link@{0}: the record does not follow the one before it")]
    Link(u64),
}

/// Verifies the lines of one chain in order and returns its last record's name; `None` where there is no line. A cut tail
/// passes: only the service's signed checkpoint can tell.
///
/// # Errors
/// The first [`ChainFault`].
pub fn verify_chain<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<RecordRef>, ChainFault> {
    let mut last: Option<RecordRef> = None;
    for (at, line) in (0u64..).zip(lines) {
        let record = Record::read(line, at)?;
        let (chain, next, prev) = match &last {
            Some(last) => (last.chain.as_str(), last.seq + 1, last.hash.as_str()),
            None => (record.name.chain.as_str(), 0, ZEROS),
        };
        if record.name.seq != next {
            return Err(ChainFault::Gap(at));
        }
        if record.name.chain != chain || record.prev() != prev {
            return Err(ChainFault::Link(at));
        }
        last = Some(record.name);
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::clock::parse_rfc3339;

    const VECTOR: &str = include_str!("../vectors/chain.jsonl");

    fn lines(text: &str) -> Vec<&[u8]> {
        text.lines().map(str::as_bytes).collect()
    }

    #[test]
    fn the_published_chain_is_written_byte_for_byte() {
        let mut chain = Chain::new("019aa3e4-9c7b-7c1d-8f00-0a1b2c3d4e5f".into());
        for line in VECTOR.lines() {
            let Value::Object(members) = serde_json::from_str(line).unwrap() else { panic!("a record") };
            let at = parse_rfc3339(members["ts"].as_str().unwrap()).unwrap();
            let event = members["event"].as_str().unwrap().to_owned();
            assert_eq!(chain.append_named(&event, at, members).line(), line);
        }
    }

    #[test]
    fn tampering_is_named() {
        assert_eq!(verify_chain(lines(VECTOR)).unwrap().unwrap().seq, 4);
        let edited = VECTOR.replacen("egress-7d9f", "egress-7d90", 1);
        assert_eq!(verify_chain(lines(&edited)), Err(ChainFault::Hash(0)));
        let mut without = lines(VECTOR);
        without.remove(2);
        assert_eq!(verify_chain(without), Err(ChainFault::Gap(2)));
        let mut swapped = lines(VECTOR);
        swapped.swap(1, 2);
        assert_eq!(verify_chain(swapped), Err(ChainFault::Gap(1)));
        let mut cut = lines(VECTOR);
        cut.pop();
        assert_eq!(verify_chain(cut).unwrap().unwrap().seq, 3, "a cut tail passes: the checkpoint tells");
        assert_eq!(verify_chain([&b"{}"[..]]), Err(ChainFault::Shape(0)));
    }

    #[test]
    fn a_rehashed_edit_breaks_the_link() {
        let mut other = Chain::new("019aa3e4-9c7b-7c1d-8f00-0a1b2c3d4e5f".into());
        let forged = other.append(Event::ChainOpen, 0, Map::new()).line();
        let mut tampered = lines(VECTOR);
        tampered[0] = forged.as_bytes();
        assert_eq!(verify_chain(tampered), Err(ChainFault::Link(1)));
    }

    #[test]
    fn members_cannot_pose_as_the_chains_own() {
        let mut chain = Chain::new("019aa3e4-9c7b-7c1d-8f00-0a1b2c3d4e5f".into());
        let Value::Object(evil) = serde_json::json!({"seq": 9, "hash": "x", "prev": "y", "event": "z"})
        else {
            panic!("an object")
        };
        let record = chain.append(Event::ActionBlocked, 0, evil);
        assert_eq!(record.name().seq, 0);
        assert_eq!(record.event(), "action.blocked");
        assert!(Record::read(record.line().as_bytes(), 0).is_ok());
    }
}
