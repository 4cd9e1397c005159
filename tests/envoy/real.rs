//! The filter with the real approval service, `countersign serve`: what the stand-in promises holds there, too.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::{Agent, Exchange, Request};
use countersign_tests::envoy::Envoy;
use countersign_tests::service::{Reviewer, Service};
use countersign_tests::setting::{envoy_of, host, policy};
use countersign_tests::upstream::Upstream;
use countersign_tests::within;
use serde_json::Value;

use crate::shared::export;

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Real {
    pub(crate) envoy: Envoy,
    pub(crate) service: Service,
    pub(crate) upstream: Upstream,
}

impl Real {
    fn start() -> Result<Self> {
        Self::of(Service::start()?, &policy("40s"))
    }

    /// The filter with a policy, at a service that runs.
    pub(crate) fn of(service: Service, policy: &Value) -> Result<Self> {
        let upstream = Upstream::start()?;
        let envoy = Envoy::start(envoy_of(&service, &upstream, policy)?)?;
        Ok(Self { envoy, service, upstream })
    }

    /// The same with a configuration of the service.
    pub(crate) fn configured(service: &Value, policy: &Value) -> Result<Self> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), service.to_string())?;
        Self::of(Service::with(&["--config", &file.path().to_string_lossy()])?, policy)
    }

    pub(crate) fn send(&self, request: &Request) -> Result<Exchange> {
        Agent::new(self.envoy.address()).http1(request)
    }
}

/// The request to `host` as a reviewer sees it, waiting for it.
pub(crate) fn seen(reviewer: &Reviewer, host: &str) -> Result<Value> {
    let waiting = within(PATIENCE, "a request in the inbox", || {
        reviewer.waiting().ok()?.into_iter().find(|request| request.to_string().contains(host))
    })?;
    reviewer.request(waiting["id"].as_str().context("no id")?)
}

#[test]
fn an_approval_in_the_real_inbox_releases_the_request_and_shows_what_became_of_it() -> Result<()> {
    let real = Real::start()?;
    let (bob, host) = (real.service.reviewer("bob")?, host("held.test"));
    let held = real.send(&export(&host))?;
    let request = seen(&bob, &host)?;
    let decision = bob.decide(&request, "approve", "as agreed")?;
    ensure!(decision.status == 200, "{} {}", decision.status, decision.text());
    ensure!(held.answer()?.status == 200, "not released");
    ensure!(real.upstream.only(&host)?.body == export(&host).body, "another body arrived");
    let id = request["id"].as_str().context("no id")?;
    let outcome = within(PATIENCE, "the outcome in the inbox", || {
        let outcome = bob.request(id).ok()?["outcome"].clone();
        outcome.is_object().then_some(outcome)
    })?;
    ensure!(outcome["status"] == 200, "{outcome}");
    Ok(())
}

#[test]
fn a_service_that_crashes_while_a_request_is_held_forgets_nothing() -> Result<()> {
    let mut real = Real::start()?;
    let host = host("held.test");
    let held = real.send(&export(&host))?;
    seen(&real.service.reviewer("bob")?, &host)?;
    real.service.crash(Duration::from_millis(500))?;
    ensure!(held.is_waiting() && real.upstream.count(&host) == 0, "a crash let something go");
    let carol = real.service.reviewer("carol")?;
    let decision = carol.decide(&seen(&carol, &host)?, "approve", "as agreed")?;
    ensure!(decision.status == 200, "{} {}", decision.status, decision.text());
    let answer = held.answer_within(Duration::from_secs(45))?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    ensure!(real.upstream.count(&host) == 1, "{} requests arrived", real.upstream.count(&host));
    Ok(())
}

#[test]
fn fifty_requests_end_as_the_reviewers_decided() -> Result<()> {
    let real = Real::start()?;
    let bob = real.service.reviewer("bob")?;
    let host = host("held.test");
    let request =
        |number: usize| Request::post(&host, &format!("/v2/import/{number}"), format!("{{\"n\":{number}}}"));
    let held: Vec<Exchange> = (0..50).map(|number| real.send(&request(number))).collect::<Result<_>>()?;
    let waiting = within(PATIENCE, "fifty requests in the inbox", || {
        let waiting = bob.waiting().ok()?;
        (waiting.len() == held.len()).then_some(waiting)
    })?;
    ensure!(real.upstream.received().is_empty(), "something left before it was decided");
    for item in waiting {
        let shown = bob.request(item["id"].as_str().context("no id")?)?;
        let path = shown["destination"]["path"].as_str().context("no path")?.to_owned();
        let even =
            path.rsplit('/').next().and_then(|number| number.parse::<usize>().ok()).context("no number")? % 2
                == 0;
        bob.decide(&shown, if even { "approve" } else { "deny" }, "by number")?;
    }
    for (number, exchange) in held.into_iter().enumerate() {
        let (status, expected) = (exchange.answer()?.status, if number % 2 == 0 { 200 } else { 403 });
        ensure!(status == expected, "number {number} was told {status}");
    }
    let arrived = real.upstream.received();
    let odd = arrived.iter().find(|one| !one.target.ends_with(['0', '2', '4', '6', '8']));
    ensure!(arrived.len() == 25 && odd.is_none(), "{} arrived, {odd:?}", arrived.len());
    Ok(())
}
