//! Bounds that an agent can meet, in a real Envoy that would let more through than the filter does.

use std::thread;

use anyhow::{Result, ensure};
use countersign_tests::agent::Request;
use countersign_tests::envoy::EnvoyConfig;
use countersign_tests::setting::{Setting, host, policy};
use serde_json::json;

use crate::shared::{A_WHILE, export, works};

/// Envoy's own bounds for a head, raised beyond the filter's.
fn lavish(config: EnvoyConfig) -> EnvoyConfig {
    config.workers(1).http(|manager| {
        manager["max_request_headers_kb"] = json!(512);
        manager["common_http_protocol_options"] = json!({"max_headers_count": 2000});
        Ok(())
    })
}

#[test]
fn a_head_beyond_the_filters_bounds_is_refused_with_the_key_that_raises_it_and_raising_it_helps() -> Result<()>
{
    // Without a body: what follows a head that is answered early, Envoy may cut off before the answer is read.
    let get = |host: &str| Request::get(host, "/v2/export");
    let many = |host: &str, n: usize| {
        (0..n).fold(get(host), |request, number| request.header(&format!("x-tag-{number}"), "v"))
    };
    // Not in one: Envoy's HTTP/2 takes no single header of more than 64 KiB.
    let large =
        |host: &str| (0..4).fold(get(host), |all, n| all.header(&format!("x-{n}"), &"v".repeat(30_000)));
    let setting = Setting::start(&policy("20s"), lavish)?;
    for http2 in [false, true] {
        for (request, key) in [
            (many(&host("held.test"), 300), "limits.headers"),
            (large(&host("held.test")), "limits.header_bytes"),
            (many(&host("open.test"), 300), "limits.headers"),
        ] {
            let agent = setting.agent();
            let exchange = if http2 { agent.http2(&request)? } else { agent.http1(&request)? };
            let answer = exchange.answer()?;
            ensure!(
                answer.status == 431 && answer.text().contains(key),
                "{} {}",
                answer.status,
                answer.text()
            );
        }
    }
    thread::sleep(A_WHILE);
    ensure!(
        setting.upstream.received().is_empty() && setting.backend.count() == 0,
        "a head that was not read has left"
    );
    let said = setting.envoy.records().iter().any(|record| record["reason_code"] == "too_many_headers");
    ensure!(said, "the refusal is not on record");

    let raised = |configuration: &mut serde_json::Value| {
        configuration["limits"] = json!({"headers": 1000, "header_bytes": 200_000});
    };
    let setting = Setting::with(&policy("20s"), raised, lavish)?;
    let host = host("held.test");
    let held = setting.agent().http1(&many(&host, 300).header("x-large", &"v".repeat(50_000)))?;
    setting.backend.approve(&setting.backend.task(&host)?)?;
    ensure!(held.answer()?.status == 200, "raising the bounds did not help");
    Ok(())
}

#[test]
fn a_worker_that_holds_as_much_as_it_may_says_so_and_holds_again_once_one_has_ended() -> Result<()> {
    let bounded = |configuration: &mut serde_json::Value| configuration["limits"] = json!({"held": 3});
    let setting = Setting::with(&policy("20s"), bounded, |config| config.workers(1))?;
    let hosts: Vec<String> = (0..3).map(|_| host("kept.test")).collect();
    let mut held = Vec::new();
    for host in &hosts {
        held.push(setting.agent().http1(&export(host))?);
        setting.backend.task(host)?;
    }
    let one_more = host("kept.test");
    let answer = setting.agent().http1(&export(&one_more))?.answer()?;
    let says = answer.text().contains("limits.held") && answer.headers.get("retry-after").is_some();
    ensure!(answer.status == 503 && says, "{} {}", answer.status, answer.text());
    ensure!(
        setting.upstream.received().is_empty() && setting.backend.about(&one_more).is_empty(),
        "it was let in"
    );
    let harmless = setting.agent().http1(&Request::get(&host("open.test"), "/v2/x"))?.answer()?;
    ensure!(harmless.status == 200, "what is harmless suffers: {}", harmless.status);
    for exchange in held {
        exchange.leave();
    }
    works(&setting, &host("held.test"))
}

#[test]
fn a_worker_that_keeps_as_many_bytes_as_it_may_says_so() -> Result<()> {
    let bounded =
        |configuration: &mut serde_json::Value| configuration["limits"] = json!({"held_bytes": 1 << 20});
    let setting = Setting::with(&policy("20s"), bounded, |config| config.workers(1))?;
    let (first, second) = (host("kept.test"), host("kept.test"));
    let large = |host: &str| Request::post(host, "/v2/import", vec![b'x'; 600 << 10]);
    let held = setting.agent().http1(&large(&first))?;
    setting.backend.task(&first)?;
    let answer = setting.agent().http1(&large(&second))?.answer()?;
    ensure!(
        answer.status == 503 && answer.text().contains("limits.held_bytes"),
        "{} {}",
        answer.status,
        answer.text()
    );
    held.leave();
    thread::sleep(A_WHILE);
    ensure!(setting.upstream.received().is_empty(), "something left");
    Ok(())
}
