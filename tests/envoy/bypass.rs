//! The ways past a filter that holds requests, each measured on a real Envoy (`envoy.md`), and each tried here.
//!
//! Every scenario also runs against `naive.wasm`, a filter that makes exactly that mistake, and must then report a leak:
//! so each of these tests is known to fail when the gate is open.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use countersign_tests::agent::{Exchange, Request};
use countersign_tests::backend::{Reply, Step};
use countersign_tests::setting::{Setting, host};

use crate::shared::{A_WHILE, shared};

/// A way past the gate, tried in a setting.
type Scenario = fn(&Setting) -> Result<Seen>;

/// What a scenario saw while nobody had approved.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// Nothing left.
    Held,
    /// This did.
    Leaked(String),
}

/// Waits until somebody was asked about `host`, or the agent was answered, and then a while longer; says what left.
fn watch(setting: &Setting, host: &str, exchange: &Exchange) -> Seen {
    let start = Instant::now();
    let asked =
        || [Step::Submit, Step::Naive].iter().any(|&step| !setting.backend.asked(host, step).is_empty());
    while !asked() && exchange.is_waiting() && start.elapsed() < Duration::from_secs(5) {
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(A_WHILE);
    arrived(setting, host)
}

fn arrived(setting: &Setting, host: &str) -> Seen {
    setting.upstream.about(host).first().map_or(Seen::Held, |received| {
        Seen::Leaked(format!(
            "{} {}, {} bytes of body",
            received.method,
            received.target,
            received.body.len()
        ))
    })
}

fn body(setting: &Setting) -> Result<Seen> {
    let host = host("held.test");
    let exchange = setting.agent().http1(&Request::post(&host, "/v2/import", "{\"rows\":48210}"))?;
    let seen = watch(setting, &host, &exchange);
    exchange.leave();
    Ok(seen)
}

fn chunked_body_with_expect(setting: &Setting) -> Result<Seen> {
    let host = host("held.test");
    let request =
        Request::post(&host, "/v2/import", "x".repeat(5000)).header("expect", "100-continue").chunked();
    let exchange = setting.agent().http1(&request)?;
    let seen = watch(setting, &host, &exchange);
    exchange.leave();
    Ok(seen)
}

fn http2_trailers(setting: &Setting) -> Result<Seen> {
    let host = host("held.test");
    let request = Request::post(&host, "/v2/import", "{\"rows\":48210}").trailer("x-checksum", "1");
    let exchange = setting.agent().http2(&request)?;
    let seen = watch(setting, &host, &exchange);
    exchange.leave();
    Ok(seen)
}

fn grpc_trailers(setting: &Setting) -> Result<Seen> {
    let host = host("held.test");
    let request = Request::grpc(&host, "/shop.Orders/Delete", b"order-1").trailer("x-end", "1");
    let exchange = setting.agent().http2(&request)?;
    let seen = watch(setting, &host, &exchange);
    exchange.leave();
    Ok(seen)
}

fn connect(setting: &Setting) -> Result<Seen> {
    let name = host("held.test");
    let host = format!("{name}:443");
    let mut raw = setting.agent().raw()?;
    raw.write(format!("CONNECT {host} HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes())?;
    thread::sleep(2 * A_WHILE);
    raw.write(b"bytes for the tunnel").ok();
    thread::sleep(A_WHILE);
    let seen = arrived(setting, &host);
    Ok(if seen == Seen::Held { arrived(setting, &name) } else { seen })
}

/// A body larger than what may be buffered, over both versions of HTTP: 413, and nothing arrives.
fn oversized_bodies(setting: &Setting) -> Result<Seen> {
    for http2 in [false, true] {
        let host = host("held.test");
        let request = Request::post(&host, "/v2/import", vec![b'x'; 3 << 20]);
        let agent = setting.agent();
        let exchange = if http2 { agent.http2(&request)? } else { agent.http1(&request)? };
        let seen = watch(setting, &host, &exchange);
        if seen != Seen::Held {
            return Ok(seen);
        }
        let status = exchange.answer()?.status;
        ensure!(status == 413, "an oversized body was answered {status}");
    }
    Ok(Seen::Held)
}

/// A head whose body follows later: not even the head may leave before it is approved.
fn head_without_its_body(setting: &Setting) -> Result<Seen> {
    let host = host("held.test");
    let mut raw = setting.agent().raw()?;
    raw.write(
        format!("POST /v2/import HTTP/1.1\r\nhost: {host}\r\ncontent-length: 10\r\n\r\n01234").as_bytes(),
    )?;
    thread::sleep(2 * A_WHILE);
    Ok(arrived(setting, &host))
}

/// The service's answer about one request is cut off; another, held by the same worker, must not suffer.
fn lost_answer(setting: &Setting) -> Result<Seen> {
    let (first, second) = (host("held.test"), host("held.test"));
    let half = |about: &str| {
        for step in [Step::Submit, Step::Status, Step::Naive] {
            setting.backend.behave(about, step, Reply::Huge(40 << 20));
        }
    };
    let waiting = setting.agent().http1(&Request::post(&first, "/v2/import", "{}"))?;
    watch(setting, &first, &waiting);
    half(&second);
    let losing = setting.agent().http1(&Request::post(&second, "/v2/import", "{}"))?;
    watch(setting, &second, &losing);
    thread::sleep(4 * A_WHILE);
    let lines = setting.envoy.lines();
    let died = lines.iter().find(|line| line.contains("panicked") || line.contains("Function: proxy_on"));
    waiting.leave();
    losing.leave();
    Ok(died.map_or(arrived(setting, &second), |line| Seen::Leaked(line.clone())))
}

/// A streaming call: a first message, and no end. It is decided without one.
fn grpc_stream(setting: &Setting) -> Result<Seen> {
    let host = host("held.test");
    let request = Request::grpc(&host, "/shop.Orders/Upload", b"first message");
    let exchange = setting.agent().http2_stream(&request)?;
    let seen = watch(setting, &host, &exchange);
    if seen == Seen::Held {
        let answer = exchange.answer()?;
        ensure!(
            answer.grpc_status().is_some_and(|status| status != 0),
            "a streaming call was told {answer:?}"
        );
        return Ok(arrived(setting, &host));
    }
    exchange.leave();
    Ok(seen)
}

/// Runs a scenario on the shared Envoy, where nothing may leave.
fn must_hold(scenario: Scenario) -> Result<()> {
    let setting = shared()?;
    let seen = scenario(&setting)?;
    ensure!(seen == Seen::Held, "{seen:?}");
    Ok(())
}

/// Runs a scenario on an Envoy whose filter makes a mistake, which it must notice.
fn must_notice(mistake: &str, scenarios: &[(&str, Scenario)]) -> Result<()> {
    let setting = Setting::naive(mistake, |config| config.workers(1).connect())?;
    for (name, scenario) in scenarios {
        let seen = scenario(&setting)?;
        ensure!(
            seen != Seen::Held,
            "`{name}` did not notice that a filter with the mistake `{mistake}` leaks"
        );
    }
    Ok(())
}

#[test]
fn a_body_does_not_open_the_gate() -> Result<()> {
    must_hold(body)
}

#[test]
fn a_chunked_body_with_expect_does_not_open_the_gate() -> Result<()> {
    must_hold(chunked_body_with_expect)
}

#[test]
fn http2_trailers_do_not_open_the_gate() -> Result<()> {
    must_hold(http2_trailers)
}

#[test]
fn grpc_trailers_do_not_open_the_gate() -> Result<()> {
    must_hold(grpc_trailers)
}

#[test]
fn a_grpc_stream_does_not_open_the_gate() -> Result<()> {
    must_hold(grpc_stream)
}

#[test]
fn connect_does_not_open_the_gate() -> Result<()> {
    must_hold(connect)
}

#[test]
fn a_head_does_not_leave_before_its_body() -> Result<()> {
    must_hold(head_without_its_body)
}

#[test]
fn an_oversized_body_is_refused_and_never_leaves() -> Result<()> {
    must_hold(oversized_bodies)
}

#[test]
fn an_answer_without_headers_harms_nobody() -> Result<()> {
    must_hold(lost_answer)
}

#[test]
fn the_scenarios_notice_a_body_that_continues() -> Result<()> {
    must_notice(
        "body",
        &[
            ("body", body),
            ("chunked", chunked_body_with_expect),
            ("connect", connect),
            ("stream", grpc_stream),
        ],
    )
}

#[test]
fn the_scenarios_notice_trailers_that_continue() -> Result<()> {
    must_notice("trailers", &[("http2", http2_trailers), ("grpc", grpc_trailers)])
}

#[test]
fn the_scenarios_notice_a_head_that_continues() -> Result<()> {
    must_notice("headers", &[("head", head_without_its_body), ("body", body)])
}

#[test]
fn the_scenarios_notice_an_oversized_body_that_continues() -> Result<()> {
    must_notice("oversized", &[("oversized", oversized_bodies)])
}

#[test]
fn the_scenarios_notice_a_worker_that_dies_of_a_lost_answer() -> Result<()> {
    must_notice("lost-answer", &[("lost answer", lost_answer)])
}
