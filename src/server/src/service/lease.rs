//! Who waits for a task: known from the polls of its filter, and kept in memory only.
//!
//! A filter that holds a call polls for its task without a break until the hold ends. If it stops well before that, it has
//! died, or cannot reach us: nobody waits any more. Reviewers are told so, and where the rule withdraws a request whose agent
//! leaves, the task is withdrawn once the lease is over, as the dead filter cannot do that itself. A hold that ran to its
//! end is another matter: the agent was told to come again, and its task stays.
//!
//! It decides nothing else: who waits is no condition of an approval or of a release. Its clock is the one that only goes
//! forward, so that a jump of the other withdraws nothing. After a restart every task is taken to be waited for. Replicas tell
//! each other what is waited for where, twice a second; while one does not hear the others, it withdraws nothing.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use countersign_wire::submission::{OnDisconnect, Submission};

use super::Status;
use crate::store::Heard;

/// How long after its last poll a filter still counts as there: longer than its pause after a poll that failed.
const GRACE: Duration = Duration::from_secs(10);
/// A filter's last poll may end so long before the hold does.
const LAST: Duration = Duration::from_secs(5);

/// Whether anybody waits for a task's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiter {
    /// A call is held for it, as far as its filter tells.
    Here,
    /// Nobody has asked for it since then, Unix milliseconds. An approval is used when the agent comes again.
    GoneSince(i64),
}

/// What is known of those who wait.
pub(crate) struct Leases {
    length: Duration,
    /// A clock that only goes forward; its zero means nothing.
    steady: Box<dyn Fn() -> Duration + Send + Sync>,
    tasks: Mutex<HashMap<String, Lease>>,
}

struct Lease {
    /// Polls that are open now.
    polls: u32,
    /// When the last one ended, or the task was submitted; here, or at another replica.
    heard: Duration,
    /// The same here, if ever: what is heard of others is not told to them again.
    own: Option<Duration>,
    /// When the hold ends, where the filter says how long it is.
    until: Option<Duration>,
    leaving: OnDisconnect,
}

/// One poll that is open; dropping it ends it, whether it was answered or its connection was lost.
pub(crate) struct Poll<'l> {
    leases: &'l Leases,
    task: String,
}

impl Leases {
    /// Leases of this length.
    pub(crate) fn new(length: Duration) -> Self {
        let start = Instant::now();
        Self { length, steady: Box::new(move || start.elapsed()), tasks: Mutex::default() }
    }

    fn now(&self) -> Duration {
        (self.steady)()
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<String, Lease>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A filter holds a call for this task, and has done so for `age`.
    pub(crate) fn open(&self, task: &str, submission: &Submission, age: Duration) {
        let access = submission.requested_access.as_ref();
        let hold = access.and_then(|access| access.hold_seconds).and_then(|hold| u64::try_from(hold).ok());
        let left = hold.and_then(|hold| Duration::from_secs(hold).checked_sub(age));
        let now = self.now();
        let until = left.and_then(|left| now.checked_add(left));
        let leaving = access.and_then(|access| access.on_disconnect).unwrap_or(OnDisconnect::Keep);
        let mut tasks = self.tasks();
        let polls = tasks.get(task).map_or(0, |lease| lease.polls);
        tasks.insert(task.to_owned(), Lease { polls, heard: now, own: Some(now), until, leaving });
    }

    /// The same where nothing was heard of the task: its filter may have asked another replica, which told nobody.
    pub(crate) fn adopt(&self, task: &str, submission: &Submission, age: Duration) {
        if !self.tasks().contains_key(task) {
            self.open(task, submission, age);
            if let Some(lease) = self.tasks().get_mut(task) {
                lease.own = None;
            }
        }
    }

    /// What other replicas tell.
    pub(crate) fn told(&self, said: Heard) {
        let now = self.now();
        let mut tasks = self.tasks();
        match said {
            Heard::Changed(_) => {}
            // Whoever was not heard for a while may have waited all the time.
            Heard::Everything => tasks.values_mut().for_each(|lease| lease.heard = now),
            Heard::Held { task, left_ms, cancel } => {
                let until = left_ms.and_then(|left| now.checked_add(Duration::from_millis(left)));
                let leaving = if cancel { OnDisconnect::Cancel } else { OnDisconnect::Keep };
                let fresh = Lease { polls: 0, heard: now, own: None, until, leaving };
                let lease = tasks.entry(task).or_insert(fresh);
                (lease.heard, lease.until) = (now, lease.until.max(until));
            }
        }
    }

    /// What is waited for here, for other replicas: polls that are open, and those that ended within `lately`.
    pub(crate) fn held(&self, lately: Duration) -> Vec<Heard> {
        let now = self.now();
        let here =
            |lease: &Lease| lease.polls > 0 || lease.own.is_some_and(|own| now.saturating_sub(own) <= lately);
        let held = |(task, lease): (&String, &Lease)| Heard::Held {
            task: task.clone(),
            left_ms: lease.until.and_then(|until| u64::try_from(until.saturating_sub(now).as_millis()).ok()),
            cancel: match lease.leaving {
                OnDisconnect::Cancel => true,
                OnDisconnect::Keep => false,
            },
        };
        self.tasks().iter().filter(|(_, lease)| here(lease)).map(held).collect()
    }

    /// A filter's own poll for a task begins.
    pub(crate) fn poll(&self, task: &str) -> Poll<'_> {
        if let Some(lease) = self.tasks().get_mut(task) {
            lease.polls += 1;
        }
        Poll { leases: self, task: task.to_owned() }
    }

    /// A filter names these among the tasks that it waits for.
    pub(crate) fn heard<'t>(&self, named: impl IntoIterator<Item = &'t String>) {
        let now = self.now();
        let mut tasks = self.tasks();
        for task in named {
            if let Some(lease) = tasks.get_mut(task) {
                (lease.heard, lease.own) = (now, Some(now));
            }
        }
    }

    /// A task stands so now.
    pub(crate) fn changed(&self, task: &str, status: Status) {
        match status {
            Status::Pending => {}
            Status::Approved | Status::Denied | Status::Expired | Status::Cancelled => {
                self.tasks().remove(task);
            }
        }
    }

    /// Whether anybody waits for a task, `now_ms` by the clock that people share; `None` where it is not pending.
    pub(crate) fn waiter(&self, task: &str, now_ms: i64) -> Option<Waiter> {
        let tasks = self.tasks();
        let lease = tasks.get(task)?;
        let silent = self.now().saturating_sub(lease.heard);
        let since = now_ms.saturating_sub(i64::try_from(silent.as_millis()).unwrap_or(i64::MAX));
        Some(if lease.polls > 0 || silent < GRACE { Waiter::Here } else { Waiter::GoneSince(since) })
    }

    /// Tasks whose filter went silent in the middle of a hold, longer ago than the lease, and that are withdrawn then.
    pub(crate) fn lapsed(&self) -> Vec<String> {
        let now = self.now();
        let died = |lease: &Lease| lease.until.is_some_and(|until| lease.heard + LAST < until);
        let silent = |lease: &Lease| lease.polls == 0 && now.saturating_sub(lease.heard) > self.length;
        let lapsed = |lease: &Lease| match lease.leaving {
            OnDisconnect::Cancel => silent(lease) && died(lease),
            OnDisconnect::Keep => false,
        };
        self.tasks().iter().filter(|(_, lease)| lapsed(lease)).map(|(task, _)| task.clone()).collect()
    }
}

impl Drop for Poll<'_> {
    fn drop(&mut self) {
        let now = self.leases.now();
        if let Some(lease) = self.leases.tasks().get_mut(&self.task) {
            lease.polls = lease.polls.saturating_sub(1);
            (lease.heard, lease.own) = (now, Some(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    use super::*;

    const LEASE: Duration = Duration::from_mins(1);
    const SOON: Duration = Duration::from_secs(61);

    fn held(seconds: i64, leaving: OnDisconnect) -> Submission {
        let text = include_str!("../../../wire/vectors/approval-request.body");
        let mut submission: Submission = serde_json::from_str(text.trim_end()).unwrap();
        let access = submission.requested_access.as_mut().unwrap();
        (access.hold_seconds, access.on_disconnect) = (Some(seconds), Some(leaving));
        submission
    }

    /// A clock that a test moves.
    #[derive(Clone, Default)]
    struct Hand(Arc<AtomicU64>);

    impl Hand {
        fn pass(&self, time: Duration) {
            self.0.fetch_add(time.as_secs(), Ordering::SeqCst);
        }

        fn none(&self) -> Leases {
            let hand = self.clone();
            let steady = Box::new(move || Duration::from_secs(hand.0.load(Ordering::SeqCst)));
            Leases { steady, ..Leases::new(LEASE) }
        }
    }

    fn leases(hold: i64, leaving: OnDisconnect) -> (Hand, Leases) {
        let hand = Hand::default();
        let leases = hand.none();
        leases.open("a", &held(hold, leaving), Duration::ZERO);
        (hand, leases)
    }

    #[test]
    fn a_filter_that_goes_silent_in_the_middle_of_a_hold_loses_its_lease() {
        let (hand, leases) = leases(1800, OnDisconnect::Cancel);
        let poll = leases.poll("a");
        hand.pass(SOON);
        assert_eq!(
            (leases.waiter("a", 90_000), leases.lapsed().len()),
            (Some(Waiter::Here), 0),
            "a poll is open"
        );
        drop(poll);
        hand.pass(Duration::from_secs(11));
        assert_eq!(leases.waiter("a", 90_000), Some(Waiter::GoneSince(79_000)));
        assert!(leases.lapsed().is_empty(), "not yet");
        hand.pass(SOON);
        assert_eq!(leases.lapsed(), ["a"]);
    }

    #[test]
    fn a_hold_that_ran_to_its_end_was_handed_off_and_its_task_stays() {
        let (hand, leases) = leases(45, OnDisconnect::Cancel);
        let poll = leases.poll("a");
        hand.pass(Duration::from_secs(44));
        drop(poll);
        hand.pass(SOON * 5);
        assert_ne!(leases.waiter("a", 90_000), Some(Waiter::Here), "and reviewers are told");
        assert!(leases.lapsed().is_empty());
    }

    #[test]
    fn what_is_kept_for_a_retry_never_lapses() {
        let (hand, keeping) = leases(1800, OnDisconnect::Keep);
        hand.pass(SOON * 5);
        assert!(keeping.lapsed().is_empty());
        let silent = hand.none();
        let text = include_str!("../../../wire/vectors/approval-request.body");
        silent.open("b", &serde_json::from_str(text.trim_end()).unwrap(), Duration::ZERO);
        hand.pass(SOON * 5);
        assert!(silent.lapsed().is_empty(), "nor what another filter holds that does not say for how long");
    }

    #[test]
    fn being_named_in_a_watch_is_being_waited_for() {
        let (hand, leases) = leases(1800, OnDisconnect::Cancel);
        hand.pass(Duration::from_secs(59));
        leases.heard(&["a".to_owned(), "stranger".to_owned()]);
        hand.pass(Duration::from_secs(59));
        assert!(leases.lapsed().is_empty() && leases.waiter("stranger", 0).is_none());
    }

    #[test]
    fn a_task_that_is_decided_is_waited_for_by_nobody() {
        let (_, leases) = leases(1800, OnDisconnect::Cancel);
        let poll = leases.poll("a");
        leases.changed("a", Status::Pending);
        assert_eq!(leases.waiter("a", 90_000), Some(Waiter::Here));
        leases.changed("a", Status::Approved);
        drop(poll);
        assert_eq!(leases.waiter("a", 90_000), None);
    }

    #[test]
    fn what_waits_at_another_replica_does_not_lapse_here_and_lapses_once_that_one_tells_no_more() {
        let (hand, there) = leases(1800, OnDisconnect::Cancel);
        let here = hand.none();
        let poll = there.poll("a");
        for _ in 0..10 {
            there.held(Duration::ZERO).into_iter().for_each(|said| here.told(said));
            assert!(here.held(SOON).is_empty(), "what others told is not told back");
            assert_eq!(here.waiter("a", 90_000), Some(Waiter::Here));
            hand.pass(Duration::from_secs(30));
            assert!(here.lapsed().is_empty());
        }
        drop(poll);
        hand.pass(SOON);
        here.told(Heard::Everything);
        assert!(here.lapsed().is_empty(), "who was not heard for a while may have waited all the time");
        hand.pass(SOON);
        assert_eq!(here.lapsed(), ["a"]);
    }

    #[test]
    fn a_retry_begins_a_hold_of_its_own() {
        let (hand, leases) = leases(45, OnDisconnect::Cancel);
        hand.pass(SOON);
        leases.open("a", &held(45, OnDisconnect::Cancel), Duration::ZERO);
        assert_eq!(leases.waiter("a", 90_000), Some(Waiter::Here));
        hand.pass(SOON);
        assert_eq!(leases.lapsed(), ["a"], "which ends like any other");
    }
}
