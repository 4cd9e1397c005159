//! Records: what is acknowledged is stored, and the log over all chains is one that only grows.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_server::service::Choice;
use countersign_wire::record::{Chain, Event, verify_chain};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{AUTHORITY, Bench, Pep, RECORDS};

const CONFLICT: &str = "urn:countersign:problem:record-conflict";

fn beat(bench: &Bench, chain: &mut Chain, n: u64) -> countersign_wire::record::Record {
    let mut members = Map::new();
    members.insert("n".into(), n.into());
    chain.append(Event::ChainHeartbeat, bench.now(), members)
}

#[tokio::test]
async fn stored_records_are_echoed_by_name_and_may_come_twice() {
    let bench = Bench::new().await;
    let mut chain = bench.chain().await;
    let records = [beat(&bench, &mut chain, 1), beat(&bench, &mut chain, 2)];
    let both = [&records[0], &records[1]];
    let expected = json!({"accepted": [records[0].name(), records[1].name()]});
    for _ in 0..2 {
        assert_eq!(bench.records(&both).await.expect(StatusCode::OK).json, expected);
    }
    let lines = bench.lines().await;
    assert_eq!(lines.iter().filter(|line| **line == records[1].line()).count(), 1);
}

#[tokio::test]
async fn a_record_cannot_take_another_ones_place() {
    let bench = Bench::new().await;
    let mut chain = bench.chain().await;
    let mut fork = chain.clone();
    let first = beat(&bench, &mut chain, 1);
    bench.records(&[&first]).await.expect(StatusCode::OK);
    let other = beat(&bench, &mut fork, 2);
    bench.records(&[&other]).await.problem(409, CONFLICT);
    // What follows the other one does not follow the stored one.
    let after = beat(&bench, &mut fork, 3);
    bench.records(&[&after]).await.problem(409, CONFLICT);
    assert!(!bench.lines().await.concat().contains(&other.name().hash));
}

#[tokio::test]
async fn records_are_acknowledged_up_to_the_first_that_conflicts() {
    let bench = Bench::new().await;
    let mut chain = bench.chain().await;
    let good = beat(&bench, &mut chain, 1);
    let mut fork = chain.clone();
    bench.records(&[&beat(&bench, &mut chain, 2)]).await.expect(StatusCode::OK);
    let bad = beat(&bench, &mut fork, 9);
    let reply = bench.records(&[&good, &bad]).await.expect(StatusCode::OK);
    assert_eq!(reply.json, json!({"accepted": [good.name()]}));
}

#[tokio::test]
async fn a_chain_must_be_opened_first_and_belongs_to_who_opened_it() {
    let bench = Bench::new().await;
    let mut chain = Chain::new("019aa3e4-9c7b-7c1d-8f00-aaaaaaaaaaaa".into());
    let open = chain.append(Event::ChainOpen, bench.now(), Map::new());
    let next = beat(&bench, &mut chain, 1);
    bench.records(&[&next]).await.problem(409, CONFLICT);
    bench.records(&[&open]).await.expect(StatusCode::OK);
    let other = Pep::new("other", 8);
    let stolen = other.post(RECORDS, next.line().as_bytes(), bench.now());
    bench.send(stolen).await.problem(409, CONFLICT);
    bench.records(&[&next]).await.expect(StatusCode::OK);
    // Neither a chain that begins otherwise nor a second beginning.
    let mut odd = Chain::new("019aa3e4-9c7b-7c1d-8f00-bbbbbbbbbbbb".into());
    bench.records(&[&beat(&bench, &mut odd, 1)]).await.problem(409, CONFLICT);
    let reopened = chain.append(Event::ChainOpen, bench.now(), Map::new());
    bench.records(&[&reopened]).await.problem(409, CONFLICT);
}

#[tokio::test]
async fn a_filter_cannot_write_to_the_services_own_chain() {
    let bench = Bench::new().await;
    bench.task().await;
    let own = bench.log().await.into_iter().rfind(|record| record["event"] == "admin.started").unwrap();
    let name = countersign_wire::submission::RecordRef {
        chain: own["chain"].as_str().unwrap().into(),
        seq: own["seq"].as_u64().unwrap(),
        hash: own["hash"].as_str().unwrap().into(),
    };
    let forged = Chain::after(&name).append(Event::DecisionRecorded, bench.now(), Map::new());
    bench.records(&[&forged]).await.problem(409, CONFLICT);
}

#[tokio::test]
async fn what_is_no_record_is_refused_whole() {
    let bench = Bench::new().await;
    let mut chain = bench.chain().await;
    let good = beat(&bench, &mut chain, 1);
    let tampered = good.line().replace("\"n\":1", "\"n\":2");
    for body in [
        tampered.clone(),
        format!("{}\n{tampered}", good.line()),
        "{}".into(),
        "x".into(),
        "\n".into(),
        String::new(),
    ] {
        let reply = bench.send(bench.pep.post(RECORDS, body.as_bytes(), bench.now())).await;
        reply.problem(400, "urn:countersign:problem:malformed");
    }
    assert!(!bench.lines().await.contains(&good.line()));
    let large = "x".repeat(1024 * 1024 + 1);
    let reply = bench.send(bench.pep.post(RECORDS, large.as_bytes(), bench.now())).await;
    reply.problem(413, "urn:countersign:problem:too-large");
}

/// RFC 9162, section 2.1.1, as written there.
fn root(leaves: &[Vec<u8>]) -> Vec<u8> {
    match leaves {
        [] => Sha256::digest([]).to_vec(),
        [leaf] => Sha256::new().chain_update([0]).chain_update(leaf).finalize().to_vec(),
        more => {
            let (left, right) = more.split_at(more.len().next_power_of_two() / 2);
            Sha256::new()
                .chain_update([1])
                .chain_update(root(left))
                .chain_update(root(right))
                .finalize()
                .to_vec()
        }
    }
}

#[tokio::test]
async fn the_signed_head_covers_every_record() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    bench
        .post(crate::support::EVALUATION, &granted.redeem(crate::support::NONCE))
        .await
        .expect(StatusCode::OK);
    let request =
        Request::get(format!("http://{AUTHORITY}/audit/v1/checkpoint")).body(Body::empty()).unwrap();
    let note = bench.send(request).await.expect(StatusCode::OK).text;
    let leaves: Vec<Vec<u8>> = bench.lines().await.into_iter().map(String::into_bytes).collect();
    let (text, signature) = note.split_once("\n\n").unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        ["approvals.example.com/audit", &leaves.len().to_string(), &STANDARD.encode(root(&leaves))]
    );

    let signature = signature.trim_end().strip_prefix("\u{2014} approvals.example.com/audit ").unwrap();
    let signature = STANDARD.decode(signature).unwrap();
    let x = &bench.service.jwks().keys[0].x;
    let key: [u8; 32] =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(x).unwrap().try_into().unwrap();
    let named = Sha256::new().chain_update("approvals.example.com/audit\n\u{1}").chain_update(key).finalize();
    assert_eq!(signature[..4], named[..4]);
    let key = ed25519_dalek::VerifyingKey::from_bytes(&key).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&signature[4..]).unwrap();
    key.verify_strict(format!("{text}\n").as_bytes(), &signature).unwrap();
}

#[tokio::test]
async fn every_chain_in_the_log_verifies_and_tells_the_story() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    bench
        .post(crate::support::EVALUATION, &granted.redeem(crate::support::NONCE))
        .await
        .expect(StatusCode::OK);
    let session = bench
        .service
        .open_session(&bench.person("bob"), countersign_server::service::Channel::Web)
        .await
        .unwrap();
    assert!(bench.service.session(&session.token).await.unwrap().is_some());
    let denied = bench.submit(|value| crate::support::number(value, 1)).await.task_id();
    bench.decide("alice", &denied, Choice::Approve).await.unwrap_err();
    bench.decide("bob", &denied, Choice::Ask).await.unwrap();
    bench.decide("bob", &denied, Choice::Deny).await.unwrap();

    let records = bench.log().await;
    let own = records[0]["chain"].as_str().unwrap();
    let lines = bench.lines().await;
    let of = |chain: &str| {
        lines.iter().filter(|line| line.contains(chain)).map(String::as_bytes).collect::<Vec<_>>()
    };
    assert_eq!(verify_chain(of(own)).unwrap().unwrap().chain, own);
    assert!(verify_chain(of(granted.chain.id())).unwrap().is_some());
    let events: Vec<&str> = records
        .iter()
        .filter(|record| record["chain"] == own)
        .map(|record| record["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events,
        [
            "chain.open",
            "admin.started",
            "admin.vote",
            "decision.recorded",
            "secret.sealed",
            "approver.login",
            "verify.failed",
            "approval.context_asked",
            "decision.recorded",
        ]
    );
    let decision = records.iter().find(|record| record["event"] == "decision.recorded").unwrap();
    assert_eq!(decision["decision"], "approved");
    assert_eq!(decision["tid"], granted.id.as_str());
    assert_eq!(decision["jti"], granted.approval["id"]);
    assert_eq!(decision["policy"]["commit"], "9f2c1e7ab0d34c55e1f0a6b7c8d9e0f112233445");
    assert_eq!(decision["approvers"].as_array().map(Vec::len), Some(2));
    assert!(records.iter().all(|record| !floats(record)), "a record has a number that is no integer");
    let record = bench.view(&granted.id).await.record.unwrap();
    assert_eq!((record.hash.as_str(), record.chain.as_str()), (decision["hash"].as_str().unwrap(), own));
}

fn floats(value: &Value) -> bool {
    match value {
        Value::Number(number) => !(number.is_i64() || number.is_u64()),
        Value::Array(items) => items.iter().any(floats),
        Value::Object(members) => members.values().any(floats),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}
