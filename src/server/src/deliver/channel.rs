//! Every kind of channel there is.

use super::{ChannelAt, Place, Told, Undelivered, webhook::Webhook};

/// A way to tell people.
pub(crate) enum Channel {
    /// A signed HTTP call for each event.
    Webhook(Webhook),
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
    pub(super) fn compile(_name: &str, at: ChannelAt) -> Result<Self, String> {
        match at {
            ChannelAt::Webhook(at) => Webhook::compile(at).map(Self::Webhook),
        }
    }

    /// What it must hear of.
    pub(super) fn hears(&self) -> Hears {
        match self {
            Self::Webhook(_) => Hears::Each,
        }
    }

    /// Tells it; returns where the message is now.
    pub(super) async fn tell(&self, told: &Told<'_>) -> Result<Place, Undelivered> {
        match self {
            Self::Webhook(webhook) => webhook.tell(told).await,
        }
    }
}
