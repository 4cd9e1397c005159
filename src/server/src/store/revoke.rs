//! Grants that were taken back, and why.

use crate::store::Sql;

use super::vote::{self, Grant};
use crate::service::{Fault, Revoked, RevokedWhy};

/// Whether a grant could be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakenBack {
    /// It could, and is.
    Yes,
    /// It was used, or taken back before.
    UsedOrGone,
}

/// Takes a grant back, if it was not used.
pub(crate) async fn grant(sql: &mut Sql, jti: &str, revoked: &Revoked) -> Result<TakenBack, Fault> {
    let by =
        revoked.by.as_ref().map(|by| serde_json::json!({"who": by, "reason": revoked.reason}).to_string());
    let done = sqlx::query(
        "UPDATE approval SET revoked_at = $1, revoked_why = $2, revoked_by = $3 \
         WHERE jti = $4 AND used < max_uses AND revoked_at IS NULL",
    )
    .bind(revoked.at_ms)
    .bind(revoked.why.as_str())
    .bind(by)
    .bind(jti)
    .execute(sql)
    .await?;
    Ok(if done.rows_affected() == 1 { TakenBack::Yes } else { TakenBack::UsedOrGone })
}

/// Who took a grant back, as it is kept.
#[derive(serde::Deserialize)]
struct By {
    who: crate::service::Person,
    reason: String,
}

/// What was taken back of the tasks named in a JSON array of ids, with their task.
pub(crate) async fn of(sql: &mut Sql, tasks: &str) -> Result<Vec<(String, Revoked)>, Fault> {
    let rows: Vec<(String, i64, Option<String>, Option<String>)> = sqlx::query_as(
        "SELECT task, revoked_at, revoked_why, revoked_by FROM approval \
         WHERE revoked_at IS NOT NULL AND task IN (SELECT value FROM json_each($1))",
    )
    .bind(tasks)
    .fetch_all(sql)
    .await?;
    let read = |(task, at_ms, why, by): (String, i64, Option<String>, Option<String>)| {
        let by: Option<By> = by
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|_| Fault::Corrupt(format!("who took the grant of `{task}` back")))?;
        let (by, reason) = by.map_or((None, String::new()), |by| (Some(by.who), by.reason));
        // Before reasons were kept, only a lost membership took one back.
        let why = why.as_deref().and_then(RevokedWhy::parse).unwrap_or(RevokedWhy::Membership);
        Ok((task, Revoked { why, by, reason, at_ms }))
    };
    rows.into_iter().map(read).collect()
}

/// Grants that could still be used at `now`.
pub(crate) async fn live(sql: &mut Sql, now: i64) -> Result<Vec<Grant>, Fault> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT jti FROM approval WHERE used < max_uses AND revoked_at IS NULL AND approved_until > $1",
    )
    .bind(now)
    .fetch_all(&mut *sql)
    .await?;
    let mut grants = Vec::with_capacity(ids.len());
    for id in ids {
        grants.extend(vote::grant_by_id(&mut *sql, &id).await?);
    }
    Ok(grants)
}
