//! The two forms of a request that is decided: what became of it, and taking its approval back. POST, then redirect.

use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    Shown,
    detail::{Banner, read},
    html, sentence_case,
};
use crate::{
    approver::{Found, find, problem::Trouble, text::inert_block},
    login::{Acting, Reviewer},
    service::{Refusal, Service, TaskView},
};

/// What became of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outcome {
    csrf: String,
    #[serde(default)]
    reason: String,
    executed: Found,
}

/// Why it is taken back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Revocation {
    csrf: String,
    #[serde(default)]
    reason: String,
}

/// `POST /r/{id}/outcome`
pub(super) async fn outcome(
    State(service): State<Service>,
    acting: Result<Acting, Trouble>,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Result<Form<Outcome>, FormRejection>,
) -> Result<Response, Shown> {
    let Acting(reviewer) = acting?;
    let Form(form) = form.map_err(|fault| Trouble::Malformed(fault.body_text()))?;
    reviewer.check_token(&form.csrf)?;
    find(&service, &id).await?;
    let channel = reviewer.channel(&headers);
    let done = service.settle(&reviewer.person, channel, &id, form.executed.into(), &form.reason).await;
    finish(&service, &reviewer, &id, &form.reason, done).await
}

/// `POST /r/{id}/revoke`
pub(super) async fn revoke(
    State(service): State<Service>,
    acting: Result<Acting, Trouble>,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Result<Form<Revocation>, FormRejection>,
) -> Result<Response, Shown> {
    let Acting(reviewer) = acting?;
    let Form(form) = form.map_err(|fault| Trouble::Malformed(fault.body_text()))?;
    reviewer.check_token(&form.csrf)?;
    find(&service, &id).await?;
    let done = service.revoke(&reviewer.person, reviewer.channel(&headers), &id, &form.reason).await;
    finish(&service, &reviewer, &id, &form.reason, done).await
}

async fn finish(
    service: &Service,
    reviewer: &Reviewer,
    id: &str,
    typed: &str,
    done: Result<TaskView, Refusal>,
) -> Result<Response, Shown> {
    let Err(refusal) = done else { return Ok(Redirect::to(&format!("/r/{id}")).into_response()) };
    let trouble = Trouble::from(refusal);
    let problem = trouble.problem();
    let banner = Banner {
        tone: "bad",
        title: format!("{}.", problem.title),
        text: sentence_case(&problem.detail.unwrap_or_default()),
        changes: Vec::new(),
    };
    let task = find(service, id).await?;
    let page = read(service, reviewer, &task, Some(banner), inert_block(typed).to_string()).await?;
    Ok(html(trouble.status(), &page))
}
