//! How telling goes, for metrics: what this process told and failed to tell, and what the store says is open.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    service::Fault,
    store::{Sql, outbox},
};

/// What this process did for one channel.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    pub(super) delivered: AtomicU64,
    pub(super) failed: AtomicU64,
}

/// The counters of all channels.
#[derive(Debug, Default)]
pub(crate) struct Counters(BTreeMap<String, Arc<Counter>>);

impl Counters {
    pub(crate) fn new<'n>(names: impl Iterator<Item = &'n String>) -> Self {
        Self(names.map(|name| (name.clone(), Arc::default())).collect())
    }

    pub(super) fn of(&self, name: &str) -> Arc<Counter> {
        self.0.get(name).cloned().unwrap_or_default()
    }

    pub(crate) async fn read(&self, sql: &mut Sql, now: i64) -> Result<BTreeMap<String, Deliveries>, Fault> {
        let told = |counter: &Arc<Counter>| Deliveries {
            delivered: counter.delivered.load(Ordering::Relaxed),
            failed: counter.failed.load(Ordering::Relaxed),
            ..Deliveries::default()
        };
        let mut all: BTreeMap<String, Deliveries> =
            self.0.iter().map(|(name, counter)| (name.clone(), told(counter))).collect();
        // A channel that is configured no more may still have something open.
        for open in outbox::open(sql, now).await? {
            let channel = all.entry(open.channel).or_default();
            channel.waiting = open.waiting.unsigned_abs();
            channel.dead = open.dead.unsigned_abs();
            channel.oldest_ms = open.oldest.map(|at| (now - at).max(0));
        }
        Ok(all)
    }
}

/// How telling one channel goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// How many changes it was told of since the service started.
    pub delivered: u64,
    /// How many tries were in vain since the service started.
    pub failed: u64,
    /// How many changes it is to be told of now.
    pub waiting: u64,
    /// How many were given up, and nobody tried them again.
    pub dead: u64,
    /// How old the oldest change is that waits, in milliseconds.
    pub oldest_ms: Option<i64>,
}
