//! The audit chain of one VM: written here, printed through the proxy's log, sent to the approval service.
//!
//! The chain opens with the first thing worth recording, so that a VM which only ever validates a configuration leaves no
//! trace. Until the service has acknowledged `chain.open`, nothing may be released. The releasing record itself travels
//! with the redeem; all others are sent in batches and kept until their hash is echoed. The queue is bounded: when the
//! service is away for long, the oldest lines live on in the proxy's log only, and the service sees the gap.

use crate::{entropy::Entropy, now::Now, service::Answer};
use countersign_wire::{
    json::{Limits, strict},
    record::{Chain, Event, Record},
    submission::RecordRef,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;

const QUEUE: usize = 4096;
const BATCH_LINES: usize = 256;
const BATCH_BYTES: usize = 256 * 1024;
const HEARTBEAT_MS: u64 = 30_000;
/// The longest pause once the service is known to answer, in milliseconds.
const SOON_MS: u64 = 1000;
/// How often a record is offered to a service that answers but does not echo it.
const OFFERS: u8 = 5;

/// What a VM says of itself when its chain opens.
#[derive(Clone, Debug, Default)]
pub struct Pep {
    /// The pod or host.
    pub pod: Option<String>,
    /// Hexadecimal SHA-256 of the module, where the operator gave it.
    pub module_sha256: Option<String>,
    /// Hexadecimal SHA-256 of the configuration.
    pub config_sha256: String,
    /// The policy's name, commit and digest.
    pub policy: Value,
}

/// Whether the service knows this chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// `chain.open` is acknowledged: releases may happen.
    Known,
    /// Not yet.
    Unknown,
}

/// How often each thing happened since the last heartbeat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that passed.
    pub allowed: u64,
    /// Calls that were held.
    pub held: u64,
    /// Calls that were refused or not released.
    pub blocked: u64,
    /// Calls that were released.
    pub released: u64,
}

#[derive(Debug)]
struct Waiting {
    line: String,
    name: RecordRef,
    offers: u8,
}

/// The audit chain of one VM.
#[derive(Debug)]
pub struct Journal {
    pep: Pep,
    chain: Option<Chain>,
    standing: Standing,
    queue: VecDeque<Waiting>,
    /// How many of the first lines are under way.
    in_flight: usize,
    failures: u32,
    not_before: u64,
    beat: u64,
    counts: Counts,
    printed: Vec<String>,
}

impl Journal {
    /// A journal whose chain is not open yet.
    pub fn new(pep: Pep) -> Self {
        Self {
            pep,
            chain: None,
            standing: Standing::Unknown,
            queue: VecDeque::new(),
            in_flight: 0,
            failures: 0,
            not_before: 0,
            beat: 0,
            counts: Counts::default(),
            printed: Vec::new(),
        }
    }

    /// Whether the service knows the chain.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// What happened since the last heartbeat.
    pub fn counts(&mut self) -> &mut Counts {
        &mut self.counts
    }

    /// How many records the service has not acknowledged.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Writes a record that the service gets with the next batch.
    pub fn write(
        &mut self,
        now: Now,
        entropy: &mut Entropy,
        event: Event,
        members: Map<String, Value>,
    ) -> RecordRef {
        let record = self.write_ahead(now, entropy, event, members);
        self.offer(&record);
        record.name().clone()
    }

    /// Writes a record that its caller sends to the service itself, as a redeem does.
    pub fn write_ahead(
        &mut self,
        now: Now,
        entropy: &mut Entropy,
        event: Event,
        members: Map<String, Value>,
    ) -> Record {
        self.open(now, entropy);
        let chain = self.chain.get_or_insert_with(|| Chain::new(entropy.uuid7(now.unix_ms)));
        let record = chain.append(event, now.unix_ms, members);
        self.printed.push(record.line());
        record
    }

    /// Puts a record into the next batch. Sending one twice is harmless: the service knows it by its hash.
    pub fn offer(&mut self, record: &Record) {
        if self.queue.len() >= QUEUE {
            self.queue.pop_front();
        }
        self.queue.push_back(Waiting { line: record.line(), name: record.name().clone(), offers: 0 });
    }

    /// Lines to print, oldest first.
    pub fn take_printed(&mut self) -> Vec<String> {
        std::mem::take(&mut self.printed)
    }

    /// Says that the chain is alive, every 30 s, with what happened meanwhile.
    pub fn heartbeat(&mut self, now: Now, entropy: &mut Entropy) {
        if self.counts != Counts::default() {
            self.open(now, entropy);
        }
        if self.chain.is_none() || now.mono_ms < self.beat {
            return;
        }
        self.beat = now.mono_ms.saturating_add(HEARTBEAT_MS);
        let counts = std::mem::take(&mut self.counts);
        self.write(now, entropy, Event::ChainHeartbeat, counted(counts));
    }

    /// Ends the chain in order.
    pub fn close(&mut self, now: Now, entropy: &mut Entropy) {
        if self.chain.is_some() {
            let counts = std::mem::take(&mut self.counts);
            self.write(now, entropy, Event::ChainClose, counted(counts));
        }
    }

    /// The next batch as JSON Lines, if one is due; at most one is under way.
    pub fn batch(&mut self, now: Now) -> Option<Vec<u8>> {
        if self.in_flight > 0 || self.queue.is_empty() || now.mono_ms < self.not_before {
            return None;
        }
        let mut body = String::new();
        for waiting in self.queue.iter().take(BATCH_LINES) {
            if !body.is_empty() && body.len() + waiting.line.len() >= BATCH_BYTES {
                break;
            }
            self.in_flight += 1;
            body.push_str(&waiting.line);
            body.push('\n');
        }
        Some(body.into_bytes())
    }

    /// Takes the answer to a batch. Only an echoed hash is an acknowledgement.
    pub fn answered(&mut self, now: Now, answer: &Answer) {
        let sent = std::mem::take(&mut self.in_flight);
        let accepted = match answer {
            // These speak of the lines. Others, such as 401 while a clock is wrong, say nothing of them.
            Answer::Http { status: 400 | 409 | 413 | 422, .. } => Some(Vec::new()),
            Answer::Http { .. } | Answer::Lost => accepted(answer),
        };
        let echoed = accepted.as_ref().is_some_and(|names| names.iter().any(|name| self.is_waiting(name)));
        if echoed {
            self.failures = 0;
            self.not_before = now.mono_ms;
        } else {
            // Offering the same lines again at once would be a busy loop.
            self.failures = self.failures.saturating_add(1);
            let wait = 500u64.saturating_mul(1 << self.failures.min(6));
            self.not_before = now.mono_ms.saturating_add(wait);
        }
        let Some(accepted) = accepted else { return };
        let own = self.chain.as_ref().map(|chain| chain.id().to_owned()).unwrap_or_default();
        if accepted.iter().any(|name| name.seq == 0 && name.chain == own && self.is_waiting(name)) {
            self.standing = Standing::Known;
        }
        // The service has answered. A line that it refuses must not keep all others from it for good; without
        // `chain.open` the chain is worth nothing, so that one is offered for ever.
        for waiting in self.queue.iter_mut().take(sent) {
            waiting.offers = waiting.offers.saturating_add(1);
        }
        self.queue.retain(|waiting| {
            !accepted.contains(&waiting.name) && (waiting.offers < OFFERS || waiting.name.seq == 0)
        });
    }

    /// The service has answered something else: a long pause after it was away is over.
    pub fn reachable(&mut self, now: Now) {
        self.not_before = self.not_before.min(now.mono_ms.saturating_add(SOON_MS));
    }

    fn is_waiting(&self, name: &RecordRef) -> bool {
        self.queue.iter().any(|waiting| waiting.name == *name)
    }

    fn open(&mut self, now: Now, entropy: &mut Entropy) {
        if self.chain.is_some() {
            return;
        }
        let mut chain = Chain::new(entropy.uuid7(now.unix_ms));
        let mut members = Map::new();
        members.insert("config_sha256".into(), self.pep.config_sha256.clone().into());
        members.insert("policy".into(), self.pep.policy.clone());
        for (name, value) in [("pod", &self.pep.pod), ("module_sha256", &self.pep.module_sha256)] {
            if let Some(value) = value {
                members.insert(name.into(), value.clone().into());
            }
        }
        let record = chain.append(Event::ChainOpen, now.unix_ms, members);
        self.printed.push(record.line());
        self.offer(&record);
        self.beat = now.mono_ms.saturating_add(HEARTBEAT_MS);
        self.chain = Some(chain);
    }
}

fn counted(counts: Counts) -> Map<String, Value> {
    let Counts { allowed, held, blocked, released } = counts;
    let counts = json!({"allowed": allowed, "held": held, "blocked": blocked, "released": released});
    Map::from_iter([("counts".to_owned(), counts)])
}

#[derive(Deserialize)]
struct Accepted {
    accepted: Vec<RecordRef>,
}

fn accepted(answer: &Answer) -> Option<Vec<RecordRef>> {
    match answer {
        Answer::Http { status: 200, body, .. } => {
            let value = strict(body, &Limits::ANSWER).ok()?;
            serde_json::from_value::<Accepted>(value).ok().map(|list| list.accepted)
        }
        Answer::Http { .. } | Answer::Lost => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_wire::record::verify_chain;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const NOW: Now = Now { mono_ms: 1000, unix_ms: 1_795_241_040_000 };

    fn start() -> (Journal, Entropy) {
        (Journal::new(Pep::default()), Entropy::new([1; 32]))
    }

    fn echo(batch: &[u8], which: impl Fn(u64) -> bool) -> Answer {
        let names: Vec<Value> = batch
            .split(|b| *b == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice::<Value>(line).unwrap())
            .filter(|record| which(record["seq"].as_u64().unwrap()))
            .map(|record| json!({"chain": record["chain"], "seq": record["seq"], "hash": record["hash"]}))
            .collect();
        Answer::Http {
            status: 200,
            retry_after_s: None,
            body: json!({ "accepted": names }).to_string().into_bytes(),
        }
    }

    #[test]
    fn nothing_is_written_before_there_is_something_to_record() {
        let (mut journal, mut entropy) = start();
        journal.heartbeat(NOW, &mut entropy);
        assert!(journal.batch(NOW).is_none() && journal.take_printed().is_empty());
    }

    #[test]
    fn what_is_printed_is_one_valid_chain() {
        let (mut journal, mut entropy) = start();
        journal.write(NOW, &mut entropy, Event::ActionBlocked, Map::new());
        journal.write_ahead(NOW, &mut entropy, Event::ActionReleasing, Map::new());
        journal.counts().allowed = 7;
        journal.heartbeat(NOW.after(HEARTBEAT_MS), &mut entropy);
        journal.close(NOW, &mut entropy);
        let lines = journal.take_printed();
        assert_eq!(lines.len(), 5);
        assert_eq!(verify_chain(lines.iter().map(String::as_bytes)).unwrap().unwrap().seq, 4);
        assert!(lines[3].contains(r#""allowed":7"#));
    }

    #[test]
    fn only_an_echoed_hash_makes_the_chain_known() {
        let (mut journal, mut entropy) = start();
        journal.write(NOW, &mut entropy, Event::ActionBlocked, Map::new());
        let batch = journal.batch(NOW).unwrap();
        assert!(journal.batch(NOW).is_none(), "one at a time");
        for bad in [Answer::Lost, Answer::Http { status: 200, retry_after_s: None, body: b"{}".to_vec() }] {
            journal.answered(NOW, &bad);
            assert_eq!((journal.standing(), journal.waiting()), (Standing::Unknown, 2));
        }
        let forged = String::from_utf8(batch.clone()).unwrap().replace("\"hash\":\"", "\"hash\":\"0");
        journal.answered(NOW, &echo(forged.as_bytes(), |_| true));
        assert_eq!((journal.standing(), journal.waiting()), (Standing::Unknown, 2));
        journal.answered(NOW, &echo(&batch, |seq| seq == 0));
        assert_eq!((journal.standing(), journal.waiting()), (Standing::Known, 1));
    }

    #[test]
    fn a_service_that_is_away_is_asked_ever_less_often() {
        let (mut journal, mut entropy) = start();
        journal.write(NOW, &mut entropy, Event::ActionBlocked, Map::new());
        assert!(journal.batch(NOW).is_some());
        journal.answered(NOW, &Answer::Lost);
        assert!(journal.batch(NOW.after(500)).is_none());
        assert!(journal.batch(NOW.after(1000)).is_some());
    }

    #[test]
    fn a_service_that_is_back_is_not_kept_waiting() {
        let (mut journal, mut entropy) = start();
        journal.write(NOW, &mut entropy, Event::ActionBlocked, Map::new());
        let mut now = NOW;
        for _ in 0..6 {
            now = now.after(60_000);
            assert!(journal.batch(now).is_some());
            journal.answered(now, &Answer::Lost);
        }
        assert!(journal.batch(now.after(20_000)).is_none());
        journal.reachable(now.after(20_000));
        assert!(journal.batch(now.after(20_000 + SOON_MS)).is_some());
    }

    #[test]
    fn a_refusal_of_the_caller_is_none_of_its_lines() {
        let (mut journal, mut entropy) = start();
        journal.write(NOW, &mut entropy, Event::ActionBlocked, Map::new());
        let mut now = NOW;
        for status in [401, 403, 404, 408, 429].into_iter().cycle().take(20) {
            now = now.after(60_000);
            assert!(journal.batch(now).is_some());
            journal.answered(now, &Answer::Http { status, retry_after_s: None, body: Vec::new() });
        }
        assert_eq!(journal.waiting(), 2);
    }

    #[test]
    fn a_line_that_the_service_refuses_does_not_keep_the_others_from_it() {
        let (mut journal, mut entropy) = start();
        journal.write(NOW, &mut entropy, Event::ActionBlocked, Map::new());
        let mut now = NOW;
        for _ in 0..OFFERS {
            now = now.after(60_000);
            assert!(journal.batch(now).is_some());
            journal.answered(now, &Answer::Http { status: 409, retry_after_s: None, body: Vec::new() });
            assert!(journal.batch(now).is_none(), "not at once");
        }
        assert_eq!((journal.waiting(), journal.standing()), (1, Standing::Unknown), "chain.open stays");
    }

    #[test]
    fn an_outage_loses_no_line() {
        let (mut journal, mut entropy) = start();
        journal.write(NOW, &mut entropy, Event::ActionBlocked, Map::new());
        let mut now = NOW;
        for lost in [Answer::Lost, Answer::Http { status: 503, retry_after_s: None, body: Vec::new() }]
            .iter()
            .cycle()
            .take(20)
        {
            now = now.after(60_000);
            assert!(journal.batch(now).is_some());
            journal.answered(now, lost);
        }
        now = now.after(60_000);
        let batch = journal.batch(now).unwrap();
        journal.answered(now, &echo(&batch, |_| true));
        assert_eq!((journal.waiting(), journal.standing()), (0, Standing::Known));
    }

    #[test]
    fn the_queue_is_bounded() {
        let (mut journal, mut entropy) = start();
        for _ in 0..QUEUE + 10 {
            journal.write(NOW, &mut entropy, Event::ActionBlocked, Map::new());
        }
        assert_eq!(journal.waiting(), QUEUE);
    }
}
