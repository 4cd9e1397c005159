//! Every kind of channel there is.

use std::sync::Arc;

use super::{ChannelAt, Digest, Place, Told, Undelivered, email::Email, pager::Pager, webhook::Webhook};
use crate::{
    outward::Outward,
    service::Service,
    slack::{config::Settings, post::Room},
    teams::{Bot, Conversation, Workflow},
};

/// A way to tell people.
pub(crate) enum Channel {
    /// A signed HTTP call for each event.
    Webhook(Webhook),
    /// A mail to people.
    Email(Box<Email>),
    /// An alert at an on-call service.
    Pager(Pager),
    /// A card in a channel of Slack.
    Slack(Room),
    /// A card that the bot keeps up to date in a conversation of Teams.
    TeamsBot(Arc<Bot>, Conversation),
    /// Cards by a Workflows webhook of Teams, which lead to the inbox.
    TeamsWorkflow(Workflow),
}

/// The apps that channels are reached by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Apps {
    /// The app of Slack.
    pub(crate) slack: Option<Settings>,
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

/// What becomes of more messages than people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Floods {
    /// All of them are told.
    Taken,
    /// They are told as one.
    Digested,
}

impl Channel {
    /// Checks what was typed.
    pub(super) fn compile(_name: &str, at: ChannelAt, apps: &Apps) -> Result<Self, String> {
        match at {
            ChannelAt::Webhook(at) => Webhook::compile(at).map(Self::Webhook),
            ChannelAt::Email(at) => Email::compile(at).map(Box::new).map(Self::Email),
            ChannelAt::Pager(at) => Pager::compile(at).map(Self::Pager),
            ChannelAt::Slack(at) => Room::compile(&at, apps.slack.as_ref()).map(Self::Slack),
            ChannelAt::TeamsBot(at) => match &apps.teams {
                Some(bot) => Ok(Self::TeamsBot(bot.clone(), at.try_into()?)),
                None => Err("it is by the bot of Teams, and no `teams` is configured".to_owned()),
            },
            ChannelAt::TeamsWorkflow(at) => at.compile().map(Self::TeamsWorkflow),
        }
    }

    /// The channel of Slack, where it is one.
    pub(crate) fn slack(&self) -> Option<&Room> {
        match self {
            Self::Slack(room) => Some(room),
            Self::Webhook(_)
            | Self::Email(_)
            | Self::Pager(_)
            | Self::TeamsBot(..)
            | Self::TeamsWorkflow(_) => None,
        }
    }

    /// The conversation of Teams, where it is one.
    pub(crate) fn teams(&self) -> Option<&Conversation> {
        match self {
            Self::TeamsBot(_, conversation) => Some(conversation),
            Self::Webhook(_) | Self::Email(_) | Self::Pager(_) | Self::Slack(_) | Self::TeamsWorkflow(_) => {
                None
            }
        }
    }

    /// Where it is called, and how, where it is called over HTTP by an address of its own.
    pub(crate) fn reached(&self) -> Option<(&str, &Outward)> {
        match self {
            Self::Webhook(webhook) => Some(webhook.reached()),
            Self::Pager(pager) => Some(pager.reached()),
            Self::Email(_) | Self::Slack(_) | Self::TeamsBot(..) | Self::TeamsWorkflow(_) => None,
        }
    }

    /// The channel by e-mail, where it is one.
    pub(crate) fn email(&self) -> Option<&Email> {
        match self {
            Self::Email(email) => Some(email),
            Self::Webhook(_)
            | Self::Pager(_)
            | Self::Slack(_)
            | Self::TeamsBot(..)
            | Self::TeamsWorkflow(_) => None,
        }
    }

    /// What kind it is, for metrics.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Webhook(_) => "webhook",
            Self::Email(_) => "email",
            Self::Pager(_) => "pager",
            Self::Slack(_) => "slack",
            Self::TeamsBot(..) => "teams_bot",
            Self::TeamsWorkflow(_) => "teams_workflow",
        }
    }

    /// What it must hear of.
    pub(super) fn hears(&self) -> Hears {
        match self {
            Self::Webhook(_) | Self::Email(_) => Hears::Each,
            Self::Pager(_) | Self::Slack(_) | Self::TeamsBot(..) | Self::TeamsWorkflow(_) => Hears::Latest,
        }
    }

    /// Tells it; returns where the message is now.
    pub(super) async fn tell(&self, told: &Told<'_>) -> Result<Place, Undelivered> {
        match self {
            Self::Webhook(webhook) => webhook.tell(told).await,
            Self::Email(email) => email.tell(told).await,
            Self::Pager(pager) => pager.tell(told).await,
            Self::Slack(room) => room.tell(told).await,
            Self::TeamsBot(bot, conversation) => bot.tell(conversation, told).await,
            Self::TeamsWorkflow(workflow) => workflow.tell(told).await,
        }
    }

    /// What it gets more of than people read.
    pub(super) fn floods(&self) -> Floods {
        match self {
            // A program reads everything, and an on-call service groups its alerts itself.
            Self::Webhook(_) | Self::Pager(_) => Floods::Taken,
            Self::Email(_) | Self::Slack(_) | Self::TeamsBot(..) | Self::TeamsWorkflow(_) => Floods::Digested,
        }
    }

    /// Tells it many changes at once.
    pub(super) async fn digest(&self, service: &Service, digest: &Digest) -> Result<(), Undelivered> {
        match self {
            Self::Webhook(_) | Self::Pager(_) => Err(Undelivered::never("it is told each event by itself")),
            Self::Email(email) => email.digest(digest).await,
            Self::Slack(room) => room.digest(digest).await,
            Self::TeamsBot(bot, conversation) => bot.digest(service, conversation, digest).await,
            Self::TeamsWorkflow(workflow) => workflow.digest(digest).await,
        }
    }
}
