//! One request in full: what will happen, to what, who wants it, why, where it goes, what is hidden, how long is left.

mod consent;
mod flow;
mod past;
mod payload;
mod similar;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{
    Frame, Reader, Shown, Tab,
    after::{After, Look},
    html, link,
    row::{Hurry, Word, gone, reversible},
    sentence_case, times,
};
use crate::{
    approver::{
        find,
        sentence::class_words,
        view::{Open, Request},
    },
    login::Reviewer,
    service::{Service, TaskView},
};
use consent::{Consent, Further, Others};
use flow::Flow;
use past::{Ballot, GlassPart, Happened};
use payload::Sent;
use similar::Similar;

/// Something to say above the request.
pub(super) struct Banner {
    pub(super) tone: &'static str,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) changes: Vec<String>,
}

#[derive(Template)]
#[template(path = "detail.html")]
pub(super) struct Page {
    frame: Frame,
    r: Request,
    notice: Option<Banner>,
    draft: String,
    now_ms: i64,
    state: Look,
    reversible: Option<Word>,
    open: bool,
    hurry: Hurry,
    can_decide: bool,
    glass: GlassPart,
    closed: String,
    mine: String,
    left: String,
    class: String,
    flow: Flow,
    question_when: String,
    answers: Vec<Said>,
    policy_link: Option<String>,
    commit: String,
    consent: Consent,
    similar: Similar,
    agent_link: String,
    rule_link: String,
    alike: Option<Others>,
    again: Option<Further>,
    under: Option<String>,
    created: String,
    created_iso: String,
    gone: String,
    expires: String,
    expires_iso: String,
    payload: Sent,
    votes: Vec<Ballot>,
    ending: Option<&'static str>,
    outcome: Option<Happened>,
    after: After,
}

/// An answer of the requester's side.
struct Said {
    question: String,
    text: String,
    when: String,
}

/// `GET /r/{id}`
pub(super) async fn page(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Path(id): Path<String>,
) -> Result<Response, Shown> {
    let task = find(&service, &id).await?;
    let page = read(&service, &reviewer, &task, None, String::new()).await?;
    Ok(html(StatusCode::OK, &page))
}

/// The page of a task, with something to say above it and what the reader had typed.
pub(super) async fn read(
    service: &Service,
    reviewer: &Reviewer,
    task: &TaskView,
    notice: Option<Banner>,
    draft: String,
) -> Result<Page, Shown> {
    let now = service.now_ms();
    let r = Request::of(task);
    let tab = match r.is_open() {
        Open::Yes => Tab::Waiting,
        Open::No => Tab::Decided,
    };
    let may = service.may_decide(&reviewer.person, task);
    Ok(Page {
        frame: Frame::of(service, reviewer, tab).await?,
        state: Look::of(r.state),
        reversible: reversible(r.action.reversible),
        open: r.is_open() == Open::Yes,
        hurry: Hurry::of(&r, now),
        can_decide: may.is_ok(),
        glass: GlassPart {
            can_break: service.may_break_glass(&reviewer.person, task).is_ok(),
            can_look: service.may_look_again(&reviewer.person, task).is_ok(),
            lines: r.break_glass.iter().flat_map(past::broken).collect(),
        },
        mine: consent::mine(task, reviewer),
        closed: consent::closed(&r, task, reviewer, may.err()),
        left: times::left(r.expires_at_ms, now),
        class: sentence_case(class_words(r.action.class.as_str()).as_str()).trim_end_matches('.').to_owned(),
        flow: flow::flow(&r),
        question_when: r.question.as_ref().map(|q| times::ago(q.at_ms, now)).unwrap_or_default(),
        answers: r
            .answers
            .iter()
            .map(|a| Said {
                question: a.question.to_string(),
                text: a.text.to_string(),
                when: times::ago(a.at_ms, now),
            })
            .collect(),
        policy_link: consent::policy_link(service.config().policy_url(), &r),
        commit: r.policy.commit.as_str().chars().take(7).collect(),
        consent: consent::consent(&r),
        similar: similar::similar(&service.similar(task).await?, now),
        agent_link: link::agent(&task.submission.client.actor.id),
        rule_link: link::rule(&task.submission.context.v1.policy.id, &task.submission.context.v1.policy.rule),
        alike: consent::others(&r),
        again: r.scope.as_ref().map(consent::further),
        under: r
            .standing
            .as_ref()
            .map(|under| format!("use {} of standing approval {}", under.number, under.id)),
        created: times::moment(r.created_at_ms),
        created_iso: r.created_at.clone(),
        gone: gone(&r, now),
        expires: times::moment(r.expires_at_ms),
        expires_iso: r.expires_at.clone(),
        payload: payload::sent(&r),
        votes: r.votes.iter().map(past::ballot).collect(),
        ending: past::ending(r.state),
        outcome: r.outcome.as_ref().map(past::happened),
        after: After::of(service, reviewer, task, &r),
        now_ms: now,
        notice,
        draft,
        r,
    })
}
