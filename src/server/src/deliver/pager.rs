//! On-call services: an alert as long as a request waits, resolved once it does not.
//!
//! PagerDuty's Events API v2 (<https://developer.pagerduty.com/docs/events-api-v2/overview/>) and the alert API of Opsgenie
//! (<https://docs.opsgenie.com/docs/alert-api>), which others speak, too. The task's id makes repetitions one alert.

use std::time::Duration;

use countersign_wire::{clock::rfc3339_ms, sealed::Plain};
use serde::Deserialize;
use serde_json::{Value, json};
use ureq::http::Request;

use super::{Place, Told, Undelivered, webhook::retry_after, words};
use crate::{
    approver::{text::inert_short, view},
    config::document::SecretFrom,
    outward::{Answer, Outward, safe},
    secrets::plain,
    service::Status,
};

const TIMEOUT: Duration = Duration::from_secs(10);

/// An on-call service as it is typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagerAt {
    /// Which API it speaks.
    pub service: Speaks,
    /// The integration's key.
    pub key: SecretFrom,
    /// Another address than the vendor's: a region, or one's own service.
    pub url: Option<String>,
    /// A PEM file with the authorities that sign its certificate; Mozilla's where nothing is written.
    pub ca: Option<String>,
}

/// The API of an on-call service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaks {
    /// Events API v2.
    Pagerduty,
    /// Alert API.
    Opsgenie,
}

/// An on-call service that was checked.
pub(crate) struct Pager {
    speaks: Speaks,
    url: String,
    key: Plain,
    outward: Outward,
}

/// What an alert is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Now {
    /// People are needed; also where one of several approved.
    Waits,
    /// Somebody asked the requester something: nobody else needs to be woken.
    InHand,
    /// It was decided, or ended otherwise.
    Over,
}

impl Now {
    fn of(told: &Told<'_>) -> Self {
        match told.task.status {
            // There must be an alert before somebody can have taken it on.
            Status::Pending if told.task.needs_context.is_some() && told.place.is_some() => Self::InHand,
            Status::Pending => Self::Waits,
            Status::Approved | Status::Denied | Status::Expired | Status::Cancelled => Self::Over,
        }
    }
}

impl Pager {
    pub(super) fn compile(at: PagerAt) -> Result<Self, String> {
        let usual = match at.service {
            Speaks::Pagerduty => "https://events.pagerduty.com",
            Speaks::Opsgenie => "https://api.opsgenie.com",
        };
        let url = at.url.unwrap_or_else(|| usual.to_owned()).trim_end_matches('/').to_owned();
        safe(&url)?;
        let key = plain(&at.key).map_err(|why| format!("`key`: {why}"))?;
        let outward = Outward::new(TIMEOUT, at.ca.as_deref())?;
        Ok(Self { speaks: at.service, url, key, outward })
    }

    /// Where it is called, and how.
    pub(super) fn reached(&self) -> (&str, &Outward) {
        (&self.url, &self.outward)
    }

    pub(super) async fn tell(&self, told: &Told<'_>) -> Result<Place, Undelivered> {
        let about = |what: &str| {
            let path = format!("/v2/alerts/{}/{what}?identifierType=alias", told.task.id);
            (path, json!({"source": "countersign", "note": words::title(told)}))
        };
        let (path, body) = match (self.speaks, Now::of(told)) {
            (Speaks::Pagerduty, Now::Waits) => ("/v2/enqueue".to_owned(), self.trigger(told)),
            (Speaks::Pagerduty, Now::InHand) => ("/v2/enqueue".to_owned(), self.end(told, "acknowledge")),
            (Speaks::Pagerduty, Now::Over) => ("/v2/enqueue".to_owned(), self.end(told, "resolve")),
            (Speaks::Opsgenie, Now::Waits) => ("/v2/alerts".to_owned(), alert(told)),
            (Speaks::Opsgenie, Now::InHand) => about("acknowledge"),
            (Speaks::Opsgenie, Now::Over) => about("close"),
        };
        let mut request =
            Request::post(format!("{}{path}", self.url)).header("content-type", "application/json");
        if self.speaks == Speaks::Opsgenie {
            request = request.header("authorization", format!("GenieKey {}", self.key.expose()));
        }
        let request = request
            .body(body.to_string().into_bytes())
            .map_err(|_| Undelivered::never("`key` cannot be put into a header"))?;
        let answer = self.outward.call(request).await.map_err(|fault| Undelivered::later(fault.0))?;
        heard(&answer)?;
        // The alert is found again by the task; that there is one is all to keep.
        Ok(Some("{}".to_owned()))
    }

    fn trigger(&self, told: &Told<'_>) -> Value {
        let request = view::Request::of(told.task);
        json!({
            "routing_key": self.key.expose(),
            "event_action": "trigger",
            "dedup_key": told.task.id,
            "client": "countersign",
            "client_url": told.link(),
            "links": [{"href": told.link(), "text": "Decide"}],
            "payload": {
                "summary": inert_short(&words::title(told), 1_000),
                "source": told.issuer,
                "severity": "warning",
                "timestamp": rfc3339_ms(told.task.created_at_ms),
                "class": told.task.submission.action.name,
                "group": format!("{}/{}", request.policy.id, request.policy.rule),
                "custom_details": {
                    "requester": request.requester(),
                    "needs": request.progress(),
                    "code": request.code,
                    "expires_at": request.expires_at,
                },
            },
        })
    }

    fn end(&self, told: &Told<'_>, action: &str) -> Value {
        json!({"routing_key": self.key.expose(), "event_action": action, "dedup_key": told.task.id})
    }
}

fn alert(told: &Told<'_>) -> Value {
    let request = view::Request::of(told.task);
    json!({
        "message": inert_short(&words::title(told), 130),
        "alias": told.task.id,
        "description": words::text(told),
        "source": "countersign",
        "priority": "P2",
        "tags": ["approval", told.task.submission.action.name],
        "details": {"code": request.code, "link": told.link(), "expires_at": request.expires_at},
    })
}

fn heard(answer: &Answer) -> Result<(), Undelivered> {
    match answer.status {
        200..=299 => Ok(()),
        status @ (400 | 401 | 403 | 404 | 422) => Err(Undelivered::never(format!(
            "the on-call service answers {status}: look at `key` and `url`, and whether the integration still exists"
        ))),
        status => Err(Undelivered::Later {
            why: format!("the on-call service answers {status}"),
            after: retry_after(answer),
        }),
    }
}
