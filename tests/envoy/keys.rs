//! The keys that sign grants, over their life: what the filter is configured with decides, and it asks nobody for more.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::Agent;
use countersign_tests::envoy::Envoy;
use countersign_tests::service::{Reviewer, Service};
use countersign_tests::setting::{envoy_of, filter_of, host, policy};
use countersign_tests::upstream::Upstream;
use countersign_tests::{place, within};
use serde_json::{Value, json};

use crate::shared::export;

const PATIENCE: Duration = Duration::from_secs(20);

/// Runs `countersign keys` on the service's state; what it said.
fn keys(service: &Service, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(place::command()?);
    let output = command.arg("keys").args(arguments).arg("--state").arg(service.folder()).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "{arguments:?}: {said} {}", String::from_utf8_lossy(&output.stderr));
    Ok(said)
}

/// The keys that are published, once there are two: the one that signs, and the next.
fn two_keys(service: &Service) -> Result<Vec<Value>> {
    keys(service, &["prepare"])?;
    within(PATIENCE, "two published keys", || {
        let set = service.get("/access/v1/jwks").ok()?.json().ok()?;
        set["keys"].as_array().filter(|keys| keys.len() == 2).cloned()
    })
}

/// A proxy whose filter trusts these keys and no other.
fn proxy(service: &Service, upstream: &Upstream, trusted: &[Value]) -> Result<Envoy> {
    let policy = policy("40s");
    let mut configuration = filter_of(service, &policy)?;
    configuration["approval"]["jwks"] = json!({"keys": trusted});
    Envoy::start(envoy_of(service, upstream, &policy)?.filter(configuration.to_string()))
}

fn waiting(reviewer: &Reviewer, host: &str) -> Result<Value> {
    let waiting = within(PATIENCE, "a request in the inbox", || {
        reviewer.waiting().ok()?.into_iter().find(|request| request.to_string().contains(host))
    })?;
    reviewer.request(waiting["id"].as_str().context("no id")?)
}

#[test]
fn a_key_that_rotates_while_a_request_is_held_releases_it_and_the_old_one_still_does() -> Result<()> {
    let (service, upstream) = (Service::start()?, Upstream::start()?);
    let both = two_keys(&service)?;
    let envoy = proxy(&service, &upstream, &both)?;
    let bob = service.reviewer("bob")?;
    // By the key that signs now.
    let before = host("held.test");
    let held = Agent::new(envoy.address()).http1(&export(&before))?;
    ensure!(bob.decide(&waiting(&bob, &before)?, "approve", "as agreed")?.status == 200, "not approved");
    ensure!(held.answer()?.status == 200, "the old key's grant was refused");
    // By the one that took its place while the request was held.
    let during = host("held.test");
    let held = Agent::new(envoy.address()).http1(&export(&during))?;
    let request = waiting(&bob, &during)?;
    let next = both.get(1).and_then(|key| key["kid"].as_str()).context("no next key")?;
    ensure!(keys(&service, &["rotate", "--now"])?.contains(next), "another key signs");
    within(PATIENCE, "the next key to sign", || {
        keys(&service, &["list"]).ok().filter(|list| list.contains(&format!("{next}  current")))
    })?;
    ensure!(bob.decide(&request, "approve", "as agreed")?.status == 200, "not approved");
    let answer = held.answer()?;
    ensure!(answer.status == 200, "the new key's grant was refused: {} {}", answer.status, answer.text());
    ensure!(upstream.count(&before) == 1 && upstream.count(&during) == 1, "not once each");
    Ok(())
}

#[test]
fn a_key_that_the_filters_configuration_lacks_releases_nothing() -> Result<()> {
    let (service, upstream) = (Service::start()?, Upstream::start()?);
    let both = two_keys(&service)?;
    // The key that signs was taken out; the service still publishes it, and nobody is asked for it.
    let envoy = proxy(&service, &upstream, both.get(1..).context("no next key")?)?;
    let (bob, host) = (service.reviewer("bob")?, host("held.test"));
    let held = Agent::new(envoy.address()).http1(&export(&host))?;
    let request = waiting(&bob, &host)?;
    let id = request["id"].as_str().context("no id")?;
    ensure!(bob.decide(&request, "approve", "as agreed")?.status == 200, "not approved");
    let answer = held.answer()?;
    ensure!(answer.status == 403, "the agent was told {} {}", answer.status, answer.text());
    ensure!(upstream.count(&host) == 0, "it left on a grant by a key that is not trusted");
    ensure!(bob.request(id)?["approval"]["used"] == 0, "it was redeemed");
    Ok(())
}
