//! Who counts as which person, who may not decide, and when enough people agreed (protocol 1.9 and part 4, people).
//!
//! Both ends run this: the service before it counts a vote, and the filter again over the grant, so that a service that
//! was talked into something gains nothing.
//!
//! A rule that only lists groups is asked for as it always was. What goes beyond travels in members that are absent
//! otherwise: in the submission's `quorum` the `ways` (each a list of `{people, of}`), `separation` and `break_glass`, with
//! `policy.authors`; in the actor `urn:countersign:owners` and `urn:countersign:triggered_by`, which a grant repeats with the
//! rest of the actor; and in a grant by one person alone `urn:countersign:break_glass` with `review_by`. A service that knows
//! none of them asks at least one person of each group, which the filter then counts by its own rule: it may find too few, and
//! never takes fewer. `last_approver` is the one demand that a filter cannot check.

mod quorum;

pub use quorum::{MOST_PEOPLE, MOST_WAYS, QuorumFault, Seating, Seats, Wanted, Way, alone, quorum};
use serde::{Deserialize, Serialize};

use crate::parties::{Actor, Entity};

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

/// Everybody who asks: the workload, the agent, every human and service behind it, who owns the agent, and who started the
/// run.
#[derive(Clone, Debug, Default)]
pub struct Requesters {
    names: Vec<String>,
    emails: Vec<String>,
}

impl Requesters {
    /// The requester set of a task.
    pub fn of(subject: &Entity, actor: &Actor) -> Self {
        let behind = actor.chain().chain(&actor.owners).chain(&actor.triggered_by).map(|act| &act.sub);
        Self::named([&subject.id, &actor.id].into_iter().chain(behind))
    }

    /// A set of people by their names or addresses, such as those who wrote a policy.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a String>) -> Self {
        let names: Vec<String> = names.into_iter().cloned().collect();
        let emails = names.iter().filter_map(|name| canonical_email(name)).collect();
        Self { names, emails }
    }

    /// Whether this person is one of them. The issuer does not matter: a name that occurs among the requesters
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

/// Whom a rule keeps from reviewing, besides those who ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Separation {
    /// Whoever wrote the policy that asks. Both ends see to it.
    PolicyAuthor,
    /// Whoever approved the last request of this subject under this rule. The service alone can see to it.
    LastApprover,
}

impl Separation {
    /// The word in documents and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PolicyAuthor => "policy_author",
            Self::LastApprover => "last_approver",
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{grant::Approver, parties::Act};

    fn act(sub: &str, behind: Option<Act>) -> Act {
        Act { sub: sub.into(), iss: Some("https://idp".into()), act: behind.map(Box::new) }
    }

    #[test]
    fn no_requester_ever_counts_as_a_reviewer() {
        let chain = act("00u-root", Some(act("alice@example.com", None)));
        let actor = Actor {
            id: "report-bot".into(),
            act: Some(chain),
            owners: vec![act("olga@example.com", None), act("00u-team", None)],
            triggered_by: vec![act("trudy@example.com", None)],
            ..Actor::default()
        };
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
            ("00u-team", None),
            ("00u-9", Some("Olga@example.com")),
            ("00u-9", Some("trudy+ci@example.com")),
            ("trudy@example.com", None),
        ] {
            assert!(requesters.include(sub, email), "{sub} {email:?}");
            let yes = |sub: &str| Approver {
                iss: "https://idp.example.com".into(),
                sub: sub.into(),
                email: None,
                group: "security".into(),
                channel: None,
                at: 0,
            };
            let mut vote = yes(sub);
            vote.email = email.map(str::to_owned);
            let outcome = quorum(&[vote, yes("bob")], 1, &["security".to_owned()], &requesters);
            assert_eq!(outcome, Err(QuorumFault::SelfApproval));
        }
        assert!(!requesters.include("bob", Some("bob@example.com")));
    }
}
