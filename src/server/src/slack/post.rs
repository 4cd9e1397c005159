//! Cards on their way to Slack: posted once, then changed where they stand.
//!
//! Promises: a card always shows what the request is now; it is posted once for each channel and changed in place from then
//! on, also where several changes arrive late. What reviewers should not miss (a question answered, a decision, the end
//! coming near) is said in the card's thread as well. Nothing that is written unfurls.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    api::Failed,
    card,
    config::{self, Settings, SlackChannelAt},
    text::{escaped, said},
};
use crate::{
    approver::{
        text::{Inert, inert_short},
        view::{Open, Request, State},
    },
    deliver::{self, Event, Told, Undelivered},
    inbox::times,
};

/// Where a card stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    /// The channel, as Slack names it.
    pub(crate) channel: String,
    /// The message in it.
    pub(crate) ts: String,
}

/// A channel of Slack that gets cards.
pub(crate) struct Room {
    settings: Settings,
    /// The channel's id.
    channel: String,
}

impl Room {
    /// Checks what was typed.
    pub(crate) fn compile(at: &SlackChannelAt, settings: Option<&Settings>) -> Result<Self, String> {
        let settings = settings.ok_or("it is in Slack, and no `slack` is configured")?;
        Ok(Self { settings: settings.clone(), channel: config::channel(at)? })
    }

    /// The channel's id.
    pub(crate) fn id(&self) -> &str {
        &self.channel
    }

    /// Brings the card up to date, or posts it.
    pub(crate) async fn tell(&self, told: &Told<'_>) -> Result<deliver::Place, Undelivered> {
        let place = told.place.and_then(|place| serde_json::from_str::<Place>(place).ok());
        let place = self.show(told, place).await.map_err(|failed| match failed {
            Failed::Later { why, after } => Undelivered::Later { why, after },
            Failed::Never { why, .. } => Undelivered::Never { why },
        })?;
        Ok(serde_json::to_string(&place).ok())
    }

    /// One message about many requests.
    pub(crate) async fn digest(&self, digest: &deliver::Digest) -> Result<(), Undelivered> {
        let button = json!({
            "type": "button", "action_id": "open", "url": digest.link, "text": said("Open the inbox".to_owned(), 75),
        });
        let body = json!({
            "channel": self.channel, "text": escaped(&Inert::from(digest.title()), 600),
            "blocks": [card::section(digest.text()), {"type": "actions", "elements": [button]}],
            "unfurl_links": false, "unfurl_media": false, "parse": "none", "link_names": false,
        });
        let settings = &self.settings;
        match settings.api.call(&settings.bot_token, "chat.postMessage", &body).await {
            Ok(_) => Ok(()),
            Err(Failed::Later { why, after }) => Err(Undelivered::Later { why, after }),
            Err(Failed::Never { why, .. }) => Err(Undelivered::Never { why }),
        }
    }

    async fn show(&self, told: &Told<'_>, place: Option<Place>) -> Result<Place, Failed> {
        let request = Request::of(told.task);
        let Some(place) = place else { return self.post(told, &request).await };
        let body = json!({
            "channel": place.channel, "ts": place.ts, "parse": "none", "link_names": false,
            "text": card::fallback(&request), "blocks": card::blocks(&request, &told.link(), told.now_ms),
        });
        let settings = &self.settings;
        match settings.api.call(&settings.bot_token, "chat.update", &body).await {
            Ok(_) => {}
            // Somebody deleted the card: reviewers need one for as long as it can be decided.
            Err(Failed::Never { error, .. }) if error == "message_not_found" => {
                return match request.is_open() {
                    Open::Yes => self.post(told, &request).await,
                    Open::No => Ok(place),
                };
            }
            Err(failed) => return Err(failed),
        }
        if let Some(words) = aside(&request, told) {
            let body = json!({
                "channel": place.channel, "thread_ts": place.ts, "blocks": [card::section(words.clone())],
                "text": escaped(&Inert::from(words), 600),
                "unfurl_links": false, "unfurl_media": false, "parse": "none", "link_names": false, "mrkdwn": false,
            });
            settings.api.call(&settings.bot_token, "chat.postMessage", &body).await?;
        }
        Ok(place)
    }

    async fn post(&self, told: &Told<'_>, request: &Request) -> Result<Place, Failed> {
        let settings = &self.settings;
        let body = json!({
            "channel": self.channel, "text": card::fallback(request),
            "blocks": card::blocks(request, &told.link(), told.now_ms),
            "unfurl_links": false, "unfurl_media": false, "parse": "none", "link_names": false, "mrkdwn": false,
            // For programs that look at the channel: which request it is, and nothing of what it says.
            "metadata": {"event_type": "countersign_request", "event_payload": {"id": told.task.id}},
        });
        let said = settings.api.call(&settings.bot_token, "chat.postMessage", &body).await?;
        place_of(&said.json).ok_or_else(|| Failed::Never {
            error: "no_place".to_owned(),
            why: "Slack took a card and did not say where it is".to_owned(),
        })
    }
}

fn place_of(said: &Value) -> Option<Place> {
    let text = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Place { channel: text("channel")?, ts: text("ts")? })
}

/// What is said in the thread beside the card; `None` where the card says enough.
fn aside(request: &Request, told: &Told<'_>) -> Option<String> {
    if told.event == Event::Reminder {
        return match request.is_open() {
            Open::Yes => Some(format!("Still waits: {}", times::left(request.expires_at_ms, told.now_ms))),
            Open::No => None,
        };
    }
    let one_line = |text: &Inert| inert_short(text.as_str(), 400);
    if let Some(question) = &request.question {
        return Some(format!("{} asks the requester: {}", one_line(&question.by), one_line(&question.text)));
    }
    let vote = request.votes.last();
    let by = vote
        .map_or(String::new(), |vote| format!(" by {}: {}", one_line(&vote.person), one_line(&vote.reason)));
    Some(match request.state {
        State::Pending => match (vote, request.answers.last()) {
            (Some(_), _) => {
                format!("{} of {} approved; last{by}", request.quorum.approved, request.quorum.required)
            }
            (None, Some(answer)) => {
                format!("The requester's side answered (not verified): {}", one_line(&answer.text))
            }
            (None, None) => return None,
        },
        State::Approved => format!("Approved{by}"),
        State::Denied => format!("Denied{by}"),
        State::OutcomeUnknown | State::Revoked | State::Expired | State::Cancelled => {
            crate::inbox::sentence_case(&request.progress())
        }
        // The question was said above; and that it was sent stands in the card.
        State::NeedsContext | State::Consumed => return None,
    })
}
