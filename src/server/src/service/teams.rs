//! What the Teams bot keeps and asks: where it may speak, what it has seen, and who somebody in Teams is.

use super::{Fault, Person, Service};
use crate::{
    store::teams::{self, Met},
    teams::Spent,
};

/// How much longer than its token an activity is remembered: clocks may differ by five minutes.
const SKEW_MS: i64 = 10 * 60 * 1000;

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
            met.tenant == tenant && met.service_url == service_url && (team.is_none() || met.team.as_deref() == team)
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

    /// Notes an activity: the same one again does nothing.
    pub(crate) async fn teams_spend(&self, activity: &str, until_ms: i64) -> Result<Spent, Fault> {
        let (activity, now) = (activity.to_owned(), self.now_ms());
        let until = until_ms.saturating_add(SKEW_MS);
        self.shared
            .store
            .write(move |tx| {
                Box::pin(async move { teams::spend(&mut tx.sql, &activity, until, now).await })
            })
            .await
    }

    /// The account that an Entra object id of a tenant is linked to.
    pub(crate) async fn teams_person(&self, tenant: &str, oid: &str) -> Result<Option<Person>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        teams::person(&mut sql, tenant, oid).await
    }
}
