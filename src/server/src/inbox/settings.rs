//! What a reviewer sets for themselves: how they are told of something new, their accounts elsewhere, their sessions.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    Frame, Reader, Shown, Tab,
    form::{Sent, Tokened},
    html, times,
};
use crate::{
    approver::{problem::Trouble, text::inert_short},
    chat, login,
    service::{About, Cue, Preference, Service},
    slack,
};

#[derive(Template)]
#[template(path = "settings.html")]
struct Page {
    frame: Frame,
    name: String,
    email: String,
    iss: String,
    sub: String,
    groups: Vec<String>,
    cues: Vec<Choice>,
    abouts: Vec<Choice>,
    linked: Vec<Linked>,
    slack: slack::Offered,
    sessions: Vec<OneSession>,
}

struct Choice {
    value: &'static str,
    text: &'static str,
    hint: &'static str,
    chosen: bool,
}

/// An account elsewhere that decides as this person.
struct Linked {
    provider: &'static str,
    name: String,
    since: String,
    /// Where it is ended, and the account there.
    end: &'static str,
    account: String,
}

struct OneSession {
    handle: String,
    opened: String,
    seen: String,
    until: String,
    current: bool,
}

/// `GET /settings`
pub(super) async fn page(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    headers: HeaderMap,
) -> Result<Response, Shown> {
    let (now, me) = (service.now_ms(), &reviewer.person);
    let preference = service.preference(me).await?;
    let token = login::token(&service, &headers).map_or("", |(token, _)| token);
    let sessions = service.sessions(me, token).await?.into_iter().map(|one| OneSession {
        handle: one.handle,
        opened: times::ago(one.opened_at_ms, now),
        seen: times::ago(one.seen_at_ms, now),
        until: times::left(one.expires_at_ms, now),
        current: one.current,
    });
    let page = Page {
        name: inert_short(&me.name, 80).to_string(),
        email: me.email.as_deref().map(|email| inert_short(email, 120).to_string()).unwrap_or_default(),
        iss: inert_short(&me.iss, 200).to_string(),
        sub: inert_short(&me.sub, 200).to_string(),
        groups: me.groups.iter().map(|group| inert_short(group, 80).to_string()).collect(),
        cues: cues(preference),
        abouts: abouts(preference),
        linked: chat::links(&service, me).await?.iter().filter_map(|link| linked(link, now)).collect(),
        slack: slack::can_link(&service),
        sessions: sessions.collect(),
        frame: Frame::of(&service, &reviewer, Tab::Settings).await?,
    };
    Ok(html(StatusCode::OK, &page))
}

/// An account as the page shows it; `None` for a chat that is not known here any more.
fn linked(link: &chat::Link, now: i64) -> Option<Linked> {
    let (provider, end) = match link.provider.as_str() {
        "slack" => ("Slack", "/settings/slack/unlink"),
        _ => return None,
    };
    Some(Linked {
        provider,
        name: inert_short(&link.name, 80).to_string(),
        since: times::ago(link.linked_at_ms, now),
        end,
        account: link.external_id.clone(),
    })
}

fn cues(preference: Preference) -> Vec<Choice> {
    let choice =
        |cue: Cue, text, hint| Choice { value: cue.as_str(), text, hint, chosen: preference.cue == cue };
    vec![
        choice(Cue::None, "Nothing special", "The number in the title of the tab changes, as always."),
        choice(Cue::Title, "Blink the title", "The title of the tab blinks until you look."),
        choice(
            Cue::Sound,
            "Blink and sound",
            "A short, soft tone as well. Browsers allow it after your first click.",
        ),
    ]
}

fn abouts(preference: Preference) -> Vec<Choice> {
    let choice = |about: About, text, hint| Choice {
        value: about.as_str(),
        text,
        hint,
        chosen: preference.about == about,
    };
    vec![
        choice(About::All, "Every new request", ""),
        choice(About::Irreversible, "Only what cannot be undone", ""),
        choice(About::Urgent, "Only what has less than five minutes left", ""),
    ]
}

/// How somebody wants to be told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    csrf: String,
    cue: String,
    about: String,
}

impl Tokened for Told {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}

/// `POST /settings/notifications`
pub(super) async fn notifications(
    State(service): State<Service>,
    sent: Result<Sent<Told>, Shown>,
) -> Result<Response, Shown> {
    let Sent { reviewer, form } = sent?;
    let read = Cue::parse(&form.cue).zip(About::parse(&form.about));
    let (cue, about) = read.ok_or_else(|| Trouble::Malformed("that is no way to be told".to_owned()))?;
    service.prefer(&reviewer.person, Preference { cue, about }).await?;
    Ok(Redirect::to("/settings").into_response())
}

/// Which session ends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ended {
    csrf: String,
    session: String,
}

impl Tokened for Ended {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}

/// `POST /settings/sessions/end`
pub(super) async fn end_session(
    State(service): State<Service>,
    sent: Result<Sent<Ended>, Shown>,
) -> Result<Response, Shown> {
    let Sent { reviewer, form } = sent?;
    service.end_session(&reviewer.person, &form.session).await?;
    Ok(Redirect::to("/settings").into_response())
}
