//! From the submission to a decision: ask, wait, and understand the answer.

use super::{
    Asking, Contact, Desk, Effect, Holding, Justified, Label, Measure, Reading, Serial, State, Step, Verdict,
    Waiting, close, redeem,
};
use crate::{
    answer::{Situation, Ticket, speech::Speech},
    ask::Ask,
    busy::Busy,
    permit::{Grant, GrantFault},
    service::{Answer, Post, poll, retry_after_s, task_path},
    watch::Wait,
    worker::ANSWER_MS,
};
use countersign_wire::{
    names,
    outcome::ContextAnswer,
    record::Event as Recorded,
    task::{Status, Task},
};

/// Submissions of one call before the service counts as unavailable.
const SUBMISSIONS: u8 = 3;
/// The pause while the service has not yet acknowledged this VM's chain, in milliseconds.
const CHAIN_MS: u64 = 250;
/// A redeem is not started with less of the hold left, in milliseconds.
const REDEEM_MS: u64 = 2000;

/// Starts to hold a call.
pub(super) fn begin(desk: &mut Desk<'_>, mut ask: Ask, weight: usize) -> State {
    let mut members = close::described(&ask);
    members.insert("request_digest".into(), ask.request_digest.clone().into());
    let worker = &mut *desk.worker;
    let record = worker.journal.write(desk.now, &mut worker.entropy, Recorded::ApprovalRequested, members);
    ask.submission.context.v1.audit = record;
    worker.holding += 1;
    worker.journal.counts().held += 1;
    let body = serde_json::to_vec(&ask.submission).unwrap_or_default();
    let post = Post::json(names::REQUESTS_PATH.to_owned(), body, &mut worker.entropy);
    let now = desk.now.mono_ms;
    let ticket = Ticket {
        handle: Some(ask.handle.clone()),
        code: ask.submission.context.v1.code.clone(),
        retry_after_s: 5,
        ..Ticket::default()
    };
    let deadline = now.saturating_add(ask.terms.hold_ms);
    let (contact, justified) = (Contact::Lost, Justified::No);
    let holding = Box::new(Holding { ask, started: now, deadline, ticket, contact, justified, weight });
    desk.effects.push(Effect::Measure(Measure::HoldBegins));
    desk.effects.push(Effect::Verdict(Verdict::Held));
    desk.effects.push(Effect::Label(Label::Rule, holding.ask.terms.rule.clone()));
    submit(desk, holding, post, 0)
}

fn submit(desk: &mut Desk<'_>, holding: Box<Holding>, post: Post, tries: u8) -> State {
    let serial = desk.post(&post, ANSWER_MS, holding.ask.trace.as_deref());
    let step = Step::Answer { serial, since: desk.now.mono_ms, wait_s: 0 };
    State::Asking(holding, Asking { post, tries: tries + 1, step })
}

/// The answer to a dispatch.
pub(super) fn answered(state: State, desk: &mut Desk<'_>, serial: Serial, answer: &Answer) -> State {
    match state {
        State::Asking(holding, asking) if awaits(asking.step, serial) => {
            submitted(desk, holding, asking, answer)
        }
        State::Waiting(holding, waiting) if awaits(waiting.step, serial) => {
            polled(desk, holding, waiting, answer)
        }
        State::Redeeming(holding, redeeming) if redeeming.serial == serial => {
            redeem::answered(desk, holding, *redeeming, answer)
        }
        // A late answer to something nobody asks any more.
        State::Asking(..)
        | State::Waiting(..)
        | State::Redeeming(..)
        | State::Fresh
        | State::Passing
        | State::Reading(_)
        | State::Released(_)
        | State::Ended => state,
    }
}

fn awaits(step: Step, answered: Serial) -> bool {
    match step {
        Step::Answer { serial, .. } => serial == answered,
        Step::Until(_) | Step::Watched => false,
    }
}

fn submitted(desk: &mut Desk<'_>, mut holding: Box<Holding>, asking: Asking, answer: &Answer) -> State {
    let task = match answer {
        Answer::Http { status: 200..=202, body, .. } => Task::read(body),
        // It is there and takes no more: asking at once again would only add to that.
        Answer::Http { status: 429, body, .. } => {
            holding.ticket.retry_after_s = retry_after(answer);
            return close::block(
                desk,
                &holding,
                None,
                &Situation::Busy(Busy::read(body)),
                Verdict::Unavailable,
            );
        }
        Answer::Http { .. } | Answer::Lost => None,
    };
    let Some(task) = task else {
        holding.contact = Contact::Lost;
        if asking.tries >= SUBMISSIONS {
            return unavailable(desk, &holding, None);
        }
        let pause = 250u64 << asking.tries;
        return State::Asking(holding, Asking { step: Step::Until(desk.now.mono_ms + pause), ..asking });
    };
    let worker = &mut *desk.worker;
    worker.journal.reachable(desk.now);
    let members = close::named(&holding.ask, Some(&task.id));
    worker.journal.write(desk.now, &mut worker.entropy, Recorded::ApprovalPending, members);
    desk.effects.push(Effect::Label(Label::Task, task.id.clone()));
    let waiting = Waiting { tid: task.id.clone(), losses: 0, step: Step::Watched };
    understand(desk, holding, waiting, &task, Early::No, retry_after(answer))
}

fn retry_after(answer: &Answer) -> u64 {
    match answer {
        Answer::Http { retry_after_s: stated, .. } => retry_after_s(*stated),
        Answer::Lost => retry_after_s(None),
    }
}

/// Whether a long poll came back before its time, as from a service that does not wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Early {
    Yes,
    No,
}

fn polled(desk: &mut Desk<'_>, mut holding: Box<Holding>, waiting: Waiting, answer: &Answer) -> State {
    let early = match waiting.step {
        Step::Answer { since, wait_s, .. }
            if desk.now.mono_ms - since.min(desk.now.mono_ms) + 1000 < wait_s * 1000 =>
        {
            Early::Yes
        }
        Step::Answer { .. } | Step::Until(_) | Step::Watched => Early::No,
    };
    let task = match answer {
        Answer::Http { status: 200, body, .. } => Task::read(body).filter(|task| task.id == waiting.tid),
        // The last state repeated: still pending, or this poll would not have been made.
        Answer::Http { status: 304, .. } => {
            holding.contact = Contact::Heard;
            return wait(desk, holding, Waiting { losses: 0, ..waiting }, early, retry_after(answer));
        }
        Answer::Http { .. } | Answer::Lost => None,
    };
    let Some(task) = task else {
        holding.contact = Contact::Lost;
        let losses = waiting.losses.saturating_add(1);
        let pause = 500u64 << losses.min(3);
        return State::Waiting(
            holding,
            Waiting { losses, step: Step::Until(desk.now.mono_ms + pause), ..waiting },
        );
    };
    desk.worker.journal.reachable(desk.now);
    understand(desk, holding, Waiting { losses: 0, ..waiting }, &task, early, retry_after(answer))
}

/// What a task says, decided by its status alone.
fn understand(
    desk: &mut Desk<'_>,
    mut holding: Box<Holding>,
    waiting: Waiting,
    task: &Task,
    early: Early,
    retry_s: u64,
) -> State {
    holding.contact = Contact::Heard;
    remember(&mut holding.ticket, task, retry_s);
    match task.status {
        Status::Pending | Status::Unknown => match task.question() {
            Some(question) => asked(desk, holding, waiting, question, retry_s),
            None => wait(desk, holding, waiting, early, retry_s),
        },
        Status::Approved => approved(desk, holding, waiting, task),
        Status::Denied => {
            if let Err(fault) = Grant::verify_denial(task, &holding.ask, &desk.worker.config) {
                close::verify_failed(desk, &holding, Some(&task.id), "denial", &fault.to_string());
            }
            let reason = task.display.as_ref().and_then(|display| display.description.clone());
            let reason = reason.map(|reason| masked(desk, &holding, &reason));
            close::block(desk, &holding, Some(&task.id), &Situation::Denied { reason }, Verdict::Denied)
        }
        Status::Expired => {
            close::note(desk, &holding, &task.id, Recorded::ApprovalExpired);
            close::block(desk, &holding, Some(&task.id), &Situation::Expired, Verdict::Expired)
        }
        Status::Cancelled => {
            close::note(desk, &holding, &task.id, Recorded::ApprovalCancelled);
            close::block(desk, &holding, Some(&task.id), &Situation::Expired, Verdict::Expired)
        }
        Status::Failed => unavailable(desk, &holding, Some(&task.id)),
    }
}

/// What people at the service wrote, as the agent may read it.
fn masked(desk: &Desk<'_>, holding: &Holding, text: &str) -> String {
    desk.worker.config.policy.masker(&holding.ask.terms).text(text).0.into_string()
}

/// A link for people, if it is one that can be shown: never followed.
fn remember(ticket: &mut Ticket, task: &Task, retry_s: u64) {
    let visible = |text: &&str| text.len() <= 512 && text.bytes().all(|b| b.is_ascii_graphic());
    let link = task.links.as_ref().and_then(|links| links.ticket.as_deref());
    let link =
        link.filter(visible).filter(|link| link.starts_with("https://") || link.starts_with("http://"));
    if let Some(link) = link {
        ticket.link = Some(link.to_owned());
    }
    let code = task.code().filter(|code| code.len() <= 16).filter(visible);
    if let Some(code) = code {
        ticket.code = Some(code.to_owned());
    }
    if let Some(expires) = task.expires_at.as_deref().filter(|text| text.len() <= 40).filter(visible) {
        ticket.expires_at = Some(expires.to_owned());
    }
    ticket.retry_after_s = retry_s;
}

fn approved(desk: &mut Desk<'_>, holding: Box<Holding>, waiting: Waiting, task: &Task) -> State {
    let grant = match Grant::verify(task, &holding.ask, &desk.worker.config, desk.now) {
        Ok(grant) => grant,
        Err(fault) => {
            close::verify_failed(desk, &holding, Some(&task.id), fault.code(), &fault.to_string());
            let (situation, verdict) = match fault {
                GrantFault::Time => (Situation::Expired, Verdict::Expired),
                GrantFault::Missing | GrantFault::Token(_) | GrantFault::Claim(_) | GrantFault::Quorum(_) => {
                    (Situation::Invalid, Verdict::Invalid)
                }
            };
            return close::block(desk, &holding, Some(&task.id), &situation, verdict);
        }
    };
    if desk.now.mono_ms.saturating_add(REDEEM_MS) > holding.deadline {
        return hand_off(desk, holding, &task.id);
    }
    match desk.worker.journal.standing() {
        crate::journal::Standing::Known => redeem::begin(desk, holding, &task.id, grant),
        // Nothing may be released by a chain the service does not know. It is being told; look again soon.
        crate::journal::Standing::Unknown => {
            State::Waiting(holding, Waiting { step: Step::Until(desk.now.mono_ms + CHAIN_MS), ..waiting })
        }
    }
}

/// A reviewer asks something. The agent cannot answer while it is held, unless it already has.
fn asked(
    desk: &mut Desk<'_>,
    mut holding: Box<Holding>,
    waiting: Waiting,
    question: &str,
    retry_s: u64,
) -> State {
    let justification = holding.ask.submission.context.business_justification.clone();
    match (justification, holding.justified) {
        (Some(justification), Justified::No) => {
            holding.justified = Justified::Yes;
            let body = serde_json::to_vec(&ContextAnswer { justification }).unwrap_or_default();
            let path = format!("{}/context", task_path(&waiting.tid));
            let post = Post::json(path, body, &mut desk.worker.entropy);
            close::note(desk, &holding, &waiting.tid, Recorded::ContextAnswered);
            let serial = desk.post(&post, ANSWER_MS, holding.ask.trace.as_deref());
            let step = Step::Answer { serial, since: desk.now.mono_ms, wait_s: 0 };
            State::Waiting(holding, Waiting { step, ..waiting })
        }
        (Some(_), Justified::Yes) | (None, _) => {
            holding.ticket.retry_after_s = retry_s;
            close::note(desk, &holding, &waiting.tid, Recorded::ContextAsked);
            let question = masked(desk, &holding, question);
            let situation = Situation::NeedsContext { question };
            close::block(desk, &holding, Some(&waiting.tid), &situation, Verdict::HandedOff)
        }
    }
}

/// Waits on: at once by a long poll or the watch, or after a pause where the service does not wait.
fn wait(desk: &mut Desk<'_>, holding: Box<Holding>, waiting: Waiting, early: Early, retry_s: u64) -> State {
    match (early, desk.worker.watch.advise(desk.worker.holding)) {
        (_, Wait::Watched) => {
            desk.worker.watch.add(&waiting.tid, desk.id);
            State::Waiting(holding, Waiting { step: Step::Watched, ..waiting })
        }
        (Early::Yes, Wait::Alone) => {
            let until = desk.now.mono_ms.saturating_add(retry_s * 1000);
            State::Waiting(holding, Waiting { step: Step::Until(until), ..waiting })
        }
        (Early::No, Wait::Alone) => look(desk, holding, waiting, Patience::Long),
    }
}

/// How long the service may think about a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Patience {
    /// As long as the protocol and the hold allow.
    Long,
    /// Not at all.
    None,
}

fn look(desk: &mut Desk<'_>, holding: Box<Holding>, waiting: Waiting, patience: Patience) -> State {
    let remaining_s = holding.deadline.saturating_sub(desk.now.mono_ms) / 1000;
    let wait_s = match patience {
        Patience::Long => remaining_s.saturating_sub(1).min(names::MAX_WAIT_S),
        Patience::None => 0,
    };
    let worker = &mut *desk.worker;
    let path = task_path(&waiting.tid);
    let trace = holding.ask.trace.as_deref();
    let dispatch = poll(&worker.config, &mut worker.entropy, desk.now, &path, wait_s, trace);
    let serial = desk.dispatch(dispatch);
    State::Waiting(
        holding,
        Waiting { step: Step::Answer { serial, since: desk.now.mono_ms, wait_s }, ..waiting },
    )
}

/// The watch says that this task is no longer pending: look, without waiting.
pub(super) fn woken(state: State, desk: &mut Desk<'_>) -> State {
    match state {
        State::Waiting(holding, waiting) => match waiting.step {
            Step::Watched => {
                desk.worker.watch.remove(&waiting.tid, desk.id);
                look(desk, holding, waiting, Patience::None)
            }
            Step::Answer { .. } | Step::Until(_) => State::Waiting(holding, waiting),
        },
        State::Fresh
        | State::Passing
        | State::Reading(_)
        | State::Asking(..)
        | State::Redeeming(..)
        | State::Released(_)
        | State::Ended => state,
    }
}

/// Time has passed.
pub(super) fn tick(state: State, desk: &mut Desk<'_>) -> State {
    let now = desk.now.mono_ms;
    match state {
        State::Reading(reading) if now >= reading.until => body_missing(desk, &reading),
        State::Asking(holding, _) if now >= holding.deadline => unavailable(desk, &holding, None),
        State::Asking(holding, asking) if due(asking.step, now) => {
            submit(desk, holding, asking.post, asking.tries)
        }
        State::Waiting(holding, waiting) if now >= holding.deadline => {
            let tid = waiting.tid;
            match holding.contact {
                Contact::Heard => hand_off(desk, holding, &tid),
                Contact::Lost => unavailable(desk, &holding, Some(&tid)),
            }
        }
        State::Waiting(holding, waiting) if due(waiting.step, now) => {
            look(desk, holding, waiting, Patience::Long)
        }
        State::Redeeming(holding, redeeming) if now >= redeeming.give_up => {
            redeem::abandon(desk, &holding, &redeeming)
        }
        State::Reading(_)
        | State::Asking(..)
        | State::Waiting(..)
        | State::Redeeming(..)
        | State::Fresh
        | State::Passing
        | State::Released(_)
        | State::Ended => state,
    }
}

fn due(step: Step, now: u64) -> bool {
    match step {
        Step::Until(moment) => now >= moment,
        Step::Answer { .. } | Step::Watched => false,
    }
}

/// The body did not come. Where the host lacks `allow_on_headers_stop_iteration` it never can: the proxy waits for the
/// filter and the filter for the proxy. So this is refused with a record that names the option.
fn body_missing(desk: &mut Desk<'_>, reading: &Reading) -> State {
    let detail = "the body did not arrive in time; if no held body ever does, the plugin lacks \
                  `allow_on_headers_stop_iteration: true`";
    let situation = Situation::Blocked { code: "body_missing", detail: detail.to_owned() };
    close::refuse(
        desk,
        &Speech::of_head(&reading.call),
        &situation,
        Some(&reading.call),
        None,
        Verdict::Blocked,
    )
}

/// Nobody has decided within the hold: the agent is told how to come again, and the task lives on.
fn hand_off(desk: &mut Desk<'_>, mut holding: Box<Holding>, tid: &str) -> State {
    holding.ticket.state = holding.ask.next_round(&desk.worker.config, desk.now);
    close::block(desk, &holding, Some(tid), &Situation::Pending, Verdict::HandedOff)
}

fn unavailable(desk: &mut Desk<'_>, holding: &Holding, tid: Option<&str>) -> State {
    let situation = Situation::Unavailable { what: "the approval service does not answer as it must" };
    close::block(desk, holding, tid, &situation, Verdict::Unavailable)
}
