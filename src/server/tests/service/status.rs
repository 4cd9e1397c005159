//! Asking how a task stands, at once or when it changes.

use std::time::{Duration, Instant};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use countersign_server::service::Choice;
use serde_json::json;

use crate::support::{AUTHORITY, Bench, Pep, REQUESTS, number};

const UNKNOWN: &str = "urn:openid:authzen:access-request:error:unknown_task";

fn waiting(mut request: Request<Body>, seconds: u32) -> Request<Body> {
    request.headers_mut().insert("prefer", format!("wait={seconds}").parse().unwrap());
    request
}

/// Runs a poll while something else happens a little later.
async fn while_polling(
    bench: &Bench,
    request: Request<Body>,
    then: impl Future<Output = ()>,
) -> (crate::support::Reply, Duration) {
    let begun = Instant::now();
    let change = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        then.await;
    };
    let (reply, ()) = tokio::join!(Box::pin(bench.send(request)), Box::pin(change));
    (reply, begun.elapsed())
}

#[tokio::test]
async fn a_long_poll_is_woken_by_the_decision() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let poll = waiting(bench.pep.get(&format!("{REQUESTS}/{id}"), bench.now()), 20);
    let decide = async { drop(bench.decide("bob", &id, Choice::Deny).await.unwrap()) };
    let (reply, took) = while_polling(&bench, poll, decide).await;
    assert_eq!(reply.task_status(), "denied");
    assert_eq!(reply.headers["preference-applied"], "wait=20");
    assert!((100..5_000).contains(&took.as_millis()), "{took:?}");
}

#[tokio::test]
async fn a_submission_can_wait_too_and_a_question_wakes_it() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let body = crate::support::submission(|_| {}).to_string();
    let submit = waiting(bench.pep.post(REQUESTS, body.as_bytes(), bench.now()), 20);
    let ask = async { drop(bench.decide("bob", &id, Choice::Ask).await.unwrap()) };
    let (reply, took) = while_polling(&bench, submit, ask).await;
    assert_eq!((reply.status, reply.task_status()), (StatusCode::ACCEPTED, "pending"));
    assert_eq!(reply.json["task"]["progress"]["step_name"], "needs_context");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_poll_without_news_ends_when_its_time_is_over() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let begun = Instant::now();
    let reply = bench.send(waiting(bench.pep.get(&format!("{REQUESTS}/{id}"), bench.now()), 1)).await;
    assert_eq!(reply.expect(StatusCode::OK).task_status(), "pending");
    assert!(begun.elapsed() >= Duration::from_millis(990));
}

#[tokio::test]
async fn an_unchanged_task_is_304_and_a_changed_one_is_not() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let path = format!("{REQUESTS}/{id}");
    let tag = bench.get(&path).await.expect(StatusCode::OK).headers["etag"].clone();
    let tagged = |seconds| {
        let mut request = waiting(bench.pep.get(&path, bench.now()), seconds);
        request.headers_mut().insert("if-none-match", tag.clone());
        request
    };
    let reply = bench.send(tagged(0)).await.expect(StatusCode::NOT_MODIFIED);
    assert_eq!((reply.text.as_str(), &reply.headers["etag"]), ("", &tag));
    // One vote of two changes the task though it stays pending.
    let vote = async { drop(bench.decide("bob", &id, Choice::Approve).await.unwrap()) };
    let (reply, took) = while_polling(&bench, tagged(20), vote).await;
    assert_eq!((reply.status, reply.task_status()), (StatusCode::OK, "pending"));
    assert_ne!(reply.headers["etag"], tag);
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_task_expires_by_itself_while_it_is_waited_for() {
    let bench = Bench::new().await;
    let soon = |value: &mut serde_json::Value| {
        value["requested_access"]["requested_until"] = crate::support::at(bench.now() + 60_000);
    };
    let id = bench.submit(soon).await.expect(StatusCode::ACCEPTED).task_id();
    let poll = waiting(bench.pep.get(&format!("{REQUESTS}/{id}"), bench.now()), 20);
    let (reply, took) = while_polling(&bench, poll, async { bench.pass(60_000) }).await;
    assert_eq!(reply.task_status(), "expired");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(bench.log().await.last().unwrap()["event"], "approval.expired");
}

#[tokio::test]
async fn another_filters_task_does_not_exist() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let other = Pep::new("other", 8);
    let path = format!("{REQUESTS}/{id}");
    bench.send(other.get(&path, bench.now())).await.problem(404, UNKNOWN);
    let cancel = json!({"reason": "operator"}).to_string();
    bench
        .send(other.post(&format!("{path}/cancel"), cancel.as_bytes(), bench.now()))
        .await
        .problem(404, UNKNOWN);
    bench.get(&format!("{REQUESTS}/arq_nothing")).await.problem(404, UNKNOWN);
    assert_eq!(bench.get(&path).await.task_status(), "pending");
}

#[tokio::test]
async fn a_shutdown_answers_open_polls() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let poll = waiting(bench.pep.get(&format!("{REQUESTS}/{id}"), bench.now()), 20);
    let (reply, took) = while_polling(&bench, poll, bench.service.close()).await;
    assert_eq!(reply.expect(StatusCode::OK).task_status(), "pending");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_filter_that_holds_many_calls_is_told_which_to_look_at() {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(bench.submit(|value| number(value, n)).await.expect(StatusCode::ACCEPTED).task_id());
    }
    let watch = |ids: &[String], seconds| {
        let body = json!({ "ids": ids }).to_string();
        waiting(bench.pep.post("/access/v1/requests/watch", body.as_bytes(), bench.now()), seconds)
    };
    let none = bench.send(watch(&ids, 0)).await.expect(StatusCode::OK);
    assert_eq!(none.json, json!({"ready": []}));
    let decide = async { drop(bench.decide("bob", &ids[7], Choice::Deny).await.unwrap()) };
    let (reply, took) = while_polling(&bench, watch(&ids, 20), decide).await;
    assert_eq!(reply.json, json!({"ready": [ids[7]]}));
    assert!(took < Duration::from_secs(5), "{took:?}");
    // What the filter waits for in vain is ready too: asking for it will say so.
    let gone = ["arq_gone".to_owned()];
    assert_eq!(bench.send(watch(&gone, 20)).await.json, json!({"ready": ["arq_gone"]}));
    let many: Vec<String> = (0..1_001).map(|n| format!("arq_{n}")).collect();
    bench.send(watch(&many, 0)).await.problem(400, "urn:countersign:problem:malformed");
    let reply = bench.send(watch(many.get(1..).unwrap(), 0)).await.expect(StatusCode::OK);
    assert_eq!(reply.json["ready"].as_array().unwrap().len(), 500);
}

#[tokio::test]
async fn a_thousand_polls_are_all_woken() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let polls: Vec<_> = (0..1_000)
        .map(|_| {
            let (app, request) =
                (bench.app.clone(), waiting(bench.pep.get(&format!("{REQUESTS}/{id}"), bench.now()), 20));
            tokio::spawn(async move { tower::ServiceExt::oneshot(app, request).await.unwrap().status() })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    bench.decide("bob", &id, Choice::Deny).await.unwrap();
    let begun = Instant::now();
    for poll in polls {
        assert_eq!(poll.await.unwrap(), StatusCode::OK);
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_cancelled_task_is_withdrawn_once() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let path = format!("{REQUESTS}/{id}/cancel");
    for _ in 0..2 {
        let reply = bench.post(&path, &json!({"reason": "policy_changed"})).await.expect(StatusCode::OK);
        assert_eq!(reply.task_status(), "cancelled");
    }
    let records = bench.log().await;
    assert_eq!(records.iter().filter(|record| record["event"] == "approval.cancelled").count(), 1);
    bench.post(&path, &json!({"reason": "bored"})).await.problem(400, "urn:countersign:problem:malformed");
}

#[tokio::test]
async fn an_outcome_is_kept_with_its_record() {
    let bench = Bench::new().await;
    let mut granted = bench.granted().await;
    bench
        .post(crate::support::EVALUATION, &granted.redeem(crate::support::NONCE))
        .await
        .expect(StatusCode::OK);
    let members = json!({"tid": granted.id});
    let record = granted.chain.append(
        countersign_wire::record::Event::ActionCompleted,
        bench.now(),
        members.as_object().unwrap().clone(),
    );
    let path = format!("{REQUESTS}/{}/outcome", granted.id);
    let mut body = json!({
        "state": "completed", "status": 201, "request_bytes": 63, "response_bytes": 2, "duration_ms": 41,
        "record": record.value(),
    });
    bench.post(&path, &body).await.expect(StatusCode::OK);
    let outcome = bench.view(&granted.id).await.outcome.unwrap();
    assert_eq!((outcome.state.as_str(), outcome.status, outcome.request_bytes), ("completed", Some(201), 63));
    assert!(bench.lines().await.contains(&record.line()));
    // A later report of something else does not change what happened.
    body["state"] = "unknown".into();
    bench.post(&path, &body).await.expect(StatusCode::OK);
    assert_eq!(bench.view(&granted.id).await.outcome.unwrap().state, "completed");
    body["record"]["tid"] = "arq_other".into();
    bench.post(&path, &body).await.problem(400, "urn:countersign:problem:malformed");
}

#[tokio::test]
async fn what_is_public_needs_no_signature() {
    let bench = Bench::new().await;
    let get = |path: &str| Request::get(format!("http://{AUTHORITY}{path}")).body(Body::empty()).unwrap();
    let metadata = bench.send(get("/.well-known/authzen-configuration")).await.expect(StatusCode::OK).json;
    assert_eq!(metadata["access_request_endpoint"], "https://approvals.example.com/access/v1/requests");
    assert_eq!(metadata["capabilities"], json!(["urn:openid:authzen:capability:access-request"]));
    let jwks = bench.send(get("/access/v1/jwks")).await.expect(StatusCode::OK).json;
    assert_eq!(jwks["keys"][0]["alg"], "Ed25519");
    assert!(jwks["keys"][0].get("d").is_none());
    bench.send(get("/access/v1/nothing")).await.problem(404, "about:blank");
    let delete = Request::delete(format!("http://{AUTHORITY}{REQUESTS}")).body(Body::empty()).unwrap();
    bench.send(delete).await.problem(405, "about:blank");
}
