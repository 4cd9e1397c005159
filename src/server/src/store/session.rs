//! Human sessions. The token is kept only as a digest: who reads the database cannot log in with it.

use crate::store::{Sql, SqlRow};
use sqlx::Row as _;

use crate::service::Fault;

/// A session as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) person: String,
    pub(crate) csrf: String,
    pub(crate) seen_at: i64,
    pub(crate) expires_at: i64,
    /// What the sign-in told; nothing under `--dev`.
    pub(crate) told: Told,
}

/// What a sign-in told of itself.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Told {
    pub(crate) iss: Option<String>,
    pub(crate) sub: Option<String>,
    /// The session at the identity provider.
    pub(crate) sid: Option<String>,
    /// When the person was last asked who they are, Unix seconds.
    pub(crate) auth_time: Option<i64>,
    pub(crate) acr: Option<String>,
    /// Only where logging out of the identity provider needs it.
    pub(crate) id_token: Option<String>,
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { iss, sub, auth_time, acr, sid: _, id_token: _ } = self;
        f.debug_struct("Told")
            .field("iss", iss)
            .field("sub", sub)
            .field("auth_time", auth_time)
            .field("acr", acr)
            .finish_non_exhaustive()
    }
}

/// Keeps a new session.
pub(crate) async fn insert(sql: &mut Sql, digest: &str, row: &Row) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO session (token_digest, person, csrf, created_at, seen_at, expires_at, \
         iss, sub, sid, auth_time, acr, id_token) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(digest)
    .bind(&row.person)
    .bind(&row.csrf)
    .bind(row.seen_at)
    .bind(row.seen_at)
    .bind(row.expires_at)
    .bind(&row.told.iss)
    .bind(&row.told.sub)
    .bind(&row.told.sid)
    .bind(row.told.auth_time)
    .bind(&row.told.acr)
    .bind(&row.told.id_token)
    .execute(sql)
    .await?;
    Ok(())
}

/// The session with this digest.
pub(crate) async fn get(sql: &mut Sql, digest: &str) -> Result<Option<Row>, Fault> {
    let row =
        sqlx::query("SELECT * FROM session WHERE token_digest = $1").bind(digest).fetch_optional(sql).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &SqlRow) -> Result<Row, Fault> {
    Ok(Row {
        person: row.try_get("person")?,
        csrf: row.try_get("csrf")?,
        seen_at: row.try_get("seen_at")?,
        expires_at: row.try_get("expires_at")?,
        told: Told {
            iss: row.try_get("iss")?,
            sub: row.try_get("sub")?,
            sid: row.try_get("sid")?,
            auth_time: row.try_get("auth_time")?,
            acr: row.try_get("acr")?,
            id_token: row.try_get("id_token")?,
        },
    })
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

/// Ends every session of an account, or of one session at its identity provider; returns whose they were.
pub(crate) async fn delete_of(
    sql: &mut Sql,
    iss: &str,
    sub: Option<&str>,
    sid: Option<&str>,
) -> Result<Vec<String>, Fault> {
    let whose: Vec<Option<String>> = sqlx::query_scalar(
        "DELETE FROM session WHERE iss = $1 AND (sub = $2 OR $2 IS NULL) AND (sid = $3 OR $3 IS NULL) \
         AND NOT ($2 IS NULL AND $3 IS NULL) RETURNING sub",
    )
    .bind(iss)
    .bind(sub)
    .bind(sid)
    .fetch_all(sql)
    .await?;
    Ok(whose.into_iter().flatten().collect())
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
