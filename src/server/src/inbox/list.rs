//! The lists: what waits for me, what I had a hand in, what is decided, what was released and nobody knows the outcome of.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    Frame, Reader, Shown, Tab,
    filter::{self, Filter, Select, Whose},
    html, link,
    row::{Row, grouped, row},
    times,
};
use crate::{
    approver::{self, view::Request},
    login::Reviewer,
    service::{Most, Preference, Service, Wanted},
};

/// The most rows of what waits; the most urgent ones stand first.
const ROWS: usize = 200;
/// The rows of a page of the history.
const PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "list.html")]
struct Page {
    frame: Frame,
    heading: &'static str,
    path: &'static str,
    fragment: &'static str,
    filter: Filter,
    selects: Vec<Select>,
    preference: Preference,
    lines: Lines,
}

#[derive(Template)]
#[template(path = "rows.html")]
struct Fragment {
    frame: Frame,
    lines: Lines,
}

/// What stands below the filters, and what the script fetches anew.
pub(super) struct Lines {
    pub(super) rows: Vec<Row>,
    pub(super) more: usize,
    pub(super) empty: String,
    pub(super) hint: Option<&'static str>,
    pub(super) unknown: String,
    pub(super) newest: Option<String>,
    pub(super) older: Option<String>,
}

/// `GET /inbox`
pub(super) async fn waiting(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Query(filter): Query<Filter>,
) -> Result<Response, Shown> {
    if !filter.group.is_empty() {
        let group = format!("/inbox/alike/{}", link::part(&filter.group));
        return Ok(Redirect::to(&group).into_response());
    }
    page(&service, &reviewer, Tab::Waiting, filter).await
}

/// `GET /inbox/mine`
pub(super) async fn mine(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Query(filter): Query<Filter>,
) -> Result<Response, Shown> {
    page(&service, &reviewer, Tab::Mine, filter).await
}

/// `GET /inbox/decided`
pub(super) async fn decided(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Query(filter): Query<Filter>,
) -> Result<Response, Shown> {
    page(&service, &reviewer, Tab::Decided, filter).await
}

/// `GET /inbox/unknown`
pub(super) async fn unknown(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Query(filter): Query<Filter>,
) -> Result<Response, Shown> {
    page(&service, &reviewer, Tab::Unknown, filter).await
}

/// `GET /inbox/rows/{tab}`: the list alone, for the script.
pub(super) async fn rows(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Path(tab): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<Response, Shown> {
    let tab = match tab.as_str() {
        "waiting" => Tab::Waiting,
        "mine" => Tab::Mine,
        "decided" => Tab::Decided,
        "unknown" => Tab::Unknown,
        _ => return Ok(StatusCode::NOT_FOUND.into_response()),
    };
    let Page { frame, lines, .. } = read(&service, &reviewer, tab, filter.read()).await?;
    Ok(html(StatusCode::OK, &Fragment { frame, lines }))
}

async fn page(service: &Service, reviewer: &Reviewer, tab: Tab, filter: Filter) -> Result<Response, Shown> {
    Ok(html(StatusCode::OK, &read(service, reviewer, tab, filter.read()).await?))
}

async fn read(service: &Service, reviewer: &Reviewer, tab: Tab, filter: Filter) -> Result<Page, Shown> {
    let (heading, path, fragment) = match tab {
        Tab::Mine => ("Yours", "/inbox/mine", "/inbox/rows/mine"),
        Tab::Decided => ("Decided", "/inbox/decided", "/inbox/rows/decided"),
        Tab::Unknown => ("Outcome unknown", "/inbox/unknown", "/inbox/rows/unknown"),
        Tab::Waiting | Tab::Standing | Tab::Agents | Tab::Rules | Tab::Settings => {
            ("Waiting for you", "/inbox", "/inbox/rows/waiting")
        }
    };
    let (lines, selects, waiting) = match tab {
        Tab::Mine | Tab::Decided => {
            let (lines, selects) = history(service, reviewer, tab, &filter, path).await?;
            (lines, selects, None)
        }
        Tab::Unknown => (unknowns(service, &filter).await?, Vec::new(), None),
        Tab::Waiting | Tab::Standing | Tab::Agents | Tab::Rules | Tab::Settings => {
            let (lines, selects, count) = wait(service, reviewer, &filter).await?;
            (lines, selects, Some(count))
        }
    };
    let frame = match waiting {
        Some(count) => Frame::around(reviewer, tab, count),
        None => Frame::of(service, reviewer, tab).await?,
    };
    let preference = service.preference(&reviewer.person).await?;
    Ok(Page { frame, heading, path, fragment, filter, selects, preference, lines })
}

/// What waits, the most urgent first, and how much that is before it is narrowed down.
async fn wait(
    service: &Service,
    reviewer: &Reviewer,
    filter: &Filter,
) -> Result<(Lines, Vec<Select>, usize), Shown> {
    // What was decided alone and waits for a second look stands before what waits for a first.
    let mut tasks = service.to_look_at(&reviewer.person).await?;
    tasks.extend(approver::waiting(service, reviewer).await?);
    let (now, count) = (service.now_ms(), tasks.len());
    let all: Vec<Request> = tasks.iter().map(Request::of).collect();
    let selects = filter.of_waiting(&all);
    let found = grouped(all.into_iter().filter(|request| filter.lets(request, now)).collect());
    let (empty, hint) = if filter.narrows() {
        ("Nothing that waits for you matches this.".to_owned(), None)
    } else {
        let hint = "When an agent wants to do something that needs your consent, it appears here.";
        (nothing_waits(service, now).await?, Some(hint))
    };
    let lines = Lines {
        rows: found.iter().take(ROWS).map(|(request, others)| row(request, *others, now)).collect(),
        more: found.len().saturating_sub(ROWS),
        empty,
        hint,
        unknown: notice(service.unknown_outcomes(200).await?.len()),
        newest: None,
        older: None,
    };
    Ok((lines, selects, count))
}

/// What the list of what waits says of outcomes that nobody knows.
fn notice(unknown: usize) -> String {
    match unknown {
        0 => String::new(),
        1 => "The outcome of one released request is unknown.".to_owned(),
        n => format!("The outcomes of {n} released requests are unknown."),
    }
}

async fn nothing_waits(service: &Service, now: i64) -> Result<String, Shown> {
    let last = Wanted { status: approver::decided(), limit: 1, ..Wanted::default() };
    let last = service.find(&last).await?.tasks.into_iter().find_map(|task| task.decided_at_ms);
    Ok(last.map_or_else(
        || "Nothing waits for you.".to_owned(),
        |at| format!("Nothing waits for you. Last decision {}.", times::ago(at, now)),
    ))
}

async fn history(
    service: &Service,
    reviewer: &Reviewer,
    tab: Tab,
    filter: &Filter,
    path: &str,
) -> Result<(Lines, Vec<Select>), Shown> {
    let whose = if tab == Tab::Mine { Whose::Mine } else { Whose::Anybody };
    let (status, empty) = match whose {
        Whose::Mine => (Vec::new(), "You have not decided anything yet."),
        Whose::Anybody => (approver::decided(), "Nothing is decided yet."),
    };
    let mut wanted = filter.wanted(status, &reviewer.person, service.now_ms(), PAGE);
    if whose == Whose::Mine {
        wanted.by = Some(reviewer.person.clone());
    }
    let selects = filter.of_history(&service.tallies(Most::Lately).await?, whose);
    Ok((past(service, &wanted, filter, path, empty).await?, selects))
}

/// A page of the history.
pub(super) async fn past(
    service: &Service,
    wanted: &Wanted,
    filter: &Filter,
    path: &str,
    empty: &str,
) -> Result<Lines, Shown> {
    let (now, found) = (service.now_ms(), service.find(wanted).await?);
    Ok(Lines {
        rows: found.tasks.iter().map(|task| row(&Request::of(task), 0, now)).collect(),
        more: 0,
        empty: if filter.narrows() { "Nothing here matches this.".to_owned() } else { empty.to_owned() },
        hint: None,
        unknown: String::new(),
        newest: wanted.after.as_ref().map(|_| filter.address(path, "")),
        older: found.next.as_ref().map(|next| filter.address(path, &filter::after(next))),
    })
}

async fn unknowns(service: &Service, filter: &Filter) -> Result<Lines, Shown> {
    let now = service.now_ms();
    let all = service.unknown_outcomes(200).await?;
    let requests = all.iter().map(Request::of).filter(|request| filter.lets(request, now));
    let empty = "Of everything that was released, it is known what became of it.";
    Ok(Lines {
        rows: requests.map(|request| row(&request, 0, now)).collect(),
        more: 0,
        empty: if filter.narrows() { "Nothing here matches this.".to_owned() } else { empty.to_owned() },
        hint: None,
        unknown: String::new(),
        newest: None,
        older: None,
    })
}
