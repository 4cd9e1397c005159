//! One request in full: what will happen, to what, who wants it, why, where it goes, what is hidden, how long is left.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use countersign_wire::clock::rfc3339_s;

use super::{
    Frame, Reader, Shown, Tab,
    after::{After, Look},
    html,
    list::{Word, gone, reversible},
    sentence_case, times,
};
use crate::{
    approver::{
        BreakGlass, LookWord, Standing, find,
        scope::{Scope, span},
        sentence::{class_words, grouped, short_name},
        view::{Open, Outcome, Payload, Request, State as Stand, Vote},
    },
    login::Reviewer,
    service::{Filter, Refusal, Service, Status, TaskView},
};

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
    urgent: bool,
    can_decide: bool,
    glass: GlassPart,
    closed: String,
    left: String,
    class: String,
    flow: Flow,
    lineage_warning: Option<&'static str>,
    question_when: String,
    answers: Vec<Said>,
    policy_link: Option<String>,
    commit: String,
    quorum: String,
    similar: String,
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

/// The other requests of its group that wait.
struct Others {
    words: String,
    href: String,
}

/// What may be agreed to beyond this one request.
struct Further {
    words: String,
    uses: u32,
    minutes: i64,
    bound: String,
}

struct Flow {
    from: Option<Node>,
    via: Node,
    to: Node,
}

struct Node {
    label: &'static str,
    text: String,
    tags: Vec<String>,
}

struct Said {
    question: String,
    text: String,
    when: String,
}

struct Sent {
    title: &'static str,
    line: String,
    notes: Vec<Note>,
}

struct Note {
    tone: &'static str,
    mark: &'static str,
    text: String,
}

struct Ballot {
    person: String,
    verb: &'static str,
    mark: &'static str,
    tone: &'static str,
    when: String,
    iso: String,
    how: String,
    reason: String,
}

struct Happened {
    mark: &'static str,
    tone: &'static str,
    text: String,
}

/// What the page says and offers about deciding alone.
struct GlassPart {
    can_break: bool,
    can_look: bool,
    lines: Vec<Broken>,
}

/// One line about a decision that one person made alone.
struct Broken {
    tone: &'static str,
    mark: &'static str,
    text: String,
    reason: String,
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
        urgent: r.expires_at_ms - now < 60_000,
        can_decide: may.is_ok(),
        glass: GlassPart {
            can_break: service.may_break_glass(&reviewer.person, task).is_ok(),
            can_look: service.may_look_again(&reviewer.person, task).is_ok(),
            lines: r.break_glass.iter().flat_map(broken).collect(),
        },
        closed: closed(&r, task, reviewer, may.err()),
        left: times::left(r.expires_at_ms, now),
        class: sentence_case(class_words(r.action.class.as_str()).as_str()).trim_end_matches('.').to_owned(),
        flow: flow(&r),
        lineage_warning: (r.lineage.source.as_str() == "claimed")
            .then_some("Where the data comes from is the agent's own claim and not verified."),
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
        policy_link: r.policy.repo_url.as_ref().map(ToString::to_string).filter(|url| is_plain_https(url)),
        commit: r.policy.commit.as_str().chars().take(7).collect(),
        quorum: quorum(&r),
        similar: similar(service, task, now).await?,
        alike: others(&r),
        again: r.scope.as_ref().map(further),
        under: r
            .standing
            .as_ref()
            .map(|under| format!("use {} of standing approval {}", under.number, under.id)),
        created: times::moment(r.created_at_ms),
        created_iso: r.created_at.clone(),
        gone: gone(&r, now),
        expires: times::moment(r.expires_at_ms),
        expires_iso: r.expires_at.clone(),
        payload: sent(&r),
        votes: r.votes.iter().map(ballot).collect(),
        ending: ending(r.state),
        outcome: r.outcome.as_ref().map(happened),
        after: After::of(service, reviewer, task, &r),
        now_ms: now,
        notice,
        draft,
        r,
    })
}

/// A link that is what it looks like: https, and no character that ends or hides it.
fn is_plain_https(url: &str) -> bool {
    url.starts_with("https://") && url.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\^`{|}@".contains(&b))
}

fn closed(r: &Request, task: &TaskView, reviewer: &Reviewer, refusal: Option<Refusal>) -> String {
    let me = &reviewer.person;
    let mine = task.votes.iter().rfind(|vote| vote.person.iss == me.iss && vote.person.sub == me.sub);
    match (r.is_open(), mine, refusal) {
        (Open::Yes, Some(_), _) => format!("You have decided. {}.", capital(&r.progress())),
        (Open::Yes, None, Some(refusal)) => sentence_case(&refusal.to_string()),
        (Open::Yes, None, None) => String::new(),
        (Open::No, _, _) => "This is over; nothing is left to decide.".to_owned(),
    }
}

fn capital(text: &str) -> String {
    sentence_case(text).trim_end_matches('.').to_owned()
}

fn flow(r: &Request) -> Flow {
    let labels: Vec<String> = r.resource.labels.iter().map(ToString::to_string).collect();
    let lines = |sets: &[crate::approver::text::Inert]| {
        sets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let reads = matches!(r.action.class.as_str(), "data_export" | "read_only" | "credential_access");
    let from = if !r.lineage.inputs.is_empty() {
        Some(Node { label: "Data", text: lines(&r.lineage.inputs), tags: labels })
    } else if reads {
        Some(Node { label: "Data", text: short_name(r.resource.id.as_str()).to_string(), tags: labels })
    } else {
        None
    };
    let mut target: Vec<String> = Vec::new();
    if !reads && !r.lineage.outputs.is_empty() {
        target.push(lines(&r.lineage.outputs));
    } else if !reads {
        target.push(r.object());
    }
    Flow {
        via: Node {
            label: "Agent",
            text: r.who.agent.to_string(),
            tags: r.lineage.run.iter().map(ToString::to_string).collect(),
        },
        to: Node { label: "Goes to", text: r.destination.authority.to_string(), tags: target },
        from,
    }
}

fn quorum(r: &Request) -> String {
    let wanted = r.quorum.words();
    let people =
        if r.quorum.required == 1 { "1 person".to_owned() } else { format!("{} people", r.quorum.required) };
    let veto = if r.quorum.veto && r.quorum.required > 1 { ", one no is a no" } else { "" };
    match r.quorum.approved {
        _ if r.is_open() == Open::No => format!("required {people} of {wanted}{veto}"),
        0 => format!("requires {people} of {wanted}{veto}"),
        so_far => format!("requires {people} of {wanted}, {so_far} approved so far{veto}"),
    }
}

fn others(r: &Request) -> Option<Others> {
    let alike = r.alike.as_ref().filter(|_| r.is_open() == Open::Yes)?;
    let others = alike.waiting.saturating_sub(1);
    let words = match others {
        0 => return None,
        1 => "1 other request waits that differs only in the body".to_owned(),
        n => format!("{} other requests wait that differ only in the body", grouped(n)),
    };
    Some(Others { words, href: format!("/inbox?group={}", alike.group) })
}

fn further(scope: &Scope) -> Further {
    Further {
        words: scope.words.to_string(),
        uses: scope.uses,
        minutes: (scope.seconds + 59) / 60,
        bound: format!("at most {} times, this one included, within {}", scope.uses, span(scope.seconds)),
    }
}

/// What became of the same rule's requests by the same workload in the last thirty days.
async fn similar(service: &Service, task: &TaskView, now: i64) -> Result<String, Shown> {
    let all = service.list(Filter { status: crate::approver::decided(), limit: Some(500) }).await?;
    let same = |other: &&TaskView| {
        let (mine, theirs) = (&task.submission, &other.submission);
        other.id != task.id
            && now - other.created_at_ms < 30 * 86_400_000
            && mine.subject.id == theirs.subject.id
            && mine.context.v1.policy.id == theirs.context.v1.policy.id
            && mine.context.v1.policy.rule == theirs.context.v1.policy.rule
    };
    let (mut approved, mut denied, mut expired, mut withdrawn) = (0_usize, 0_usize, 0_usize, 0_usize);
    for other in all.iter().filter(same) {
        match other.status {
            Status::Approved => approved += 1,
            Status::Denied => denied += 1,
            Status::Expired => expired += 1,
            Status::Cancelled => withdrawn += 1,
            Status::Pending => {}
        }
    }
    let total = approved + denied + expired + withdrawn;
    let counts = [("approved", approved), ("denied", denied), ("expired", expired), ("withdrawn", withdrawn)];
    if total == 0 {
        return Ok(String::new());
    }
    let parts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    Ok(format!("{total} by this workload under this rule in the last 30 days: {}", parts.join(", ")))
}

fn sent(r: &Request) -> Sent {
    let Payload { size, truncated, excerpt, masked, media_type, allowed, masking } = &r.payload;
    let bytes = |n: u64| if n == 1 { "1 byte".to_owned() } else { format!("{} bytes", grouped(n)) };
    let mut notes = Vec::new();
    let mut note = |tone, mark, text: String| notes.push(Note { tone, mark, text });
    if *size == 0 {
        note("", "·", "No body".to_owned());
    } else if excerpt.is_empty() {
        note("warn", "△", format!("The body ({}) could not be read and is not shown", bytes(*size)));
    } else if *truncated && masking.as_ref().is_some_and(|proof| proof.not_understood > 0) {
        note("warn", "△", format!("Not all of these {} is shown", bytes(*size)));
    } else if *truncated {
        let shown = grouped(u64::try_from(excerpt.as_str().len()).unwrap_or(u64::MAX));
        note("warn", "△", format!("Cut: about the first {shown} of {} are shown", bytes(*size)));
    } else {
        note("", "·", format!("Exactly these {}, nothing cut", bytes(*size)));
    }
    match masked.iter().map(|place| place.count).sum::<u64>() {
        0 if *size == 0 || excerpt.is_empty() => {}
        0 => note("", "·", "Nothing masked".to_owned()),
        n => {
            let some: Vec<String> =
                masked.iter().take(3).map(|hidden| format!("{} ({})", hidden.path, hidden.words)).collect();
            let what = if n == 1 { "1 value".to_owned() } else { format!("{n} values") };
            let more = if masked.len() > 3 { ", and more below" } else { "" };
            note("", "◼", format!("{what} masked: {}{more}", some.join(", ")));
        }
    }
    if let Some(proof) = masking {
        if proof.not_understood > 0 {
            let what = bytes(proof.not_understood);
            note("warn", "△", format!("Not understood, and shown by size and type only: {what}"));
        }
        if proof.residual == 0 {
            note(
                "",
                "✓",
                format!("Looked through twice, {} in all: nothing sensitive was left", bytes(proof.seen)),
            );
        }
    }
    for place in allowed.iter().take(3) {
        note("", "·", format!("Shown because the policy allows it: {} ({})", place.path, place.words));
    }
    let method = r.action.method.as_ref().map_or("", |method| method.as_str());
    Sent {
        title: match r.state {
            Stand::Pending | Stand::NeedsContext | Stand::Approved => "What will be sent",
            Stand::Consumed => "What was sent",
            Stand::OutcomeUnknown => "What may have been sent",
            Stand::Revoked | Stand::Denied | Stand::Expired | Stand::Cancelled => "What would have been sent",
        },
        line: format!("{method} {}  {media_type}", r.destination.path).trim().to_owned(),
        notes,
    }
}

fn ballot(vote: &Vote) -> Ballot {
    let (verb, mark, tone) = match vote.choice.as_str() {
        "approve" => ("approved", "✓", "good"),
        "deny" => ("denied", "✕", "bad"),
        _ => ("asked", "?", "warn"),
    };
    Ballot {
        person: vote.person.to_string(),
        verb,
        mark,
        tone,
        when: times::moment(vote.at_ms),
        iso: rfc3339_s(vote.at_ms),
        how: match &vote.again {
            Some(again) => format!("for {} by {}, and the same again {again}", vote.group, vote.channel),
            None => format!("for {} by {}", vote.group, vote.channel),
        },
        reason: vote.reason.to_string(),
    }
}

/// Who decided alone, and what came of the second look.
fn broken(glass: &BreakGlass) -> Vec<Broken> {
    let due = times::moment(glass.review_by_ms);
    let text = format!("{} decided alone in an emergency on {}", glass.by, times::moment(glass.at_ms));
    let first = Broken { tone: "warn", mark: "!", text, reason: glass.reason.to_string() };
    let second = match (&glass.second_look, glass.state) {
        (Some(look), _) => {
            let (verb, mark, tone) = match look.verdict {
                LookWord::Confirm => ("confirmed", "✓", "good"),
                LookWord::Contest => ("contests", "✕", "bad"),
            };
            let text = format!("{} {verb} it on {}", look.by, times::moment(look.at_ms));
            Broken { tone, mark, text, reason: look.reason.to_string() }
        }
        (None, Standing::Overdue) => {
            let text = format!("A second human should have looked at it by {due}; nobody has");
            Broken { tone: "bad", mark: "!", text, reason: String::new() }
        }
        (None, Standing::Awaited | Standing::Confirmed | Standing::Contested) => {
            let text = format!("A second human must confirm or contest it by {due}");
            Broken { tone: "warn", mark: "○", text, reason: String::new() }
        }
    };
    vec![first, second]
}

fn ending(state: Stand) -> Option<&'static str> {
    match state {
        Stand::Pending
        | Stand::NeedsContext
        | Stand::Denied
        | Stand::Consumed
        | Stand::OutcomeUnknown
        | Stand::Revoked => None,
        Stand::Approved => Some("Released when the agent's request is still there or comes again."),
        Stand::Expired => Some("Nobody decided in time; nothing was sent."),
        Stand::Cancelled => Some("The requester's side withdrew it; nothing was sent."),
    }
}

fn happened(outcome: &Outcome) -> Happened {
    let mut parts = vec![format!("{} bytes sent", grouped(outcome.request_bytes))];
    parts.extend(outcome.response_bytes.map(|n| format!("{} bytes back", grouped(n))));
    parts.extend(outcome.duration_ms.map(times::duration));
    let facts = parts.join(", ");
    let status = outcome.status.map_or_else(|| "no status".to_owned(), |status| status.to_string());
    let (mark, tone, text) = match outcome.state.as_str() {
        "completed" => ("→", "good", format!("Sent. The destination answered {status}: {facts}")),
        "upstream_error" => ("!", "warn", format!("Sent, but the destination failed with {status}: {facts}")),
        "release_abandoned" => ("–", "warn", "Not sent: the release was abandoned".to_owned()),
        _ => ("!", "warn", format!("What became of it is not known: {facts}")),
    };
    Happened { mark, tone, text }
}
