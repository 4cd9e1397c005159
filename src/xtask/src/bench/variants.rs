//! What is compared: the same Envoy with one thing in the filter's place.

use anyhow::Result;
use countersign_tests::backend::Backend;
use countersign_tests::envoy::{Envoy, EnvoyConfig};
use countersign_tests::upstream::Upstream;
use countersign_tests::{place, setting};
use serde_json::{Value, json};

use super::load::Kind;

/// What stands in the filter's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variant {
    Nothing,
    Lua,
    Empty,
    TenRules,
    ThousandRules,
    GuardedHost,
    EveryPack,
    ExtAuthz,
    NothingMessage,
    CountersignMessage,
    ExtAuthzMessage,
}

impl Variant {
    /// Those that get a GET; the first is what the others are compared with.
    pub(super) const GETS: [Self; 8] = [
        Self::Nothing,
        Self::Lua,
        Self::Empty,
        Self::TenRules,
        Self::ThousandRules,
        Self::GuardedHost,
        Self::EveryPack,
        Self::ExtAuthz,
    ];

    /// Those that get a JSON-RPC message of 4 KiB.
    pub(super) const MESSAGES: [Self; 3] =
        [Self::NothingMessage, Self::CountersignMessage, Self::ExtAuthzMessage];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nothing | Self::NothingMessage => "no filter",
            Self::Lua => "Lua, reads one header",
            Self::Empty => "empty wasm filter, reads the header map",
            Self::TenRules => "countersign, 10 rules, no packs",
            Self::ThousandRules => "countersign, 1,000 rules, host without one",
            Self::GuardedHost => "countersign, 1,000 rules, host with one",
            Self::EveryPack => "countersign, 10,000 rules, all packs",
            Self::CountersignMessage => "countersign, 1,000 rules, all packs",
            Self::ExtAuthz => "ext_authz over HTTP, answered at once",
            Self::ExtAuthzMessage => "ext_authz over HTTP with the body",
        }
    }

    /// Where the load goes.
    pub(super) fn host(self) -> &'static str {
        match self {
            Self::GuardedHost => "api500.vendor.test",
            Self::Nothing
            | Self::Lua
            | Self::Empty
            | Self::TenRules
            | Self::ThousandRules
            | Self::EveryPack
            | Self::ExtAuthz
            | Self::NothingMessage
            | Self::CountersignMessage
            | Self::ExtAuthzMessage => "status.internal.test",
        }
    }

    /// What it gets.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::NothingMessage | Self::CountersignMessage | Self::ExtAuthzMessage => Kind::Message,
            Self::Nothing
            | Self::Lua
            | Self::Empty
            | Self::TenRules
            | Self::ThousandRules
            | Self::GuardedHost
            | Self::EveryPack
            | Self::ExtAuthz => Kind::Get,
        }
    }

    /// The policy; `None` where there is no filter of ours.
    fn policy(self) -> Option<Value> {
        let everything = ["aws", "google", "azure", "vendors", "tools"];
        match self {
            Self::TenRules => Some(policy(10, &[])),
            Self::ThousandRules | Self::GuardedHost | Self::CountersignMessage => {
                Some(policy(1000, &everything))
            }
            Self::EveryPack => Some(policy(10_000, &everything)),
            Self::Nothing
            | Self::Lua
            | Self::Empty
            | Self::ExtAuthz
            | Self::NothingMessage
            | Self::ExtAuthzMessage => None,
        }
    }
}

/// What all variants share: a peer that answers at once, itself an Envoy.
pub(super) struct Parts {
    answers: Envoy,
    backend: Backend,
}

impl Parts {
    pub(super) fn start() -> Result<Self> {
        let backend = Backend::start()?;
        let nobody = Upstream::start()?;
        let config = EnvoyConfig::new(place::empty()?, nobody.address(), backend.address())
            .without_filter()
            .http(|manager| {
                manager["access_log"] = json!([]);
                manager["route_config"]["virtual_hosts"][0]["routes"] = json!([{"match": {"prefix": "/"},
                    "direct_response": {"status": 200, "body": {"inline_string": "{\"state\":\"well\"}"}}}]);
                Ok(())
            });
        Ok(Self { answers: Envoy::start(config)?, backend })
    }

    /// An Envoy with one variant.
    pub(super) fn config(&self, variant: Variant, workers: u32) -> Result<EnvoyConfig> {
        let policy = variant.policy();
        let module = if policy.is_some() { place::filter()? } else { place::empty()? };
        let config = EnvoyConfig::new(module, self.answers.address(), self.backend.address())
            .workers(workers)
            .variable("COUNTERSIGN_PEP_KEY", countersign_tests::backend::PEP_KEY)
            .variable("COUNTERSIGN_BINDING_KEY", countersign_tests::backend::BINDING_KEY)
            .http(|manager| {
                manager["access_log"] = json!([]);
                Ok(())
            });
        if let Some(policy) = policy {
            return Ok(config.filter(setting::filter(&self.backend, &policy).to_string()));
        }
        Ok(match variant {
            Variant::Lua => config.instead(lua()),
            Variant::ExtAuthz | Variant::ExtAuthzMessage => {
                let body = variant == Variant::ExtAuthzMessage;
                config.instead(ext_authz(&self.answers, body)).peer("approvals", self.answers.address()).edit(
                    |bootstrap| {
                        // The authorizer speaks HTTP/1.1.
                        if let Some(clusters) = bootstrap["static_resources"]["clusters"].as_array_mut() {
                            for cluster in
                                clusters.iter_mut().filter(|cluster| cluster["name"] == "approvals")
                            {
                                cluster["typed_extension_protocol_options"] = json!({});
                            }
                        }
                        Ok(())
                    },
                )
            }
            Variant::Nothing | Variant::NothingMessage => config.without_filter(),
            Variant::Empty
            | Variant::TenRules
            | Variant::ThousandRules
            | Variant::GuardedHost
            | Variant::EveryPack
            | Variant::CountersignMessage => config,
        })
    }
}

fn lua() -> Value {
    json!({"name": "lua", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
        "default_source_code": {"inline_string":
            "function envoy_on_request(handle) local a = handle:headers():get(\":authority\") end"}}})
}

fn ext_authz(answers: &Envoy, body: bool) -> Value {
    let mut filter = json!({"name": "ext_authz", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
        "http_service": {"server_uri": {"uri": format!("http://{}", answers.address()), "cluster": "approvals",
            "timeout": "1s"}}}});
    if body {
        filter["typed_config"]["with_request_body"] = json!({"max_request_bytes": 8192});
    }
    filter
}

/// Rules about as many hosts, and these packs.
fn policy(rules: usize, packs: &[&str]) -> Value {
    let rule = |number: usize| {
        json!({"name": format!("rule-{number}"), "effect": "hold", "match": {"host": format!("api{number}.vendor.test"),
            "method": ["POST", "PUT", "DELETE"], "path": "/v2/{collection}/import/**"}})
    };
    let mut policy = setting::policy("45s");
    policy["rules"] = (0..rules).map(rule).collect();
    policy["catalog"] = json!({"packs": packs});
    policy
}
