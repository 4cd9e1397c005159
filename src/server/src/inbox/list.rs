//! The lists: what waits for me, what I had a hand in, what is decided, what was released and nobody knows the outcome of.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{Frame, Reader, Shown, Tab, after::Look, html, times};
use crate::{
    approver::{
        self,
        text::inert_short,
        view::{Found, Open, Request, Reversible},
    },
    login::Reviewer,
    service::{Filter, Service, TaskView},
};

/// The most rows on a page; the most urgent ones stand first.
const ROWS: usize = 200;

#[derive(Template)]
#[template(path = "list.html")]
struct Page {
    frame: Frame,
    heading: &'static str,
    fragment: &'static str,
    query: String,
    rows: Vec<Row>,
    more: usize,
    empty: String,
    empty_hint: Option<&'static str>,
    unknown: String,
}

#[derive(Template)]
#[template(path = "rows.html")]
struct Fragment {
    frame: Frame,
    rows: Vec<Row>,
    more: usize,
    empty: String,
    empty_hint: Option<&'static str>,
    unknown: String,
}

struct Row {
    id: String,
    sentence: String,
    who: String,
    what: String,
    rule: String,
    state: Look,
    progress: String,
    gone: String,
    reversible: Option<Word>,
    time: String,
    expires_at_ms: i64,
    counting: bool,
    urgent: bool,
    /// Others that wait and differ in nothing but the body.
    alike: Option<More>,
}

/// The rest of a group, behind a link.
struct More {
    words: String,
    href: String,
}

/// A word with a tone.
pub(super) struct Word {
    pub(super) tone: &'static str,
    pub(super) text: &'static str,
}

/// What a reader searches for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
    /// Only this group of requests that are alike, each on a row of its own.
    #[serde(default)]
    group: String,
}

/// `GET /inbox`
pub(super) async fn waiting(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Query(search): Query<Search>,
) -> Result<Response, Shown> {
    page(&service, &reviewer, Tab::Waiting, &search).await
}

/// `GET /inbox/mine`
pub(super) async fn mine(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Query(search): Query<Search>,
) -> Result<Response, Shown> {
    page(&service, &reviewer, Tab::Mine, &search).await
}

/// `GET /inbox/decided`
pub(super) async fn decided(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Query(search): Query<Search>,
) -> Result<Response, Shown> {
    page(&service, &reviewer, Tab::Decided, &search).await
}

/// `GET /inbox/unknown`
pub(super) async fn unknown(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Query(search): Query<Search>,
) -> Result<Response, Shown> {
    page(&service, &reviewer, Tab::Unknown, &search).await
}

/// `GET /inbox/rows/{tab}`: the list alone, for the script.
pub(super) async fn rows(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Path(tab): Path<String>,
    Query(search): Query<Search>,
) -> Result<Response, Shown> {
    let tab = match tab.as_str() {
        "waiting" => Tab::Waiting,
        "mine" => Tab::Mine,
        "decided" => Tab::Decided,
        "unknown" => Tab::Unknown,
        _ => return Ok(StatusCode::NOT_FOUND.into_response()),
    };
    let Page { frame, rows, more, empty, empty_hint, unknown, .. } =
        read(&service, &reviewer, tab, &search).await?;
    Ok(html(StatusCode::OK, &Fragment { frame, rows, more, empty, empty_hint, unknown }))
}

async fn page(service: &Service, reviewer: &Reviewer, tab: Tab, search: &Search) -> Result<Response, Shown> {
    Ok(html(StatusCode::OK, &read(service, reviewer, tab, search).await?))
}

async fn read(service: &Service, reviewer: &Reviewer, tab: Tab, search: &Search) -> Result<Page, Shown> {
    // What was decided alone and waits for a second look stands before what waits for a first.
    let mut waiting = service.to_look_at(&reviewer.person).await?;
    waiting.extend(approver::waiting(service, reviewer).await?);
    let frame = Frame::around(reviewer, tab, waiting.len());
    let now = service.now_ms();
    let tasks = match tab {
        Tab::Waiting => std::mem::take(&mut waiting),
        Tab::Mine => {
            let mut all = service.list(Filter::default()).await?;
            all.retain(|task| took_part(task, reviewer));
            all
        }
        Tab::Decided | Tab::Standing => {
            service.list(Filter { status: approver::decided(), limit: None }).await?
        }
        Tab::Unknown => service.unknown_outcomes(200).await?,
    };
    let unknown = match tab {
        Tab::Waiting => notice(service.unknown_outcomes(200).await?.len()),
        Tab::Mine | Tab::Decided | Tab::Standing | Tab::Unknown => String::new(),
    };
    let query = inert_short(search.q.trim(), 100).to_string();
    let found: Vec<Request> = tasks
        .iter()
        .map(Request::of)
        .filter(|request| query.is_empty() || request.matches(&query) == Found::Yes)
        .collect();
    let found: Vec<(Request, usize)> = match (tab, search.group.as_str()) {
        (Tab::Waiting, "") => grouped(found),
        (Tab::Waiting, group) => {
            let own = |request: &Request| request.alike.as_ref().is_some_and(|alike| alike.group == group);
            found.into_iter().filter(own).map(|request| (request, 0)).collect()
        }
        (Tab::Mine | Tab::Decided | Tab::Standing | Tab::Unknown, _) => {
            found.into_iter().map(|request| (request, 0)).collect()
        }
    };
    let rows: Vec<Row> =
        found.iter().take(ROWS).map(|(request, others)| row(request, *others, now)).collect();
    let more = found.len().saturating_sub(ROWS);
    let (heading, fragment) = match tab {
        Tab::Waiting => ("Waiting for you", "/inbox/rows/waiting"),
        Tab::Mine => ("Yours", "/inbox/rows/mine"),
        Tab::Decided | Tab::Standing => ("Decided", "/inbox/rows/decided"),
        Tab::Unknown => ("Outcome unknown", "/inbox/rows/unknown"),
    };
    let (empty, empty_hint) = if query.is_empty() {
        (nothing(service, tab, now).await?, hint(tab))
    } else {
        (format!("Nothing here matches “{query}”."), None)
    };
    Ok(Page { frame, heading, fragment, query, rows, more, empty, empty_hint, unknown })
}

/// What the list of what waits says of outcomes that nobody knows.
fn notice(unknown: usize) -> String {
    match unknown {
        0 => String::new(),
        1 => "The outcome of one released request is unknown.".to_owned(),
        n => format!("The outcomes of {n} released requests are unknown."),
    }
}

fn took_part(task: &TaskView, reviewer: &Reviewer) -> bool {
    let me = &reviewer.person;
    task.votes.iter().any(|vote| vote.person.iss == me.iss && vote.person.sub == me.sub)
        || task.needs_context.as_ref().is_some_and(|question| question.asked_by == me.name)
}

async fn nothing(service: &Service, tab: Tab, now: i64) -> Result<String, Shown> {
    match tab {
        Tab::Waiting => {
            let last = service.list(Filter { status: approver::decided(), limit: Some(50) }).await?;
            let last = last.iter().filter_map(|task| task.decided_at_ms).max();
            Ok(last.map_or_else(
                || "Nothing waits for you.".to_owned(),
                |at| format!("Nothing waits for you. Last decision {}.", times::ago(at, now)),
            ))
        }
        Tab::Mine => Ok("You have not decided anything yet.".to_owned()),
        Tab::Decided | Tab::Standing => Ok("Nothing is decided yet.".to_owned()),
        Tab::Unknown => Ok("Of everything that was released, it is known what became of it.".to_owned()),
    }
}

fn hint(tab: Tab) -> Option<&'static str> {
    match tab {
        Tab::Waiting => Some("When an agent wants to do something that needs your consent, it appears here."),
        Tab::Mine | Tab::Decided | Tab::Standing | Tab::Unknown => None,
    }
}

/// One of each group of requests that are alike, the most urgent, and how many others there are.
fn grouped(found: Vec<Request>) -> Vec<(Request, usize)> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut rows: Vec<(Request, usize)> = Vec::new();
    for request in found {
        let group = request.alike.as_ref().map(|alike| alike.group.clone());
        let known = group.as_ref().and_then(|group| places.get(group)).and_then(|at| rows.get_mut(*at));
        if let Some((_, others)) = known {
            *others += 1;
        } else {
            places.extend(group.map(|group| (group, rows.len())));
            rows.push((request, 0));
        }
    }
    rows
}

fn row(request: &Request, others: usize, now: i64) -> Row {
    let open = request.is_open() == Open::Yes;
    let when = request.decided_at_ms.unwrap_or(request.created_at_ms);
    Row {
        id: request.id.clone(),
        sentence: request.sentence.to_string(),
        who: request.requester(),
        what: request.object(),
        rule: format!("{}/{}", request.policy.id, request.policy.rule),
        state: Look::of(request.state),
        progress: request.progress(),
        gone: gone(request, now),
        reversible: if open { reversible(request.action.reversible) } else { None },
        time: if open { times::left(request.expires_at_ms, now) } else { times::ago(when, now) },
        expires_at_ms: request.expires_at_ms,
        counting: open,
        urgent: open && request.expires_at_ms - now < 60_000,
        alike: request.alike.as_ref().filter(|_| others > 0).map(|alike| More {
            words: format!("and {others} more that differ only in the body"),
            href: format!("/inbox?group={}", alike.group),
        }),
    }
}

/// Since when nobody waits for the decision; empty where somebody does, or nobody can tell.
pub(super) fn gone(request: &Request, now: i64) -> String {
    let since = request.waiting.and_then(|waiting| waiting.gone_since_ms);
    since.map(|since| format!("nobody waits, last heard {}", times::ago(since, now))).unwrap_or_default()
}

/// Whether it can be undone, in a word; nothing where nobody said.
pub(super) fn reversible(reversible: Reversible) -> Option<Word> {
    match reversible {
        Reversible::No => Some(Word { tone: "warn", text: "irreversible" }),
        Reversible::Yes => Some(Word { tone: "quiet", text: "reversible" }),
        Reversible::Unknown => None,
    }
}
