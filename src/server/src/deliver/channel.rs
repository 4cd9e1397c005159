//! Every kind of channel there is.

use std::sync::Arc;

use super::{ChannelAt, Place, Told, Undelivered, webhook::Webhook};
use crate::teams::{Bot, Conversation, Workflow};

/// A way to tell people.
pub(crate) enum Channel {
    /// A signed HTTP call for each event.
    Webhook(Webhook),
    /// A card that the bot keeps up to date in a conversation of Teams.
    TeamsBot(Arc<Bot>, Conversation),
    /// Cards by a Workflows webhook of Teams, which lead to the inbox.
    TeamsWorkflow(Workflow),
}

/// The apps that channels are reached by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Apps {
    /// The bot of Teams.
    pub(crate) teams: Option<Arc<Bot>>,
}

/// What a channel must hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hears {
    /// Each event, one after the other.
    Each,
    /// What holds now; what was overtaken meanwhile is not told.
    Latest,
}

impl Channel {
    /// Checks what was typed.
    pub(super) fn compile(_name: &str, at: ChannelAt, apps: &Apps) -> Result<Self, String> {
        match at {
            ChannelAt::Webhook(at) => Webhook::compile(at).map(Self::Webhook),
            ChannelAt::TeamsBot(at) => match &apps.teams {
                Some(bot) => Ok(Self::TeamsBot(bot.clone(), at.try_into()?)),
                None => Err("it is by the bot of Teams, and no `teams` is configured".to_owned()),
            },
            ChannelAt::TeamsWorkflow(at) => at.compile().map(Self::TeamsWorkflow),
        }
    }

    /// What it must hear of.
    pub(super) fn hears(&self) -> Hears {
        match self {
            Self::Webhook(_) => Hears::Each,
            Self::TeamsBot(..) | Self::TeamsWorkflow(_) => Hears::Latest,
        }
    }

    /// Tells it; returns where the message is now.
    pub(super) async fn tell(&self, told: &Told<'_>) -> Result<Place, Undelivered> {
        match self {
            Self::Webhook(webhook) => webhook.tell(told).await,
            Self::TeamsBot(bot, conversation) => bot.tell(conversation, told).await,
            Self::TeamsWorkflow(workflow) => workflow.tell(told).await,
        }
    }
}
