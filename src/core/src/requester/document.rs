//! What a policy document says about the requester.

use serde::{Deserialize, Serialize};

use crate::policy::Many;

/// `requester:` of a policy document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequesterDoc {
    /// Asked in this order; the peer certificate, then the proxy's own identity, where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<Vec<SourceDoc>>,
}

/// One source; exactly one member is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceDoc {
    /// The first URI of the peer certificate.
    Mtls(MtlsDoc),
    /// The payload of a token that `jwt_authn` validated.
    Jwt(JwtDoc),
    /// The proxy's environment (`TRUST_DOMAIN`, `POD_NAMESPACE`, `SERVICE_ACCOUNT`), else its node id.
    Proxy(ProxyDoc),
    /// Written here.
    Static(StaticDoc),
}

/// `mtls: {}`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MtlsDoc {}

/// `proxy: {}`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyDoc {}

/// `jwt: {payload: jwt_payload, human: delegated, owner: agent_owner, triggered_by: run_by}`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwtDoc {
    /// `payload_in_metadata` of the `jwt_authn` provider.
    pub payload: String,
    /// Which claim names the human.
    #[serde(default)]
    pub human: JwtHuman,
    /// The claim that names who owns the agent; its issuer is the token's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The claim that names who started the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggered_by: Option<String>,
}

/// Which claim of a token names the human behind the agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JwtHuman {
    /// `sub`, when the token has `act`, which then is the agent (RFC 8693 section 4.1).
    #[default]
    Delegated,
    /// `sub`, always.
    Sub,
    /// `act.sub`; `sub` is the agent.
    Act,
    /// None.
    None,
}

/// `static: {id: ..., human: {iss, sub}, owner: {iss, sub}, triggered_by: {iss, sub}}`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaticDoc {
    /// The workload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The agent, where it has a name of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The human it acts for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub human: Option<HumanDoc>,
    /// Who owns the agent, one or several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Many<HumanDoc>>,
    /// Who starts its runs, one or several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggered_by: Option<Many<HumanDoc>>,
}

/// A human as an identity provider names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HumanDoc {
    /// The identity provider.
    pub iss: String,
    /// The human.
    pub sub: String,
}
