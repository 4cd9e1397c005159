//! Decisions that one person made alone in an emergency, as a person sees them, and the second human's look at each.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use countersign_wire::clock::rfc3339_s;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    find,
    problem::Trouble,
    proven,
    text::{Inert, inert_block, inert_short},
    view::Request,
};
use crate::{
    login::Acting,
    service::{Glass, Look, Service, Verdict},
};

/// A decision that one person made alone.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BreakGlass {
    /// Where the second look stands.
    pub state: Standing,
    /// Who decided alone.
    pub by: Inert,
    /// Who vouches for that name.
    pub iss: Inert,
    /// Their id there.
    pub sub: Inert,
    /// Why.
    pub reason: Inert,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// By when a second human must look, RFC 3339.
    pub review_by: String,
    /// The same in Unix milliseconds.
    pub review_by_ms: i64,
    /// The second look, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_look: Option<SecondLook>,
}

/// Where a second look stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A second human is wanted.
    Awaited,
    /// Nobody has looked within a day; somebody still must.
    Overdue,
    /// A second human says it was right.
    Confirmed,
    /// A second human says it was not.
    Contested,
}

impl Standing {
    /// The same in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Awaited => "decided alone in an emergency; a second look is awaited",
            Self::Overdue => "decided alone in an emergency; the second look is overdue",
            Self::Confirmed => "decided alone in an emergency; a second human confirmed it",
            Self::Contested => "decided alone in an emergency; a second human contests it",
        }
    }
}

/// A second human's look.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SecondLook {
    /// Who looked.
    pub by: Inert,
    /// Who vouches for that name.
    pub iss: Inert,
    /// Their id there.
    pub sub: Inert,
    /// What they say.
    pub verdict: LookWord,
    /// Why.
    pub reason: Inert,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// What a second human says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LookWord {
    /// It was right.
    Confirm,
    /// It was not.
    Contest,
}

impl From<LookWord> for Verdict {
    fn from(word: LookWord) -> Self {
        match word {
            LookWord::Confirm => Self::Confirm,
            LookWord::Contest => Self::Contest,
        }
    }
}

impl BreakGlass {
    /// What a person may see of it.
    pub(super) fn of(glass: &Glass) -> Self {
        let name = |text: &str| inert_short(text, 2048);
        let second = |look: &Look| SecondLook {
            by: name(&look.by.name),
            iss: name(&look.by.iss),
            sub: name(&look.by.sub),
            verdict: match look.verdict {
                Verdict::Confirm => LookWord::Confirm,
                Verdict::Contest => LookWord::Contest,
            },
            reason: inert_block(&look.reason),
            at_ms: look.at_ms,
        };
        Self {
            state: match (glass.look.as_ref().map(|look| look.verdict), glass.overdue_at_ms) {
                (Some(Verdict::Confirm), _) => Standing::Confirmed,
                (Some(Verdict::Contest), _) => Standing::Contested,
                (None, Some(_)) => Standing::Overdue,
                (None, None) => Standing::Awaited,
            },
            by: name(&glass.by.name),
            iss: name(&glass.by.iss),
            sub: name(&glass.by.sub),
            reason: inert_block(&glass.reason),
            at_ms: glass.at_ms,
            review_by: rfc3339_s(glass.review_by_ms),
            review_by_ms: glass.review_by_ms,
            second_look: glass.look.as_ref().map(second),
        }
    }
}

/// What a second human says of a decision that one person made alone.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookAgain {
    /// `confirm` that it was right, or `contest` it: a grant that was not used yet is then taken back.
    pub verdict: LookWord,
    /// Why. At most 1000 characters.
    #[schema(max_length = 1000)]
    pub reason: String,
    /// The digest of what you were shown, from the request.
    pub display_digest: String,
}

/// Looks a second time at a decision that one person made alone.
#[utoipa::path(post, path = "/approver/v1/requests/{id}/second-looks", tag = "approver",
    params(("id" = String, Path, description = "the request's id"),
        ("countersign-csrf" = Option<String>, Header, description = "the form token, when the session is a cookie")),
    request_body = LookAgain,
    responses((status = 200, body = Request), (status = 400, description = "the body does not read"),
        (status = 401, description = "no human session"),
        (status = 403, description = "you decided alone yourself, it is your own request, you are in no group, or from elsewhere"),
        (status = 404, description = "no such request"),
        (status = 409, description = "what you saw is out of date, or nothing waits for a second look"),
        (status = 422, description = "a reason is needed")))]
pub(super) async fn look_again(
    State(service): State<Service>,
    Acting(reviewer): Acting,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<LookAgain>, JsonRejection>,
) -> Result<Response, Trouble> {
    proven(&reviewer, &headers)?;
    let Json(LookAgain { verdict, reason, display_digest }) =
        body.map_err(|fault| Trouble::Malformed(fault.body_text()))?;
    find(&service, &id).await?;
    let seen = crate::service::Seen { verdict: verdict.into(), reason, display_digest };
    let task = service.look_again(&reviewer.person, reviewer.channel(&headers), &id, seen).await?;
    Ok(Json(Request::of(&task)).into_response())
}
