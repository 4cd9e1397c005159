//! The story, played unattended. Each step says what must be so, and the first that is not ends it.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use countersign_tests::agent::Request;
use countersign_tests::service::Reviewer;
use serde_json::{Value, json};

use super::stage::{ADMIN, PARTNER, Stage, export, promotion, told, waiting as waiting_for};
use super::tell::{did, must, step};
use super::{chain, stage};

/// How long we watch that nothing arrives.
const A_WHILE: Duration = Duration::from_millis(500);
const FORBIDDEN: u16 = 403;
const PENDING: u16 = 428;

pub(super) fn play(stage: &mut Stage) -> Result<()> {
    let bob = stage.service.reviewer("bob")?;
    let alice = stage.service.reviewer("alice")?;
    did(
        "envoy",
        &format!("listens on {}, approvals on {}", stage.envoy.address(), stage.service.said("url")?),
    );
    a_read_passes(stage)?;
    an_export_waits_and_leaves(stage, &alice, &bob)?;
    a_role_change_is_denied(stage, &bob)?;
    nobody_decides(stage, &bob)?;
    the_chain_verifies(stage)?;
    println!("\nThe story went as told.");
    Ok(())
}

fn a_read_passes(stage: &Stage) -> Result<()> {
    step(1, "A read passes and feels nothing");
    let answer = stage.send(&Request::get(PARTNER, "/v2/status"))?.answer()?;
    did("agent", &format!("GET {PARTNER}/v2/status: {}", answer.status));
    must(answer.status == 200, "the agent gets the upstream's answer", || told(&answer))?;
    must(stage.upstream.count(PARTNER) == 1, "it arrived once", || format!("{:?}", stage.upstream.received()))
}

/// What the reviewer is shown, in words.
fn shown(who: &Reviewer, request: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    did(who.name(), &format!("sees {}: {}", text(&request["code"]), text(&request["sentence"])));
}

fn an_export_waits_and_leaves(stage: &Stage, alice: &Reviewer, bob: &Reviewer) -> Result<()> {
    step(
        2,
        "An export is held, the requester cannot approve it, a reviewer can, and it leaves as it was seen",
    );
    let request = export(48_210);
    let held = stage.send(&request)?;
    did("agent", &format!("POST {PARTNER}/v2/import, {} bytes", request.body.len()));
    let waiting = waiting_for(bob, PARTNER, &[])?;
    shown(bob, &waiting);
    thread::sleep(A_WHILE);
    let nothing = stage.arrived(PARTNER, &request.body).is_empty();
    must(nothing && held.is_waiting(), "nothing has left", || "something did".to_owned())?;
    must(!waiting.to_string().contains("sk_demo_4242424242"), "the token in the body is masked", || {
        waiting.to_string()
    })?;

    let refusal = alice.decide(&waiting, "approve", "it is my own report")?;
    did("alice", &format!("approves the request of her own agent: {}", told(&refusal)));
    must(refusal.status == FORBIDDEN, "she is refused", || refusal.text())?;
    must(held.is_waiting(), "the request is still held", || "it is not".to_owned())?;

    let decision = bob.decide(&waiting, "approve", "contract DPA-114")?;
    did("bob", &format!("approves: {}", told(&decision)));
    let answer = held.answer()?;
    did("agent", &format!("is answered {}", told(&answer)));
    must(answer.status == 200, "the agent gets the upstream's answer", || answer.text())?;
    let arrived = stage.arrived(PARTNER, &request.body);
    let same =
        arrived.first().is_some_and(|one| one.target == request.target && one.method == request.method);
    must(arrived.len() == 1 && same, "it arrived once, byte for byte", || {
        format!("{:?}", stage.upstream.about(PARTNER))
    })?;

    let replay = stage.send(&request)?.answer()?;
    did("agent", &format!("sends the same request again: {}", told(&replay)));
    must(replay.status == PENDING, "the replay needs an approval of its own", || replay.text())?;
    must(stage.arrived(PARTNER, &request.body).len() == 1, "nothing left a second time", || {
        "it did".to_owned()
    })
}

fn a_role_change_is_denied(stage: &Stage, bob: &Reviewer) -> Result<()> {
    step(3, "A role change is denied and never arrives");
    let held = stage.send(&promotion())?;
    did("agent", &format!("POST {ADMIN}/users/7/roles"));
    let waiting = waiting_for(bob, ADMIN, &[])?;
    shown(bob, &waiting);
    let decision = bob.decide(&waiting, "deny", "owners are named by the board")?;
    did("bob", &format!("denies: {}", told(&decision)));
    let answer = held.answer()?;
    did("agent", &format!("is answered {}", told(&answer)));
    must(answer.status == FORBIDDEN, "the agent is told that a human said no", || answer.text())?;
    thread::sleep(A_WHILE);
    must(stage.upstream.count(ADMIN) == 0, "nothing arrived", || format!("{:?}", stage.upstream.about(ADMIN)))
}

fn nobody_decides(stage: &Stage, bob: &Reviewer) -> Result<()> {
    step(
        4,
        "Nobody decides; the agent is handed off, tries another body, and is released after a late approval",
    );
    let seen = seen(bob)?;
    let request = export(100);
    let answer = stage.send(&request)?.answer()?;
    did("agent", &format!("exports 100 rows and is handed off: {}", told(&answer)));
    must(answer.status == PENDING, "the agent is told to repeat the request", || answer.text())?;
    let executed = answer.json()?["approval"]["executed"].clone();
    must(executed == json!(false), "and that it was not executed", || answer.text())?;
    let waiting = waiting_for(bob, PARTNER, &seen)?;
    let decision = bob.decide(&waiting, "approve", "late, but fine")?;
    did("bob", &format!("approves late: {}", told(&decision)));

    let swapped = stage::export(1_000_000);
    let held = stage.send(&swapped)?;
    did("agent", "sends a million rows instead");
    let mut known = seen;
    known.push(waiting["id"].as_str().context("no id")?.to_owned());
    let other = waiting_for(bob, PARTNER, &known)?;
    shown(bob, &other);
    let decision = bob.decide(&other, "deny", "that is not what I approved")?;
    did("bob", &format!("denies: {}", told(&decision)));
    let answer = held.answer()?;
    must(answer.status == FORBIDDEN, "the approval was not good for another body", || answer.text())?;
    must(stage.arrived(PARTNER, &swapped.body).is_empty(), "the other body never left", || {
        "it did".to_owned()
    })?;

    let answer = stage.send(&request)?.answer()?;
    did("agent", &format!("repeats the request that was approved: {}", told(&answer)));
    must(answer.status == 200, "it is released without another decision", || answer.text())?;
    must(stage.arrived(PARTNER, &request.body).len() == 1, "it arrived once", || "it did not".to_owned())
}

/// The requests bob knows already.
fn seen(bob: &Reviewer) -> Result<Vec<String>> {
    let ids = bob.waiting()?.into_iter().filter_map(|request| Some(request["id"].as_str()?.to_owned()));
    Ok(ids.collect())
}

fn the_chain_verifies(stage: &Stage) -> Result<()> {
    step(5, "The record of all this verifies");
    thread::sleep(A_WHILE);
    let records = stage.envoy.records();
    let chains = chain::chains(&records);
    for (name, chain) in &chains {
        let verified = chain::verify(chain);
        must(verified.is_ok(), &format!("chain {name} of {} records verifies", chain.len()), || {
            format!("{verified:?}")
        })?;
    }
    let released = chain::count(&records, "action.released");
    must(released == 2, "it tells of two releases", || format!("it tells of {released}"))?;
    let unasked = chain::count(&records, "action.releasing") < released;
    must(!unasked, "each was written down before it left", || format!("{records:?}"))?;

    let longest = chains.values().max_by_key(|chain| chain.len()).context("no record was printed")?;
    let mut forged: Vec<Value> = longest.iter().map(|record| (*record).clone()).collect();
    if let Some(record) = forged.last_mut() {
        record["event"] = json!("chain.heartbeat");
    }
    let noticed = chain::verify(&forged.iter().collect::<Vec<_>>()).is_err();
    must(noticed, "a forged copy does not", || "it does".to_owned())?;
    let checkpoint = stage.service.get("/audit/v1/checkpoint")?;
    did(
        "service",
        &format!("signed head of its log: {}", checkpoint.text().lines().nth(1).unwrap_or_default()),
    );
    Ok(())
}
