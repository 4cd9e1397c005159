//! Cards on their way to Slack: posted once, then changed where they stand.
//!
//! Promises: a card always shows what the request is now; it is posted once for each channel and changed in place from then
//! on, also where several changes arrive late. What reviewers should not miss (a question answered, a decision, the end
//! coming near) is said in the card's thread as well. Nothing that is written unfurls.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{api::Failed, card, config::Settings, text::escaped};
use crate::{
    approver::{text::Inert, view::Request},
    service::TaskView,
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

/// What is said in the thread beside the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aside {
    /// Nothing.
    Nothing,
    /// That it was decided, answered or asked.
    Update,
    /// That its end comes near.
    Reminder,
}

/// Shows `task` in `channel`: a new card where `place` is none.
pub(crate) async fn show(
    settings: &Settings,
    channel: &str,
    place: Option<&Place>,
    (task, link, now): (&TaskView, &str, i64),
    aside: Aside,
) -> Result<Place, Failed> {
    let request = Request::of(task);
    let blocks = card::blocks(&request, link, now);
    let text = card::fallback(&request);
    let Some(place) = place else {
        let body = json!({
            "channel": channel, "text": text, "blocks": blocks,
            "unfurl_links": false, "unfurl_media": false, "parse": "none", "link_names": false,
            // A second attempt after a lost answer is told apart by whoever looks at the message.
            "metadata": {"event_type": "countersign_request", "event_payload": {"id": task.id}},
        });
        let said = settings.api.call(&settings.bot_token, "chat.postMessage", &body).await?;
        return place_of(&said.json).ok_or_else(|| Failed::Never {
            error: "no_place".to_owned(),
            why: "Slack took a card and did not say where it is".to_owned(),
        });
    };
    let body = json!({
        "channel": place.channel, "ts": place.ts, "text": text, "blocks": blocks, "parse": "none", "link_names": false,
    });
    settings.api.call(&settings.bot_token, "chat.update", &body).await?;
    let words = match aside {
        Aside::Nothing => return Ok(place.clone()),
        Aside::Update => aside_of(&request),
        Aside::Reminder => {
            Some(format!("Still waiting: {}", crate::inbox::times::left(request.expires_at_ms, now)))
        }
    };
    if let Some(words) = words {
        let body = json!({
            "channel": place.channel, "thread_ts": place.ts, "text": escaped(&Inert::from(words.clone()), 600),
            "blocks": [card::section(words)],
            "unfurl_links": false, "unfurl_media": false, "parse": "none", "link_names": false,
        });
        settings.api.call(&settings.bot_token, "chat.postMessage", &body).await?;
    }
    Ok(place.clone())
}

fn place_of(said: &Value) -> Option<Place> {
    let text = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Place { channel: text("channel")?, ts: text("ts")? })
}

/// What happened last, in a sentence.
fn aside_of(request: &Request) -> Option<String> {
    if let Some(question) = &request.question {
        return Some(format!("{} asks the requester: {}", question.by, question.text));
    }
    let vote = request.votes.last();
    let by = vote.map_or(String::new(), |vote| format!(" by {}: {}", vote.person, vote.reason));
    Some(match request.state {
        crate::approver::view::State::Pending => match (vote, request.answers.last()) {
            (Some(_), _) => {
                format!("{} of {} approved; last{by}", request.quorum.approved, request.quorum.required)
            }
            (None, Some(answer)) => format!("The requester's side answered (not verified): {}", answer.text),
            (None, None) => return None,
        },
        crate::approver::view::State::NeedsContext => return None,
        crate::approver::view::State::Approved => format!("Approved{by}"),
        crate::approver::view::State::Denied => format!("Denied{by}"),
        crate::approver::view::State::Consumed
        | crate::approver::view::State::OutcomeUnknown
        | crate::approver::view::State::Revoked
        | crate::approver::view::State::Expired
        | crate::approver::view::State::Cancelled => request.progress(),
    })
}

/// How long before a request's end reviewers are reminded: a quarter of its time, at most five minutes.
pub(crate) fn remind_at(task: &TaskView) -> i64 {
    let life = task.expires_at_ms.saturating_sub(task.created_at_ms).max(0);
    let five = i64::try_from(Duration::from_mins(5).as_millis()).unwrap_or(300_000);
    task.expires_at_ms.saturating_sub((life / 4).min(five))
}
