//! Who together is enough, in a real Envoy: the filter counts a grant's people by its own policy, whatever the service says.
//! Nobody who owns the agent or started the run is among them, and nobody decides alone where the rule does not let them.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;

use anyhow::{Context, Result, ensure};
use countersign_tests::backend::{Grant, Step};
use countersign_tests::envoy::Envoy;
use countersign_tests::service::Service;
use countersign_tests::setting::{Setting, envoy_of, host, policy};
use countersign_tests::upstream::Upstream;
use countersign_tests::within;
use countersign_wire::grant::{Approver, BreakGlass, GrantClaims};
use serde_json::{Value, json};

use crate::shared::{A_WHILE, export, works};

/// `*.or.test` wants one of two groups, `*.two.test` two of one and one of another, `*.glass.test` lets the people on call
/// decide alone, `*.apart.test` keeps the author of the policy out, `*.plain.test` is a plain rule. The agent has an owner,
/// and somebody starts its runs.
fn rules() -> Value {
    let mut policy = policy("20s");
    let person = |sub: &str| json!({"iss": "https://idp.test", "sub": sub});
    policy["requester"] = json!({"sources": [{"static": {"id": "spiffe://prod.test/ns/agents/sa/report-bot",
        "human": person("alice@people.test"), "owner": [person("00u-olga"), person("oscar@people.test")],
        "triggered_by": person("trudy@people.test")}}]});
    policy["groups"] = json!({"security": {}, "data-owners": {}, "on-call": {}});
    policy["authors"] = json!(["wanda@people.test"]);
    let rule = |name: &str, reviewers: Value| json!({"name": name, "match": {"host": format!("*.{name}.test")}, "effect": "hold", "reviewers": reviewers});
    let mut glass = rule("glass", json!({"groups": ["security", "data-owners"]}));
    glass["break_glass"] = json!({"groups": ["on-call"]});
    policy["rules"] = json!([
        rule("or", json!({"groups": [{"any": ["security", "data-owners"]}]})),
        rule("two", json!({"groups": [{"group": "data-owners", "at_least": 2}, "security"]})),
        glass,
        rule("apart", json!({"groups": ["security"], "separation": ["policy_author"]})),
        rule("plain", json!({"groups": ["security"]})),
    ]);
    policy
}

fn shared() -> Result<Arc<Setting>> {
    static SHARED: Mutex<Weak<Setting>> = Mutex::new(Weak::new());
    let mut slot = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(setting) = slot.upgrade() {
        return Ok(setting);
    }
    let setting = Arc::new(Setting::start(&rules(), |config| config.workers(2))?);
    *slot = Arc::downgrade(&setting);
    Ok(setting)
}

/// What becomes of a request to such a host when a service gives this grant: its status, and how often it left.
fn granted(suffix: &str, edit: fn(&mut GrantClaims)) -> Result<(u16, usize, usize)> {
    let setting = shared()?;
    let host = host(suffix);
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    setting.backend.grant(&task, Grant::honest().with(edit))?;
    let status = held.answer()?.status;
    if status != 200 {
        thread::sleep(A_WHILE);
    }
    Ok((status, setting.upstream.count(&host), setting.backend.asked(&host, Step::Redeem).len()))
}

fn refused(suffix: &str, edit: fn(&mut GrantClaims)) -> Result<()> {
    let (status, left, redeemed) = granted(suffix, edit)?;
    ensure!((status, left, redeemed) == (403, 0, 0), "{status}, {left} left, {redeemed} redeemed");
    Ok(())
}

fn released(suffix: &str, edit: fn(&mut GrantClaims)) -> Result<()> {
    let (status, left, redeemed) = granted(suffix, edit)?;
    ensure!((status, left, redeemed) == (200, 1, 1), "{status}, {left} left, {redeemed} redeemed");
    Ok(())
}

/// One person of a group.
fn one(sub: &str, group: &str) -> Approver {
    Approver {
        iss: "https://idp.test".to_owned(),
        sub: sub.to_owned(),
        email: None,
        group: group.to_owned(),
        channel: None,
        at: 0,
    }
}

const BROKEN: Option<BreakGlass> = Some(BreakGlass { review_by: 4_102_444_800 });

#[test]
fn every_rule_is_met_by_the_people_it_wants() -> Result<()> {
    let setting = shared()?;
    for suffix in ["or.test", "two.test", "glass.test", "apart.test", "plain.test"] {
        works(&setting, &host(suffix)).with_context(|| suffix.to_owned())?;
    }
    Ok(())
}

#[test]
fn the_agents_owner_and_who_started_the_run_are_told_to_the_service() -> Result<()> {
    let setting = shared()?;
    let host = host("plain.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    held.leave();
    let sent = serde_json::to_value(&task.submission.client.actor)?;
    let names = |member: &str| -> Vec<String> {
        let list = sent[member].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|one| one["sub"].as_str().map(str::to_owned)).collect()
    };
    ensure!(names("urn:countersign:owners") == ["00u-olga", "oscar@people.test"], "{sent}");
    ensure!(names("urn:countersign:triggered_by") == ["trudy@people.test"], "{sent}");
    Ok(())
}

#[test]
fn a_grant_by_the_agents_owner_permits_nothing() -> Result<()> {
    refused("plain.test", |claims| claims.approvers = vec![one("00u-olga", "security")])?;
    refused("plain.test", |claims| {
        claims.approvers.iter_mut().for_each(|a| a.email = Some("Oscar+ok@people.test".to_owned()));
    })
}

#[test]
fn a_grant_by_who_started_the_run_permits_nothing() -> Result<()> {
    refused("plain.test", |claims| claims.approvers = vec![one("trudy@people.test", "security")])?;
    refused("plain.test", |claims| {
        claims.approvers.iter_mut().for_each(|a| a.email = Some("TRUDY@people.test".to_owned()));
    })
}

#[test]
fn a_grant_that_forgets_the_owner_or_the_starter_permits_nothing() -> Result<()> {
    refused("plain.test", |claims| claims.actor.owners.clear())?;
    refused("plain.test", |claims| {
        claims.actor.owners.pop();
    })?;
    refused("plain.test", |claims| claims.actor.triggered_by.clear())
}

#[test]
fn either_group_is_enough_where_the_rule_says_or_and_no_third() -> Result<()> {
    released("or.test", |claims| claims.approvers = vec![one("bob", "security")])?;
    released("or.test", |claims| claims.approvers = vec![one("bob", "data-owners")])?;
    refused("or.test", |claims| claims.approvers = vec![one("bob", "on-call")])?;
    refused("or.test", |claims| claims.approvers.clear())
}

#[test]
fn one_short_of_a_number_permits_nothing_whatever_the_grant_says_was_wanted() -> Result<()> {
    released("two.test", |claims| {
        claims.approvers =
            vec![one("bob", "data-owners"), one("carol", "data-owners"), one("dave", "security")];
    })?;
    refused("two.test", |claims| {
        claims.approvers = vec![one("bob", "data-owners"), one("dave", "security")];
        claims.quorum.ways.clear();
        claims.quorum.required = 2;
    })?;
    // One person three times, or in both groups, is one person.
    refused("two.test", |claims| {
        claims.approvers = vec![one("bob", "data-owners"), one("bob", "data-owners"), one("bob", "security")];
    })?;
    refused("two.test", |claims| {
        claims.approvers =
            vec![one("bob", "data-owners"), one("carol", "data-owners"), one("bob", "security")];
    })?;
    // Three people, but two of the wrong group.
    refused("two.test", |claims| {
        claims.approvers = vec![one("bob", "data-owners"), one("carol", "security"), one("dave", "security")];
    })
}

#[test]
fn an_author_of_the_policy_approves_nothing_where_the_rule_keeps_them_out() -> Result<()> {
    refused("apart.test", |claims| claims.approvers = vec![one("wanda@people.test", "security")])?;
    refused("apart.test", |claims| {
        claims.approvers.iter_mut().for_each(|a| a.email = Some("Wanda+git@people.test".to_owned()));
    })?;
    released("plain.test", |claims| claims.approvers = vec![one("wanda@people.test", "security")])
}

#[test]
fn one_person_on_call_decides_alone_where_the_rule_lets_them() -> Result<()> {
    released("glass.test", |claims| {
        claims.break_glass = BROKEN;
        claims.approvers = vec![one("dave", "on-call")];
    })
}

#[test]
fn a_broken_glass_is_on_the_records_of_the_release() -> Result<()> {
    let setting = shared()?;
    let host = host("glass.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    let grant = Grant::honest().with(|claims| {
        claims.break_glass = BROKEN;
        claims.approvers = vec![one("dave", "on-call")];
    });
    setting.backend.grant(&task, grant)?;
    ensure!(held.answer()?.status == 200, "not released");
    let releasing = within(std::time::Duration::from_secs(10), "the releasing record", || {
        let records = setting.backend.records();
        records.into_iter().find(|r| r["event"] == "action.releasing" && r["tid"] == task.id.as_str())
    })?;
    ensure!(releasing["break_glass"]["review_by"] == 4_102_444_800_i64, "{releasing}");
    Ok(())
}

#[test]
fn a_broken_glass_permits_nothing_under_a_rule_that_does_not_allow_it() -> Result<()> {
    for suffix in ["or.test", "two.test", "plain.test"] {
        refused(suffix, |claims| {
            claims.break_glass = BROKEN;
            claims.approvers = vec![one("dave", "on-call")];
        })?;
    }
    // Not even when the people would have been enough.
    refused("plain.test", |claims| claims.break_glass = BROKEN)
}

#[test]
fn a_glass_broken_by_others_than_one_person_of_the_group_permits_nothing() -> Result<()> {
    refused("glass.test", |claims| claims.approvers = vec![one("dave", "on-call")])?;
    refused("glass.test", |claims| {
        claims.break_glass = BROKEN;
        claims.approvers = vec![one("dave", "security")];
    })?;
    refused("glass.test", |claims| {
        claims.break_glass = BROKEN;
        claims.approvers = vec![one("dave", "on-call"), one("erin", "on-call")];
    })?;
    refused("glass.test", |claims| {
        claims.break_glass = BROKEN;
        claims.approvers.clear();
    })?;
    refused("glass.test", |claims| {
        claims.break_glass = BROKEN;
        claims.approvers = vec![one("00u-olga", "on-call")];
    })?;
    refused("glass.test", |claims| {
        claims.break_glass = BROKEN;
        claims.approvers = vec![one("alice@people.test", "on-call")];
    })
}

#[test]
fn where_no_human_is_known_a_rule_that_needs_one_refuses_and_nobody_decides_alone() -> Result<()> {
    let mut policy = rules();
    policy["requester"] = json!({"sources": [{"static": {"id": "spiffe://prod.test/ns/agents/sa/report-bot",
        "owner": {"iss": "https://idp.test", "sub": "00u-olga"}}}]});
    let rules = policy["rules"].as_array_mut().context("no rules")?;
    rules.push(json!({"name": "known", "match": {"host": "*.known.test"}, "effect": "hold",
        "reviewers": {"groups": ["security"]}, "known_principal": "required"}));
    let setting = Setting::start(&policy, |config| config)?;
    let known = host("known.test");
    let answer = setting.agent().http1(&export(&known))?.answer()?;
    ensure!(answer.status == 403, "{} {}", answer.status, answer.text());
    ensure!(setting.backend.about(&known).is_empty(), "somebody was asked");
    ensure!(setting.upstream.count(&known) == 0, "it left");

    let glass = host("glass.test");
    let held = setting.agent().http1(&export(&glass))?;
    let task = setting.backend.task(&glass)?;
    ensure!(task.submission.context.v1.quorum.break_glass.is_empty(), "somebody may decide alone");
    let grant = Grant::honest().with(|claims| {
        claims.break_glass = BROKEN;
        claims.approvers = vec![one("dave", "on-call")];
    });
    setting.backend.grant(&task, grant)?;
    ensure!(held.answer()?.status == 403, "one person released what nobody known asked for");
    ensure!(setting.upstream.count(&glass) == 0, "it left");
    Ok(())
}

#[test]
fn a_rule_that_keeps_authors_out_refuses_while_the_policy_names_none() -> Result<()> {
    let mut policy = rules();
    policy.as_object_mut().context("no policy")?.remove("authors");
    let setting = Setting::start(&policy, |config| config)?;
    let apart = host("apart.test");
    let answer = setting.agent().http1(&export(&apart))?.answer()?;
    ensure!(answer.status == 403, "{} {}", answer.status, answer.text());
    ensure!(
        setting.backend.about(&apart).is_empty() && setting.upstream.count(&apart) == 0,
        "somebody was asked"
    );
    works(&setting, &host("plain.test"))
}

#[test]
fn with_the_real_service_one_person_decides_alone_and_a_second_one_looks_at_it() -> Result<()> {
    let (service, upstream) = (Service::start()?, Upstream::start()?);
    let envoy = Envoy::start(envoy_of(&service, &upstream, &rules())?)?;
    let (bob, carol) = (service.reviewer("bob")?, service.reviewer("carol")?);
    let host = host("glass.test");
    let held = countersign_tests::agent::Agent::new(envoy.address()).http1(&export(&host))?;
    let waiting = within(std::time::Duration::from_secs(20), "a request in the inbox", || {
        bob.waiting().ok()?.into_iter().find(|request| request.to_string().contains(&host))
    })?;
    let id = waiting["id"].as_str().context("no id")?;
    let shown = bob.request(id)?;
    let decision = bob.decide(&shown, "break_glass", "the vendor is down and nobody else answers")?;
    ensure!(decision.status == 200, "{} {}", decision.status, decision.text());
    let answer = held.answer()?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    ensure!(upstream.count(&host) == 1, "{} requests arrived", upstream.count(&host));
    let own = bob.look_again(&shown, "confirm", "it was me")?;
    ensure!(own.status == 403, "bob looked at what bob did: {}", own.text());
    let look = carol.look_again(&shown, "confirm", "I was called, it was right")?;
    ensure!(look.status == 200, "{} {}", look.status, look.text());
    let after = carol.request(id)?;
    ensure!(after["break_glass"]["state"] == "confirmed", "{after}");
    Ok(())
}
