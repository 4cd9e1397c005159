//! The same words for every channel that has no card of its own.

use super::{Event, Told};
use crate::{
    approver::{
        text::{Inert, inert_short},
        view::{Open, Request},
    },
    inbox::times,
};

/// One line in a list: what it is, and its code.
pub(super) fn line(told: &Told<'_>) -> Inert {
    let request = Request::of(told.task);
    inert_short(&format!("{} ({})", request.sentence, request.code), 200)
}

/// One line: what waits, or what became of it.
pub(super) fn title(told: &Told<'_>) -> String {
    let request = Request::of(told.task);
    let what = match told.event {
        Event::Submitted | Event::Updated => "Approval needed",
        Event::Asked => "Question asked",
        Event::Reminder => "Still waiting",
        Event::Approved => "Approved",
        Event::Denied => "Denied",
        Event::Expired => "Expired",
        Event::Cancelled => "Withdrawn",
    };
    inert_short(&format!("{what}: {} ({})", request.sentence, request.code), 200).to_string()
}

/// A few lines: who, which rule, how long there is, and where a human decides.
pub(super) fn text(told: &Told<'_>) -> String {
    let request = Request::of(told.task);
    let policy = &request.policy;
    let mut lines = vec![
        request.sentence.to_string(),
        String::new(),
        format!("Who     {}", request.requester()),
        format!("What    {}", request.object()),
        format!("Rule    {}/{}", policy.id, policy.rule),
        format!("Code    {}", request.code),
    ];
    match request.is_open() {
        Open::Yes => {
            lines.push(format!("Needs   {}", request.progress()));
            let until = times::moment(request.expires_at_ms);
            lines
                .push(format!("Time    {} (until {until})", times::left(request.expires_at_ms, told.now_ms)));
        }
        Open::No => lines.push(format!("State   {}", request.progress())),
    }
    lines.extend([String::new(), told.link()]);
    lines.join("\n")
}
