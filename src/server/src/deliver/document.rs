//! `channels:` and `notify:` of `server.yaml` as they are typed.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{email::EmailAt, hours::HoursAt, pager::PagerAt, webhook::WebhookAt};
use crate::config::document::Span;

/// A channel: exactly one kind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelAt {
    /// A signed HTTP call for each event.
    Webhook(WebhookAt),
    /// A mail to people.
    Email(EmailAt),
    /// An alert at an on-call service.
    Pager(PagerAt),
    /// A card in a channel of Slack, by the app under `slack`.
    Slack(crate::slack::config::SlackChannelAt),
    /// A card in a conversation of Teams, by the bot that `teams` names.
    TeamsBot(crate::teams::config::TeamsBotAt),
    /// A Workflows webhook of Teams.
    TeamsWorkflow(crate::teams::config::TeamsWorkflowAt),
}

/// Who is told of what. The first route that fits counts; a route without conditions fits everything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteAt {
    /// Only tasks under these policies.
    pub policy: Option<BTreeSet<String>>,
    /// Only tasks under these rules.
    pub rule: Option<BTreeSet<String>>,
    /// Only actions of these classes.
    pub class: Option<BTreeSet<String>>,
    /// Only tasks that ask one of these groups.
    pub group: Option<BTreeSet<String>>,
    /// The channels, by name.
    pub channels: Vec<String>,
    /// When `channels` are told; at other times `outside` are.
    pub hours: Option<HoursAt>,
    /// The channels outside of `hours`.
    #[serde(default)]
    pub outside: Vec<String>,
    /// How long before it runs out the same channels are told once more that nobody decided.
    pub remind: Option<Span>,
    /// Who else is told where nobody decides.
    #[serde(default)]
    pub escalate: Vec<EscalateAt>,
}

/// Who is told later.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalateAt {
    /// How long after the request.
    pub after: Span,
    /// The channels, by name.
    pub channels: Vec<String>,
}
