//! Waking up whoever waits: long polls by task, live pages by everything.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::{Notify, broadcast, watch};

use super::TaskChanged;

/// Knows who waits for what.
pub(crate) struct Hub {
    all: broadcast::Sender<TaskChanged>,
    by_task: Mutex<HashMap<String, Weak<Notify>>>,
    closing: watch::Sender<Closing>,
}

/// Whether the service shuts down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    No,
    Yes,
}

/// How many entries may be stale before they are cleared away.
const SLACK: usize = 4_096;

impl Hub {
    /// A hub nobody waits at.
    pub(crate) fn new() -> Self {
        Self {
            all: broadcast::Sender::new(4_096),
            by_task: Mutex::default(),
            closing: watch::Sender::new(Closing::No),
        }
    }

    /// Wakes everybody who waits for this task.
    pub(crate) fn publish(&self, change: TaskChanged) {
        if change.is_everything() {
            let waiting = self.by_task.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.values().filter_map(Weak::upgrade).for_each(|waiter| waiter.notify_waiters());
        }
        let waiter = self
            .by_task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&change.id)
            .and_then(Weak::upgrade);
        if let Some(waiter) = waiter {
            waiter.notify_waiters();
        }
        // Nobody may be looking; that is fine.
        drop(self.all.send(change));
    }

    /// Is notified whenever `task` changes.
    pub(crate) fn waiter(&self, task: &str) -> Arc<Notify> {
        let mut waiting = self.by_task.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = waiting.get(task).and_then(Weak::upgrade) {
            return known;
        }
        if waiting.len() >= SLACK {
            waiting.retain(|_, waiter| waiter.strong_count() > 0);
        }
        let fresh = Arc::new(Notify::new());
        waiting.insert(task.to_owned(), Arc::downgrade(&fresh));
        fresh
    }

    /// Every change of every task.
    pub(crate) fn changes(&self) -> broadcast::Receiver<TaskChanged> {
        self.all.subscribe()
    }

    /// Ends every wait, now and from now on.
    pub(crate) fn close(&self) {
        self.closing.send_replace(Closing::Yes);
    }

    /// Resolves once [`Hub::close`] was called, and keeps nothing open until then.
    pub(crate) fn ending(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut state = self.closing.subscribe();
        async move { drop(state.wait_for(|state| *state == Closing::Yes).await) }
    }

    /// Resolves once [`Hub::close`] was called.
    pub(crate) async fn closing(&self) {
        // An error means that the hub is gone, which is an end too.
        drop(self.closing.subscribe().wait_for(|state| *state == Closing::Yes).await);
    }
}
