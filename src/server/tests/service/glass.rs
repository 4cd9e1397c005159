//! Breaking the glass: one person alone, where the rule allows it, on record, and looked at by a second human.

use axum::http::StatusCode;
use countersign_server::{
    config::{Directory, Groups},
    service::{Channel, Choice, Person, Refusal, Seen, Status, TaskView, Verdict, Vote},
};
use serde_json::{Value, json};

use crate::support::{Bench, DIGEST, EVALUATION, NONCE, REQUESTS, redeem, releasing, v1};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Somebody of security may decide alone; two groups review otherwise.
fn breakable(value: &mut Value) {
    v1(value)["quorum"]["break_glass"] = json!(["security"]);
}

async fn broken(bench: &Bench) -> String {
    let id = bench.submit(breakable).await.task_id();
    assert_eq!(bench.decide("carol", &id, Choice::BreakGlass).await.unwrap().status, Status::Approved);
    id
}

async fn look(bench: &Bench, who: &Person, id: &str, verdict: Verdict) -> Result<TaskView, Refusal> {
    let display_digest = bench.view(id).await.display_digest;
    let seen = Seen { verdict, reason: "I was called".into(), display_digest };
    bench.service.look_again(who, Channel::Web, id, seen).await
}

async fn events(bench: &Bench, event: &str) -> Vec<Value> {
    bench.log().await.into_iter().filter(|record| record["event"] == event).collect()
}

async fn redeemed(bench: &Bench, id: &str) -> (Option<bool>, String) {
    let task = bench.get(&format!("{REQUESTS}/{id}")).await.expect(StatusCode::OK).json;
    let approval = task["task"]["result"]["approval"].clone();
    let mut chain = bench.chain().await;
    let record = releasing(&mut chain, bench.now(), id, approval["id"].as_str().unwrap(), DIGEST);
    let reply = bench.post(EVALUATION, &redeem(&approval, &record, NONCE)).await.expect(StatusCode::OK);
    (reply.json["decision"].as_bool(), reply.detail().to_owned())
}

#[tokio::test]
async fn nobody_breaks_the_glass_unless_the_rule_lets_them() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    assert_eq!(bench.decide("carol", &id, Choice::BreakGlass).await.unwrap_err(), Refusal::NoBreakGlass);
    let view = bench.view(&id).await;
    assert_eq!((view.status, view.glass, view.votes.len()), (Status::Pending, None, 0));
    assert!(bench.log().await.iter().any(|record| record["reason_code"] == "break-glass-not-allowed"));
    let strange = bench.submit(|value| v1(value)["quorum"]["break_glass"] = json!(["nobody"])).await;
    strange.problem(422, "urn:openid:authzen:access-request:error:not_requestable");
}

#[tokio::test]
async fn one_person_decides_alone_and_everybody_can_see_that() {
    let bench = Bench::new().await;
    let id = broken(&bench).await;
    let reply = bench.get(&format!("{REQUESTS}/{id}")).await.expect(StatusCode::OK);
    let state = reply.json["task"]["result"]["approval"]["state"].as_str().unwrap();
    let grant = bench.jwks().grant(state).unwrap();
    assert_eq!(grant.break_glass.unwrap().review_by, (bench.now() + DAY) / 1000);
    let people: Vec<_> = grant.approvers.iter().map(|one| (one.sub.as_str(), one.group.as_str())).collect();
    assert_eq!(people, [("00u-carol", "security")]);

    let glass = bench.view(&id).await.glass.unwrap();
    assert_eq!((glass.by.sub.as_str(), glass.reason.as_str()), ("00u-carol", "because"));
    assert_eq!((glass.review_by_ms, glass.overdue_at_ms, glass.look), (bench.now() + DAY, None, None));
    let own = events(&bench, "admin.break_glass").await;
    assert_eq!(own.len(), 1);
    assert_eq!((&own[0]["tid"], &own[0]["reason"]), (&json!(id), &json!("because")));
    assert_eq!((&own[0]["jti"], &own[0]["approvers"][0]["sub"]), (&json!(grant.jti), &json!("00u-carol")));
    let decision = events(&bench, "decision.recorded").await;
    assert_eq!(decision[0]["break_glass"]["review_by"], json!((bench.now() + DAY) / 1000));
    assert_eq!(redeemed(&bench, &id).await, (Some(true), String::new()));
}

#[tokio::test]
async fn a_plain_approval_says_nothing_of_glass() {
    let bench = Bench::new().await;
    let id = bench.submit(breakable).await.task_id();
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    assert_eq!(bench.decide("carol", &id, Choice::Approve).await.unwrap().status, Status::Approved);
    let reply = bench.get(&format!("{REQUESTS}/{id}")).await.expect(StatusCode::OK);
    let state = reply.json["task"]["result"]["approval"]["state"].as_str().unwrap();
    assert_eq!(bench.jwks().grant(state).unwrap().break_glass, None);
    assert_eq!(bench.view(&id).await.glass, None);
    assert!(events(&bench, "admin.break_glass").await.is_empty());
}

#[tokio::test]
async fn neither_those_who_ask_nor_other_groups_break_the_glass() {
    let bench = Bench::new().await;
    let id = bench.submit(breakable).await.task_id();
    for name in ["alice", "alias"] {
        let refused = bench.decide(name, &id, Choice::BreakGlass).await.unwrap_err();
        assert_eq!(refused, Refusal::SelfApproval, "{name}");
    }
    let others = Refusal::NotEligible { groups: vec!["security".into()] };
    for name in ["bob", "erin"] {
        assert_eq!(bench.decide(name, &id, Choice::BreakGlass).await.unwrap_err(), others, "{name}");
    }
    assert_eq!(bench.view(&id).await.status, Status::Pending);
    assert!(events(&bench, "admin.break_glass").await.is_empty());
}

#[tokio::test]
async fn breaking_the_glass_needs_a_reason_and_what_was_seen() {
    let bench = Bench::new().await;
    let id = bench.submit(breakable).await.task_id();
    let display_digest = bench.view(&id).await.display_digest;
    let vote = |reason: &str, display_digest: &str| Vote {
        choice: Choice::BreakGlass,
        reason: reason.into(),
        display_digest: display_digest.into(),
        code: None,
    };
    let carol = bench.person("carol");
    let silent = bench.service.decide(&carol, Channel::Api, &id, vote("  ", &display_digest)).await;
    assert_eq!(silent.unwrap_err(), Refusal::ReasonRequired);
    let stale = bench.service.decide(&carol, Channel::Api, &id, vote("fire", "sha-256:other")).await;
    assert_eq!(stale.unwrap_err(), Refusal::StaleView);
    assert_eq!(bench.view(&id).await.status, Status::Pending);
}

#[tokio::test]
async fn the_second_look_is_by_another_human_who_does_not_ask() {
    let bench = Bench::new().await;
    let id = bench.submit(breakable).await.task_id();
    bench.decide("dave", &id, Choice::BreakGlass).await.unwrap();
    let mut other = bench.person("dave");
    (other.iss, other.sub, other.email) = ("https://old.example.com".into(), "dave-old".into(), None);
    for who in [bench.person("dave"), other] {
        assert_eq!(look(&bench, &who, &id, Verdict::Confirm).await.unwrap_err(), Refusal::SecondHuman);
    }
    let alice = look(&bench, &bench.person("alice"), &id, Verdict::Confirm).await.unwrap_err();
    assert_eq!(alice, Refusal::SelfApproval);
    let erin = look(&bench, &bench.person("erin"), &id, Verdict::Confirm).await.unwrap_err();
    assert!(matches!(erin, Refusal::NotEligible { .. }), "{erin:?}");
    let refusals = events(&bench, "verify.failed").await;
    let codes: Vec<_> = refusals.iter().map(|record| record["reason_code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["second-human-required", "second-human-required", "self-approval", "not-eligible"]);

    let waiting = async |name: &str| bench.service.to_look_at(&bench.person(name)).await.unwrap().len();
    assert_eq!((waiting("bob").await, waiting("carol").await), (1, 1));
    assert_eq!((waiting("dave").await, waiting("alice").await, waiting("erin").await), (0, 0, 0));
    let after = look(&bench, &bench.person("bob"), &id, Verdict::Confirm).await.unwrap();
    let seen = after.glass.unwrap().look.unwrap();
    assert_eq!(
        (seen.by.sub.as_str(), seen.verdict, seen.reason.as_str()),
        ("00u-bob", Verdict::Confirm, "I was called")
    );
    let confirmed = events(&bench, "admin.break_glass_confirmed").await;
    assert_eq!((&confirmed[0]["tid"], &confirmed[0]["overdue"]), (&json!(id), &json!(false)));
    assert_eq!(waiting("carol").await, 0);
    let again = look(&bench, &bench.person("carol"), &id, Verdict::Contest).await.unwrap_err();
    assert_eq!(again, Refusal::NothingToLookAt);
    assert_eq!(redeemed(&bench, &id).await, (Some(true), String::new()));
}

#[tokio::test]
async fn contesting_takes_back_what_was_not_used() {
    let bench = Bench::new().await;
    let id = broken(&bench).await;
    look(&bench, &bench.person("bob"), &id, Verdict::Contest).await.unwrap();
    assert_eq!(redeemed(&bench, &id).await, (Some(false), "revoked".to_owned()));
    let contested = events(&bench, "admin.break_glass_contested").await;
    assert_eq!((&contested[0]["used"], contested[0]["jti"].is_string()), (&json!(false), true));

    let bench = Bench::new().await;
    let id = broken(&bench).await;
    assert_eq!(redeemed(&bench, &id).await.0, Some(true));
    look(&bench, &bench.person("bob"), &id, Verdict::Contest).await.unwrap();
    assert_eq!(events(&bench, "admin.break_glass_contested").await[0]["used"], json!(true));
    assert_eq!(bench.view(&id).await.approval.unwrap().used, 1);
}

#[tokio::test]
async fn of_two_looks_at_once_one_stands() {
    let bench = Bench::new().await;
    let id = broken(&bench).await;
    let (bob, dave) = (bench.person("bob"), bench.person("dave"));
    let both =
        tokio::join!(look(&bench, &bob, &id, Verdict::Confirm), look(&bench, &dave, &id, Verdict::Contest));
    assert_eq!(usize::from(both.0.is_ok()) + usize::from(both.1.is_ok()), 1);
}

#[tokio::test]
async fn a_look_that_is_late_is_noted_once_and_still_wanted() {
    let bench = Bench::new().await;
    let id = broken(&bench).await;
    bench.pass(DAY - 1_000);
    bench.service.sweep().await.unwrap();
    assert_eq!(bench.view(&id).await.glass.unwrap().overdue_at_ms, None);
    bench.pass(1_000);
    bench.service.sweep().await.unwrap();
    bench.service.sweep().await.unwrap();
    assert_eq!(bench.view(&id).await.glass.unwrap().overdue_at_ms, Some(bench.now()));
    let late = events(&bench, "admin.break_glass_overdue").await;
    assert_eq!((late.len(), &late[0]["tid"]), (1, &json!(id)));
    bench.pass(1_000);
    look(&bench, &bench.person("bob"), &id, Verdict::Confirm).await.unwrap();
    assert_eq!(events(&bench, "admin.break_glass_confirmed").await[0]["overdue"], json!(true));
    bench.pass(DAY);
    bench.service.sweep().await.unwrap();
    assert_eq!(events(&bench, "admin.break_glass_overdue").await.len(), 1);
}

#[tokio::test]
async fn a_broken_glass_still_waits_after_a_restart() {
    let bench = Bench::new().await;
    let id = broken(&bench).await;
    let bench = bench.killed_and_restarted().await;
    let waiting = bench.service.to_look_at(&bench.person("bob")).await.unwrap();
    assert_eq!(waiting.iter().map(|task| task.id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
    assert_eq!(waiting[0].glass.as_ref().unwrap().by.sub, "00u-carol");
}

#[tokio::test]
async fn who_left_the_group_has_broken_no_glass() {
    let bench = Bench::new().await;
    let id = broken(&bench).await;
    let Groups::Listed(mut groups) = bench.service.directory().groups().clone() else { panic!("no groups") };
    groups.get_mut("security").unwrap().remove("carol");
    let people = bench.service.directory().people().to_vec();
    bench.service.replace_directory(Directory::new(people, Groups::Listed(groups)));
    assert_eq!(redeemed(&bench, &id).await, (Some(false), "revoked".to_owned()));
}

#[tokio::test]
async fn there_is_nothing_to_look_at_where_no_glass_is_broken() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let dave = bench.person("dave");
    let refused = look(&bench, &dave, &granted.id, Verdict::Contest).await.unwrap_err();
    assert_eq!(refused, Refusal::NothingToLookAt);
    assert_eq!(redeemed(&bench, &granted.id).await.0, Some(true));
}
