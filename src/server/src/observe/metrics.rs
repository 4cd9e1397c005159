//! The numbers, in OpenMetrics text.
//!
//! Each label has a closed set of values: routes are patterns of the router, problem types are constants, channels and choices are
//! enums. A test counts the series after a flood of strange calls.

use std::{
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

use axum::http;
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

/// The media type of the text.
pub(super) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Methods that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(super) enum Method {
    Get,
    Post,
    Other,
}

impl Method {
    pub(super) fn of(method: &http::Method) -> Self {
        match *method {
            http::Method::GET => Self::Get,
            http::Method::POST => Self::Post,
            _ => Self::Other,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    route: String,
    method: Method,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Type {
    r#type: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Decided {
    channel: &'static str,
    choice: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Delivery {
    channel: &'static str,
    result: Delivered,
}

/// What became of an attempt to tell somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Delivered {
    /// It was told.
    Told,
    /// It will be tried again.
    Later,
    /// It was given up.
    Never,
}

/// Counts; cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    calls: Family<Call, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    problems: Family<Type, Counter>,
    decisions: Family<Decided, Counter>,
    to_decision: Histogram,
    redeems: Family<Ended, Counter>,
    deliveries: Family<Delivery, Counter>,
    pending: Gauge,
    polls: Gauge<i64, AtomicI64>,
    streams: Gauge<i64, AtomicI64>,
    database: Histogram,
}

/// Something that is open until this is dropped.
pub struct Open(Gauge<i64, AtomicI64>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn quick() -> Histogram {
    Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0])
}

impl Metrics {
    /// Nothing counted yet.
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("countersign");
        let new = Self {
            registry: Arc::new(Registry::default()),
            calls: Family::default(),
            seconds: Family::new_with_constructor(quick),
            problems: Family::default(),
            decisions: Family::default(),
            to_decision: Histogram::new([
                1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 14_400.0, 86_400.0,
            ]),
            redeems: Family::default(),
            deliveries: Family::default(),
            pending: Gauge::default(),
            polls: Gauge::default(),
            streams: Gauge::default(),
            database: quick(),
        };
        registry.register("http_answers", "Answers by route, method and status", new.calls.clone());
        registry.register_with_unit(
            "http_answer",
            "How long answers took to begin",
            Unit::Seconds,
            new.seconds.clone(),
        );
        registry.register("problems", "Refusals by problem type", new.problems.clone());
        registry.register("decisions", "What reviewers said, by channel and choice", new.decisions.clone());
        registry.register_with_unit(
            "decision",
            "From the request to its approval or denial",
            Unit::Seconds,
            new.to_decision.clone(),
        );
        registry.register("redeems", "Redeems by what came of them", new.redeems.clone());
        registry.register("deliveries", "Attempts to tell a channel, by result", new.deliveries.clone());
        registry.register("tasks_pending", "Requests that wait for a reviewer", new.pending.clone());
        registry.register("long_polls_open", "Filters' calls that wait", new.polls.clone());
        registry.register("event_streams_open", "Live lists that are open", new.streams.clone());
        registry.register_with_unit(
            "database_read",
            "How long a read of the database took, probed when asked",
            Unit::Seconds,
            new.database.clone(),
        );
        Self { registry: Arc::new(registry), ..new }
    }

    pub(super) fn answered(
        &self,
        route: Option<String>,
        method: Method,
        status: u16,
        kind: Option<&'static str>,
        took: Duration,
    ) {
        let route = route.unwrap_or_else(|| "none".to_owned());
        self.seconds.get_or_create(&Route { route: route.clone() }).observe(took.as_secs_f64());
        self.calls.get_or_create(&Call { route, method, status }).inc();
        if let Some(r#type) = kind {
            self.problems.get_or_create(&Type { r#type }).inc();
        }
    }

    /// A reviewer said something; with the time since the request where that ended it.
    pub(crate) fn decided(&self, channel: &'static str, choice: &'static str, ended_after_ms: Option<i64>) {
        self.decisions.get_or_create(&Decided { channel, choice }).inc();
        if let Some(ms) = ended_after_ms {
            self.to_decision.observe(Duration::from_millis(ms.max(0).unsigned_abs()).as_secs_f64());
        }
    }

    /// A redeem was answered.
    pub(crate) fn redeemed(&self, result: &'static str) {
        self.redeems.get_or_create(&Ended { result }).inc();
    }

    /// A channel, by its kind and never by its configured name, was told or not.
    pub fn delivered(&self, channel: &'static str, result: Delivered) {
        self.deliveries.get_or_create(&Delivery { channel, result }).inc();
    }

    /// A call that waits begins.
    pub(crate) fn poll(&self) -> Open {
        self.polls.inc();
        Open(self.polls.clone())
    }

    /// A live list is opened.
    pub(crate) fn stream(&self) -> Open {
        self.streams.inc();
        Open(self.streams.clone())
    }

    /// The text, with what is true now.
    pub(crate) fn text(&self, pending: i64, read: Duration) -> Result<String, std::fmt::Error> {
        self.pending.set(pending);
        self.database.observe(read.as_secs_f64());
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
