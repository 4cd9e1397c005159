//! The buttons: approve, deny, ask, and in an emergency decide alone. POST, then redirect.
//!
//! Two things must hold before the service is asked: the form token is this session's, and the page is not out of date.
//! A page is out of date when the task's version or display digest is no longer the one in the form; then nothing is
//! decided, and the answer is the page as it is now, with what changed said on top and the reader's words kept.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;

use super::{
    Shown,
    changes::changes,
    detail::{Banner, read},
    form::{Sent, Tokened, finish, words},
    html,
};
use crate::{
    approver::{Word, find, problem::Trouble, scope::Scope, text::inert_block},
    login::Reviewer,
    service::{Again, Choice, Refusal, Service, TaskView, Vote},
};

/// The form of the detail page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filled {
    csrf: String,
    display_digest: String,
    version: i64,
    seen_at: i64,
    #[serde(default)]
    reason: String,
    choice: Word,
    /// The request's code, where it must be typed.
    #[serde(default)]
    code: String,
    /// How often the same again, this request included; empty for only this one.
    #[serde(default)]
    uses: String,
    /// For how many minutes.
    #[serde(default)]
    minutes: String,
}

impl Filled {
    /// What is agreed to beyond this one request. Where only one of the two is filled in, the other is as the rule allows.
    fn again(&self, task: &TaskView) -> Result<Option<Again>, Trouble> {
        let (uses, minutes) = (self.uses.trim(), self.minutes.trim());
        let bound = Scope::of(task).filter(|_| matches!(self.choice, Word::Approve));
        let Some(bound) = bound.filter(|_| !(uses.is_empty() && minutes.is_empty())) else { return Ok(None) };
        let number = |text: &str, name: &str| {
            text.parse::<u32>().map_err(|_| Trouble::Malformed(format!("`{name}` is not a number")))
        };
        let uses = if uses.is_empty() { bound.uses } else { number(uses, "uses")? };
        // The last minute of a bound may be shorter than one.
        let seconds = match minutes {
            "" => bound.seconds,
            minutes => match i64::from(number(minutes, "minutes")?) * 60 {
                over if over > bound.seconds && over - 60 < bound.seconds => bound.seconds,
                seconds => seconds,
            },
        };
        Ok(Some(Again { uses, seconds }))
    }
}

impl Tokened for Filled {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}

/// `POST /r/{id}/decide`
pub(super) async fn decide(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
    sent: Result<Sent<Filled>, Shown>,
) -> Result<Response, Shown> {
    let Sent { reviewer, form } = sent?;
    let task = find(&service, &id).await?;
    if task.version != form.version || task.display_digest != form.display_digest {
        return stale(&service, &reviewer, &task, &form).await;
    }
    let vote = Vote {
        choice: Choice::from(form.choice),
        reason: words(&form.reason),
        display_digest: form.display_digest.clone(),
        code: Some(form.code.trim().to_owned()).filter(|code| !code.is_empty()),
    };
    let again = form.again(&task)?;
    let channel = reviewer.channel(&headers);
    match service.decide_in(&reviewer.person, channel, &id, vote, again, &reviewer.proof).await {
        Err(Refusal::SignInAgain { .. }) => {
            Ok(Redirect::to(&format!("/login/again?next=/r/{id}")).into_response())
        }
        Err(Refusal::StaleView | Refusal::NotPending { .. }) => {
            let task = find(&service, &id).await?;
            stale(&service, &reviewer, &task, &form).await
        }
        done => finish(&service, &reviewer, &id, &form.reason, done).await,
    }
}

async fn stale(
    service: &Service,
    reviewer: &Reviewer,
    task: &TaskView,
    form: &Filled,
) -> Result<Response, Shown> {
    let shown = if task.display_digest == form.display_digest {
        None
    } else {
        service.shown_as(&form.display_digest).await?
    };
    let banner = Banner {
        tone: "bad",
        title: "Nothing was decided.".to_owned(),
        text: "The page you had open was out of date. This is how it stands now:".to_owned(),
        changes: changes(task, shown.as_ref(), &form.display_digest, form.seen_at),
    };
    let page = read(service, reviewer, task, Some(banner), inert_block(&form.reason).to_string()).await?;
    Ok(html(StatusCode::CONFLICT, &page))
}
