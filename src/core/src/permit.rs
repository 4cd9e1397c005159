//! The right to let a held call leave, as a value.
//!
//! A [`Grant`] is a signed decision that was compared, claim by claim, with what *this* filter is about to send under the
//! policy *it* has loaded. It redeems nothing yet. A [`Permit`] exists only once the service has acknowledged, over its
//! own signature, that this grant is used up by this redeem and that the releasing record is durable. Whoever sits on the
//! network path, the service's own host included, can withhold both and forge neither.

use crate::{ask::Ask, config::Config, now::Now, replay::Attempt, scope};
use countersign_wire::{
    grant::{Decision, GrantClaims},
    jws::JwsFault,
    names,
    people::{QuorumFault, alone},
    record::Record,
    task::{Approval, Task},
};

/// Proof that a held call may leave. Only [`Permit::from_grant`] makes one.
#[derive(Debug, PartialEq, Eq)]
pub struct Permit(());

/// A signed decision that fits the call, not used yet.
#[derive(Clone, Debug)]
pub struct Grant {
    approval: Approval,
    claims: GrantClaims,
}

/// Why a decision, or a receipt, is worth nothing here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantFault {
    /// There is none.
    #[error("the task is approved but carries no grant to redeem")]
    Missing,
    /// The token itself.
    #[error("{0}")]
    Token(#[from] JwsFault),
    /// A claim that is not what was sent or loaded.
    #[error("the claim `{0}` is not what this filter expects")]
    Claim(&'static str),
    /// Not valid at this time.
    #[error("the token is not valid at this time")]
    Time,
    /// Not the people the rule asks for.
    #[error("{0}")]
    Quorum(#[from] QuorumFault),
}

impl GrantFault {
    /// The word for records: `expired` is the one fault that time alone explains.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "grant_missing",
            Self::Token(_) => "grant_token",
            Self::Claim(_) => "grant_claim",
            Self::Time => "grant_time",
            Self::Quorum(QuorumFault::SelfApproval) => "self_approval",
            Self::Quorum(QuorumFault::PolicyAuthor) => "policy_author",
            Self::Quorum(QuorumFault::BreakGlass) => "break_glass",
            Self::Quorum(QuorumFault::TooFew { .. } | QuorumFault::Groups) => "grant_quorum",
        }
    }
}

impl Grant {
    /// Verifies the grant of an approved task, in the order of protocol 1.5.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn verify(task: &Task, ask: &Ask, config: &Config, now: Now) -> Result<Self, GrantFault> {
        let result = task.result.as_ref().ok_or(GrantFault::Missing)?;
        let approval = result.approval.as_ref().ok_or(GrantFault::Missing)?;
        let claims = config.jwks.grant(&approval.state)?;
        let expect =
            |holds: bool, claim: &'static str| if holds { Ok(()) } else { Err(GrantFault::Claim(claim)) };
        expect(result.mode.as_deref() == Some("reevaluate"), "result.mode")?;
        addressed(&claims.iss, &claims.aud, config)?;
        let lifetime = claims.exp.saturating_sub(claims.iat);
        let longest = i64::try_from(ask.terms.grant_ms / 1000).unwrap_or(i64::MAX).min(names::MAX_GRANT_S);
        expect((1..=longest).contains(&lifetime), "exp")?;
        if !within(now, claims.iat.max(claims.nbf), claims.exp) {
            return Err(GrantFault::Time);
        }
        let sent = &ask.submission;
        expect(claims.decision == Decision::Approved, "decision")?;
        expect(claims.request_digest == ask.request_digest, "request_digest")?;
        let (rule, loaded) = (&claims.policy, &sent.context.v1.policy);
        let same_rule =
            rule.id == loaded.id && rule.rule == loaded.rule && rule.rule_digest == loaded.rule_digest;
        expect(same_rule, "policy")?;
        expect(claims.tid == task.id, "tid")?;
        expect(claims.subject == sent.subject.bound(), "subject")?;
        expect(claims.action == sent.action.bound(), "action")?;
        expect(claims.resource == sent.resource.bound(), "resource")?;
        expect(claims.actor == sent.client.actor, "actor")?;
        expect(claims.display_digest == ask.display_digest, "display_digest")?;
        let masking = &claims.masking;
        let sent_masking = &sent.context.v1.payload.masking;
        let agrees = masking.as_ref().zip(sent_masking.as_ref()).is_some_and(|(a, b)| a.agrees(b));
        expect(masking.is_none() || agrees, "masking")?;
        expect(claims.max_uses == 1, "max_uses")?;
        let bound = [names::REQUEST_DIGEST];
        expect(claims.binding_context_members == bound, "binding_context_members")?;
        expect(approval.id == claims.jti && names::is_task_id(&claims.jti), "jti")?;
        let secrets = &sent.context.v1.secrets;
        expect(secrets.iter().all(|name| claims.release.secrets.contains(name)), "release.secrets")?;
        let wanted = &ask.terms.quorum;
        scope::check(&claims, sent, now).map_err(GrantFault::Claim)?;
        // Nobody agrees alone to the same again.
        expect(claims.break_glass.is_none() || claims.standing.is_none(), "break_glass")?;
        match claims.break_glass {
            // What the grant says is worth nothing: this filter's own rule must allow it.
            Some(_) => alone(&claims.approvers, &wanted.break_glass, &ask.requesters, &ask.authors)?,
            None => wanted.wanted().met_by(&claims.approvers, &ask.requesters, &ask.authors)?,
        }
        Ok(Self { approval: approval.clone(), claims })
    }

    /// Whether a denial is signed as a decision on this very task and request.
    ///
    /// # Errors
    /// What is wrong with it. It still denies.
    pub fn verify_denial(task: &Task, ask: &Ask, config: &Config) -> Result<GrantClaims, GrantFault> {
        let denial = task.result.as_ref().and_then(|result| result.denial.as_ref());
        let token = denial.and_then(|denial| denial.state.as_deref()).ok_or(GrantFault::Missing)?;
        let claims = config.jwks.grant(token)?;
        let expect =
            |holds: bool, claim: &'static str| if holds { Ok(()) } else { Err(GrantFault::Claim(claim)) };
        addressed(&claims.iss, &claims.aud, config)?;
        expect(claims.decision == Decision::Denied, "decision")?;
        expect(claims.request_digest == ask.request_digest, "request_digest")?;
        expect(claims.tid == task.id, "tid")?;
        Ok(claims)
    }

    /// The grant's id.
    pub fn jti(&self) -> &str {
        &self.claims.jti
    }

    /// What the service is sent back, unchanged.
    pub fn approval(&self) -> &Approval {
        &self.approval
    }

    /// The verified claims.
    pub fn claims(&self) -> &GrantClaims {
        &self.claims
    }
}

impl Permit {
    /// Checks a receipt against the grant it is for, and the redeem and record that were sent.
    ///
    /// # Errors
    /// The first check that fails; then nothing may leave.
    pub fn from_grant(
        grant: &Grant,
        attempt: &Attempt,
        receipt: &str,
        config: &Config,
        now: Now,
    ) -> Result<Self, GrantFault> {
        let claims = config.jwks.receipt(receipt)?;
        let expect =
            |holds: bool, claim: &'static str| if holds { Ok(()) } else { Err(GrantFault::Claim(claim)) };
        addressed(&claims.iss, &claims.aud, config)?;
        let lifetime = claims.exp.saturating_sub(claims.iat);
        expect((1..=names::MAX_RECEIPT_S).contains(&lifetime), "exp")?;
        if !within(now, claims.iat, claims.exp) {
            return Err(GrantFault::Time);
        }
        expect(claims.jti == grant.claims.jti, "jti")?;
        expect(claims.request_digest == grant.claims.request_digest, "request_digest")?;
        expect(claims.nonce == attempt.nonce, "nonce")?;
        let sent = Record::read(attempt.record.as_bytes(), 0).map_err(|_| GrantFault::Claim("audit"))?;
        expect(claims.audit == *sent.name(), "audit")?;
        Ok(Self(()))
    }
}

fn addressed(iss: &str, aud: &str, config: &Config) -> Result<(), GrantFault> {
    if iss != config.issuer {
        return Err(GrantFault::Claim("iss"));
    }
    if aud != config.client_id {
        return Err(GrantFault::Claim("aud"));
    }
    Ok(())
}

/// Whether `now` lies in `[from, until)`, give or take the skew two clocks may have.
fn within(now: Now, from: i64, until: i64) -> bool {
    let seconds = now.unix_s();
    seconds >= from.saturating_sub(names::SKEW_S) && seconds < until.saturating_add(names::SKEW_S)
}
