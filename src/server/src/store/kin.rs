//! What a task has in common with others: its group among the reviewers' requests, its rule, and what a standing approval of
//! it would be for.

use std::collections::HashMap;

use crate::store::Sql;

use crate::service::Fault;

/// What is kept of it.
#[derive(Clone, Debug)]
pub(crate) struct Kin {
    pub(crate) client: String,
    pub(crate) policy: String,
    pub(crate) rule: String,
    pub(crate) alike: String,
    /// Only where the rule allows standing approvals.
    pub(crate) scope: Option<String>,
}

/// Keeps it for a new task.
pub(crate) async fn insert(sql: &mut Sql, task: &str, kin: &Kin) -> Result<(), Fault> {
    sqlx::query("INSERT INTO kin (task, client, policy, rule, alike, scope) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(task)
        .bind(&kin.client)
        .bind(&kin.policy)
        .bind(&kin.rule)
        .bind(&kin.alike)
        .bind(&kin.scope)
        .execute(sql)
        .await?;
    Ok(())
}

/// The task waits no more.
pub(crate) async fn settled(sql: &mut Sql, task: &str) -> Result<(), Fault> {
    sqlx::query("UPDATE kin SET waiting = 0 WHERE task = $1").bind(task).execute(sql).await?;
    Ok(())
}

/// Tasks that wait, and the earliest moment at which one of them expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) count: i64,
    pub(crate) until: Option<i64>,
}

/// How many tasks of a subject wait; only where that is `most` or more, when the first of them expires.
pub(crate) async fn waiting_of_subject(
    sql: &mut Sql,
    client: &str,
    subject: &str,
    most: u32,
) -> Result<Waiting, Fault> {
    let count: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM task WHERE client = $1 AND subject_id = $2 AND status = 'pending'",
    )
    .bind(client)
    .bind(subject)
    .fetch_one(&mut *sql)
    .await?;
    if count < i64::from(most) {
        return Ok(Waiting { count, until: None });
    }
    let until = sqlx::query_scalar(
        "SELECT min(expires_at) FROM task WHERE client = $1 AND subject_id = $2 AND status = 'pending'",
    )
    .bind(client)
    .bind(subject)
    .fetch_one(sql)
    .await?;
    Ok(Waiting { count, until })
}

/// How many tasks under a rule wait; only where that is `most` or more, when the first of them expires.
pub(crate) async fn waiting_of_rule(sql: &mut Sql, kin: &Kin, most: u32) -> Result<Waiting, Fault> {
    let count: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM kin WHERE waiting = 1 AND client = $1 AND policy = $2 AND rule = $3",
    )
    .bind(&kin.client)
    .bind(&kin.policy)
    .bind(&kin.rule)
    .fetch_one(&mut *sql)
    .await?;
    if count < i64::from(most) {
        return Ok(Waiting { count, until: None });
    }
    let until = sqlx::query_scalar(
        "SELECT min(t.expires_at) FROM kin k JOIN task t ON t.id = k.task \
         WHERE k.waiting = 1 AND k.client = $1 AND k.policy = $2 AND k.rule = $3",
    )
    .bind(&kin.client)
    .bind(&kin.policy)
    .bind(&kin.rule)
    .fetch_one(sql)
    .await?;
    Ok(Waiting { count, until })
}

/// For each of the tasks in a JSON array of ids, its group and how many of that group wait, counted up to 100: every look at
/// a task asks for it.
pub(crate) async fn groups(sql: &mut Sql, tasks: &str) -> Result<HashMap<String, (String, i64)>, Fault> {
    let own: Vec<(String, String)> =
        sqlx::query_as("SELECT task, alike FROM kin WHERE task IN (SELECT value FROM json_each($1))")
            .bind(tasks)
            .fetch_all(&mut *sql)
            .await?;
    let keys: Vec<&str> = own.iter().map(|(_, alike)| alike.as_str()).collect();
    let keys = serde_json::to_string(&keys).map_err(|error| Fault::Store(error.to_string()))?;
    let counts: Vec<(String, i64)> = sqlx::query_as(
        "SELECT j.value, (SELECT count(*) FROM (SELECT 1 FROM kin WHERE waiting = 1 AND alike = j.value LIMIT 100) few) \
         FROM json_each($1) j GROUP BY j.value",
    )
    .bind(keys)
    .fetch_all(sql)
    .await?;
    let counts: HashMap<String, i64> = counts.into_iter().collect();
    let of = |(task, alike): (String, String)| {
        let count = counts.get(&alike).copied().unwrap_or_default();
        (task, (alike, count))
    };
    Ok(own.into_iter().map(of).collect())
}
