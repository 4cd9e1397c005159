//! Public signing keys: which sign now, which will, and which did.

use sqlx::SqliteConnection;

use crate::service::Fault;

/// Notes the keys in use; whatever else was current or next is retired as of `now`.
pub(crate) async fn note(
    sql: &mut SqliteConnection,
    current: (&str, &str),
    next: Option<(&str, &str)>,
    now: i64,
) -> Result<(), Fault> {
    sqlx::query("UPDATE signing_key SET state = 'retired', since = ? WHERE state <> 'retired' AND kid <> ? AND kid <> ?")
        .bind(now)
        .bind(current.0)
        .bind(next.map_or("", |(kid, _)| kid))
        .execute(&mut *sql)
        .await?;
    for (state, (kid, jwk)) in std::iter::once(("current", current)).chain(next.map(|next| ("next", next))) {
        sqlx::query(
            "INSERT INTO signing_key (kid, jwk, state, since) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (kid) DO UPDATE SET since = CASE WHEN state = ?3 THEN since ELSE ?4 END, state = ?3",
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
pub(crate) async fn published(sql: &mut SqliteConnection, retired_after: i64) -> Result<Vec<String>, Fault> {
    let keys = sqlx::query_scalar(
        "SELECT jwk FROM signing_key WHERE state <> 'retired' OR since > ? ORDER BY state = 'retired', state, kid",
    )
    .bind(retired_after)
    .fetch_all(sql)
    .await?;
    Ok(keys)
}
