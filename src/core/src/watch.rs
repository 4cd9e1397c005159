//! One poll for all held calls of a worker, when many are held.
//!
//! The answer is a hint and nothing else: it names tasks that are no longer pending, and each call it names then asks for
//! its own task. So a service that lies wakes calls for nothing, or leaves them to their deadline; it cannot decide any.
//! A service that does not know the watch is remembered as such, and every call polls for itself.

use crate::{config::Poll, now::Now, service::Answer};
use countersign_wire::json::{Limits, strict};
use hashbrown::HashMap;
use serde::Deserialize;
use serde_json::json;
use std::collections::VecDeque;

/// Above this many held calls on a worker, `poll: auto` watches.
const MANY: usize = 32;
/// Ids in one watch.
const MOST_IDS: usize = 1000;
/// After a watch that failed, in milliseconds.
const PAUSE_MS: u64 = 1000;

/// How a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// By a long poll of its own.
    Alone,
    /// By the worker's watch.
    Watched,
}

/// The watch of one worker.
#[derive(Debug)]
pub struct Watch {
    poll: Poll,
    known: bool,
    ids: HashMap<String, Vec<u32>>,
    asked: VecDeque<String>,
    in_flight: bool,
    not_before: u64,
    ready: VecDeque<u32>,
}

#[derive(Deserialize)]
struct Ready {
    ready: Vec<String>,
}

impl Watch {
    /// How long one watch waits. Short: a call that joins meanwhile is not in it.
    pub const WAIT_S: u64 = 2;

    /// Nothing watched yet.
    pub fn new(poll: Poll) -> Self {
        Self {
            poll,
            known: true,
            ids: HashMap::new(),
            asked: VecDeque::new(),
            in_flight: false,
            not_before: 0,
            ready: VecDeque::new(),
        }
    }

    /// How a call should wait, with so many held.
    pub fn advise(&self, holding: usize) -> Wait {
        match self.poll {
            Poll::Batch if self.known => Wait::Watched,
            Poll::Auto if self.known && holding > MANY => Wait::Watched,
            Poll::Auto | Poll::Batch | Poll::Stream => Wait::Alone,
        }
    }

    /// Watches a task for a stream.
    pub fn add(&mut self, tid: &str, stream: u32) {
        let streams = self.ids.entry(tid.to_owned()).or_default();
        if !streams.contains(&stream) {
            streams.push(stream);
        }
        self.asked.push_back(tid.to_owned());
    }

    /// Stops watching a task for a stream.
    pub fn remove(&mut self, tid: &str, stream: u32) {
        if let Some(streams) = self.ids.get_mut(tid) {
            streams.retain(|known| *known != stream);
            if streams.is_empty() {
                self.ids.remove(tid);
            }
        }
    }

    /// The body of the next watch. More tasks than fit take turns.
    pub fn ask(&mut self, now: Now) -> Option<Vec<u8>> {
        if self.in_flight || self.ids.is_empty() || now.mono_ms < self.not_before || !self.ready.is_empty() {
            return None;
        }
        let mut ids: Vec<String> = Vec::new();
        for _ in 0..self.asked.len() {
            let Some(id) = self.asked.pop_front() else { break };
            if !self.ids.contains_key(&id) || ids.contains(&id) {
                continue;
            }
            ids.push(id);
            if ids.len() == MOST_IDS {
                break;
            }
        }
        if ids.is_empty() {
            return None;
        }
        self.asked.extend(ids.iter().cloned());
        self.in_flight = true;
        serde_json::to_vec(&json!({ "ids": ids })).ok()
    }

    /// Takes the answer to a watch. Whom it wakes is drawn with [`Watch::next_ready`].
    pub fn answered(&mut self, now: Now, answer: &Answer) {
        self.in_flight = false;
        self.not_before = now.mono_ms.saturating_add(PAUSE_MS);
        match answer {
            Answer::Http { status: 200, body, .. } => {
                let named =
                    strict(body, &Limits::ANSWER).ok().and_then(|v| serde_json::from_value::<Ready>(v).ok());
                if let Some(named) = named {
                    self.not_before = now.mono_ms;
                    let streams = named.ready.iter().filter_map(|id| self.ids.get(id)).flatten();
                    self.ready.extend(streams);
                }
            }
            Answer::Http { status: 404 | 405 | 501, .. } => {
                self.known = false;
                self.ready.extend(self.ids.values().flatten());
            }
            Answer::Http { .. } | Answer::Lost => {}
        }
    }

    /// The next stream to wake.
    pub fn next_ready(&mut self) -> Option<u32> {
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const NOW: Now = Now { mono_ms: 0, unix_ms: 0 };

    fn ok(body: &str) -> Answer {
        Answer::Http { status: 200, retry_after_s: None, body: body.as_bytes().to_vec() }
    }

    fn woken(watch: &mut Watch) -> Vec<u32> {
        std::iter::from_fn(|| watch.next_ready()).collect()
    }

    #[test]
    fn only_watched_streams_are_woken() {
        let mut watch = Watch::new(Poll::Batch);
        watch.add("a", 1);
        watch.add("b", 2);
        watch.add("a", 3);
        assert_eq!(watch.ask(NOW).unwrap(), br#"{"ids":["a","b"]}"#);
        assert!(watch.ask(NOW).is_none(), "one at a time");
        watch.remove("a", 3);
        watch.answered(NOW, &ok(r#"{"ready":["a","stranger"]}"#));
        assert_eq!(woken(&mut watch), [1]);
    }

    #[test]
    fn a_service_without_the_watch_wakes_all_to_poll_alone() {
        let mut watch = Watch::new(Poll::Batch);
        watch.add("a", 1);
        assert!(watch.ask(NOW).is_some());
        assert_eq!(watch.advise(1), Wait::Watched);
        watch.answered(NOW, &Answer::Http { status: 404, retry_after_s: None, body: vec![] });
        assert_eq!((woken(&mut watch), watch.advise(1)), (vec![1], Wait::Alone));
    }

    #[test]
    fn a_lost_watch_is_asked_again_after_a_pause() {
        let mut watch = Watch::new(Poll::Auto);
        watch.add("a", 1);
        assert!(watch.ask(NOW).is_some());
        watch.answered(NOW, &Answer::Lost);
        assert!(watch.ask(NOW).is_none());
        assert!(watch.ask(NOW.after(PAUSE_MS)).is_some());
    }

    #[test]
    fn more_tasks_than_fit_take_turns() {
        let mut watch = Watch::new(Poll::Batch);
        for n in 0..1500 {
            watch.add(&format!("t{n}"), n);
        }
        let first = String::from_utf8(watch.ask(NOW).unwrap()).unwrap();
        watch.answered(NOW, &ok(r#"{"ready":[]}"#));
        let second = String::from_utf8(watch.ask(NOW).unwrap()).unwrap();
        assert!(first.contains("\"t0\"") && !first.contains("\"t1400\""));
        assert!(second.contains("\"t1400\""));
    }

    #[test]
    fn few_held_calls_poll_alone() {
        let watch = Watch::new(Poll::Auto);
        assert_eq!((watch.advise(MANY), watch.advise(MANY + 1)), (Wait::Alone, Wait::Watched));
        assert_eq!(Watch::new(Poll::Stream).advise(10_000), Wait::Alone);
    }
}
