//! A filter whose signature was verified. Nothing on the filters' side is done for anybody else.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::{Asked, Fault};
use crate::store::{
    Tx,
    access::{self, Key, NONCE_MS, Repeat, Seen},
};

/// Proof that a filter signed a call; [`super::Service::authenticate`] alone makes one.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(super) client: String,
    pub(super) keyid: String,
    pub(super) nonce: String,
}

impl Caller {
    /// The filter's client id.
    pub fn client(&self) -> &str {
        &self.client
    }
}

/// A verified call that changes something.
#[derive(Clone, Debug)]
pub struct Post {
    pub(super) caller: Caller,
    pub(super) path: String,
    pub(super) key: String,
    pub(super) body_digest: String,
}

/// Whether a call may do its work.
pub(super) enum Admitted {
    /// It is new.
    Fresh,
    /// It was taken before; with its task, if it came that far.
    Again(Option<String>),
}

/// Remembers a key longer than any task lives.
const KEY_MS: i64 = 48 * 60 * 60 * 1000;

impl Post {
    /// The filter.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    fn scope(&self) -> Key<'_> {
        Key { keyid: &self.caller.keyid, method: "POST", path: &self.path, given: &self.key }
    }

    /// Spends the nonce and looks at the idempotency key.
    pub(super) async fn admit(&self, tx: &mut Tx, now: i64) -> Result<Result<Admitted, Asked>, Fault> {
        match access::spend_nonce(&mut tx.sql, &self.caller.keyid, &self.caller.nonce, now).await? {
            Seen::New => {}
            Seen::Before => return Ok(Err(Asked::Replayed)),
        }
        Ok(match access::note_key(&mut tx.sql, &self.scope(), &self.body_digest, now + KEY_MS).await? {
            Repeat::Fresh => Ok(Admitted::Fresh),
            Repeat::Same(task) => Ok(Admitted::Again(task)),
            Repeat::Other => Err(Asked::Duplicate),
        })
    }

    /// Notes which task this call was about; a repeat gets the same one until a day after it expires.
    pub(super) async fn made(&self, tx: &mut Tx, task: &str, task_expires_at: i64) -> Result<(), Fault> {
        access::key_made(&mut tx.sql, &self.scope(), task, task_expires_at + 24 * 60 * 60 * 1000).await
    }
}

/// The nonces of the last five minutes. Calls that change something spend theirs in the store as well, so that a restart
/// forgets none that matters.
pub(super) struct Nonces {
    seen: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    now: HashMap<(String, String), i64>,
    cleared_at: i64,
}

impl Nonces {
    /// Starts from what the store remembers.
    pub(super) fn new(known: Vec<(String, String, i64)>) -> Self {
        let now = known.into_iter().map(|(keyid, nonce, at)| ((keyid, nonce), at)).collect();
        Self { seen: Mutex::new(Memory { now, cleared_at: 0 }) }
    }

    /// Notes a nonce that came with a signature that verified.
    pub(super) fn note(&self, keyid: &str, nonce: &str, now: i64) -> Seen {
        let mut memory = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if now - memory.cleared_at > 30_000 {
            memory.now.retain(|_, at| *at > now - NONCE_MS);
            memory.cleared_at = now;
        }
        match memory.now.insert((keyid.to_owned(), nonce.to_owned()), now) {
            Some(at) if at > now - NONCE_MS => Seen::Before,
            Some(_) | None => Seen::New,
        }
    }
}
