//! Every kind of channel there is.

use super::{ChannelAt, Place, Told, Undelivered, email::Email, pager::Pager, webhook::Webhook};
use crate::slack::{config::Settings, post::Room};

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
}

/// The apps that channels are reached by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Apps {
    /// The app of Slack.
    pub(crate) slack: Option<Settings>,
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
            ChannelAt::Email(at) => Email::compile(at).map(Box::new).map(Self::Email),
            ChannelAt::Pager(at) => Pager::compile(at).map(Self::Pager),
            ChannelAt::Slack(at) => Room::compile(&at, apps.slack.as_ref()).map(Self::Slack),
        }
    }

    /// The channel of Slack, where it is one.
    pub(crate) fn slack(&self) -> Option<&Room> {
        match self {
            Self::Slack(room) => Some(room),
            Self::Webhook(_) | Self::Email(_) | Self::Pager(_) => None,
        }
    }

    /// What it must hear of.
    pub(super) fn hears(&self) -> Hears {
        match self {
            Self::Webhook(_) | Self::Email(_) => Hears::Each,
            Self::Pager(_) | Self::Slack(_) => Hears::Latest,
        }
    }

    /// Tells it; returns where the message is now.
    pub(super) async fn tell(&self, told: &Told<'_>) -> Result<Place, Undelivered> {
        match self {
            Self::Webhook(webhook) => webhook.tell(told).await,
            Self::Email(email) => email.tell(told).await,
            Self::Pager(pager) => pager.tell(told).await,
            Self::Slack(room) => room.tell(told).await,
        }
    }
}
