//! Who waits, and what becomes of a task whose filter went silent. The lease of these services is one second.

use std::time::Duration;

use axum::http::StatusCode;
use countersign_server::service::{Choice, Status, Waiter};
use serde_json::Value;

use crate::support::{Bench, REQUESTS, number};

/// Longer than the lease and the pause between two looks for it.
const OVER: Duration = Duration::from_millis(2200);

/// A submission that says how long the call is held, and what becomes of it when its agent leaves.
fn held(value: &mut Value, seconds: u64, leaving: &str) {
    let access = &mut value["requested_access"];
    access["urn:countersign:hold_seconds"] = seconds.into();
    access["urn:countersign:on_disconnect"] = leaving.into();
}

async fn submit(bench: &Bench, n: usize, seconds: u64, leaving: &str) -> String {
    let change = |value: &mut Value| {
        number(value, n);
        held(value, seconds, leaving);
    };
    bench.submit(change).await.expect(StatusCode::ACCEPTED).task_id()
}

async fn over() {
    tokio::time::sleep(OVER).await;
}

#[tokio::test]
async fn a_silent_filters_task_is_withdrawn_where_its_rule_says_so_and_others_stay() {
    let bench = Bench::new().await;
    let cancelled = submit(&bench, 1, 1800, "cancel").await;
    let kept = submit(&bench, 2, 1800, "keep").await;
    let handed_off = submit(&bench, 3, 4, "cancel").await;
    let of_another = bench.task().await;
    over().await;
    assert_eq!(bench.view(&cancelled).await.status, Status::Cancelled);
    let log = bench.log().await;
    let record = log.iter().find(|record| record["event"] == "approval.cancelled").unwrap();
    assert_eq!((&record["tid"], &record["reason_code"]), (&cancelled.into(), &"lease_over".into()));
    for id in [kept, handed_off, of_another] {
        assert_eq!(bench.view(&id).await.status, Status::Pending);
    }
}

#[tokio::test]
async fn a_task_whose_filter_polls_or_watches_keeps_its_lease() {
    let bench = Bench::new().await;
    let polled = submit(&bench, 1, 1800, "cancel").await;
    let mut poll = bench.pep.get(&format!("{REQUESTS}/{polled}"), bench.now());
    poll.headers_mut().insert("prefer", "wait=3".parse().unwrap());
    let during = async {
        over().await;
        bench.view(&polled).await.waiter
    };
    let (reply, waiter) = tokio::join!(bench.send(poll), during);
    assert_eq!((reply.task_status(), waiter), ("pending", Some(Waiter::Here)));

    let watched = submit(&bench, 2, 1800, "cancel").await;
    for _ in 0..5 {
        let body = serde_json::json!({ "ids": [watched] });
        bench.post("/access/v1/requests/watch", &body).await.expect(StatusCode::OK);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(bench.view(&watched).await.status, Status::Pending);
}

#[tokio::test]
async fn naming_the_task_of_another_filter_does_not_keep_its_lease() {
    let bench = Bench::new().await;
    let id = submit(&bench, 1, 1800, "cancel").await;
    let other = crate::support::Pep::new("other", 8);
    for _ in 0..5 {
        let body = serde_json::json!({ "ids": [id] }).to_string();
        let watch = other.post("/access/v1/requests/watch", body.as_bytes(), bench.now());
        bench.send(watch).await.expect(StatusCode::OK);
        let poll = other.get(&format!("{REQUESTS}/{id}"), bench.now());
        bench.send(poll).await.expect(StatusCode::NOT_FOUND);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(bench.view(&id).await.status, Status::Cancelled);
}

#[tokio::test]
async fn a_clock_that_jumps_withdraws_nothing() {
    let bench = Bench::new().await;
    let id = submit(&bench, 1, 1800, "cancel").await;
    bench.pass(90_000);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(bench.view(&id).await.status, Status::Pending);
}

#[tokio::test]
async fn after_a_restart_a_filter_has_a_lease_to_come_back() {
    let bench = Bench::new().await;
    let id = submit(&bench, 1, 1800, "cancel").await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    let bench = bench.killed_and_restarted().await;
    assert_eq!(
        (bench.view(&id).await.status, bench.view(&id).await.waiter),
        (Status::Pending, Some(Waiter::Here))
    );
    over().await;
    assert_eq!(bench.view(&id).await.status, Status::Cancelled);
}

#[tokio::test]
async fn a_decision_ends_the_wait() {
    let bench = Bench::new().await;
    let id = submit(&bench, 1, 1800, "cancel").await;
    bench.decide("bob", &id, Choice::Deny).await.unwrap();
    over().await;
    let view = bench.view(&id).await;
    assert_eq!((view.status, view.waiter), (Status::Denied, None));
}
