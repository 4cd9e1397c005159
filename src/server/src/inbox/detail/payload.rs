//! What is sent: the masked body, and in words everything that was masked, cut or not understood.

use crate::approver::{
    sentence::grouped,
    view::{Payload, Request, State as Stand},
};

pub(super) struct Sent {
    pub(super) title: &'static str,
    pub(super) line: String,
    pub(super) notes: Vec<Note>,
}

pub(super) struct Note {
    pub(super) tone: &'static str,
    pub(super) mark: &'static str,
    pub(super) text: String,
}

pub(super) fn sent(r: &Request) -> Sent {
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
