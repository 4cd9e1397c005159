//! The keys that the Bot Connector publishes, kept in memory.
//!
//! Promises: they are fetched from one configured address and the key set it names on the same host; a token with an unknown
//! key makes us look again at most once a minute, so that nobody can have us call out as often as they like; while nothing can
//! be fetched, known keys stay good for five days (as Microsoft's own library keeps them), then none is.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use serde::Deserialize;
use tokio::sync::Mutex;
use ureq::http::Request;

use super::token::ISSUER;
use crate::{
    jwt::Keys,
    outward::{Outward, safe},
};

/// How long keys are used before we look again.
const FRESH_MS: i64 = 24 * 60 * 60 * 1000;
/// How long they are used while we cannot look.
const STALE_MS: i64 = 5 * FRESH_MS;
/// How often we look at most.
const AGAIN_MS: i64 = 60 * 1000;

/// The published keys.
pub(crate) struct Keyring {
    outward: Outward,
    metadata: String,
    known: RwLock<Known>,
    /// One look at a time; whoever has a known key does not wait for it.
    looking: Mutex<()>,
}

#[derive(Clone, Default)]
struct Known {
    keys: Arc<Keys>,
    fetched_ms: Option<i64>,
    tried_ms: Option<i64>,
}

impl Known {
    /// The keys, where they are younger than `most`.
    fn younger(&self, now_ms: i64, most: i64) -> Option<Arc<Keys>> {
        self.fetched_ms.filter(|at| now_ms - at < most).map(|_| self.keys.clone())
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({})", self.metadata)
    }
}

impl Keyring {
    /// Keys by the OpenID metadata at `metadata`.
    ///
    /// # Errors
    /// A sentence, where that is no address to trust.
    pub(crate) fn new(outward: Outward, metadata: String) -> Result<Self, String> {
        safe(&metadata)?;
        Ok(Self { outward, metadata, known: RwLock::default(), looking: Mutex::default() })
    }

    fn known(&self) -> Known {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The published keys; none where they cannot be had.
    pub(crate) async fn keys(&self, now_ms: i64) -> Option<Arc<Keys>> {
        match self.known().younger(now_ms, FRESH_MS) {
            Some(keys) => Some(keys),
            None => self.look(now_ms).await,
        }
    }

    /// The published keys, looked at again because one was not among them.
    pub(crate) async fn look(&self, now_ms: i64) -> Option<Arc<Keys>> {
        let _alone = self.looking.lock().await;
        let mut known = self.known();
        if known.tried_ms.is_none_or(|at| now_ms - at >= AGAIN_MS) {
            known.tried_ms = Some(now_ms);
            match self.fetch().await {
                Ok(keys) => (known.keys, known.fetched_ms) = (Arc::new(keys), Some(now_ms)),
                Err(why) => tracing::warn!(%why, "the Bot Connector's keys were not fetched"),
            }
            *self.known.write().unwrap_or_else(PoisonError::into_inner) = known.clone();
        }
        known.younger(now_ms, STALE_MS)
    }

    /// Fetches metadata and keys.
    ///
    /// # Errors
    /// A sentence.
    pub(crate) async fn fetch(&self) -> Result<Keys, String> {
        #[derive(Deserialize)]
        struct Metadata {
            issuer: String,
            jwks_uri: String,
            id_token_signing_alg_values_supported: Vec<String>,
        }
        let found = self.get(&self.metadata).await?;
        let found: Metadata = serde_json::from_slice(&found)
            .map_err(|_| format!("`{}` is no OpenID metadata", self.metadata))?;
        if found.issuer != ISSUER {
            return Err(format!("`{}` is the metadata of another issuer than `{ISSUER}`", self.metadata));
        }
        if !found.id_token_signing_alg_values_supported.iter().any(|algorithm| algorithm == "RS256") {
            return Err(format!("`{}` does not offer RS256 any more", self.metadata));
        }
        if origin(&found.jwks_uri) != origin(&self.metadata) {
            return Err(format!("`{}` names keys on another host", self.metadata));
        }
        let keys = Keys::read(&self.get(&found.jwks_uri).await?)?;
        if keys.len() == 0 { Err("no key is published".to_owned()) } else { Ok(keys) }
    }

    async fn get(&self, address: &str) -> Result<Vec<u8>, String> {
        safe(address)?;
        let request = Request::get(address)
            .header("accept", "application/json")
            .body(Vec::new())
            .map_err(|_| format!("`{address}` is no address"))?;
        let answer = self.outward.call(request).await.map_err(|error| error.to_string())?;
        match answer.status {
            200 => Ok(answer.body),
            status => Err(format!("`{address}` answers {status}")),
        }
    }
}

/// How calls to Microsoft are made.
pub(super) fn outward() -> Result<Outward, String> {
    Outward::new(Duration::from_secs(10), None)
}

/// Scheme, host and port.
fn origin(address: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    Some((scheme, rest.split(['/', '?', '#']).next()?))
}
