//! Forms as they come in: whose they are, what they say, and the page that says why nothing was done.
//!
//! A form counts when three things hold, and they are checked here alone: the session is a human's and may act, the request
//! comes from our own page, and the form's token is this session's.

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Redirect, Response},
};
use serde::de::DeserializeOwned;

use super::{
    Shown,
    detail::{Banner, read},
    html, sentence_case,
};
use crate::{
    approver::{find, problem::Trouble, text::inert_block},
    login::{Acting, Reviewer},
    service::{Refusal, Service, TaskView},
};

/// A form that carries the token of its session.
pub(super) trait Tokened: DeserializeOwned {
    /// The token.
    fn csrf(&self) -> &str;
}

/// A form, and the reviewer who sent it from our own page.
pub(super) struct Sent<T> {
    pub(super) reviewer: Reviewer,
    pub(super) form: T,
}

impl<T: Tokened> FromRequest<Service> for Sent<T> {
    type Rejection = Shown;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Shown> {
        let (mut parts, body) = request.into_parts();
        let Acting(reviewer) = Acting::from_request_parts(&mut parts, service).await?;
        let form = Form::<T>::from_request(Request::from_parts(parts, body), service).await;
        let Form(form) = form.map_err(|fault| Trouble::Malformed(fault.body_text()))?;
        reviewer.check_token(form.csrf())?;
        Ok(Self { reviewer, form })
    }
}

/// Words from a text field, whose lines end as browsers write them.
pub(super) fn words(typed: &str) -> String {
    typed.replace("\r\n", "\n").trim().to_owned()
}

/// Back to the request's page; where it was refused, the page says why and keeps what was typed.
pub(super) async fn finish(
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
