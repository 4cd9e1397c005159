//! Decisions that one person made alone, and the second look at each.

use sqlx::Row as _;

use super::{Sql, SqlRow};
use crate::service::{Fault, Glass, Look, Person, Verdict};

/// A broken glass as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) task: String,
    /// The person the account belongs to by what is known now.
    pub(crate) person: i64,
    pub(crate) glass: Glass,
}

fn read(row: &SqlRow) -> Result<Row, Fault> {
    let task: String = row.try_get("task")?;
    let verdict: Option<String> = row.try_get("verdict")?;
    let look = match verdict.as_deref() {
        None => None,
        Some(word) => {
            let verdict = Verdict::parse(word)
                .ok_or_else(|| Fault::Corrupt(format!("the second look at task `{task}` says `{word}`")))?;
            let by = Person {
                iss: row.try_get::<Option<String>, _>("look_iss")?.unwrap_or_default(),
                sub: row.try_get::<Option<String>, _>("look_sub")?.unwrap_or_default(),
                email: None,
                name: row.try_get::<Option<String>, _>("look_name")?.unwrap_or_default(),
                groups: Vec::new(),
            };
            Some(Look {
                by,
                verdict,
                reason: row.try_get::<Option<String>, _>("look_reason")?.unwrap_or_default(),
                at_ms: row.try_get::<Option<i64>, _>("looked_at")?.unwrap_or_default(),
            })
        }
    };
    let groups: String = row.try_get("groups")?;
    let glass = Glass {
        by: Person {
            iss: row.try_get("iss")?,
            sub: row.try_get("sub")?,
            email: row.try_get("email")?,
            name: row.try_get("name")?,
            groups: groups.split('\n').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        },
        reason: row.try_get("reason")?,
        at_ms: row.try_get("at")?,
        review_by_ms: row.try_get("review_by")?,
        overdue_at_ms: row.try_get("overdue_at")?,
        look,
    };
    Ok(Row { person: row.try_get("human")?, task, glass })
}

/// Keeps that somebody broke the glass.
pub(crate) async fn put(sql: &mut Sql, row: &Row) -> Result<(), Fault> {
    let Row { task, person, glass } = row;
    sqlx::query(
        "INSERT INTO break_glass (task, person, iss, sub, email, name, groups, reason, at, review_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(task)
    .bind(person)
    .bind(&glass.by.iss)
    .bind(&glass.by.sub)
    .bind(&glass.by.email)
    .bind(&glass.by.name)
    .bind(glass.by.groups.join("\n"))
    .bind(&glass.reason)
    .bind(glass.at_ms)
    .bind(glass.review_by_ms)
    .execute(sql)
    .await?;
    Ok(())
}

/// Those of the tasks named in a JSON array of ids.
pub(crate) async fn of(sql: &mut Sql, tasks: &str) -> Result<Vec<Row>, Fault> {
    let rows = sqlx::query(
        "SELECT g.*, coalesce(l.person, g.person) AS human FROM break_glass g LEFT JOIN identity_link l \
         ON l.provider = 'oidc' AND l.tenant = g.iss AND l.external_id = g.sub \
         WHERE g.task IN (SELECT value FROM json_each($1))",
    )
    .bind(tasks)
    .fetch_all(sql)
    .await?;
    rows.iter().map(read).collect()
}

/// The tasks that still wait for a second look, the most urgent first.
pub(crate) async fn open(sql: &mut Sql) -> Result<Vec<String>, Fault> {
    let tasks = sqlx::query_scalar(
        "SELECT task FROM break_glass WHERE verdict IS NULL ORDER BY review_by LIMIT 1000",
    )
    .fetch_all(sql)
    .await?;
    Ok(tasks)
}

/// The tasks whose second look is late, as far as that was not noted yet; notes it.
pub(crate) async fn note_overdue(sql: &mut Sql, now: i64) -> Result<Vec<String>, Fault> {
    let tasks = sqlx::query_scalar(
        "UPDATE break_glass SET overdue_at = $1 WHERE verdict IS NULL AND overdue_at IS NULL AND review_by <= $1 \
         RETURNING task",
    )
    .bind(now)
    .fetch_all(sql)
    .await?;
    Ok(tasks)
}

/// Whether a second look was the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Looked {
    /// It was, and it is kept.
    First,
    /// Somebody had looked before.
    Before,
}

/// Keeps the second look, if there is none yet.
pub(crate) async fn look(sql: &mut Sql, task: &str, look: &Look) -> Result<Looked, Fault> {
    let done = sqlx::query(
        "UPDATE break_glass SET verdict = $1, look_iss = $2, look_sub = $3, look_name = $4, look_reason = $5, looked_at = $6 \
         WHERE task = $7 AND verdict IS NULL",
    )
    .bind(look.verdict.as_str())
    .bind(&look.by.iss)
    .bind(&look.by.sub)
    .bind(&look.by.name)
    .bind(&look.reason)
    .bind(look.at_ms)
    .bind(task)
    .execute(sql)
    .await?;
    Ok(if done.rows_affected() == 1 { Looked::First } else { Looked::Before })
}
