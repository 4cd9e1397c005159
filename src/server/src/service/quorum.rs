//! Which vote counts for which group, and whether that is enough. Each person counts once, for one group.

use countersign_wire::{
    grant::Approver,
    people::{Seating, canonical_email},
    submission::{QuorumAsk, Submission},
};

use super::{Choice, Progress, people};
use crate::store::vote;

/// Votes given to groups.
#[derive(Debug)]
pub(super) struct Tally {
    /// One entry for each person who approved and whose groups the rule names, with the group the vote counts for.
    pub(super) approvers: Vec<Approver>,
    /// How far that is.
    pub(super) progress: Progress,
    /// Whether it is enough.
    pub(super) verdict: Verdict,
}

/// Whether a quorum is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Met,
    Missing,
}

/// Counts the approvals among `votes`.
pub(super) fn tally(votes: &[vote::Row], submission: &Submission) -> Tally {
    let ask = &submission.context.v1.quorum;
    let mut people: Vec<&vote::Row> = Vec::new();
    for vote in votes {
        match vote.choice {
            Choice::Approve if !people.iter().any(|other| same_person(other, vote)) => people.push(vote),
            Choice::Approve | Choice::BreakGlass | Choice::Deny | Choice::Ask => {}
        }
    }
    let of = |groups: &[String]| {
        let stands = |vote: &&vote::Row| vote.groups.iter().any(|group| groups.contains(group));
        people.iter().enumerate().filter(|(_, vote)| stands(vote)).map(|(person, _)| person).collect()
    };
    let wanted = ask.wanted();
    let seating = wanted.seating(&of);
    let approvers: Vec<Approver> = people
        .iter()
        .enumerate()
        .filter_map(|(person, vote)| {
            let seat = seating.seats.iter().find(|(_, holder)| *holder == Some(person));
            let own = seat.and_then(|(of, _)| vote.groups.iter().find(|group| of.contains(group)));
            let spare = || vote.groups.iter().find(|group| ask.groups.contains(*group));
            Some(approver(vote, own.or_else(spare)?))
        })
        .collect();
    let verdict =
        match wanted.met_by(&approvers, &people::requesters(submission), &submission.barred_authors()) {
            Ok(()) => Verdict::Met,
            Err(_) => Verdict::Missing,
        };
    Tally { progress: progress(ask, &approvers, &seating), approvers, verdict }
}

/// A reviewer's entry in a grant.
pub(super) fn approver(vote: &vote::Row, group: &str) -> Approver {
    Approver {
        iss: vote.who.iss.clone(),
        sub: vote.who.sub.clone(),
        email: vote.who.email.clone(),
        group: group.to_owned(),
        channel: Some(vote.channel.clone()),
        at: vote.at / 1000,
    }
}

fn same_person(one: &vote::Row, other: &vote::Row) -> bool {
    let address = |row: &vote::Row| {
        row.who.email.as_deref().and_then(canonical_email).or_else(|| canonical_email(&row.who.sub))
    };
    one.person == other.person || address(one).is_some_and(|mail| Some(mail) == address(other))
}

fn progress(ask: &QuorumAsk, approvers: &[Approver], seating: &Seating<'_>) -> Progress {
    let required = u32::from(ask.required);
    let approved = u32::try_from(approvers.len()).unwrap_or(u32::MAX);
    let open = seating.seats.iter().filter(|(_, holder)| holder.is_none());
    let mut awaiting: Vec<String> = open.map(|(groups, _)| groups.join(" or ")).collect();
    awaiting.dedup();
    if awaiting.is_empty() && approved < required {
        awaiting.clone_from(&ask.groups);
    }
    Progress { required, approved, awaiting }
}
