//! A grant is used once, by whom it was given to, for what it was given for.

use axum::http::StatusCode;
use countersign_server::{
    config::{Directory, Groups},
    service::Choice,
};
use countersign_wire::{
    grant::Decision,
    people::{Requesters, quorum},
    record::{Chain, Event},
};
use serde_json::{Value, json};

use crate::support::{Bench, CLIENT, DIGEST, EVALUATION, NONCE, REQUESTS, redeem, releasing, submission};

#[tokio::test]
async fn a_request_is_submitted_decided_and_redeemed_once() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let grant = bench.jwks().grant(granted.approval["state"].as_str().unwrap()).unwrap();
    assert_eq!(grant.decision, Decision::Approved);
    assert_eq!((grant.aud.as_str(), grant.tid.as_str(), grant.max_uses), (CLIENT, granted.id.as_str(), 1));
    assert_eq!(grant.exp - grant.iat, 300);
    assert_eq!(granted.approval["id"], json!(grant.jti));
    let people = Requesters::of(&grant.subject, &grant.actor);
    assert_eq!(quorum(&grant.approvers, grant.quorum.required, &grant.quorum.groups, &people), Ok(()));

    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true);
    let receipt = reply.json["context"]["urn:countersign:v1"]["receipt"].as_str().unwrap();
    let receipt = bench.jwks().receipt(receipt).unwrap();
    assert_eq!(receipt.jti, grant.jti);
    assert_eq!(receipt.nonce, NONCE);
    assert_eq!(receipt.request_digest, grant.request_digest);
    assert_eq!(&receipt.audit, granted.record.name());
    assert!(receipt.exp - receipt.iat <= 30 && receipt.aud == CLIENT);
    assert!(bench.lines().await.contains(&granted.record.line()), "the releasing record is not stored");

    let again =
        bench.post(EVALUATION, &granted.redeem("BBECAwQFBgcICQoLDA0ODw")).await.expect(StatusCode::OK);
    assert_eq!((again.json["decision"].as_bool(), again.detail()), (Some(false), "already_redeemed"));
    assert_eq!(bench.view(&granted.id).await.approval.unwrap().used, 1);
}

#[tokio::test]
async fn the_claims_are_those_of_the_published_grant() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let ours = bench.jwks().grant(granted.approval["state"].as_str().unwrap()).unwrap();
    let mut ours = serde_json::to_value(ours).unwrap();
    let mut vector: Value = serde_json::from_str(include_str!("../vectors/approval_claims.json")).unwrap();
    // Names, times and channels differ from one run to the next; nothing else may.
    for claims in [&mut ours, &mut vector] {
        for name in ["iat", "nbf", "exp", "jti", "tid", "approvers"] {
            assert!(!claims[name].is_null(), "`{name}` is missing");
            claims[name] = Value::Null;
        }
    }
    assert_eq!(ours, vector);
}

#[tokio::test]
async fn thirty_two_parallel_redeems_release_exactly_once() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let jti = granted.approval["id"].as_str().unwrap().to_owned();
    let mut calls = Vec::new();
    for n in 0..32 {
        // Each worker has its own chain, its own record and its own nonce.
        let mut chain = bench.chain().await;
        let record = releasing(&mut chain, bench.now(), &granted.id, &jti, DIGEST);
        let body = redeem(&granted.approval, &record, &format!("AAECAwQFBgcICQoLDA0O{n:02}"));
        calls.push(bench.pep.post(EVALUATION, body.to_string().as_bytes(), bench.now()));
    }
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(32));
    let tasks: Vec<_> = calls
        .into_iter()
        .map(|call| {
            let (app, barrier) = (bench.app.clone(), barrier.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                let answer = tower::ServiceExt::oneshot(app, call).await.unwrap();
                let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
                serde_json::from_slice::<Value>(&body).unwrap()["decision"].as_bool().unwrap()
            })
        })
        .collect();
    let mut released = 0;
    for task in tasks {
        released += usize::from(task.await.unwrap());
    }
    assert_eq!(released, 1);
    assert_eq!(bench.view(&granted.id).await.approval.unwrap().used, 1);
}

#[tokio::test]
async fn a_retry_with_the_same_nonce_gets_the_receipt_until_the_grant_ends() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let body = granted.redeem(NONCE);
    for _ in 0..2 {
        let reply = bench.post(EVALUATION, &body).await.expect(StatusCode::OK);
        let receipt = reply.json["context"]["urn:countersign:v1"]["receipt"].as_str().unwrap().to_owned();
        assert_eq!(bench.jwks().receipt(&receipt).unwrap().nonce, NONCE);
    }
    assert_eq!(bench.view(&granted.id).await.approval.unwrap().used, 1);
    bench.pass(300_000);
    let late = bench.post(EVALUATION, &body).await.expect(StatusCode::OK);
    assert_eq!((late.json["decision"].as_bool(), late.detail()), (Some(false), "expired"));
}

#[tokio::test]
async fn a_stolen_nonce_with_another_record_gets_no_receipt() {
    let bench = Bench::new().await;
    let mut granted = bench.granted().await;
    bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    let jti = granted.approval["id"].as_str().unwrap().to_owned();
    granted.record = releasing(&mut granted.chain, bench.now(), &granted.id, &jti, DIGEST);
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!((reply.json["decision"].as_bool(), reply.detail()), (Some(false), "already_redeemed"));
}

#[tokio::test]
async fn an_expired_grant_releases_nothing() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    bench.pass(300_000);
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!((reply.json["decision"].as_bool(), reply.detail()), (Some(false), "expired"));
    assert_eq!(reply.json["context"]["next_action"], "request");
    assert!(bench.lines().await.contains(&granted.record.line()), "the attempt is not on record");
}

#[tokio::test]
async fn a_filter_may_ask_for_a_shorter_grant() {
    let bench = Bench::new().await;
    let asked = |value: &mut Value| value["requested_access"]["urn:countersign:grant_seconds"] = json!(30);
    let id = bench.submit(asked).await.expect(StatusCode::ACCEPTED).task_id();
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    bench.decide("carol", &id, Choice::Approve).await.unwrap();
    let reply = bench.get(&format!("{REQUESTS}/{id}")).await.expect(StatusCode::OK);
    let grant =
        bench.jwks().grant(reply.json["task"]["result"]["approval"]["state"].as_str().unwrap()).unwrap();
    assert_eq!(grant.exp - grant.iat, 30);
}

#[tokio::test]
async fn another_request_than_the_granted_one_is_not_released() {
    type Change = fn(&mut Value, &str);
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let other = countersign_wire::digest::tagged("", b"another");
    let changes: [(&str, Change); 6] = [
        ("digest", |body, other| body["context"]["urn:countersign:request_digest"] = other.into()),
        ("subject", |body, _| body["subject"]["id"] = "somebody-else".into()),
        ("subject type", |body, _| body["subject"]["type"] = "user".into()),
        ("resource", |body, _| body["resource"]["id"] = "something-else".into()),
        ("action", |body, _| body["action"]["name"] = "data_delete".into()),
        ("state", |body, _| body["context"]["approval"]["state"] = "a.b.c".into()),
    ];
    for (what, change) in changes {
        let mut body = granted.redeem(NONCE);
        change(&mut body, &other);
        let reply = bench.post(EVALUATION, &body).await.expect(StatusCode::OK);
        assert_eq!(
            (reply.json["decision"].as_bool(), reply.detail()),
            (Some(false), "digest_mismatch"),
            "{what}"
        );
    }
    assert_eq!(bench.view(&granted.id).await.approval.unwrap().used, 0);
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true, "the failed attempts used the grant up");
}

#[tokio::test]
async fn a_record_that_says_something_else_releases_nothing() {
    let bench = Bench::new().await;
    let mut granted = bench.granted().await;
    let jti = granted.approval["id"].as_str().unwrap().to_owned();
    let wrong = [
        releasing(&mut granted.chain, bench.now(), "arq_other", &jti, DIGEST),
        releasing(&mut granted.chain, bench.now(), &granted.id, "apr_other", DIGEST),
        granted.chain.append(
            Event::ActionBlocked,
            bench.now(),
            granted.record.value().as_object().unwrap().clone(),
        ),
    ];
    bench.records(&[&granted.record]).await.expect(StatusCode::OK);
    for record in wrong {
        let body = redeem(&granted.approval, &record, NONCE);
        let reply = bench.post(EVALUATION, &body).await.expect(StatusCode::OK);
        assert_eq!((reply.json["decision"].as_bool(), reply.detail()), (Some(false), "digest_mismatch"));
    }
    assert_eq!(bench.view(&granted.id).await.approval.unwrap().used, 0);
}

#[tokio::test]
async fn without_a_stored_record_nothing_is_released() {
    let bench = Bench::new().await;
    let mut granted = bench.granted().await;
    let jti = granted.approval["id"].as_str().unwrap().to_owned();
    let mut tampered = granted.redeem(NONCE);
    tampered["context"]["urn:countersign:v1"]["record"]["tid"] = "arq_other".into();
    let mut unopened = Chain::new("019aa3e4-9c7b-7c1d-8f00-ffffffffffff".into());
    unopened.append(Event::ChainOpen, bench.now(), serde_json::Map::new());
    let stray = releasing(&mut unopened, bench.now(), &granted.id, &jti, DIGEST);
    let mut fork = granted.chain.clone();
    bench.records(&[&granted.record]).await.expect(StatusCode::OK);
    let next = granted.chain.append(Event::ChainHeartbeat, bench.now(), serde_json::Map::new());
    bench.records(&[&next]).await.expect(StatusCode::OK);
    let forked = releasing(&mut fork, bench.now(), &granted.id, &jti, DIGEST);
    for (what, body) in [
        ("tampered", tampered),
        ("chain not opened", redeem(&granted.approval, &stray, NONCE)),
        ("place taken", redeem(&granted.approval, &forked, NONCE)),
    ] {
        let reply = bench.post(EVALUATION, &body).await.expect(StatusCode::OK);
        assert_eq!(
            (reply.json["decision"].as_bool(), reply.detail()),
            (Some(false), "audit_unwritable"),
            "{what}"
        );
    }
    assert_eq!(bench.view(&granted.id).await.approval.unwrap().used, 0);
}

#[tokio::test]
async fn a_grant_whose_approver_left_the_group_is_void() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let mut groups = match &bench.service.directory().groups() {
        Groups::Listed(groups) => groups.clone(),
        Groups::Everybody => unreachable!(),
    };
    groups.get_mut("security").unwrap().remove("carol");
    let people = bench.service.directory().people().to_vec();
    bench.service.replace_directory(Directory::new(people.clone(), Groups::Listed(groups.clone())));
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!((reply.json["decision"].as_bool(), reply.detail()), (Some(false), "revoked"));
    // She comes back; the grant does not.
    groups.get_mut("security").unwrap().insert("carol".into());
    bench.service.replace_directory(Directory::new(people, Groups::Listed(groups)));
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!((reply.json["decision"].as_bool(), reply.detail()), (Some(false), "revoked"));
}

#[tokio::test]
async fn another_filter_cannot_redeem_a_grant() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let other = crate::support::Pep::new("other", 8);
    let mut chain = Chain::new("019aa3e4-9c7b-7c1d-8f00-eeeeeeeeeeee".into());
    let open = chain.append(Event::ChainOpen, bench.now(), serde_json::Map::new());
    let lines = open.line();
    bench.send(other.post("/audit/v1/records", lines.as_bytes(), bench.now())).await.expect(StatusCode::OK);
    let record =
        releasing(&mut chain, bench.now(), &granted.id, granted.approval["id"].as_str().unwrap(), DIGEST);
    let body = redeem(&granted.approval, &record, NONCE).to_string();
    let reply = bench.send(other.post(EVALUATION, body.as_bytes(), bench.now())).await.expect(StatusCode::OK);
    assert_eq!((reply.json["decision"].as_bool(), reply.detail()), (Some(false), "not_approved"));
    assert_eq!(bench.view(&granted.id).await.approval.unwrap().used, 0);
}

#[tokio::test]
async fn a_task_that_nobody_approved_releases_nothing() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let mut chain = bench.chain().await;
    let approval = json!({"id": "apr_made_up", "state": "a.b.c"});
    let record = releasing(&mut chain, bench.now(), &id, "apr_made_up", DIGEST);
    let reply = bench.post(EVALUATION, &redeem(&approval, &record, NONCE)).await.expect(StatusCode::OK);
    assert_eq!((reply.json["decision"].as_bool(), reply.detail()), (Some(false), "not_approved"));
}

#[tokio::test]
async fn a_redeem_with_anything_else_in_its_context_is_refused() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    for (name, value) in [("time", json!("now")), ("urn:countersign:v2", json!({}))] {
        let mut body = granted.redeem(NONCE);
        body["context"][name] = value;
        bench.post(EVALUATION, &body).await.problem(400, "urn:countersign:problem:malformed");
    }
    let mut body = granted.redeem("short");
    bench.post(EVALUATION, &body).await.problem(400, "urn:countersign:problem:malformed");
    body["context"]["urn:countersign:v1"]["nonce"] = Value::Null;
    bench.post(EVALUATION, &body).await.problem(400, "urn:countersign:problem:malformed");
    assert_eq!(submission(|_| {})["client"]["id"], CLIENT);
}

#[tokio::test]
async fn while_the_store_cannot_be_written_nothing_is_released_and_then_it_is() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let mut holder = bench.sql().await;
    let hold = if bench.is_a_file() {
        "BEGIN IMMEDIATE"
    } else {
        "BEGIN; SELECT pg_advisory_xact_lock(7161742027391000481)"
    };
    sqlx::raw_sql(hold).execute(&mut holder).await.unwrap();
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!((reply.json["decision"].as_bool(), reply.detail()), (Some(false), "audit_unwritable"));
    bench
        .submit(|value| crate::support::number(value, 1))
        .await
        .problem(503, "urn:countersign:problem:approval-unavailable");
    sqlx::query("ROLLBACK").execute(&mut holder).await.unwrap();
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true, "{}", reply.text);
    assert_eq!(bench.view(&granted.id).await.approval.unwrap().used, 1);
}
