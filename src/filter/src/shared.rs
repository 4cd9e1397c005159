//! What the root context and its streams share: the core's worker, the sessions that are tracked, and the clock.

use crate::{
    effects::Active,
    host::{self, Buffer, Map},
    metrics::Metrics,
};
use countersign_core::{
    call::{HeaderMap, Leaving},
    config::Config,
    now::Now,
    requester::Facts,
    service::{Answer, Dispatch},
    session::{Serial, Session},
    worker::{Host, Worker},
};
use countersign_wire::names::MAX_ANSWER;
use hashbrown::HashMap;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Instant,
};

/// One configuration on one worker.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) root: u32,
    pub(crate) cluster: String,
    pub(crate) worker: RefCell<Worker>,
    pub(crate) sessions: RefCell<HashMap<u32, Entry>>,
    /// Dispatches made while the root was active; their answers come to the root.
    pub(crate) calls: RefCell<HashMap<u32, Callee>>,
    /// Calls to be made as the root, for streams that are over: only the root gets their answers.
    pub(crate) later: RefCell<Vec<Dispatch>>,
    pub(crate) metrics: Metrics,
    pub(crate) passed: Cell<u64>,
    pub(crate) unacknowledged: Cell<usize>,
    start: Instant,
    last: Cell<Now>,
}

/// A session and the dispatch it waits for.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) session: Session,
    pub(crate) pending: Option<(u32, Serial)>,
}

/// Whose answer it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Callee {
    Session(u32, Serial),
    Records,
    Watch,
    Withdrawal,
    Nobody,
}

impl Shared {
    pub(crate) fn new(root: u32, config: Rc<Config>, seed: [u8; 32]) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let host = Host {
            pod: variable("POD_NAME").or_else(|| variable("HOSTNAME")),
            module_sha256: variable("COUNTERSIGN_MODULE_SHA256"),
        };
        Self {
            root,
            cluster: config.cluster.clone(),
            worker: RefCell::new(Worker::new(config, seed, host)),
            sessions: RefCell::default(),
            calls: RefCell::default(),
            later: RefCell::default(),
            metrics: Metrics::define(),
            passed: Cell::new(0),
            unacknowledged: Cell::new(0),
            start: Instant::now(),
            last: Cell::new(Now { mono_ms: 0, unix_ms: unix_ms() }),
        }
    }

    /// The time, by two calls to the host.
    pub(crate) fn now(&self) -> Now {
        let mono_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let now = Now { mono_ms, unix_ms: unix_ms() };
        self.last.set(now);
        now
    }

    /// The time when it was last asked for, at most a tick ago. Good enough for a request's head, which most often passes
    /// and then needs no time at all; a hold that starts so ends at most a tick early.
    pub(crate) fn recently(&self) -> Now {
        self.last.get()
    }
}

fn unix_ms() -> i64 {
    i64::try_from(host::unix_ns() / 1_000_000).unwrap_or(i64::MAX)
}

/// Properties of the effective context, the VM's environment, and what the proxy would send of a stream.
pub(crate) struct HostFacts {
    /// Whose callback the host is in.
    pub(crate) active: Active,
    /// The root's context.
    pub(crate) root: u32,
    /// The stream's.
    pub(crate) stream: u32,
}

impl Facts for HostFacts {
    fn property(&self, path: &[&str]) -> Option<Vec<u8>> {
        host::property(path).ok()
    }

    fn environment(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn leaving(&self) -> Option<Leaving> {
        match self.active {
            Active::Stream(_) => leaving(),
            Active::Root => {
                host::act_as(self.stream).ok()?;
                let leaving = leaving();
                host::act_as(self.root).ok()?;
                leaving
            }
        }
    }
}

/// The request of the effective context as it lies in the proxy. A body that the host does not hand over is none, and so not
/// the one that was asked for.
fn leaving() -> Option<Leaving> {
    let headers = HeaderMap::from_abi(host::header_pairs(Map::Request).ok()?).ok()?;
    Some(Leaving { headers, body: host::buffer(Buffer::RequestBody, host::ALL).unwrap_or_default() })
}

/// The answer that the host has at hand. No headers means no answer, whatever else is said (`envoy.md` 4).
pub(crate) fn answer(num_headers: usize, body_size: usize) -> Answer {
    if num_headers == 0 || body_size > MAX_ANSWER {
        return Answer::Lost;
    }
    let Some(headers) = host::header_pairs(Map::CallResponse).ok().and_then(|b| HeaderMap::from_abi(b).ok())
    else {
        return Answer::Lost;
    };
    let Some(status) = headers.text(":status").and_then(|status| status.parse().ok()) else {
        return Answer::Lost;
    };
    if headers.text("content-encoding").is_some_and(|encoding| encoding != "identity") {
        return Answer::Lost;
    }
    let body = match body_size {
        0 => Vec::new(),
        size => match host::buffer(Buffer::CallResponseBody, size) {
            Ok(body) => body,
            Err(host::Refused) => return Answer::Lost,
        },
    };
    let retry_after_s = headers.text("retry-after").and_then(|seconds| seconds.trim().parse().ok());
    Answer::Http { status, retry_after_s, body }
}
