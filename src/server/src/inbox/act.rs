//! The forms of a request that is decided: what became of it, taking its approval back, and the second look at what one person
//! decided alone. POST, then redirect.

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;

use super::{
    Shown,
    form::{Sent, Tokened, finish, words},
};
use crate::{
    approver::{Found, LookWord, find},
    service::{Seen, Service},
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
    pub(super) reason: String,
}

/// What a second human says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecondLook {
    csrf: String,
    display_digest: String,
    #[serde(default)]
    reason: String,
    verdict: LookWord,
}

impl Tokened for Outcome {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}

impl Tokened for Revocation {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}

impl Tokened for SecondLook {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}

/// `POST /r/{id}/outcome`
pub(super) async fn outcome(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
    sent: Result<Sent<Outcome>, Shown>,
) -> Result<Response, Shown> {
    let Sent { reviewer, form } = sent?;
    find(&service, &id).await?;
    let (channel, reason) = (reviewer.channel(&headers), words(&form.reason));
    let done = service.settle(&reviewer.person, channel, &id, form.executed.into(), &reason).await;
    finish(&service, &reviewer, &id, &reason, done).await
}

/// `POST /r/{id}/revoke`
pub(super) async fn revoke(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
    sent: Result<Sent<Revocation>, Shown>,
) -> Result<Response, Shown> {
    let Sent { reviewer, form } = sent?;
    find(&service, &id).await?;
    let reason = words(&form.reason);
    let done = service.revoke(&reviewer.person, reviewer.channel(&headers), &id, &reason).await;
    finish(&service, &reviewer, &id, &reason, done).await
}

/// `POST /r/{id}/look`
pub(super) async fn look(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
    sent: Result<Sent<SecondLook>, Shown>,
) -> Result<Response, Shown> {
    let Sent { reviewer, form } = sent?;
    find(&service, &id).await?;
    let reason = words(&form.reason);
    let seen =
        Seen { verdict: form.verdict.into(), reason: reason.clone(), display_digest: form.display_digest };
    let done = service.look_again(&reviewer.person, reviewer.channel(&headers), &id, seen).await;
    finish(&service, &reviewer, &id, &reason, done).await
}
