//! When enough people agreed: every rule's demand is a number of different people and one or more *ways*, each a list of
//! seats. It is met when so many different people approved and all seats of one way can be taken, each by somebody else.
//!
//! Promises: what it answers is what trying every assignment would answer; nobody takes two seats, under whatever accounts;
//! a vote for a group that is not named counts for nothing. It does not know who is in which group: the service does.

use serde::{Deserialize, Serialize};

use super::{Requesters, canonical_email, may_be_same};
use crate::grant::Approver;

/// The most people that a way may want.
pub const MOST_PEOPLE: u8 = 10;
/// The most ways that are looked at.
pub const MOST_WAYS: usize = 64;

/// So many different people, each of whom is in one of these groups.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seats {
    /// How many people.
    pub people: u8,
    /// The groups, any of which each of them stands for; sorted.
    pub of: Vec<String>,
}

/// One way in which it is enough: all of these seats, each taken by somebody else.
pub type Way = Vec<Seats>;

/// What a rule wants of its reviewers.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'q> {
    /// Different people.
    pub required: u8,
    /// The groups that count.
    pub groups: &'q [String],
    /// The ways in which it is enough; where there is none, one seat for each of `groups`.
    pub ways: &'q [Way],
}

/// Who takes which seat of the way that has come furthest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seating<'q> {
    /// Each seat: its groups, and the number of the person who takes it.
    pub seats: Vec<(&'q [String], Option<usize>)>,
}

impl Seating<'_> {
    /// Seats that nobody takes.
    pub fn empty(&self) -> usize {
        self.seats.iter().filter(|(_, person)| person.is_none()).count()
    }
}

/// Why the people named do not suffice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuorumFault {
    /// One of those who asked is among them.
    #[error("a requester is among the approvers")]
    SelfApproval,
    /// One of those who wrote the policy is among them, and the rule forbids that.
    #[error("an author of the policy is among the approvers")]
    PolicyAuthor,
    /// Not enough different people.
    #[error("{found} of {required} distinct people approved")]
    TooFew {
        /// Different people found.
        found: usize,
        /// Required.
        required: u8,
    },
    /// The groups cannot each be given a person of their own.
    #[error("no assignment gives every group a different approver")]
    Groups,
    /// Somebody decided alone who may not.
    #[error("the glass was broken by other people than one of a group that may")]
    BreakGlass,
}

/// Whether `approvers` satisfy a rule that wants `required` distinct people and every one of `groups` represented by a
/// different one of them. A vote for a group that is not listed counts for nothing.
///
/// # Errors
/// What is missing, as a [`QuorumFault`].
pub fn quorum(
    approvers: &[Approver],
    required: u8,
    groups: &[String],
    requesters: &Requesters,
) -> Result<(), QuorumFault> {
    Wanted { required, groups, ways: &[] }.met_by(approvers, requesters, &Requesters::default())
}

impl<'q> Wanted<'q> {
    /// Whether these people are enough. `authors` wrote the policy, where the rule keeps them from reviewing.
    ///
    /// # Errors
    /// What is missing, as a [`QuorumFault`].
    pub fn met_by(
        &self,
        approvers: &[Approver],
        requesters: &Requesters,
        authors: &Requesters,
    ) -> Result<(), QuorumFault> {
        none_of(approvers, requesters, authors)?;
        let counted: Vec<&Approver> = approvers.iter().filter(|a| self.groups.contains(&a.group)).collect();
        let people = collapse(&counted);
        let mut distinct = people.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() < usize::from(self.required.max(1)) {
            return Err(QuorumFault::TooFew { found: distinct.len(), required: self.required });
        }
        let of = |groups: &[String]| {
            let stands = counted.iter().zip(&people).filter(|(a, _)| groups.contains(&a.group));
            stands.map(|(_, person)| *person).collect()
        };
        if self.seating(&of).empty() == 0 { Ok(()) } else { Err(QuorumFault::Groups) }
    }

    /// Seats people in the way that comes furthest. `of` names the people who may take a seat of these groups, the first
    /// ones preferred.
    pub fn seating(&self, of: &dyn Fn(&[String]) -> Vec<usize>) -> Seating<'q> {
        let (groups, ways) = (self.groups, self.ways);
        if ways.is_empty() {
            return seat(groups.iter().map(std::slice::from_ref).collect(), of);
        }
        let all = ways.iter().take(MOST_WAYS).map(|way| seat(seats(way), of));
        all.min_by_key(Seating::empty).unwrap_or(Seating { seats: vec![(&[], None)] })
    }

    /// The fewest people that any way wants.
    pub fn least(&self) -> usize {
        let size = |way: &Way| way.iter().map(|seats| usize::from(seats.people)).sum();
        self.ways.iter().map(size).min().unwrap_or(self.groups.len())
    }

    /// The demand in words: `data-owners + security`, or `1 of platform or security + 2 of data-owners`.
    pub fn words(&self) -> String {
        if self.ways.is_empty() {
            return self.groups.join(" + ");
        }
        let one = |seats: &Seats| match (seats.people, seats.of.as_slice()) {
            (1, [group]) => group.clone(),
            (people, groups) => format!("{people} of {}", groups.join(" or ")),
        };
        let way = |way: &Way| way.iter().map(one).collect::<Vec<_>>().join(" + ");
        self.ways.iter().map(way).collect::<Vec<_>>().join(", or ")
    }
}

/// Whether one person decided alone who may: one of `groups`, and nobody who asks or is kept from it.
///
/// # Errors
/// Why not, as a [`QuorumFault`].
pub fn alone(
    approvers: &[Approver],
    groups: &[String],
    requesters: &Requesters,
    authors: &Requesters,
) -> Result<(), QuorumFault> {
    none_of(approvers, requesters, authors)?;
    match approvers {
        [one] if groups.contains(&one.group) => Ok(()),
        _ => Err(QuorumFault::BreakGlass),
    }
}

fn none_of(approvers: &[Approver], requesters: &Requesters, authors: &Requesters) -> Result<(), QuorumFault> {
    let among = |people: &Requesters| approvers.iter().any(|a| people.include(&a.sub, a.email.as_deref()));
    match (among(requesters), among(authors)) {
        (true, _) => Err(QuorumFault::SelfApproval),
        (false, true) => Err(QuorumFault::PolicyAuthor),
        (false, false) => Ok(()),
    }
}

/// Every single seat of a way; of one that wants more people than a rule may, a seat that nobody can take.
fn seats(way: &Way) -> Vec<&[String]> {
    if way.iter().map(|seats| usize::from(seats.people)).sum::<usize>() > usize::from(MOST_PEOPLE) {
        return vec![&[]];
    }
    way.iter().flat_map(|seats| std::iter::repeat_n(seats.of.as_slice(), usize::from(seats.people))).collect()
}

/// One number per entry; entries of the same person, by (iss, sub) or by e-mail address, get the same one.
fn collapse(entries: &[&Approver]) -> Vec<usize> {
    let mails: Vec<Option<String>> = entries
        .iter()
        .map(|a| a.email.as_deref().and_then(canonical_email).or_else(|| canonical_email(&a.sub)))
        .collect();
    let mut person: Vec<usize> = (0..entries.len()).collect();
    for (i, (a, mail_a)) in entries.iter().zip(&mails).enumerate() {
        for (j, (b, mail_b)) in entries.iter().zip(&mails).enumerate().skip(i + 1) {
            let same = (a.iss == b.iss && a.sub == b.sub)
                || matches!((mail_a, mail_b), (Some(a), Some(b)) if may_be_same(a, b));
            if let (true, Some(&from), Some(&to)) = (same, person.get(j), person.get(i)) {
                person.iter_mut().filter(|p| **p == from).for_each(|p| *p = to);
            }
        }
    }
    person
}

/// Gives as many seats as possible a person of their own: bipartite matching by augmenting paths.
fn seat<'q>(seats: Vec<&'q [String]>, of: &dyn Fn(&[String]) -> Vec<usize>) -> Seating<'q> {
    let candidates: Vec<Vec<usize>> = seats.iter().map(|groups| of(groups)).collect();
    let mut taken: Vec<Option<usize>> = vec![None; seats.len()];
    for seat in 0..seats.len() {
        place(seat, &candidates, &mut taken, &mut Vec::new());
    }
    Seating { seats: seats.into_iter().zip(taken).collect() }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Placed {
    No,
    Yes,
}

/// Finds somebody for a seat, moving others to another of their seats where that helps.
fn place(
    seat: usize,
    candidates: &[Vec<usize>],
    taken: &mut [Option<usize>],
    tried: &mut Vec<usize>,
) -> Placed {
    for &person in candidates.get(seat).map_or(&[][..], Vec::as_slice) {
        if tried.contains(&person) {
            continue;
        }
        tried.push(person);
        let free = match taken.iter().position(|holder| *holder == Some(person)) {
            None => Placed::Yes,
            Some(other) => place(other, candidates, taken, tried),
        };
        if let (Placed::Yes, Some(slot)) = (free, taken.get_mut(seat)) {
            *slot = Some(person);
            return Placed::Yes;
        }
    }
    Placed::No
}

#[cfg(test)]
mod tests;
