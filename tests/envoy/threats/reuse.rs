//! One approval, one request: on other workers, in other proxies, after a restart.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Result, ensure};
use countersign_tests::agent::Agent;
use countersign_tests::envoy::Envoy;
use countersign_tests::service::Service;
use countersign_tests::setting::{envoy_of, host, policy};

use crate::real::{Real, seen};
use crate::shared::export;

/// Two proxies with one key, as two pods of one deployment; the service dies and comes back in between.
#[test]
fn one_approval_releases_one_of_many_identical_requests_over_two_proxies_and_a_restart() -> Result<()> {
    let mut real = Real::of(Service::start()?, &policy("20s"))?;
    let other = Envoy::start(envoy_of(&real.service, &real.upstream, &policy("20s"))?)?;
    let host = host("held.test");
    let mut held = Vec::new();
    for number in 0..32 {
        let proxy = if number % 2 == 0 { real.envoy.address() } else { other.address() };
        held.push(Agent::new(proxy).http1(&export(&host))?);
    }
    let bob = real.service.reviewer("bob")?;
    let shown = seen(&bob, &host)?;
    ensure!(bob.waiting()?.len() == 1, "identical requests are several tasks");
    let decision = bob.decide(&shown, "approve", "once")?;
    ensure!(decision.status == 200, "{} {}", decision.status, decision.text());
    let mut told: HashMap<u16, usize> = HashMap::new();
    for one in held {
        *told.entry(one.answer_within(Duration::from_mins(1))?.status).or_default() += 1;
    }
    ensure!(told.get(&200) == Some(&1), "one approval was told as success so often: {told:?}");
    ensure!(real.upstream.count(&host) == 1, "{} arrived: {told:?}", real.upstream.count(&host));
    let records = [real.envoy.records(), other.records()].concat();
    let failed = records.iter().filter(|record| {
        record["event"] == "verify.failed"
            && ["already_redeemed", "already_used"].iter().any(|code| record["reason_code"] == *code)
    });
    ensure!(failed.count() > 0, "a second use is nowhere on record");

    real.service.crash(Duration::from_millis(200))?;
    let again = [real.envoy.address(), other.address()].map(|proxy| Agent::new(proxy).http1(&export(&host)));
    for one in again {
        let answer = one?.answer_within(Duration::from_mins(1))?;
        ensure!(answer.status != 200, "after a restart it was released again: {}", answer.text());
    }
    ensure!(real.upstream.count(&host) == 1, "after a restart {} arrived", real.upstream.count(&host));
    Ok(())
}

/// A proxy that dies while it holds, and one that takes its place: the retry finds its task, and it is released once.
#[test]
fn a_proxy_that_dies_while_it_holds_releases_nothing_and_the_next_finds_the_task() -> Result<()> {
    let real = Real::of(Service::start()?, &policy("20s"))?;
    let host = host("kept.test");
    let held = real.send(&export(&host))?;
    let bob = real.service.reviewer("bob")?;
    let shown = seen(&bob, &host)?;
    let Real { envoy, service, upstream } = real;
    drop(envoy);
    ensure!(
        held.answer().map_or(0, |answer| answer.status) != 200,
        "a proxy that was killed let something go"
    );
    let decision = bob.decide(&shown, "approve", "as agreed")?;
    ensure!(decision.status == 200, "{} {}", decision.status, decision.text());
    ensure!(upstream.received().is_empty(), "an approval without a proxy released something");
    let next = Envoy::start(envoy_of(&service, &upstream, &policy("20s"))?)?;
    let answer = Agent::new(next.address()).http1(&export(&host))?.answer()?;
    ensure!(answer.status == 200, "the retry was told {} {}", answer.status, answer.text());
    ensure!(upstream.count(&host) == 1, "{} arrived", upstream.count(&host));
    let all = bob.read("/approver/v1/requests?status=all")?.json()?;
    ensure!(all["requests"].as_array().map(Vec::len) == Some(1), "the retry made a task of its own: {all}");
    Ok(())
}
