//! A page per agent and per rule: what it asked for lately, what became of that, and how long people took to decide.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};

use super::{
    Frame, Reader, Shown, Tab,
    filter::Filter,
    html, link,
    list::{Lines, past},
    times,
};
use crate::{
    approver::{sentence::grouped, text::inert_short},
    service::{Most, Service, Tally, Wanted},
};

/// The rows of a page of the history.
const PAGE: u32 = 25;
/// Most names on a page.
const NAMES: usize = 200;

#[derive(Template)]
#[template(path = "names.html")]
struct Names {
    frame: Frame,
    heading: &'static str,
    about: &'static str,
    first: &'static str,
    rows: Vec<Line>,
    more: usize,
    empty: &'static str,
}

/// One agent or rule in a table.
struct Line {
    shown: String,
    href: String,
    tally: Tally,
    median: String,
    newest: String,
}

#[derive(Template)]
#[template(path = "name.html")]
struct One {
    frame: Frame,
    kind: &'static str,
    back: &'static str,
    heading: String,
    facts: Vec<Fact>,
    figures: Vec<Figure>,
    beside: &'static str,
    related: Vec<Related>,
    lines: Lines,
}

/// Something said of it.
struct Fact {
    label: &'static str,
    text: String,
}

/// A number with its name.
struct Figure {
    label: &'static str,
    number: String,
}

/// What it goes with: an agent's rules, a rule's agents.
struct Related {
    name: String,
    href: String,
    total: usize,
}

/// `GET /agents`
pub(super) async fn agents(
    State(service): State<Service>,
    Reader(reviewer): Reader,
) -> Result<Response, Shown> {
    let (now, tallies) = (service.now_ms(), service.tallies(Most::All).await?);
    let named = tallies.agents.into_iter().map(|(name, tally)| (short(&name), link::agent(&name), tally));
    let (rows, more) = table(named.collect(), now);
    let frame = Frame::of(&service, &reviewer, Tab::Agents).await?;
    let page = Names {
        frame,
        heading: "Agents",
        about: "Who asked in the last 30 days",
        first: "Agent",
        rows,
        more,
        empty: "No agent asked for anything in the last 30 days.",
    };
    Ok(html(StatusCode::OK, &page))
}

/// `GET /rules`
pub(super) async fn rules(
    State(service): State<Service>,
    Reader(reviewer): Reader,
) -> Result<Response, Shown> {
    let (now, tallies) = (service.now_ms(), service.tallies(Most::All).await?);
    let named = tallies.rules.into_iter().map(|((policy, rule), tally)| {
        (short(&format!("{policy}/{rule}")), link::rule(&policy, &rule), tally)
    });
    let (rows, more) = table(named.collect(), now);
    let frame = Frame::of(&service, &reviewer, Tab::Rules).await?;
    let page = Names {
        frame,
        heading: "Rules",
        about: "What held requests in the last 30 days",
        first: "Policy and rule",
        rows,
        more,
        empty: "No rule held anything in the last 30 days.",
    };
    Ok(html(StatusCode::OK, &page))
}

/// `GET /agents/{agent}`
pub(super) async fn agent(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Path(name): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<Response, Shown> {
    let filter = Filter { agent: String::new(), ..filter.read() };
    let path = link::agent(&name);
    let wanted = Wanted {
        agent: Some(name.clone()),
        ..filter.wanted(Vec::new(), &reviewer.person, service.now_ms(), PAGE)
    };
    let lines = past(&service, &wanted, &filter, &path, "This agent never asked for anything.").await?;
    let mut tallies = service.tallies(Most::All).await?;
    let workloads = service.workloads(&name).await?;
    let workloads: Vec<String> = workloads.iter().map(|name| inert_short(name, 200).to_string()).collect();
    let label = if workloads.len() == 1 { "Workload" } else { "Workloads" };
    let page = One {
        frame: Frame::of(&service, &reviewer, Tab::Agents).await?,
        kind: "Agent",
        back: "/agents",
        heading: inert_short(&name, 120).to_string(),
        facts: vec![Fact { label, text: workloads.join(", ") }],
        figures: figures(&tallies.agents.remove(&name).unwrap_or_default()),
        beside: "Rules that held it",
        related: tallies
            .pairs
            .iter()
            .filter(|((agent, _, _), _)| *agent == name)
            .map(|((_, policy, rule), total)| Related {
                name: short(&format!("{policy}/{rule}")),
                href: link::rule(policy, rule),
                total: *total,
            })
            .collect(),
        lines,
    };
    Ok(html(StatusCode::OK, &page))
}

/// `GET /rules/{policy}/{rule}`
pub(super) async fn rule(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Path((policy, rule)): Path<(String, String)>,
    Query(filter): Query<Filter>,
) -> Result<Response, Shown> {
    let filter = Filter { rule: String::new(), ..filter.read() };
    let path = link::rule(&policy, &rule);
    let key = (policy.clone(), rule.clone());
    let wanted = Wanted {
        rule: Some(key.clone()),
        ..filter.wanted(Vec::new(), &reviewer.person, service.now_ms(), PAGE)
    };
    let lines = past(&service, &wanted, &filter, &path, "This rule never held anything.").await?;
    let mut tallies = service.tallies(Most::All).await?;
    let page = One {
        frame: Frame::of(&service, &reviewer, Tab::Rules).await?,
        kind: "Rule",
        back: "/rules",
        heading: inert_short(&rule, 120).to_string(),
        facts: vec![Fact { label: "Policy", text: inert_short(&policy, 120).to_string() }],
        figures: figures(&tallies.rules.remove(&key).unwrap_or_default()),
        beside: "Agents it held",
        related: tallies
            .pairs
            .iter()
            .filter(|((_, of_policy, of_rule), _)| *of_policy == policy && *of_rule == rule)
            .map(|((agent, _, _), total)| Related {
                name: short(agent),
                href: link::agent(agent),
                total: *total,
            })
            .collect(),
        lines,
    };
    Ok(html(StatusCode::OK, &page))
}

fn short(name: &str) -> String {
    inert_short(name, 80).to_string()
}

/// The busiest first.
fn table(mut named: Vec<(String, String, Tally)>, now: i64) -> (Vec<Line>, usize) {
    named.sort_by_key(|(_, _, tally)| std::cmp::Reverse((tally.pending, tally.total)));
    let more = named.len().saturating_sub(NAMES);
    let rows = named.into_iter().take(NAMES).map(|(shown, href, tally)| Line {
        shown,
        href,
        median: median(&tally),
        newest: times::ago(tally.newest_ms, now),
        tally,
    });
    (rows.collect(), more)
}

fn median(tally: &Tally) -> String {
    tally.median_ms.map_or_else(|| "–".to_owned(), times::took)
}

fn figures(tally: &Tally) -> Vec<Figure> {
    let figure = |label, number: usize| Figure { label, number: grouped(u64::try_from(number).unwrap_or(0)) };
    let mut all = vec![
        figure("asked in 30 days", tally.total),
        figure("waiting", tally.pending),
        figure("approved", tally.approved),
        figure("denied", tally.denied),
        figure("expired", tally.expired),
    ];
    all.push(Figure { label: "median time to decide", number: median(tally) });
    if tally.standing > 0 {
        all.insert(3, figure("by standing approval", tally.standing));
    }
    all
}
