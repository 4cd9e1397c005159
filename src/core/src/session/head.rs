//! From the request's head to a judgement.

use super::{
    Desk, Effect, End, Length, Measure, Reading, Released, Side, State, Verdict, close, hold,
    load::{refuse_full, too_large, too_much},
    response::Answering,
};
use crate::{
    anonymise::{self, Told},
    answer::{Situation, Ticket, speech::Speech},
    ask::{Ask, Case, Surroundings, Unaskable},
    call::{Body, Call, HeaderMap, Keep, is_forbidden},
    mcp::{self, Carried},
    policy::{Anonymise, Denied, Held, Judgement, Passed, Recording},
    requester::{Facts, NoRequester, Requester},
    worker::Bodies,
};
use countersign_wire::names;
use std::{borrow::Cow, sync::Arc};

/// The request's head.
pub(super) fn arrived(
    state: State,
    desk: &mut Desk<'_>,
    facts: &dyn Facts,
    mut headers: HeaderMap,
    mut around: Surroundings,
    end: End,
) -> State {
    match state {
        State::Fresh => {}
        // A second head is nothing that HTTP knows; it changes nothing.
        State::Passing
        | State::Ended
        | State::Released(_)
        | State::Reading(_)
        | State::Asking(..)
        | State::Waiting(..)
        | State::Redeeming(..) => return state,
    }
    if let Some(situation) = too_much(&headers, &desk.worker.config.limits) {
        let speech = Speech::Rest { prefers_async: crate::answer::speech::PrefersAsync::No };
        return close::refuse(desk, &speech, &situation, None, None, Verdict::Blocked);
    }
    strip(&mut headers, &mut around, desk);
    let call = match Call::read(headers, &desk.worker.config.destinations) {
        Ok(call) => call,
        Err(fault) => {
            let speech = Speech::Rest { prefers_async: crate::answer::speech::PrefersAsync::No };
            let situation = Situation::Blocked { code: fault.code(), detail: fault.to_string() };
            return close::refuse(desk, &speech, &situation, None, None, Verdict::Blocked);
        }
    };
    let body = match end {
        End::Yes => Body::Absent,
        // What flows through a tunnel is no body: it is decided at the head, or refused.
        End::No if is_tunnel(&call) => Body::Absent,
        End::No => Body::Unread,
    };
    let mut requester = None;
    let judgement = judge(desk, facts, &call, body, &mut requester);
    let reading = |desk: &mut Desk<'_>, call: Call, requester, around| {
        let until = desk.now.mono_ms.saturating_add(patience(desk));
        match desk.reads_another().and_then(|()| desk.room(call.headers().size())) {
            Ok(()) => State::Reading(Box::new(Reading { call, requester, around, until, size: 0 })),
            Err(full) => refuse_full(desk, &call, &full),
        }
    };
    match (judgement, body) {
        (Judgement::Deny(denied), _) => deny(desk, &call, body, &denied),
        (Judgement::NeedsBody, _) | (Judgement::Hold(_), Body::Unread | Body::Read(_)) => {
            reading(desk, call, requester, around)
        }
        (Judgement::Pass(passed), Body::Unread | Body::Read(_)) if changes(passed.anonymise.as_deref()) => {
            reading(desk, call, requester, around)
        }
        (judgement @ (Judgement::Pass(_) | Judgement::Hold(_)), _) => {
            let arrived = Arrived { call, body: Cow::Borrowed(&[]), requester, around };
            leave(desk, facts, arrived, judgement)
        }
    }
}

/// Whether something of the request's body is to be changed.
fn changes(anonymise: Option<&Anonymise>) -> bool {
    anonymise.is_some_and(|anonymise| !anonymise.request.is_empty())
}

/// How long a held body may take, in milliseconds. Until this proxy has shown the first one it may be that it never will
/// (see [`hold::tick`]), so the first is given little time.
fn patience(desk: &Desk<'_>) -> u64 {
    const FIRST_MS: u64 = 5000;
    let configured = desk.worker.config.limits.body_ms;
    match desk.worker.bodies {
        Bodies::Seen => configured,
        Bodies::NotSeen => configured.min(FIRST_MS),
    }
}

/// More of the body is buffered.
pub(super) fn body_grows(state: State, desk: &mut Desk<'_>, size: usize) -> State {
    desk.worker.bodies = Bodies::Seen;
    match state {
        State::Reading(reading) if size > desk.worker.config.limits.body_bytes => {
            too_large(desk, &reading.call)
        }
        State::Reading(mut reading) => {
            reading.size = size;
            match desk.room(reading.call.headers().size().saturating_add(size)) {
                Ok(()) => State::Reading(reading),
                Err(full) => refuse_full(desk, &reading.call, &full),
            }
        }
        // Nothing may follow a complete request but a tunnel's bytes, and those wait in the proxy.
        State::Fresh
        | State::Passing
        | State::Asking(..)
        | State::Waiting(..)
        | State::Redeeming(..)
        | State::Released(_)
        | State::Ended => state,
    }
}

/// Whether trailers follow the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trailers {
    None,
    /// No approval binds them, so a call that has them cannot be held. gRPC's empty set is none.
    Some,
}

/// The whole body.
pub(super) fn body_ends(
    state: State,
    desk: &mut Desk<'_>,
    facts: &dyn Facts,
    body: &[u8],
    trailers: Trailers,
) -> State {
    let Reading { call, mut requester, mut around, .. } = match state {
        State::Reading(reading) => *reading,
        State::Fresh
        | State::Passing
        | State::Asking(..)
        | State::Waiting(..)
        | State::Redeeming(..)
        | State::Released(_)
        | State::Ended => return state,
    };
    desk.worker.bodies = Bodies::Seen;
    if body.len() > desk.worker.config.limits.body_bytes {
        return too_large(desk, &call);
    }
    let now_s = desk.now.unix_s();
    let body = match mcp::carried(body, &desk.worker.config.binding, now_s) {
        Carried::Nothing => Cow::Borrowed(body),
        Carried::Upstream(state) => {
            around.upstream_state = Some(state);
            Cow::Borrowed(body)
        }
        Carried::Ours(restored) => {
            around.rounds = restored.rounds.rounds;
            around.upstream_state = restored.rounds.upstream;
            Cow::Owned(restored.body)
        }
    };
    let refuse = |desk: &mut Desk<'_>, code, detail: &str| {
        let situation = Situation::Blocked { code, detail: detail.to_owned() };
        close::refuse(desk, &Speech::of_head(&call), &situation, Some(&call), None, Verdict::Blocked)
    };
    let judgement = judge(desk, facts, &call, Body::Read(&body), &mut requester);
    let binds = match &judgement {
        Judgement::Hold(_) => "held",
        Judgement::Pass(passed) if changes(passed.anonymise.as_deref()) => "anonymised",
        Judgement::Pass(_) | Judgement::Deny(_) | Judgement::NeedsBody => "",
    };
    match (judgement, trailers) {
        (Judgement::Deny(denied), _) => deny(desk, &call, Body::Read(&body), &denied),
        (Judgement::NeedsBody, _) => {
            refuse(desk, "undecided", "the body was read and the policy still cannot tell")
        }
        (Judgement::Pass(_) | Judgement::Hold(_), Trailers::Some) if binds == "anonymised" => {
            refuse(desk, "trailers", "a request with trailers cannot be anonymised: they would not be read")
        }
        (Judgement::Hold(_), Trailers::Some) => {
            refuse(desk, "trailers", "a request with trailers cannot be held: no approval would bind them")
        }
        (judgement @ (Judgement::Pass(_) | Judgement::Hold(_)), _) => {
            leave(desk, facts, Arrived { call, body, requester, around }, judgement)
        }
    }
}

/// A request that has arrived as far as it is needed.
struct Arrived<'b> {
    call: Call,
    /// The body that will be sent, where it is known.
    body: Cow<'b, [u8]>,
    requester: Option<Result<Requester, NoRequester>>,
    around: Surroundings,
}

/// Lets a call pass or asks for it, anonymised first where a rule says so: what is asked for, and bound, is what will leave.
fn leave(desk: &mut Desk<'_>, facts: &dyn Facts, mut arrived: Arrived<'_>, judgement: Judgement) -> State {
    let anonymise = match &judgement {
        Judgement::Pass(passed) => passed.anonymise.clone(),
        Judgement::Hold(held) => held.anonymise.clone(),
        Judgement::Deny(_) | Judgement::NeedsBody => None,
    };
    let mut told = None;
    let mut judgement = judgement;
    if let Some(anonymise) = &anonymise {
        let config = &desk.worker.config;
        let changed = anonymise::request(
            anonymise,
            config.policy.plain_masker(),
            &config.destinations,
            &arrived.call,
            &arrived.body,
        );
        let changed = match changed {
            Ok(changed) => changed,
            Err(detail) => return unchangeable(desk, &arrived, &judgement, detail),
        };
        let effects = changed.edits.into_iter().map(|edit| Effect::Header(Side::Request, edit));
        desk.effects.extend(effects);
        arrived.call = changed.call.unwrap_or(arrived.call);
        if let Some(body) = changed.body {
            arrived.body = Cow::Owned(body);
            // What will leave is judged, too: the action that people are shown is the one that it still is.
            let body = Body::Read(&arrived.body);
            judgement = match (judgement, judge(desk, facts, &arrived.call, body, &mut arrived.requester)) {
                (_, Judgement::Deny(denied)) => return deny(desk, &arrived.call, body, &denied),
                (Judgement::Hold(first), Judgement::Hold(second)) if first.terms == second.terms => {
                    Judgement::Hold(Held { anonymise: first.anonymise, ..second })
                }
                (Judgement::Pass(_), second @ Judgement::Hold(_)) => {
                    let detail = "once anonymised it would have to be held".to_owned();
                    return unchangeable(desk, &arrived, &second, detail);
                }
                (first, Judgement::Hold(_) | Judgement::Pass(_) | Judgement::NeedsBody) => first,
            };
        }
        told = Some(changed.told);
    }
    if let Cow::Owned(body) = &arrived.body {
        let declared = arrived.call.headers().get("content-length").is_some();
        let length = if declared { Length::Declared } else { Length::Framed };
        desk.effects.push(Effect::ReplaceBody(body.clone(), length));
    }
    match judgement {
        Judgement::Pass(passed) => pass(desk, &arrived, &passed, told),
        Judgement::Hold(held) => ask(desk, facts, arrived, &held, told.as_ref()),
        Judgement::Deny(denied) => deny(desk, &arrived.call, Body::Read(&arrived.body), &denied),
        Judgement::NeedsBody => unchangeable(desk, &arrived, &judgement, "its body is needed".to_owned()),
    }
}

/// A call that cannot be anonymised does not leave.
fn unchangeable(desk: &mut Desk<'_>, arrived: &Arrived<'_>, judgement: &Judgement, detail: String) -> State {
    let (action, rule) = match judgement {
        Judgement::Pass(passed) => (passed.action.clone(), passed.rule.clone()),
        Judgement::Hold(held) => (Some(held.action.clone()), None),
        Judgement::Deny(_) | Judgement::NeedsBody => (None, None),
    };
    let denied = Denied { action, rule, reason: crate::policy::reason::NOT_ANONYMISED, detail };
    deny(desk, &arrived.call, Body::Read(&arrived.body), &denied)
}

/// Removes what an agent may not say: the product's own headers and those that redirect a request inside the proxy.
fn strip(headers: &mut HeaderMap, around: &mut Surroundings, desk: &mut Desk<'_>) {
    if !headers.iter().any(|(name, _)| is_forbidden(name)) {
        return;
    }
    around.justification = headers.text(names::JUSTIFICATION_HEADER).map(str::to_owned);
    let mut stripped: Vec<String> = Vec::new();
    headers.retain(|name| {
        if is_forbidden(name) {
            if !stripped.iter().any(|known| known == name) {
                stripped.push(name.to_owned());
            }
            Keep::No
        } else {
            Keep::Yes
        }
    });
    desk.effects.push(Effect::Strip(stripped));
}

/// Whether opaque bytes follow the head instead of a body.
fn is_tunnel(call: &Call) -> bool {
    call.method() == "CONNECT" || call.headers().get("upgrade").is_some()
}

fn judge(
    desk: &mut Desk<'_>,
    facts: &dyn Facts,
    call: &Call,
    body: Body<'_>,
    requester: &mut Option<Result<Requester, NoRequester>>,
) -> Judgement {
    let policy = &desk.worker.config.policy;
    let mut named = || requester.get_or_insert_with(|| policy.sources().resolve(facts)).clone();
    policy.judge(call, body, &mut named)
}

fn pass(desk: &mut Desk<'_>, arrived: &Arrived<'_>, passed: &Passed, told: Option<Told>) -> State {
    desk.worker.journal.counts().allowed += 1;
    // What is anonymised is on record, whatever else is only counted.
    let members = match (passed.record, &passed.anonymise) {
        (Recording::Counted, None) => return State::Passing,
        (Recording::Recorded, _) | (Recording::Counted, Some(_)) => {
            close::record_pass(desk, &arrived.call, passed, told.as_ref())
        }
    };
    let answers = passed.anonymise.as_ref().filter(|anonymise| anonymise.response.is_some()).zip(told);
    let Some((anonymise, told)) = answers else { return State::Passing };
    let speech = match &passed.action {
        Some(action) => Speech::of(&arrived.call, Body::Read(&arrived.body), action.protocol),
        None => Speech::of_head(&arrived.call),
    };
    let answering = Answering::new(Arc::clone(anonymise), told, speech, no_ticket());
    let bytes = arrived.body.len() as u64;
    State::Released(Box::new(Released::passed(members, bytes, Some(answering), desk.now)))
}

fn deny(desk: &mut Desk<'_>, call: &Call, body: Body<'_>, denied: &Denied) -> State {
    let speech = match &denied.action {
        Some(action) => Speech::of(call, body, action.protocol),
        None => Speech::of_head(call),
    };
    let situation = Situation::Blocked { code: denied.reason, detail: denied.detail.clone() };
    close::refuse(desk, &speech, &situation, Some(call), Some(denied), Verdict::Blocked)
}

fn ask(
    desk: &mut Desk<'_>,
    facts: &dyn Facts,
    arrived: Arrived<'_>,
    held: &Held,
    told: Option<&Told>,
) -> State {
    let Arrived { call, body, mut requester, around } = arrived;
    let (call, body) = (&call, &*body);
    let speech = Speech::of(call, Body::Read(body), held.action.protocol);
    let sources = desk.worker.config.policy.sources();
    let requester = match requester.get_or_insert_with(|| sources.resolve(facts)) {
        Ok(requester) => requester,
        Err(nobody) => {
            let situation =
                Situation::Blocked { code: crate::policy::reason::NO_REQUESTER, detail: nobody.to_string() };
            return close::refuse(desk, &speech, &situation, Some(call), None, Verdict::Blocked);
        }
    };
    let weight = call.headers().size().saturating_add(body.len());
    if let Err(full) = desk.holds_another().and_then(|()| desk.room(weight)) {
        return close::refuse(desk, &speech, &full, Some(call), None, Verdict::Unavailable);
    }
    let worker = &mut *desk.worker;
    let cluster = facts.property(&["xds", "cluster_name"]).and_then(|name| String::from_utf8(name).ok());
    let around = Surroundings { cluster: cluster.filter(|name| !name.is_empty()), ..around };
    let case = Case { call, body, held, requester, told };
    match Ask::compose(case, around, &worker.config, &mut worker.entropy, desk.now) {
        Ok(ask) => hold::begin(desk, ask, weight),
        Err(unaskable) => {
            let code = match &unaskable {
                Unaskable::TooLong(_) => "too_long",
                Unaskable::Header(_) | Unaskable::Body(_) => crate::policy::reason::AMBIGUOUS,
                Unaskable::Placeholder(_) => crate::policy::reason::PLACEHOLDER,
                Unaskable::BatchTooLong { .. } => "batch_too_long",
                Unaskable::NotShown(_) => "not_fully_shown",
            };
            let situation = Situation::Blocked { code, detail: unaskable.to_string() };
            close::refuse(desk, &speech, &situation, Some(call), None, Verdict::Blocked)
        }
    }
}

/// Used where nothing is known of a task.
pub(super) fn no_ticket() -> Ticket {
    Ticket { retry_after_s: 5, ..Ticket::default() }
}

/// What a refusal without a hold counts as.
pub(super) fn refused(verdict: Verdict) -> Effect {
    Effect::Measure(Measure::Refused(verdict))
}
