//! What the agent is told, in its own protocol (protocol part 3): never a success that did not happen.

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::Request;
use countersign_tests::backend::{Reply, State, Step, Task};
use countersign_tests::message::Answer;
use countersign_tests::setting::{Setting, host};
use serde_json::{Value, json};

use crate::shared::{brief, export};

/// What becomes of the request.
enum Fate {
    /// Nobody decides.
    Pending,
    /// A reviewer decides so.
    Decided(State),
    /// The service cannot be asked.
    Unavailable,
}

fn denied() -> Fate {
    Fate::Decided(State::Denied)
}

/// Sends a request and lets its fate take its course. Nothing may arrive.
fn told(request: &Request, fate: Fate) -> Result<Answer> {
    let setting = brief()?;
    let host = &request.authority;
    if let Fate::Unavailable = fate {
        setting.backend.behave(host, Step::Submit, Reply::Bytes(500, Vec::new()));
    }
    let grpc = request.headers.get("content-type") == Some("application/grpc");
    let agent = setting.agent();
    let held = if grpc { agent.http2(request)? } else { agent.http1(request)? };
    if let Fate::Decided(state) = fate {
        let task = setting.backend.task(host)?;
        setting.backend.decide(&task, state)?;
    }
    let answer = held.answer()?;
    ensure!(setting.upstream.count(host) == 0, "it arrived although nobody approved it");
    Ok(answer)
}

fn first_task(setting: &Setting, host: &str) -> Result<Task> {
    setting.backend.task(host)
}

/// Checks a problem document, and returns it.
fn problem(answer: &Answer, status: u16, kind: &str) -> Result<Value> {
    ensure!(answer.status == status, "{} {}", answer.status, answer.text());
    let media = answer.headers.get("content-type").unwrap_or_default();
    ensure!(media.starts_with("application/problem+json"), "the media type is `{media}`");
    ensure!(answer.headers.get("cache-control") == Some("no-store"), "{:?}", answer.headers);
    let problem = answer.json()?;
    ensure!(problem["type"] == format!("urn:countersign:problem:{kind}"), "{problem}");
    ensure!(problem["status"] == status, "{problem}");
    Ok(problem)
}

#[test]
fn an_agent_whose_request_nobody_decided_is_told_to_repeat_it() -> Result<()> {
    let answer = told(&export(&host("held.test")), Fate::Pending)?;
    let problem = problem(&answer, 428, "approval-pending")?;
    ensure!(
        answer.headers.get("retry-after").is_some_and(|after| after.parse::<u32>().is_ok()),
        "{:?}",
        answer.headers
    );
    ensure!(answer.headers.get("countersign-request").is_some(), "{:?}", answer.headers);
    let approval = &problem["approval"];
    ensure!(approval["executed"] == false && approval["state"] == "pending", "{problem}");
    ensure!(approval["next_action"] == "retry" && approval["code"].is_string(), "{problem}");
    let text = answer.text();
    ensure!(
        !text.contains("arq_") || !text.contains("/access/v1/"),
        "the agent learned where the service is: {text}"
    );
    Ok(())
}

#[test]
fn an_agent_that_asked_for_it_gets_202() -> Result<()> {
    let answer = told(&export(&host("held.test")).header("prefer", "respond-async"), Fate::Pending)?;
    ensure!(answer.status == 202, "{} {}", answer.status, answer.text());
    ensure!(answer.headers.get("preference-applied") == Some("respond-async"), "{:?}", answer.headers);
    ensure!(answer.headers.get("retry-after").is_some(), "{:?}", answer.headers);
    Ok(())
}

#[test]
fn a_denied_agent_is_told_so() -> Result<()> {
    let answer = told(&export(&host("held.test")), denied())?;
    let problem = problem(&answer, 403, "approval-denied")?;
    ensure!(problem["approval"]["next_action"] == "none", "{problem}");
    Ok(())
}

#[test]
fn an_agent_whose_request_expired_is_told_to_ask_anew() -> Result<()> {
    let answer = told(&export(&host("held.test")), Fate::Decided(State::Expired))?;
    let problem = problem(&answer, 403, "approval-expired")?;
    ensure!(problem["approval"]["next_action"] == "request", "{problem}");
    Ok(())
}

#[test]
fn an_agent_is_told_when_no_approval_can_be_asked_for() -> Result<()> {
    let answer = told(&export(&host("held.test")), Fate::Unavailable)?;
    problem(&answer, 503, "approval-unavailable")?;
    ensure!(answer.headers.get("retry-after").is_some(), "{:?}", answer.headers);
    Ok(())
}

#[test]
fn a_request_the_policy_denies_never_becomes_a_task() -> Result<()> {
    let setting = brief()?;
    let host = host("denied.test");
    let answer = setting.agent().http1(&export(&host))?.answer()?;
    ensure!(answer.status == 403, "{} {}", answer.status, answer.text());
    ensure!(
        setting.upstream.count(&host) == 0 && setting.backend.about(&host).is_empty(),
        "it was not denied"
    );
    Ok(())
}

#[test]
fn a_question_reaches_the_agent_and_its_answer_the_reviewer() -> Result<()> {
    let setting = brief()?;
    let host = host("held.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = first_task(&setting, &host)?;
    setting.backend.decide(&task, State::Question("which vendor?".to_owned()))?;
    let answer = held.answer()?;
    let problem = problem(&answer, 428, "approval-needs-context")?;
    ensure!(answer.text().contains("which vendor?"), "{problem}");
    let justified = export(&host).header("countersign-justification", "the one of contract 114");
    let held = setting.agent().http1(&justified)?;
    countersign_tests::eventually("the justification", || {
        !setting.backend.asked(&host, Step::Context).is_empty()
    })?;
    let context = setting.backend.asked(&host, Step::Context);
    let said = &context.first().context("no context")?.body["justification"];
    ensure!(said == "the one of contract 114", "{said}");
    setting.backend.approve(&task)?;
    let answer = held.answer()?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    let arrived = setting.upstream.only(&host)?;
    ensure!(arrived.headers.get("countersign-justification").is_none(), "{:?}", arrived.headers);
    Ok(())
}

#[test]
fn a_grpc_caller_is_told_in_grpc() -> Result<()> {
    let call = || Request::grpc(&host("held.test"), "/shop.Orders/DeleteOrder", b"\x0a\x01\x37");
    for (fate, status) in [(Fate::Pending, 9), (denied(), 7), (Fate::Unavailable, 14)] {
        let answer = told(&call(), fate)?;
        ensure!(answer.status == 200 && answer.grpc_status() == Some(status), "wanted {status}: {answer:?}");
        let media = answer.headers.get("content-type").unwrap_or_default();
        ensure!(media.starts_with("application/grpc"), "the media type is `{media}`");
    }
    Ok(())
}

fn tool(host: &str) -> Request {
    Request::tool(host, "delete_customer", &json!({"id": 7}))
}

#[test]
fn a_tool_call_is_answered_with_a_result_that_models_read() -> Result<()> {
    for (fate, state) in [(Fate::Pending, "pending"), (denied(), "denied")] {
        let answer = told(&tool(&host("held.test")), fate)?;
        ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
        let reply = answer.json()?;
        ensure!(reply["jsonrpc"] == "2.0" && reply["id"] == 7, "{reply}");
        ensure!(reply["result"]["isError"] == true, "{reply}");
        ensure!(reply["result"]["content"][0]["type"] == "text", "{reply}");
        ensure!(reply["result"]["_meta"]["countersign/approval"]["state"] == state, "{reply}");
        ensure!(reply["result"].get("structuredContent").is_none(), "{reply}");
    }
    Ok(())
}

#[test]
fn a_recent_mcp_client_is_handed_its_state() -> Result<()> {
    let setting = brief()?;
    let host = host("held.test");
    let call = json!({"jsonrpc": "2.0", "id": "a", "method": "tools/call", "params": {"name": "delete_customer",
        "arguments": {"id": 7}, "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}});
    let request = Request::post(&host, "/mcp", call.to_string());
    let reply = told(&request, Fate::Pending)?.json()?;
    ensure!(reply["id"] == "a" && reply["result"]["resultType"] == "input_required", "{reply}");
    let state = reply["result"]["requestState"].as_str().context("no state")?.to_owned();

    // It comes back with a new id and the state; it is the same request, and our state does not reach the upstream.
    setting.backend.approve(&first_task(&setting, &host)?)?;
    let mut again = call;
    again["id"] = json!("b");
    again["params"]["requestState"] = json!(state);
    let answer = setting.agent().http1(&Request::post(&host, "/mcp", again.to_string()))?.answer()?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    ensure!(setting.backend.about(&host).len() == 1, "the retry made a task of its own");
    let arrived = setting.upstream.only(&host)?;
    ensure!(
        !String::from_utf8_lossy(&arrived.body).contains("requestState"),
        "our state reached the upstream"
    );
    Ok(())
}

#[test]
fn another_json_rpc_call_is_answered_with_an_error() -> Result<()> {
    let call =
        json!({"jsonrpc": "2.0", "id": 9, "method": "accounts/delete", "params": {"id": 7}}).to_string();
    for (fate, code) in [(Fate::Pending, 42801), (denied(), 40301), (Fate::Unavailable, 50301)] {
        let answer = told(&Request::post(&host("held.test"), "/rpc", call.clone()), fate)?;
        let reply = answer.json()?;
        ensure!(
            reply["jsonrpc"] == "2.0" && reply["id"] == 9 && reply["error"]["code"] == code,
            "{code}: {reply}"
        );
        ensure!(reply.get("result").is_none(), "{reply}");
    }
    Ok(())
}

#[test]
fn a_graphql_mutation_is_answered_with_errors_and_no_data() -> Result<()> {
    let query = json!({"query": "mutation { deleteCustomer(id: 7) { id } }"}).to_string();
    let legacy =
        Request::post(&host("held.test"), "/graphql", query.clone()).header("accept", "application/json");
    let answer = told(&legacy, denied())?;
    let reply = answer.json()?;
    ensure!(answer.status == 200 && reply.get("data").is_none(), "{} {reply}", answer.status);
    ensure!(reply["errors"][0]["extensions"]["code"] == "APPROVAL_DENIED", "{reply}");

    let modern = Request::post(&host("held.test"), "/graphql", query)
        .header("accept", "application/graphql-response+json");
    let answer = told(&modern, Fate::Pending)?;
    let reply = answer.json()?;
    ensure!(answer.status == 428 && reply.get("data").is_none(), "{} {reply}", answer.status);
    ensure!(reply["errors"][0]["extensions"]["code"] == "APPROVAL_PENDING", "{reply}");
    Ok(())
}
