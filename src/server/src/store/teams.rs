//! Where the Teams bot may speak.

use crate::{service::Fault, store::Sql};

/// Notes where a conversation is reached.
pub(crate) async fn meet(
    sql: &mut Sql,
    tenant: &str,
    conversation: &str,
    team: Option<&str>,
    service_url: &str,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO teams_conversation (tenant, conversation, team, service_url) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (tenant, conversation) DO UPDATE SET \
         team = coalesce(excluded.team, teams_conversation.team), service_url = excluded.service_url",
    )
    .bind(tenant)
    .bind(conversation)
    .bind(team)
    .bind(service_url)
    .execute(sql)
    .await?;
    Ok(())
}

/// Forgets a conversation, and where it is a team's own, what is in the team.
pub(crate) async fn leave(sql: &mut Sql, tenant: &str, conversation: &str) -> Result<(), Fault> {
    sqlx::query("DELETE FROM teams_conversation WHERE tenant = $1 AND (conversation = $2 OR team = $2)")
        .bind(tenant)
        .bind(conversation)
        .execute(sql)
        .await?;
    Ok(())
}

/// A conversation as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    /// The tenant.
    pub(crate) tenant: String,
    /// Its team.
    pub(crate) team: Option<String>,
    /// Where it is reached.
    pub(crate) service_url: String,
}

/// Where a conversation is reached: by what was heard from itself, else from its team.
pub(crate) async fn met(sql: &mut Sql, conversation: &str, team: Option<&str>) -> Result<Option<Met>, Fault> {
    let row: Option<(String, Option<String>, String)> = sqlx::query_as(
        "SELECT tenant, team, service_url FROM teams_conversation \
         WHERE conversation = $1 OR conversation = $2 OR team = $2 \
         ORDER BY CASE WHEN conversation = $1 THEN 0 ELSE 1 END LIMIT 1",
    )
    .bind(conversation)
    .bind(team)
    .fetch_optional(sql)
    .await?;
    Ok(row.map(|(tenant, team, service_url)| Met { tenant, team, service_url }))
}
