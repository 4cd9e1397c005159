//! One line of a list: what will happen, how long is left, who wants it, under which rule, and how far the consent has come.

use std::collections::HashMap;

use super::{after::Look, filter::rule_of, times};
use crate::approver::view::{Open, Request, Reversible, State};

/// A request on a line, or a group of requests that are alike.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) href: String,
    /// How many are alike, where it is a group.
    pub(super) alike: Option<usize>,
    pub(super) sentence: String,
    pub(super) who: String,
    pub(super) what: String,
    pub(super) rule: String,
    pub(super) state: Look,
    pub(super) progress: String,
    pub(super) gone: String,
    pub(super) reversible: Option<Word>,
    pub(super) time: String,
    pub(super) expires_at_ms: i64,
    pub(super) counting: bool,
    pub(super) hurry: Hurry,
    pub(super) irreversible: bool,
}

/// A word with a tone.
pub(super) struct Word {
    pub(super) tone: &'static str,
    pub(super) text: &'static str,
}

/// How little time is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hurry {
    /// Enough, or none is running.
    No,
    /// Less than five minutes.
    Soon,
    /// Less than one.
    Now,
}

impl Hurry {
    pub(super) fn of(request: &Request, now: i64) -> Self {
        match (request.is_open(), request.expires_at_ms - now) {
            (Open::Yes, ..60_000) => Self::Now,
            (Open::Yes, ..300_000) => Self::Soon,
            (Open::Yes | Open::No, _) => Self::No,
        }
    }

    /// The class of the page's style.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::No => "",
            Self::Soon => " soon",
            Self::Now => " urgent",
        }
    }
}

/// One line.
pub(super) fn row(request: &Request, others: usize, now: i64) -> Row {
    let open = request.is_open() == Open::Yes;
    let when = request.decided_at_ms.unwrap_or(request.created_at_ms);
    let group = request.alike.as_ref().filter(|_| others > 0);
    Row {
        id: request.id.clone(),
        href: group.map_or_else(
            || format!("/r/{}", request.id),
            |alike| format!("/inbox/alike/{}", super::link::part(&alike.group)),
        ),
        alike: group.map(|_| others + 1),
        sentence: request.sentence.to_string(),
        who: request.requester(),
        what: request.object(),
        rule: rule_of(request),
        state: Look::of(request.state),
        progress: progress(request),
        gone: gone(request, now),
        reversible: if open { reversible(request.action.reversible) } else { None },
        time: if open { times::left(request.expires_at_ms, now) } else { times::ago(when, now) },
        expires_at_ms: request.expires_at_ms,
        counting: open,
        hurry: Hurry::of(request, now),
        irreversible: request.action.reversible == Reversible::No,
    }
}

/// How far it has come; where it is over, also who decided.
fn progress(request: &Request) -> String {
    let said = |choice: &str| {
        let names: Vec<&str> = request
            .votes
            .iter()
            .filter(|vote| vote.choice == choice)
            .map(|vote| vote.person.as_str())
            .collect();
        names.join(" and ")
    };
    let by = match request.state {
        State::Denied => said("deny"),
        State::Approved | State::Consumed => said("approve"),
        State::Pending
        | State::NeedsContext
        | State::OutcomeUnknown
        | State::Revoked
        | State::Expired
        | State::Cancelled => String::new(),
    };
    let words = request.progress();
    if by.is_empty() { words } else { format!("{words}, by {by}") }
}

/// One of each group of requests that are alike, the most urgent, and how many others there are.
pub(super) fn grouped(found: Vec<Request>) -> Vec<(Request, usize)> {
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
