//! `channels:` and `notify:` of `server.yaml` as they are typed.

use std::collections::BTreeSet;

use countersign_wire::submission::Submission;
use serde::Deserialize;

use super::webhook::WebhookAt;

/// A channel: exactly one kind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelAt {
    /// A signed HTTP call for each event.
    Webhook(WebhookAt),
}

/// Who is told of what. The first route that fits counts; a route without conditions fits everything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
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
}

impl Route {
    /// Whether a task is told by this route.
    pub(super) fn fits(&self, submission: &Submission) -> bool {
        let v1 = &submission.context.v1;
        let one_of = |list: &Option<BTreeSet<String>>, name: &str| {
            list.as_ref().is_none_or(|list| list.contains(name))
        };
        one_of(&self.policy, &v1.policy.id)
            && one_of(&self.rule, &v1.policy.rule)
            && one_of(&self.class, &submission.action.name)
            && self
                .group
                .as_ref()
                .is_none_or(|list| v1.quorum.groups.iter().any(|group| list.contains(group)))
    }
}
