//! Accounts in chats, whose they are, and the calls of a chat that arrived before.

use crate::{service::Fault, store::Sql};

/// An account in a chat and the person who linked it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) provider: String,
    pub(crate) tenant: String,
    pub(crate) external_id: String,
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) name: String,
    pub(crate) linked_at: i64,
}

type Read = (String, String, String, String, String, String, i64);

fn row((provider, tenant, external_id, iss, sub, name, linked_at): Read) -> Row {
    Row { provider, tenant, external_id, iss, sub, name, linked_at }
}

/// Whose an account is.
pub(crate) async fn whose(
    sql: &mut Sql,
    provider: &str,
    tenant: &str,
    external_id: &str,
) -> Result<Option<Row>, Fault> {
    let found: Option<Read> = sqlx::query_as(
        "SELECT provider, tenant, external_id, iss, sub, name, linked_at FROM chat_link \
         WHERE provider = $1 AND tenant = $2 AND external_id = $3",
    )
    .bind(provider)
    .bind(tenant)
    .bind(external_id)
    .fetch_optional(sql)
    .await?;
    Ok(found.map(row))
}

/// The accounts of a person.
pub(crate) async fn of(sql: &mut Sql, iss: &str, sub: &str) -> Result<Vec<Row>, Fault> {
    let found: Vec<Read> = sqlx::query_as(
        "SELECT provider, tenant, external_id, iss, sub, name, linked_at FROM chat_link \
         WHERE iss = $1 AND sub = $2 ORDER BY provider, tenant, external_id",
    )
    .bind(iss)
    .bind(sub)
    .fetch_all(sql)
    .await?;
    Ok(found.into_iter().map(row).collect())
}

/// The address that was learnt of somebody who signs in as (`iss`, `sub`).
pub(crate) async fn email(sql: &mut Sql, iss: &str, sub: &str) -> Result<Option<String>, Fault> {
    let found: Option<Option<String>> = sqlx::query_scalar(
        "SELECT email FROM identity_link WHERE provider = 'oidc' AND tenant = $1 AND external_id = $2",
    )
    .bind(iss)
    .bind(sub)
    .fetch_optional(sql)
    .await?;
    Ok(found.flatten())
}

/// Whether an account became somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Linked {
    /// It is theirs now, or was before.
    Yes,
    /// It is somebody else's; that one must let go of it first.
    Taken,
}

/// Links an account to a person.
pub(crate) async fn link(sql: &mut Sql, row: &Row) -> Result<Linked, Fault> {
    let kept: Option<String> = sqlx::query_scalar(
        "INSERT INTO chat_link (provider, tenant, external_id, iss, sub, name, linked_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (provider, tenant, external_id) DO UPDATE SET name = excluded.name, linked_at = excluded.linked_at \
         WHERE chat_link.iss = excluded.iss AND chat_link.sub = excluded.sub RETURNING external_id",
    )
    .bind(&row.provider)
    .bind(&row.tenant)
    .bind(&row.external_id)
    .bind(&row.iss)
    .bind(&row.sub)
    .bind(&row.name)
    .bind(row.linked_at)
    .fetch_optional(sql)
    .await?;
    Ok(kept.map_or(Linked::Taken, |_| Linked::Yes))
}

/// Whether there was something to let go of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unlinked {
    /// There was.
    Yes,
    /// There was no such link of this person.
    Nothing,
}

/// Ends a person's link.
pub(crate) async fn unlink(sql: &mut Sql, row: &Row) -> Result<Unlinked, Fault> {
    let gone = sqlx::query(
        "DELETE FROM chat_link WHERE provider = $1 AND tenant = $2 AND external_id = $3 AND iss = $4 AND sub = $5",
    )
    .bind(&row.provider)
    .bind(&row.tenant)
    .bind(&row.external_id)
    .bind(&row.iss)
    .bind(&row.sub)
    .execute(sql)
    .await?;
    Ok(if gone.rows_affected() == 0 { Unlinked::Nothing } else { Unlinked::Yes })
}

/// Whether a call of a chat is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It is, and from now on it is not.
    New,
    /// It arrived before.
    Before,
}

/// Notes a call; forgets those from before `horizon`, which their own age keeps out.
pub(crate) async fn see(
    sql: &mut Sql,
    provider: &str,
    (moment, mark): (i64, &str),
    horizon: i64,
) -> Result<Seen, Fault> {
    sqlx::query("DELETE FROM chat_seen WHERE provider = $1 AND moment < $2")
        .bind(provider)
        .bind(horizon)
        .execute(&mut *sql)
        .await?;
    let noted: Option<String> = sqlx::query_scalar(
        "INSERT INTO chat_seen (provider, moment, mark) VALUES ($1, $2, $3) \
         ON CONFLICT (provider, moment, mark) DO NOTHING RETURNING mark",
    )
    .bind(provider)
    .bind(moment)
    .bind(mark)
    .fetch_optional(sql)
    .await?;
    Ok(noted.map_or(Seen::Before, |_| Seen::New))
}
