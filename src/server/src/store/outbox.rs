//! What channels must be told. Rows of one task and channel are delivered in their order, by one worker at a time.

use super::Sql;
use crate::{deliver::Event, service::Fault};

/// A row that a worker has for a while.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) task: String,
    pub(crate) event: Event,
    /// When it happened, Unix milliseconds.
    pub(crate) at: i64,
    /// How often it was tried before.
    pub(crate) attempts: i64,
    /// Where the channel's message about the task is, if it is anywhere.
    pub(crate) place: Option<String>,
}

/// Notes that `channel` must be told, not before `at`.
pub(crate) async fn add(
    sql: &mut Sql,
    task: &str,
    channel: &str,
    event: Event,
    at: i64,
) -> Result<(), Fault> {
    sqlx::query("INSERT INTO outbox (task, channel, event, at, next_at) VALUES ($1, $2, $3, $4, $4)")
        .bind(task)
        .bind(channel)
        .bind(event.as_str())
        .bind(at)
        .execute(sql)
        .await?;
    Ok(())
}

/// Forgets what was to be told later and is not due yet: the task is decided.
pub(crate) async fn forget_later(sql: &mut Sql, task: &str, now: i64) -> Result<(), Fault> {
    sqlx::query(
        "DELETE FROM outbox WHERE task = $1 AND attempts = 0 AND next_at > $2 AND done_at IS NULL AND dead_at IS NULL",
    )
    .bind(task)
    .bind(now)
    .execute(sql)
    .await?;
    Ok(())
}

/// The channels that were told of a task, or are about to be.
pub(crate) async fn channels(sql: &mut Sql, task: &str, now: i64) -> Result<Vec<String>, Fault> {
    let names = sqlx::query_scalar(
        "SELECT DISTINCT channel FROM outbox WHERE task = $1 AND (attempts > 0 OR next_at <= $2) ORDER BY channel",
    )
    .bind(task)
    .bind(now)
    .fetch_all(sql)
    .await?;
    Ok(names)
}

/// When `event` was noted last for the task, if it ever was.
pub(crate) async fn last_told(sql: &mut Sql, task: &str, event: Event) -> Result<Option<i64>, Fault> {
    let at = sqlx::query_scalar("SELECT max(at) FROM outbox WHERE task = $1 AND event = $2")
        .bind(task)
        .bind(event.as_str())
        .fetch_one(sql)
        .await?;
    Ok(at)
}

/// Which rows are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// All.
    All,
    /// Whose task has a message in the channel already.
    Posted,
    /// Whose task has none.
    Fresh,
}

impl Which {
    /// Whether rows with, and without, a message are meant.
    fn flags(self) -> (i64, i64) {
        match self {
            Self::All => (1, 1),
            Self::Posted => (1, 0),
            Self::Fresh => (0, 1),
        }
    }
}

/// Takes up to `most` rows that are due, each the first of its task, until `until`. What is only to be told later holds up
/// nothing. A row that another replica took in the same moment is not taken.
pub(crate) async fn claim(
    sql: &mut Sql,
    channel: &str,
    now: i64,
    until: i64,
    (which, most): (Which, i64),
) -> Result<Vec<Row>, Fault> {
    let (posted, fresh) = which.flags();
    let found: Vec<(i64, String, String, i64, i64, Option<String>)> = sqlx::query_as(
        "SELECT o.id, o.task, o.event, o.at, o.attempts, p.place FROM outbox o \
         LEFT JOIN posted p ON p.task = o.task AND p.channel = o.channel \
         WHERE o.channel = $1 AND o.done_at IS NULL AND o.dead_at IS NULL AND o.next_at <= $2 AND o.claimed_until <= $2 \
         AND CASE WHEN p.place IS NULL THEN $4 ELSE $5 END = 1 \
         AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.channel = o.channel AND e.task = o.task AND e.id < o.id \
         AND e.done_at IS NULL AND e.dead_at IS NULL AND (e.attempts > 0 OR e.next_at <= $2)) ORDER BY o.id LIMIT $3",
    )
    .bind(channel)
    .bind(now)
    .bind(most)
    .bind(fresh)
    .bind(posted)
    .fetch_all(&mut *sql)
    .await?;
    let mut rows = Vec::with_capacity(found.len());
    for (id, task, event, at, attempts, place) in found {
        let taken = sqlx::query(
            "UPDATE outbox SET claimed_until = $1 WHERE id = $2 AND claimed_until <= $3 AND done_at IS NULL AND dead_at IS NULL",
        )
        .bind(until)
        .bind(id)
        .bind(now)
        .execute(&mut *sql)
        .await?
        .rows_affected();
        if taken == 0 {
            continue;
        }
        let event = Event::parse(&event)
            .ok_or_else(|| Fault::Corrupt(format!("a delivery of task `{task}` says `{event}`")))?;
        rows.push(Row { id, task, event, at, attempts, place });
    }
    Ok(rows)
}

/// What a channel can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// How many tasks are due that have no message in the channel.
    pub(crate) fresh: i64,
    /// How many are due that have one.
    pub(crate) posted: i64,
    /// When more will be, Unix milliseconds.
    pub(crate) next: Option<i64>,
}

/// What `channel` can be told now, and when there will be more. What waits for an earlier row of its task counts with that.
pub(crate) async fn due(sql: &mut Sql, channel: &str, now: i64) -> Result<Due, Fault> {
    let (fresh, posted, next) = sqlx::query_as(
        "SELECT count(CASE WHEN start <= $2 AND place IS NULL THEN 1 END), \
         count(CASE WHEN start <= $2 AND place IS NOT NULL THEN 1 END), min(CASE WHEN start > $2 THEN start END) \
         FROM (SELECT p.place AS place, CASE WHEN o.next_at > o.claimed_until THEN o.next_at ELSE o.claimed_until END AS start \
         FROM outbox o LEFT JOIN posted p ON p.task = o.task AND p.channel = o.channel \
         WHERE o.channel = $1 AND o.done_at IS NULL AND o.dead_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.channel = o.channel AND e.task = o.task AND e.id < o.id \
         AND e.done_at IS NULL AND e.dead_at IS NULL AND (e.attempts > 0 OR e.next_at <= $2))) AS firsts",
    )
    .bind(channel)
    .bind(now)
    .fetch_one(sql)
    .await?;
    Ok(Due { fresh, posted, next })
}

/// What is open at a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) channel: String,
    pub(crate) waiting: i64,
    pub(crate) dead: i64,
    /// Since when the oldest is due, Unix milliseconds.
    pub(crate) oldest: Option<i64>,
}

/// What was not told, by channel.
pub(crate) async fn open(sql: &mut Sql, now: i64) -> Result<Vec<Open>, Fault> {
    let found: Vec<(String, i64, i64, Option<i64>)> = sqlx::query_as(
        "SELECT channel, count(CASE WHEN dead_at IS NULL THEN 1 END), count(dead_at), \
         min(CASE WHEN dead_at IS NULL THEN at END) FROM outbox \
         WHERE done_at IS NULL AND (dead_at IS NOT NULL OR attempts > 0 OR next_at <= $1) GROUP BY channel",
    )
    .bind(now)
    .fetch_all(sql)
    .await?;
    let read = |(channel, waiting, dead, oldest)| Open { channel, waiting, dead, oldest };
    Ok(found.into_iter().map(read).collect())
}

/// The last row of a task for `channel`: what a message shows that is rendered after this was read.
pub(crate) async fn last(sql: &mut Sql, task: &str, channel: &str) -> Result<i64, Fault> {
    let last: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM outbox WHERE task = $1 AND channel = $2")
        .bind(task)
        .bind(channel)
        .fetch_one(sql)
        .await?;
    Ok(last.unwrap_or_default())
}

/// What was told, up to which row, and where it is now.
pub(crate) struct Done<'d> {
    pub(crate) task: &'d str,
    pub(crate) channel: &'d str,
    /// The first and the last row that it covers.
    pub(crate) rows: (i64, i64),
    pub(crate) place: Option<&'d str>,
    pub(crate) now: i64,
}

/// Notes that it was delivered.
pub(crate) async fn done(sql: &mut Sql, done: &Done<'_>) -> Result<(), Fault> {
    sqlx::query(
        "UPDATE outbox SET done_at = $1, why = NULL WHERE task = $2 AND channel = $3 AND id >= $4 AND id <= $5 \
         AND done_at IS NULL AND dead_at IS NULL AND (attempts > 0 OR next_at <= $1)",
    )
    .bind(done.now)
    .bind(done.task)
    .bind(done.channel)
    .bind(done.rows.0)
    .bind(done.rows.1)
    .execute(&mut *sql)
    .await?;
    let Some(place) = done.place else { return Ok(()) };
    sqlx::query(
        "INSERT INTO posted (task, channel, place) VALUES ($1, $2, $3) \
         ON CONFLICT (task, channel) DO UPDATE SET place = $3",
    )
    .bind(done.task)
    .bind(done.channel)
    .bind(place)
    .execute(sql)
    .await?;
    Ok(())
}

/// Notes that it was tried in vain: it is tried again at `next`, or is dead where there is none.
pub(crate) async fn failed(
    sql: &mut Sql,
    id: i64,
    why: &str,
    next: Option<i64>,
    now: i64,
) -> Result<(), Fault> {
    let dead = if next.is_none() { Some(now) } else { None };
    sqlx::query(
        "UPDATE outbox SET attempts = attempts + 1, why = $1, next_at = $2, dead_at = $3, claimed_until = 0 WHERE id = $4",
    )
    .bind(why)
    .bind(next.unwrap_or(now))
    .bind(dead)
    .bind(id)
    .execute(sql)
    .await?;
    Ok(())
}

/// A delivery that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead {
    /// Its number.
    pub id: i64,
    /// The task.
    pub task: String,
    /// The channel.
    pub channel: String,
    /// What should have been told.
    pub event: Event,
    /// When it was given up, Unix milliseconds.
    pub at_ms: i64,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it was given up.
    pub why: String,
}

/// What was given up, the latest first.
pub(crate) async fn dead(sql: &mut Sql, most: i64) -> Result<Vec<Dead>, Fault> {
    type Found = (i64, String, String, String, i64, i64, Option<String>);
    let found: Vec<Found> = sqlx::query_as(
        "SELECT id, task, channel, event, dead_at, attempts, why FROM outbox WHERE dead_at IS NOT NULL \
         ORDER BY dead_at DESC, id DESC LIMIT $1",
    )
    .bind(most)
    .fetch_all(sql)
    .await?;
    let read = |(id, task, channel, event, at_ms, attempts, why): (_, _, _, String, _, _, Option<String>)| {
        let event =
            Event::parse(&event).ok_or_else(|| Fault::Corrupt(format!("delivery {id} says `{event}`")))?;
        Ok(Dead { id, task, channel, event, at_ms, attempts, why: why.unwrap_or_default() })
    };
    found.into_iter().map(read).collect()
}

/// Tries again what was given up; the task it is about, or `None` where there was no such thing.
pub(crate) async fn revive(sql: &mut Sql, id: i64, now: i64) -> Result<Option<String>, Fault> {
    let task = sqlx::query_scalar(
        "UPDATE outbox SET dead_at = NULL, attempts = 0, next_at = $1, claimed_until = 0 \
         WHERE id = $2 AND dead_at IS NOT NULL RETURNING task",
    )
    .bind(now)
    .bind(id)
    .fetch_optional(sql)
    .await?;
    Ok(task)
}
