//! The approver side as JSON under `/approver/v1`: what waits, one request in full, a decision, live events.
//!
//! For humans' programs: the command line and whatever a team builds. Only human sessions come in. GET and HEAD never
//! change anything. Everything said is masked and inert ([`view`]); every fault is a problem document ([`problem`]).
//! The OpenAPI document is committed as `openapi.json` and compared with the code by a test.

mod act;
pub mod after;
pub mod deliveries;
mod events;
mod gate;
mod glass;
mod openapi;
pub mod page;
pub mod problem;
mod read;
pub mod scope;
pub mod sentence;
pub mod standing;
pub mod text;
pub mod view;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, Query, State, rejection::JsonRejection},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::{from_fn_with_state, map_response},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use countersign_wire::names::is_task_id;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub use act::{Found, Outcome, Revocation};
pub use events::{Event, events, stream};
pub use glass::{BreakGlass, LookAgain, LookWord, SecondLook, Standing};
pub use openapi::document;

use crate::{
    login::{Acting, Reviewer, Shown},
    service::{Choice, Filter, Refusal, Service, Status, TaskView, Vote},
};
use page::{Order, Place};
use problem::Trouble;
use view::Request;

/// The largest decision, in bytes: a reason of 1,000 characters and its frame.
const LIMIT: usize = 16 * 1024;
/// The header that carries the form token where JSON is sent by cookie.
const TOKEN: HeaderName = HeaderName::from_static("countersign-csrf");

/// The routes under `/approver/v1`.
pub fn router(service: Service) -> Router {
    Router::new()
        .route("/approver/v1/me", get(me))
        .route("/approver/v1/requests", get(list))
        .route("/approver/v1/requests/{id}", get(one))
        .route("/approver/v1/requests/{id}/decisions", post(decide))
        .route("/approver/v1/requests/{id}/second-looks", post(glass::look_again))
        .route("/approver/v1/requests/{id}/outcome", post(act::outcome))
        .route("/approver/v1/requests/{id}/revoke", post(act::revoke))
        .route("/approver/v1/standing", get(standing::list))
        .route("/approver/v1/standing/{id}/revoke", post(standing::revoke))
        .route("/approver/v1/deliveries", get(deliveries::list))
        .route("/approver/v1/deliveries/{id}/retry", post(deliveries::retry))
        .route("/approver/v1/events", get(events::json))
        .route("/approver/v1/openapi.json", get(openapi::serve))
        .layer(DefaultBodyLimit::max(LIMIT))
        .layer(from_fn_with_state(service.clone(), gate::pass))
        .layer(map_response(guarded))
        .with_state(service)
}

async fn guarded(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}

/// Who is logged in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// What others call you.
    pub name: String,
    /// Who vouches for you.
    pub iss: String,
    /// Your id there.
    pub sub: String,
    /// Your address, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The groups you review for.
    pub groups: Vec<String>,
    /// What a request by cookie must send back in `countersign-csrf`.
    pub csrf: String,
}

/// Who is logged in.
#[utoipa::path(get, path = "/approver/v1/me", tag = "approver",
    responses((status = 200, body = Me), (status = 401, description = "no human session")))]
async fn me(reviewer: Reviewer) -> Json<Me> {
    let person = reviewer.person;
    Json(Me {
        name: person.name,
        iss: person.iss,
        sub: person.sub,
        email: person.email,
        groups: person.groups,
        csrf: reviewer.csrf,
    })
}

/// Which requests to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// `waiting` (for you; the default), `second-look` (decided alone by somebody else, and you may confirm or contest),
    /// `pending`, `approved`, `denied`, `expired`, `cancelled`, `decided`, `outcome_unknown` or `all`.
    status: Option<String>,
    /// At most this many on a page, up to 1000; 200 if not said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Where to go on: `next` of the page before, of the same `status`.
    cursor: Option<String>,
    /// Only those of this group of requests that are alike, as `alike.group` names it.
    group: Option<String>,
}

/// Requests.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Requests {
    /// Newest first; what waits for you is ordered by the time it has left.
    pub requests: Vec<Request>,
    /// Where more may follow: the `cursor` of the next page. The `Link` header says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Lists requests.
#[utoipa::path(get, path = "/approver/v1/requests", tag = "approver", params(Which),
    responses((status = 200, body = Requests), (status = 400, description = "no such status"),
        (status = 401, description = "no human session")))]
async fn list(
    State(service): State<Service>,
    reviewer: Reviewer,
    which: Result<Query<Which>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Trouble> {
    let Query(which) = which.map_err(|fault| Trouble::Malformed(fault.body_text()))?;
    let limit = page::limit(which.limit);
    let word = which.status.as_deref().unwrap_or("waiting");
    let after = which.cursor.as_deref().map(|cursor| Place::read(cursor, word)).transpose()?;
    let of = |at_ms: i64, task: &TaskView| Place { at_ms, id: task.id.clone() };
    let (tasks, next) = match word {
        "waiting" => {
            let all = service.waiting(&reviewer.person).await?;
            page::cut(all, |task| of(task.expires_at_ms, task), Order::Rising, after.as_ref(), limit)
        }
        "second-look" => {
            let all = service.to_look_at(&reviewer.person).await?;
            let due = |task: &TaskView| task.glass.as_ref().map_or(0, |glass| glass.review_by_ms);
            page::cut(all, |task| of(due(task), task), Order::Rising, after.as_ref(), limit)
        }
        "outcome_unknown" => {
            let all = service.unknown_outcomes(10_000).await?;
            let since = |task: &TaskView| task.decided_at_ms.unwrap_or(task.created_at_ms);
            page::cut(all, |task| of(since(task), task), Order::Rising, after.as_ref(), limit)
        }
        word => {
            let status = match word {
                "all" => Vec::new(),
                "decided" => decided(),
                word => vec![Status::parse(word).ok_or_else(|| {
                    Trouble::Malformed(format!("`{}` is no status", text::inert_short(word, 32)))
                })?],
            };
            // One more than is shown says whether more follow.
            let more = u32::try_from(limit + 1).ok();
            let all = service.page(Filter { status, limit: more }, after.as_ref()).await?;
            page::cut(all, |task| of(task.created_at_ms, task), Order::Falling, None, limit)
        }
    };
    let own = |task: &&TaskView| match (&which.group, &task.alike) {
        (None, _) => true,
        (Some(group), Some(alike)) => *group == alike.group,
        (Some(_), None) => false,
    };
    let requests = tasks.iter().filter(own).map(Request::of).collect();
    let next = next.map(|place| place.cursor(word));
    let group = which.group.map(|group| format!("&group={}", page::escaped(&group))).unwrap_or_default();
    let link = next
        .as_ref()
        .map(|next| format!("/approver/v1/requests?status={word}&limit={limit}&cursor={next}{group}"));
    Ok(page::answer(&Requests { requests, next }, link.as_deref()))
}

/// What waits for a reviewer, the most urgent first.
pub(crate) async fn waiting(
    service: &Service,
    reviewer: &Reviewer,
) -> Result<Vec<crate::service::TaskView>, crate::service::Fault> {
    let mut tasks = service.waiting(&reviewer.person).await?;
    tasks.sort_by_key(|task| task.expires_at_ms);
    Ok(tasks)
}

/// Every state but pending.
pub(crate) fn decided() -> Vec<Status> {
    vec![Status::Approved, Status::Denied, Status::Expired, Status::Cancelled]
}

/// Shows one request in full.
#[utoipa::path(get, path = "/approver/v1/requests/{id}", tag = "approver",
    params(("id" = String, Path, description = "the request's id")),
    responses((status = 200, body = Request), (status = 401, description = "no human session"),
        (status = 404, description = "no such request")))]
async fn one(
    State(service): State<Service>,
    _reviewer: Reviewer,
    Path(id): Path<String>,
) -> Result<Json<Request>, Trouble> {
    Ok(Json(Request::of(&find(&service, &id).await?)))
}

/// The task of an id, or 404.
pub(crate) async fn find(service: &Service, id: &str) -> Result<crate::service::TaskView, Trouble> {
    let unknown = || Trouble::Refused(Refusal::Unknown { id: text::inert_short(id, 64).to_string() });
    if !is_task_id(id) {
        return Err(unknown());
    }
    service.task(id).await?.ok_or_else(unknown)
}

/// What a reviewer says of a request.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `approve`, `deny`, `ask` the requester something first, or `break_glass`: approve alone in an emergency, where the
    /// rule allows it to a group of yours. A second human looks at that within a day.
    pub decision: Word,
    /// Why; when asking, the question. At most 1000 characters.
    #[schema(max_length = 1000)]
    pub reason: String,
    /// The digest of what you were shown, from the request.
    pub display_digest: String,
    /// The word and number you compared; checked when given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// With `approve`: the same again, within the request's `scope`. It stands once everyone of the quorum agreed, as
    /// narrowly as the narrowest of them said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// What you agree to beyond the one request.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// How often, this request included: at least 2.
    #[schema(minimum = 2)]
    pub uses: u32,
    /// For how many seconds from now.
    #[schema(minimum = 1)]
    pub seconds: i64,
}

/// A decision's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// Let it go out.
    Approve,
    /// Do not.
    Deny,
    /// Ask the requester first.
    Ask,
    /// Let it go out, decided alone in an emergency.
    BreakGlass,
}

impl From<Word> for Choice {
    fn from(word: Word) -> Self {
        match word {
            Word::Approve => Self::Approve,
            Word::Deny => Self::Deny,
            Word::Ask => Self::Ask,
            Word::BreakGlass => Self::BreakGlass,
        }
    }
}

/// Whether a session that may change something was shown on purpose: by bearer, or by cookie with the form token.
fn proven(reviewer: &Reviewer, headers: &HeaderMap) -> Result<(), Trouble> {
    match reviewer.shown {
        Shown::Bearer => Ok(()),
        Shown::Cookie => {
            let token = headers.get(TOKEN).and_then(|token| token.to_str().ok()).unwrap_or_default();
            reviewer.check_token(token)
        }
    }
}

/// Decides on a request, or asks.
#[utoipa::path(post, path = "/approver/v1/requests/{id}/decisions", tag = "approver",
    params(("id" = String, Path, description = "the request's id"),
        ("countersign-csrf" = Option<String>, Header, description = "the form token, when the session is a cookie")),
    request_body = Decision,
    responses((status = 200, body = Request), (status = 400, description = "the body does not read"),
        (status = 401, description = "no human session"),
        (status = 403, description = "self-approval, not eligible, kept from it by the rule, no leave to break the glass, or from elsewhere"),
        (status = 404, description = "no such request"),
        (status = 409, description = "what you saw is out of date, it is decided already, or the same request was released before and nobody knows what became of it"),
        (status = 422, description = "a reason is needed")))]
async fn decide(
    State(service): State<Service>,
    Acting(reviewer): Acting,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Decision>, JsonRejection>,
) -> Result<Response, Trouble> {
    proven(&reviewer, &headers)?;
    let Json(decision) = body.map_err(|fault| Trouble::Malformed(fault.body_text()))?;
    find(&service, &id).await?;
    let vote = Vote {
        choice: decision.decision.into(),
        reason: decision.reason,
        display_digest: decision.display_digest,
        code: decision.code,
    };
    let again = decision.again.map(|Again { uses, seconds }| crate::service::Again { uses, seconds });
    let channel = reviewer.channel(&headers);
    let task = service.decide_in(&reviewer.person, channel, &id, vote, again, &reviewer.proof).await?;
    Ok(Json(Request::of(&task)).into_response())
}
