//! The parts of the demo, wired together as `envoy/countersign.yaml` says.

use anyhow::{Context, Result};
use countersign_tests::agent::{Agent, Exchange, Request};
use countersign_tests::envoy::{Envoy, EnvoyConfig};
use countersign_tests::message::Answer;
use countersign_tests::service::{Reviewer, Service};
use countersign_tests::upstream::{Received, Upstream};
use countersign_tests::{place, within};
use serde_json::{Value, json};
use std::time::Duration;

/// Where exports go.
pub(super) const PARTNER: &str = "api.thirdparty.example";
/// Where roles are given.
pub(super) const ADMIN: &str = "admin.demo.example";
/// How long a reviewer's page may take to show a request.
const PATIENCE: Duration = Duration::from_secs(10);
/// The key that binds requests. The filter's alone; a real one is random.
const BINDING_KEY: &str = "8a1c5b0e6f3d4927a0b1c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f50617";

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
        let filter = json!({
            "client_id": service.said("client_id")?,
            "approval": {"cluster": "approvals", "authority": service.address()?.to_string(),
                "issuer": service.said("issuer")?, "jwks": service.ready()["jwks"]},
            "signing_key": {"keyid": service.said("keyid")?, "env": "COUNTERSIGN_PEP_KEY"},
            "binding_key": {"kid": "demo", "env": "COUNTERSIGN_BINDING_KEY"},
            "destinations": {"default_scheme": "https", "http": []},
            "policy": policy,
        });
        let envoy = EnvoyConfig::new(place::filter()?, upstream.address(), service.address()?)
            .workers(2)
            .variable("COUNTERSIGN_PEP_KEY", &service.pep_key()?)
            .variable("COUNTERSIGN_BINDING_KEY", BINDING_KEY)
            .filter(filter.to_string());
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
