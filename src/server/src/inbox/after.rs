//! Where a request stands, and what its page says and offers after its decision.

use crate::{
    approver::view::{Request, State as Stand},
    login::Reviewer,
    service::{Service, TaskView},
};

/// A state as a reader sees it: a word, a shape, a tone.
pub(super) struct Look {
    pub(super) word: &'static str,
    pub(super) mark: &'static str,
    pub(super) tone: &'static str,
}

impl Look {
    pub(super) fn of(state: Stand) -> Self {
        let (word, mark, tone) = match state {
            Stand::Pending => ("Waiting", "○", ""),
            Stand::NeedsContext => ("Waiting for an answer", "?", "warn"),
            Stand::Approved => ("Approved, not sent yet", "✓", "good"),
            Stand::Consumed => ("Approved and sent", "✓", "good"),
            Stand::OutcomeUnknown => ("Outcome unknown", "!", "warn"),
            Stand::Revoked => ("Taken back", "–", "warn"),
            Stand::Denied => ("Denied", "✕", "bad"),
            Stand::Expired => ("Expired", "–", ""),
            Stand::Cancelled => ("Withdrawn", "–", ""),
        };
        Self { word, mark, tone }
    }
}

/// What came after the decision.
pub(super) struct After {
    /// The same request was released before.
    pub(super) earlier: Option<Link>,
    pub(super) lines: Vec<Line>,
    pub(super) can_settle: bool,
    pub(super) can_revoke: bool,
}

/// Something to say, and the page of another request.
pub(super) struct Link {
    pub(super) id: String,
    pub(super) text: String,
}

/// One line of the history.
pub(super) struct Line {
    pub(super) mark: &'static str,
    pub(super) tone: &'static str,
    pub(super) text: String,
    pub(super) reason: String,
}

impl After {
    pub(super) fn of(service: &Service, reviewer: &Reviewer, task: &TaskView, r: &Request) -> Self {
        let mut lines = Vec::new();
        let mut line = |mark, tone, text: String, reason: String| {
            lines.push(Line { mark, tone, text: format!("{text}."), reason });
        };
        if let Some(revoked) = &r.revoked {
            line("–", "warn", revoked.words(), revoked.reason.to_string());
        }
        if let Some(unknown) = &r.unknown {
            line("!", "warn", unknown.words().to_owned(), String::new());
            if let Some(settled) = &unknown.settled {
                line("✓", "", settled.words(), settled.reason.to_string());
            }
        }
        let may = service.may_act(&reviewer.person, task).is_ok();
        let good = r.approval.as_ref().is_some_and(|grant| grant.approved_until_ms > service.now_ms());
        Self {
            earlier: r.earlier.as_ref().map(|earlier| Link { id: earlier.id.clone(), text: earlier.words() }),
            lines,
            can_settle: may && r.state == Stand::OutcomeUnknown,
            can_revoke: may && r.state == Stand::Approved && good,
        }
    }
}
