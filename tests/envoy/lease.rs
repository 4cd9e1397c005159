//! A proxy that dies while it holds: reviewers are told that nobody waits, a request that a leaving agent would withdraw is
//! withdrawn, any other is there for the agent's retry through another proxy.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::Agent;
use countersign_tests::envoy::Envoy;
use countersign_tests::service::{Reviewer, Service};
use countersign_tests::setting::{envoy_of, host, policy};
use countersign_tests::upstream::Upstream;
use countersign_tests::within;
use serde_json::Value;

use crate::shared::export;

const PATIENCE: Duration = Duration::from_secs(30);

fn seen(reviewer: &Reviewer, host: &str) -> Result<Value> {
    within(PATIENCE, "a request in the inbox", || {
        reviewer.waiting().ok()?.into_iter().find(|request| request["destination"]["authority"] == host)
    })
}

#[test]
fn a_proxy_that_dies_leaves_nothing_that_waits_for_ever() -> Result<()> {
    let config = tempfile::NamedTempFile::with_suffix(".yaml")?;
    std::fs::write(config.path(), "lease: 3s\n")?;
    let service = Service::with(&["--config", &config.path().to_string_lossy()])?;
    let (upstream, policy) = (Upstream::start()?, policy("60s"));
    let envoy = Envoy::start(envoy_of(&service, &upstream, &policy)?)?;
    let (withdrawn, kept) = (host("held.test"), host("kept.test"));
    let agent = Agent::new(envoy.address());
    let _held = [agent.http1(&export(&withdrawn))?, agent.http1(&export(&kept))?];
    let bob = service.reviewer("bob")?;
    let gone = seen(&bob, &withdrawn)?["id"].as_str().context("no id")?.to_owned();
    let task = seen(&bob, &kept)?;
    let id = task["id"].as_str().context("no id")?;
    std::thread::sleep(Duration::from_secs(6));
    for id in [id, &gone] {
        let request = bob.request(id)?;
        ensure!(request["state"] == "pending" && request["waiting"]["here"] == "yes", "{request}");
    }

    drop(envoy);
    within(PATIENCE, "the lease to be over", || {
        (bob.request(&gone).ok()?["state"] == "cancelled").then_some(())
    })?;
    within(PATIENCE, "the inbox to say that nobody waits", || {
        (bob.request(id).ok()?["waiting"]["here"] == "no").then_some(())
    })?;
    ensure!(bob.read("/inbox")?.text().contains("nobody waits"), "the page does not say so");

    let decision = bob.decide(&bob.request(id)?, "approve", "for when it comes again")?;
    ensure!(decision.status == 200, "{} {}", decision.status, decision.text());
    let next = Envoy::start(envoy_of(&service, &upstream, &policy)?)?;
    let answer = Agent::new(next.address()).http1(&export(&kept))?.answer()?;
    ensure!(answer.status == 200, "the retry found no approval: {} {}", answer.status, answer.text());
    ensure!(upstream.count(&kept) == 1 && upstream.count(&withdrawn) == 0, "{:?}", upstream.received());
    Ok(())
}
