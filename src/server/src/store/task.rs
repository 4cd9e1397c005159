//! Tasks. Every change of a task's state is a compare-and-set on its version: the first terminal state wins.

use countersign_wire::submission::Submission;
use sqlx::Row as _;

use super::{Sql, SqlRow};
use crate::approver::page::Place;
use crate::service::{Fault, Filter, OutcomeView, Question, Status};

/// A task as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) client: String,
    pub(crate) status: Status,
    pub(crate) version: i64,
    pub(crate) request_digest: String,
    pub(crate) display_digest: String,
    pub(crate) code: String,
    pub(crate) submission: Submission,
    pub(crate) grant_seconds: i64,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) decided_at: Option<i64>,
    /// Why it ended, in words safe for the agent.
    pub(crate) description: Option<String>,
    /// The signed denial.
    pub(crate) denial: Option<String>,
    pub(crate) question: Option<Question>,
    pub(crate) outcome: Option<OutcomeView>,
    /// The decision's place in the audit log.
    pub(crate) record_leaf: Option<i64>,
}

pub(super) fn read(row: &SqlRow) -> Result<Row, Fault> {
    let id: String = row.try_get("id")?;
    let corrupt = |what: &str| Fault::Corrupt(format!("task `{id}`: {what}"));
    let word: String = row.try_get("status")?;
    let submission: String = row.try_get("submission")?;
    let outcome: Option<String> = row.try_get("outcome")?;
    let outcome =
        outcome.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| corrupt("its outcome"))?;
    let text: Option<String> = row.try_get("question")?;
    let (by, at): (Option<String>, Option<i64>) = (row.try_get("question_by")?, row.try_get("question_at")?);
    let question =
        text.map(|text| Question { text, asked_by: by.unwrap_or_default(), at_ms: at.unwrap_or_default() });
    Ok(Row {
        client: row.try_get("client")?,
        status: Status::parse(&word).ok_or_else(|| corrupt("its status"))?,
        version: row.try_get("version")?,
        request_digest: row.try_get("request_digest")?,
        display_digest: row.try_get("display_digest")?,
        code: row.try_get("code")?,
        submission: serde_json::from_str(&submission).map_err(|_| corrupt("its submission"))?,
        grant_seconds: row.try_get("grant_seconds")?,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
        decided_at: row.try_get("decided_at")?,
        description: row.try_get("description")?,
        denial: row.try_get("denial")?,
        question,
        outcome,
        record_leaf: row.try_get("record_leaf")?,
        id,
    })
}

/// What makes a submission the same as another one. The actor is part of it, since a grant names the human the agent
/// acts for; so is the display, since a grant names what the reviewers saw.
pub(crate) struct Same<'t> {
    pub(crate) client: &'t str,
    pub(crate) subject_type: &'t str,
    pub(crate) subject_id: &'t str,
    pub(crate) actor: &'t str,
    pub(crate) request_digest: &'t str,
    pub(crate) display_digest: &'t str,
}

/// The task a submission joins, if there is one: pending, approved and still good, or denied not long ago. A denial is
/// remembered for the request itself, however it is described this time.
pub(crate) async fn same(
    sql: &mut Sql,
    same: &Same<'_>,
    now: i64,
    denied_after: i64,
) -> Result<Option<Row>, Fault> {
    let row = sqlx::query(
        "SELECT t.* FROM task t LEFT JOIN approval a ON a.task = t.id \
         WHERE t.request_digest = $1 AND t.client = $2 AND t.subject_type = $3 AND t.subject_id = $4 AND t.actor = $5 \
         AND ((t.status = 'denied' AND t.decided_at > $6) \
           OR (t.display_digest = $7 AND ( \
             (t.status = 'pending' AND t.expires_at > $8) \
             OR (t.status = 'approved' AND a.used < a.max_uses AND a.approved_until > $8 AND a.revoked_at IS NULL)))) \
         ORDER BY t.created_at DESC, t.rowid DESC LIMIT 1",
    )
    .bind(same.request_digest)
    .bind(same.client)
    .bind(same.subject_type)
    .bind(same.subject_id)
    .bind(same.actor)
    .bind(denied_after)
    .bind(same.display_digest)
    .bind(now)
    .fetch_optional(sql)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Keeps a new task.
pub(crate) async fn insert(sql: &mut Sql, row: &Row, same: &Same<'_>) -> Result<(), Fault> {
    let submission =
        serde_json::to_string(&row.submission).map_err(|error| Fault::Store(error.to_string()))?;
    sqlx::query(
        "INSERT INTO task (id, client, status, version, subject_type, subject_id, actor, request_digest, \
         display_digest, code, submission, grant_seconds, created_at, expires_at) \
         VALUES ($1, $2, 'pending', 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(&row.id)
    .bind(&row.client)
    .bind(same.subject_type)
    .bind(same.subject_id)
    .bind(same.actor)
    .bind(&row.request_digest)
    .bind(&row.display_digest)
    .bind(&row.code)
    .bind(submission)
    .bind(row.grant_seconds)
    .bind(row.created_at)
    .bind(row.expires_at)
    .execute(sql)
    .await?;
    Ok(())
}

/// The task of this id.
pub(crate) async fn get(sql: &mut Sql, id: &str) -> Result<Option<Row>, Fault> {
    let row = sqlx::query("SELECT * FROM task WHERE id = $1").bind(id).fetch_optional(sql).await?;
    row.as_ref().map(read).transpose()
}

/// Tasks, newest first, those after a place.
pub(crate) async fn list(sql: &mut Sql, filter: &Filter, after: Option<&Place>) -> Result<Vec<Row>, Fault> {
    let words: Vec<&str> = filter.status.iter().map(|status| status.as_str()).collect();
    let words = serde_json::to_string(&words).map_err(|error| Fault::Store(error.to_string()))?;
    let rows = sqlx::query(
        "SELECT * FROM task WHERE ($1 = '[]' OR status IN (SELECT value FROM json_each($1))) \
         AND (created_at < $3 OR (created_at = $3 AND id < $4)) \
         ORDER BY created_at DESC, id DESC LIMIT $2",
    )
    .bind(words)
    .bind(i64::from(filter.limit.unwrap_or(200)))
    .bind(after.map_or(i64::MAX, |place| place.at_ms))
    .bind(after.map_or("", |place| place.id.as_str()))
    .fetch_all(sql)
    .await?;
    rows.iter().map(read).collect()
}

/// Of the ids in a JSON array, those of `client` that still wait for a reviewer.
pub(crate) async fn still_waiting(
    sql: &mut Sql,
    client: &str,
    ids: &str,
    now: i64,
) -> Result<Vec<String>, Fault> {
    let ids = sqlx::query_scalar(
        "SELECT id FROM task WHERE id IN (SELECT value FROM json_each($1)) AND client = $2 AND status = 'pending' \
         AND expires_at > $3 AND question IS NULL",
    )
    .bind(ids)
    .bind(client)
    .bind(now)
    .fetch_all(sql)
    .await?;
    Ok(ids)
}

/// Every task that still waits.
pub(crate) async fn pending(sql: &mut Sql) -> Result<Vec<Row>, Fault> {
    let rows = sqlx::query("SELECT * FROM task WHERE status = 'pending'").fetch_all(sql).await?;
    rows.iter().map(read).collect()
}

/// Tasks whose time ran out.
pub(crate) async fn overdue(sql: &mut Sql, now: i64) -> Result<Vec<Row>, Fault> {
    let rows = sqlx::query(
        "SELECT * FROM task WHERE status = 'pending' AND expires_at <= $1 ORDER BY expires_at LIMIT 256",
    )
    .bind(now)
    .fetch_all(sql)
    .await?;
    rows.iter().map(read).collect()
}

/// Whether a change found the task as its maker saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Swap {
    /// It did.
    Done,
    /// Somebody was faster.
    Lost,
}

/// How a task ends.
pub(crate) struct End<'t> {
    pub(crate) status: Status,
    pub(crate) description: Option<&'t str>,
    pub(crate) denial: Option<&'t str>,
    pub(crate) record_leaf: Option<i64>,
    pub(crate) now: i64,
}

/// Ends a pending task; `row` is what was seen before.
pub(crate) async fn end(sql: &mut Sql, row: &Row, end: &End<'_>) -> Result<Swap, Fault> {
    let done = sqlx::query(
        "UPDATE task SET status = $1, version = version + 1, decided_at = $2, description = $3, denial = $4, \
         record_leaf = $5, question = NULL, question_by = NULL, question_at = NULL \
         WHERE id = $6 AND version = $7 AND status = 'pending'",
    )
    .bind(end.status.as_str())
    .bind(end.now)
    .bind(end.description)
    .bind(end.denial)
    .bind(end.record_leaf)
    .bind(&row.id)
    .bind(row.version)
    .execute(&mut *sql)
    .await?;
    if done.rows_affected() != 1 {
        return Ok(Swap::Lost);
    }
    super::kin::settled(sql, &row.id).await?;
    Ok(Swap::Done)
}

/// Opens or closes a question on a pending task.
pub(crate) async fn ask(sql: &mut Sql, row: &Row, question: Option<&Question>) -> Result<Swap, Fault> {
    let done = sqlx::query(
        "UPDATE task SET version = version + 1, question = $1, question_by = $2, question_at = $3 \
         WHERE id = $4 AND version = $5 AND status = 'pending'",
    )
    .bind(question.map(|question| &question.text))
    .bind(question.map(|question| &question.asked_by))
    .bind(question.map(|question| question.at_ms))
    .bind(&row.id)
    .bind(row.version)
    .execute(sql)
    .await?;
    Ok(if done.rows_affected() == 1 { Swap::Done } else { Swap::Lost })
}

/// Notes that something about a task changed that is kept elsewhere: a vote, a use.
pub(crate) async fn bump(sql: &mut Sql, id: &str) -> Result<(), Fault> {
    sqlx::query("UPDATE task SET version = version + 1 WHERE id = $1").bind(id).execute(sql).await?;
    Ok(())
}

/// Keeps what happened upstream; the first report stands, except that one that knows more takes its place.
pub(crate) async fn report(sql: &mut Sql, id: &str, outcome: &OutcomeView) -> Result<(), Fault> {
    // An attempt that was given up may be taken up again; then what came of that counts.
    let takes = match self::outcome(sql, id).await?.map(|known| known.state).as_deref() {
        None => true,
        Some("release_abandoned") => outcome.state != "release_abandoned",
        Some("unknown") => ["completed", "upstream_error"].contains(&outcome.state.as_str()),
        Some(_) => false,
    };
    if !takes {
        return Ok(());
    }
    let text = serde_json::to_string(outcome).map_err(|error| Fault::Store(error.to_string()))?;
    sqlx::query("UPDATE task SET version = version + 1, outcome = $1 WHERE id = $2")
        .bind(text)
        .bind(id)
        .execute(sql)
        .await?;
    Ok(())
}

/// What was reported of a task.
pub(crate) async fn outcome(sql: &mut Sql, id: &str) -> Result<Option<OutcomeView>, Fault> {
    let text: Option<(Option<String>,)> =
        sqlx::query_as("SELECT outcome FROM task WHERE id = $1").bind(id).fetch_optional(sql).await?;
    let text = text.and_then(|(text,)| text);
    let read = text.map(|text| serde_json::from_str(&text)).transpose();
    read.map_err(|_| Fault::Corrupt(format!("task `{id}`: its outcome")))
}
