//! Webhooks for anybody's program: CloudEvents 1.0 in structured JSON, signed as Standard Webhooks says
//! (<https://www.standardwebhooks.com>). The receiver gets what a reviewer's list shows, never the payload.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_wire::{clock::rfc3339_ms, digest::Secret};
use serde::Deserialize;
use serde_json::{Value, json};
use ureq::http::Request;

use super::{Place, Told, Undelivered};
use crate::{
    approver::view,
    config::{
        document::{SecretFrom, Span},
        secret,
    },
    outward::{Answer, Outward, safe},
};

const TIMEOUT: Duration = Duration::from_secs(10);

/// A webhook as it is typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookAt {
    /// Where it is called: `https`, or `http` on this machine.
    pub url: String,
    /// 64 hexadecimal digits that both ends know. The receiver's library wants `whsec_` and the base64 form of the same bytes.
    pub secret: SecretFrom,
    /// How long one call may take: 10 seconds where nothing is written.
    pub timeout: Option<Span>,
    /// A PEM file with the authorities that sign its certificate; Mozilla's where nothing is written.
    pub ca: Option<String>,
}

/// A webhook that was checked.
pub(crate) struct Webhook {
    url: String,
    secret: Secret,
    outward: Outward,
}

impl Webhook {
    pub(super) fn compile(at: WebhookAt) -> Result<Self, String> {
        safe(&at.url)?;
        let secret = secret("webhook", &at.secret).map_err(|fault| fault.0)?;
        let outward = Outward::new(at.timeout.map_or(TIMEOUT, |span| span.0), at.ca.as_deref())?;
        Ok(Self { url: at.url, secret, outward })
    }

    /// Where it is called, and how.
    pub(super) fn reached(&self) -> (&str, &Outward) {
        (&self.url, &self.outward)
    }

    pub(super) async fn tell(&self, told: &Told<'_>) -> Result<Place, Undelivered> {
        let event = event(told);
        let id = format!("evt_{}", told.id);
        let body = event.to_string().into_bytes();
        let signature = signature(&self.secret, &id, told.now_ms / 1000, &body);
        let request = Request::post(&self.url)
            .header("content-type", "application/cloudevents+json; charset=utf-8")
            .header("webhook-id", &id)
            .header("webhook-timestamp", (told.now_ms / 1000).to_string())
            .header("webhook-signature", signature)
            .body(body)
            .map_err(|error| Undelivered::never(format!("`url` cannot be called: {error}")))?;
        let answer = self.outward.call(request).await.map_err(|fault| Undelivered::later(fault.0))?;
        heard(&answer)
    }
}

/// What an answer means: any 2xx is enough; 410 says that nobody listens there any more.
fn heard(answer: &Answer) -> Result<Place, Undelivered> {
    match answer.status {
        200..=299 => Ok(None),
        410 => Err(Undelivered::never("the receiver answers 410: nobody listens at `url` any more")),
        status => Err(Undelivered::Later {
            why: format!("the receiver answers {status}"),
            after: retry_after(answer),
        }),
    }
}

/// `Retry-After` in seconds (RFC 9110); a date there is not looked at.
pub(crate) fn retry_after(answer: &Answer) -> Option<Duration> {
    let seconds = answer.headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// `v1,` and the base64 form of HMAC-SHA256 over `id.timestamp.body`.
fn signature(secret: &Secret, id: &str, at_s: i64, body: &[u8]) -> String {
    let at = at_s.to_string();
    let mac = secret.hmac(&[id.as_bytes(), b".", at.as_bytes(), b".", body]);
    format!("v1,{}", STANDARD.encode(mac))
}

fn event(told: &Told<'_>) -> Value {
    let task = told.task;
    let request = view::Request::of(task);
    json!({
        "specversion": "1.0",
        "id": format!("evt_{}", told.id),
        "source": told.issuer,
        "type": format!("countersign.request.{}", told.event.as_str()),
        "subject": task.id,
        "time": rfc3339_ms(told.at_ms),
        "datacontenttype": "application/json",
        "data": {
            "id": task.id,
            "version": task.version,
            "status": task.status.as_str(),
            "sentence": request.sentence,
            "code": request.code,
            "class": task.submission.action.name,
            "requester": request.requester(),
            "policy": request.policy,
            "progress": request.progress(),
            "expires_at": request.expires_at,
            "link": told.link(),
        },
    })
}
