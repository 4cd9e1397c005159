//! The story with you as the reviewer: the agent repeats each request until somebody has decided, and what the filter
//! records appears as it happens.

use std::thread;
use std::time::Duration;

use anyhow::Result;
use countersign_tests::agent::Request;
use countersign_tests::message::Answer;

use super::chain;
use super::stage::{ADMIN, PARTNER, Stage, export, promotion, told};
use super::tell::{did, step};

const PENDING: u16 = 428;

pub(super) fn play(stage: &mut Stage) -> Result<()> {
    let url = stage.service.said("url")?.to_owned();
    println!("The inbox is at        {url}");
    for reviewer in stage.service.ready()["reviewers"].as_array().into_iter().flatten() {
        let text = |name: &str| reviewer[name].as_str().unwrap_or_default();
        println!("  log in as {:<10} {}", text("name"), text("login"));
    }
    println!("or on a terminal       target/dist/countersign inbox --url {url} --as bob");
    println!("Alice is the human the agent works for: try to approve as her, too. Ctrl-C ends it all.");

    let mut printed = 0;
    step(1, "A read passes");
    let answer = stage.send(&Request::get(PARTNER, "/v2/status"))?.answer()?;
    did("agent", &format!("GET {PARTNER}/v2/status: {}", answer.status));
    step(2, "An export waits. Read it in the inbox, and approve it");
    until_decided(stage, &export(48_210), &mut printed)?;
    step(3, &format!("A role change at {ADMIN} waits. Deny it, or ask what it is for"));
    until_decided(stage, &promotion(), &mut printed)?;

    step(4, "The record of all this");
    for (name, records) in chain::chains(&stage.envoy.records()) {
        chain::verify(&records)?;
        did("chain", &format!("{name} of {} records verifies", records.len()));
    }
    Ok(())
}

/// Sends a request again and again until its answer is final, and tells what came of it.
fn until_decided(stage: &Stage, request: &Request, printed: &mut usize) -> Result<()> {
    did("agent", &format!("{} {}{}", request.method, request.authority, request.target));
    let mut next = request.clone();
    loop {
        let answer = followed(stage, &next, printed)?;
        did("agent", &format!("is answered {}", told(&answer)));
        if answer.status != PENDING {
            break;
        }
        next = request.clone();
        if let Some(question) = question(&answer) {
            let why = "the quarterly report, contract DPA-114";
            did("agent", &format!("is asked `{question}` and answers `{why}`"));
            next = next.header("countersign-justification", why);
        } else {
            did("agent", "repeats the request, as it was told to");
        }
    }
    let arrived = stage.arrived(&request.authority, &request.body).len();
    did("upstream", if arrived == 0 { "got nothing" } else { "got it, byte for byte" });
    Ok(())
}

/// What a reviewer wants to know.
fn question(answer: &Answer) -> Option<String> {
    let problem = answer.json().ok()?;
    problem["approval"]["question"].as_str().or_else(|| problem["question"].as_str()).map(str::to_owned)
}

/// Sends a request and, until it is answered, tells what the filter records.
fn followed(stage: &Stage, request: &Request, printed: &mut usize) -> Result<Answer> {
    let exchange = stage.send(request)?;
    loop {
        let waiting = exchange.is_waiting();
        let records = stage.envoy.records();
        for record in records.iter().skip(*printed) {
            did("filter", &format!("records {}", record["event"].as_str().unwrap_or_default()));
        }
        *printed = records.len();
        if !waiting {
            return exchange.answer();
        }
        thread::sleep(Duration::from_millis(100));
    }
}
