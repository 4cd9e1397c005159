//! The names and numbers of the protocol, each written once.

/// The one context member that authorises anything: the digest of the request.
pub const REQUEST_DIGEST: &str = "urn:countersign:request_digest";
/// The descriptive context and display extension of protocol version 1.
pub const V1: &str = "urn:countersign:v1";

/// `typ` of a signed decision.
pub const GRANT_TYP: &str = "countersign-approval+jwt";
/// `typ` of a redeem receipt.
pub const RECEIPT_TYP: &str = "countersign-receipt+jwt";

/// Where an approval is asked for.
pub const REQUESTS_PATH: &str = "/access/v1/requests";
/// A wake-up hint for a filter that holds many calls at once; optional for a backend, carries no trust.
pub const WATCH_PATH: &str = "/access/v1/requests/watch";
/// Where a grant is redeemed.
pub const EVALUATION_PATH: &str = "/access/v1/evaluation";
/// The signing keys of the approval service.
pub const JWKS_PATH: &str = "/access/v1/jwks";
/// Where audit records are sent.
pub const RECORDS_PATH: &str = "/audit/v1/records";
/// The signed head of the audit log.
pub const CHECKPOINT_PATH: &str = "/audit/v1/checkpoint";
/// AuthZEN metadata.
pub const METADATA_PATH: &str = "/.well-known/authzen-configuration";

/// The names of the approval service's limits, as `limit` of a 429 and as its configuration have them.
pub mod limits {
    /// Requests of one requester that wait at once.
    pub const SUBJECT: &str = "pending_per_subject";
    /// Requests under one rule that wait at once.
    pub const RULE: &str = "pending_per_rule";
    /// Submissions of one requester within a minute.
    pub const RATE: &str = "submissions_per_minute";
}

/// The largest answer the filter reads, in bytes (protocol part 4, HTTP).
pub const MAX_ANSWER: usize = 64 * 1024;
/// How deep an answer may nest.
pub const MAX_DEPTH: usize = 32;
/// The largest grant or receipt, in bytes.
pub const MAX_JWS: usize = 8 * 1024;
/// How far two clocks may differ, in seconds.
pub const SKEW_S: i64 = 30;
/// A grant never lives longer than this, in seconds.
pub const MAX_GRANT_S: i64 = 24 * 60 * 60;
/// A receipt never lives longer than this, in seconds.
pub const MAX_RECEIPT_S: i64 = 30;
/// The longest a single long poll waits, in seconds.
pub const MAX_WAIT_S: u64 = 20;
/// The longest justification an agent may give, in characters.
pub const MAX_JUSTIFICATION: usize = 1000;
/// The largest masked excerpt, in bytes.
pub const MAX_EXCERPT: usize = 4096;

/// The header by which an agent answers a reviewer's question; untrusted.
pub const JUSTIFICATION_HEADER: &str = "countersign-justification";
/// The header that carries the opaque handle back to the agent.
pub const REQUEST_HEADER: &str = "countersign-request";
/// Every header of the product's own namespace starts so.
pub const NAMESPACE: &str = "countersign-";

/// Whether a task id may be put into a path: `^[A-Za-z0-9_-]{1,64}$`.
pub fn is_task_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::is_task_id;

    #[test]
    fn a_task_id_cannot_leave_its_path() {
        assert!(is_task_id("arq_01KAJ5S0A7B8C9D0E1F2G3H4J5"));
        for bad in ["", "a/b", "a.b", "..", "a?b", "a b", "ä", &"x".repeat(65)] {
            assert!(!is_task_id(bad), "{bad}");
        }
    }
}
