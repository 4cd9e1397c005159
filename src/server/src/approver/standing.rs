//! Standing approvals as JSON: what was agreed to, what is left of it, and taking it back.

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::HeaderMap,
    response::Response,
};
use countersign_wire::{clock::rfc3339_s, names::is_task_id};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    page::{self, Order, Place},
    problem::Trouble,
    proven, scope,
    text::{Inert, inert_short},
};
use crate::{
    login::{Acting, Reviewer},
    service::{Refusal, Service, StandingState, StandingView},
};

/// A standing approval.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Standing {
    /// Its id.
    pub id: String,
    /// Whether it may be used.
    pub state: Stand,
    /// What it is for, in words.
    pub words: Inert,
    /// How often it may be used, the first request included.
    pub uses: u64,
    /// How often it was.
    pub used: u64,
    /// How often it still may be; 0 once it is not active.
    pub left: u64,
    /// Since when, RFC 3339.
    pub since: String,
    /// Until when, RFC 3339.
    pub until: String,
    /// The same in Unix milliseconds.
    pub since_ms: i64,
    /// The same in Unix milliseconds.
    pub until_ms: i64,
    /// The request that people decided.
    pub first: String,
    /// What that request was, in one sentence.
    pub sentence: Inert,
    /// The groups of its quorum; whoever is in one of them may take it back.
    pub groups: Vec<Inert>,
    /// Who agreed.
    pub approvers: Vec<Agreed>,
    /// The requests that used it, the first left out.
    pub requests: Vec<Use>,
    /// Why it ended before its time: `revoked`, `denied` (a reviewer denied the same again), `not_eligible` (one who agreed
    /// may no longer decide it), `rule_changed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_why: Option<String>,
    /// Who ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<Inert>,
    /// When it ended before its time, Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at_ms: Option<i64>,
}

/// Whether a standing approval may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StandingState)]
pub enum Stand {
    /// It may.
    Active,
    /// Nothing is left of it.
    UsedUp,
    /// Its time is over.
    Expired,
    /// It ended before.
    Ended,
}

/// One who agreed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Agreed {
    /// Who vouches for them.
    pub iss: Inert,
    /// Their id there.
    pub sub: Inert,
    /// The group they stood for.
    pub group: Inert,
}

/// One use.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Use {
    /// The request.
    pub id: String,
    /// Which use it was.
    pub number: u64,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// Standing approvals.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AllStanding {
    /// Newest first; at most the newest 500 are kept in this list.
    pub standing: Vec<Standing>,
    /// Where more may follow: the `cursor` of the next page. The `Link` header says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Why one is taken back.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// Why. At most 1000 characters.
    #[schema(max_length = 1000)]
    pub reason: String,
}

impl Standing {
    /// What a person may see of it.
    pub(crate) fn of(view: &StandingView) -> Self {
        let submission = &view.first.submission;
        let name = |text: &str| inert_short(text, 512);
        let state = match view.state {
            StandingState::Active => Stand::Active,
            StandingState::UsedUp => Stand::UsedUp,
            StandingState::Expired => Stand::Expired,
            StandingState::Ended => Stand::Ended,
        };
        let left = match state {
            Stand::Active => view.uses.saturating_sub(view.used),
            Stand::UsedUp | Stand::Expired | Stand::Ended => 0,
        };
        Self {
            id: view.id.clone(),
            state,
            words: scope::words(submission),
            uses: view.uses.unsigned_abs(),
            used: view.used.unsigned_abs(),
            left: left.unsigned_abs(),
            since: rfc3339_s(view.since_ms),
            until: rfc3339_s(view.until_ms),
            since_ms: view.since_ms,
            until_ms: view.until_ms,
            first: view.first.id.clone(),
            sentence: super::view::Request::of(&view.first).sentence,
            groups: submission.context.v1.quorum.groups.iter().map(|group| name(group)).collect(),
            approvers: view
                .approvers
                .iter()
                .map(|one| Agreed { iss: name(&one.iss), sub: name(&one.sub), group: name(&one.group) })
                .collect(),
            requests: view
                .requests
                .iter()
                .map(|used| Use {
                    id: used.task.clone(),
                    number: used.number.unsigned_abs(),
                    at_ms: used.at_ms,
                })
                .collect(),
            ended_why: view.ended_why.clone(),
            ended_by: view.ended_by.as_deref().map(name),
            ended_at_ms: view.ended_at_ms,
        }
    }
}

/// Which page of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// At most this many on a page, up to 1000; 200 if not said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Where to go on: `next` of the page before.
    cursor: Option<String>,
}

/// Lists standing approvals.
#[utoipa::path(get, path = "/approver/v1/standing", operation_id = "list_standing", tag = "approver", params(Which),
    responses((status = 200, body = AllStanding), (status = 400, description = "no such cursor"),
        (status = 401, description = "no human session")))]
pub(super) async fn list(
    State(service): State<Service>,
    _reviewer: Reviewer,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Response, Trouble> {
    let Query(which) = which.map_err(|fault| Trouble::Malformed(fault.body_text()))?;
    let all = listed(&service, &which).await?;
    let limit = page::limit(which.limit);
    let next = all.next.as_ref().map(|next| format!("/approver/v1/standing?limit={limit}&cursor={next}"));
    Ok(page::answer(&all, next.as_deref()))
}

async fn listed(service: &Service, which: &Which) -> Result<AllStanding, Trouble> {
    const LIST: &str = "standing";
    let after = which.cursor.as_deref().map(|cursor| Place::read(cursor, LIST)).transpose()?;
    let place = |one: &Standing| Place { at_ms: one.since_ms, id: one.id.clone() };
    let all = service.standing().await?.iter().map(Standing::of).collect();
    let (standing, next) = page::cut(all, place, Order::Falling, after.as_ref(), page::limit(which.limit));
    Ok(AllStanding { standing, next: next.map(|place| place.cursor(LIST)) })
}

/// Takes a standing approval back, at once: its grants that were not used are worth nothing from then on.
#[utoipa::path(post, path = "/approver/v1/standing/{id}/revoke", operation_id = "revoke_standing", tag = "approver",
    params(("id" = String, Path, description = "the standing approval's id"),
        ("countersign-csrf" = Option<String>, Header, description = "the form token, when the session is a cookie")),
    request_body = Revoke,
    responses((status = 200, body = AllStanding), (status = 400, description = "the body does not read"),
        (status = 401, description = "no human session"),
        (status = 403, description = "you are in none of its groups, or it came from elsewhere"),
        (status = 404, description = "no such standing approval"),
        (status = 422, description = "a reason is needed")))]
pub(super) async fn revoke(
    State(service): State<Service>,
    Acting(reviewer): Acting,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Revoke>, JsonRejection>,
) -> Result<Json<AllStanding>, Trouble> {
    proven(&reviewer, &headers)?;
    let Json(revoke) = body.map_err(|fault| Trouble::Malformed(fault.body_text()))?;
    take_back(&service, &reviewer, &headers, &id, &revoke.reason).await?;
    Ok(Json(listed(&service, &Which::default()).await?))
}

/// Takes one back for a reviewer.
pub(crate) async fn take_back(
    service: &Service,
    reviewer: &Reviewer,
    headers: &HeaderMap,
    id: &str,
    reason: &str,
) -> Result<(), Trouble> {
    if !is_task_id(id) {
        return Err(Trouble::Refused(Refusal::Unknown { id: inert_short(id, 64).to_string() }));
    }
    Ok(service.revoke_standing(&reviewer.person, reviewer.channel(headers), id, reason).await?)
}
