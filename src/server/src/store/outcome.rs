//! Released calls whose outcome is not known: under way, unknown, or settled by somebody later.

use sqlx::Row as _;

use super::{Sql, SqlRow};
use crate::service::{Executed, Fate, Fault, Released, Settled, Why};

/// Notes that a call is released now, unless its outcome became unknown before: what may have happened is for people to say,
/// and is not done once more.
pub(crate) async fn released(sql: &mut Sql, task: &str, now: i64) -> Result<Noted, Fault> {
    let done = sqlx::query(
        "INSERT INTO release (task, released_at) VALUES ($1, $2) \
         ON CONFLICT (task) DO UPDATE SET released_at = $2 WHERE release.unknown_since IS NULL",
    )
    .bind(task)
    .bind(now)
    .execute(&mut *sql)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(Noted::UnknownBefore);
    }
    // What was given up before is under way now.
    if super::task::outcome(sql, task).await?.is_some_and(|known| known.state == "release_abandoned") {
        sqlx::query("UPDATE task SET outcome = NULL WHERE id = $1").bind(task).execute(sql).await?;
    }
    Ok(Noted::UnderWay)
}

/// Whether a release could be noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noted {
    /// It is under way now.
    UnderWay,
    /// Its outcome is unknown, or was.
    UnknownBefore,
}

/// The tasks that were released before `before` and of which nothing was heard.
pub(crate) async fn overdue(sql: &mut Sql, before: i64) -> Result<Vec<String>, Fault> {
    let tasks = sqlx::query_scalar(
        "SELECT task FROM release WHERE unknown_since IS NULL AND released_at <= $1 ORDER BY released_at LIMIT 256",
    )
    .bind(before)
    .fetch_all(sql)
    .await?;
    Ok(tasks)
}

/// Says that the outcome of a task is unknown. A settled one stays settled.
pub(crate) async fn unknown(sql: &mut Sql, task: &str, why: Why, now: i64) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO release (task, released_at, unknown_since, why) VALUES ($1, $2, $2, $3) \
         ON CONFLICT (task) DO UPDATE SET unknown_since = coalesce(release.unknown_since, $2), why = coalesce(release.why, $3)",
    )
    .bind(task)
    .bind(now)
    .bind(why.as_str())
    .execute(sql)
    .await?;
    Ok(())
}

/// Whether something was there to settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settle {
    /// It was, and it is settled now.
    Done,
    /// Nothing of it is unknown.
    Nothing,
}

/// Settles an unknown outcome.
pub(crate) async fn settle(sql: &mut Sql, task: &str, settled: &Settled) -> Result<Settle, Fault> {
    let by = settled.by.as_ref().map(serde_json::to_string).transpose();
    let done = sqlx::query(
        "UPDATE release SET settled_at = $1, executed = $2, settled_by = $3, reason = $4 \
         WHERE task = $5 AND unknown_since IS NOT NULL AND settled_at IS NULL",
    )
    .bind(settled.at_ms)
    .bind(settled.executed.as_str())
    .bind(by.map_err(|error| Fault::Store(error.to_string()))?)
    .bind(&settled.reason)
    .bind(task)
    .execute(sql)
    .await?;
    Ok(if done.rows_affected() == 1 { Settle::Done } else { Settle::Nothing })
}

/// Forgets a call under way whose end was reported.
pub(crate) async fn ended(sql: &mut Sql, task: &str) -> Result<(), Fault> {
    sqlx::query("DELETE FROM release WHERE task = $1 AND unknown_since IS NULL")
        .bind(task)
        .execute(sql)
        .await?;
    Ok(())
}

/// What is known of the tasks named in a JSON array of ids, with their task.
pub(crate) async fn of(sql: &mut Sql, tasks: &str) -> Result<Vec<(String, Fate)>, Fault> {
    let rows = sqlx::query("SELECT * FROM release WHERE task IN (SELECT value FROM json_each($1))")
        .bind(tasks)
        .fetch_all(sql)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("task")?, fate(row)?))).collect()
}

/// Releases of the same request by the same subject, for each task named in a JSON array of ids; the
/// gravest last. It is what a reviewer must know before they let it out again. Which filter asked does not matter: a retry may come through another.
pub(crate) async fn earlier(sql: &mut Sql, tasks: &str) -> Result<Vec<(String, Released)>, Fault> {
    let rows = sqlx::query(
        "SELECT t.id AS later, r.* FROM task t JOIN task e ON e.request_digest = t.request_digest \
         AND e.subject_id = t.subject_id AND e.subject_type = t.subject_type AND e.id <> t.id \
         JOIN release r ON r.task = e.id WHERE t.id IN (SELECT value FROM json_each($1)) \
         AND (r.settled_at IS NULL OR r.settled_at >= t.created_at - 86400000) \
         ORDER BY r.settled_at IS NULL, r.released_at",
    )
    .bind(tasks)
    .fetch_all(sql)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("later")?, released_row(row)?))).collect()
}

/// The release of this request by this subject whose outcome nobody knows, if there is one: the hook for whatever would let
/// the same request out again.
pub(crate) async fn open(
    sql: &mut Sql,
    subject: (&str, &str),
    request_digest: &str,
) -> Result<Option<Released>, Fault> {
    let row = sqlx::query(
        "SELECT r.* FROM task e JOIN release r ON r.task = e.id WHERE e.request_digest = $1 AND e.subject_type = $2 \
         AND e.subject_id = $3 AND r.settled_at IS NULL ORDER BY r.released_at DESC LIMIT 1",
    )
    .bind(request_digest)
    .bind(subject.0)
    .bind(subject.1)
    .fetch_optional(sql)
    .await?;
    row.as_ref().map(released_row).transpose()
}

/// The tasks whose outcome is unknown and not settled, the longest first.
pub(crate) async fn unsettled(sql: &mut Sql, limit: u32) -> Result<Vec<String>, Fault> {
    let tasks = sqlx::query_scalar(
        "SELECT task FROM release WHERE unknown_since IS NOT NULL AND settled_at IS NULL ORDER BY unknown_since LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(sql)
    .await?;
    Ok(tasks)
}

fn released_row(row: &SqlRow) -> Result<Released, Fault> {
    Ok(Released { task: row.try_get("task")?, fate: fate(row)? })
}

fn fate(row: &SqlRow) -> Result<Fate, Fault> {
    let since: Option<i64> = row.try_get("unknown_since")?;
    let Some(since_ms) = since else {
        return Ok(Fate::UnderWay { released_ms: row.try_get("released_at")? });
    };
    let corrupt = |what: &str| Fault::Corrupt(format!("a release's {what}"));
    let why: Option<String> = row.try_get("why")?;
    let why = why.as_deref().and_then(Why::parse).ok_or_else(|| corrupt("reason"))?;
    let settled: Option<i64> = row.try_get("settled_at")?;
    let Some(at_ms) = settled else { return Ok(Fate::Unknown { since_ms, why }) };
    let executed: Option<String> = row.try_get("executed")?;
    let by: Option<String> = row.try_get("settled_by")?;
    let by = by.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| corrupt("settler"))?;
    let reason: Option<String> = row.try_get("reason")?;
    let settled = Settled {
        executed: executed.as_deref().and_then(Executed::parse).ok_or_else(|| corrupt("outcome"))?,
        by,
        reason: reason.unwrap_or_default(),
        at_ms,
    };
    Ok(Fate::Settled { since_ms, why, settled })
}
