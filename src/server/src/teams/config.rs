//! `teams:` and the Teams channels of `server.yaml`: what was typed, and what it means.
//!
//! Secrets (the bot's, and the address of a Workflows webhook) stand in an environment variable or a private file, never in the
//! document; they have a type that cannot be printed and are read anew for every use.

use std::{collections::BTreeSet, sync::Arc};

use countersign_wire::{digest::Secret, sealed::Plain};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{bot::Bot, keys, outbound::Login};
use crate::{config::document::SecretFrom, outward::safe, secrets};

/// Where the Bot Connector's keys are published.
const METADATA: &str = "https://login.botframework.com/v1/.well-known/openidconfiguration";
/// Where tokens for the Bot Connector come from.
const LOGIN: &str = "https://login.microsoftonline.com";
/// Hosts of the Bot Connector for Teams: the public cloud, and GCC, which shares its login.
const SERVICE_HOSTS: [&str; 2] = ["smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"];
/// Hosts of Workflows webhooks.
const WORKFLOW_HOSTS: [&str; 2] = ["*.logic.azure.com", "*.api.powerplatform.com"];

/// The bot that takes decisions in Teams.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamsAt {
    /// The bot's Microsoft App ID.
    pub app_id: String,
    /// The Entra tenant it is registered in.
    pub tenant: String,
    /// Its client secret.
    pub secret: SecretFrom,
    /// Further tenants whose people may decide; usually none.
    #[serde(default)]
    pub tenants: Vec<String>,
    /// Further hosts of the Bot Connector that the bot may be told to answer at.
    #[serde(default)]
    pub service_hosts: Vec<String>,
    /// Where tokens come from; `https://login.microsoftonline.com` where nothing is written.
    pub login: Option<String>,
    /// The OpenID metadata of the Bot Connector; Microsoft's where nothing is written.
    pub metadata: Option<String>,
}

/// A channel or chat that gets cards by the bot.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamsBotAt {
    /// The conversation's id, such as `19:…@thread.tacv2`.
    pub conversation: String,
    /// The team it is in, by the id of the team's first channel: needed where the bot was never spoken to in the channel itself.
    pub team: Option<String>,
}

/// A Workflows webhook.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamsWorkflowAt {
    /// Where its address is: the address is a secret.
    pub url: SecretFrom,
    /// Further hosts that the address may have, for other clouds.
    #[serde(default)]
    pub hosts: Vec<String>,
}

/// A conversation that gets cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conversation {
    /// Its id.
    pub(crate) id: String,
    /// The team's id.
    pub(crate) team: Option<String>,
}

impl TryFrom<TeamsBotAt> for Conversation {
    type Error = String;

    fn try_from(typed: TeamsBotAt) -> Result<Self, String> {
        for id in [Some(&typed.conversation), typed.team.as_ref()].into_iter().flatten() {
            if !is_conversation(id) {
                return Err(format!(
                    "`{id}` is no conversation of Teams such as `19:…@thread.tacv2`; write `@countersign` in the \
                     channel and it answers with the id"
                ));
            }
        }
        Ok(Self { id: typed.conversation, team: typed.team })
    }
}

/// Whether this is the id of a conversation.
pub(crate) fn is_conversation(id: &str) -> bool {
    id.starts_with("19:")
        && (8..=300).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b":@._-".contains(&b))
}

impl TeamsAt {
    /// Checks what was typed.
    ///
    /// # Errors
    /// A sentence.
    pub(crate) fn compile(self) -> Result<Arc<Bot>, String> {
        let app_id = guid("app_id", &self.app_id)?;
        let tenant = guid("tenant", &self.tenant)?;
        let mut tenants = BTreeSet::from([tenant.clone()]);
        for other in &self.tenants {
            tenants.insert(guid("tenants", other)?);
        }
        let mut hosts: Vec<String> = SERVICE_HOSTS.iter().map(|host| (*host).to_owned()).collect();
        for host in self.service_hosts {
            if host.is_empty() || host.contains(['*', '/', '@']) {
                return Err(format!("service_hosts: `{host}` is no host"));
            }
            hosts.push(host.to_ascii_lowercase());
        }
        let secret = reveal(&self.secret).map_err(|why| format!("secret: {why}"))?;
        let base = self.login.unwrap_or_else(|| LOGIN.to_owned());
        safe(&base).map_err(|why| format!("login: {why}"))?;
        let outward = keys::outward()?;
        let metadata = self.metadata.unwrap_or_else(|| METADATA.to_owned());
        let keyring =
            keys::Keyring::new(outward.clone(), metadata).map_err(|why| format!("metadata: {why}"))?;
        let login = Login {
            address: format!("{}/{tenant}/oauth2/v2.0/token", base.trim_end_matches('/')),
            app_id: app_id.clone(),
            secret: self.secret,
        };
        Ok(Arc::new(Bot::new(app_id, tenants, hosts, keyring, outward, login, card_key(&secret))))
    }
}

/// The key that marks what a card carries: every replica that has the bot's secret has it.
fn card_key(secret: &Plain) -> Secret {
    Secret::new(Sha256::digest(secret.expose().as_bytes()).into())
}

/// The value of a secret of text.
///
/// # Errors
/// A sentence that does not repeat it.
pub(crate) fn reveal(from: &SecretFrom) -> Result<Plain, String> {
    secrets::plain(from)
}

fn guid(name: &str, text: &str) -> Result<String, String> {
    uuid::Uuid::parse_str(text)
        .map(|id| id.hyphenated().to_string())
        .map_err(|_| format!("{name}: `{text}` is no id such as `00000000-0000-0000-0000-000000000000`"))
}

/// Whether a host is on a list of hosts and `*.` suffixes.
pub(crate) fn is_listed(host: &str, list: &[String]) -> bool {
    list.iter().any(|entry| match entry.strip_prefix("*.") {
        Some(suffix) => host.strip_suffix(suffix).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        None => host == entry,
    })
}

/// Hosts that a Workflows address may have.
pub(crate) fn workflow_hosts(further: &[String]) -> Vec<String> {
    WORKFLOW_HOSTS.iter().map(|host| (*host).to_owned()).chain(further.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_covers_hosts_below_it_and_no_others() {
        let list = workflow_hosts(&["127.0.0.1:8080".to_owned()]);
        for good in [
            "prod-12.westeurope.logic.azure.com",
            "default1.environment.api.powerplatform.com",
            "127.0.0.1:8080",
        ] {
            assert!(is_listed(good, &list), "{good}");
        }
        for bad in [
            "logic.azure.com",
            ".logic.azure.com",
            "evil-logic.azure.com",
            "x.logic.azure.com.evil.example",
            "x.logic.azure.com:444",
            "127.0.0.1:8081",
        ] {
            assert!(!is_listed(bad, &list), "{bad}");
        }
    }

    #[test]
    fn an_id_of_a_conversation_holds_nothing_that_leads_elsewhere() {
        assert!(is_conversation("19:0123abc@thread.tacv2"));
        for bad in [
            "",
            "19:",
            "a:1xyz12345",
            "19:x/../../y@thread.tacv2",
            "19:x?y@thread.tacv2",
            "19:x%2f@thread.v2",
        ] {
            assert!(!is_conversation(bad), "{bad}");
        }
    }
}
