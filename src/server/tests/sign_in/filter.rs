//! A filter that asks: the published submission, signed as a filter signs it.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use countersign_server::service::Service;
use countersign_wire::{
    digest::{Secret, content_digest, tagged},
    signature::{Covered, PepKey},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub(crate) const AUTHORITY: &str = "approvals.example.com";
static COUNT: AtomicU64 = AtomicU64::new(1);

/// An answer, read whole.
pub(crate) struct Reply {
    status: StatusCode,
    text: String,
    pub(crate) json: Value,
}

impl Reply {
    #[track_caller]
    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

pub(crate) async fn send(service: &Service, mut request: Request<Body>) -> Reply {
    request.extensions_mut().insert(ConnectInfo("127.0.0.1:50000".parse::<SocketAddr>().unwrap()));
    let answer = countersign_server::router(service.clone()).oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 24).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Reply { status, text, json }
}

/// The published submission, decided by one of security, changed, with digests of its own.
pub(crate) fn submission(change: impl FnOnce(&mut Value)) -> Value {
    let mut value: Value =
        serde_json::from_str(include_str!("../vectors/approval-request.body").trim_end()).unwrap();
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    value["context"]["urn:countersign:request_digest"] = tagged("", number.to_string().as_bytes()).into();
    value.as_object_mut().unwrap().remove("requested_access");
    value["denial"]["expires_at"] = countersign_wire::clock::rfc3339_s(4_000_000_000_000).into();
    let v1 = &mut value["context"]["urn:countersign:v1"];
    v1["quorum"] = json!({"required": 1, "groups": ["security"], "distinct": true, "veto": true});
    change(&mut value);
    let typed: countersign_wire::submission::Submission = serde_json::from_value(value.clone()).unwrap();
    value["context"]["urn:countersign:v1"]["payload"]["display_digest"] = typed.display_digest().into();
    value
}

/// A request as the filter signs it.
pub(crate) fn signed(path: &str, body: &[u8], now_ms: i64) -> Request<Body> {
    let key = PepKey { keyid: "pep".into(), secret: Secret::new([7; 32]) };
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let (digest, idempotency) = (content_digest(body), format!("\"key-{number}\""));
    let covered = Covered {
        method: "POST",
        authority: AUTHORITY,
        path,
        query: "",
        content_digest: Some(&digest),
        idempotency_key: Some(&idempotency),
    };
    let signed = key.sign(&covered, now_ms / 1000, &format!("nonce-{number:08}"));
    Request::post(format!("http://{AUTHORITY}{path}"))
        .header("content-type", "application/json")
        .header("content-digest", &digest)
        .header("idempotency-key", idempotency)
        .header("signature-input", signed.input)
        .header("signature", signed.signature)
        .body(Body::from(body.to_vec()))
        .unwrap()
}
