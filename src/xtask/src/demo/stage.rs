//! The parts of the demo, wired together as `envoy/countersign.yaml` says.

use anyhow::{Context, Result};
use countersign_tests::agent::{Agent, Exchange, Request};
use countersign_tests::envoy::Envoy;
use countersign_tests::message::Answer;
use countersign_tests::service::{Reviewer, Service};
use countersign_tests::upstream::{Received, Upstream};
use countersign_tests::{place, setting, within};
use serde_json::{Value, json};
use std::time::Duration;

/// Where exports go.
pub(super) const PARTNER: &str = "api.thirdparty.example";
/// Where roles are given.
pub(super) const ADMIN: &str = "admin.demo.example";
/// How long a reviewer's page may take to show a request.
const PATIENCE: Duration = Duration::from_secs(10);
/// Everything that plays.
pub(super) struct Stage {
    pub(super) envoy: Envoy,
    pub(super) service: Service,
    pub(super) upstream: Upstream,
}

impl Stage {
    /// Starts all parts; `hold` is how long a request is held before its agent is handed off.
    pub(super) fn start(hold: &str) -> Result<Self> {
        let config = place::root().join("src/xtask/src/demo/server.yaml");
        let service = Service::with(&["--config", &config.to_string_lossy()])?;
        let upstream = Upstream::start()?;
        let mut policy: Value = serde_saphyr::from_str(include_str!("policy.yaml"))?;
        policy["defaults"]["hold"] = json!(hold);
        let envoy = setting::envoy_of(&service, &upstream, &policy)?;
        Ok(Self { envoy: Envoy::start(envoy)?, service, upstream })
    }

    /// The agent sends a request through the proxy.
    pub(super) fn send(&self, request: &Request) -> Result<Exchange> {
        Agent::new(self.envoy.address()).http1(request)
    }

    /// What arrived at `host` with this body.
    pub(super) fn arrived(&self, host: &str, body: &[u8]) -> Vec<Received> {
        self.upstream.about(host).into_iter().filter(|received| received.body == body).collect()
    }
}

/// The request to `host` that waits and is none of those already `seen`, as a reviewer's inbox shows it.
pub(super) fn waiting(reviewer: &Reviewer, host: &str, seen: &[String]) -> Result<Value> {
    let found = within(PATIENCE, &format!("a request to `{host}` in the inbox"), || {
        let new = |request: &Value| !seen.iter().any(|id| request["id"] == id.as_str());
        let about = |request: &Value| request.to_string().contains(host);
        reviewer.waiting().ok()?.into_iter().find(|request| new(request) && about(request))
    })?;
    let id = found["id"].as_str().context("a request without an id")?;
    reviewer.request(id)
}

/// The export the story is about.
pub(super) fn export(rows: u32) -> Request {
    let body = json!({"dataset": "prod.public.customers", "format": "csv", "rows": rows, "token": "sk_demo_4242424242"});
    Request::post(PARTNER, "/v2/import?mode=full", body.to_string())
}

/// The role change the story is about.
pub(super) fn promotion() -> Request {
    Request::post(ADMIN, "/users/7/roles", "{\"role\":\"owner\"}")
}

/// What the agent was told, in one line.
pub(super) fn told(answer: &Answer) -> String {
    let title = answer.json().ok().and_then(|problem| problem["title"].as_str().map(str::to_owned));
    format!("{} {}", answer.status, title.unwrap_or_default()).trim_end().to_owned()
}
