//! Who asks, as a real Envoy knows it: by certificate, by validated token, by the proxy's own identity, by configuration, in
//! that order; never by what the agent says of itself.

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::{Agent, Request};
use countersign_tests::backend::Task;
use countersign_tests::envoy::{Envoy, EnvoyConfig};
use countersign_tests::place;
use countersign_tests::setting::{Setting, host, policy};
use countersign_wire::digest::b64url;
use countersign_wire::jws::Issuer;
use serde_json::{Value, json};

use crate::shared::export;

const FALLBACK: &str = "spiffe://prod.test/ns/agents/sa/fallback";

/// A policy with every source, the strongest first.
fn every_source() -> Value {
    let mut policy = policy("20s");
    policy["requester"] = json!({"sources": [{"mtls": {}}, {"jwt": {"payload": "jwt_payload"}}, {"proxy": {}},
        {"static": {"id": FALLBACK, "human": {"iss": "https://idp.test", "sub": "alice@people.test"}}}]});
    policy
}

/// The task a request makes.
fn task(setting: &Setting, agent: &Agent, request: &Request) -> Result<Task> {
    let held = agent.http1(request)?;
    let task = setting.backend.task(&request.authority)?;
    held.leave();
    Ok(task)
}

#[test]
fn the_proxys_own_identity_is_that_of_its_environment() -> Result<()> {
    let setting = Setting::start(&every_source(), |config| {
        config
            .variable("TRUST_DOMAIN", "prod.test")
            .variable("POD_NAMESPACE", "agents")
            .variable("SERVICE_ACCOUNT", "sidecar")
    })?;
    let forged = export(&host("held.test"))
        .header("x-forwarded-client-cert", "URI=spiffe://prod.test/ns/agents/sa/forged")
        .header("x-forwarded-user", "forged")
        .header("authorization", "Bearer forged");
    let task = task(&setting, &setting.agent(), &forged)?;
    let subject = &task.submission.subject;
    ensure!(subject.id == "spiffe://prod.test/ns/agents/sa/sidecar", "{subject:?}");
    let said = serde_json::to_string(&task.submission.client)?;
    ensure!(!said.contains("forged"), "{said}");
    Ok(())
}

/// A token as an identity provider signs it, for `sub`, with `act` as the agent.
fn token(issuer: &Issuer, sub: &str, act: &str) -> String {
    token_with(issuer, sub, act, &json!({}))
}

/// The same with more claims.
fn token_with(issuer: &Issuer, sub: &str, act: &str, more: &Value) -> String {
    let header = json!({"alg": "EdDSA", "kid": issuer.kid(), "typ": "JWT"});
    let mut claims =
        json!({"iss": "https://idp.test", "sub": sub, "exp": 4_102_444_800_u32, "act": {"sub": act}});
    for (name, value) in more.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    let signed =
        format!("{}.{}", b64url(header.to_string().as_bytes()), b64url(claims.to_string().as_bytes()));
    format!("{signed}.{}", b64url(&issuer.sign_bytes(signed.as_bytes())))
}

/// Envoy validates tokens of this issuer where there are any.
fn with_tokens(config: EnvoyConfig, issuer: &Issuer) -> EnvoyConfig {
    let mut key = json!(issuer.jwk());
    key["alg"] = json!("EdDSA");
    let keys = json!({"keys": [key]}).to_string();
    config.http(move |manager| {
        let provider = json!({"issuer": "https://idp.test", "local_jwks": {"inline_string": keys},
            "payload_in_metadata": "jwt_payload", "forward": true});
        let filter = json!({"name": "envoy.filters.http.jwt_authn", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
            "providers": {"idp": provider},
            "rules": [{"match": {"prefix": "/"}, "requires": {"requires_any": {"requirements":
                [{"provider_name": "idp"}, {"allow_missing": {}}]}}}]}});
        manager["http_filters"].as_array_mut().context("no filters")?.insert(0, filter);
        Ok(())
    })
}

#[test]
fn a_validated_token_names_the_agent_and_its_human() -> Result<()> {
    let issuer = Issuer::from_seed(&[9; 32]);
    let setting = Setting::start(&every_source(), |config| with_tokens(config, &issuer))?;
    let token = token(&issuer, "alice@people.test", "report-bot");
    let request = export(&host("held.test")).header("authorization", &format!("Bearer {token}"));
    let task = task(&setting, &setting.agent(), &request)?;
    let actor = &task.submission.client.actor;
    ensure!(actor.id == "report-bot", "{actor:?}");
    let human = actor.chain().next().context("no human")?;
    ensure!(
        human.sub == "alice@people.test" && human.iss.as_deref() == Some("https://idp.test"),
        "{actor:?}"
    );
    let submitted = serde_json::to_string(&task.submission)?;
    ensure!(!submitted.contains(&token), "the token itself reached the approval service");
    Ok(())
}

/// A policy whose tokens name owners and starters.
fn with_owners() -> Value {
    let mut policy = every_source();
    policy["requester"]["sources"][1] =
        json!({"jwt": {"payload": "jwt_payload", "owner": "agent_owner", "triggered_by": "run_by"}});
    policy
}

#[test]
fn a_validated_token_names_the_owner_and_who_started_the_run() -> Result<()> {
    let issuer = Issuer::from_seed(&[9; 32]);
    let setting = Setting::start(&with_owners(), |config| with_tokens(config, &issuer))?;
    let claims = json!({"agent_owner": "olga@people.test", "run_by": "trudy@people.test"});
    let token = token_with(&issuer, "alice@people.test", "report-bot", &claims);
    let request = export(&host("held.test"))
        .header("authorization", &format!("Bearer {token}"))
        .header("agent_owner", "mallory@people.test");
    let task = task(&setting, &setting.agent(), &request)?;
    let actor = &task.submission.client.actor;
    let names = |acts: &[countersign_wire::parties::Act]| -> Vec<String> {
        acts.iter().map(|act| format!("{} by {}", act.sub, act.iss.clone().unwrap_or_default())).collect()
    };
    ensure!(names(&actor.owners) == ["olga@people.test by https://idp.test"], "{actor:?}");
    ensure!(names(&actor.triggered_by) == ["trudy@people.test by https://idp.test"], "{actor:?}");
    Ok(())
}

#[test]
fn an_owner_that_cannot_be_read_refuses() -> Result<()> {
    let issuer = Issuer::from_seed(&[9; 32]);
    let setting = Setting::start(&with_owners(), |config| with_tokens(config, &issuer))?;
    for odd in [json!(["olga@people.test"]), json!({"sub": "olga@people.test"}), json!("a\u{1}b")] {
        let host = host("held.test");
        let token = token_with(&issuer, "alice@people.test", "report-bot", &json!({"agent_owner": odd}));
        let request = export(&host).header("authorization", &format!("Bearer {token}"));
        let answer = setting.agent().http1(&request)?.answer()?;
        ensure!(answer.status == 403, "{odd}: {} {}", answer.status, answer.text());
        ensure!(setting.backend.about(&host).is_empty() && setting.upstream.count(&host) == 0, "{odd}");
    }
    Ok(())
}

#[test]
fn a_token_nobody_signed_names_nobody() -> Result<()> {
    let issuer = Issuer::from_seed(&[9; 32]);
    let setting = Setting::start(&every_source(), |config| with_tokens(config, &issuer))?;
    let host = host("held.test");
    let forged = token(&Issuer::from_seed(&[8; 32]), "mallory@people.test", "report-bot");
    let request = export(&host).header("authorization", &format!("Bearer {forged}"));
    let answer = setting.agent().http1(&request)?.answer()?;
    ensure!(answer.status == 401, "{} {}", answer.status, answer.text());
    ensure!(
        setting.backend.about(&host).is_empty() && setting.upstream.count(&host) == 0,
        "a forged token got through"
    );
    Ok(())
}

#[test]
fn a_certificate_names_the_workload() -> Result<()> {
    let (ca, mine, key) = (certificate("ca.pem"), certificate("proxy.pem"), certificate("proxy.key"));
    let setting = Setting::start(&every_source(), |config| {
        config.edit(move |bootstrap| {
            bootstrap["static_resources"]["listeners"][0]["filter_chains"][0]["transport_socket"] =
                json!({"name": "tls", "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
                    "require_client_certificate": true, "common_tls_context": context(&ca, &mine, &key)}});
            Ok(())
        })
    })?;
    // The agent's side of TLS is another Envoy with the agent's certificate.
    let (ca, cert, key) = (certificate("ca.pem"), certificate("agent.pem"), certificate("agent.key"));
    let front = EnvoyConfig::new(place::empty()?, setting.envoy.address(), setting.backend.address())
        .without_filter()
        .edit(move |bootstrap| {
            bootstrap["static_resources"]["clusters"][0]["transport_socket"] = json!({"name": "tls", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                "common_tls_context": context(&ca, &cert, &key)}});
            Ok(())
        });
    let front = Envoy::start(front)?;
    let task = task(&setting, &Agent::new(front.address()), &export(&host("held.test")))?;
    let subject = &task.submission.subject;
    ensure!(subject.id == "spiffe://prod.test/ns/agents/sa/mtls-bot", "{subject:?}");
    Ok(())
}

fn certificate(name: &str) -> Value {
    json!({"filename": place::root().join("tests/fixtures/certs").join(name)})
}

fn context(ca: &Value, certificate: &Value, key: &Value) -> Value {
    json!({"tls_certificates": [{"certificate_chain": certificate, "private_key": key}],
        "validation_context": {"trusted_ca": ca}})
}

#[test]
fn who_is_not_known_otherwise_is_who_the_configuration_says() -> Result<()> {
    let setting = Setting::start(&every_source(), |config| config)?;
    let task = task(&setting, &setting.agent(), &export(&host("held.test")))?;
    let subject = &task.submission.subject;
    ensure!(subject.id == FALLBACK, "{subject:?}");
    Ok(())
}

#[test]
fn a_write_of_nobody_is_refused() -> Result<()> {
    let mut policy = policy("20s");
    policy["requester"] = json!({"sources": [{"mtls": {}}]});
    let setting = Setting::start(&policy, |config| config)?;
    let host = host("held.test");
    let answer = setting.agent().http1(&export(&host))?.answer()?;
    ensure!((400..600).contains(&answer.status), "{} {}", answer.status, answer.text());
    ensure!(
        setting.backend.about(&host).is_empty() && setting.upstream.count(&host) == 0,
        "nobody's write got through"
    );
    Ok(())
}
