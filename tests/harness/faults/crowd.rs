//! Reviewers who decide through the approver API, as the number of a request says, each some time after it was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use super::history::Verdict;
use super::load;
use crate::process::lock;
use crate::service::{Reviewer, Service};

/// Pauses between looks at the inbox.
const PAUSE: Duration = Duration::from_millis(200);
/// After which a decision that came to nothing is made again.
const AGAIN: Duration = Duration::from_secs(2);
/// Decisions that are made at once.
const HANDS: usize = 8;

/// The tasks of each request, as reviewers saw them. A task is here before anybody approves it.
pub(super) type Seen = Arc<Mutex<BTreeMap<u64, BTreeSet<String>>>>;

/// A request as it was shown, and the word on it.
type Order = (Value, &'static str);

/// Reviewers at work.
pub(super) struct Crowd {
    stop: Arc<AtomicBool>,
    at_work: Vec<JoinHandle<()>>,
}

impl Crowd {
    /// Logs them in and lets them work.
    pub(super) fn start(service: &Service, seen: &Seen) -> Result<Self> {
        let stop = Arc::<AtomicBool>::default();
        let (orders, inbox) = mpsc::sync_channel(HANDS);
        let inbox = Arc::new(Mutex::new(inbox));
        let mut at_work = Vec::new();
        for name in ["bob", "carol"].iter().cycle().take(HANDS) {
            let (reviewer, inbox) = (service.reviewer(name)?, Arc::clone(&inbox));
            at_work.push(thread::spawn(move || decide(&reviewer, &inbox)));
        }
        let (reviewer, stopped, seen) = (service.reviewer("bob")?, Arc::clone(&stop), Arc::clone(seen));
        at_work.push(thread::spawn(move || look(&reviewer, &stopped, &seen, &orders)));
        Ok(Self { stop, at_work })
    }

    /// Sends them home.
    pub(super) fn stop(self) -> Result<()> {
        self.stop.store(true, Ordering::SeqCst);
        for one in self.at_work {
            one.join().map_err(|_| anyhow!("a reviewer broke"))?;
        }
        Ok(())
    }
}

/// Looks at the inbox until told to stop. A service that does not answer is asked again: that is the point of the run.
fn look(reviewer: &Reviewer, stop: &AtomicBool, seen: &Seen, orders: &SyncSender<Order>) {
    let (mut first, mut ordered) = (BTreeMap::new(), BTreeMap::new());
    while !stop.load(Ordering::SeqCst) {
        thread::sleep(PAUSE);
        let Ok(waiting) = waiting(reviewer) else { continue };
        for request in waiting {
            let (Some(tid), Some(id)) = (request["id"].as_str().map(str::to_owned), about(&request)) else {
                continue;
            };
            lock(seen).entry(id).or_default().insert(tid.clone());
            let since = *first.entry(tid.clone()).or_insert_with(Instant::now);
            let lately = ordered.get(&tid).is_some_and(|at: &Instant| at.elapsed() < AGAIN);
            if since.elapsed() < load::thinking(id) || lately {
                continue;
            }
            let word = match load::verdict(id) {
                Verdict::Approve => "approve",
                Verdict::Deny => "deny",
                Verdict::Nothing => continue,
            };
            // When all hands are full it has its turn at the next look.
            match orders.try_send((request, word)) {
                Ok(()) => drop(ordered.insert(tid, Instant::now())),
                Err(TrySendError::Full(_)) => break,
                Err(TrySendError::Disconnected(_)) => return,
            }
        }
    }
}

/// Decides what was looked at. What comes of it shows in the inbox, and nowhere else: an answer may be lost.
fn decide(reviewer: &Reviewer, inbox: &Mutex<Receiver<Order>>) {
    loop {
        let order = lock(inbox).recv();
        let Ok((request, word)) = order else { return };
        reviewer.decide(&request, word, "as its number says").ok();
    }
}

fn about(request: &Value) -> Option<u64> {
    load::id(request["destination"]["path"].as_str()?)
}

fn waiting(reviewer: &Reviewer) -> Result<Vec<Value>> {
    let list = reviewer.read("/approver/v1/requests")?.json()?;
    list["requests"].as_array().cloned().context("no list")
}
