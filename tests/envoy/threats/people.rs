//! Nobody decides for themselves, by whatever account, alias or door, with the real service and its reviewers.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::{Agent, Request};
use countersign_tests::setting::{host, policy};
use countersign_tests::within;
use serde_json::{Value, json};

use crate::real::{Real, seen};
use crate::shared::{A_WHILE, export};

/// Alice, for whom the agent acts, has four accounts; Bob has two; Carol has one.
fn accounts() -> Value {
    let other = "https://other.test";
    json!({"dev_reviewers": [
        {"name": "alice", "iss": "https://idp.test", "sub": "alice@people.test", "email": "alice@people.test"},
        {"name": "shouting", "iss": "https://idp.test", "sub": "00u-1", "email": "ALICE@People.TEST"},
        {"name": "tagged", "iss": "https://idp.test", "sub": "00u-2", "email": "alice+reviews@people.test"},
        {"name": "elsewhere", "iss": other, "sub": "alice@people.test", "email": "a@other.test"},
        {"name": "bob", "iss": "https://idp.test", "sub": "00u-bob", "email": "bob@people.test"},
        {"name": "bobby", "iss": other, "sub": "bobby", "email": "Bob+work@people.test"},
        {"name": "carol", "iss": "https://idp.test", "sub": "00u-carol", "email": "carol@people.test"},
    ]})
}

#[test]
fn nobody_who_asks_approves_by_any_account_or_alias() -> Result<()> {
    let real = Real::configured(&accounts(), &policy("40s"))?;
    let host = host("held.test");
    let held = real.send(&export(&host))?;
    for account in ["alice", "shouting", "tagged", "elsewhere"] {
        let reviewer = real.service.reviewer(account)?;
        let shown = within(Duration::from_secs(20), "the request", || {
            let all = reviewer.read("/approver/v1/requests?status=pending").ok()?.json().ok()?;
            let found =
                all["requests"].as_array()?.iter().find(|one| one.to_string().contains(&host))?.clone();
            Some(found)
        })?;
        let refused = reviewer.decide(&shown, "approve", "it is my own report")?;
        ensure!(refused.status == 403, "`{account}` was answered {} {}", refused.status, refused.text());
        let kind = refused.json()?["type"].clone();
        ensure!(kind == "urn:countersign:problem:self-approval", "`{account}`: {kind}");
    }
    std::thread::sleep(A_WHILE);
    ensure!(held.is_waiting() && real.upstream.count(&host) == 0, "it left on a requester's word");
    let bob = real.service.reviewer("bob")?;
    let decision = bob.decide(&seen(&bob, &host)?, "approve", "as agreed")?;
    ensure!(decision.status == 200, "{} {}", decision.status, decision.text());
    ensure!(held.answer()?.status == 200 && real.upstream.count(&host) == 1, "not released");
    Ok(())
}

#[test]
fn one_human_with_two_accounts_does_not_fill_a_quorum_of_two() -> Result<()> {
    let mut two = policy("40s");
    two["defaults"]["reviewers"]["quorum"] = json!(2);
    let real = Real::configured(&accounts(), &two)?;
    let host = host("held.test");
    let held = real.send(&export(&host))?;
    for account in ["bob", "bobby", "bob"] {
        let reviewer = real.service.reviewer(account)?;
        let shown = seen(&real.service.reviewer("carol")?, &host)?;
        // Whether the second account is refused or merely not counted is the service's own affair.
        reviewer.decide(&shown, "approve", "as agreed")?;
    }
    std::thread::sleep(A_WHILE);
    ensure!(held.is_waiting() && real.upstream.count(&host) == 0, "one human was two");
    let carol = real.service.reviewer("carol")?;
    let decision = carol.decide(&seen(&carol, &host)?, "approve", "as agreed")?;
    ensure!(decision.status == 200, "{} {}", decision.status, decision.text());
    ensure!(held.answer()?.status == 200 && real.upstream.count(&host) == 1, "not released");
    Ok(())
}

/// The agent has the filter's key, a stolen session of a reviewer, and the way through the proxy.
#[test]
fn an_agent_that_drives_the_approver_api_through_the_proxy_decides_nothing() -> Result<()> {
    let real = Real::configured(&accounts(), &policy("40s"))?;
    let host = host("held.test");
    let held = real.send(&export(&host))?;
    let bob = real.service.reviewer("bob")?;
    let shown = seen(&bob, &host)?;
    let login =
        Request::post(&real.service.address()?.to_string(), "/login/dev", json!({"name": "bob"}).to_string());
    let session = Agent::new(real.service.address()?).http1(&login)?.answer()?.json()?["session"].clone();
    let session = session.as_str().context("no session")?;
    let id = shown["id"].as_str().context("no id")?;
    let decision = json!({"decision": "approve", "reason": "ok", "display_digest": shown["display_digest"]});
    let target = format!("/approver/v1/requests/{id}/decisions");
    let through = Request::post("approvals.corp.test", &target, decision.to_string())
        .header("authorization", &format!("Bearer {session}"));
    // Through the proxy it is a write like any other: it waits for a reviewer itself.
    let driven = real.send(&through)?;
    let asked = seen(&bob, "approvals.corp.test")?;
    ensure!(asked["destination"]["authority"] == "approvals.corp.test", "{asked}");
    ensure!(driven.is_waiting() && held.is_waiting(), "an agent decided through the proxy");
    ensure!(real.upstream.received().is_empty(), "{:?}", real.upstream.received());

    // Without a human's session nothing opens, whatever else it bears.
    let key = real.service.pep_key()?;
    for (name, value) in [
        ("authorization", format!("Bearer {key}")),
        ("authorization", format!("Basic {key}")),
        ("signature", format!("pep=:{key}:")),
        ("cookie", format!("countersign={key}; __Host-countersign={key}")),
        ("x-forwarded-user", "bob".to_owned()),
    ] {
        let address = real.service.address()?;
        let bare = Request::post(&address.to_string(), &target, decision.to_string()).header(name, &value);
        let answer = Agent::new(address).http1(&bare)?.answer()?;
        ensure!(answer.status == 401, "{name}: answered {} {}", answer.status, answer.text());
    }
    ensure!(bob.request(id)?["state"] == "pending", "it was decided");
    Ok(())
}

/// What a reviewer looked at is what they decide on, or nothing.
#[test]
fn a_reviewer_who_saw_another_request_decides_nothing() -> Result<()> {
    let real = Real::configured(&accounts(), &policy("40s"))?;
    let (small, large) = (host("held.test"), host("held.test"));
    let held = [&small, &large].map(|host| real.send(&export(host)));
    let bob = real.service.reviewer("bob")?;
    let (mut swapped, other) = (seen(&bob, &small)?, seen(&bob, &large)?);
    swapped["display_digest"] = other["display_digest"].clone();
    let stale = bob.decide(&swapped, "approve", "as agreed")?;
    ensure!(stale.status == 409, "{} {}", stale.status, stale.text());
    ensure!(stale.json()?["type"] == "urn:countersign:problem:stale-view", "{}", stale.text());
    let mut code = other.clone();
    code["code"] = json!("WRONG-11");
    ensure!(bob.decide(&code, "approve", "as agreed")?.status == 409, "another code decided");
    std::thread::sleep(A_WHILE);
    ensure!(real.upstream.received().is_empty(), "something left on a stale view");
    for held in held {
        ensure!(held?.is_waiting(), "a stale view decided");
    }
    Ok(())
}

/// Many requests of one agent: reviewers get no more than they may, the agent is told, and nothing leaves.
#[test]
fn a_flood_of_one_agent_reaches_reviewers_only_up_to_the_limit() -> Result<()> {
    const LIMIT: usize = 5;
    let mut service = accounts();
    service["pending_per_subject"] = json!(LIMIT);
    let real = Real::configured(&service, &policy("8s"))?;
    let host = host("held.test");
    let number = |number: usize| Request::post(&host, "/v2/import", format!("{{\"number\":{number}}}"));
    let mut flood = Vec::new();
    for index in 0..20 {
        flood.push(real.send(&number(index))?);
    }
    // The same one again and again is one.
    let same = [0; 4].map(|index| real.send(&number(index)));
    let told: Vec<u16> = flood.into_iter().map(|one| Ok(one.answer()?.status)).collect::<Result<_>>()?;
    let waiting = real.service.reviewer("bob")?.waiting()?.len();
    ensure!(waiting <= LIMIT, "{waiting} requests of one agent wait for reviewers");
    let refused = told.iter().filter(|status| [429, 503].contains(status)).count();
    ensure!(refused >= 20 - LIMIT, "{refused} of 20 were refused: {told:?}");
    ensure!(!told.contains(&200) && real.upstream.received().is_empty(), "something left: {told:?}");
    for one in same {
        ensure!(one?.answer()?.status != 200, "a repeated request left");
    }
    Ok(())
}
