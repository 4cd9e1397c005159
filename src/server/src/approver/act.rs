//! What a reviewer may do after the decision: settle an outcome that nobody knows, take a grant back.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{find, problem::Trouble, proven, view::Request};
use crate::{
    login::Acting,
    service::{Executed, Service},
};

/// What a reviewer found out about a released request.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Whether the upstream executed it.
    pub executed: Found,
    /// How you know. At most 1000 characters.
    #[schema(max_length = 1000)]
    pub reason: String,
}

/// Whether a released request was executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It was.
    Yes,
    /// It was not.
    No,
    /// Nobody can say.
    CannotTell,
}

impl From<Found> for Executed {
    fn from(found: Found) -> Self {
        match found {
            Found::Yes => Self::Yes,
            Found::No => Self::No,
            Found::CannotTell => Self::CannotTell,
        }
    }
}

/// Why a grant is taken back.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Why. At most 1000 characters.
    #[schema(max_length = 1000)]
    pub reason: String,
}

/// Settles an outcome that nobody knows; after that the same request can be approved again.
#[utoipa::path(post, path = "/approver/v1/requests/{id}/outcome", operation_id = "settle", tag = "approver",
    params(("id" = String, Path, description = "the request's id"),
        ("countersign-csrf" = Option<String>, Header, description = "the form token, when the session is a cookie")),
    request_body = Outcome,
    responses((status = 200, body = Request), (status = 400, description = "the body does not read"),
        (status = 401, description = "no human session"),
        (status = 403, description = "you asked for it, are not eligible, or come from elsewhere"),
        (status = 404, description = "no such request"),
        (status = 409, description = "its outcome is not unknown"),
        (status = 422, description = "a reason is needed")))]
pub(super) async fn outcome(
    State(service): State<Service>,
    Acting(reviewer): Acting,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Outcome>, JsonRejection>,
) -> Result<Json<Request>, Trouble> {
    proven(&reviewer, &headers)?;
    let Json(said) = body.map_err(|fault| Trouble::Malformed(fault.body_text()))?;
    find(&service, &id).await?;
    let channel = reviewer.channel(&headers);
    let task = service.settle(&reviewer.person, channel, &id, said.executed.into(), &said.reason).await?;
    Ok(Json(Request::of(&task)))
}

/// Takes back a grant that was not used yet.
#[utoipa::path(post, path = "/approver/v1/requests/{id}/revoke", tag = "approver",
    params(("id" = String, Path, description = "the request's id"),
        ("countersign-csrf" = Option<String>, Header, description = "the form token, when the session is a cookie")),
    request_body = Revocation,
    responses((status = 200, body = Request), (status = 400, description = "the body does not read"),
        (status = 401, description = "no human session"),
        (status = 403, description = "you asked for it, are not eligible, or come from elsewhere"),
        (status = 404, description = "no such request"),
        (status = 409, description = "there is no grant that could be taken back"),
        (status = 422, description = "a reason is needed")))]
pub(super) async fn revoke(
    State(service): State<Service>,
    Acting(reviewer): Acting,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Revocation>, JsonRejection>,
) -> Result<Json<Request>, Trouble> {
    proven(&reviewer, &headers)?;
    let Json(said) = body.map_err(|fault| Trouble::Malformed(fault.body_text()))?;
    find(&service, &id).await?;
    let task = service.revoke(&reviewer.person, reviewer.channel(&headers), &id, &said.reason).await?;
    Ok(Json(Request::of(&task)))
}
