//! Calls to the approval service: how they are built and signed, and what can come back.
//!
//! Paths are built from ids that were checked, never from URLs in answers. Every call is signed (RFC 9421); a repeated
//! POST keeps its body and its idempotency key and gets a new signature, because a signature's nonce is good once.

use crate::{config::Config, entropy::Entropy, now::Now};
use countersign_wire::{
    digest::content_digest,
    names,
    outcome::{Cancel, CancelReason},
    signature::Covered,
};

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No answer: time out, reset, too large, or no headers. Never consent.
    Lost,
    /// An answer; whether it means anything is for the reader to find out.
    Http {
        /// The status code.
        status: u16,
        /// `Retry-After` in seconds, where it was a number.
        retry_after_s: Option<u64>,
        /// The body.
        body: Vec<u8>,
    },
}

/// A call to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// Pseudo-headers and headers.
    pub headers: Vec<(&'static str, String)>,
    /// Empty for GET.
    pub body: Vec<u8>,
    /// After this the answer is lost.
    pub timeout_ms: u64,
}

/// A POST that may have to be repeated with identical bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    path: String,
    key: String,
    body: Vec<u8>,
    media_type: &'static str,
}

impl Post {
    /// A JSON document for `path`.
    pub fn json(path: String, body: Vec<u8>, entropy: &mut Entropy) -> Self {
        Self { path, key: format!("\"{}\"", entropy.uuid4()), body, media_type: "application/json" }
    }

    /// JSON Lines for `path`.
    pub fn lines(path: String, body: Vec<u8>, entropy: &mut Entropy) -> Self {
        Self { media_type: "application/jsonl", ..Self::json(path, body, entropy) }
    }

    /// The call, signed now.
    pub fn dispatch(
        &self,
        config: &Config,
        entropy: &mut Entropy,
        now: Now,
        timeout_ms: u64,
        trace: Option<&str>,
    ) -> Dispatch {
        let digest = content_digest(&self.body);
        let covered = Covered {
            method: "POST",
            authority: &config.authority,
            path: &self.path,
            query: "",
            content_digest: Some(&digest),
            idempotency_key: Some(&self.key),
        };
        let mut headers = head(config, &covered, entropy, now, trace);
        headers.push(("content-type", self.media_type.to_owned()));
        headers.push(("content-digest", digest.clone()));
        headers.push(("idempotency-key", self.key.clone()));
        Dispatch { headers, body: self.body.clone(), timeout_ms }
    }
}

/// A long poll for `path`: the service may wait `wait_s` seconds, the dispatch 5 more.
pub fn poll(
    config: &Config,
    entropy: &mut Entropy,
    now: Now,
    path: &str,
    wait_s: u64,
    trace: Option<&str>,
) -> Dispatch {
    let covered = Covered {
        method: "GET",
        authority: &config.authority,
        path,
        query: "",
        content_digest: None,
        idempotency_key: None,
    };
    let mut headers = head(config, &covered, entropy, now, trace);
    if wait_s > 0 {
        headers.push(("prefer", format!("wait={wait_s}")));
    }
    Dispatch { headers, body: Vec::new(), timeout_ms: (wait_s + 5) * 1000 }
}

fn head(
    config: &Config,
    covered: &Covered<'_>,
    entropy: &mut Entropy,
    now: Now,
    trace: Option<&str>,
) -> Vec<(&'static str, String)> {
    let signed = config.signing.sign(covered, now.unix_s(), &entropy.nonce());
    let mut headers = vec![
        (":method", covered.method.to_owned()),
        (":scheme", "http".to_owned()),
        (":authority", covered.authority.to_owned()),
        (":path", covered.path.to_owned()),
        ("accept", "application/json".to_owned()),
        ("accept-encoding", "identity".to_owned()),
        ("signature-input", signed.input),
        ("signature", signed.signature),
    ];
    headers.extend(trace.map(|trace| ("traceparent", trace.to_owned())));
    headers
}

/// Withdraws the task of an agent that has left.
pub fn cancellation(tid: &str, entropy: &mut Entropy) -> Post {
    let cancel = Cancel { reason: CancelReason::ClientDisconnected };
    let body = serde_json::to_vec(&cancel).unwrap_or_default();
    Post::json(format!("{}/cancel", task_path(tid)), body, entropy)
}

/// Where a task's status is.
pub fn task_path(id: &str) -> String {
    format!("{}/{id}", names::REQUESTS_PATH)
}

/// `Retry-After` as the protocol clamps it.
pub fn retry_after_s(stated: Option<u64>) -> u64 {
    stated.map_or(5, |seconds| seconds.clamp(1, 30))
}
