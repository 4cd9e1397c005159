//! Sign-ins under way, and what finished ones told: the groups of an account, Entra's own name of it.

use crate::{service::Fault, store::Sql};

/// A sign-in that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    /// The browser's cookie, as a digest.
    pub(crate) browser: String,
    pub(crate) provider: String,
    pub(crate) nonce: String,
    /// PKCE's.
    pub(crate) verifier: String,
    /// Where it leads.
    pub(crate) next: String,
    /// What a repeated sign-in must bring, as JSON.
    pub(crate) again: Option<String>,
    pub(crate) expires_at: i64,
}

/// How many sign-ins may be under way: as many as nobody begins, and few enough to keep.
pub(crate) const UNDER_WAY: i64 = 50_000;

/// Whether something was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Yes,
    /// There are too many, or it is there already.
    No,
}

/// Keeps a sign-in that was begun.
pub(crate) async fn begin(sql: &mut Sql, state: &str, begun: &Begun, now: i64) -> Result<Kept, Fault> {
    let open: i64 = sqlx::query_scalar("SELECT count(*) FROM sign_in WHERE expires_at > $1")
        .bind(now)
        .fetch_one(&mut *sql)
        .await?;
    if open >= UNDER_WAY {
        return Ok(Kept::No);
    }
    sqlx::query(
        "INSERT INTO sign_in (state_digest, browser_digest, provider, nonce, verifier, next, again, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(state)
    .bind(&begun.browser)
    .bind(&begun.provider)
    .bind(&begun.nonce)
    .bind(&begun.verifier)
    .bind(&begun.next)
    .bind(&begun.again)
    .bind(begun.expires_at)
    .execute(sql)
    .await?;
    Ok(Kept::Yes)
}

/// Takes the sign-in of this state: whoever comes second finds nothing.
pub(crate) async fn take(sql: &mut Sql, state: &str, now: i64) -> Result<Option<Begun>, Fault> {
    type Columns = (String, String, String, String, String, Option<String>, i64);
    let row: Option<Columns> = sqlx::query_as(
        "DELETE FROM sign_in WHERE state_digest = $1 \
         RETURNING browser_digest, provider, nonce, verifier, next, again, expires_at",
    )
    .bind(state)
    .fetch_optional(sql)
    .await?;
    let begun = row.map(|(browser, provider, nonce, verifier, next, again, expires_at)| Begun {
        browser,
        provider,
        nonce,
        verifier,
        next,
        again,
        expires_at,
    });
    Ok(begun.filter(|begun| now < begun.expires_at))
}

/// Keeps the groups that a sign-in told, instead of what an earlier one did.
pub(crate) async fn put_groups(
    sql: &mut Sql,
    (iss, sub): (&str, &str),
    groups: &[String],
    now: i64,
) -> Result<(), Fault> {
    let groups = serde_json::to_string(groups).map_err(|error| Fault::Store(error.to_string()))?;
    sqlx::query(
        "INSERT INTO membership (iss, sub, groups, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (iss, sub) DO UPDATE SET groups = excluded.groups, at = excluded.at",
    )
    .bind(iss)
    .bind(sub)
    .bind(groups)
    .bind(now)
    .execute(sql)
    .await?;
    Ok(())
}

/// The groups that the last sign-in of an account told, if it was after `since`.
pub(crate) async fn groups(sql: &mut Sql, iss: &str, sub: &str, since: i64) -> Result<Vec<String>, Fault> {
    let kept: Option<String> =
        sqlx::query_scalar("SELECT groups FROM membership WHERE iss = $1 AND sub = $2 AND at > $3")
            .bind(iss)
            .bind(sub)
            .bind(since)
            .fetch_optional(sql)
            .await?;
    kept.map_or(Ok(Vec::new()), |kept| {
        serde_json::from_str(&kept).map_err(|_| Fault::Corrupt("the groups of an account".to_owned()))
    })
}

/// Forgets the groups of an account.
pub(crate) async fn forget_groups(sql: &mut Sql, iss: &str, sub: &str) -> Result<(), Fault> {
    sqlx::query("DELETE FROM membership WHERE iss = $1 AND sub = $2")
        .bind(iss)
        .bind(sub)
        .execute(sql)
        .await?;
    Ok(())
}

/// Links Entra's `oid` of `tid`, its name in every application, to the account: by it Teams finds who signed in.
pub(crate) async fn put_entra(
    sql: &mut Sql,
    (tid, oid): (&str, &str),
    (iss, sub): (&str, &str),
    name: &str,
    now: i64,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO chat_link (provider, tenant, external_id, iss, sub, name, linked_at) \
         VALUES ('entra', $1, $2, $3, $4, $5, $6) \
         ON CONFLICT (provider, tenant, external_id) DO UPDATE SET iss = excluded.iss, sub = excluded.sub, name = excluded.name",
    )
    .bind(tid)
    .bind(oid)
    .bind(iss)
    .bind(sub)
    .bind(name)
    .bind(now)
    .execute(sql)
    .await?;
    Ok(())
}

/// Notes a logout token.
pub(crate) async fn note_logout(sql: &mut Sql, iss: &str, jti: &str, expires_at: i64) -> Result<Kept, Fault> {
    let done = sqlx::query(
        "INSERT INTO logout_token (iss, jti, expires_at) VALUES ($1, $2, $3) ON CONFLICT (iss, jti) DO NOTHING",
    )
    .bind(iss)
    .bind(jti)
    .bind(expires_at)
    .execute(sql)
    .await?;
    Ok(if done.rows_affected() == 1 { Kept::Yes } else { Kept::No })
}

/// Forgets what is over.
pub(crate) async fn forget(sql: &mut Sql, now: i64) -> Result<(), Fault> {
    sqlx::query("DELETE FROM sign_in WHERE expires_at <= $1").bind(now).execute(&mut *sql).await?;
    sqlx::query("DELETE FROM logout_token WHERE expires_at <= $1").bind(now).execute(&mut *sql).await?;
    sqlx::query("DELETE FROM device_login WHERE expires_at <= $1").bind(now).execute(sql).await?;
    Ok(())
}
