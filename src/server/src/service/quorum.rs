//! Which vote counts for which group, and whether that is enough. Each person counts once, for one group.

use countersign_wire::{
    grant::Approver,
    people::{Requesters, canonical_email, quorum},
    submission::{QuorumAsk, Submission},
};

use super::{Choice, Progress};
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
            Choice::Approve | Choice::Deny | Choice::Ask => {}
        }
    }
    let candidates: Vec<&[String]> = people.iter().map(|vote| vote.groups.as_slice()).collect();
    let assigned = assign(&ask.groups, &candidates);
    let approvers: Vec<Approver> = people
        .iter()
        .enumerate()
        .filter_map(|(person, vote)| {
            let own = assigned
                .iter()
                .zip(&ask.groups)
                .find(|(holder, _)| **holder == Some(person))
                .map(|(_, group)| group);
            let spare = || vote.groups.iter().find(|group| ask.groups.contains(*group));
            Some(approver(vote, own.or_else(spare)?))
        })
        .collect();
    let requesters = Requesters::of(&submission.subject, &submission.client.actor);
    let verdict = match quorum(&approvers, ask.required, &ask.groups, &requesters) {
        Ok(()) => Verdict::Met,
        Err(_) => Verdict::Missing,
    };
    Tally { progress: progress(ask, &approvers, &assigned), approvers, verdict }
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

fn progress(ask: &QuorumAsk, approvers: &[Approver], assigned: &[Option<usize>]) -> Progress {
    let required = u32::from(ask.required);
    let approved = u32::try_from(approvers.len()).unwrap_or(u32::MAX);
    let mut awaiting: Vec<String> = assigned
        .iter()
        .zip(&ask.groups)
        .filter(|(holder, _)| holder.is_none())
        .map(|(_, group)| group.clone())
        .collect();
    if awaiting.is_empty() && approved < required {
        awaiting.clone_from(&ask.groups);
    }
    Progress { required, approved, awaiting }
}

/// Gives as many groups as possible a person of their own: for each group, the person who stands for it.
fn assign(groups: &[String], people: &[&[String]]) -> Vec<Option<usize>> {
    let mut holder: Vec<Option<usize>> = vec![None; groups.len()];
    for person in 0..people.len() {
        place(person, groups, people, &mut holder, &mut vec![Tried::No; groups.len()]);
    }
    holder
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tried {
    No,
    Yes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Placed {
    No,
    Yes,
}

/// Finds a group for `person`, moving others to another of their groups where that helps.
fn place(
    person: usize,
    groups: &[String],
    people: &[&[String]],
    holder: &mut [Option<usize>],
    tried: &mut [Tried],
) -> Placed {
    let Some(own) = people.get(person) else { return Placed::No };
    for (at, group) in groups.iter().enumerate() {
        let Some(slot) = tried.get_mut(at) else { continue };
        if *slot == Tried::Yes || !own.contains(group) {
            continue;
        }
        *slot = Tried::Yes;
        let free = match holder.get(at).copied().flatten() {
            None => Placed::Yes,
            Some(other) => place(other, groups, people, holder, tried),
        };
        if let (Placed::Yes, Some(seat)) = (free, holder.get_mut(at)) {
            *seat = Some(person);
            return Placed::Yes;
        }
    }
    Placed::No
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assigned(groups: &[&str], people: &[&[&str]]) -> Vec<Option<usize>> {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let people: Vec<Vec<String>> = people.iter().map(|names| own(names)).collect();
        let people: Vec<&[String]> = people.iter().map(Vec::as_slice).collect();
        assign(&own(groups), &people)
    }

    #[test]
    fn a_person_of_two_groups_makes_room_for_one_of_a_single_group() {
        assert_eq!(assigned(&["a", "b"], &[&["a", "b"], &["a"]]), [Some(1), Some(0)]);
        assert_eq!(
            assigned(&["a", "b", "c"], &[&["a", "b"], &["a"], &["b", "c"]]),
            [Some(1), Some(0), Some(2)]
        );
    }

    #[test]
    fn one_person_never_stands_for_two_groups() {
        assert_eq!(assigned(&["a", "b"], &[&["a", "b"]]), [Some(0), None]);
    }
}
