//! The stand-in service itself, asked without any filter: honest where a filter is, and strict where it is not. What the
//! other tests show is worth no more than this.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::{Agent, Request};
use countersign_tests::backend::{self, Backend, Grant};
use countersign_tests::message::Answer;
use countersign_wire::digest::{Secret, content_digest};
use countersign_wire::evaluation::RedeemAnswer;
use countersign_wire::jws::Jwks;
use countersign_wire::names;
use countersign_wire::record::{Chain, Event};
use countersign_wire::signature::{Covered, PepKey};
use countersign_wire::task;
use serde_json::{Map, Value, json};

const SUBMISSION: &str = include_str!("../../src/wire/vectors/approval-request.body");

/// A signed request, as a filter would send it.
fn signed(method: &str, target: &str, body: &str, nonce: &str) -> Result<Request> {
    let digest = content_digest(body.as_bytes());
    let key = format!("\"{nonce}\"");
    let (path, query) =
        target.split_once('?').map_or((target, String::new()), |(path, rest)| (path, format!("?{rest}")));
    let post = method == "POST";
    let covered = Covered {
        method,
        authority: backend::AUTHORITY,
        path,
        query: &query,
        content_digest: post.then_some(digest.as_str()),
        idempotency_key: post.then_some(key.as_str()),
    };
    let secret = Secret::from_hex(backend::PEP_KEY).context("no key")?;
    let created = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let signed = PepKey { keyid: backend::KEYID.to_owned(), secret }.sign(&covered, created, nonce);
    let request = Request::new(method, backend::AUTHORITY, target)
        .header("signature-input", &signed.input)
        .header("signature", &signed.signature)
        .body(body);
    Ok(if post { request.header("content-digest", &digest).header("idempotency-key", &key) } else { request })
}

fn ask(service: &Backend, method: &str, target: &str, body: &str, nonce: &str) -> Result<Answer> {
    Agent::new(service.address()).http2(&signed(method, target, body, nonce)?)?.answer()
}

fn submitted(service: &Backend) -> Result<backend::Task> {
    let answer = ask(service, "POST", names::REQUESTS_PATH, SUBMISSION.trim(), "nonce-submit")?;
    ensure!(answer.status == 202, "{} {}: {:?}", answer.status, answer.text(), service.faults());
    service.tasks().pop().context("no task")
}

fn redeem(service: &Backend, task: &task::Task, nonce: &str) -> Result<RedeemAnswer> {
    let approval = task.result.as_ref().and_then(|result| result.approval.clone()).context("no grant")?;
    let mut chain = Chain::new("019aa3e4-9c7b-7c1d-8f00-0a1b2c3d4e5f".to_owned());
    let record = chain.append(Event::ActionReleasing, 0, Map::new()).value();
    let known = service.by_id(&task.id).context("no task")?;
    let body = json!({"subject": known.submission.subject, "action": known.submission.action,
        "resource": known.submission.resource, "context": {names::REQUEST_DIGEST: known.submission.context.request_digest,
        "approval": approval, names::V1: {"nonce": nonce, "record": record}}});
    let answer = ask(service, "POST", names::EVALUATION_PATH, &body.to_string(), nonce)?;
    RedeemAnswer::read(&answer.body).with_context(|| format!("{}: {:?}", answer.text(), service.faults()))
}

fn keys(service: &Backend) -> Result<Jwks> {
    Ok(Jwks::try_from(&serde_json::from_value(service.jwks())?)?)
}

#[test]
fn an_approved_task_carries_a_grant_that_is_redeemed_once() -> Result<()> {
    let service = Backend::start()?;
    let submitted = submitted(&service)?;
    service.approve(&submitted)?;
    let target = format!("{}/{}", names::REQUESTS_PATH, submitted.id);
    let answer = ask(&service, "GET", &target, "", "nonce-status")?;
    let task = task::Task::read(&answer.body).with_context(|| answer.text())?;
    let token = task
        .result
        .as_ref()
        .and_then(|result| Some(result.approval.as_ref()?.state.clone()))
        .context("no grant")?;
    let claims = keys(&service)?.grant(&token)?;
    ensure!(claims.tid == submitted.id && claims.approvers.len() == 2, "{claims:?}");

    let first = redeem(&service, &task, "nonce-redeem-1")?;
    let receipt =
        keys(&service)?.receipt(first.receipt().map_err(|detail| anyhow::anyhow!("{detail:?}"))?)?;
    ensure!(receipt.nonce == "nonce-redeem-1", "{receipt:?}");
    let second = redeem(&service, &task, "nonce-redeem-2")?;
    ensure!(!second.decision, "a grant was redeemed twice");
    ensure!(service.faults().is_empty(), "{:?}", service.faults());
    Ok(())
}

#[test]
fn a_stranger_is_noticed() -> Result<()> {
    let service = Backend::start()?;
    let mut request = signed("POST", names::REQUESTS_PATH, SUBMISSION.trim(), "nonce-stranger")?;
    request.body.push(b' ');
    let answer = Agent::new(service.address()).http2(&request)?.answer()?;
    ensure!(answer.status == 401 && service.tasks().is_empty(), "{} {}", answer.status, answer.text());
    ensure!(service.faults().len() == 1, "{:?}", service.faults());
    Ok(())
}

#[test]
fn a_strangers_grant_does_not_verify() -> Result<()> {
    let service = Backend::start()?;
    let submitted = submitted(&service)?;
    service.grant(&submitted, Grant::honest().by_a_stranger())?;
    let target = format!("{}/{}", names::REQUESTS_PATH, submitted.id);
    let answer: Value = ask(&service, "GET", &target, "", "nonce-status")?.json()?;
    let token = answer["task"]["result"]["approval"]["state"].as_str().context("no grant")?;
    ensure!(keys(&service)?.grant(token).is_err(), "a stranger's grant verifies");
    Ok(())
}
