//! How reviewers want to be told.

use super::Sql;
use crate::service::{About, Cue, Fault, Preference};

/// What a reviewer wants; `None` where they never said.
pub(crate) async fn get(sql: &mut Sql, iss: &str, sub: &str) -> Result<Option<Preference>, Fault> {
    let row: Option<(String, String)> =
        sqlx::query_as("SELECT cue, about FROM preference WHERE iss = $1 AND sub = $2")
            .bind(iss)
            .bind(sub)
            .fetch_optional(sql)
            .await?;
    let Some((cue, about)) = row else { return Ok(None) };
    let read = Cue::parse(&cue).zip(About::parse(&about));
    let (cue, about) = read.ok_or_else(|| Fault::Corrupt("a reviewer's preference".to_owned()))?;
    Ok(Some(Preference { cue, about }))
}

/// Keeps what a reviewer wants.
pub(crate) async fn put(sql: &mut Sql, iss: &str, sub: &str, wanted: Preference) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO preference (iss, sub, cue, about) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (iss, sub) DO UPDATE SET cue = excluded.cue, about = excluded.about",
    )
    .bind(iss)
    .bind(sub)
    .bind(wanted.cue.as_str())
    .bind(wanted.about.as_str())
    .execute(sql)
    .await?;
    Ok(())
}
