//! The parts of a card between its head and its buttons. Every text of others is a `TextRun`.

use serde_json::{Value, json};

use super::{
    card::Room,
    text::{Look, paragraph, runs, spaced},
};
use crate::{
    approver::{
        sentence::grouped,
        text::{Inert, inert_short},
        view::{Here, Open, Request},
    },
    inbox::times::moment,
};

/// Who, why, what data, where to, under which rule, whose consent, until when.
pub(super) fn facts(r: &Request, room: Room) -> Vec<Value> {
    let cut = |text: &str| inert_short(text, room.name);
    let mut rows = vec![row("Requested by", &runs(cut(&r.requester()).as_str(), Look::Plain), None)];
    if let Some(why) = &r.why {
        let said = runs(cut(why.as_str()).as_str(), Look::Plain);
        rows.push(row("Why", &said, Some("said by the agent, not verified")));
    }
    let claimed = (r.lineage.source.as_str() == "claimed")
        .then_some("where the data comes from is the agent's own claim, not verified");
    rows.push(row("Data", &runs(cut(&data(r)).as_str(), Look::Plain), claimed));
    let method = r.action.method.as_ref().map(|method| format!("{method} ")).unwrap_or_default();
    let to = format!("{method}{}{}", r.destination.authority, r.destination.path);
    rows.push(row("Destination", &runs(cut(&to).as_str(), Look::Plain), None));
    let commit: String = r.policy.commit.as_str().chars().take(7).collect();
    let policy = format!("{} / {} @ {commit}", r.policy.id, r.policy.rule);
    rows.push(row("Policy", &runs(cut(&policy).as_str(), Look::Plain), None));
    rows.push(row("Consent", &runs(cut(&r.progress()).as_str(), Look::Plain), None));
    let until = match r.is_open() {
        Open::Yes => ("Expires", r.expires_at_ms),
        Open::No => ("Decided", r.decided_at_ms.unwrap_or(r.expires_at_ms)),
    };
    rows.push(row(until.0, &runs(&moment(until.1), Look::Plain), None));
    rows.push(row("Code", &runs(r.code.as_str(), Look::Bold), None));
    rows
}

fn data(r: &Request) -> String {
    let object = r.object();
    if r.lineage.inputs.is_empty() {
        return object;
    }
    let inputs: Vec<&str> = r.lineage.inputs.iter().take(3).map(Inert::as_str).collect();
    format!("{object} from {}", inputs.join(", "))
}

fn row(label: &str, value: &[Value], note: Option<&str>) -> Value {
    let mut items = vec![json!({"type": "RichTextBlock", "inlines": value})];
    items.extend(note.map(|note| ours(note, "None")));
    json!({
        "type": "ColumnSet",
        "spacing": "Small",
        "columns": [
            {"type": "Column", "width": "96px", "items": [ours(label, "Default")]},
            {"type": "Column", "width": "stretch", "items": items},
        ],
    })
}

/// Words of ours, small.
fn ours(text: &str, spacing: &str) -> Value {
    json!({"type": "TextBlock", "text": text, "isSubtle": true, "size": "Small", "wrap": true, "spacing": spacing})
}

fn warning(text: &str) -> Value {
    json!({"type": "TextBlock", "text": text, "color": "Warning", "wrap": true, "spacing": "Small"})
}

/// What a reviewer must know before deciding.
pub(super) fn warnings(r: &Request) -> Vec<Value> {
    let mut all = Vec::new();
    if r.is_open() == Open::No {
        return all;
    }
    if r.earlier.is_some() {
        all.push(warning(
            "The same request was released before, and that is not over. Open the inbox before you decide.",
        ));
    }
    if r.waiting.is_some_and(|waiting| waiting.here == Here::No) {
        all.push(warning("Nobody waits for it now: an approval is used when the agent comes again."));
    }
    if !r.secrets.is_empty() {
        all.push(warning("A secret is put into the request when it is released."));
    }
    all
}

/// What will be sent, masked.
pub(super) fn payload(r: &Request, room: Room) -> Vec<Value> {
    let p = &r.payload;
    let masked: u64 = p.masked.iter().map(|place| place.count).sum();
    let mut about = vec![format!("{} bytes", grouped(p.size))];
    if !p.media_type.is_empty() {
        about.push(inert_short(p.media_type.as_str(), 60).to_string());
    }
    about.push(format!("{} masked", grouped(masked)));
    let mut all = vec![paragraph(
        &[runs("What will be sent ", Look::Bold), runs(&about.join(", "), Look::Quiet)].concat(),
    )];
    if let Some(batch) = &r.batch {
        let listed = batch.members.iter().take(room.items);
        all.extend(listed.map(|one| {
            let text = format!("{} × {} {}", one.count, one.operation, one.id);
            paragraph(&runs(inert_short(&text, room.name).as_str(), Look::Code))
        }));
        all.push(ours(
            &format!("{} requests in one batch; all of them stand in the inbox.", batch.total),
            "Small",
        ));
    }
    let kept: String = p.excerpt.as_str().replace('\t', "    ").chars().take(room.excerpt).collect();
    let shown = kept.lines().take(room.lines);
    all.extend(shown.clone().map(|line| {
        // An empty run is none to some clients.
        let line = if line.is_empty() { " " } else { line };
        spaced(&runs(line, Look::Code), "None")
    }));
    let whole = p.excerpt.as_str().chars().count() <= room.excerpt && kept.lines().count() <= room.lines;
    if !whole {
        all.push(warning("… cut here. All of it stands in the inbox."));
    }
    if p.truncated {
        all.push(warning("The request is longer than what reviewers are shown."));
    }
    if let Some(lost) = p.masking.as_ref().map(|masking| masking.not_understood).filter(|lost| *lost > 0) {
        all.push(warning(&format!("{} bytes were not understood and are not shown.", grouped(lost))));
    }
    all
}

/// What was asked, answered and decided: who, when, why.
pub(super) fn story(r: &Request, room: Room) -> Vec<Value> {
    let mut all = Vec::new();
    let said = |who: &str, what: &str, at: i64, words: &str| {
        let mut parts = runs(inert_short(who, 80).as_str(), Look::Bold);
        parts.extend(runs(&format!(" {what} on {}: ", moment(at)), Look::Quiet));
        parts.extend(runs(inert_short(words, room.name).as_str(), Look::Plain));
        paragraph(&parts)
    };
    for answer in r.answers.iter().rev().take(room.items).rev() {
        all.push(said("The requester", "answered (not verified)", answer.at_ms, answer.text.as_str()));
    }
    if let (Some(question), Open::Yes) = (&r.question, r.is_open()) {
        all.push(said(question.by.as_str(), "asked", question.at_ms, question.text.as_str()));
    }
    for vote in r.votes.iter().rev().take(room.items.max(1)).rev() {
        let verb = match vote.choice.as_str() {
            "approve" => "approved",
            "deny" => "denied",
            "break_glass" => "approved alone",
            _ => "decided",
        };
        all.push(said(vote.person.as_str(), verb, vote.at_ms, vote.reason.as_str()));
    }
    if let Some(outcome) = &r.outcome {
        let status = outcome.status.map_or_else(|| "no status".to_owned(), |status| status.to_string());
        let text =
            format!("The destination answered {status}; {} bytes were sent.", grouped(outcome.request_bytes));
        all.push(ours(&text, "Small"));
    }
    all
}
