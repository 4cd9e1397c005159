//! `server.yaml` as it is typed.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::Duration,
};

use serde::Deserialize;

use super::{Account, DEV_ISSUER, Reviewer, sign_in::SignInAt};
use crate::{
    deliver::{ChannelAt, RouteAt},
    secrets::{SecretAt, VaultAt},
};

/// The whole document; everything has a default under `--dev`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The issuer of grants, the URL under which people reach the inbox.
    pub issuer: Option<String>,
    /// Names that `@authority` of a filter's call may have.
    #[serde(default)]
    pub authorities: Vec<String>,
    /// Filters that may ask.
    pub clients: Option<Vec<Client>>,
    /// Members by group, as named in `dev_reviewers` or `people`.
    pub groups: Option<BTreeMap<String, BTreeSet<String>>>,
    /// How long a denial answers the same request again.
    pub deny_memory: Option<Span>,
    /// How long after its filter went silent in the middle of a hold a request is withdrawn whose rule says
    /// `on_disconnect: cancel`.
    pub lease: Option<Span>,
    /// How long a grant is good, where the filter does not say.
    pub grant: Option<Span>,
    /// Where the last signed head of the log is kept besides the state directory: a file on another disk.
    pub anchor: Option<PathBuf>,
    /// How long a released call may go without a report of its end until its outcome counts as unknown.
    pub outcome_after: Option<Span>,
    /// How many tasks of one subject may wait at once.
    pub pending_per_subject: Option<u32>,
    /// How many tasks under one rule may wait at once.
    pub pending_per_rule: Option<u32>,
    /// How many submissions one subject may make within a minute.
    pub submissions_per_minute: Option<u32>,
    /// Where health and numbers are asked for: an address that only those who run the service reach.
    pub observe: Option<std::net::SocketAddr>,
    /// How long the service says that it is stopping, and still serves, before it stops.
    pub drain: Option<Span>,
    /// How many calls one reviewer's programs may make within a minute.
    pub calls_per_minute: Option<u32>,
    /// Local reviewers of `--dev`.
    pub dev_reviewers: Option<Vec<DevReviewer>>,
    /// Which identity providers say who is who.
    pub sign_in: Option<SignInAt>,
    /// Reviewers who are listed here, beside what sign-ins tell.
    pub people: Option<Vec<PersonAt>>,
    /// Secrets that filters put into released requests, by name.
    #[serde(default)]
    pub secrets: BTreeMap<String, SecretAt>,
    /// Ways to tell people, by name.
    #[serde(default)]
    pub channels: BTreeMap<String, ChannelAt>,
    /// Who is told of what: the first route that fits. Without routes every channel is told of everything.
    #[serde(default)]
    pub notify: Vec<RouteAt>,
    /// Where the URL of a PostgreSQL database is; without it the store is a file in the state directory.
    pub database: Option<SecretFrom>,
    /// How many messages of its own a channel for people gets within a minute; more come as one message with a link.
    pub messages_per_minute: Option<u32>,
    /// HashiCorp Vault, where some of them are.
    pub vault: Option<VaultAt>,
    /// The app of Slack in which reviewers decide.
    pub slack: Option<crate::slack::config::SlackAt>,
    /// The bot of Microsoft Teams by which reviewers decide.
    pub teams: Option<crate::teams::config::TeamsAt>,
    /// For which requests an approval takes more than a click.
    #[serde(default)]
    pub demands: Vec<super::demand::Entry>,
    /// Where a policy's commit can be read: an https address with `{commit}` in it.
    pub policy_url: Option<String>,
}

/// A filter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its keys.
    pub keys: Vec<Key>,
}

/// A key of a filter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its name.
    pub keyid: String,
    /// Where its secret is.
    pub secret: SecretFrom,
}

/// Where a secret of 64 hexadecimal digits is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretFrom {
    /// In this environment variable.
    Env(String),
    /// In this file, readable by its owner only.
    File(String),
}

/// A local reviewer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DevReviewer {
    /// What others call them.
    pub name: String,
    /// Defaults to the name.
    pub sub: Option<String>,
    /// Defaults to `urn:countersign:dev`.
    pub iss: Option<String>,
    /// Their address.
    pub email: Option<String>,
    /// Other accounts of the same human: they count as one person.
    #[serde(default)]
    pub accounts: Vec<DevAccount>,
}

/// A reviewer who is listed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonAt {
    /// What others call them, and how groups name them.
    pub name: String,
    /// Their address: it blocks, and never authorises.
    pub email: Option<String>,
    /// Their accounts: together they are one vote.
    pub accounts: Vec<DevAccount>,
}

/// An account of a reviewer; `iss` may be the name of a provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DevAccount {
    /// The issuer.
    pub iss: String,
    /// The account there.
    pub sub: String,
    /// Its address.
    pub email: Option<String>,
}

impl From<DevReviewer> for Reviewer {
    fn from(typed: DevReviewer) -> Self {
        let first = Account {
            iss: typed.iss.unwrap_or_else(|| DEV_ISSUER.to_owned()),
            sub: typed.sub.unwrap_or_else(|| typed.name.clone()),
            email: typed.email,
        };
        let others =
            typed.accounts.into_iter().map(|DevAccount { iss, sub, email }| Account { iss, sub, email });
        Self { name: typed.name, accounts: std::iter::once(first).chain(others).collect() }
    }
}

/// A span of time as people write it: `60s`, `15m`, `8h`; at most a day.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(pub Duration);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let fault = || format!("`{text}` is not a time such as `60s`, `15m` or `8h`");
        let unit = text.chars().next_back().ok_or_else(fault)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            _ => return Err(fault()),
        };
        let number: u64 = text.strip_suffix(unit).and_then(|digits| digits.parse().ok()).ok_or_else(fault)?;
        let total = number.checked_mul(seconds).filter(|total| *total <= 24 * 3_600);
        total
            .map(|total| Self(Duration::from_secs(total)))
            .ok_or_else(|| format!("`{text}` is more than 24 hours"))
    }
}
