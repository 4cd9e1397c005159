//! Telling people where they are: every change of a task is told to the channels that its route names.
//!
//! Promises: what must be told is written in the transaction of the change ([`note`]), so that no crash loses it; each channel
//! has its own worker, so that an outage of one delays no other; it is told at least once, in order for each task, again and
//! again with growing pauses, and what is given up is kept with the reason. A channel never decides anything: it shows, and
//! leads to where a human decides.

mod channel;
mod count;
mod document;
mod email;
mod hours;
mod pace;
mod pager;
mod routes;
mod webhook;
mod words;
mod worker;

use std::{collections::BTreeSet, time::Duration};

use crate::{
    service::{Fault, Service, Status, TaskView},
    store::{Sql, outbox, task},
};

pub use crate::store::outbox::Dead;
pub(crate) use channel::{Apps, Channel};
pub(crate) use count::Counters;
pub use count::Deliveries;
pub use document::{ChannelAt, RouteAt};
pub(crate) use pace::Digest;
pub(crate) use routes::Routes;
pub(crate) use worker::start;

/// What happened to a task, as channels are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// It waits for a decision.
    Submitted,
    /// Something of it changed: a vote, an answer, a release, a second look.
    Updated,
    /// A reviewer asked the requester something.
    Asked,
    /// It will run out soon, and nobody decided.
    Reminder,
    /// It was approved.
    Approved,
    /// It was denied.
    Denied,
    /// Nobody decided in time.
    Expired,
    /// The requester's side withdrew it.
    Cancelled,
}

impl Event {
    const ALL: [Self; 8] = [
        Self::Submitted,
        Self::Updated,
        Self::Asked,
        Self::Reminder,
        Self::Approved,
        Self::Denied,
        Self::Expired,
        Self::Cancelled,
    ];

    /// The word that stands in the store and in webhooks.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Updated => "updated",
            Self::Asked => "asked",
            Self::Reminder => "reminder",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word; `None` where it is none.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == word)
    }

    /// What a task's state says happened, if it was never told before.
    fn of(row: &task::Row) -> Self {
        match row.status {
            Status::Pending if row.question.is_some() => Self::Asked,
            Status::Pending => Self::Submitted,
            Status::Approved => Self::Approved,
            Status::Denied => Self::Denied,
            Status::Expired => Self::Expired,
            Status::Cancelled => Self::Cancelled,
        }
    }
}

/// What a channel is told.
pub(crate) struct Told<'t> {
    /// The task as it is now; everything in it is masked.
    pub(crate) task: &'t TaskView,
    /// What happened.
    pub(crate) event: Event,
    /// The number of the event; the same when it is told again.
    pub(crate) id: i64,
    /// When it happened, Unix milliseconds.
    pub(crate) at_ms: i64,
    /// Where the channel's message about the task is, if it is anywhere: what [`Channel::tell`] returned last.
    pub(crate) place: Option<&'t str>,
    /// The service, for what a channel keeps in its store.
    pub(crate) service: &'t Service,
    /// The issuer of grants, where people reach the inbox.
    pub(crate) issuer: &'t str,
    /// Now, Unix milliseconds.
    pub(crate) now_ms: i64,
}

impl Told<'_> {
    /// Where a human decides.
    pub(crate) fn link(&self) -> String {
        format!("{}/r/{}", self.issuer, self.task.id)
    }
}

/// Where a channel's message is now, as the channel's own JSON; `None` where there is nothing to find again.
pub(crate) type Place = Option<String>;

/// Why somebody could not be told: a sentence for the operator, without a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Undelivered {
    /// Not now.
    Later {
        /// Why.
        why: String,
        /// How long the other side wants to be left alone.
        after: Option<Duration>,
    },
    /// Never, as long as nobody changes something.
    Never {
        /// Why, and how to mend it.
        why: String,
    },
}

impl Undelivered {
    pub(crate) fn later(why: impl Into<String>) -> Self {
        Self::Later { why: why.into(), after: None }
    }

    pub(crate) fn never(why: impl Into<String>) -> Self {
        Self::Never { why: why.into() }
    }
}

/// Writes down who must be told that a task changed, within the transaction that changed it.
pub(crate) async fn note(sql: &mut Sql, routes: &Routes, id: &str) -> Result<(), Fault> {
    if routes.is_empty() {
        return Ok(());
    }
    let Some(row) = task::get(sql, id).await? else { return Ok(()) };
    let now = routes.now_ms();
    let event = match (Event::of(&row), outbox::last_told(sql, id, Event::of(&row)).await?) {
        (state, None) => state,
        // Another question is news; every other state is news once.
        (Event::Asked, Some(at)) if row.question.as_ref().is_some_and(|question| question.at_ms > at) => {
            Event::Asked
        }
        (_, Some(_)) => Event::Updated,
    };
    if row.status != Status::Pending {
        outbox::forget_later(sql, id, now).await?;
    }
    let plan = routes.plan(&row.submission, now);
    // Whoever was told at all hears how it goes on, also where the hours or the routes changed meanwhile.
    let mut channels: BTreeSet<String> = outbox::channels(sql, id, now).await?.into_iter().collect();
    if event == Event::Submitted || channels.is_empty() {
        channels.extend(plan.now.iter().cloned());
    }
    for channel in &channels {
        outbox::add(sql, id, channel, event, now).await?;
    }
    if event != Event::Submitted {
        return Ok(());
    }
    for (after, channel) in &plan.later {
        outbox::add(sql, id, channel, Event::Reminder, row.created_at + after).await?;
    }
    let Some(before) = plan.remind.filter(|before| row.expires_at - before > now) else { return Ok(()) };
    for channel in &plan.now {
        outbox::add(sql, id, channel, Event::Reminder, row.expires_at - before).await?;
    }
    Ok(())
}
