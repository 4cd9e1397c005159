//! Grants: honest ones, and every other kind.

use countersign_wire::grant::{Approver, Decision, GrantClaims, GrantPolicy, GrantQuorum, Release};
use countersign_wire::jws::Issuer;
use countersign_wire::names;

use super::{CLIENT, ISSUER, Task, now};

/// How long a grant lives when the filter does not ask for less, in seconds.
const LIFETIME: i64 = 300;

type Edit = Box<dyn FnOnce(&mut GrantClaims) + Send>;
type Forge = Box<dyn FnOnce(&GrantClaims, &Issuer) -> String + Send>;

/// A grant to be signed.
#[derive(Default)]
pub struct Grant {
    edit: Option<Edit>,
    seed: Option<[u8; 32]>,
    forge: Option<Forge>,
}

impl Grant {
    /// What honest reviewers would agree to.
    pub fn honest() -> Self {
        Self::default()
    }

    /// With other claims.
    #[must_use]
    pub fn with(mut self, edit: impl FnOnce(&mut GrantClaims) + Send + 'static) -> Self {
        self.edit = Some(Box::new(edit));
        self
    }

    /// Signed with a key the filter has never heard of.
    #[must_use]
    pub fn by_a_stranger(mut self) -> Self {
        self.seed = Some([66; 32]);
        self
    }

    /// A token of somebody's own making, from the claims and the key of an honest one.
    pub fn forged(forge: impl FnOnce(&GrantClaims, &Issuer) -> String + Send + 'static) -> Self {
        Self { forge: Some(Box::new(forge)), ..Self::default() }
    }

    pub(super) fn issue(self, task: &Task, issuer: &Issuer) -> String {
        let mut claims = honest(task);
        if let Some(edit) = self.edit {
            edit(&mut claims);
        }
        if let Some(forge) = self.forge {
            return forge(&claims, issuer);
        }
        match self.seed {
            None => issuer.sign(names::GRANT_TYP, &claims),
            Some(seed) => Issuer::from_seed(&seed).sign(names::GRANT_TYP, &claims),
        }
    }
}

/// The id of a task's grant.
pub(super) fn grant_id(task: &Task) -> String {
    task.id.replacen("arq_", "apr_", 1)
}

fn honest(task: &Task) -> GrantClaims {
    let submission = &task.submission;
    let description = &submission.context.v1;
    let asked = submission.requested_access.as_ref().and_then(|access| access.grant_seconds);
    let quorum = &description.quorum;
    // One person for each group, and more of the first until there are enough.
    let groups: Vec<String> = match quorum.ways.first() {
        None => quorum.groups.clone(),
        Some(way) => {
            let seats = way.iter().flat_map(|seats| (0..seats.people).map(|_| seats.of.first().cloned()));
            seats.flatten().collect()
        }
    };
    let people = groups.len().max(usize::from(quorum.required)).max(1);
    let first = groups.first().cloned().unwrap_or_default();
    let groups = groups.into_iter().chain(std::iter::repeat(first));
    let now = now();
    let approver = |(number, group): (usize, String)| Approver {
        iss: "https://idp.test".to_owned(),
        sub: format!("reviewer-{number}"),
        email: Some(format!("reviewer-{number}@people.test")),
        group,
        channel: Some("web".to_owned()),
        at: now,
    };
    GrantClaims {
        iss: ISSUER.to_owned(),
        aud: CLIENT.to_owned(),
        iat: now,
        nbf: now,
        exp: now + asked.unwrap_or(LIFETIME).min(LIFETIME),
        jti: grant_id(task),
        tid: task.id.clone(),
        decision: Decision::Approved,
        request_digest: submission.context.request_digest.clone(),
        display_digest: submission.display_digest(),
        masking: description.payload.masking.clone(),
        max_uses: 1,
        binding_context_members: vec![names::REQUEST_DIGEST.to_owned()],
        subject: submission.subject.bound(),
        action: submission.action.bound(),
        resource: submission.resource.bound(),
        actor: submission.client.actor.clone(),
        policy: GrantPolicy {
            id: description.policy.id.clone(),
            rule: description.policy.rule.clone(),
            commit: description.policy.commit.clone(),
            rule_digest: description.policy.rule_digest.clone(),
            digest: description.policy.digest.clone(),
        },
        quorum: GrantQuorum {
            required: quorum.required,
            groups: quorum.groups.clone(),
            distinct: true,
            ways: quorum.ways.clone(),
        },
        break_glass: None,
        approvers: (0..).zip(groups).take(people).map(approver).collect(),
        release: Release { secrets: description.secrets.clone() },
        standing: None,
    }
}
