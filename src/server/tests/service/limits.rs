//! Limits that cannot be flooded, and near-duplicates as one group.

use axum::http::StatusCode;
use countersign_server::service::{Choice, Filter, Status};
use serde_json::{Value, json};

use crate::support::{Bench, number, redigest, v1};

/// The published submission of another subject, so that only the rule is the same.
fn of(value: &mut Value, subject: usize) {
    number(value, subject);
    value["subject"]["id"] = format!("spiffe://prod.example/ns/agents/sa/bot-{subject}").into();
    redigest(value);
}

/// A service with one more line in its configuration.
async fn with(line: &str) -> Bench {
    Bench::configured(|yaml| format!("{}\n{line}\n", yaml.replace("CAP", "40"))).await
}

#[tokio::test]
async fn a_full_requester_is_told_which_limit_how_far_and_when_to_come_again() {
    let bench = Bench::with_cap(2).await;
    for n in 0..2 {
        bench.submit(|value| number(value, n)).await.expect(StatusCode::ACCEPTED);
    }
    let reply = bench.submit(|value| number(value, 2)).await;
    reply.problem(429, "urn:countersign:problem:too-many-requests");
    assert_eq!(reply.json["limit"], "pending_per_subject");
    assert_eq!((&reply.json["current"], &reply.json["most"]), (&json!(2), &json!(2)));
    assert_eq!(reply.headers["retry-after"], reply.json["retry_after"].to_string());
    assert_eq!(bench.service.list(Filter::default()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn one_rule_cannot_fill_the_inbox_whoever_asks() {
    let bench = with("pending_per_rule: 3").await;
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(bench.submit(|value| of(value, n)).await.expect(StatusCode::ACCEPTED).task_id());
    }
    let reply = bench.submit(|value| of(value, 3)).await;
    reply.problem(429, "urn:countersign:problem:too-many-requests");
    assert_eq!((&reply.json["limit"], &reply.json["current"]), (&json!("pending_per_rule"), &json!(3)));
    let other = |value: &mut Value| {
        of(value, 4);
        v1(value)["policy"]["rule"] = "another".into();
        redigest(value);
    };
    bench.submit(other).await.expect(StatusCode::ACCEPTED);
    bench.decide("bob", &ids[0], Choice::Deny).await.unwrap();
    bench.submit(|value| of(value, 5)).await.expect(StatusCode::ACCEPTED);
}

#[tokio::test]
async fn what_expired_makes_room() {
    let bench = with("pending_per_rule: 1").await;
    bench.submit(|value| of(value, 0)).await.expect(StatusCode::ACCEPTED);
    bench.pass(24 * 3_600_000);
    bench.service.sweep().await.unwrap();
    let now = bench.now();
    let later = |value: &mut Value| {
        of(value, 1);
        value["denial"]["expires_at"] = crate::support::at(now + 60_000);
        value["requested_access"]["requested_until"] = crate::support::at(now + 600_000);
    };
    bench.submit(later).await.expect(StatusCode::ACCEPTED);
}

#[tokio::test]
async fn who_asks_too_often_is_refused_and_others_are_not() {
    let bench = with("submissions_per_minute: 3").await;
    for _ in 0..3 {
        bench.submit(|value| number(value, 1)).await.expect(StatusCode::ACCEPTED);
    }
    let reply = bench.submit(|value| number(value, 1)).await;
    reply.problem(429, "urn:countersign:problem:too-many-requests");
    assert_eq!((&reply.json["limit"], &reply.json["most"]), (&json!("submissions_per_minute"), &json!(3)));
    assert_eq!(reply.headers["retry-after"], "21");
    bench.submit(|value| of(value, 2)).await.expect(StatusCode::ACCEPTED);
    bench.pass(21_000);
    bench.submit(|value| number(value, 1)).await.expect(StatusCode::ACCEPTED);
}

#[tokio::test]
async fn requests_that_differ_only_in_the_body_are_one_group_and_decided_one_by_one() {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    for n in 0..3 {
        let body = |value: &mut Value| {
            number(value, n);
            v1(value)["payload"]["masked_excerpt"] = format!("{{\"rows\":{n}}}").into();
            redigest(value);
        };
        ids.push(bench.submit(body).await.expect(StatusCode::ACCEPTED).task_id());
    }
    let other = bench.submit(|value| of(value, 9)).await.task_id();
    let group = bench.view(&ids[0]).await.alike.unwrap();
    assert_eq!(group.waiting, 3);
    assert_eq!(bench.view(&ids[2]).await.alike, Some(group.clone()));
    let apart = bench.view(&other).await.alike.unwrap();
    assert_eq!(apart.waiting, 1);
    assert_ne!(apart.group, group.group);
    bench.decide("bob", &ids[0], Choice::Deny).await.unwrap();
    assert_eq!(bench.view(&ids[1]).await.alike.unwrap().waiting, 2);
    assert_eq!(bench.view(&ids[1]).await.status, Status::Pending, "a no to one is no answer to another");
}
