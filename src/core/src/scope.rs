//! What a held call offers beyond itself, and whether a grant may say that it was given for the same again.
//!
//! The filter keeps no list of standing approvals. It says in each submission what the rule allows and what would have to be
//! the same ([`offer`]), and it takes a grant under a standing approval only within exactly that ([`check`]): a service that
//! counts wrongly or confuses two requests cannot get one out of the proxy here.

use countersign_wire::{
    binding::Binding,
    grant::{GrantClaims, Standing},
    masking::Extent,
    names,
    parties::Entity,
    scope::{Data, Operation, Scope},
    submission::{Dataset, Payload, ScopedAsk, Submission},
};

use crate::{ask::Case, config::Config, now::Now, policy::Offers};

/// What reviewers may agree to beyond this one call. Nothing where the rule does not say so, where the class is always asked
/// for, and where the body could not be read: nobody knows then what "the same" would be.
pub(crate) fn offer(
    case: &Case<'_>,
    binding: &Binding,
    payload: &Payload,
    config: &Config,
) -> Option<ScopedAsk> {
    let action = &case.held.action;
    let scoped =
        case.held.terms.scoped.as_ref().filter(|scoped| scoped.offers(action.class) == Offers::Yes)?;
    let read = payload.size == 0
        || payload
            .masking
            .as_ref()
            .is_some_and(|masking| masking.shown != Extent::Nothing && masking.not_understood == 0);
    let seconds = i64::try_from(scoped.for_ms / 1000).ok()?;
    let sets = |sets: &[Dataset]| sets.to_vec();
    let data = Data {
        resource: Entity::new(action.resource.kind.clone(), action.resource.id.clone()),
        reads: sets(&action.reads),
        writes: sets(&action.writes),
    };
    let operation =
        Operation { protocol: action.protocol.as_str(), service: &action.service, name: &action.operation };
    let scope = Scope { binding, actor: &case.requester.actor, operation };
    read.then(|| ScopedAsk { uses: scoped.uses, seconds, digest: scope.digest(&data, &config.binding) })
}

/// Whether the claim `standing` of a grant is within what `sent` offered. A grant without one was decided by people for this
/// very request.
pub(crate) fn check(claims: &GrantClaims, sent: &Submission, now: Now) -> Result<(), &'static str> {
    let Some(standing) = &claims.standing else { return Ok(()) };
    let offered = sent.requested_access.as_ref().and_then(|access| access.scoped.as_ref());
    let Some(offered) = offered else { return Err("standing") };
    let Standing { id, number, uses, since, until, first, scope } = standing;
    let named = names::is_task_id(id) && names::is_task_id(first) && *first != claims.tid;
    let counted = (2..=*uses).contains(number) && *uses <= offered.uses;
    let lasts = until.saturating_sub(*since);
    let timed = (1..=offered.seconds).contains(&lasts)
        && *since <= claims.iat
        && claims.exp <= *until
        && now.unix_s() < until.saturating_add(names::SKEW_S)
        // Whoever agreed to the same again did so before it was used.
        && claims.approvers.iter().all(|approver| approver.at <= *since);
    match (scope == &offered.digest, named, counted, timed) {
        (true, true, true, true) => Ok(()),
        (false, _, _, _) => Err("standing.scope"),
        (_, false, _, _) => Err("standing"),
        (_, _, false, _) => Err("standing.use"),
        (_, _, _, false) => Err("standing.until"),
    }
}

#[cfg(test)]
mod tests;
