//! Calls of reviewers' programs that carried an idempotency key, and what each was answered.

use super::{Sql, access::Key};
use crate::service::Fault;

/// What is known of a key.
#[derive(Debug)]
pub(crate) enum Noted {
    /// Nothing; it is noted now.
    Fresh,
    /// The same call came before, and was answered so.
    Answered(String),
    /// The same call came before and has no answer.
    Unanswered {
        /// Until when it is remembered, Unix milliseconds.
        expires_at: i64,
    },
    /// The key came with another body.
    Other,
}

/// Notes a key, or says what is known of it. A key whose time is over is as good as never used.
pub(crate) async fn note(
    sql: &mut Sql,
    key: &Key<'_>,
    body_digest: &str,
    now: i64,
    expires_at: i64,
) -> Result<Noted, Fault> {
    let known: Option<(String, Option<String>, i64)> = sqlx::query_as(
        "SELECT body_digest, answer, expires_at FROM idempotency \
         WHERE keyid = $1 AND method = $2 AND path = $3 AND key = $4 AND expires_at > $5",
    )
    .bind(key.keyid)
    .bind(key.method)
    .bind(key.path)
    .bind(key.given)
    .bind(now)
    .fetch_optional(&mut *sql)
    .await?;
    match known {
        Some((digest, ..)) if digest != body_digest => return Ok(Noted::Other),
        Some((_, Some(answer), _)) => return Ok(Noted::Answered(answer)),
        Some((_, None, expires_at)) => return Ok(Noted::Unanswered { expires_at }),
        None => {}
    }
    forget(sql, key).await?;
    sqlx::query(
        "INSERT INTO idempotency (keyid, method, path, key, body_digest, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(key.keyid)
    .bind(key.method)
    .bind(key.path)
    .bind(key.given)
    .bind(body_digest)
    .bind(expires_at)
    .execute(sql)
    .await?;
    Ok(Noted::Fresh)
}

/// Keeps what a call was answered.
pub(crate) async fn keep(sql: &mut Sql, key: &Key<'_>, answer: &str) -> Result<(), Fault> {
    sqlx::query(
        "UPDATE idempotency SET answer = $1 WHERE keyid = $2 AND method = $3 AND path = $4 AND key = $5",
    )
    .bind(answer)
    .bind(key.keyid)
    .bind(key.method)
    .bind(key.path)
    .bind(key.given)
    .execute(sql)
    .await?;
    Ok(())
}

/// Forgets a key.
pub(crate) async fn forget(sql: &mut Sql, key: &Key<'_>) -> Result<(), Fault> {
    sqlx::query("DELETE FROM idempotency WHERE keyid = $1 AND method = $2 AND path = $3 AND key = $4")
        .bind(key.keyid)
        .bind(key.method)
        .bind(key.path)
        .bind(key.given)
        .execute(sql)
        .await?;
    Ok(())
}
