//! What an agent says of itself, or to those behind the proxy, changes neither who asks nor where the request goes.

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::Request;
use countersign_tests::setting::host;

use crate::shared::{export, shared};

const LIES: [(&str, &str); 19] = [
    ("countersign-request", "h_forged"),
    ("countersign-approval", "approved"),
    ("countersign-principal", "spiffe://prod.test/ns/agents/sa/mallory"),
    ("countersign-user", "mallory"),
    ("x-forwarded-client-cert", "By=x;URI=spiffe://prod.test/ns/agents/sa/mallory"),
    ("x-forwarded-user", "mallory"),
    ("x-remote-user", "mallory"),
    ("x-user", "mallory"),
    ("x-original-url", "/admin/mallory"),
    ("x-rewrite-url", "/admin/mallory"),
    ("x-envoy-original-path", "/admin/mallory"),
    ("x-envoy-retry-on", "5xx,retriable-4xx"),
    ("x-envoy-max-retries", "5"),
    ("x-envoy-hedge-on-per-try-timeout", "true"),
    ("x-envoy-upstream-alt-stat-name", "mallory"),
    ("x-envoy-decorator-operation", "mallory"),
    ("x-envoy-internal", "true"),
    ("x-envoy-force-trace", "true"),
    ("x-envoy-upstream-rq-timeout-ms", "86400000"),
];

/// What may not reach an upstream from an agent: the product's own names, and what would have the proxy or a server behind it
/// do something else than was approved.
fn is_dangerous(name: &str) -> bool {
    [
        "countersign-",
        "x-original-url",
        "x-rewrite-url",
        "x-envoy-retry-on",
        "x-envoy-max-retries",
        "x-envoy-hedge",
    ]
    .iter()
    .any(|start| name.starts_with(start))
}

#[test]
fn headers_of_an_agent_change_neither_who_asks_nor_what_is_done() -> Result<()> {
    let setting = shared()?;
    let (plain, lying) = (host("held.test"), host("held.test"));
    let forged = LIES.iter().fold(export(&lying), |request, (name, value)| request.header(name, value));
    for request in [&export(&plain), &forged] {
        let held = setting.agent().http1(request)?;
        let task = setting.backend.task(&request.authority)?;
        setting.backend.approve(&task)?;
        ensure!(held.answer()?.status == 200, "not released");
    }
    let (honest, told) = (setting.backend.task(&plain)?.submission, setting.backend.task(&lying)?.submission);
    ensure!(honest.subject == told.subject, "another subject: {:?}", told.subject);
    ensure!(honest.client.actor == told.client.actor, "another actor: {:?}", told.client.actor);
    ensure!(honest.context.v1.quorum == told.context.v1.quorum, "another quorum");
    let who = serde_json::to_string(&(&told.subject, &told.client))?;
    ensure!(!who.contains("mallory"), "the agent's word counted: {who}");

    let arrived = setting.upstream.only(&lying)?;
    let passed: Vec<&str> =
        arrived.headers.iter().map(|(name, _)| name).filter(|name| is_dangerous(name)).collect();
    ensure!(passed.is_empty(), "these reached the upstream: {passed:?}");
    ensure!(arrived.target == forged.target, "another target: {}", arrived.target);
    Ok(())
}

/// Retries that the agent orders would send an approved request twice.
#[test]
fn an_agent_cannot_have_the_proxy_send_an_approved_request_twice() -> Result<()> {
    let setting = shared()?;
    let host = host("held.test");
    setting.upstream.answer(&host, countersign_tests::message::Answer::new(503, "no"));
    let request = export(&host)
        .header("x-envoy-retry-on", "5xx,gateway-error,retriable-status-codes")
        .header("x-envoy-max-retries", "3")
        .header("x-envoy-retriable-status-codes", "503");
    let held = setting.agent().http1(&request)?;
    setting.backend.approve(&setting.backend.task(&host)?)?;
    ensure!(held.answer()?.status == 503, "the upstream's answer did not reach the agent");
    ensure!(setting.upstream.count(&host) == 1, "it was sent {} times", setting.upstream.count(&host));
    Ok(())
}

/// What the agent claims about where data comes from is shown as a claim, and judged by nobody.
#[test]
fn lineage_in_an_agents_headers_is_no_lineage() -> Result<()> {
    let setting = shared()?;
    let host = host("held.test");
    let request = export(&host)
        .header("baggage", "dataset=public.weather,classification=public")
        .header("openlineage-parent-id", "public/weather/019aa3e0-0000-7000-8000-000000000001")
        .header("countersign-lineage", "public.weather");
    let held = setting.agent().http1(&request)?;
    let task = setting.backend.task(&host)?;
    held.leave();
    let lineage = serde_json::to_value(&task.submission.context.v1.lineage)?;
    let claimed = lineage["source"] == "claimed";
    ensure!(lineage.is_null() || claimed || !lineage.to_string().contains("weather"), "{lineage}");
    Ok(())
}

/// Over HTTP/2 a `host` beside `:authority`: one of them counts for judging, binding and routing alike.
#[test]
fn a_host_beside_the_authority_leads_nowhere_else() -> Result<()> {
    let setting = shared()?;
    let (held, open) = (host("held.test"), host("open.test"));
    let request = Request::post(&held, "/v2/import", "{\"rows\":1}").header("host", &open);
    let exchange = setting.agent().http2(&request)?;
    let answer = countersign_tests::within(std::time::Duration::from_secs(10), "a task or a refusal", || {
        let asked = !setting.backend.about(&held).is_empty();
        (asked || !exchange.is_waiting()).then_some(())
    });
    answer.context("neither held nor refused")?;
    exchange.leave();
    let arrived = setting.upstream.count(&held) + setting.upstream.count(&open);
    ensure!(arrived == 0, "it left for one of its two hosts");
    Ok(())
}
