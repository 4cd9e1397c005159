//! The window in which a decision is made: what is decided on, a reason, and for high risk the code.
//!
//! Promises: a decision is taken when the window is sent, never by a button. The window says again what is decided on, so
//! nobody approves B with A before their eyes; what it hands back (request, view, choice, person) is sealed by this
//! service, so none of it can be swapped. It lasts no longer than the request and fits Slack's bounds.

use countersign_wire::digest::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    card::{self, Press},
    text::{plain, said},
};
use crate::{
    approver::{
        text::inert,
        view::{Request, Reversible},
    },
    chat,
};

/// The `callback_id` of the window that decides.
pub(super) const DECIDE: &str = "countersign.decide";
/// The block and the field of the reason.
pub(super) const REASON: &str = "reason";
/// The block and the field of the code.
pub(super) const CODE: &str = "code";
/// What the seal is for.
const PURPOSE: &str = "slack-modal-v1";

/// What a window is about; it comes back as `private_metadata`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    /// The request.
    pub(super) tid: String,
    /// The view of it that the window shows.
    pub(super) display_digest: String,
    /// What is decided: `approve`, `deny` or `ask`.
    pub(super) choice: String,
    /// For whom the window was opened.
    pub(super) user: String,
}

impl About {
    /// What is decided.
    pub(super) fn press(&self) -> Option<Press> {
        Press::parse(&self.choice)
    }
}

/// Reads what a window is about; `None` where this service did not write it.
pub(super) fn about(key: &Secret, view: &Value) -> Option<About> {
    chat::open(key, PURPOSE, view.get("private_metadata")?.as_str()?)
}

/// Whether the code must be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Risk {
    /// It must, to approve.
    High,
    /// It need not.
    Usual,
}

/// How high the risk is: what the operator demands a code for, what cannot be undone, is many things at once, or carries secrets.
pub(super) fn risk(request: &Request) -> Risk {
    match request.action.reversible {
        _ if request.typed_code => Risk::High,
        Reversible::No => Risk::High,
        Reversible::Yes | Reversible::Unknown if request.batch.is_some() || !request.secrets.is_empty() => {
            Risk::High
        }
        Reversible::Yes | Reversible::Unknown => Risk::Usual,
    }
}

/// The window for one press of one person.
pub(super) fn view(key: &Secret, request: &Request, press: Press, user: &str) -> Value {
    let about = About {
        tid: request.id.clone(),
        display_digest: request.display_digest.clone(),
        choice: press.as_str().to_owned(),
        user: user.to_owned(),
    };
    let (title, label, send) = match press {
        Press::Approve => ("Approve", "Why may it go out?", "Approve"),
        Press::Deny => ("Deny", "Why not?", "Deny"),
        Press::Ask => ("Ask for context", "What do you need to know?", "Ask"),
    };
    let mut blocks = vec![
        card::section(request.sentence.to_string()),
        json!({"type": "section", "fields": card::fields(request)}),
    ];
    blocks.extend(card::payload(request));
    blocks.push(input(
        REASON,
        label,
        json!({"multiline": true, "min_length": 1, "max_length": 1000, "focus_on_load": true}),
    ));
    match (press, risk(request)) {
        (Press::Approve, Risk::High) => {
            let label = "Type the code that stands on the card, such as MAPLE-42";
            blocks.push(input(CODE, label, json!({"min_length": 1, "max_length": 32})));
        }
        (Press::Approve, Risk::Usual) | (Press::Deny | Press::Ask, _) => {}
    }
    json!({
        "type": "modal",
        "callback_id": DECIDE,
        "private_metadata": chat::seal(key, PURPOSE, &about),
        "title": plain(&inert(title), 24),
        "submit": plain(&inert(send), 24),
        "close": plain(&inert("Cancel"), 24),
        "clear_on_close": true,
        "blocks": blocks,
    })
}

fn input(id: &str, label: &str, more: Value) -> Value {
    let mut element = json!({"type": "plain_text_input", "action_id": id});
    if let (Some(element), Value::Object(more)) = (element.as_object_mut(), more) {
        element.extend(more);
    }
    json!({"type": "input", "block_id": id, "label": plain(&inert(label), 150), "element": element})
}

/// A window that says something and has nothing to send.
pub(super) fn notice(title: &str, lines: &[String], link: Option<&str>) -> Value {
    let mut blocks: Vec<Value> = lines.iter().map(|line| card::section(line.clone())).collect();
    if let Some(link) = link {
        blocks.push(json!({"type": "actions", "elements": [
            {"type": "button", "action_id": "open", "url": link, "text": plain(&inert("Open in web"), 75)},
        ]}));
    }
    json!({
        "type": "modal",
        "callback_id": "countersign.notice",
        "title": said(title.to_owned(), 24),
        "close": plain(&inert("Close"), 24),
        "blocks": blocks,
    })
}

/// What was typed into a field of a sent window; `None` where it is not there.
pub(super) fn typed<'v>(view: &'v Value, id: &str) -> Option<&'v str> {
    view.get("state")?.get("values")?.get(id)?.get(id)?.get("value")?.as_str()
}
