//! Command lines that want a session, until somebody at a browser says yes or no.

use crate::{service::Fault, store::Sql};

/// A command line that asks.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) user_code: String,
    /// What it calls its machine: not verified.
    pub(crate) machine: String,
    pub(crate) address: String,
    pub(crate) state: String,
    /// Whose session it gets, as JSON.
    pub(crate) session: Option<String>,
    /// How long it must wait between two questions, milliseconds.
    pub(crate) pace: i64,
    pub(crate) polled_at: Option<i64>,
    pub(crate) expires_at: i64,
}

type Columns = (String, String, String, String, Option<String>, i64, Option<i64>, i64);

const COLUMNS: &str = "user_code, machine, address, state, session, pace, polled_at, expires_at";

fn row(columns: Columns) -> Row {
    let (user_code, machine, address, state, session, pace, polled_at, expires_at) = columns;
    Row { user_code, machine, address, state, session, pace, polled_at, expires_at }
}

/// How many ask now.
pub(crate) async fn open(sql: &mut Sql, now: i64) -> Result<i64, Fault> {
    let count = sqlx::query_scalar("SELECT count(*) FROM device_login WHERE expires_at > $1")
        .bind(now)
        .fetch_one(sql)
        .await?;
    Ok(count)
}

/// Keeps one that asks.
pub(crate) async fn insert(sql: &mut Sql, device: &str, row: &Row) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO device_login (device_digest, user_code, machine, address, state, pace, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(device)
    .bind(&row.user_code)
    .bind(&row.machine)
    .bind(&row.address)
    .bind(&row.state)
    .bind(row.pace)
    .bind(row.expires_at)
    .execute(sql)
    .await?;
    Ok(())
}

/// The one that waits for an answer under this code.
pub(crate) async fn waiting(sql: &mut Sql, user_code: &str, now: i64) -> Result<Option<Row>, Fault> {
    let query = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM device_login WHERE user_code = $1 AND state = 'pending' AND expires_at > $2"
    ));
    let found: Option<Columns> = sqlx::query_as(query).bind(user_code).bind(now).fetch_optional(sql).await?;
    Ok(found.map(row))
}

/// Answers the one under this code, if it still waits; returns whether it did.
pub(crate) async fn answer(
    sql: &mut Sql,
    user_code: &str,
    state: &str,
    session: Option<&str>,
    now: i64,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE device_login SET state = $1, session = $2 \
         WHERE user_code = $3 AND state = 'pending' AND expires_at > $4",
    )
    .bind(state)
    .bind(session)
    .bind(user_code)
    .bind(now)
    .execute(sql)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The one with this device code.
pub(crate) async fn get(sql: &mut Sql, device: &str) -> Result<Option<Row>, Fault> {
    let query = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM device_login WHERE device_digest = $1"));
    let found: Option<Columns> = sqlx::query_as(query).bind(device).fetch_optional(sql).await?;
    Ok(found.map(row))
}

/// Notes that it asked.
pub(crate) async fn polled(sql: &mut Sql, device: &str, pace: i64, now: i64) -> Result<(), Fault> {
    sqlx::query("UPDATE device_login SET pace = $1, polled_at = $2 WHERE device_digest = $3")
        .bind(pace)
        .bind(now)
        .bind(device)
        .execute(sql)
        .await?;
    Ok(())
}

/// Forgets it: its code counts once.
pub(crate) async fn delete(sql: &mut Sql, device: &str) -> Result<(), Fault> {
    sqlx::query("DELETE FROM device_login WHERE device_digest = $1").bind(device).execute(sql).await?;
    Ok(())
}
