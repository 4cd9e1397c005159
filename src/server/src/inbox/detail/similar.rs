//! What was decided of the same before: who, what and why.

use crate::{
    approver::view::{Request, State as Stand},
    inbox::{after::Look, times},
    service,
};

/// So many are named; the rest is counted.
const NAMED: usize = 3;

/// What was decided of the same before.
pub(super) struct Similar {
    pub(super) words: String,
    pub(super) lines: Vec<Line>,
}

/// One of them.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) look: Look,
    pub(super) text: String,
    pub(super) reason: String,
    pub(super) when: String,
}

/// The numbers, and the newest of them.
pub(super) fn similar(found: &service::Similar, now: i64) -> Similar {
    let tally = &found.tally;
    let counts = [
        ("approved", tally.approved),
        ("denied", tally.denied),
        ("expired", tally.expired),
        ("withdrawn", tally.cancelled),
    ];
    let parts: Vec<String> =
        counts.iter().filter(|(_, n)| *n > 0).map(|(word, n)| format!("{n} {word}")).collect();
    let words = match tally.total {
        0 => String::new(),
        total => format!("{total} in the last 30 days: {}", parts.join(", ")),
    };
    let lines = found.tasks.iter().take(NAMED).map(|task| line(&Request::of(task), now)).collect();
    Similar { words, lines }
}

fn line(r: &Request, now: i64) -> Line {
    let said: Vec<_> = r.votes.iter().filter(|vote| vote.choice != "ask").collect();
    let denied = said.iter().rfind(|vote| vote.choice == "deny");
    let names: Vec<String> = said.iter().map(|vote| vote.person.to_string()).collect();
    let (text, reason) = match (r.state, denied) {
        (Stand::Denied, Some(no)) => (format!("denied by {}", no.person), no.reason.to_string()),
        (Stand::Expired, _) => ("nobody decided in time".to_owned(), String::new()),
        (Stand::Cancelled, _) => ("withdrawn".to_owned(), String::new()),
        _ if r.standing.is_some() => ("let out by a standing approval".to_owned(), String::new()),
        _ => {
            let reason = said.last().map(|vote| vote.reason.to_string()).unwrap_or_default();
            (format!("approved by {}", names.join(" and ")), reason)
        }
    };
    Line {
        id: r.id.clone(),
        look: Look::of(r.state),
        text,
        reason: crate::approver::text::inert_short(&reason, 120).to_string(),
        when: times::ago(r.decided_at_ms.unwrap_or(r.created_at_ms), now),
    }
}
