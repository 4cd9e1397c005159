//! Two replicas on one real PostgreSQL: whatever is asked at either is done once.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use countersign_server::service::{Channel, Choice, Restored, Status, Vote};
use futures_util::future::join_all;
use serde_json::Value;

use crate::{
    postgres,
    support::{Bench, EVALUATION, NONCE, REQUESTS, Stopped},
};

/// Two replicas; `None` where this machine has no PostgreSQL.
async fn two() -> Option<(Bench, Bench)> {
    let database = postgres::database().await?;
    let one = Stopped::on(Some(database)).start(Restored::Refuse, |yaml| yaml).await.unwrap();
    let other = one.replica().await;
    Some((one, other))
}

const UNAUTHENTICATED: &str = "urn:countersign:problem:unauthenticated";

fn nonce(number: usize) -> String {
    format!("{number:0>22}")
}

#[tokio::test]
async fn a_request_submitted_at_one_replica_is_decided_at_another_and_redeemed_at_either() {
    let Some((one, other)) = two().await else { return };
    let id = one.task().await;
    other.decide("bob", &id, Choice::Approve).await.unwrap();
    let task = one.decide("carol", &id, Choice::Approve).await.unwrap();
    assert_eq!(task.status, Status::Approved);
    let granted = other.granted_for(|value| crate::support::number(value, 1)).await;
    let body = granted.redeem_as(|value| crate::support::number(value, 1));
    let reply = one.post(EVALUATION, &body).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true, "{}", reply.text);
    // The same nonce gets the same answer from the other one, another nonce nothing.
    let again = other.post(EVALUATION, &body).await.expect(StatusCode::OK);
    assert_eq!(again.json["decision"], true, "{}", again.text);
    assert_eq!(other.view(&granted.id).await.approval.unwrap().used, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_thirty_two_redeems_at_two_replicas_at_once_one_releases() {
    let Some((one, other)) = two().await else { return };
    let granted = one.granted().await;
    let bodies: Vec<Value> = (0..32).map(|number| granted.redeem(&nonce(number))).collect();
    let asked = bodies.iter().enumerate().map(|(number, body)| {
        let bench = if number % 2 == 0 { &one } else { &other };
        async move { bench.post(EVALUATION, body).await.expect(StatusCode::OK) }
    });
    let replies = join_all(asked).await;
    let released = replies.iter().filter(|reply| reply.json["decision"] == true).count();
    assert_eq!(released, 1);
    let refused = replies.iter().filter(|reply| reply.json["decision"] == false);
    assert!(refused.clone().all(|reply| reply.detail() == "already_redeemed"));
    assert_eq!(refused.count(), 31);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reviewers_who_decide_at_two_replicas_at_once_make_one_grant_and_one_log() {
    let Some((one, other)) = two().await else { return };
    for round in 0..8 {
        let change = |value: &mut Value| crate::support::number(value, round);
        let id = one.submit(change).await.expect(StatusCode::ACCEPTED).task_id();
        let (bob, carol) = tokio::join!(
            one.decide("bob", &id, Choice::Approve),
            other.decide("carol", &id, Choice::Approve)
        );
        assert!(bob.is_ok() && carol.is_ok(), "{bob:?} {carol:?}");
        assert_eq!(one.view(&id).await.status, Status::Approved);
    }
    let mut sql = one.sql().await;
    let grants: i64 = sqlx::query_scalar("SELECT count(*) FROM approval").fetch_one(&mut sql).await.unwrap();
    assert_eq!(grants, 8);
    // The service's own chain does not fork, and both sign the same head over the same leaves.
    let body = |note: String| note.split("\n\n").next().unwrap_or_default().to_owned();
    assert_eq!(
        body(one.service.checkpoint().await.unwrap()),
        body(other.service.checkpoint().await.unwrap())
    );
}

#[tokio::test]
async fn a_signed_call_is_taken_by_one_replica_only() {
    let Some((one, other)) = two().await else { return };
    let id = one.task().await;
    let path = format!("{REQUESTS}/{id}");
    // The same nonce, time and key make the same bytes.
    let twin = one.pep.twin();
    let (first, second) = (one.pep.get(&path, one.now()), twin.get(&path, one.now()));
    assert_eq!(first.headers(), second.headers());
    one.send(first).await.expect(StatusCode::OK);
    other.send(second).await.problem(401, UNAUTHENTICATED);
    let body = crate::support::submission(|value| crate::support::number(value, 7)).to_string();
    let twin = one.pep.twin();
    let first = one.pep.post(REQUESTS, body.as_bytes(), one.now());
    let second = twin.post(REQUESTS, body.as_bytes(), one.now());
    one.send(first).await.expect(StatusCode::ACCEPTED);
    other.send(second).await.problem(401, UNAUTHENTICATED);
}

#[tokio::test]
async fn a_long_poll_at_one_replica_ends_when_another_decides() {
    let Some((one, other)) = two().await else { return };
    let id = one.task().await;
    let mut request = one.pep.get(&format!("{REQUESTS}/{id}"), one.now());
    request.headers_mut().insert("prefer", "wait=20".parse().unwrap());
    let decided = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        other.decide("bob", &id, Choice::Deny).await.unwrap();
        Instant::now()
    };
    let (reply, at) = tokio::join!(async { (one.send(request).await, Instant::now()) }, decided);
    assert_eq!(reply.0.expect(StatusCode::OK).json["task"]["status"], "denied");
    assert!(reply.1.saturating_duration_since(at) < Duration::from_secs(1), "{:?}", reply.1 - at);
}

#[tokio::test]
async fn a_replica_that_lost_every_connection_goes_on_and_misses_nothing() {
    let Some((one, other)) = two().await else { return };
    let id = one.task().await;
    let mut changes = one.service.changes();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 't%' AND pid <> pg_backend_pid()";
    postgres::admin(&cut.replace(
        "LIKE 't%'",
        &format!("= '{}'", one.database.as_deref().unwrap().rsplit('/').next().unwrap()),
    ))
    .await;
    // Whoever comes first may hear that it was not done; whoever asks again is served.
    let mut tries = 0;
    loop {
        tries += 1;
        assert!(tries < 20, "it never got over it");
        let (service, bob) = (&other.service, other.person("bob"));
        let Ok(Some(task)) = service.task(&id).await else { continue };
        let (reason, display_digest) = ("because".to_owned(), task.display_digest);
        let vote = Vote { choice: Choice::Deny, reason, display_digest, code: None };
        if service.decide(&bob, Channel::Web, &id, vote).await.is_ok() {
            break;
        }
    }
    let heard = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            let change = changes.recv().await.unwrap();
            if change.is_everything() || change.id == id {
                return;
            }
        }
    });
    heard.await.expect("the decision was never heard of");
    while one.service.task(&id).await.is_err() {}
    assert_eq!(one.view(&id).await.status, Status::Denied);
    let next = one.submit(|value| crate::support::number(value, 9)).await;
    if next.status != StatusCode::ACCEPTED {
        one.submit(|value| crate::support::number(value, 9)).await.expect(StatusCode::ACCEPTED);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_killed_at_any_step_loses_nothing_and_does_nothing_twice() {
    let Some((one, mut other)) = two().await else { return };
    // After the submission, after the first vote, after the grant, after its use: the other one dies, and a fresh one comes.
    let id = other.task().await;
    other = other.killed_and_restarted().await;
    assert_eq!(one.task().await, id, "the same request joins the task that is there");
    other.decide("bob", &id, Choice::Approve).await.unwrap();
    other = other.killed_and_restarted().await;
    let task = one.decide("carol", &id, Choice::Approve).await.unwrap();
    assert_eq!((task.status, task.votes.len()), (Status::Approved, 2));
    let granted = other.granted_for(|value| crate::support::number(value, 3)).await;
    let body = granted.redeem_as(|value| crate::support::number(value, 3));
    // It dies while the redeem is under way, at another moment each time; the filter asks the one that is left.
    for micros in [0_u64, 300, 1_000, 3_000, 10_000] {
        let patience = Duration::from_micros(micros);
        drop(tokio::time::timeout(patience, other.post(EVALUATION, &body)).await);
        other = other.killed_and_restarted().await;
    }
    let reply = one.post(EVALUATION, &body).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true, "{}", reply.text);
    let mut another = body.clone();
    another["context"]["urn:countersign:v1"]["nonce"] = NONCE.chars().rev().collect::<String>().into();
    let reply = one.post(EVALUATION, &another).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], false, "{}", reply.text);
    assert_eq!(one.view(&granted.id).await.approval.unwrap().used, 1);
    let releases = one.log().await;
    let releases = releases.iter().filter(|record| record["event"] == "action.releasing").count();
    assert_eq!(releases, 1);
}

#[tokio::test]
async fn a_replica_with_another_key_or_another_issuer_does_not_start() {
    let Some(database) = postgres::database().await else { return };
    let one = Stopped::on(Some(database.clone())).start(Restored::Refuse, |yaml| yaml).await.unwrap();
    let stranger = Stopped::on(Some(database.clone()));
    let error = stranger.start(Restored::Refuse, |yaml| yaml).await.err().unwrap();
    assert!(error.contains("copy `signing.key` there from another replica"), "{error}");
    assert!(!stranger.folder().join("state/signing.key").exists(), "it made one");
    one.service.close().await;
    let state = stranger.folder().join("state");
    std::fs::copy(one.state.join("signing.key"), state.join("signing.key")).unwrap();
    let other =
        |yaml: String| yaml.replace("issuer: https://approvals.example.com", "issuer: https://b.example.com");
    let error = stranger.start(Restored::Refuse, other).await.err().unwrap();
    assert!(error.contains("every replica has the same `issuer`"), "{error}");
    // The start that failed lets go of the directory in a moment.
    let mut started = stranger.start(Restored::Refuse, |yaml| yaml).await;
    for _ in 0..100 {
        if started.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        started = stranger.start(Restored::Refuse, |yaml| yaml).await;
    }
    assert!(started.is_ok(), "{:?}", started.err());
}

#[tokio::test]
async fn replicas_that_start_at_once_make_one_schema_and_one_key() {
    let Some(database) = postgres::database().await else { return };
    let places = [Stopped::on(Some(database.clone())), Stopped::on(Some(database))];
    let started = join_all(places.iter().map(|place| place.start(Restored::Refuse, |yaml| yaml))).await;
    let served = started.iter().filter(|one| one.is_ok()).count();
    // Each had to make a key, and only one key may sign: the other is told to copy it.
    assert_eq!(served, 1);
    let why = started.into_iter().find_map(Result::err).unwrap();
    assert!(why.contains("copy `signing.key`"), "{why}");
}

#[tokio::test]
async fn a_task_whose_filter_polls_another_replica_does_not_lapse() {
    let Some((one, other)) = two().await else { return };
    let held = |value: &mut Value| {
        value["requested_access"]["urn:countersign:hold_seconds"] = 1800.into();
        value["requested_access"]["urn:countersign:on_disconnect"] = "cancel".into();
    };
    let id = one.submit(held).await.expect(StatusCode::ACCEPTED).task_id();
    // The lease is one second; the filter waits at the other replica for six.
    let mut request = other.pep.get(&format!("{REQUESTS}/{id}"), other.now());
    request.headers_mut().insert("prefer", "wait=6".parse().unwrap());
    let reply = other.send(request).await.expect(StatusCode::OK);
    assert_eq!(reply.json["task"]["status"], "pending");
    // It went silent; whichever replica notices withdraws it.
    let withdrawn = async {
        while one.view(&id).await.status == Status::Pending {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), withdrawn).await.expect("it was never withdrawn");
    assert_eq!(one.view(&id).await.status, Status::Cancelled);
}
