//! An approval can be taken back until it is used, and not a moment longer.

use axum::http::StatusCode;
use countersign_server::service::{Channel, Choice, Refusal, RevokedWhy};

use crate::support::{Bench, EVALUATION, NONCE};

#[tokio::test]
async fn a_grant_that_was_taken_back_releases_nothing_and_says_so() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let dave = bench.person("dave");
    let view = bench.service.revoke(&dave, Channel::Web, &granted.id, "wrong customer").await.unwrap();
    let revoked = view.revoked.unwrap();
    assert_eq!((revoked.why, revoked.by.unwrap().name.as_str()), (RevokedWhy::Reviewer, "dave"));
    assert_eq!(revoked.reason, "wrong customer");
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!((reply.json["decision"].as_bool(), reply.detail()), (Some(false), "revoked"));
    let log = bench.log().await;
    let record = log.iter().find(|record| record["event"] == "approval.revoked").unwrap();
    assert_eq!(
        (record["jti"].as_str(), record["approvers"][0]["sub"].as_str()),
        (granted.approval["id"].as_str(), Some("00u-dave"))
    );
    // The agent's identical request begins anew.
    assert_ne!(bench.task().await, granted.id);
}

#[tokio::test]
async fn requesters_and_strangers_cannot_take_it_back() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    for (name, refusal) in [
        ("alice", Refusal::SelfApproval),
        ("erin", Refusal::NotEligible { groups: vec!["data-owners".into(), "security".into()] }),
    ] {
        let tried = bench.service.revoke(&bench.person(name), Channel::Web, &granted.id, "mine").await;
        assert_eq!(tried.unwrap_err(), refusal, "{name}");
    }
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true);
}

#[tokio::test]
async fn what_is_used_over_or_never_was_cannot_be_taken_back() {
    let bench = Bench::new().await;
    let bob = bench.person("bob");
    let revoke = async |id: &str| bench.service.revoke(&bob, Channel::Web, id, "no").await.unwrap_err();
    let pending = bench.submit(|value| crate::support::number(value, 1)).await.task_id();
    assert_eq!(revoke(&pending).await, Refusal::NothingToRevoke);
    bench.decide("bob", &pending, Choice::Deny).await.unwrap();
    assert_eq!(revoke(&pending).await, Refusal::NothingToRevoke);
    let used = bench.granted().await;
    bench.post(EVALUATION, &used.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(revoke(&used.id).await, Refusal::NothingToRevoke);
    let over = bench.granted_for(|value| crate::support::number(value, 2)).await;
    bench.pass(300_000);
    assert_eq!(revoke(&over.id).await, Refusal::NothingToRevoke);
    assert!(matches!(revoke("arq_none").await, Refusal::Unknown { .. }));
    let empty = bench.service.revoke(&bob, Channel::Web, &used.id, " ").await;
    assert_eq!(empty.unwrap_err(), Refusal::ReasonRequired);
}

/// Whichever comes first holds, and both sides hear the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_during_a_redeem_wins_or_loses_whole() {
    let bench = Bench::new().await;
    let (mut released, mut revoked) = (0, 0);
    for n in 0..12 {
        let change = |value: &mut serde_json::Value| crate::support::number(value, n);
        let granted = bench.granted_for(change).await;
        let body = granted.redeem_as(change);
        let call = bench.pep.post(EVALUATION, body.to_string().as_bytes(), bench.now());
        let (service, bob, id) = (bench.service.clone(), bench.person("bob"), granted.id.clone());
        let back = tokio::spawn(async move { service.revoke(&bob, Channel::Web, &id, "stop").await });
        if n % 2 == 0 {
            tokio::task::yield_now().await;
        }
        let reply = bench.send(call).await.expect(StatusCode::OK);
        let back = back.await.unwrap();
        let view = bench.view(&granted.id).await;
        match (reply.json["decision"].as_bool(), back) {
            (Some(true), Err(Refusal::NothingToRevoke)) => {
                released += 1;
                assert!(view.revoked.is_none() && view.approval.unwrap().used == 1);
            }
            (Some(false), Ok(_)) => {
                revoked += 1;
                assert_eq!(reply.detail(), "revoked");
                assert!(view.revoked.is_some() && view.approval.unwrap().used == 0);
            }
            (decision, back) => panic!("released {decision:?} and taken back {back:?}"),
        }
    }
    assert_eq!(released + revoked, 12);
}

/// Cancel, deny, approve and expiry at the same time: one of them ends the task, and nothing changes it after that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_end_of_a_task_wins() {
    let bench = Bench::new().await;
    let mut ends = std::collections::BTreeMap::<&str, usize>::new();
    for n in 0..16 {
        let id = bench.submit(|value| crate::support::number(value, n)).await.task_id();
        bench.decide("bob", &id, Choice::Approve).await.unwrap();
        let digest = bench.view(&id).await.display_digest;
        let vote = |choice| countersign_server::service::Vote {
            choice,
            reason: "because".into(),
            display_digest: digest.clone(),
            code: None,
        };
        let decide = |name: &str, choice| {
            let (service, who, id, vote) =
                (bench.service.clone(), bench.person(name), id.clone(), vote(choice));
            tokio::spawn(async move { service.decide(&who, Channel::Web, &id, vote).await.is_ok() })
        };
        let path = format!("{}/{id}/cancel", crate::support::REQUESTS);
        let cancel = bench.pep.post(&path, br#"{"reason":"client_disconnected"}"#, bench.now());
        let (approve, deny) = if n % 2 == 0 {
            let approve = decide("carol", Choice::Approve);
            (approve, decide("dave", Choice::Deny))
        } else {
            let deny = decide("dave", Choice::Deny);
            (decide("carol", Choice::Approve), deny)
        };
        let cancelled = bench.send(cancel).await.expect(StatusCode::OK);
        let (approved, denied) = (approve.await.unwrap(), deny.await.unwrap());
        let view = bench.view(&id).await;
        let word = view.status.as_str();
        *ends.entry(word).or_default() += 1;
        assert_eq!((approved, denied), (word == "approved", word == "denied"), "{word}");
        assert!(["approved", "denied", "cancelled"].contains(&word), "{word}");
        assert_ne!(cancelled.task_status(), "pending");
        assert_eq!(view.approval.is_some(), word == "approved");
        let ended = ["decision.recorded", "approval.cancelled", "approval.expired"];
        let records = bench.log().await;
        let about = records.iter().filter(|record| {
            record["tid"] == id.as_str() && ended.contains(&record["event"].as_str().unwrap())
        });
        assert_eq!(about.count(), 1, "{word}");
    }
}

#[tokio::test]
async fn what_expired_is_not_approved_and_what_was_approved_does_not_expire() {
    let bench = Bench::new().await;
    let late = bench.task().await;
    bench.decide("bob", &late, Choice::Approve).await.unwrap();
    bench.pass(15 * 60_000);
    // The sweeper has not come yet.
    assert!(matches!(
        bench.decide("carol", &late, Choice::Approve).await.unwrap_err(),
        Refusal::NotPending { .. }
    ));
    bench.service.sweep().await.unwrap();
    assert_eq!(bench.view(&late).await.status.as_str(), "expired");
}
