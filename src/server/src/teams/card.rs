//! A request as an Adaptive Card 1.5: what a reviewer in Teams sees of it.
//!
//! Promises: every text that somebody else wrote is a `TextRun` (see [`super::text`]), and never a title, a link, an input or an
//! action; no address in it is theirs; what is cut says so; the card fits into a message of Teams whatever the request holds.
//! Rows are columns, not a `FactSet`, because the values of a `FactSet` are read as Markdown.
//!
//! It decides nothing: who may press a button is asked when it is pressed. Actions stand in an `ActionSet`, since some clients
//! ignore `fallback` elsewhere ("Universal Action Model", learn.microsoft.com).

use serde_json::{Value, json};

use super::{
    rows,
    text::{Look, paragraph, runs},
};
use crate::approver::{
    text::inert_short,
    view::{Open, Request, Reversible, State},
};

/// The largest card in bytes: a message of Teams has at most 28 KB and some of it is around the card. Whether they count UTF-8
/// or UTF-16 is not written down for every way in, so both must fit.
pub(crate) const LARGEST: usize = 26_000;

/// What a card can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face<'c> {
    /// It tells, and opens the inbox.
    Notice,
    /// It takes decisions; with the mark that its buttons carry.
    Decides(&'c str),
}

/// How much of others' text is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Characters of a name.
    pub(super) name: usize,
    /// Characters of the excerpt.
    pub(super) excerpt: usize,
    /// Lines of the excerpt.
    pub(super) lines: usize,
    /// How many of the latest votes and answers, and of a batch's members.
    pub(super) items: usize,
}

const ROOMS: [Room; 5] = [
    Room { name: 240, excerpt: 2_400, lines: 16, items: 5 },
    Room { name: 160, excerpt: 1_200, lines: 10, items: 3 },
    Room { name: 80, excerpt: 400, lines: 6, items: 2 },
    Room { name: 40, excerpt: 120, lines: 2, items: 1 },
    Room { name: 24, excerpt: 0, lines: 0, items: 0 },
];

/// The card of a request as it stands. `link` is our own address of its page, `said` a sentence of ours to put on top.
pub(crate) fn card(r: &Request, face: Face<'_>, link: &str, said: Option<&str>) -> Value {
    let mut last = Value::Null;
    for room in ROOMS {
        last = within(r, face, link, said, room);
        if size(&last) <= LARGEST {
            break;
        }
    }
    last
}

/// How many bytes a card has, in the larger of the two ways to count.
pub(crate) fn size(card: &Value) -> usize {
    let text = card.to_string();
    text.len().max(2 * text.encode_utf16().count())
}

/// Whether an approval needs the code typed in: where the service demands it, and here for all that cannot be undone, since a
/// card is pressed in passing.
pub(crate) fn wants_code(r: &Request) -> Typed {
    match (r.typed_code, r.action.reversible) {
        (true, _) | (false, Reversible::No) => Typed::Wanted,
        (false, Reversible::Yes | Reversible::Unknown) => Typed::NotWanted,
    }
}

/// Whether a code must be typed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// It must.
    Wanted,
    /// It need not.
    NotWanted,
}

fn within(r: &Request, face: Face<'_>, link: &str, said: Option<&str>, room: Room) -> Value {
    let mut body = vec![head(r, room)];
    body.extend(said.map(|said| paragraph(&runs(inert_short(said, 300).as_str(), Look::Bold))));
    body.extend(rows::facts(r, room));
    body.extend(rows::warnings(r));
    body.extend(rows::payload(r, room));
    body.extend(rows::story(r, room));
    let decides = match (face, r.is_open()) {
        (Face::Decides(mark), Open::Yes) => Some(mark),
        (Face::Decides(_) | Face::Notice, _) => None,
    };
    if decides.is_some() {
        body.extend(inputs(r));
    }
    body.push(actions(r, decides, link));
    json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "fallbackText": format!("This client cannot show the request. Open {link}"),
        "msteams": {"width": "Full"},
        "body": body,
    })
}

fn head(r: &Request, room: Room) -> Value {
    let (style, words) = match r.state {
        State::Pending => ("accent", "Approval wanted"),
        State::NeedsContext => ("accent", "Waits for an answer"),
        State::Approved => ("good", "Approved, not sent yet"),
        State::Consumed => ("good", "Approved and sent"),
        State::OutcomeUnknown => ("warning", "Sent, and nobody knows what became of it"),
        State::Revoked => ("warning", "Approved, and taken back"),
        State::Denied => ("attention", "Denied"),
        State::Expired => ("emphasis", "Expired: nobody decided in time"),
        State::Cancelled => ("emphasis", "Withdrawn"),
    };
    let undo = match r.action.reversible {
        Reversible::No => " · cannot be undone",
        Reversible::Yes => " · can be undone",
        Reversible::Unknown => "",
    };
    let sentence = inert_short(r.sentence.as_str(), room.name.max(80));
    json!({
        "type": "Container",
        "style": style,
        "bleed": true,
        "items": [
            {"type": "TextBlock", "text": format!("{words}{undo}"), "weight": "Bolder", "size": "Small", "wrap": true},
            paragraph(&runs(sentence.as_str(), Look::Heading)),
        ],
    })
}

fn inputs(r: &Request) -> Vec<Value> {
    let mut inputs = vec![json!({
        "type": "Input.Text",
        "id": "reason",
        "label": "Reason, or your question",
        "isMultiline": true,
        "isRequired": true,
        "maxLength": 1000,
        "errorMessage": "Say why, or what you want to know.",
        "separator": true,
    })];
    if wants_code(r) == Typed::Wanted {
        inputs.push(json!({
            "type": "Input.Text",
            "id": "code",
            "label": "To approve, type the code above",
            "maxLength": 32,
        }));
    }
    inputs
}

fn actions(r: &Request, decides: Option<&str>, link: &str) -> Value {
    let open = json!({"type": "Action.OpenUrl", "title": "Open in the inbox", "url": link});
    let execute = |verb: &str, title: &str, style: &str, mark: &str| {
        json!({
            "type": "Action.Execute",
            "title": title,
            "verb": verb,
            "style": style,
            "data": {"tid": r.id, "display_digest": r.display_digest, "mac": mark},
            "fallback": open,
        })
    };
    let mut actions: Vec<Value> = decides
        .into_iter()
        .flat_map(|mark| {
            [
                execute("approve", "Approve", "positive", mark),
                execute("deny", "Deny", "destructive", mark),
                execute("context", "Ask for context", "default", mark),
            ]
        })
        .collect();
    actions.push(open.clone());
    json!({"type": "ActionSet", "actions": actions})
}

#[cfg(test)]
mod tests;
