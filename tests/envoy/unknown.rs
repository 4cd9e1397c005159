//! A proxy that dies between a release and its answer: nobody knows whether the upstream executed the request, and the agent's
//! retry through another proxy is not waved through.

use std::sync::{Arc, mpsc};
use std::thread;
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

const PATIENCE: Duration = Duration::from_secs(20);

/// The request to `host` that waits.
fn waiting(reviewer: &Reviewer, host: &str) -> Result<Value> {
    let found = within(PATIENCE, "a request in the inbox", || {
        reviewer.waiting().ok()?.into_iter().find(|request| request.to_string().contains(host))
    })?;
    reviewer.request(found["id"].as_str().context("no id")?)
}

#[test]
fn a_proxy_that_dies_after_a_release_leaves_it_unknown_and_its_retry_waits_for_who_finds_out() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("server.yaml");
    std::fs::write(&file, "outcome_after: 2s\n")?;
    let service = Service::with(&["--config", &file.to_string_lossy()])?;
    let host = host("held.test");
    let slow = host.clone();
    // It thinks about the request for longer than the first proxy lives.
    let (begun, begins) = mpsc::channel();
    let upstream = Upstream::watched(Arc::new(move |received| {
        if received.authority == slow && received.target.contains("mode=full") {
            begun.send(()).ok();
            thread::sleep(Duration::from_secs(3));
        }
    }))?;
    let policy = policy("40s");
    let bob = service.reviewer("bob")?;

    let envoy = Envoy::start(envoy_of(&service, &upstream, &policy)?)?;
    let held = Agent::new(envoy.address()).http1(&export(&host))?;
    let first = waiting(&bob, &host)?;
    let id = first["id"].as_str().context("no id")?;
    ensure!(bob.decide(&first, "approve", "as agreed")?.status == 200, "not approved");
    begins.recv_timeout(PATIENCE).context("the request did not arrive")?;
    drop(envoy);
    within(PATIENCE, "the request at the upstream", || (upstream.count(&host) == 1).then_some(()))?;
    ensure!(held.answer().is_err() || upstream.count(&host) == 1, "it left twice");

    let envoy = Envoy::start(envoy_of(&service, &upstream, &policy)?)?;
    let retry = Agent::new(envoy.address()).http1(&export(&host))?;
    let again = waiting(&bob, &host)?;
    ensure!(again["earlier"]["id"] == id, "the reviewer is not told: {}", again["earlier"]);
    let refused = bob.decide(&again, "approve", "looks fine")?;
    ensure!(refused.status == 409, "{} {}", refused.status, refused.text());
    ensure!(refused.json()?["type"] == "urn:countersign:problem:outcome-unknown", "{}", refused.text());
    within(PATIENCE, "an unknown outcome", || {
        (bob.request(id).ok()?["state"] == "outcome_unknown").then_some(())
    })?;
    ensure!(retry.is_waiting() && upstream.count(&host) == 1, "the retry left");

    let settled = bob.settle(id, "no")?;
    ensure!(settled.status == 200, "{} {}", settled.status, settled.text());
    let decided = bob.decide(&waiting(&bob, &host)?, "approve", "it had not happened")?;
    ensure!(decided.status == 200, "{} {}", decided.status, decided.text());
    let answer = retry.answer()?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    ensure!(upstream.count(&host) == 2, "{} requests arrived", upstream.count(&host));
    Ok(())
}
