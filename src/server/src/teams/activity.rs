//! An activity as the Bot Connector sends it, as far as we read it. What else it holds is not looked at.
//!
//! Source: the activity schema of the Bot Framework and "Bot conversation events", learn.microsoft.com/microsoftteams.

use serde::Deserialize;
use serde_json::Value;

/// One activity.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Activity {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) id: Option<String>,
    /// Of an invoke: what is invoked.
    pub(super) name: Option<String>,
    /// Of an `installationUpdate`: `add`, `remove` and their like.
    pub(super) action: Option<String>,
    pub(super) channel_id: String,
    pub(super) service_url: String,
    pub(super) from: Account,
    pub(super) recipient: Option<Account>,
    pub(super) conversation: Conversation,
    pub(super) channel_data: Option<ChannelData>,
    #[serde(default)]
    pub(super) members_removed: Vec<Account>,
    #[serde(default)]
    pub(super) value: Value,
}

/// Somebody in Teams.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    pub(super) id: String,
    /// The object id in Entra; guests of other tenants and bots have none.
    pub(super) aad_object_id: Option<String>,
    pub(super) role: Option<String>,
    pub(super) tenant_id: Option<String>,
}

/// Where it was said.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Conversation {
    pub(super) id: String,
    pub(super) tenant_id: Option<String>,
}

/// What Teams adds.
#[derive(Debug, Deserialize)]
pub(super) struct ChannelData {
    pub(super) tenant: Option<Named>,
    pub(super) team: Option<Named>,
}

/// Something with an id.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) id: Option<String>,
}

impl Activity {
    /// The tenant that the activity is of, where everything that names one agrees.
    pub(super) fn tenant(&self) -> Option<&str> {
        let data = self.channel_data.as_ref()?.tenant.as_ref()?.id.as_deref()?;
        let others = [&self.conversation.tenant_id, &self.from.tenant_id];
        others.into_iter().flatten().all(|other| other == data).then_some(data)
    }

    /// The conversation without the message in it.
    pub(super) fn room(&self) -> &str {
        self.conversation.id.split(';').next().unwrap_or_default()
    }

    /// The team it is in.
    pub(super) fn team(&self) -> Option<&str> {
        self.channel_data.as_ref()?.team.as_ref()?.id.as_deref()
    }

    /// Whether it says that the bot left.
    pub(super) fn leaves(&self) -> Leaves {
        let bot = self.recipient.as_ref().map(|bot| bot.id.as_str());
        let removed = self.members_removed.iter().any(|member| Some(member.id.as_str()) == bot);
        match (self.kind.as_str(), self.action.as_deref()) {
            ("installationUpdate", Some("remove" | "remove-upgrade")) => Leaves::Yes,
            ("conversationUpdate", _) if removed => Leaves::Yes,
            _ => Leaves::No,
        }
    }
}

/// Whether the bot is not there any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaves {
    /// It left.
    Yes,
    /// It is there.
    No,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn activity(change: impl FnOnce(&mut Value)) -> Activity {
        let mut value = json!({
            "type": "message", "id": "1", "channelId": "msteams", "serviceUrl": "https://smba.trafficmanager.net/emea/",
            "from": {"id": "29:1", "aadObjectId": "o"}, "recipient": {"id": "28:app"},
            "conversation": {"id": "19:a@thread.tacv2;messageid=1", "tenantId": "t", "conversationType": "channel"},
            "channelData": {"tenant": {"id": "t"}, "team": {"id": "19:team@thread.tacv2"}},
        });
        change(&mut value);
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_tenant_counts_only_where_everything_agrees() {
        assert_eq!(activity(|_| {}).tenant(), Some("t"));
        assert_eq!(activity(|it| it["conversation"]["tenantId"] = "other".into()).tenant(), None);
        assert_eq!(activity(|it| it["from"]["tenantId"] = "other".into()).tenant(), None);
        assert_eq!(activity(|it| it["channelData"] = json!({})).tenant(), None);
    }

    #[test]
    fn a_thread_is_in_its_channel() {
        assert_eq!(activity(|_| {}).room(), "19:a@thread.tacv2");
    }

    #[test]
    fn the_bot_left_where_it_was_removed_and_not_where_somebody_else_was() {
        let removed = |who: &str| {
            let who = json!([{"id": who}]);
            activity(|it| (it["type"], it["membersRemoved"]) = ("conversationUpdate".into(), who)).leaves()
        };
        assert_eq!((removed("28:app"), removed("29:x")), (Leaves::Yes, Leaves::No));
        let gone = activity(|it| (it["type"], it["action"]) = ("installationUpdate".into(), "remove".into()));
        assert_eq!(gone.leaves(), Leaves::Yes);
    }
}
