//! What an approval demands beyond a click: the request's code, typed; and that everything of it was understood.
//!
//! The operator says of which requests (`demands:` in the configuration), and whoever shows a request can ask here before it
//! offers a button. The service checks again when it decides, whatever the channel.

use serde_json::Value;

use super::{Refusal, Vote};
use crate::config::demand::{Demand, Whole};
use countersign_wire::submission::Submission;

/// What the approval of one request demands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demands {
    /// Whether the request's code must be typed.
    pub typed_code: bool,
    /// Whether it can be approved only where everything in it was understood and shown.
    pub understood: bool,
}

impl Demands {
    /// Whether a request may be approved as it is.
    ///
    /// # Errors
    /// [`Refusal::NotUnderstood`].
    pub fn whole(self, submission: &Submission) -> Result<(), Refusal> {
        if !self.understood {
            return Ok(());
        }
        let payload = &submission.context.v1.payload;
        let unread = payload.masking.as_ref().is_some_and(|proof| proof.not_understood > 0);
        let hidden = payload.size > 0 && payload.masked_excerpt.is_empty();
        if unread || hidden || payload.truncated { Err(Refusal::NotUnderstood) } else { Ok(()) }
    }
}

/// What the configuration demands for a request: everything that any entry that fits says.
pub(super) fn demands(configured: &[Demand], submission: &Submission) -> Demands {
    let mut all = Demands::default();
    for demand in configured.iter().filter(|demand| fits(demand, submission)) {
        all.typed_code |= demand.typed_code;
        all.understood |= demand.shown == Whole::Demanded;
    }
    all
}

fn fits(demand: &Demand, submission: &Submission) -> bool {
    let policy = &submission.context.v1.policy;
    let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
    is(&demand.class, &submission.action.name)
        && is(&demand.policy, &policy.id)
        && is(&demand.rule, &policy.rule)
        && (!demand.irreversible || irreversible(submission))
}

/// What nobody says can be undone cannot.
fn irreversible(submission: &Submission) -> bool {
    match submission.action.properties.get("reversible") {
        Some(Value::Bool(can)) => !can,
        Some(Value::String(said)) => said != "yes",
        _ => true,
    }
}

/// Whether a vote brings what is demanded.
pub(super) fn met(demands: Demands, submission: &Submission, vote: &Vote) -> Result<(), Refusal> {
    if demands.typed_code && vote.code.as_ref().is_none_or(|code| code.trim().is_empty()) {
        return Err(Refusal::CodeRequired);
    }
    demands.whole(submission)
}
