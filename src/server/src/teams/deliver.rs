//! Teams as a channel of delivery: the bot's card, which is changed where it stands, and a workflow's cards, which cannot be.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    act,
    bot::{Bot, ServiceUrl},
    card::{Face, card},
    config::Conversation,
    outbound::Unsent,
    workflow::Workflow,
};
use crate::{
    approver::view::{Open, Request},
    deliver::{Digest, Event, Place, Told, Undelivered},
    service::Service,
};

/// Where a card stands.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stands {
    conversation: String,
    activity: String,
}

impl Bot {
    /// Shows a request in a conversation: posts its card once, and changes it from then on.
    pub(crate) async fn tell(&self, to: &Conversation, told: &Told<'_>) -> Result<Place, Undelivered> {
        let at = self.place_of(told.service, to).await?;
        let message = message(told, &act::of(self, told.task, &told.link(), None));
        let place: Option<Stands> = told.place.and_then(|place| serde_json::from_str(place).ok());
        if let Some(place) = place.filter(|place| place.conversation == to.id) {
            match self.replace(&at, &place.conversation, &place.activity, &message, told.now_ms).await {
                Ok(()) => return Ok(told.place.map(str::to_owned)),
                // Somebody deleted it. Where people are still wanted, they get another.
                Err(Unsent::Gone) => match Request::of(told.task).is_open() {
                    Open::Yes => {}
                    Open::No => return Ok(None),
                },
                Err(unsent) => return Err(unsent.into()),
            }
        }
        self.first(&at, to, &message, told.now_ms).await
    }

    /// Tells of many requests at once.
    pub(crate) async fn digest(
        &self,
        service: &Service,
        to: &Conversation,
        digest: &Digest,
    ) -> Result<(), Undelivered> {
        let at = self.place_of(service, to).await?;
        let message = json!({
            "type": "message",
            "summary": digest.title(),
            "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": many(digest)}],
        });
        self.post(&at, &to.id, &message, service.now_ms()).await?;
        Ok(())
    }

    /// Where the conversation is reached, as the bot heard it from there.
    async fn place_of(&self, service: &Service, to: &Conversation) -> Result<ServiceUrl, Undelivered> {
        let known = service.teams_where(&to.id, to.team.as_deref()).await;
        let known = known.map_err(|fault| Undelivered::later(fault.to_string()))?;
        let known = known.filter(|met| self.tenants.contains(&met.tenant)).ok_or_else(|| {
            Undelivered::later(format!(
                "the bot was not heard of in conversation `{}` yet; add its app to the team and write `@countersign` in the channel",
                to.id
            ))
        })?;
        // The list of hosts may have become shorter since.
        self.trusted(&known.service_url).map_err(Undelivered::never)
    }

    async fn first(
        &self,
        at: &ServiceUrl,
        to: &Conversation,
        message: &Value,
        now_ms: i64,
    ) -> Result<Place, Undelivered> {
        let activity = self.post(at, &to.id, message, now_ms).await?;
        let place = Stands { conversation: to.id.clone(), activity };
        Ok(serde_json::to_string(&place).ok())
    }
}

impl Workflow {
    /// Tells of what people should know; what changes nothing for them is not worth a card that cannot be changed later.
    pub(crate) async fn tell(&self, told: &Told<'_>) -> Result<Place, Undelivered> {
        match told.event {
            Event::Updated => return Ok(None),
            Event::Submitted
            | Event::Asked
            | Event::Reminder
            | Event::Approved
            | Event::Denied
            | Event::Expired
            | Event::Cancelled => {}
        }
        let said = match told.event {
            Event::Reminder => Some("Nobody has decided yet, and it runs out soon."),
            _ => None,
        };
        let card = card(&Request::of(told.task), Face::Notice, &told.link(), said);
        self.send(&card).await?;
        Ok(None)
    }

    /// Tells of many requests at once.
    pub(crate) async fn digest(&self, digest: &Digest) -> Result<(), Undelivered> {
        self.send(&many(digest)).await?;
        Ok(())
    }
}

/// A card for many requests. Runs of text know no markup.
fn many(digest: &Digest) -> Value {
    let run = |text: String, weight: &str| json!({"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, "weight": weight}]});
    json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [run(digest.title(), "Bolder"), run(digest.text(), "Default")],
        "actions": [{"type": "Action.OpenUrl", "title": "Open the inbox", "url": digest.link}],
    })
}

/// The card in its message. The summary is what a notification shows, so nothing of others is in it.
fn message(told: &Told<'_>, card: &Value) -> Value {
    json!({
        "type": "message",
        "summary": format!("Approval {}", Request::of(told.task).code),
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    })
}

impl From<Unsent> for Undelivered {
    fn from(unsent: Unsent) -> Self {
        match unsent {
            Unsent::Later { why, after } => Self::Later { why, after },
            Unsent::Never { why } => Self::Never { why },
            Unsent::Gone => Self::Never {
                why: "there is no such conversation in Teams; correct `conversation` of the channel"
                    .to_owned(),
            },
        }
    }
}
