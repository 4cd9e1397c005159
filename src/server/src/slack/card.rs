//! The card: one request as a message of Slack, in Block Kit.
//!
//! Promises: it is made of [`Request`], which is masked and inert; nothing of it is markup (see [`super::text`]); it leads
//! nowhere but to our own inbox; it stays within Slack's bounds whatever the request holds. Its buttons carry the
//! request's id and decide nothing. Once the request is over they are gone, and so is the payload: what was to be
//! seen has been seen, and the record is in the log.

use serde_json::{Value, json};

use super::text::{escaped, plain, preformatted, said};
use crate::{
    approver::{
        sentence::class_words,
        text::{Inert, inert, inert_short},
        view::{Open, Request, Reversible, State, Vote},
    },
    inbox::times,
};

/// Most characters of a header.
const HEADER: usize = 150;
/// Most characters of one field.
const FIELD: usize = 600;
/// Most characters of the payload.
const EXCERPT: usize = 2_200;
/// Most characters of a section of text.
const SECTION: usize = 2_000;
/// Most characters of a line of small print.
const SMALL: usize = 500;
/// Most votes that are listed; the inbox has them all.
const VOTES: usize = 8;

/// What a button asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Press {
    Approve,
    Deny,
    Ask,
}

impl Press {
    /// The button's `action_id`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
            Self::Ask => "ask",
        }
    }

    /// Reads an `action_id`; `None` where it is none of these.
    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Approve, Self::Deny, Self::Ask].into_iter().find(|press| press.as_str() == word)
    }
}

/// Where the buttons' block says which view of the request the card shows.
const BUTTONS: &str = "countersign.";

/// The block id of the buttons: it names what is shown, so that a press on an old card is known as one.
fn block_id(request: &Request) -> String {
    let shown =
        countersign_wire::digest::tagged_hex("countersign-card-v1\0", request.display_digest.as_bytes());
    let shown: String = shown.chars().take(32).collect();
    format!("{BUTTONS}{}.{shown}", request.id)
}

/// Whether the card that a press came from shows what the request is now.
pub(super) fn shows(request: &Request, id: &str) -> Shows {
    if block_id(request) == id { Shows::ThisOne } else { Shows::Another }
}

/// What a card shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    /// The request as it is now.
    ThisOne,
    /// Something else.
    Another,
}

/// One line for a notification on a phone; Slack reads this field as markup, so it is escaped like everything else.
pub(super) fn fallback(request: &Request) -> String {
    let word = headline(request.state);
    escaped(&Inert::from(format!("{word} {}: {}", request.code, request.sentence)), 300)
}

/// The card's blocks.
pub(super) fn blocks(request: &Request, link: &str, now: i64) -> Vec<Value> {
    let mut blocks = vec![
        json!({"type": "header", "text": said(format!("{}: {}", headline(request.state), request.sentence), HEADER)}),
        json!({"type": "section", "fields": fields(request)}),
    ];
    match request.is_open() {
        Open::Yes => {
            blocks.extend(warnings(request));
            blocks.extend(payload(request));
        }
        Open::No => {}
    }
    blocks.extend(history(request));
    blocks.push(json!({"type": "context", "elements": [said(small_print(request, now), SMALL)]}));
    blocks.push(actions(request, link));
    blocks
}

/// The state in a word or two, first in the header and in the notification.
fn headline(state: State) -> &'static str {
    match state {
        State::Pending => "Approval needed",
        State::NeedsContext => "Waits for an answer",
        State::Approved => "Approved",
        State::Consumed => "Approved and sent",
        State::OutcomeUnknown => "Outcome unknown",
        State::Revoked => "Taken back",
        State::Denied => "Denied",
        State::Expired => "Expired",
        State::Cancelled => "Withdrawn",
    }
}

/// Who, what, where to, by which rule.
pub(super) fn fields(request: &Request) -> Vec<Value> {
    let field = |label: &str, text: String| said(format!("{label}\n{text}"), FIELD);
    let to = &request.destination;
    let method = request.action.method.as_ref().map_or("", Inert::as_str);
    let reversible = match request.action.reversible {
        Reversible::Yes => "can be undone",
        Reversible::No => "cannot be undone",
        Reversible::Unknown => "nobody said whether it can be undone",
    };
    let mut fields = vec![
        field("Requested by", format!("{}\n{}", request.requester(), request.who.workload)),
        field("Data", format!("{} [lineage: {}]", request.object(), request.lineage.source)),
        field("Destination", format!("{}://{} {method} {}", to.scheme, to.authority, to.path)),
        field(
            "Policy",
            format!(
                "{}/{} @ {}\nneeds {}",
                request.policy.id,
                request.policy.rule,
                inert_short(&request.policy.commit.as_str().chars().take(7).collect::<String>(), 7),
                request.quorum.words()
            ),
        ),
        field("What it does", format!("{}, {reversible}", class_words(request.action.class.as_str()))),
    ];
    if let Some(why) = &request.why {
        fields.push(field("Why (said by the agent, not verified)", why.to_string()));
    }
    if !request.secrets.is_empty() {
        let names: Vec<&str> = request.secrets.iter().map(Inert::as_str).collect();
        fields.push(field("Secrets that its release puts in", names.join(", ")));
    }
    fields
}

/// What a reviewer must know before they read on.
fn warnings(request: &Request) -> Vec<Value> {
    let mut said_so = Vec::new();
    if let Some(batch) = &request.batch {
        let listed =
            batch.members.iter().take(10).map(|one| format!("{} × {} {}", one.count, one.operation, one.id));
        let mut lines: Vec<String> = listed.collect();
        lines.insert(0, format!("One batch of {} requests, approved as a whole or not at all:", batch.total));
        if batch.members.len() > 10 || batch.more_reads > 0 {
            lines.push("… and more; open it in the web inbox to see all of it".to_owned());
        }
        said_so.push(lines.join("\n"));
    }
    if let Some(earlier) = &request.earlier {
        said_so.push(match earlier.state {
            crate::approver::after::EarlierState::UnderWay => {
                "The same request was released before and is still under way.".to_owned()
            }
            crate::approver::after::EarlierState::Unknown => {
                "The same request was released before, and nobody knows what became of it.".to_owned()
            }
            crate::approver::after::EarlierState::Settled => {
                "The same request was released before.".to_owned()
            }
        });
    }
    if let Some(alike) = request.alike.as_ref().filter(|alike| alike.waiting > 1) {
        said_so
            .push(format!("{} requests like this one wait; each is decided on its own here.", alike.waiting));
    }
    said_so.into_iter().map(section).collect()
}

/// What will be sent, and what of it is not to be seen here.
pub(super) fn payload(request: &Request) -> Vec<Value> {
    let payload = &request.payload;
    if payload.size == 0 && payload.excerpt.is_empty() {
        return vec![section("What will be sent: no body".to_owned())];
    }
    let masked: u64 = payload.masked.iter().map(|one| one.count).sum();
    let mut about = vec![format!("What will be sent: {} bytes of {}", payload.size, payload.media_type)];
    if masked > 0 {
        about.push(format!("{masked} masked"));
    }
    if payload.truncated {
        about.push("NOT SHOWN WHOLE".to_owned());
    }
    if let Some(hidden) =
        payload.masking.as_ref().map(|masking| masking.not_understood).filter(|hidden| *hidden > 0)
    {
        about.push(format!("{hidden} bytes NOT UNDERSTOOD and not shown"));
    }
    let mut blocks = vec![section(about.join(", "))];
    if payload.excerpt.is_empty() {
        blocks.push(section("It is not understood, so it is not shown.".to_owned()));
    } else {
        blocks.push(preformatted(&payload.excerpt, EXCERPT));
    }
    blocks
}

/// What people said, the open question, and how it ended.
fn history(request: &Request) -> Vec<Value> {
    let mut lines: Vec<String> = Vec::new();
    let skipped = request.votes.len().saturating_sub(VOTES);
    if skipped > 0 {
        lines.push(format!("… {skipped} earlier votes: see the web inbox"));
    }
    lines.extend(request.votes.iter().skip(skipped).map(vote));
    if let Some(answer) = request.answers.last() {
        lines.push(format!(
            "Asked: {}\nThe requester's side answered (not verified): {}",
            short(&answer.question, 300),
            short(&answer.text, 500)
        ));
    }
    if let Some(question) = request.question.as_ref() {
        lines.push(format!("{} asks: {}", short(&question.by, 80), short(&question.text, 500)));
    }
    match request.state {
        State::Pending | State::NeedsContext | State::Approved | State::Denied => {}
        State::Consumed => lines.push(match &request.outcome {
            Some(outcome) => format!(
                "Sent; upstream: {}{}",
                outcome.state,
                outcome.status.map_or(String::new(), |status| format!(" {status}"))
            ),
            None => "Sent; its end is not reported yet".to_owned(),
        }),
        State::OutcomeUnknown => lines.push("It was released, and nobody knows what became of it".to_owned()),
        State::Revoked => lines.push("The approval was taken back before it was used".to_owned()),
        State::Expired => lines.push("Nobody decided in time; it was not sent".to_owned()),
        State::Cancelled => lines.push("The requester's side withdrew it; it was not sent".to_owned()),
    }
    if let Some(broken) = &request.break_glass {
        lines.push(broken.state.words().to_owned());
    }
    if lines.is_empty() { Vec::new() } else { vec![section(lines.join("\n"))] }
}

fn vote(vote: &Vote) -> String {
    let verb = match vote.choice.as_str() {
        "approve" => "Approved",
        "deny" => "Denied",
        "break_glass" => "Approved alone in an emergency",
        _ => "Asked",
    };
    format!(
        "{verb} by {} for {}, {}: {}",
        short(&vote.person, 80),
        short(&vote.group, 40),
        times::moment(vote.at_ms),
        short(&vote.reason, 150)
    )
}

fn short(text: &Inert, most: usize) -> Inert {
    // Lines of others' making would look like lines of ours.
    inert_short(text.as_str(), most)
}

fn small_print(request: &Request, now: i64) -> String {
    let mut parts = vec![format!("Code {}", request.code)];
    match request.is_open() {
        Open::Yes => {
            parts.push(format!("{} of {} approved", request.quorum.approved, request.quorum.required));
            parts.push(format!(
                "expires {} ({})",
                times::moment(request.expires_at_ms),
                times::left(request.expires_at_ms, now)
            ));
            if let Some(waiting) =
                request.waiting.filter(|waiting| waiting.here == crate::approver::view::Here::No)
            {
                let since =
                    waiting.gone_since_ms.map_or(String::new(), |at| format!(" since {}", times::moment(at)));
                parts.push(format!("nobody waits for it{since}"));
            }
        }
        Open::No => {
            if let Some(at) = request.decided_at_ms {
                parts.push(times::moment(at));
            }
        }
    }
    let masked: u64 = request.payload.masked.iter().map(|one| one.count).sum();
    parts.push(format!("masked: {masked}"));
    // What people compare between two screens; keyed digests tell nothing about what is behind them.
    let digest: String =
        request.display_digest.rsplit(':').next().unwrap_or_default().chars().take(10).collect();
    parts.push(format!("view {digest}"));
    parts.join(" · ")
}

pub(super) fn actions(request: &Request, link: &str) -> Value {
    let button = |press: Press, text: &str| json!({"type": "button", "action_id": press.as_str(), "value": request.id, "text": plain(&inert(text), 75)});
    let mut elements = match request.is_open() {
        Open::Yes => {
            let mut approve = button(Press::Approve, "Approve…");
            let mut deny = button(Press::Deny, "Deny…");
            for (one, style) in [(&mut approve, "primary"), (&mut deny, "danger")] {
                if let Some(members) = one.as_object_mut() {
                    members.insert("style".to_owned(), style.into());
                }
            }
            vec![approve, deny, button(Press::Ask, "Ask for context…")]
        }
        Open::No => Vec::new(),
    };
    elements.push(json!({
        "type": "button", "action_id": "open", "url": link, "text": plain(&inert("Open in web"), 75),
    }));
    json!({"type": "actions", "block_id": block_id(request), "elements": elements})
}

/// A section of plain text.
pub(super) fn section(text: String) -> Value {
    json!({"type": "section", "text": said(text, SECTION)})
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Press, Request, blocks, fallback};
    use crate::slack::{home, modal};

    /// A request that says `text` wherever somebody else has a say.
    fn request(text: &str, state: &str, many: usize) -> Request {
        let votes: Vec<Value> = (0..many)
            .map(|at| {
                json!({"person": text, "iss": text, "sub": text, "group": text, "choice": "approve", "reason": text,
                    "channel": "slack", "at_ms": at})
            })
            .collect();
        let members: Vec<Value> = (0..many)
            .map(|_| json!({"class": text, "words": text, "operation": text, "kind": text, "id": text, "count": 1}))
            .collect();
        serde_json::from_value(json!({
            "id": "arq_01KAJ5S0000000000000000000", "state": state, "sentence": text, "code": "MAPLE-42", "version": 1,
            "display_digest": format!("hmac-sha-256:{}:x", "k".repeat(300)), "created_at": "", "expires_at": "",
            "created_at_ms": 0, "expires_at_ms": 900_000, "decided_at_ms": 5,
            "who": {"workload": text, "agent": text, "humans": [{"sub": text}], "client": text},
            "why": text,
            "action": {"class": text, "method": text, "reversible": "no"},
            "resource": {"kind": text, "id": text, "labels": vec![text; many.min(12)]},
            "batch": {"total": many, "members": members, "more_reads": 3},
            "destination": {"scheme": "https", "authority": text, "path": text},
            "policy": {"id": text, "rule": text, "commit": text, "rule_digest": text},
            "quorum": {"required": 2, "approved": 1, "groups": vec![text; many.min(10)], "awaiting": [], "veto": true},
            "payload": {"media_type": text, "size": 63, "truncated": true, "excerpt": text,
                "masked": [{"path": text, "detector": text, "words": text, "count": 1}],
                "masking": {"detectors": text, "counts": [], "seen": 9, "not_understood": 7, "residual": 0}},
            "lineage": {"source": text, "inputs": [], "outputs": []},
            "secrets": vec![text; many.min(16)],
            "question": {"text": text, "by": text, "at_ms": 1},
            "answers": [{"question": text, "text": text, "at_ms": 1}],
            "votes": votes,
            "earlier": {"id": "arq_1", "state": "unknown"},
            "alike": {"group": "g", "waiting": 9},
        }))
        .unwrap()
    }

    const STATES: [&str; 9] = [
        "pending",
        "needs_context",
        "approved",
        "consumed",
        "outcome_unknown",
        "revoked",
        "denied",
        "expired",
        "cancelled",
    ];

    /// Slack's own bounds: <https://docs.slack.dev/reference/block-kit>.
    fn fits(value: &Value) {
        let units = |value: &Value| value.as_str().map_or(0, |text| text.encode_utf16().count());
        match value {
            Value::Array(items) => items.iter().for_each(fits),
            Value::Object(members) => {
                let most = match members.get("type").and_then(Value::as_str) {
                    Some("header") => 150,
                    _ => 3_000,
                };
                if let Some(text) = members.get("text") {
                    let own = if text.is_object() { text.get("text").unwrap() } else { text };
                    assert!((1..=most).contains(&units(own)), "{value:#}");
                }
                for field in members.get("fields").and_then(Value::as_array).into_iter().flatten() {
                    assert!((1..=2_000).contains(&units(field.get("text").unwrap())), "{field:#}");
                }
                assert!(members.get("fields").and_then(Value::as_array).is_none_or(|all| all.len() <= 10));
                assert!(members.get("block_id").is_none_or(|id| units(id) <= 255));
                assert!(members.get("private_metadata").is_none_or(|text| units(text) <= 3_000), "{value:#}");
                if members.get("type").is_some_and(|kind| kind == "button") {
                    assert!(units(members.get("text").unwrap().get("text").unwrap()) <= 75);
                    assert!(members.get("value").is_none_or(|value| units(value) <= 2_000));
                    assert!(members.get("url").is_none_or(|url| units(url) <= 3_000));
                }
                members.values().for_each(fits);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Texts of every length and of the characters that cost most, from a generator that always says the same.
    fn texts() -> Vec<String> {
        let pieces = ["<", "&", ">", "🙂", "\u{202e}", "\n", "a", "`", "\u{0}", "é"];
        let mut seed = 7_u64;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((seed >> 33) % below).unwrap()
        };
        let lengths = [0, 1, 149, 150, 3_001, 74, 20_000];
        lengths.map(|length| (0..length).map(|_| pieces[next(10)]).collect()).to_vec()
    }

    #[test]
    fn whatever_a_request_holds_its_card_window_and_tab_stay_within_slack_s_bounds() {
        let key = countersign_wire::digest::Secret::new([7; 32]);
        for (text, states) in texts().iter().zip([&STATES[..1], &STATES[..]].into_iter().cycle()) {
            for state in states {
                for many in [0, 40] {
                    let request = request(text, state, many);
                    let card = Value::from(blocks(&request, "https://approvals.example.com/r/x", 0));
                    fits(&card);
                    assert!(card.as_array().unwrap().len() <= 50);
                    assert!(card.to_string().len() < 60_000, "{}", card.to_string().len());
                    assert!((1..=3_000).contains(&fallback(&request).encode_utf16().count()));
                    for press in [Press::Approve, Press::Deny, Press::Ask] {
                        let window = modal::view(&key, &request, press, "U0BOB");
                        fits(&window);
                        assert!(window["blocks"].as_array().unwrap().len() <= 100);
                        assert!(window["title"]["text"].as_str().unwrap().encode_utf16().count() <= 24);
                    }
                }
            }
        }
        assert!(home::listed(&[], 0, &|id| id.to_owned(), "https://a.example/inbox").len() <= 100);
    }

    #[test]
    fn what_is_over_has_no_button_that_decides_and_no_payload() {
        for state in STATES {
            let card =
                Value::from(blocks(&request("PAYLOAD", state, 1), "https://a.example/r/x", 0)).to_string();
            let open = ["pending", "needs_context"].contains(&state);
            for word in ["\"approve\"", "\"deny\"", "\"ask\"", "rich_text_preformatted"] {
                assert_eq!(card.contains(word), open, "{state}: {word}");
            }
            assert!(card.contains("Open in web"), "{state}");
        }
    }

    #[test]
    fn how_it_ended_is_said() {
        for (state, words) in [
            ("expired", "Nobody decided in time"),
            ("cancelled", "withdrew it"),
            ("revoked", "taken back"),
            ("outcome_unknown", "nobody knows"),
            ("denied", "Denied"),
            ("approved", "Approved"),
        ] {
            let card = Value::from(blocks(&request("x", state, 0), "https://a.example/r/x", 0)).to_string();
            assert!(card.contains(words), "{state}: {card}");
        }
    }
}
