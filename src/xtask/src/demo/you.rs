//! The story with you as the reviewer: the agent repeats each request until somebody has decided.

use std::time::Duration;

use anyhow::Result;
use countersign_tests::agent::Request;

use super::stage::{ADMIN, PARTNER, Stage, export, promotion, told};
use super::tell::{did, step};

const PENDING: u16 = 428;
/// How long the agent waits for one answer; longer than the filter holds.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) fn play(stage: &mut Stage) -> Result<()> {
    let url = stage.service.said("url")?.to_owned();
    println!("The inbox is at        {url}");
    for reviewer in stage.service.ready()["reviewers"].as_array().into_iter().flatten() {
        println!(
            "log in as {:<12} {}",
            reviewer["name"].as_str().unwrap_or_default(),
            reviewer["login"].as_str().unwrap_or_default()
        );
    }
    println!("or on a terminal       target/dist/countersign inbox --url {url} --as bob");
    println!("Alice is the human the agent works for: try to approve as her, too.");

    step(1, "A read passes");
    let answer = stage.send(&Request::get(PARTNER, "/v2/status"))?.answer()?;
    did("agent", &format!("GET {PARTNER}/v2/status: {}", answer.status));
    step(2, "An export. Read the request in the inbox, compare the code, and approve it");
    until_decided(stage, &export(48_210))?;
    step(3, &format!("A role change at {ADMIN}. Deny it, or ask what it is for"));
    until_decided(stage, &promotion())?;

    println!("\nWhat was recorded:");
    for record in stage.envoy.records() {
        did("filter", record["event"].as_str().unwrap_or_default());
    }
    Ok(())
}

/// Sends a request again and again until its answer is final, and tells what came of it.
fn until_decided(stage: &Stage, request: &Request) -> Result<()> {
    did("agent", &format!("{} {}{}", request.method, request.authority, request.target));
    loop {
        let answer = stage.send(request)?.answer_within(PATIENCE)?;
        did("agent", &format!("is answered {}", told(&answer)));
        if answer.status == PENDING {
            let question = answer.json()?["question"].as_str().map(str::to_owned);
            if let Some(question) = question {
                did("agent", &format!("is asked: {question}"));
                let justified = request
                    .clone()
                    .header("countersign-justification", "the quarterly report, contract DPA-114");
                let answer = stage.send(&justified)?.answer_within(PATIENCE)?;
                did("agent", &format!("explains itself and is answered {}", told(&answer)));
                if answer.status != PENDING {
                    break;
                }
            }
            continue;
        }
        break;
    }
    let arrived = stage.arrived(&request.authority, &request.body);
    did("upstream", &format!("got it {} times", arrived.len()));
    Ok(())
}
