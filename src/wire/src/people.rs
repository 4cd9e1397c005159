//! Who counts as which person, who may not decide, and when enough people agreed (protocol 1.9 and part 4, people).
//!
//! Both ends run this: the service before it counts a vote, and the filter again over the grant, so that a service that
//! was talked into something gains nothing.

use crate::{
    grant::Approver,
    parties::{Actor, Entity},
};

/// The form in which two e-mail addresses are compared: NFKC, lower case, plus-tag dropped. `None` where `text` is no
/// address. Used only to block and to collapse people, never to authorise.
pub fn canonical_email(text: &str) -> Option<String> {
    let folded = fold(text.trim());
    let (local, domain) = folded.rsplit_once('@')?;
    let local = local.split('+').next().unwrap_or_default();
    let domain = domain.trim_end_matches('.');
    (!local.is_empty() && !domain.is_empty()).then(|| format!("{local}@{domain}"))
}

#[cfg(feature = "unicode")]
fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// Without the tables, every address that is not ASCII becomes the same one: two that cannot be compared may be the same
/// person, so each blocks the other. (A full-width at sign makes an address, too.)
#[cfg(not(feature = "unicode"))]
fn fold(text: &str) -> String {
    let has_at = text.contains(['@', '\u{fe6b}', '\u{ff20}']);
    match (text.is_ascii(), has_at) {
        (true, _) | (false, false) => text.to_ascii_lowercase(),
        (false, true) => UNCOMPARABLE.to_owned(),
    }
}

/// What stands for every address that this build cannot compare.
const UNCOMPARABLE: &str = "not-ascii@not-ascii";

/// Everybody who asks: the workload, the agent, and every human and service behind it.
#[derive(Clone, Debug, Default)]
pub struct Requesters {
    names: Vec<String>,
    emails: Vec<String>,
}

impl Requesters {
    /// The requester set of a task.
    pub fn of(subject: &Entity, actor: &Actor) -> Self {
        let names = [subject.id.as_str(), actor.id.as_str()].into_iter();
        let names: Vec<String> =
            names.chain(actor.chain().map(|act| act.sub.as_str())).map(str::to_owned).collect();
        let emails = names.iter().filter_map(|name| canonical_email(name)).collect();
        Self { names, emails }
    }

    /// Whether this person is one of those who ask. The issuer does not matter: a name that occurs among the requesters
    /// blocks whoever vouches for it.
    pub fn include(&self, sub: &str, email: Option<&str>) -> bool {
        let same_name = self.names.iter().any(|name| name == sub);
        let addresses = [canonical_email(sub), email.and_then(canonical_email)];
        same_name
            || addresses
                .iter()
                .flatten()
                .any(|address| self.emails.iter().any(|known| may_be_same(known, address)))
    }
}

/// Whether two canonical addresses may be of one person: they are the same, or one of them cannot be compared here.
fn may_be_same(one: &str, other: &str) -> bool {
    one == other || one == UNCOMPARABLE || other == UNCOMPARABLE
}

/// Why the people named do not suffice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuorumFault {
    /// One of those who asked is among them.
    #[error("a requester is among the approvers")]
    SelfApproval,
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
    if approvers.iter().any(|a| requesters.include(&a.sub, a.email.as_deref())) {
        return Err(QuorumFault::SelfApproval);
    }
    let counted: Vec<&Approver> = approvers.iter().filter(|a| groups.contains(&a.group)).collect();
    let people = collapse(&counted);
    let mut distinct = people.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < usize::from(required.max(1)) {
        return Err(QuorumFault::TooFew { found: distinct.len(), required });
    }
    let candidates: Vec<Vec<usize>> = groups
        .iter()
        .map(|group| {
            counted.iter().zip(&people).filter(|(a, _)| a.group == *group).map(|(_, p)| *p).collect()
        })
        .collect();
    if covers(&candidates) { Ok(()) } else { Err(QuorumFault::Groups) }
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

/// Whether every list can be given a number of its own: bipartite matching by augmenting paths.
fn covers(candidates: &[Vec<usize>]) -> bool {
    let mut owner: Vec<(usize, usize)> = Vec::new(); // (person, list)
    (0..candidates.len()).all(|list| augment(list, candidates, &mut owner, &mut Vec::new()))
}

fn augment(
    list: usize,
    candidates: &[Vec<usize>],
    owner: &mut Vec<(usize, usize)>,
    seen: &mut Vec<usize>,
) -> bool {
    for &person in candidates.get(list).map_or(&[][..], Vec::as_slice) {
        if seen.contains(&person) {
            continue;
        }
        seen.push(person);
        match owner.iter().position(|(taken, _)| *taken == person) {
            None => {
                owner.push((person, list));
                return true;
            }
            Some(at) => {
                let other = owner.get(at).map_or(list, |(_, other)| *other);
                if augment(other, candidates, owner, seen) {
                    // `other` found somebody else and was pushed anew; its old entry becomes this list's.
                    if let Some(entry) = owner.get_mut(at) {
                        *entry = (person, list);
                    }
                    return true;
                }
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::parties::Act;

    fn yes(sub: &str, group: &str) -> Approver {
        let (iss, group) = ("https://idp.example.com".into(), group.into());
        Approver { iss, sub: sub.into(), email: None, group, channel: None, at: 0 }
    }

    fn groups(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn nobody() -> Requesters {
        Requesters::default()
    }

    #[test]
    fn one_human_in_two_groups_is_one_human() {
        let twice = [yes("bob", "a"), yes("bob", "b")];
        assert_eq!(
            quorum(&twice, 2, &groups(&["a", "b"]), &nobody()),
            Err(QuorumFault::TooFew { found: 1, required: 2 })
        );
        assert_eq!(quorum(&twice, 1, &groups(&["a", "b"]), &nobody()), Err(QuorumFault::Groups));
    }

    #[test]
    fn two_accounts_with_one_mailbox_are_one_human() {
        let mut pair = [yes("bob", "a"), yes("b0b", "a")];
        pair[0].email = Some("Bob+work@Example.com".into());
        pair[1].email = Some("bob@example.com".into());
        assert!(quorum(&pair, 2, &groups(&["a"]), &nobody()).is_err());
        pair[1].email = Some("carol@example.com".into());
        assert_eq!(quorum(&pair, 2, &groups(&["a"]), &nobody()), Ok(()));
    }

    #[test]
    fn an_assignment_is_found_where_there_is_one() {
        // bob can do a or b, carol only a, dave b or c: a=carol, b=bob, c=dave.
        let votes = [yes("bob", "a"), yes("bob", "b"), yes("carol", "a"), yes("dave", "b"), yes("dave", "c")];
        assert_eq!(quorum(&votes, 3, &groups(&["a", "b", "c"]), &nobody()), Ok(()));
        assert_eq!(quorum(&votes[..4], 3, &groups(&["a", "b", "c"]), &nobody()), Err(QuorumFault::Groups));
    }

    #[test]
    fn a_vote_for_another_group_counts_for_nothing() {
        assert!(quorum(&[yes("bob", "friends")], 1, &groups(&["security"]), &nobody()).is_err());
        assert!(quorum(&[], 0, &groups(&[]), &nobody()).is_err());
    }

    #[test]
    fn no_requester_ever_counts_as_a_reviewer() {
        let act = Act { sub: "alice@example.com".into(), iss: Some("https://idp".into()), act: None };
        let deeper = Act { sub: "00u-root".into(), iss: None, act: Some(Box::new(act)) };
        let actor = Actor { id: "report-bot".into(), kind: None, issuer: None, act: Some(deeper) };
        let requesters = Requesters::of(&Entity::new("workload", "spiffe://p/sa/bot"), &actor);
        for (sub, email) in [
            ("spiffe://p/sa/bot", None),
            ("report-bot", None),
            ("00u-root", None),
            ("alice@example.com", None),
            ("00u-9", Some("ALICE@Example.COM")),
            ("00u-9", Some("alice+approver@example.com")),
            ("00u-9", Some("ａlice@example.com")),
            ("Alice@example.com.", None),
        ] {
            assert!(requesters.include(sub, email), "{sub} {email:?}");
            let mut vote = yes(sub, "security");
            vote.email = email.map(str::to_owned);
            let outcome = quorum(&[vote, yes("bob", "security")], 1, &groups(&["security"]), &requesters);
            assert_eq!(outcome, Err(QuorumFault::SelfApproval));
        }
        assert!(!requesters.include("bob", Some("bob@example.com")));
    }
}
