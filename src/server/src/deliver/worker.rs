//! One worker for each channel: takes what is due, tells it, and notes how that went.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, sleep_until, timeout},
};

use super::{Channel, Event, Place, Told, Undelivered, channel::Hears};
use crate::{
    ids,
    service::{Fault, Service, Status, TaskChanged, Weak},
    store::outbox,
};

/// How long a row is a worker's own: longer than any call, so that it is told twice only where a worker died.
const CLAIM: Duration = Duration::from_mins(1);
/// How long telling may take at most.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many tasks a channel is told of at once.
const AT_ONCE: usize = 8;
/// How many rows are taken at once.
const BATCH: i64 = 64;
/// How often a row is tried: with the pauses below, for about a day.
const TRIES: i64 = 30;
/// The first pause, and the longest one.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_hours(1);
/// How often a worker looks without being woken: what another replica or a lost wake-up left.
const LOOK: Duration = Duration::from_secs(15);
/// After a fault of the store.
const REST: Duration = Duration::from_secs(1);

/// Starts a worker for each channel; they end with the service.
pub(crate) fn start(service: &Service, channels: &Arc<BTreeMap<String, Channel>>) {
    for name in channels.keys() {
        let worker = Worker { service: service.weak(), channels: channels.clone(), name: name.clone() };
        let changes = service.changes();
        tokio::spawn(worker.run(changes));
    }
}

struct Worker {
    service: Weak,
    channels: Arc<BTreeMap<String, Channel>>,
    name: String,
}

/// How long until there is something to do.
enum Pause {
    /// More is due now.
    None,
    /// Until then, or a change.
    Until(Instant),
}

impl Worker {
    async fn run(self, mut changes: Receiver<TaskChanged>) {
        loop {
            let Some(service) = self.service.upgrade() else { return };
            let pause = match self.round(&service).await {
                Ok(pause) => pause,
                Err(fault) => {
                    tracing::error!(channel = %self.name, %fault, "telling a channel failed and goes on");
                    Pause::Until(Instant::now() + REST)
                }
            };
            let Pause::Until(until) = pause else { continue };
            // Whoever waits here keeps nothing open: what is not told yet stands in the store.
            drop(service);
            tokio::select! {
                () = sleep_until(until) => {}
                // A missed change is a change; a hub that is gone is the end of the service.
                changed = changes.recv() => match changed {
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }

    async fn round(&self, service: &Service) -> Result<Pause, Fault> {
        let Some(channel) = self.channels.get(&self.name) else {
            return Err(Fault::Corrupt(format!("channel `{}` is gone", self.name)));
        };
        let (name, now) = (self.name.clone(), service.now_ms());
        let until = now + millis(CLAIM);
        let rows = service
            .store()
            .write(move |tx| {
                Box::pin(async move { outbox::claim(&mut tx.sql, &name, now, until, BATCH).await })
            })
            .await?;
        if rows.is_empty() {
            let next = outbox::next(&mut *service.store().read().acquire().await?, &self.name).await?;
            let wait =
                next.map_or(LOOK, |at| Duration::from_millis((at - service.now_ms()).max(1).unsigned_abs()));
            return Ok(Pause::Until(Instant::now() + wait.min(LOOK)));
        }
        let told = stream::iter(rows).map(|row| self.row(service, channel, row)).buffer_unordered(AT_ONCE);
        told.fold(Ok(()), async |so_far: Result<(), Fault>, one| so_far.and(one)).await?;
        Ok(Pause::None)
    }

    async fn row(&self, service: &Service, channel: &Channel, row: outbox::Row) -> Result<(), Fault> {
        // What is read after this holds everything up to here.
        let last = match channel.hears() {
            Hears::Each => row.id,
            Hears::Latest => {
                outbox::last(&mut *service.store().read().acquire().await?, &row.task, &self.name).await?
            }
        };
        let outcome = match service.task(&row.task).await? {
            None => Err(Undelivered::never("the task is gone")),
            // It was decided while the reminder waited for its turn.
            Some(task) if row.event == Event::Reminder && task.status != Status::Pending => Ok(None),
            Some(task) => {
                let told = Told {
                    task: &task,
                    event: row.event,
                    id: row.id,
                    at_ms: row.at,
                    place: row.place.as_deref(),
                    issuer: service.config().issuer(),
                    now_ms: service.now_ms(),
                };
                let late = || Undelivered::later(format!("no end after {} s", PATIENCE.as_secs()));
                timeout(PATIENCE, channel.tell(&told)).await.unwrap_or_else(|_| Err(late()))
            }
        };
        self.keep(service, row, last, outcome).await
    }

    async fn keep(
        &self,
        service: &Service,
        row: outbox::Row,
        last: i64,
        outcome: Result<Place, Undelivered>,
    ) -> Result<(), Fault> {
        let (name, now) = (self.name.clone(), service.now_ms());
        let (why, after) = match outcome {
            Ok(place) => {
                return service
                    .store()
                    .write(move |tx| {
                        Box::pin(async move {
                            let done = outbox::Done {
                                task: &row.task,
                                channel: &name,
                                rows: (row.id, last),
                                place: place.as_deref(),
                                now,
                            };
                            outbox::done(&mut tx.sql, &done).await
                        })
                    })
                    .await;
            }
            Err(Undelivered::Later { why, after }) if row.attempts + 1 < TRIES => {
                (why, Some(pause(row.attempts, after)?))
            }
            Err(Undelivered::Later { why, .. }) => (format!("{why} (tried {TRIES} times)"), None),
            Err(Undelivered::Never { why }) => (why, None),
        };
        match after {
            Some(after) => {
                tracing::warn!(channel = %self.name, task = %row.task, %why, ?after, "not told yet");
            }
            None => tracing::error!(channel = %self.name, task = %row.task, %why, "given up"),
        }
        let next = after.map(|after| now + millis(after));
        service
            .store()
            .write(move |tx| {
                Box::pin(async move { outbox::failed(&mut tx.sql, row.id, &why, next, now).await })
            })
            .await
    }
}

/// The pause before the next try: doubled each time, between half of it and all of it, and no shorter than the other side wants.
fn pause(attempts: i64, after: Option<Duration>) -> Result<Duration, Fault> {
    let doubled = PAUSE.saturating_mul(1 << attempts.clamp(0, 20)).min(LONGEST);
    let [dice] = ids::random::<1>()?;
    let spread = doubled / 2 + doubled.saturating_mul(u32::from(dice)) / 512;
    Ok(spread.max(after.unwrap_or_default().min(LONGEST)))
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
