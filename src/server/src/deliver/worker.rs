//! One worker for each channel: takes what is due, tells it, and notes how that went.
//!
//! Promises: a row is taken for longer than telling it may last, so that nobody else tells it meanwhile; a task that hangs
//! holds up no other task; at the end of the service what is under way is ended first.

use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        mpsc,
    },
    task::{Id, JoinSet},
    time::{Instant, sleep_until, timeout},
};

use super::{
    Channel, Digest, Event, Told, Undelivered,
    channel::{Floods, Hears},
    count::Counter,
    pace::{Pace, Room},
};
use crate::{
    ids,
    observe::Delivered,
    service::{Fault, Service, Status, TaskChanged, Weak},
    store::outbox::{self, Which},
};

/// How long a row is a worker's own: longer than any call, so that it is told twice only where a worker died.
const CLAIM: Duration = Duration::from_mins(1);
/// How long telling may take at most.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many tasks a channel is told of at once.
const AT_ONCE: usize = 8;
/// How many changes one digest may hold.
const DIGESTED: i64 = 1_000;
/// How often a row is tried: with the pauses below, for about a day.
const TRIES: i64 = 30;
/// The first pause, and the longest one.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_hours(1);
/// How often a worker looks without being woken: what another replica or a lost wake-up left.
const LOOK: Duration = Duration::from_secs(15);
/// After a fault of the store.
const REST: Duration = Duration::from_secs(1);

/// Starts a worker for each channel; they end with the service, and let go of `alive` then.
pub(crate) fn start(
    service: &Service,
    channels: &Arc<BTreeMap<String, Channel>>,
    alive: &mpsc::Sender<Infallible>,
) {
    for (name, channel) in channels.iter() {
        let worker = Worker {
            kind: channel.kind(),
            service: service.weak(),
            channels: channels.clone(),
            name: name.clone(),
            counter: service.counters().of(name),
        };
        tokio::spawn(Arc::new(worker).run(service.changes(), service.ending(), alive.clone()));
    }
}

struct Worker {
    service: Weak,
    channels: Arc<BTreeMap<String, Channel>>,
    name: String,
    kind: &'static str,
    counter: Arc<Counter>,
}

/// Telling that is under way, each in a task of its own: what waits for the store in one must not wait for the worker.
#[derive(Default)]
struct UnderWay {
    telling: JoinSet<Result<(), Fault>>,
    /// The rows that are told: a clock that leaps must not make a worker take them again.
    rows: HashMap<Id, Vec<i64>>,
}

impl UnderWay {
    /// How many more may be told at once.
    fn hands(&self) -> usize {
        AT_ONCE.saturating_sub(self.telling.len())
    }

    fn has(&self, row: i64) -> bool {
        self.rows.values().flatten().any(|one| *one == row)
    }

    fn begin(&mut self, rows: Vec<i64>, telling: impl Future<Output = Result<(), Fault>> + Send + 'static) {
        let task = self.telling.spawn(telling);
        self.rows.insert(task.id(), rows);
    }

    async fn end(&mut self) -> Option<Result<(), Fault>> {
        let (id, outcome) = match self.telling.join_next_with_id().await? {
            Ok((id, outcome)) => (id, outcome),
            Err(error) => (error.id(), Err(Fault::Store(format!("telling ended badly: {error}")))),
        };
        self.rows.remove(&id);
        Some(outcome)
    }
}

impl Worker {
    async fn run(
        self: Arc<Self>,
        mut changes: Receiver<TaskChanged>,
        ending: impl Future<Output = ()>,
        _alive: mpsc::Sender<Infallible>,
    ) {
        let mut ending = std::pin::pin!(ending);
        let mut under_way = UnderWay::default();
        let mut pace = None;
        loop {
            let Some(service) = self.service.upgrade() else { return };
            let most = service.config().messages_per_minute;
            let pace = pace.get_or_insert_with(|| Pace::new(most));
            let until = match self.take(&service, pace, &mut under_way).await {
                Ok(until) => until,
                Err(fault) => self.rest(&fault),
            };
            // Whoever waits here keeps nothing open: what is not told yet stands in the store.
            drop(service);
            tokio::select! {
                Some(outcome) = under_way.end() => if let Err(fault) = outcome {
                    sleep_until(self.rest(&fault)).await;
                },
                () = sleep_until(until) => {}
                // A missed change is a change; a hub that is gone is the end of the service.
                news = changes.recv() => match news {
                    Ok(_) | Err(RecvError::Lagged(_)) => while changes.try_recv().is_ok() {},
                    Err(RecvError::Closed) => return,
                },
                () = &mut ending => break,
            }
        }
        while under_way.end().await.is_some() {}
    }

    fn channel(&self) -> Result<&Channel, Fault> {
        self.channels
            .get(&self.name)
            .ok_or_else(|| Fault::Corrupt(format!("channel `{}` is gone", self.name)))
    }

    fn rest(&self, fault: &Fault) -> Instant {
        tracing::error!(channel = %self.name, %fault, "telling a channel failed and goes on");
        Instant::now() + REST
    }

    /// Begins to tell what may be told now; returns when there may be more, if nothing happens before.
    async fn take(
        self: &Arc<Self>,
        service: &Service,
        pace: &mut Pace,
        under_way: &mut UnderWay,
    ) -> Result<Instant, Fault> {
        let channel = self.channel()?;
        let now = service.now_ms();
        let due = outbox::due(&mut *service.store().read().acquire().await?, &self.name, now).await?;
        let mut next = due.next;
        let hands = under_way.hands();
        let fresh = usize::try_from(due.fresh).unwrap_or_default();
        let room = match channel.floods() {
            Floods::Taken => Room::Messages(fresh),
            Floods::Digested => pace.room(fresh, now),
        };
        let which = match room {
            Room::Messages(_) => Which::All,
            Room::Digest => {
                if hands > 0 {
                    let mut rows = self.claim(service, (Which::Fresh, DIGESTED), now).await?;
                    rows.retain(|row| !under_way.has(row.id));
                    if !rows.is_empty() {
                        pace.digest(now);
                        let ids = rows.iter().map(|row| row.id).collect();
                        under_way.begin(ids, self.clone().digest(service.clone(), rows));
                    }
                }
                Which::Posted
            }
            Room::NotBefore(at) => {
                next = Some(next.map_or(at, |next| next.min(at)));
                Which::Posted
            }
        };
        let hands = under_way.hands();
        let wanted = due.posted + if which == Which::All { due.fresh } else { 0 };
        if hands > 0 && wanted > 0 {
            let most = i64::try_from(hands).unwrap_or(i64::MAX);
            for row in self.claim(service, (which, most), now).await? {
                if under_way.has(row.id) {
                    continue;
                }
                if row.place.is_none() {
                    pace.message(now);
                }
                under_way.begin(vec![row.id], self.clone().row(service.clone(), row));
            }
        }
        let wait = next.map_or(LOOK, |at| Duration::from_millis((at - now).max(1).unsigned_abs()));
        Ok(Instant::now() + wait.min(LOOK))
    }

    async fn claim(
        &self,
        service: &Service,
        which: (Which, i64),
        now: i64,
    ) -> Result<Vec<outbox::Row>, Fault> {
        let (name, until) = (self.name.clone(), now + millis(CLAIM));
        service
            .store()
            .write(move |tx| {
                Box::pin(async move { outbox::claim(&mut tx.sql, &name, now, until, which).await })
            })
            .await
    }

    /// Tells one row.
    async fn row(self: Arc<Self>, service: Service, row: outbox::Row) -> Result<(), Fault> {
        let channel = self.channel()?;
        let last = self.last(&service, channel, &row).await?;
        let task = service.task(&row.task).await?;
        let outcome = match &task {
            None => Err(Undelivered::never("the task is gone")),
            // It was decided while the reminder waited for its turn.
            Some(task) if row.event == Event::Reminder && task.status != Status::Pending => Ok(None),
            Some(task) => in_time(channel.tell(&told(&service, task, &row))).await,
        };
        match outcome {
            Ok(place) => self.told(&service, vec![(row, last)], place).await,
            Err(undelivered) => self.failed(&service, &[row], undelivered).await,
        }
    }

    /// Tells many rows as one.
    async fn digest(self: Arc<Self>, service: Service, rows: Vec<outbox::Row>) -> Result<(), Fault> {
        let channel = self.channel()?;
        let mut digest = Digest::new(service.config().issuer());
        let mut covered = Vec::with_capacity(rows.len());
        for row in rows {
            let last = self.last(&service, channel, &row).await?;
            if let Some(task) = service.task(&row.task).await? {
                digest.add(&told(&service, &task, &row));
            }
            covered.push((row, last));
        }
        match in_time(channel.digest(&service, &digest)).await {
            Ok(()) => self.told(&service, covered, None).await,
            Err(undelivered) => {
                let rows: Vec<outbox::Row> = covered.into_iter().map(|(row, _)| row).collect();
                self.failed(&service, &rows, undelivered).await
            }
        }
    }

    /// The last row that telling this one covers: what is read after this holds everything up to it.
    async fn last(&self, service: &Service, channel: &Channel, row: &outbox::Row) -> Result<i64, Fault> {
        match channel.hears() {
            Hears::Each => Ok(row.id),
            Hears::Latest => {
                outbox::last(&mut *service.store().read().acquire().await?, &row.task, &self.name).await
            }
        }
    }

    async fn told(
        &self,
        service: &Service,
        rows: Vec<(outbox::Row, i64)>,
        place: Option<String>,
    ) -> Result<(), Fault> {
        self.counter.delivered.fetch_add(rows.len() as u64, Ordering::Relaxed);
        for _ in &rows {
            service.metrics().delivered(self.kind, Delivered::Told);
        }
        let (name, now) = (self.name.clone(), service.now_ms());
        service
            .store()
            .write(move |tx| {
                Box::pin(async move {
                    for (row, last) in &rows {
                        let done = outbox::Done {
                            task: &row.task,
                            channel: &name,
                            rows: (row.id, *last),
                            place: place.as_deref(),
                            now,
                        };
                        outbox::done(&mut tx.sql, &done).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    async fn failed(
        &self,
        service: &Service,
        rows: &[outbox::Row],
        undelivered: Undelivered,
    ) -> Result<(), Fault> {
        self.counter.failed.fetch_add(1, Ordering::Relaxed);
        let now = service.now_ms();
        let mut ends = Vec::with_capacity(rows.len());
        for row in rows {
            let (why, after) = match &undelivered {
                Undelivered::Later { why, after } if row.attempts + 1 < TRIES => {
                    (why.clone(), Some(pause(row.attempts, *after)?))
                }
                Undelivered::Later { why, .. } => (format!("{why} (tried {TRIES} times)"), None),
                Undelivered::Never { why } => (why.clone(), None),
            };
            if let Some(after) = after {
                tracing::warn!(channel = %self.name, task = %row.task, %why, ?after, "not told yet");
            } else {
                tracing::error!(channel = %self.name, task = %row.task, %why, "given up");
            }
            let result = if after.is_some() { Delivered::Later } else { Delivered::Never };
            service.metrics().delivered(self.kind, result);
            ends.push((row.id, why, after.map(|after| now + millis(after))));
        }
        service
            .store()
            .write(move |tx| {
                Box::pin(async move {
                    for (id, why, next) in ends {
                        outbox::failed(&mut tx.sql, id, &why, next, now).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

fn told<'t>(service: &'t Service, task: &'t crate::service::TaskView, row: &'t outbox::Row) -> Told<'t> {
    Told {
        task,
        event: row.event,
        id: row.id,
        at_ms: row.at,
        place: row.place.as_deref(),
        service,
        issuer: service.config().issuer(),
        now_ms: service.now_ms(),
    }
}

async fn in_time<T>(telling: impl Future<Output = Result<T, Undelivered>>) -> Result<T, Undelivered> {
    let late = || Undelivered::later(format!("no end after {} s", PATIENCE.as_secs()));
    timeout(PATIENCE, telling).await.unwrap_or_else(|_| Err(late()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_an_hour_are_spread_and_leave_the_other_side_alone_as_long_as_it_says() {
        for (attempts, full) in [(0, 1), (1, 2), (5, 32), (29, 3_600)] {
            for _ in 0..50 {
                let pause = pause(attempts, None).unwrap().as_millis();
                assert!((full * 500..=full * 1_000).contains(&pause), "{attempts}: {pause}");
            }
        }
        assert_eq!(pause(0, Some(Duration::from_secs(90))).unwrap(), Duration::from_secs(90));
        assert_eq!(pause(0, Some(Duration::from_hours(9))).unwrap(), LONGEST);
    }
}
