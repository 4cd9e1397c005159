//! From a grant to a permit: the grant is used up, the releasing record is durable, and only then the call leaves.

use super::{
    Desk, Effect, Holding, Measure, Redeeming, Released, Serial, State, Verdict, close,
    rebind::{self, Unchanged},
    response::told,
    secret,
};
use crate::{
    answer::Situation,
    permit::{Grant, Permit},
    replay::{Attempt, Refused},
    service::{Answer, Post, task_path},
    worker::ANSWER_MS,
};
use countersign_wire::{
    evaluation::{Detail, Redeem, RedeemAnswer, RedeemContext, RedeemV1},
    names,
    outcome::{OutcomeReport, OutcomeState},
    record::{Event as Recorded, Record},
    sealed::Opened,
};
use serde_json::Value;

/// How long after the deadline the answer to a redeem is still awaited, in milliseconds.
const GRACE_MS: u64 = 5000;
/// A redeem is sent at most so often, always with the same nonce and bytes.
const SENDINGS: u8 = 2;

/// Starts to use a verified grant up.
pub(super) fn begin(desk: &mut Desk<'_>, holding: Box<Holding>, tid: &str, grant: Grant) -> State {
    if let Err(changed) = rebind::check(desk, &holding.ask) {
        return rebind::refuse(desk, &holding, tid, changed);
    }
    let digest = &holding.ask.request_digest;
    match desk.worker.replay.check(desk.now, grant.jti(), digest) {
        Ok(()) => {}
        Err(Refused::Spent) => {
            close::verify_failed(
                desk,
                &holding,
                Some(tid),
                "already_used",
                "the grant was used before by this proxy",
            );
            return close::block(desk, &holding, Some(tid), &Situation::AlreadyUsed, Verdict::Invalid);
        }
        Err(Refused::Full) => {
            let situation =
                Situation::Unavailable { what: "this proxy remembers as many approvals as it may" };
            return close::block(desk, &holding, Some(tid), &situation, Verdict::Unavailable);
        }
    }
    let worker = &mut *desk.worker;
    let attempt = worker.replay.abandoned(grant.jti(), digest).unwrap_or_else(|| {
        let mut members = close::named(&holding.ask, Some(tid));
        members.insert("jti".into(), grant.jti().into());
        let seen = &holding.ask.submission.context.v1.payload;
        members.insert("display_digest".into(), seen.display_digest.clone().into());
        members.insert("masking".into(), serde_json::to_value(&seen.masking).unwrap_or_default());
        members.insert("approvers".into(), close::approvers(&grant));
        members.extend(close::break_glass(&grant));
        if !holding.ask.secrets.is_empty() {
            members.insert("secrets".into(), holding.ask.submission.context.v1.secrets.clone().into());
        }
        let standing =
            grant.claims().standing.as_ref().and_then(|standing| serde_json::to_value(standing).ok());
        members.extend(standing.map(|standing| ("standing".to_owned(), standing)));
        if let Some((anonymise, request)) = &holding.ask.anonymised {
            members.insert("anonymised".into(), told(&anonymise.rule, request, None));
        }
        let record =
            worker.journal.write_ahead(desk.now, &mut worker.entropy, Recorded::ActionReleasing, members);
        Attempt { nonce: worker.entropy.nonce(), record: record.line() }
    });
    worker.replay.begin(grant.jti(), digest, grant.claims().exp, attempt.clone());
    let body = serde_json::to_vec(&redeem(&holding, &grant, &attempt)).unwrap_or_default();
    let post = Post::json(names::EVALUATION_PATH.to_owned(), body, &mut worker.entropy);
    let serial = desk.post(&post, ANSWER_MS, holding.ask.trace.as_deref());
    let give_up = holding.deadline.saturating_add(GRACE_MS);
    let redeeming =
        Redeeming { tid: tid.to_owned(), grant, attempt, post, tries: 1, serial, give_up, ready: None };
    State::Redeeming(holding, Box::new(redeeming))
}

fn redeem(holding: &Holding, grant: &Grant, attempt: &Attempt) -> Redeem {
    let sent = &holding.ask.submission;
    Redeem {
        subject: sent.subject.clone(),
        action: sent.action.clone(),
        resource: sent.resource.clone(),
        context: RedeemContext {
            request_digest: holding.ask.request_digest.clone(),
            approval: grant.approval().clone(),
            v1: RedeemV1 {
                nonce: attempt.nonce.clone(),
                record: serde_json::from_slice(attempt.record.as_bytes()).unwrap_or(Value::Null),
            },
        },
    }
}

/// The answer to a redeem.
pub(super) fn answered(
    desk: &mut Desk<'_>,
    holding: Box<Holding>,
    redeeming: Redeeming,
    answer: &Answer,
) -> State {
    let read = match answer {
        Answer::Http { status: 200, body, .. } => RedeemAnswer::read(body),
        Answer::Http { .. } | Answer::Lost => None,
    };
    let Some(read) = read else { return again(desk, holding, redeeming) };
    let tid = redeeming.tid.clone();
    let receipt = match read.receipt() {
        Ok(receipt) => receipt,
        Err(detail) => return refused(desk, &holding, &redeeming, detail),
    };
    let checked =
        Permit::from_grant(&redeeming.grant, &redeeming.attempt, receipt, &desk.worker.config, desk.now);
    match checked {
        Ok(permit) => match rebind::check(desk, &holding.ask) {
            Ok(unchanged) => match secret::open(desk, &holding, redeeming.grant.jti(), read.secrets()) {
                Ok(opened) => take_along(desk, holding, redeeming, Ready { permit, unchanged, opened }),
                Err(why) => not_as_it_must(desk, &holding, &redeeming, &why),
            },
            Err(changed) => {
                withdraw(desk, &holding, &redeeming);
                rebind::refuse(desk, &holding, &tid, changed)
            }
        },
        Err(fault) => {
            close::verify_failed(desk, &holding, Some(&tid), fault.code(), &format!("receipt: {fault}"));
            keep_record(desk, &redeeming.attempt);
            close::block(desk, &holding, Some(&tid), &Situation::Invalid, Verdict::Invalid)
        }
    }
}

/// All that a call needs to leave.
#[derive(Debug)]
pub(super) struct Ready {
    permit: Permit,
    unchanged: Unchanged,
    /// The secrets that go with it.
    opened: Vec<Opened>,
}

/// Lets the call leave, or first has the host put the secrets in.
fn take_along(desk: &mut Desk<'_>, holding: Box<Holding>, redeeming: Redeeming, ready: Ready) -> State {
    if ready.opened.is_empty() {
        return release(desk, &holding, redeeming, ready);
    }
    let Some(effects) = secret::inject(&holding.ask.secrets, &ready.opened) else {
        return not_as_it_must(desk, &holding, &redeeming, "a secret is missing");
    };
    desk.effects.extend(effects);
    // No answer is waited for any more: none under the old number counts.
    *desk.serial = desk.serial.wrapping_add(1);
    let serial = Serial(*desk.serial);
    State::Redeeming(holding, Box::new(Redeeming { serial, ready: Some(ready), ..redeeming }))
}

/// The host has put the secrets in.
pub(super) fn done(state: State, desk: &mut Desk<'_>) -> State {
    match state {
        State::Redeeming(holding, mut redeeming) => match redeeming.ready.take() {
            Some(ready) => release(desk, &holding, *redeeming, ready),
            None => State::Redeeming(holding, redeeming),
        },
        State::Fresh
        | State::Passing
        | State::Reading(_)
        | State::Asking(..)
        | State::Waiting(..)
        | State::Released(_)
        | State::Ended => state,
    }
}

/// The secrets are not what the request uses, or do not open: the call does not leave. The same redeem may be asked again.
fn not_as_it_must(desk: &mut Desk<'_>, holding: &Holding, redeeming: &Redeeming, why: &str) -> State {
    close::verify_failed(desk, holding, Some(&redeeming.tid), "secret", why);
    withdraw(desk, holding, redeeming);
    let what = "the approval service did not hand over the secrets as it must";
    close::block(desk, holding, Some(&redeeming.tid), &Situation::Unavailable { what }, Verdict::Unavailable)
}

fn release(
    desk: &mut Desk<'_>,
    holding: &Holding,
    redeeming: Redeeming,
    Ready { permit, unchanged: _unchanged, opened }: Ready,
) -> State {
    let opened = opened.as_slice();
    let mut members = close::named(&holding.ask, Some(&redeeming.tid));
    members.insert("jti".into(), redeeming.grant.jti().into());
    members.insert("approvers".into(), close::approvers(&redeeming.grant));
    members.extend(close::break_glass(&redeeming.grant));
    let worker = &mut *desk.worker;
    worker.journal.write(desk.now, &mut worker.entropy, Recorded::ActionReleased, members);
    if !opened.is_empty() {
        let mut members = close::named(&holding.ask, Some(&redeeming.tid));
        members.insert("jti".into(), redeeming.grant.jti().into());
        members.insert("secrets".into(), secret::named(opened));
        worker.journal.write(desk.now, &mut worker.entropy, Recorded::SecretReleased, members);
    }
    worker.journal.counts().released += 1;
    worker.holding = worker.holding.saturating_sub(1);
    let held_ms = desk.now.mono_ms.saturating_sub(holding.started);
    desk.effects.push(Effect::Measure(Measure::HoldEnds(held_ms, Verdict::Released)));
    desk.effects.push(Effect::Verdict(Verdict::Released));
    desk.effects.push(Effect::Resume(permit));
    let ask = &holding.ask;
    State::Released(Box::new(Released::new(
        ask,
        redeeming.tid,
        redeeming.grant.jti(),
        &holding.ticket,
        opened,
        desk.now,
    )))
}

fn refused(desk: &mut Desk<'_>, holding: &Holding, redeeming: &Redeeming, detail: Detail) -> State {
    let tid = redeeming.tid.as_str();
    let (situation, verdict, code) = match detail {
        Detail::AlreadyRedeemed => (Situation::AlreadyUsed, Verdict::Invalid, "already_redeemed"),
        Detail::Revoked => (Situation::Expired, Verdict::Expired, "revoked"),
        Detail::Expired => (Situation::Expired, Verdict::Expired, "expired"),
        Detail::NotApproved => (Situation::Expired, Verdict::Expired, "not_approved"),
        Detail::DigestMismatch => (Situation::Invalid, Verdict::Invalid, "digest_mismatch"),
        Detail::AuditUnwritable => {
            let what = "the audit record cannot be made durable";
            (Situation::Unavailable { what }, Verdict::Unavailable, "audit_unwritable")
        }
        Detail::SecretUnavailable => {
            // Nothing was used up, so the same attempt may be made again.
            desk.worker.replay.abandon(redeeming.grant.jti());
            let what = "a secret that the request uses cannot be read by the approval service";
            (Situation::Unavailable { what }, Verdict::Unavailable, "secret_unavailable")
        }
        Detail::Unknown => {
            let what = "the approval service refused without a reason this proxy knows";
            (Situation::Unavailable { what }, Verdict::Unavailable, "unknown")
        }
    };
    close::verify_failed(desk, holding, Some(tid), code, "the approval service did not release the grant");
    close::block(desk, holding, Some(tid), &situation, verdict)
}

/// The answer was lost: once more with the same bytes, then not at all.
fn again(desk: &mut Desk<'_>, holding: Box<Holding>, redeeming: Redeeming) -> State {
    let left = redeeming.give_up.saturating_sub(desk.now.mono_ms);
    if redeeming.tries >= SENDINGS || left == 0 {
        return abandon(desk, &holding, &redeeming);
    }
    let serial = desk.post(&redeeming.post, left.min(ANSWER_MS), holding.ask.trace.as_deref());
    State::Redeeming(holding, Box::new(Redeeming { tries: redeeming.tries + 1, serial, ..redeeming }))
}

/// Nobody can tell whether the grant was used up: the call does not leave, and that is said.
pub(super) fn abandon(desk: &mut Desk<'_>, holding: &Holding, redeeming: &Redeeming) -> State {
    withdraw(desk, holding, redeeming);
    let situation = Situation::Unavailable { what: "the approval service did not confirm the release" };
    close::block(desk, holding, Some(&redeeming.tid), &situation, Verdict::Unavailable)
}

/// Writes down and reports that a redeem was sent and the call did not leave.
pub(super) fn withdraw(desk: &mut Desk<'_>, holding: &Holding, redeeming: &Redeeming) {
    desk.worker.replay.abandon(redeeming.grant.jti());
    keep_record(desk, &redeeming.attempt);
    let report = OutcomeReport {
        state: OutcomeState::ReleaseAbandoned,
        status: None,
        request_bytes: holding.ask.body_bytes,
        response_bytes: None,
        duration_ms: desk.now.mono_ms.saturating_sub(holding.started),
        response_digest: None,
        record: serde_json::from_slice(redeeming.attempt.record.as_bytes()).unwrap_or(Value::Null),
    };
    let body = serde_json::to_vec(&report).unwrap_or_default();
    let path = format!("{}/outcome", task_path(&redeeming.tid));
    let post = Post::json(path, body, &mut desk.worker.entropy);
    desk.notify(&post, holding.ask.trace.as_deref());
}

/// The releasing record may not have reached the service with the redeem; it goes with the next batch, too.
fn keep_record(desk: &mut Desk<'_>, attempt: &Attempt) {
    if let Ok(record) = Record::read(attempt.record.as_bytes(), 0) {
        desk.worker.journal.offer(&record);
    }
}
