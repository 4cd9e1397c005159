//! Human sessions. The token is kept only as a digest: who reads the database cannot log in with it.

use crate::store::Sql;

use crate::service::Fault;

/// A session as it is kept.
pub(crate) struct Row {
    pub(crate) person: String,
    pub(crate) csrf: String,
    pub(crate) seen_at: i64,
    pub(crate) expires_at: i64,
}

/// Keeps a new session.
pub(crate) async fn insert(sql: &mut Sql, digest: &str, row: &Row) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO session (token_digest, person, csrf, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(digest)
    .bind(&row.person)
    .bind(&row.csrf)
    .bind(row.seen_at)
    .bind(row.seen_at)
    .bind(row.expires_at)
    .execute(sql)
    .await?;
    Ok(())
}

/// The session with this digest.
pub(crate) async fn get(sql: &mut Sql, digest: &str) -> Result<Option<Row>, Fault> {
    let row: Option<(String, String, i64, i64)> =
        sqlx::query_as("SELECT person, csrf, seen_at, expires_at FROM session WHERE token_digest = $1")
            .bind(digest)
            .fetch_optional(sql)
            .await?;
    Ok(row.map(|(person, csrf, seen_at, expires_at)| Row { person, csrf, seen_at, expires_at }))
}

/// Notes that the session was used.
pub(crate) async fn touch(sql: &mut Sql, digest: &str, now: i64) -> Result<(), Fault> {
    sqlx::query("UPDATE session SET seen_at = $1 WHERE token_digest = $2")
        .bind(now)
        .bind(digest)
        .execute(sql)
        .await?;
    Ok(())
}

/// Ends the session.
pub(crate) async fn delete(sql: &mut Sql, digest: &str) -> Result<(), Fault> {
    sqlx::query("DELETE FROM session WHERE token_digest = $1").bind(digest).execute(sql).await?;
    Ok(())
}

/// Ends every session.
pub(crate) async fn delete_all(sql: &mut Sql) -> Result<(), Fault> {
    sqlx::query("DELETE FROM session").execute(sql).await?;
    Ok(())
}

/// A session as its owner may see it.
pub(crate) struct Listed {
    pub(crate) digest: String,
    pub(crate) person: String,
    pub(crate) created_at: i64,
    pub(crate) seen_at: i64,
    pub(crate) expires_at: i64,
}

/// The sessions that live and whose person has this `sub` somewhere in it, last used first; who they are the caller checks.
pub(crate) async fn with(sql: &mut Sql, sub: &str, now: i64, seen_after: i64) -> Result<Vec<Listed>, Fault> {
    let literal = sub.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let rows: Vec<(String, String, i64, i64, i64)> = sqlx::query_as(
        "SELECT token_digest, person, created_at, seen_at, expires_at FROM session \
         WHERE expires_at > $1 AND seen_at > $2 AND person LIKE $3 ESCAPE '!' ORDER BY seen_at DESC, created_at DESC LIMIT 1000",
    )
    .bind(now)
    .bind(seen_after)
    .bind(format!("%{literal}%"))
    .fetch_all(sql)
    .await?;
    let listed = |(digest, person, created_at, seen_at, expires_at)| Listed {
        digest,
        person,
        created_at,
        seen_at,
        expires_at,
    };
    Ok(rows.into_iter().map(listed).collect())
}
