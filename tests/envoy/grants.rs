//! Grants that are not what they should be, from a service that was talked into something or is an attacker's own. Nothing
//! but an honest grant for exactly this request releases it, and a bad one is never even redeemed.

use std::thread;

use anyhow::{Result, ensure};
use countersign_tests::backend::{Grant, Step};
use countersign_tests::setting::host;
use countersign_wire::grant::{Decision, GrantClaims};

use crate::shared::{A_WHILE, export, shared, works};

fn refused(grant: Grant) -> Result<()> {
    let setting = shared()?;
    let host = host("held.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    setting.backend.grant(&task, grant)?;
    let answer = held.answer()?;
    ensure!(answer.status == 403, "the agent was told {} {}", answer.status, answer.text());
    thread::sleep(A_WHILE);
    ensure!(setting.upstream.count(&host) == 0, "a request left on a bad grant");
    ensure!(setting.backend.asked(&host, Step::Redeem).is_empty(), "a bad grant was redeemed");
    Ok(())
}

fn refused_with(edit: fn(&mut GrantClaims)) -> Result<()> {
    refused(Grant::honest().with(edit))
}

#[test]
fn an_honest_grant_releases_what_was_asked() -> Result<()> {
    works(&*shared()?, &host("held.test"))
}

#[test]
fn a_grant_by_a_stranger_permits_nothing() -> Result<()> {
    refused(Grant::honest().by_a_stranger())
}

#[test]
fn a_grant_for_another_request_permits_nothing() -> Result<()> {
    refused_with(|claims| {
        claims.request_digest = "hmac-sha-256:bk1:UkCGLkmvayI1RhKGl7vVpBMRLsxA-0IU1BdHapAYkJc".to_owned();
    })
}

#[test]
fn an_expired_grant_permits_nothing() -> Result<()> {
    refused_with(|claims| {
        claims.iat -= 200;
        claims.nbf -= 200;
        claims.exp = claims.iat + 100;
    })
}

#[test]
fn a_grant_of_tomorrow_permits_nothing() -> Result<()> {
    refused_with(|claims| {
        claims.nbf += 3600;
        claims.exp += 3600;
    })
}

#[test]
fn a_grant_that_lives_too_long_permits_nothing() -> Result<()> {
    refused_with(|claims| claims.exp += 24 * 60 * 60)
}

#[test]
fn a_grant_for_another_filter_permits_nothing() -> Result<()> {
    refused_with(|claims| claims.aud = "urn:countersign:pep:other".to_owned())
}

#[test]
fn a_grant_of_another_service_permits_nothing() -> Result<()> {
    refused_with(|claims| claims.iss = "https://evil.test".to_owned())
}

#[test]
fn a_grant_of_another_task_permits_nothing() -> Result<()> {
    refused_with(|claims| claims.tid = "arq_99999999".to_owned())
}

#[test]
fn a_signed_denial_permits_nothing() -> Result<()> {
    refused_with(|claims| claims.decision = Decision::Denied)
}

#[test]
fn a_grant_for_what_nobody_was_shown_permits_nothing() -> Result<()> {
    refused_with(|claims| {
        claims.display_digest = "sha-256:hEevikKwVKecUqyh64PEj3t9mlSxHQhTiyWhVnweYIY".to_owned();
    })
}

#[test]
fn a_grant_under_another_rule_permits_nothing() -> Result<()> {
    refused_with(|claims| {
        claims.policy.rule_digest = "sha-256:Wtq50yYdPAZrqyHiqKk66NKurdw4k9JnL4364WZ3Uuw".to_owned();
    })
}

#[test]
fn a_grant_nobody_gave_permits_nothing() -> Result<()> {
    refused_with(|claims| claims.approvers.clear())
}

#[test]
fn a_grant_of_the_wrong_group_permits_nothing() -> Result<()> {
    refused_with(|claims| {
        claims.approvers.iter_mut().for_each(|approver| approver.group = "friends".to_owned());
    })
}

#[test]
fn a_grant_the_requester_gave_permits_nothing() -> Result<()> {
    refused_with(|claims| {
        claims
            .approvers
            .iter_mut()
            .for_each(|approver| approver.email = Some("Alice+me@People.test".to_owned()));
    })
}

#[test]
fn a_grant_that_asks_less_than_the_rule_permits_nothing() -> Result<()> {
    refused_with(|claims| {
        claims.quorum.required = 0;
        claims.approvers.clear();
    })
}

#[test]
fn a_grant_for_many_uses_permits_nothing() -> Result<()> {
    refused_with(|claims| claims.max_uses = 1000)
}

#[test]
fn a_grant_for_another_subject_permits_nothing() -> Result<()> {
    refused_with(|claims| claims.subject.id = "spiffe://prod.test/ns/agents/sa/other".to_owned())
}

#[test]
fn a_grant_for_another_action_permits_nothing() -> Result<()> {
    refused_with(|claims| claims.action.name = "read_only".to_owned())
}

#[test]
fn a_grant_bound_to_something_else_permits_nothing() -> Result<()> {
    refused_with(|claims| claims.binding_context_members = vec!["urn:other:member".to_owned()])
}
