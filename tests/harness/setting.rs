//! Envoy with the filter, an upstream and an approval service, wired together.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::backend::{self, Backend};
use crate::envoy::{Envoy, EnvoyConfig};
use crate::place;
use crate::service::Service;
use crate::upstream::Upstream;

/// All parts of one test.
pub struct Setting {
    /// The proxy. First, so that it ends before its peers.
    pub envoy: Envoy,
    /// The stand-in approval service.
    pub backend: Backend,
    /// What requests are meant for.
    pub upstream: Upstream,
}

/// The policy of the tests: `*.held.test` is held and a disconnect cancels, `*.kept.test` is held and a disconnect changes
/// nothing, `*.denied.test` is denied, `*.open.test` passes. `hold` is how long a request is held.
pub fn policy(hold: &str) -> Value {
    let human = json!({"iss": "https://idp.test", "sub": "alice@people.test"});
    let agent = json!({"static": {"id": "spiffe://prod.test/ns/agents/sa/report-bot", "human": human}});
    json!({
        "apiVersion": "countersign.dev/v1",
        "name": "tests",
        "requester": {"sources": [agent]},
        "groups": {"security": {}},
        "defaults": {"hold": hold, "expiry": "10m", "grant": "5m", "reviewers": {"groups": ["security"], "quorum": 1}},
        "rules": [
            {"name": "held", "match": {"host": "*.held.test"}, "effect": "hold", "on_disconnect": "cancel"},
            {"name": "kept", "match": {"host": "*.kept.test"}, "effect": "hold", "on_disconnect": "keep"},
            {"name": "denied", "match": {"host": "*.denied.test"}, "effect": "deny"},
            {"name": "open", "match": {"host": "*.open.test", "method": ["GET", "POST"]}, "effect": "allow"},
        ],
    })
}

/// The filter's configuration for a policy and the stand-in service.
pub fn filter(backend: &Backend, policy: &Value) -> Value {
    json!({
        "client_id": backend::CLIENT,
        "approval": {"cluster": "approvals", "authority": backend::AUTHORITY, "issuer": backend::ISSUER,
            "jwks": backend.jwks(), "poll": "auto"},
        "signing_key": {"keyid": backend::KEYID, "env": "COUNTERSIGN_PEP_KEY"},
        "binding_key": {"kid": "bk1", "env": "COUNTERSIGN_BINDING_KEY"},
        "destinations": {"default_scheme": "https", "http": []},
        "policy": policy,
    })
}

/// The filter's configuration for a policy and the real service, as its ready line says.
///
/// # Errors
/// When the ready line lacks something.
pub fn filter_of(service: &Service, policy: &Value) -> Result<Value> {
    Ok(json!({
        "client_id": service.said("client_id")?,
        "approval": {"cluster": "approvals", "authority": service.address()?.to_string(),
            "issuer": service.said("issuer")?, "jwks": service.ready()["jwks"]},
        "signing_key": {"keyid": service.said("keyid")?, "env": "COUNTERSIGN_PEP_KEY"},
        "binding_key": {"kid": "bk1", "env": "COUNTERSIGN_BINDING_KEY"},
        "destinations": {"default_scheme": "https", "http": []},
        "policy": policy,
    }))
}

/// The Envoy configuration that goes with the real service: the filter, that policy, two workers.
///
/// # Errors
/// When the filter is not built, or the service's ready line lacks something.
pub fn envoy_of(service: &Service, upstream: &Upstream, policy: &Value) -> Result<EnvoyConfig> {
    envoy_of_parts(service, upstream, policy)?()
}

/// The same to be made again and again, for Envoys that follow one another.
///
/// # Errors
/// As [`envoy_of`].
pub fn envoy_of_parts(
    service: &Service,
    upstream: &Upstream,
    policy: &Value,
) -> Result<impl Fn() -> Result<EnvoyConfig> + Send + use<>> {
    let (upstream, approvals, key) = (upstream.address(), service.address()?, service.pep_key()?);
    let filter = filter_of(service, policy)?.to_string();
    Ok(move || {
        Ok(EnvoyConfig::new(place::filter()?, upstream, approvals)
            .workers(2)
            .variable("COUNTERSIGN_PEP_KEY", &key)
            .variable("COUNTERSIGN_BINDING_KEY", backend::BINDING_KEY)
            .filter(filter.clone()))
    })
}

/// The Envoy configuration that goes with the stand-in service.
pub fn envoy(module: PathBuf, upstream: &Upstream, backend: &Backend) -> EnvoyConfig {
    EnvoyConfig::new(module, upstream.address(), backend.address())
        .variable("COUNTERSIGN_PEP_KEY", backend::PEP_KEY)
        .variable("COUNTERSIGN_BINDING_KEY", backend::BINDING_KEY)
}

impl Setting {
    /// The filter, with a policy, and what else to change.
    ///
    /// # Errors
    /// When a part does not start.
    pub fn start(policy: &Value, change: impl FnOnce(EnvoyConfig) -> EnvoyConfig) -> Result<Self> {
        Self::with(policy, |_| (), change)
    }

    /// The same with a change to the filter's own configuration.
    ///
    /// # Errors
    /// When a part does not start.
    pub fn with(
        policy: &Value,
        configure: impl FnOnce(&mut Value),
        change: impl FnOnce(EnvoyConfig) -> EnvoyConfig,
    ) -> Result<Self> {
        let (upstream, backend) = (Upstream::start()?, Backend::start()?);
        let mut configuration = filter(&backend, policy);
        configure(&mut configuration);
        let config = envoy(place::filter()?, &upstream, &backend).filter(configuration.to_string());
        Ok(Self { envoy: Envoy::start(change(config))?, backend, upstream })
    }

    /// The naive filter with one of its mistakes.
    ///
    /// # Errors
    /// When a part does not start.
    pub fn naive(mistake: &str, change: impl FnOnce(EnvoyConfig) -> EnvoyConfig) -> Result<Self> {
        let (upstream, backend) = (Upstream::start()?, Backend::start()?);
        let config = envoy(place::naive()?, &upstream, &backend).filter(mistake.to_owned());
        Ok(Self { envoy: Envoy::start(change(config))?, backend, upstream })
    }

    /// Someone who sends requests through the proxy.
    pub fn agent(&self) -> Agent {
        Agent::new(self.envoy.address())
    }
}

/// A host name nobody else uses, ending in `suffix`, so that tests can share the parts.
pub fn host(suffix: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("h{}.{suffix}", NEXT.fetch_add(1, Ordering::SeqCst))
}
