//! Standing approvals, what reviewers agreed to, and each use. Every statement that counts a use is a compare-and-set.

use sqlx::Row as _;

use countersign_wire::grant::Approver;

use super::{Sql, SqlRow};
use crate::service::Fault;

/// A standing approval as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    /// The task that people decided.
    pub(crate) task: String,
    pub(crate) client: String,
    pub(crate) policy: String,
    pub(crate) rule: String,
    pub(crate) rule_digest: String,
    pub(crate) scope: String,
    /// Everything that must be the same, canonical.
    pub(crate) matcher: String,
    pub(crate) approvers: Vec<Approver>,
    pub(crate) uses: i64,
    /// The first request is one of them.
    pub(crate) used: i64,
    pub(crate) since: i64,
    pub(crate) until: i64,
    pub(crate) ended: Option<Ended>,
}

/// That it ended before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) at: i64,
    pub(crate) why: String,
    pub(crate) by: Option<String>,
}

fn read(row: &SqlRow) -> Result<Row, Fault> {
    let id: String = row.try_get("id")?;
    let approvers: String = row.try_get("approvers")?;
    let approvers = serde_json::from_str(&approvers)
        .map_err(|_| Fault::Corrupt(format!("standing approval `{id}`: its approvers")))?;
    let ended: Option<i64> = row.try_get("ended_at")?;
    let (why, by): (Option<String>, Option<String>) = (row.try_get("ended_why")?, row.try_get("ended_by")?);
    Ok(Row {
        task: row.try_get("task")?,
        client: row.try_get("client")?,
        policy: row.try_get("policy")?,
        rule: row.try_get("rule")?,
        rule_digest: row.try_get("rule_digest")?,
        scope: row.try_get("scope")?,
        matcher: row.try_get("matcher")?,
        approvers,
        uses: row.try_get("uses")?,
        used: row.try_get("used")?,
        since: row.try_get("since")?,
        until: row.try_get("until")?,
        ended: ended.map(|at| Ended { at, why: why.unwrap_or_default(), by }),
        id,
    })
}

/// What one reviewer agreed to beyond the one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agreement {
    pub(crate) task: String,
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) uses: i64,
    pub(crate) until: i64,
}

/// Forgets what an account agreed to.
pub(crate) async fn disagree(sql: &mut Sql, task: &str, iss: &str, sub: &str) -> Result<(), Fault> {
    sqlx::query("DELETE FROM agreement WHERE task = $1 AND iss = $2 AND sub = $3")
        .bind(task)
        .bind(iss)
        .bind(sub)
        .execute(sql)
        .await?;
    Ok(())
}

/// Keeps what an account agreed to.
pub(crate) async fn agree(sql: &mut Sql, agreed: &Agreement) -> Result<(), Fault> {
    sqlx::query("INSERT INTO agreement (task, iss, sub, uses, until) VALUES ($1, $2, $3, $4, $5)")
        .bind(&agreed.task)
        .bind(&agreed.iss)
        .bind(&agreed.sub)
        .bind(agreed.uses)
        .bind(agreed.until)
        .execute(sql)
        .await?;
    Ok(())
}

/// What was agreed to on the tasks named in a JSON array of ids.
pub(crate) async fn agreements(sql: &mut Sql, tasks: &str) -> Result<Vec<Agreement>, Fault> {
    let rows: Vec<(String, String, String, i64, i64)> = sqlx::query_as(
        "SELECT task, iss, sub, uses, until FROM agreement WHERE task IN (SELECT value FROM json_each($1))",
    )
    .bind(tasks)
    .fetch_all(sql)
    .await?;
    let agreement = |(task, iss, sub, uses, until)| Agreement { task, iss, sub, uses, until };
    Ok(rows.into_iter().map(agreement).collect())
}

/// Keeps a new one.
pub(crate) async fn insert(sql: &mut Sql, row: &Row) -> Result<(), Fault> {
    let approvers = serde_json::to_string(&row.approvers).map_err(|error| Fault::Store(error.to_string()))?;
    sqlx::query(
        "INSERT INTO standing (id, task, client, policy, rule, rule_digest, scope, matcher, approvers, uses, used, \
         since, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(&row.id)
    .bind(&row.task)
    .bind(&row.client)
    .bind(&row.policy)
    .bind(&row.rule)
    .bind(&row.rule_digest)
    .bind(&row.scope)
    .bind(&row.matcher)
    .bind(approvers)
    .bind(row.uses)
    .bind(row.used)
    .bind(row.since)
    .bind(row.until)
    .execute(sql)
    .await?;
    Ok(())
}

/// Those for a scope that have not ended and have uses left, the oldest first.
pub(crate) async fn open_for(sql: &mut Sql, client: &str, scope: &str, now: i64) -> Result<Vec<Row>, Fault> {
    let rows = sqlx::query(
        "SELECT * FROM standing WHERE client = $1 AND scope = $2 AND ended_at IS NULL AND used < uses AND until > $3 \
         ORDER BY since, id",
    )
    .bind(client)
    .bind(scope)
    .bind(now)
    .fetch_all(sql)
    .await?;
    rows.iter().map(read).collect()
}

/// Those of a scope, whatever is left of them, that have not ended.
pub(crate) async fn of_scope(sql: &mut Sql, client: &str, scope: &str) -> Result<Vec<Row>, Fault> {
    let rows = sqlx::query("SELECT * FROM standing WHERE client = $1 AND scope = $2 AND ended_at IS NULL")
        .bind(client)
        .bind(scope)
        .fetch_all(sql)
        .await?;
    rows.iter().map(read).collect()
}

/// Those under an older text of a rule that have not ended.
pub(crate) async fn of_other_text(
    sql: &mut Sql,
    (client, policy, rule): (&str, &str, &str),
    rule_digest: &str,
) -> Result<Vec<Row>, Fault> {
    let rows = sqlx::query(
        "SELECT * FROM standing WHERE client = $1 AND policy = $2 AND rule = $3 AND ended_at IS NULL AND rule_digest <> $4",
    )
    .bind(client)
    .bind(policy)
    .bind(rule)
    .bind(rule_digest)
    .fetch_all(sql)
    .await?;
    rows.iter().map(read).collect()
}

/// The one of this id.
pub(crate) async fn get(sql: &mut Sql, id: &str) -> Result<Option<Row>, Fault> {
    let row = sqlx::query("SELECT * FROM standing WHERE id = $1").bind(id).fetch_optional(sql).await?;
    row.as_ref().map(read).transpose()
}

/// All of them, newest first, at most `limit`.
pub(crate) async fn list(sql: &mut Sql, limit: u32) -> Result<Vec<Row>, Fault> {
    let rows = sqlx::query("SELECT * FROM standing ORDER BY since DESC, id DESC LIMIT $1")
        .bind(i64::from(limit))
        .fetch_all(sql)
        .await?;
    rows.iter().map(read).collect()
}

/// Counts one more use, if one is left; which one it is.
pub(crate) async fn count(sql: &mut Sql, id: &str, now: i64) -> Result<Option<i64>, Fault> {
    let number = sqlx::query_scalar(
        "UPDATE standing SET used = used + 1 WHERE id = $1 AND used < uses AND ended_at IS NULL AND until > $2 \
         RETURNING used",
    )
    .bind(id)
    .bind(now)
    .fetch_optional(sql)
    .await?;
    Ok(number)
}

/// One use: by which task, as which of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) task: String,
    pub(crate) standing: String,
    pub(crate) number: i64,
    pub(crate) at: i64,
}

/// Keeps which task a use was for.
pub(crate) async fn used(sql: &mut Sql, one: &Used) -> Result<(), Fault> {
    sqlx::query("INSERT INTO standing_use (task, standing, number, at) VALUES ($1, $2, $3, $4)")
        .bind(&one.task)
        .bind(&one.standing)
        .bind(one.number)
        .bind(one.at)
        .execute(sql)
        .await?;
    Ok(())
}

type UsedRow = (String, String, i64, i64);

fn read_uses(rows: Vec<UsedRow>) -> Vec<Used> {
    rows.into_iter().map(|(task, standing, number, at)| Used { task, standing, number, at }).collect()
}

/// The uses by the tasks named in a JSON array of ids.
pub(crate) async fn uses_by(sql: &mut Sql, tasks: &str) -> Result<Vec<Used>, Fault> {
    let uses: Vec<UsedRow> = sqlx::query_as(
        "SELECT task, standing, number, at FROM standing_use WHERE task IN (SELECT value FROM json_each($1))",
    )
    .bind(tasks)
    .fetch_all(sql)
    .await?;
    Ok(read_uses(uses))
}

/// The uses of the standing approvals named in a JSON array of ids, in their order.
pub(crate) async fn uses_of(sql: &mut Sql, ids: &str) -> Result<Vec<Used>, Fault> {
    let uses: Vec<UsedRow> = sqlx::query_as(
        "SELECT task, standing, number, at FROM standing_use WHERE standing IN (SELECT value FROM json_each($1)) \
         ORDER BY standing, number",
    )
    .bind(ids)
    .fetch_all(sql)
    .await?;
    Ok(read_uses(uses))
}

/// Whether an end was the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It was.
    Now,
    /// It had ended before.
    Before,
}

/// Ends one.
pub(crate) async fn end(sql: &mut Sql, id: &str, ended: &Ended) -> Result<Ending, Fault> {
    let done = sqlx::query(
        "UPDATE standing SET ended_at = $1, ended_why = $2, ended_by = $3 WHERE id = $4 AND ended_at IS NULL",
    )
    .bind(ended.at)
    .bind(&ended.why)
    .bind(&ended.by)
    .bind(id)
    .execute(sql)
    .await?;
    Ok(if done.rows_affected() == 1 { Ending::Now } else { Ending::Before })
}

/// Whether what became of an earlier request of a standing approval is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// Nothing of the kind.
    No,
    /// One of them left, and nobody knows what became of it.
    Yes,
}

/// Looks for an outcome that nobody knows, and nobody settled, among the requests that a standing approval was given for or
/// used by.
pub(crate) async fn unknown_outcome(sql: &mut Sql, standing: &Row) -> Result<Unknown, Fault> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT 1 FROM release WHERE unknown_since IS NOT NULL AND settled_at IS NULL \
         AND (task = $1 OR task IN (SELECT task FROM standing_use WHERE standing = $2)) LIMIT 1",
    )
    .bind(&standing.task)
    .bind(&standing.id)
    .fetch_optional(sql)
    .await?;
    Ok(if found.is_some() { Unknown::Yes } else { Unknown::No })
}
