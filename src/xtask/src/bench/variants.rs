//! What is compared: the same Envoy with one thing in the filter's place.

use anyhow::Result;
use countersign_tests::backend::Backend;
use countersign_tests::envoy::{Envoy, EnvoyConfig};
use countersign_tests::upstream::Upstream;
use countersign_tests::{place, setting};
use serde_json::{Value, json};

/// What stands in the filter's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variant {
    Nothing,
    Lua,
    Empty,
    CountersignFewRules,
    Countersign,
    CountersignGuardedHost,
    ExtAuthz,
}

impl Variant {
    pub(super) const ALL: [Self; 7] = [
        Self::Nothing,
        Self::Lua,
        Self::Empty,
        Self::CountersignFewRules,
        Self::Countersign,
        Self::CountersignGuardedHost,
        Self::ExtAuthz,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "no filter",
            Self::Lua => "Lua, reads one header",
            Self::Empty => "empty wasm filter, reads the header map",
            Self::CountersignFewRules => "countersign, five rules",
            Self::Countersign => "countersign, 1,000 rules, host without one",
            Self::CountersignGuardedHost => "countersign, 1,000 rules, host with one",
            Self::ExtAuthz => "ext_authz over HTTP, answered at once",
        }
    }

    /// Where the load goes.
    pub(super) fn host(self) -> &'static str {
        match self {
            Self::CountersignGuardedHost => "api500.vendor.test",
            Self::Nothing
            | Self::Lua
            | Self::Empty
            | Self::CountersignFewRules
            | Self::Countersign
            | Self::ExtAuthz => "status.internal.test",
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
        let module = match variant {
            Variant::CountersignFewRules | Variant::Countersign | Variant::CountersignGuardedHost => {
                place::filter()?
            }
            Variant::Nothing | Variant::Lua | Variant::Empty | Variant::ExtAuthz => place::empty()?,
        };
        let config = EnvoyConfig::new(module, self.answers.address(), self.backend.address())
            .workers(workers)
            .variable("COUNTERSIGN_PEP_KEY", countersign_tests::backend::PEP_KEY)
            .variable("COUNTERSIGN_BINDING_KEY", countersign_tests::backend::BINDING_KEY)
            .http(|manager| {
                manager["access_log"] = json!([]);
                Ok(())
            });
        Ok(match variant {
            Variant::Nothing => config.without_filter(),
            Variant::Empty => config,
            Variant::Lua => config.instead(lua()),
            Variant::ExtAuthz => config
                .instead(ext_authz(&self.answers))
                .peer("approvals", self.answers.address())
                .edit(|bootstrap| {
                    // The authorizer speaks HTTP/1.1.
                    if let Some(clusters) = bootstrap["static_resources"]["clusters"].as_array_mut() {
                        for cluster in clusters.iter_mut().filter(|cluster| cluster["name"] == "approvals") {
                            cluster["typed_extension_protocol_options"] = json!({});
                        }
                    }
                    Ok(())
                }),
            Variant::CountersignFewRules => {
                config.filter(setting::filter(&self.backend, &setting::policy("45s")).to_string())
            }
            Variant::Countersign | Variant::CountersignGuardedHost => {
                config.filter(setting::filter(&self.backend, &policy()).to_string())
            }
        })
    }
}

fn lua() -> Value {
    json!({"name": "lua", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
        "default_source_code": {"inline_string":
            "function envoy_on_request(handle) local a = handle:headers():get(\":authority\") end"}}})
}

fn ext_authz(answers: &Envoy) -> Value {
    json!({"name": "ext_authz", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
        "http_service": {"server_uri": {"uri": format!("http://{}", answers.address()), "cluster": "approvals",
            "timeout": "1s"}}}})
}

/// A thousand rules about as many hosts.
fn policy() -> Value {
    let rule = |number: usize| {
        json!({"name": format!("rule-{number}"), "effect": "hold", "match": {"host": format!("api{number}.vendor.test"),
            "method": ["POST", "PUT", "DELETE"], "path": "/v2/{collection}/import/**"}})
    };
    let mut policy = setting::policy("45s");
    policy["rules"] = (0..1000).map(rule).collect();
    policy
}
