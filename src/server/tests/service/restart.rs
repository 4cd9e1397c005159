//! What was answered survives the process that answered it.

use axum::http::StatusCode;
use countersign_server::service::{Channel, Choice, Status};

use crate::support::{Bench, EVALUATION, NONCE, REQUESTS, submission};

#[tokio::test]
async fn a_task_and_its_votes_survive() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    let before = bench.view(&id).await;
    let bench = bench.killed_and_restarted().await;
    let after = bench.view(&id).await;
    assert_eq!(
        (after.votes, after.version, after.expires_at_ms),
        (before.votes, before.version, before.expires_at_ms)
    );
    assert_eq!(bench.submit(|_| {}).await.expect(StatusCode::ACCEPTED).task_id(), id);
    assert_eq!(bench.decide("carol", &id, Choice::Approve).await.unwrap().status, Status::Approved);
}

#[tokio::test]
async fn a_used_grant_stays_used() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    let bench = bench.killed_and_restarted().await;
    let reply =
        bench.post(EVALUATION, &granted.redeem("BBECAwQFBgcICQoLDA0ODw")).await.expect(StatusCode::OK);
    assert_eq!(reply.detail(), "already_redeemed");
}

#[tokio::test]
async fn an_answer_lost_with_the_process_is_given_again_for_the_same_nonce() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    // The commit stands, the answer never arrives: the caller is gone before it can read it.
    let body = granted.redeem(NONCE).to_string();
    let call = bench.pep.post(EVALUATION, body.as_bytes(), bench.now());
    drop(bench.send(call).await);
    let bench = bench.killed_and_restarted().await;
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true);
    let receipt = reply.json["context"]["urn:countersign:v1"]["receipt"].as_str().unwrap();
    assert_eq!(&bench.jwks().receipt(receipt).unwrap().audit, granted.record.name());
    assert_eq!(bench.view(&granted.id).await.approval.unwrap().used, 1);
}

#[tokio::test]
async fn a_redeem_whose_caller_hangs_up_is_whole_or_not_at_all() {
    let bench = Bench::new().await;
    for round in 0..20 {
        let change = |value: &mut serde_json::Value| crate::support::number(value, round);
        let id = bench.submit(change).await.task_id();
        bench.decide("bob", &id, Choice::Approve).await.unwrap();
        bench.decide("carol", &id, Choice::Approve).await.unwrap();
        let approval =
            bench.get(&format!("{REQUESTS}/{id}")).await.json["task"]["result"]["approval"].clone();
        let mut chain = bench.chain().await;
        let changed = submission(change);
        let digest = &changed["context"]["urn:countersign:request_digest"];
        let jti = approval["id"].as_str().unwrap();
        let record = crate::support::releasing(&mut chain, bench.now(), &id, jti, digest.as_str().unwrap());
        let mut body = crate::support::redeem(&approval, &record, NONCE);
        body["context"]["urn:countersign:request_digest"] = digest.clone();
        let call = bench.pep.post(EVALUATION, body.to_string().as_bytes(), bench.now());
        // Each round gives up a little later.
        let patience = std::time::Duration::from_micros(150 * round as u64);
        drop(tokio::time::timeout(patience, bench.send(call)).await);
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        // Both from one snapshot: what is half done shows as a difference.
        let (used, recorded): (i64, i64) = sqlx::query_as(
            "SELECT (SELECT used FROM approval WHERE task = $1), (SELECT count(*) FROM audit_leaf WHERE hash = $2)",
        )
        .bind(&id)
        .bind(&record.name().hash)
        .fetch_one(&mut bench.sql().await)
        .await
        .unwrap();
        assert_eq!(used, recorded, "round {round}");
    }
}

#[tokio::test]
async fn a_repeated_submission_finds_its_task() {
    let bench = Bench::new().await;
    let key = "\"9a6f2c1e-5b7d-4c1a-8e21-0f0e0d0c0b0a\"";
    let body = submission(|_| {}).to_string();
    let id = bench.send(bench.pep.post_keyed(REQUESTS, body.as_bytes(), bench.now(), key)).await.task_id();
    let path = format!("{REQUESTS}/{id}/cancel");
    bench.post(&path, &serde_json::json!({"reason": "operator"})).await.expect(StatusCode::OK);
    let bench = bench.killed_and_restarted().await;
    let reply = bench.send(bench.pep.post_keyed(REQUESTS, body.as_bytes(), bench.now(), key)).await;
    assert_eq!((reply.task_status(), reply.task_id()), ("cancelled", id));
}

#[tokio::test]
async fn a_session_survives_and_ends_when_it_must() {
    let bench = Bench::new().await;
    let session = bench.service.open_session(&bench.person("bob"), Channel::Web).await.unwrap();
    let bench = bench.killed_and_restarted().await;
    assert_eq!(bench.service.session(&session.token).await.unwrap().unwrap().person.name, "bob");
    assert!(bench.service.session("made-up").await.unwrap().is_none());
    if !bench.is_a_file() {
        return;
    }
    let raw = std::fs::read(bench.state.join("countersign.db")).unwrap();
    assert!(
        !raw.windows(session.token.len()).any(|part| part == session.token.as_bytes()),
        "the token is on disk"
    );
    for _ in 0..16 {
        bench.pass(29 * 60 * 1000);
        assert!(bench.service.session(&session.token).await.unwrap().is_some(), "used within half an hour");
    }
    bench.pass(29 * 60 * 1000);
    assert!(bench.service.session(&session.token).await.unwrap().is_none(), "older than eight hours");

    let idle = bench.service.open_session(&bench.person("bob"), Channel::Web).await.unwrap();
    bench.pass(30 * 60 * 1000);
    assert!(bench.service.session(&idle.token).await.unwrap().is_none(), "idle for half an hour");
    let closed = bench.service.open_session(&bench.person("bob"), Channel::Web).await.unwrap();
    bench.service.close_session(&closed.token).await.unwrap();
    assert!(bench.service.session(&closed.token).await.unwrap().is_none(), "closed");
}

#[tokio::test]
async fn tasks_expire_while_nobody_serves() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    bench.pass(16 * 60 * 1000);
    let bench = bench.killed_and_restarted().await;
    assert_eq!(bench.view(&id).await.status, Status::Expired);
}
