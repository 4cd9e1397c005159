//! Public signing keys: which sign now, which will, and which did.

use crate::store::Sql;

use crate::service::Fault;

/// Notes the keys in use; whatever else was current or next is retired as of `now`.
pub(crate) async fn note(
    sql: &mut Sql,
    current: (&str, &str),
    next: Option<(&str, &str)>,
    now: i64,
) -> Result<(), Fault> {
    sqlx::query("UPDATE signing_key SET state = 'retired', since = $1 WHERE state <> 'retired' AND kid <> $2 AND kid <> $3")
        .bind(now)
        .bind(current.0)
        .bind(next.map_or("", |(kid, _)| kid))
        .execute(&mut *sql)
        .await?;
    for (state, (kid, jwk)) in std::iter::once(("current", current)).chain(next.map(|next| ("next", next))) {
        sqlx::query(
            "INSERT INTO signing_key (kid, jwk, state, since) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (kid) DO UPDATE SET since = CASE WHEN signing_key.state = $3 THEN signing_key.since ELSE $4 END, state = $3",
        )
        .bind(kid)
        .bind(jwk)
        .bind(state)
        .bind(now)
        .execute(&mut *sql)
        .await?;
    }
    Ok(())
}

/// The JWKs to publish: those in use, and those retired since `retired_after`.
pub(crate) async fn published(sql: &mut Sql, retired_after: i64) -> Result<Vec<String>, Fault> {
    let keys = sqlx::query_scalar(
        "SELECT jwk FROM signing_key WHERE revoked_at IS NULL AND (state <> 'retired' OR since > $1) ORDER BY state = 'retired', state, kid",
    )
    .bind(retired_after)
    .fetch_all(sql)
    .await?;
    Ok(keys)
}

/// Whether what a key signed may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It may.
    Good,
    /// The key is revoked.
    Revoked,
}

/// The standing of a key; one that was never noted has signed nothing here.
pub(crate) async fn standing(sql: &mut Sql, kid: &str) -> Result<Standing, Fault> {
    let known: Option<(Option<i64>,)> = sqlx::query_as("SELECT revoked_at FROM signing_key WHERE kid = $1")
        .bind(kid)
        .fetch_optional(sql)
        .await?;
    Ok(if known == Some((None,)) { Standing::Good } else { Standing::Revoked })
}

/// A key as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) kid: String,
    pub(crate) state: String,
    pub(crate) since: i64,
    pub(crate) revoked_at: Option<i64>,
}

/// Every key there ever was, those in use first.
pub(crate) async fn all(sql: &mut Sql) -> Result<Vec<Row>, Fault> {
    let rows: Vec<(String, String, i64, Option<i64>)> = sqlx::query_as(
        "SELECT kid, state, since, revoked_at FROM signing_key \
         ORDER BY revoked_at IS NOT NULL, state = 'retired', state, since DESC",
    )
    .fetch_all(sql)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(kid, state, since, revoked_at)| Row { kid, state, since, revoked_at })
        .collect())
}

/// Revokes a key for good.
pub(crate) async fn revoke(sql: &mut Sql, kid: &str, now: i64) -> Result<(), Fault> {
    sqlx::query(
        "UPDATE signing_key SET state = 'retired', since = $1, revoked_at = $1 WHERE kid = $2 AND revoked_at IS NULL",
    )
    .bind(now)
    .bind(kid)
    .execute(sql)
    .await?;
    Ok(())
}
