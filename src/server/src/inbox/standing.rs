//! The page of standing approvals: what was agreed to beyond one request, what is left of it, and the button that takes it
//! back.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};

use super::{
    Frame, Reader, Shown, Tab,
    act::Revocation,
    form::{Sent, words},
    html, times,
};
use crate::{
    approver::{
        standing::{Stand, Standing, take_back},
        view::groups,
    },
    login::Reviewer,
    service::Service,
};

#[derive(Template)]
#[template(path = "standing.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    first: String,
    sentence: String,
    words: String,
    word: &'static str,
    tone: &'static str,
    left: String,
    who: String,
    ended: String,
    requests: Vec<(String, u64)>,
    active: bool,
    may: bool,
}

/// `GET /inbox/standing`
pub(super) async fn page(
    State(service): State<Service>,
    Reader(reviewer): Reader,
) -> Result<Response, Shown> {
    let now = service.now_ms();
    let all = service.standing().await?;
    let rows = all.iter().map(|view| row(&service, &reviewer, &Standing::of(view), now)).collect();
    Ok(html(StatusCode::OK, &Page { frame: Frame::of(&service, &reviewer, Tab::Standing).await?, rows }))
}

/// `POST /inbox/standing/{id}/revoke`
pub(super) async fn revoke(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
    sent: Result<Sent<Revocation>, Shown>,
) -> Result<Response, Shown> {
    let Sent { reviewer, form } = sent?;
    take_back(&service, &reviewer, &headers, &id, &words(&form.reason)).await?;
    Ok(Redirect::to("/inbox/standing").into_response())
}

fn row(service: &Service, reviewer: &Reviewer, standing: &Standing, now: i64) -> Row {
    let (word, tone) = match standing.state {
        Stand::Active => ("Active", "good"),
        Stand::UsedUp => ("Used up", ""),
        Stand::Expired => ("Expired", ""),
        Stand::Ended => ("Ended", "bad"),
    };
    let mut who: Vec<String> =
        standing.approvers.iter().map(|one| format!("{} for {}", one.sub, one.group)).collect();
    who.dedup();
    let by = standing.ended_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    let ended = standing.ended_why.as_deref().map(|why| match why {
        "revoked" => format!("taken back{by}"),
        "denied" => format!("the same again was denied{by}"),
        "not_eligible" => "one who agreed may no longer decide it".to_owned(),
        "rule_changed" => "the rule changed".to_owned(),
        other => other.to_owned(),
    });
    let wanted: Vec<String> = standing.groups.iter().map(ToString::to_string).collect();
    let me = &reviewer.person;
    let may = !service.directory().groups_for(me, &wanted).is_empty();
    Row {
        id: standing.id.clone(),
        first: standing.first.clone(),
        sentence: standing.sentence.to_string(),
        words: standing.words.to_string(),
        word,
        tone,
        left: format!(
            "{} of {} used, until {} ({})",
            standing.used,
            standing.uses,
            times::moment(standing.until_ms),
            times::left(standing.until_ms, now)
        ),
        who: format!("{} ({})", who.join(", "), groups(&standing.groups)),
        ended: ended.unwrap_or_default(),
        requests: standing.requests.iter().map(|used| (used.id.clone(), used.number)).collect(),
        active: standing.state == Stand::Active,
        may,
    }
}
