//! Whose consent is wanted, how far it has come, and what else the reader may do or read.

use crate::{
    approver::{
        scope::{Scope, span},
        sentence::grouped,
        view::{Open, Request},
    },
    inbox::{link, sentence_case},
    login::Reviewer,
    service::{Choice, Refusal, Status, TaskView},
};

/// Whose consent is wanted, and how far it has come.
pub(super) struct Consent {
    pub(super) words: String,
    pub(super) progress: String,
    pub(super) seats: Vec<Seat>,
}

/// One of those who must agree: somebody who has, or a place that is open.
pub(super) struct Seat {
    pub(super) taken: bool,
    pub(super) text: String,
}

/// The other requests of its group that wait.
pub(super) struct Others {
    pub(super) words: String,
    pub(super) href: String,
}

/// What may be agreed to beyond this one request.
pub(super) struct Further {
    pub(super) words: String,
    pub(super) uses: u32,
    pub(super) minutes: i64,
    pub(super) bound: String,
}

/// A link that is what it looks like: https, and no character that ends or hides it.
fn is_plain_https(url: &str) -> bool {
    url.starts_with("https://") && url.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\^`{|}@".contains(&b))
}

/// What the reader has said already; empty where nothing, or where it counts no more.
pub(super) fn mine(task: &TaskView, reviewer: &Reviewer) -> String {
    let me = &reviewer.person;
    let mine = task.votes.iter().rfind(|vote| vote.person.iss == me.iss && vote.person.sub == me.sub);
    match (task.status, mine.map(|vote| vote.choice)) {
        (Status::Pending, Some(Choice::Approve | Choice::BreakGlass)) => {
            "You have approved this; others are awaited. A new decision takes the place of yours.".to_owned()
        }
        (Status::Pending, Some(Choice::Deny)) => {
            "You have said no. A new decision takes the place of yours.".to_owned()
        }
        _ => String::new(),
    }
}

pub(super) fn closed(r: &Request, task: &TaskView, reviewer: &Reviewer, refusal: Option<Refusal>) -> String {
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

/// Whose consent is wanted, and how far it has come.
pub(super) fn consent(r: &Request) -> Consent {
    let wanted = r.quorum.words();
    let people =
        if r.quorum.required == 1 { "1 person".to_owned() } else { format!("{} people", r.quorum.required) };
    let veto = if r.quorum.veto && r.quorum.required > 1 { ", one no is a no" } else { "" };
    let words = match r.is_open() {
        Open::Yes => format!("requires {people} of {wanted}{veto}"),
        Open::No => format!("required {people} of {wanted}{veto}"),
    };
    let approved = r.votes.iter().filter(|vote| vote.choice == "approve");
    let mut seats: Vec<Seat> = approved
        .map(|vote| Seat { taken: true, text: format!("{} for {}", vote.person, vote.group) })
        .collect();
    if r.is_open() == Open::Yes {
        let missing = usize::try_from(r.quorum.required).unwrap_or(0).saturating_sub(seats.len());
        let mut awaited = r.quorum.awaiting.iter().map(ToString::to_string);
        for _ in 0..missing.max(r.quorum.awaiting.len()).min(12) {
            seats.push(Seat {
                taken: false,
                text: awaited.next().unwrap_or_else(|| "anyone of them".to_owned()),
            });
        }
    }
    Consent { words, progress: format!("{} of {}", r.quorum.approved, r.quorum.required), seats }
}

/// Where the policy's commit can be read: as the configuration says, else as the policy itself does.
pub(super) fn policy_link(template: Option<&str>, r: &Request) -> Option<String> {
    let commit = r.policy.commit.as_str();
    let plain = !commit.is_empty() && commit.bytes().all(|b| b.is_ascii_alphanumeric());
    match template.filter(|_| plain) {
        Some(template) => Some(template.replace("{commit}", commit)),
        None => r.policy.repo_url.as_ref().map(ToString::to_string).filter(|url| is_plain_https(url)),
    }
}

pub(super) fn others(r: &Request) -> Option<Others> {
    let alike = r.alike.as_ref().filter(|_| r.is_open() == Open::Yes)?;
    let others = alike.waiting.saturating_sub(1);
    let words = match others {
        0 => return None,
        1 => "1 other request waits that differs only in the body".to_owned(),
        n => format!("{} other requests wait that differ only in the body", grouped(n)),
    };
    Some(Others { words, href: format!("/inbox/alike/{}", link::part(&alike.group)) })
}

pub(super) fn further(scope: &Scope) -> Further {
    Further {
        words: scope.words.to_string(),
        uses: scope.uses,
        minutes: (scope.seconds + 59) / 60,
        bound: format!("at most {} times, this one included, within {}", scope.uses, span(scope.seconds)),
    }
}
