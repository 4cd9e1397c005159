//! How many messages a channel for people gets: what is beyond comes as one message with a link, not as a flood.
//!
//! Promises: within a minute a channel gets at most the configured number of new messages, and one digest. A message that is
//! changed where it stands is no new one. What is in a digest waits in the store until the digest was told. Each process counts
//! by itself, and anew when it starts.

use std::collections::VecDeque;

use super::{Told, words};
use crate::{approver::text::Inert, service::Status};

/// The time in which messages are counted, in milliseconds.
const MINUTE: i64 = 60_000;
/// How many requests a digest names.
const NAMED: usize = 10;

/// What may be told now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// So many new messages.
    Messages(usize),
    /// All that waits as one.
    Digest,
    /// Nothing new before this moment, Unix milliseconds.
    NotBefore(i64),
}

/// What a channel was told lately.
#[derive(Debug)]
pub(super) struct Pace {
    most: usize,
    lately: VecDeque<i64>,
    digest: Option<i64>,
}

impl Pace {
    pub(super) fn new(most: u32) -> Self {
        Self { most: usize::try_from(most).unwrap_or(usize::MAX), lately: VecDeque::new(), digest: None }
    }

    /// What may be told of `waiting` new messages.
    pub(super) fn room(&mut self, waiting: usize, now: i64) -> Room {
        while self.lately.front().is_some_and(|at| *at <= now - MINUTE) {
            self.lately.pop_front();
        }
        let free = self.most.saturating_sub(self.lately.len());
        match self.digest {
            _ if waiting <= free => Room::Messages(waiting),
            Some(at) if at > now - MINUTE => Room::NotBefore(at + MINUTE),
            Some(_) | None => Room::Digest,
        }
    }

    /// A new message is on its way.
    pub(super) fn message(&mut self, now: i64) {
        self.lately.push_back(now);
    }

    /// A digest is on its way.
    pub(super) fn digest(&mut self, now: i64) {
        self.digest = Some(now);
    }
}

/// Many changes in one message.
pub(crate) struct Digest {
    /// How many requests it is about.
    pub(crate) requests: usize,
    /// How many of them wait for a decision.
    pub(crate) waiting: usize,
    /// The first of those that wait, one line each.
    pub(crate) lines: Vec<Inert>,
    /// Where all of them are.
    pub(crate) link: String,
    /// The number of the last event in it.
    pub(crate) id: i64,
}

impl Digest {
    pub(super) fn new(issuer: &str) -> Self {
        Self { requests: 0, waiting: 0, lines: Vec::new(), link: format!("{issuer}/inbox"), id: 0 }
    }

    pub(super) fn add(&mut self, told: &Told<'_>) {
        self.id = self.id.max(told.id);
        self.requests += 1;
        if told.task.status == Status::Pending {
            self.waiting += 1;
            if self.lines.len() < NAMED {
                self.lines.push(words::line(told));
            }
        }
    }

    /// One line.
    pub(crate) fn title(&self) -> String {
        match (self.waiting, self.requests - self.waiting) {
            (0, done) => format!("{done} requests were decided or ran out"),
            (waiting, 0) => format!("{waiting} more {}", wait(waiting)),
            (waiting, done) => {
                format!("{waiting} more {}, and {done} were decided or ran out", wait(waiting))
            }
        }
    }

    /// A few lines, the last of them the link.
    pub(crate) fn text(&self) -> String {
        let mut lines = vec![format!("{}.", self.title()), String::new()];
        lines.extend(self.lines.iter().map(|line| format!("- {line}")));
        if self.waiting > self.lines.len() {
            lines.push(format!("- and {} more", self.waiting - self.lines.len()));
        }
        lines.extend([String::new(), self.link.clone()]);
        lines.join("\n")
    }
}

fn wait(count: usize) -> &'static str {
    if count == 1 { "request waits for a decision" } else { "requests wait for a decision" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_a_few_messages_and_one_digest_a_minute() {
        let mut pace = Pace::new(3);
        assert_eq!(pace.room(3, 0), Room::Messages(3));
        (0..3).for_each(|at| pace.message(at));
        assert_eq!(pace.room(0, 10), Room::Messages(0));
        assert_eq!(pace.room(1, 10), Room::Digest);
        pace.digest(10);
        assert_eq!(pace.room(7, 20), Room::NotBefore(60_010));
        // The minute of the messages is over, that of the digest is not: few may go, many wait for the next digest.
        assert_eq!(pace.room(3, 60_005), Room::Messages(3));
        assert_eq!(pace.room(4, 60_005), Room::NotBefore(60_010));
        assert_eq!(pace.room(4, 60_010), Room::Digest);
    }
}
