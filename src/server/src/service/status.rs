//! Reading a task, at once or after it changed. Whoever waits is woken by the change itself, not by asking again.

use std::{pin::pin, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::{Asked, Caller, Fault, Full, Service, Status, view};

/// What a poll has seen already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Nothing.
    Nothing,
    /// This version.
    Version(i64),
}

impl Service {
    /// A filter's own task, once it has something to say or `wait` is over: it is no longer pending, or a question is
    /// open; with a known version, once it is another one.
    ///
    /// # Errors
    /// [`Asked::UnknownTask`], where there is none or it is another filter's.
    pub(crate) async fn poll(
        &self,
        caller: &Caller,
        id: &str,
        known: Known,
        wait: Duration,
    ) -> Result<Full, Asked> {
        let deadline = Instant::now() + wait;
        let _open = self.metrics().poll();
        let mut here = None;
        loop {
            let waiter = self.shared.hub.waiter(id);
            let mut woken = pin!(waiter.notified());
            // From here on no change is missed, and only then the task is read.
            woken.as_mut().enable();
            let full = self.full(id).await?.filter(|full| full.row.client == caller.client);
            let Some(full) = full else { return Err(Asked::UnknownTask(id.to_owned())) };
            here.get_or_insert_with(|| {
                if full.row.status == Status::Pending {
                    // It may have been submitted at another replica.
                    let age = self.now_ms().saturating_sub(full.row.created_at).max(0).unsigned_abs();
                    self.shared.leases.adopt(id, &full.row.submission, Duration::from_millis(age));
                }
                self.shared.leases.poll(id)
            });
            let settled = match known {
                Known::Version(version) => full.row.version != version,
                Known::Nothing => full.row.status != Status::Pending || full.row.question.is_some(),
            };
            if settled || Instant::now() >= deadline {
                return Ok(full);
            }
            // A task that runs out while it is waited for ends here even if the sweeper is late.
            let left = Duration::from_millis((full.row.expires_at - self.now_ms()).max(0).unsigned_abs() + 5);
            let until = deadline.min(Instant::now() + left);
            tokio::select! {
                () = woken => {}
                () = sleep_until(until) => {}
                () = self.closing() => return Ok(full),
            }
        }
    }

    /// Of `ids`, those ready now, or the first to get ready within `wait`.
    pub(crate) async fn watch(
        &self,
        caller: &Caller,
        ids: &[String],
        wait: Duration,
    ) -> Result<Vec<String>, Fault> {
        /// What gets ready together is told together.
        const GATHER: Duration = Duration::from_millis(10);
        let deadline = Instant::now() + wait;
        let _open = self.metrics().poll();
        let mut changes = self.changes();
        loop {
            let ready = self.ready(caller, ids).await?;
            if !ready.is_empty() || Instant::now() >= deadline {
                return Ok(ready);
            }
            let ours = async {
                loop {
                    match changes.recv().await {
                        Ok(change) if change.is_everything() || ids.contains(&change.id) => break,
                        Ok(_) => {}
                        // Too many to follow, or the end: look again.
                        Err(_) => break,
                    }
                }
            };
            tokio::select! {
                () = ours => tokio::time::sleep(GATHER).await,
                () = sleep_until(deadline) => {}
                () = self.closing() => return Ok(Vec::new()),
            }
        }
    }

    /// A task with everything kept about it; one whose time ran out is expired first.
    pub(super) async fn full(&self, id: &str) -> Result<Option<Full>, Fault> {
        let read = async || view::one(&mut *self.shared.store.read().acquire().await?, id).await;
        let full = read().await?;
        let overdue =
            |full: &Full| full.row.status == Status::Pending && full.row.expires_at <= self.now_ms();
        if full.as_ref().is_some_and(overdue) {
            self.sweep().await?;
            return read().await;
        }
        Ok(full)
    }
}
