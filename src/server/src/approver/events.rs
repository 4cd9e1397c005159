//! Live events (server-sent events): a task changed, and how many wait for you now.
//!
//! An event carries no content, only ids and counts: what a task now is, the reader asks for with its session. Changes
//! that come close together are told together, so that a thousand decisions do not make a thousand lists. A stream
//! ends with the session, with the service, and after a quarter of an hour; browsers connect again by themselves, and
//! a session that was closed meanwhile gets 401.

use std::{collections::BTreeMap, convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{Event as Frame, KeepAlive, Sse},
    },
};
use futures_util::stream::{self, Stream};
use serde::Serialize;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::Instant,
};

use super::problem::Trouble;
use crate::{
    login::Reviewer,
    service::{Service, Status, TaskChanged},
};

/// How long one stream lives at most.
const LIFE: Duration = Duration::from_mins(15);
/// How long changes are gathered before they are told.
const GATHER: Duration = Duration::from_millis(150);
/// More changes at once than this are told as one.
const NAMED: usize = 20;

/// Something a live page should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// The task that changed.
    pub id: String,
    /// Where it stands.
    pub status: &'static str,
    /// Its version.
    pub version: i64,
}

/// `GET /approver/v1/events`
#[utoipa::path(get, path = "/approver/v1/events", tag = "approver",
    responses((status = 200, content_type = "text/event-stream",
        description = "`task` events {id, status, version} and `waiting` events with a count"),
        (status = 401, description = "no human session")))]
pub(super) async fn json(State(service): State<Service>, reviewer: Reviewer) -> Result<Response, Trouble> {
    Ok(events(service, reviewer))
}

/// The stream as an answer.
pub fn events(service: Service, reviewer: Reviewer) -> Response {
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    Sse::new(stream(service, reviewer)).keep_alive(keep_alive).into_response()
}

struct Listening {
    service: Service,
    reviewer: Reviewer,
    changes: Receiver<TaskChanged>,
    until: Instant,
    queue: Vec<Frame>,
    _open: crate::observe::Open,
}

/// The frames of one reader.
pub fn stream(service: Service, reviewer: Reviewer) -> impl Stream<Item = Result<Frame, Infallible>> {
    let session = u64::try_from(reviewer.expires_at_ms - service.now_ms()).unwrap_or(0);
    let start = Listening {
        changes: service.changes(),
        _open: service.metrics().stream(),
        until: Instant::now() + LIFE.min(Duration::from_millis(session)),
        queue: vec![Frame::default().retry(Duration::from_secs(2)).comment("listening")],
        service,
        reviewer,
    };
    stream::unfold(start, async |mut listening| {
        loop {
            if let Some(frame) = listening.queue.pop() {
                return Some((Ok(frame), listening));
            }
            listening.queue = listening.next().await?;
        }
    })
}

impl Listening {
    /// The next frames, in reverse order; `None` ends the stream.
    async fn next(&mut self) -> Option<Vec<Frame>> {
        let changed = tokio::select! {
            biased;
            () = self.service.closing() => return None,
            () = tokio::time::sleep_until(self.until) => return None,
            changed = self.changes.recv() => changed,
        };
        let mut seen = BTreeMap::new();
        let mut gathered = Self::note(changed, &mut seen)?;
        let until = Instant::now() + GATHER;
        while let Ok(changed) = tokio::time::timeout_at(until, self.changes.recv()).await {
            gathered = gathered.and(Self::note(changed, &mut seen)?);
        }
        let waiting = self.service.waiting_count(&self.reviewer.person).await.ok()?;
        let mut frames = vec![Frame::default().event("waiting").data(waiting.to_string())];
        if gathered == Gathered::TooMany || seen.len() > NAMED {
            // An id that no task has makes every list look again.
            let event = Event { id: String::new(), status: "pending", version: 0 };
            frames.push(Frame::default().event("task").json_data(event).ok()?);
            return Some(frames);
        }
        for (id, status) in seen {
            let version = self.service.task(&id).await.ok()?.map_or(0, |task| task.version);
            let event = Event { id, status: status.as_str(), version };
            frames.push(Frame::default().event("task").json_data(event).ok()?);
        }
        Some(frames)
    }

    /// Notes one change; `None` where there will be no more.
    fn note(
        changed: Result<TaskChanged, RecvError>,
        seen: &mut BTreeMap<String, Status>,
    ) -> Option<Gathered> {
        match changed {
            Ok(TaskChanged { id, status, .. }) => {
                seen.insert(id, status);
                Some(Gathered::All)
            }
            Err(RecvError::Lagged(_)) => Some(Gathered::TooMany),
            Err(RecvError::Closed) => None,
        }
    }
}

/// Whether every change was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gathered {
    All,
    TooMany,
}

impl Gathered {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, Self::All) => Self::All,
            (Self::TooMany, _) | (_, Self::TooMany) => Self::TooMany,
        }
    }
}
