//! What all sessions of one VM share: configuration, fresh values, the audit chain, used grants, the watch.

use crate::{
    config::Config,
    entropy::Entropy,
    journal::{Journal, Pep},
    now::Now,
    replay::Replay,
    service::{Answer, Dispatch, Post, cancellation},
    session::Load,
    watch::Watch,
};
use countersign_wire::{names, task::Task};
use serde_json::json;
use std::rc::Rc;

/// How long the service may take to answer a call that does not wait, in milliseconds.
pub const ANSWER_MS: u64 = 5000;

/// The shared part of one VM and one configuration.
#[derive(Debug)]
pub struct Worker {
    /// The compiled configuration.
    pub config: Rc<Config>,
    /// Fresh values.
    pub entropy: Entropy,
    /// The audit chain.
    pub journal: Journal,
    /// Used grants.
    pub replay: Replay,
    /// One poll for many held calls.
    pub watch: Watch,
    /// Calls held now.
    pub holding: usize,
    /// What is read and held now, in requests and bytes.
    pub load: Load,
    /// Whether the host has ever shown a body while the head was held.
    pub bodies: Bodies,
}

/// Whether the host has ever shown a body while the head was held, as only `allow_on_headers_stop_iteration` lets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bodies {
    /// It has.
    Seen,
    /// Not yet.
    NotSeen,
}

/// What the shell knows of its surroundings when it starts.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// The pod or host name.
    pub pod: Option<String>,
    /// Hexadecimal SHA-256 of the module, where the operator gave it.
    pub module_sha256: Option<String>,
}

impl Worker {
    /// A worker that has recorded nothing yet; `seed` must be fresh randomness of the host.
    pub fn new(config: Rc<Config>, seed: [u8; 32], host: Host) -> Self {
        let policy = &config.policy;
        let pep = Pep {
            pod: host.pod,
            module_sha256: host.module_sha256,
            config_sha256: config.digest.clone(),
            policy: json!({"id": policy.id(), "commit": policy.commit(), "digest": policy.digest()}),
        };
        Self {
            watch: Watch::new(config.poll),
            config,
            entropy: Entropy::new(seed),
            journal: Journal::new(pep),
            replay: Replay::default(),
            holding: 0,
            load: Load::default(),
            bodies: Bodies::NotSeen,
        }
    }

    /// The heartbeat, if one is due, and the next batch of records, if one is due.
    pub fn ship(&mut self, now: Now) -> Option<Dispatch> {
        self.journal.heartbeat(now, &mut self.entropy);
        let lines = self.journal.batch(now)?;
        let post = Post::lines(names::RECORDS_PATH.to_owned(), lines, &mut self.entropy);
        Some(post.dispatch(&self.config, &mut self.entropy, now, ANSWER_MS, None))
    }

    /// The answer to [`Worker::ship`].
    pub fn shipped(&mut self, now: Now, answer: &Answer) {
        self.journal.answered(now, answer);
    }

    /// The answer to the submission of an agent that has left meanwhile: its task is withdrawn.
    pub fn withdrawn(&mut self, now: Now, answer: &Answer) -> Option<Dispatch> {
        let task = match answer {
            Answer::Http { status: 200..=202, body, .. } => Task::read(body)?,
            Answer::Http { .. } | Answer::Lost => return None,
        };
        let post = cancellation(&task.id, &mut self.entropy);
        Some(post.dispatch(&self.config, &mut self.entropy, now, ANSWER_MS, None))
    }

    /// The next watch, if one is due.
    pub fn watch(&mut self, now: Now) -> Option<Dispatch> {
        let body = self.watch.ask(now)?;
        let wait_s = Watch::WAIT_S;
        let post = Post::json(names::WATCH_PATH.to_owned(), body, &mut self.entropy);
        let mut dispatch = post.dispatch(&self.config, &mut self.entropy, now, (wait_s + 5) * 1000, None);
        dispatch.headers.push(("prefer", format!("wait={wait_s}")));
        Some(dispatch)
    }
}
