//! What keeps a filter's call from being taken twice: nonces and idempotency keys.

use crate::store::Sql;

use crate::service::Fault;

/// How long a nonce must not come again, milliseconds.
pub(crate) const NONCE_MS: i64 = 5 * 60 * 1000;

/// Whether something was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It was not, and now it is.
    New,
    /// It was.
    Before,
}

/// Spends a nonce.
pub(crate) async fn spend_nonce(sql: &mut Sql, keyid: &str, nonce: &str, now: i64) -> Result<Seen, Fault> {
    let done =
        sqlx::query("INSERT INTO nonce (keyid, nonce, seen_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(keyid)
            .bind(nonce)
            .bind(now)
            .execute(sql)
            .await?;
    Ok(if done.rows_affected() == 1 { Seen::New } else { Seen::Before })
}

/// Nonces that must not come again, for the memory of a service that just started.
pub(crate) async fn nonces(sql: &mut Sql, now: i64) -> Result<Vec<(String, String, i64)>, Fault> {
    let rows = sqlx::query_as("SELECT keyid, nonce, seen_at FROM nonce WHERE seen_at > $1")
        .bind(now - NONCE_MS)
        .fetch_all(sql)
        .await?;
    Ok(rows)
}

/// An idempotency key in its scope.
#[derive(Clone, Debug)]
pub(crate) struct Key<'k> {
    pub(crate) keyid: &'k str,
    pub(crate) method: &'k str,
    pub(crate) path: &'k str,
    pub(crate) given: &'k str,
}

/// What an idempotency key says about a call.
#[derive(Debug)]
pub(crate) enum Repeat {
    /// It was never used here.
    Fresh,
    /// The same call again; with the task it was about, if it came that far.
    Same(Option<String>),
    /// The key came with another body.
    Other,
}

/// Notes a key, or says what it was used for.
pub(crate) async fn note_key(
    sql: &mut Sql,
    key: &Key<'_>,
    body_digest: &str,
    expires_at: i64,
) -> Result<Repeat, Fault> {
    let known: Option<(String, Option<String>)> = sqlx::query_as(
        "SELECT body_digest, task FROM idempotency WHERE keyid = $1 AND method = $2 AND path = $3 AND key = $4",
    )
    .bind(key.keyid)
    .bind(key.method)
    .bind(key.path)
    .bind(key.given)
    .fetch_optional(&mut *sql)
    .await?;
    match known {
        Some((digest, task)) if digest == body_digest => Ok(Repeat::Same(task)),
        Some(_) => Ok(Repeat::Other),
        None => {
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
            Ok(Repeat::Fresh)
        }
    }
}

/// Notes which task a key was about, and until when to remember that.
pub(crate) async fn key_made(sql: &mut Sql, key: &Key<'_>, task: &str, expires_at: i64) -> Result<(), Fault> {
    sqlx::query("UPDATE idempotency SET task = $1, expires_at = $2 WHERE keyid = $3 AND method = $4 AND path = $5 AND key = $6")
        .bind(task)
        .bind(expires_at)
        .bind(key.keyid)
        .bind(key.method)
        .bind(key.path)
        .bind(key.given)
        .execute(sql)
        .await?;
    Ok(())
}

/// Forgets what need not be remembered.
pub(crate) async fn forget(sql: &mut Sql, now: i64) -> Result<(), Fault> {
    sqlx::query("DELETE FROM nonce WHERE seen_at <= $1").bind(now - NONCE_MS).execute(&mut *sql).await?;
    sqlx::query("DELETE FROM idempotency WHERE expires_at <= $1").bind(now).execute(&mut *sql).await?;
    sqlx::query("DELETE FROM session WHERE expires_at <= $1").bind(now).execute(&mut *sql).await?;
    super::sign_in::forget(sql, now).await
}
