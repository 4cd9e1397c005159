//! Ends: the refusal of a call, the end of a hold, the client's leaving; and what each record says.

use super::{
    Desk, Effect, Holding, Label, Measure, State, Verdict, head, redeem, release,
    response::{self, Undone},
    secret,
};
use crate::{
    action::Action,
    anonymise::Told,
    answer::{
        Situation, Ticket, reply,
        speech::{PrefersAsync, Speech},
    },
    ask::Ask,
    call::Call,
    permit::Grant,
    policy::{Denied, OnDisconnect, Passed, reason::NOT_ANONYMISED},
    service::cancellation,
    worker::ANSWER_MS,
};
use countersign_mask::Masker;
use countersign_wire::record::Event as Recorded;
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// Refuses a call that was not held.
pub(super) fn refuse(
    desk: &mut Desk<'_>,
    speech: &Speech,
    situation: &Situation,
    call: Option<&Call>,
    denied: Option<&Denied>,
    verdict: Verdict,
) -> State {
    let config = Rc::clone(&desk.worker.config);
    let masker = config.policy.plain_masker();
    let mut members = call.map(|call| of_call(call, masker)).unwrap_or_default();
    members.insert("reason_code".into(), reason_code(situation).into());
    match situation {
        Situation::Blocked { detail, .. } => {
            members.insert("detail".into(), masker.text(detail).0.into_string().into());
        }
        Situation::TooLarge { limit, most } | Situation::Full { limit, most } => {
            members.insert("detail".into(), format!("`{}` is {most}", limit.key()).into());
        }
        Situation::Pending
        | Situation::NeedsContext { .. }
        | Situation::Denied { .. }
        | Situation::Expired
        | Situation::Unavailable { .. }
        | Situation::Busy(_)
        | Situation::Invalid
        | Situation::AlreadyUsed
        | Situation::Withheld { .. } => {}
    }
    if let Some(action) = denied.and_then(|denied| denied.action.as_ref()) {
        members.insert("action".into(), of_action(action, masker));
    }
    let rule = denied.and_then(|denied| denied.rule.as_ref());
    desk.effects.extend(rule.map(|rule| Effect::Label(Label::Rule, rule.name.to_string())));
    members.insert("policy".into(), policy(desk, rule.map(|rule| (&*rule.name, &*rule.digest))));
    blocked(desk, members);
    desk.effects.push(head::refused(verdict));
    answer(desk, speech, situation, &head::no_ticket(), verdict)
}

/// Ends a hold without a release.
pub(super) fn block(
    desk: &mut Desk<'_>,
    holding: &Holding,
    tid: Option<&str>,
    situation: &Situation,
    verdict: Verdict,
) -> State {
    end_hold(desk, holding, tid, reason_code(situation), verdict);
    answer(desk, &holding.ask.speech, situation, &holding.ticket, verdict)
}

fn end_hold(desk: &mut Desk<'_>, holding: &Holding, tid: Option<&str>, reason: &str, verdict: Verdict) {
    let mut members = named(&holding.ask, tid);
    members.insert("reason_code".into(), reason.into());
    blocked(desk, members);
    if let Some(tid) = tid {
        desk.worker.watch.remove(tid, desk.id);
    }
    desk.worker.holding = desk.worker.holding.saturating_sub(1);
    let held_ms = desk.now.mono_ms.saturating_sub(holding.started);
    desk.effects.push(Effect::Measure(Measure::HoldEnds(held_ms, verdict)));
}

fn answer(
    desk: &mut Desk<'_>,
    speech: &Speech,
    situation: &Situation,
    ticket: &Ticket,
    verdict: Verdict,
) -> State {
    desk.effects.push(Effect::Verdict(verdict));
    let reply = reply(speech, situation, ticket, &desk.worker.config.answers);
    desk.effects.push(Effect::Reply(reply));
    State::Ended
}

fn blocked(desk: &mut Desk<'_>, members: Map<String, Value>) {
    let worker = &mut *desk.worker;
    worker.journal.write(desk.now, &mut worker.entropy, Recorded::ActionBlocked, members);
    worker.journal.counts().blocked += 1;
}

/// The stream is over. What was released is completed; what was held is cancelled, never released.
pub(super) fn gone(state: State, desk: &mut Desk<'_>) -> State {
    const GONE: &str = "client_disconnected";
    match state {
        State::Fresh | State::Passing | State::Ended => {}
        State::Reading(reading) => {
            let mut members = of_call(&reading.call, desk.worker.config.policy.plain_masker());
            members.insert("reason_code".into(), GONE.into());
            members.insert("policy".into(), policy(desk, None));
            blocked(desk, members);
            desk.effects.push(head::refused(Verdict::Abandoned));
        }
        State::Asking(holding, asking) => {
            match holding.ask.terms.on_disconnect {
                // Its task is not known yet. The same submission again names it, and then it can be cancelled.
                OnDisconnect::Cancel => {
                    let worker = &mut *desk.worker;
                    let trace = holding.ask.trace.as_deref();
                    let again =
                        asking.post.dispatch(&worker.config, &mut worker.entropy, desk.now, ANSWER_MS, trace);
                    desk.effects.push(Effect::Withdraw(again));
                }
                OnDisconnect::Keep => {}
            }
            end_hold(desk, &holding, None, GONE, Verdict::Abandoned);
        }
        State::Waiting(holding, waiting) => {
            match holding.ask.terms.on_disconnect {
                OnDisconnect::Cancel => {
                    note(desk, &holding, &waiting.tid, Recorded::ApprovalCancelled);
                    let post = cancellation(&waiting.tid, &mut desk.worker.entropy);
                    desk.notify(&post, holding.ask.trace.as_deref());
                }
                OnDisconnect::Keep => {}
            }
            end_hold(desk, &holding, Some(&waiting.tid), GONE, Verdict::Abandoned);
        }
        State::Redeeming(holding, redeeming) => {
            redeem::withdraw(desk, &holding, &redeeming);
            end_hold(desk, &holding, Some(&redeeming.tid), GONE, Verdict::Abandoned);
        }
        State::Released(released) => return release::completed(desk, *released),
    }
    State::Ended
}

/// The host would not change the traffic as it was told: what has not left does not leave, and what came back is not handed
/// on.
pub(super) fn undone(state: State, desk: &mut Desk<'_>) -> State {
    let detail = "the proxy would not change the request as it must be".to_owned();
    let situation = Situation::Blocked { code: NOT_ANONYMISED, detail };
    let plain = Speech::Rest { prefers_async: PrefersAsync::No };
    match state {
        State::Fresh | State::Ended => state,
        State::Passing => refuse(desk, &plain, &situation, None, None, Verdict::Blocked),
        State::Reading(reading) => {
            let speech = Speech::of_head(&reading.call);
            refuse(desk, &speech, &situation, Some(&reading.call), None, Verdict::Blocked)
        }
        State::Asking(holding, _) => block(desk, &holding, None, &situation, Verdict::Blocked),
        State::Waiting(holding, waiting) => {
            block(desk, &holding, Some(&waiting.tid), &situation, Verdict::Blocked)
        }
        State::Redeeming(holding, redeeming) => {
            if redeeming.ready.is_some() {
                desk.effects.push(secret::withdraw(&holding.ask.secrets));
            }
            redeem::withdraw(desk, &holding, &redeeming);
            block(desk, &holding, Some(&redeeming.tid), &situation, Verdict::Blocked)
        }
        State::Released(mut released) => match released.undone(desk) {
            Undone::Request => refuse(desk, &plain, &situation, None, None, Verdict::Blocked),
            Undone::Nothing => State::Released(released),
        },
    }
}

/// A record about a task that changes nothing here.
pub(super) fn note(desk: &mut Desk<'_>, holding: &Holding, tid: &str, event: Recorded) {
    let worker = &mut *desk.worker;
    worker.journal.write(desk.now, &mut worker.entropy, event, named(&holding.ask, Some(tid)));
}

/// Something that should have verified did not. Written besides the closing record.
pub(super) fn verify_failed(
    desk: &mut Desk<'_>,
    holding: &Holding,
    tid: Option<&str>,
    code: &str,
    detail: &str,
) {
    let mut members = named(&holding.ask, tid);
    members.insert("reason_code".into(), code.into());
    members.insert("detail".into(), detail.into());
    let worker = &mut *desk.worker;
    worker.journal.write(desk.now, &mut worker.entropy, Recorded::VerifyFailed, members);
}

/// A pass that the policy wants on record; the members that name it.
pub(super) fn record_pass(
    desk: &mut Desk<'_>,
    call: &Call,
    passed: &Passed,
    told: Option<&Told>,
) -> Map<String, Value> {
    let masker = desk.worker.config.policy.plain_masker();
    let mut members = of_call(call, masker);
    if let Some(action) = &passed.action {
        members.insert("action".into(), of_action(action, masker));
    }
    let rule = passed.rule.as_ref();
    members.insert("policy".into(), policy(desk, rule.map(|rule| (&*rule.name, &*rule.digest))));
    let anonymised = passed.anonymise.as_ref().zip(told);
    members.extend(anonymised.map(|(anonymise, request)| {
        ("anonymised".to_owned(), response::told(&anonymise.rule, request, None))
    }));
    let worker = &mut *desk.worker;
    worker.journal.write(desk.now, &mut worker.entropy, Recorded::ActionAllowed, members.clone());
    members
}

/// The members that name a held call in every record.
pub(super) fn named(ask: &Ask, tid: Option<&str>) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("request_digest".into(), ask.request_digest.clone().into());
    members
        .insert("policy".into(), serde_json::to_value(&ask.submission.context.v1.policy).unwrap_or_default());
    if let Some(tid) = tid {
        members.insert("tid".into(), tid.into());
    }
    members
}

/// The members that describe it, once, when approval is asked for. Everything in a submission is masked.
pub(super) fn described(ask: &Ask) -> Map<String, Value> {
    let sent = &ask.submission;
    let v1 = &sent.context.v1;
    let mut members = named(ask, None);
    let texts = [
        ("subject", serde_json::to_value(&sent.subject)),
        ("actor", serde_json::to_value(&sent.client.actor)),
        ("action", serde_json::to_value(&sent.action)),
        ("resource", serde_json::to_value(&sent.resource)),
        ("destination", serde_json::to_value(&v1.destination)),
        ("quorum", serde_json::to_value(&v1.quorum)),
        ("masked", serde_json::to_value(&v1.payload.masked)),
        ("masking", serde_json::to_value(&v1.payload.masking)),
        ("display_digest", serde_json::to_value(&v1.payload.display_digest)),
        ("lineage", serde_json::to_value(&v1.lineage)),
    ];
    members.extend(texts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.ok()?))));
    if let Some(trace) = &ask.trace {
        let mut parts = trace.split('-').skip(1);
        members.insert("trace".into(), json!({"trace_id": parts.next(), "span_id": parts.next()}));
    }
    members
}

/// That one person decided alone, where it is so.
pub(super) fn break_glass(grant: &Grant) -> Option<(String, Value)> {
    let broken = grant.claims().break_glass.as_ref()?;
    Some(("break_glass".to_owned(), serde_json::to_value(broken).unwrap_or_default()))
}

/// Who agreed, without their e-mail addresses.
pub(super) fn approvers(grant: &Grant) -> Value {
    let people = grant.claims().approvers.iter();
    people.map(|one| json!({"iss": one.iss, "sub": one.sub, "group": one.group, "at": one.at})).collect()
}

fn of_call(call: &Call, masker: &Masker) -> Map<String, Value> {
    let path = masker.path(call.raw_path()).0;
    let destination =
        json!({"scheme": call.scheme().as_str(), "authority": call.authority(), "path": path.as_ref()});
    Map::from_iter([("destination".to_owned(), destination), ("method".to_owned(), call.method().into())])
}

fn of_action(action: &Action, masker: &Masker) -> Value {
    let shown = |text: &str| masker.text(text).0.into_string();
    json!({"name": action.class.as_str(), "protocol": action.protocol.as_str(),
           "service": shown(&action.service), "operation": shown(&action.operation)})
}

fn policy(desk: &Desk<'_>, rule: Option<(&str, &str)>) -> Value {
    let policy = &desk.worker.config.policy;
    let mut members = json!({"id": policy.id(), "commit": policy.commit(), "digest": policy.digest()});
    if let (Some((name, digest)), Some(members)) = (rule, members.as_object_mut()) {
        members.insert("rule".into(), name.into());
        members.insert("rule_digest".into(), digest.into());
    }
    members
}

/// The word for records.
fn reason_code(situation: &Situation) -> &'static str {
    match situation {
        Situation::Pending => "handed_off",
        Situation::NeedsContext { .. } => "needs_context",
        Situation::Denied { .. } => "denied",
        Situation::Expired => "expired",
        Situation::Unavailable { .. } => "unavailable",
        Situation::Busy(_) => "approval_limit",
        Situation::Invalid => "invalid",
        Situation::AlreadyUsed => "already_used",
        Situation::Blocked { code, .. } => code,
        Situation::Withheld { .. } => "response_withheld",
        Situation::TooLarge { limit, .. } | Situation::Full { limit, .. } => limit.code(),
    }
}
