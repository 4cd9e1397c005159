//! What is different between the page a reader had open and the request as it is now.

use super::after::Look;
use crate::{
    approver::{
        sentence::grouped,
        text::Inert,
        view::{Payload, Request, Vote},
    },
    service::TaskView,
};

/// What is different, in sentences without full stops. `shown` is the request that the page was of, where it was of another.
pub(super) fn changes(task: &TaskView, shown: Option<&TaskView>, digest: &str, seen_at: i64) -> Vec<String> {
    let now = Request::of(task);
    let mut changes = Vec::new();
    if task.display_digest != digest {
        changes.push("what will be sent is not what you were shown".to_owned());
        changes.extend(shown.map(Request::of).iter().flat_map(|before| differences(before, &now)));
    }
    for vote in now.votes.iter().filter(|vote| vote.at_ms >= seen_at) {
        changes.push(format!("{} {} it: {}", vote.person, verb(vote), vote.reason));
    }
    if let Some(question) = now.question.as_ref().filter(|question| question.at_ms >= seen_at) {
        changes.push(format!("{} asked: {}", question.by, question.text));
    }
    for answer in now.answers.iter().filter(|answer| answer.at_ms >= seen_at) {
        changes.push(format!("the requester answered, and earlier approvals were cleared: {}", answer.text));
    }
    changes.push(format!("it is now: {}", Look::of(now.state).word.to_lowercase()));
    changes
}

fn verb(vote: &Vote) -> &'static str {
    match vote.choice.as_str() {
        "approve" => "approved",
        "deny" => "denied",
        _ => "asked about",
    }
}

/// Where two requests show something else.
fn differences(before: &Request, now: &Request) -> Vec<String> {
    let body = |payload: &Payload| format!("{} bytes, {}", grouped(payload.size), payload.media_type);
    let rule = |r: &Request| format!("{}/{}", r.policy.id, r.policy.rule);
    let place = |r: &Request| format!("{}{}", r.destination.authority, r.destination.path);
    let data = |r: &Request| r.lineage.inputs.iter().map(Inert::to_string).collect::<Vec<_>>().join(", ");
    let pairs = [
        ("what happens", before.sentence.to_string(), now.sentence.to_string()),
        ("the resource", before.resource.id.to_string(), now.resource.id.to_string()),
        ("the destination", place(before), place(now)),
        ("the agent", before.requester(), now.requester()),
        ("the data", data(before), data(now)),
        ("the rule", rule(before), rule(now)),
        ("the body", body(&before.payload), body(&now.payload)),
    ];
    let mut told: Vec<String> = pairs
        .into_iter()
        .filter(|(_, before, now)| before != now)
        .map(|(what, before, now)| {
            format!("{what} is “{}”, and you were shown “{}”", short(&now), short(&before))
        })
        .collect();
    if before.payload.excerpt != now.payload.excerpt {
        told.push(first_difference(before.payload.excerpt.as_str(), now.payload.excerpt.as_str()));
    }
    told
}

/// The first line in which two bodies differ.
fn first_difference(before: &str, now: &str) -> String {
    let place = before.chars().zip(now.chars()).take_while(|(one, other)| one == other).count();
    let around = |text: &str| {
        let part: String = text.chars().skip(place.saturating_sub(24)).take(72).collect();
        part.replace('\n', " ")
    };
    format!("the body says “{}” where you were shown “{}”", around(now), around(before))
}

fn short(text: &str) -> String {
    crate::approver::text::inert_short(text, 160).to_string()
}
