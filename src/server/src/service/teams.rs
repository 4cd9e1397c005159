//! What the Teams bot keeps: where it may speak.

use super::{Fault, Service};
use crate::store::teams::{self, Met};

impl Service {
    /// Keeps where a conversation of Teams is reached.
    pub(crate) async fn teams_met(
        &self,
        tenant: &str,
        conversation: &str,
        team: Option<&str>,
        service_url: &str,
    ) -> Result<(), Fault> {
        let known = self.teams_where(conversation, None).await?;
        let same = |met: &Met| {
            met.tenant == tenant
                && met.service_url == service_url
                && (team.is_none() || met.team.as_deref() == team)
        };
        // Mostly nothing new is learnt; then nothing is written.
        if known.as_ref().is_some_and(same) {
            return Ok(());
        }
        let (tenant, conversation) = (tenant.to_owned(), conversation.to_owned());
        let (team, service_url) = (team.map(str::to_owned), service_url.to_owned());
        self.shared
            .store
            .write(move |tx| {
                Box::pin(async move {
                    teams::meet(&mut tx.sql, &tenant, &conversation, team.as_deref(), &service_url).await
                })
            })
            .await
    }

    /// Forgets a conversation of Teams that the bot was removed from.
    pub(crate) async fn teams_left(&self, tenant: &str, conversation: &str) -> Result<(), Fault> {
        let (tenant, conversation) = (tenant.to_owned(), conversation.to_owned());
        self.shared
            .store
            .write(move |tx| Box::pin(async move { teams::leave(&mut tx.sql, &tenant, &conversation).await }))
            .await
    }

    /// Where a conversation of Teams is reached.
    pub(crate) async fn teams_where(
        &self,
        conversation: &str,
        team: Option<&str>,
    ) -> Result<Option<Met>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        teams::met(&mut sql, conversation, team).await
    }
}
