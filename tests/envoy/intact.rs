//! What is released is what was approved, byte for byte, in every way a request can be sent; and nothing of the product's
//! own namespace gets through in either case.

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::{Agent, Exchange, Request};
use countersign_tests::setting::host;
use countersign_tests::upstream::Received;
use countersign_tests::within;
use std::time::Duration;

use crate::shared::{export, shared, works};

type Send = fn(&Agent, &Request) -> Result<Exchange>;

fn http1(agent: &Agent, request: &Request) -> Result<Exchange> {
    agent.http1(request)
}

fn http2(agent: &Agent, request: &Request) -> Result<Exchange> {
    agent.http2(request)
}

/// Sends a request, has it approved, and compares what arrived with what was sent.
fn released(request: &Request, send: Send) -> Result<Received> {
    let setting = shared()?;
    let held = send(&setting.agent(), request)?;
    let task = setting.backend.task(&request.authority)?;
    setting.backend.approve(&task)?;
    let answer = held.answer()?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    let arrived = setting.upstream.only(&request.authority)?;
    ensure!(arrived.method == request.method, "{arrived:?}");
    ensure!(arrived.target == request.target, "{arrived:?}");
    ensure!(
        arrived.body == request.body,
        "{} bytes were sent, {} arrived",
        request.body.len(),
        arrived.body.len()
    );
    for (name, value) in request.headers.iter().filter(|(name, _)| *name != "expect") {
        ensure!(arrived.headers.bytes(name) == Some(value), "`{name}` did not arrive: {:?}", arrived.headers);
    }
    Ok(arrived)
}

/// Every byte there is, more than one read of Envoy's.
fn bytes() -> Vec<u8> {
    (0..=255).cycle().take(200_000).collect()
}

fn binary(framing: fn(Request) -> Request) -> Request {
    let request = Request::new("PUT", &host("held.test"), "/files/a%20b?x=%C3%A4&y=1&y=2")
        .header("content-type", "application/octet-stream")
        .header("x-odd", "a,  b;c=\"d\"");
    framing(request.body(bytes()))
}

#[test]
fn a_body_of_known_length_arrives_as_it_was_sent() -> Result<()> {
    released(&binary(|request| request), http1).map(drop)
}

#[test]
fn a_chunked_body_arrives_as_it_was_sent() -> Result<()> {
    released(&binary(Request::chunked), http1).map(drop)
}

#[test]
fn an_http2_body_arrives_as_it_was_sent() -> Result<()> {
    released(&binary(|request| request), http2).map(drop)
}

#[test]
fn a_request_without_a_body_arrives_as_it_was_sent() -> Result<()> {
    released(&Request::new("DELETE", &host("held.test"), "/customers/7?force=true"), http1).map(drop)
}

#[test]
fn a_grpc_message_arrives_as_it_was_sent() -> Result<()> {
    released(&Request::grpc(&host("held.test"), "/shop.Orders/DeleteOrder", &bytes()), http2).map(drop)
}

#[test]
fn a_body_with_expect_arrives_once_it_is_approved() -> Result<()> {
    let setting = shared()?;
    let host = host("held.test");
    let mut raw = setting.agent().raw()?;
    let head = format!("POST /v2/import HTTP/1.1\r\nhost: {host}\r\ntransfer-encoding: chunked\r\n");
    raw.write(format!("{head}content-type: text/plain\r\nexpect: 100-continue\r\n\r\n").as_bytes())?;
    let interim = raw.answer(Duration::from_secs(10))?;
    ensure!(interim.status == 100, "{interim:?}");
    raw.write(b"5\r\nhello\r\n0\r\n\r\n")?;
    setting.backend.approve(&setting.backend.task(&host)?)?;
    let answer = raw.answer(Duration::from_secs(10))?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    ensure!(setting.upstream.only(&host)?.body == b"hello", "the body changed");
    Ok(())
}

#[test]
fn two_held_requests_on_one_connection_both_arrive() -> Result<()> {
    let setting = shared()?;
    let (first, second) = (host("held.test"), host("held.test"));
    let mut raw = setting.agent().raw()?;
    for host in [&first, &second] {
        raw.send(&export(host))?;
        setting.backend.approve(&setting.backend.task(host)?)?;
        let answer = raw.answer(Duration::from_secs(10))?;
        ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
        setting.upstream.only(host)?;
    }
    Ok(())
}

/// Headers that would be taken for ours, or for a proxy's, if they got through.
fn with_forged_headers(request: Request) -> Request {
    request
        .header("countersign-approved", "yes")
        .header("Countersign-Request", "h_forged")
        .header("countersign-subject", "spiffe://prod.test/ns/agents/sa/other")
}

fn no_forged_headers(arrived: &Received) -> Result<()> {
    let forged = arrived.headers.iter().find(|(name, _)| name.starts_with("countersign-"));
    ensure!(forged.is_none(), "{forged:?} reached the upstream");
    Ok(())
}

#[test]
fn headers_in_our_namespace_do_not_reach_the_upstream_with_a_released_request() -> Result<()> {
    let setting = shared()?;
    let request = with_forged_headers(export(&host("held.test")))
        .header("x-original-url", "/admin")
        .header("x-rewrite-url", "/admin")
        .header("x-envoy-original-path", "/admin");
    let held = setting.agent().http1(&request)?;
    let task = setting.backend.task(&request.authority)?;
    ensure!(
        task.submission.subject.id == "spiffe://prod.test/ns/agents/sa/report-bot",
        "{:?}",
        task.submission.subject
    );
    setting.backend.approve(&task)?;
    ensure!(held.answer()?.status == 200, "not released");
    let arrived = setting.upstream.only(&request.authority)?;
    no_forged_headers(&arrived)?;
    for name in ["x-original-url", "x-rewrite-url", "x-envoy-original-path"] {
        ensure!(arrived.headers.get(name).is_none(), "`{name}` reached the upstream");
    }
    Ok(())
}

#[test]
fn headers_in_our_namespace_do_not_reach_the_upstream_with_a_harmless_request() -> Result<()> {
    let setting = shared()?;
    for request in [
        with_forged_headers(Request::get(&host("open.test"), "/status")),
        with_forged_headers(export(&host("open.test"))),
        with_forged_headers(Request::get(&host("unruled.test"), "/status")),
    ] {
        for send in [http1 as Send, http2] {
            let answer = send(&setting.agent(), &request)?.answer()?;
            ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
        }
        for arrived in setting.upstream.about(&request.authority) {
            no_forged_headers(&arrived)?;
        }
    }
    Ok(())
}

#[test]
fn a_harmless_request_passes_at_once_and_unchanged() -> Result<()> {
    let setting = shared()?;
    let request =
        Request::get(&host("unruled.test"), "/v1/items?page=2").header("authorization", "Bearer agents-own");
    let answer = setting.agent().http1(&request)?.answer()?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    let arrived = setting.upstream.only(&request.authority)?;
    ensure!(arrived.target == request.target, "{arrived:?}");
    ensure!(arrived.headers.get("authorization") == Some("Bearer agents-own"), "{arrived:?}");
    ensure!(setting.backend.about(&request.authority).is_empty(), "a harmless request became a task");
    Ok(())
}

#[test]
fn a_write_no_rule_knows_is_held() -> Result<()> {
    let setting = shared()?;
    let host = host("unruled.test");
    let held = setting.agent().http1(&export(&host))?;
    setting.backend.task(&host)?;
    ensure!(setting.upstream.count(&host) == 0 && held.is_waiting(), "an unknown write left");
    held.leave();
    Ok(())
}

#[test]
fn a_reviewer_learns_which_cluster_the_proxy_would_send_it_to() -> Result<()> {
    let setting = shared()?;
    let host = host("held.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    let cluster = task.submission.context.v1.destination.cluster.clone();
    ensure!(cluster.as_deref() == Some("upstream"), "{cluster:?}");
    setting.backend.approve(&task)?;
    ensure!(held.answer()?.status == 200, "not released");
    Ok(())
}

#[test]
fn what_a_reviewer_is_shown_has_no_secret_in_it() -> Result<()> {
    let setting = shared()?;
    let host = host("held.test");
    let secret = "s3cr3t-hunter2-000111222333";
    let request = Request::post(
        &host,
        &format!("/v2/import?api_key={secret}"),
        format!("{{\"password\":\"{secret}\"}}"),
    )
    .header("authorization", &format!("Bearer {secret}"))
    .header("cookie", &format!("session={secret}"));
    let held = setting.agent().http1(&request)?;
    let task = setting.backend.task(&host)?;
    let submitted = serde_json::to_string(&task.submission)?;
    ensure!(!submitted.contains("hunter2"), "a secret reached the approval service: {submitted}");
    setting.backend.approve(&task)?;
    ensure!(held.answer()?.status == 200, "not released");
    let arrived = setting.upstream.only(&host)?;
    ensure!(arrived.target.contains(secret) && arrived.body == request.body, "the request itself was masked");
    let printed = setting.envoy.filter_lines().into_iter().find(|line| line.contains("hunter2"));
    ensure!(printed.is_none(), "a secret was logged: {printed:?}");
    Ok(())
}

#[test]
fn the_access_log_shows_the_verdict() -> Result<()> {
    let setting = shared()?;
    let host = host("held.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    setting.backend.approve(&task)?;
    held.answer()?;
    let line = setting.envoy.access(&host)?;
    ensure!(line["verdict"] == "released", "{line}");
    Ok(())
}

#[test]
fn the_counts_appear_in_envoys_statistics() -> Result<()> {
    let setting = shared()?;
    let host = host("held.test");
    works(&setting, &host)?;
    let released = within(Duration::from_secs(5), "a count of releases", || {
        let counts = setting.envoy.stats("countersign_calls_total").ok()?;
        counts.into_iter().find(|(name, count)| name.ends_with("verdict.released") && *count > 0)
    });
    released.with_context(|| format!("{:?}", setting.envoy.stats("countersign")))?;
    let known = setting.envoy.admin("GET", "/stats?type=All")?;
    for name in ["countersign_holding", "countersign_hold_ms"] {
        ensure!(known.contains(name), "Envoy has no statistic `{name}`");
    }
    Ok(())
}

#[test]
fn a_release_is_on_record_before_and_after() -> Result<()> {
    let setting = shared()?;
    let host = host("held.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    setting.backend.approve(&task)?;
    held.answer()?;
    let events =
        ["approval.requested", "approval.pending", "action.releasing", "action.released", "action.completed"];
    let digest = task.submission.context.request_digest.as_str();
    let printed = within(Duration::from_secs(10), "the records of a release", || {
        let records = setting.envoy.records();
        let own = records
            .into_iter()
            .filter(|record| record["request_digest"] == digest || record["tid"] == task.id.as_str());
        let names: Vec<String> =
            own.filter_map(|record| Some(record["event"].as_str()?.to_owned())).collect();
        events.iter().all(|event| names.iter().any(|name| name == event)).then_some(names)
    });
    let printed = printed.with_context(|| format!("printed: {:?}", setting.envoy.records().len()))?;
    ensure!(printed.iter().filter(|name| *name == "action.released").count() == 1, "{printed:?}");
    let outcome =
        within(Duration::from_secs(10), "the outcome", || setting.backend.by_id(&task.id)?.outcome)?;
    ensure!(outcome.status == Some(200), "{outcome:?}");
    Ok(())
}
