//! What happened so far: votes, what one person decided alone, what came of it upstream.

use countersign_wire::clock::rfc3339_s;

use crate::{
    approver::{
        BreakGlass, LookWord, Standing,
        sentence::grouped,
        view::{Outcome, State as Stand, Vote},
    },
    inbox::times,
};

pub(super) struct Ballot {
    pub(super) person: String,
    pub(super) verb: &'static str,
    pub(super) mark: &'static str,
    pub(super) tone: &'static str,
    pub(super) when: String,
    pub(super) iso: String,
    pub(super) how: String,
    pub(super) reason: String,
}

pub(super) struct Happened {
    pub(super) mark: &'static str,
    pub(super) tone: &'static str,
    pub(super) text: String,
}

/// What the page says and offers about deciding alone.
pub(super) struct GlassPart {
    pub(super) can_break: bool,
    pub(super) can_look: bool,
    pub(super) lines: Vec<Broken>,
}

/// One line about a decision that one person made alone.
pub(super) struct Broken {
    pub(super) tone: &'static str,
    pub(super) mark: &'static str,
    pub(super) text: String,
    pub(super) reason: String,
}

pub(super) fn ballot(vote: &Vote) -> Ballot {
    let (verb, mark, tone) = match vote.choice.as_str() {
        "approve" => ("approved", "✓", "good"),
        "deny" => ("denied", "✕", "bad"),
        _ => ("asked", "?", "warn"),
    };
    Ballot {
        person: vote.person.to_string(),
        verb,
        mark,
        tone,
        when: times::moment(vote.at_ms),
        iso: rfc3339_s(vote.at_ms),
        how: match &vote.again {
            Some(again) => format!("for {} by {}, and the same again {again}", vote.group, vote.channel),
            None => format!("for {} by {}", vote.group, vote.channel),
        },
        reason: vote.reason.to_string(),
    }
}

/// Who decided alone, and what came of the second look.
pub(super) fn broken(glass: &BreakGlass) -> Vec<Broken> {
    let due = times::moment(glass.review_by_ms);
    let text = format!("{} decided alone in an emergency on {}", glass.by, times::moment(glass.at_ms));
    let first = Broken { tone: "warn", mark: "!", text, reason: glass.reason.to_string() };
    let second = match (&glass.second_look, glass.state) {
        (Some(look), _) => {
            let (verb, mark, tone) = match look.verdict {
                LookWord::Confirm => ("confirmed", "✓", "good"),
                LookWord::Contest => ("contests", "✕", "bad"),
            };
            let text = format!("{} {verb} it on {}", look.by, times::moment(look.at_ms));
            Broken { tone, mark, text, reason: look.reason.to_string() }
        }
        (None, Standing::Overdue) => {
            let text = format!("A second human should have looked at it by {due}; nobody has");
            Broken { tone: "bad", mark: "!", text, reason: String::new() }
        }
        (None, Standing::Awaited | Standing::Confirmed | Standing::Contested) => {
            let text = format!("A second human must confirm or contest it by {due}");
            Broken { tone: "warn", mark: "○", text, reason: String::new() }
        }
    };
    vec![first, second]
}

pub(super) fn ending(state: Stand) -> Option<&'static str> {
    match state {
        Stand::Pending
        | Stand::NeedsContext
        | Stand::Denied
        | Stand::Consumed
        | Stand::OutcomeUnknown
        | Stand::Revoked => None,
        Stand::Approved => Some("Released when the agent's request is still there or comes again."),
        Stand::Expired => Some("Nobody decided in time; nothing was sent."),
        Stand::Cancelled => Some("The requester's side withdrew it; nothing was sent."),
    }
}

pub(super) fn happened(outcome: &Outcome) -> Happened {
    let mut parts = vec![format!("{} bytes sent", grouped(outcome.request_bytes))];
    parts.extend(outcome.response_bytes.map(|n| format!("{} bytes back", grouped(n))));
    parts.extend(outcome.duration_ms.map(times::duration));
    let facts = parts.join(", ");
    let status = outcome.status.map_or_else(|| "no status".to_owned(), |status| status.to_string());
    let (mark, tone, text) = match outcome.state.as_str() {
        "completed" => ("→", "good", format!("Sent. The destination answered {status}: {facts}")),
        "upstream_error" => ("!", "warn", format!("Sent, but the destination failed with {status}: {facts}")),
        "release_abandoned" => ("–", "warn", "Not sent: the release was abandoned".to_owned()),
        _ => ("!", "warn", format!("What became of it is not known: {facts}")),
    };
    Happened { mark, tone, text }
}
