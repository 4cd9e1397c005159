//! Reviewers who decide through the approver API, as the number of a request says, each some time after they saw it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
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
const PAUSE: Duration = Duration::from_millis(150);

/// The tasks of each request, as reviewers saw them. A task is here before anybody approves it.
pub(super) type Seen = Arc<Mutex<BTreeMap<u64, BTreeSet<String>>>>;

/// Reviewers at work.
pub(super) struct Crowd {
    stop: Arc<AtomicBool>,
    at_work: Vec<JoinHandle<()>>,
}

impl Crowd {
    /// Logs them in and lets them work.
    pub(super) fn start(service: &Service, seen: &Seen) -> Result<Self> {
        let stop = Arc::<AtomicBool>::default();
        let mut at_work = Vec::new();
        for (number, name) in ["bob", "carol"].iter().enumerate() {
            let (reviewer, stop, seen) = (service.reviewer(name)?, Arc::clone(&stop), Arc::clone(seen));
            let share = u64::try_from(number)?;
            at_work.push(thread::spawn(move || work(&reviewer, share, &stop, &seen)));
        }
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

/// Looks and decides until told to stop. A service that does not answer is asked again: that is the point of the run.
fn work(reviewer: &Reviewer, share: u64, stop: &AtomicBool, seen: &Seen) {
    let (mut first, mut done) = (BTreeMap::new(), BTreeSet::new());
    while !stop.load(Ordering::SeqCst) {
        thread::sleep(PAUSE);
        let Ok(waiting) = waiting(reviewer) else { continue };
        for request in waiting {
            let (Some(tid), Some(id)) = (request["id"].as_str(), about(&request)) else { continue };
            lock(seen).entry(id).or_default().insert(tid.to_owned());
            let since = *first.entry(tid.to_owned()).or_insert_with(Instant::now);
            if id / 10 % 2 != share || done.contains(tid) || since.elapsed() < load::thinking(id) {
                continue;
            }
            let word = match load::verdict(id) {
                Verdict::Approve => "approve",
                Verdict::Deny => "deny",
                Verdict::Nothing => continue,
            };
            // An answer that was lost is no decision yet: what still waits then is decided again.
            let decided = reviewer.decide(&request, word, "as its number says");
            if decided.is_ok_and(|answer| answer.status == 200) {
                done.insert(tid.to_owned());
            }
        }
    }
}

fn about(request: &Value) -> Option<u64> {
    load::id(request["destination"]["path"].as_str()?)
}

fn waiting(reviewer: &Reviewer) -> Result<Vec<Value>> {
    let list = reviewer.read("/approver/v1/requests")?.json()?;
    list["requests"].as_array().cloned().context("no list")
}
