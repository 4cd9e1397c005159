//! What was released and may have been executed is never let out again before somebody knows.

use axum::http::StatusCode;
use countersign_server::service::{Channel, Choice, Executed, Fate, Refusal, Why};
use countersign_wire::record::Event;
use serde_json::{Value, json};

use crate::support::{Bench, EVALUATION, Granted, NONCE, REQUESTS, redigest, v1};

const MINUTE: i64 = 60_000;

/// A grant that was redeemed, and nothing was heard of it since.
async fn released(bench: &Bench) -> Granted {
    let granted = bench.granted().await;
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true);
    granted
}

async fn unknown(bench: &Bench) -> Granted {
    let granted = released(bench).await;
    bench.pass(5 * MINUTE);
    bench.service.sweep().await.unwrap();
    granted
}

impl Granted {
    fn report(&mut self, now: i64, state: &str) -> Value {
        let members = json!({"tid": self.id, "outcome": state});
        let record = self.chain.append(Event::ActionCompleted, now, members.as_object().unwrap().clone());
        json!({"state": state, "request_bytes": 63, "duration_ms": 412, "record": record.value()})
    }
}

async fn report(bench: &Bench, granted: &mut Granted, state: &str) {
    let body = granted.report(bench.now(), state);
    bench.post(&format!("{REQUESTS}/{}/outcome", granted.id), &body).await.expect(StatusCode::OK);
}

fn blocked_by(id: &str) -> Refusal {
    Refusal::OutcomeUnknown { earlier: id.to_owned() }
}

async fn events(bench: &Bench, event: &str) -> Vec<Value> {
    bench.log().await.into_iter().filter(|record| record["event"] == event).collect()
}

#[tokio::test]
async fn a_release_that_nothing_is_heard_of_is_unknown_and_on_record() {
    let bench = Bench::new().await;
    let granted = released(&bench).await;
    bench.pass(5 * MINUTE - 1);
    bench.service.sweep().await.unwrap();
    assert!(matches!(bench.view(&granted.id).await.fate, Some(Fate::UnderWay { .. })));
    assert!(bench.service.unknown_outcomes(10).await.unwrap().is_empty());
    bench.pass(1);
    bench.service.sweep().await.unwrap();
    let why = Why::NotReported;
    assert_eq!(bench.view(&granted.id).await.fate, Some(Fate::Unknown { since_ms: bench.now(), why }));
    assert_eq!(bench.service.unknown_outcomes(10).await.unwrap()[0].id, granted.id);
    bench.service.sweep().await.unwrap();
    let records = events(&bench, "outcome.unknown").await;
    assert_eq!(records.len(), 1, "said twice");
    assert_eq!(
        (records[0]["tid"].as_str(), &records[0]["reason_code"]),
        (Some(&*granted.id), &json!("not_reported"))
    );
}

#[tokio::test]
async fn an_outcome_that_the_filter_does_not_know_is_unknown_at_once() {
    let bench = Bench::new().await;
    let mut granted = released(&bench).await;
    report(&bench, &mut granted, "unknown").await;
    let why = Why::ReportedUnknown;
    assert_eq!(bench.view(&granted.id).await.fate, Some(Fate::Unknown { since_ms: bench.now(), why }));
}

#[tokio::test]
async fn a_release_whose_end_is_reported_is_never_unknown() {
    let bench = Bench::new().await;
    let mut granted = released(&bench).await;
    report(&bench, &mut granted, "completed").await;
    bench.pass(60 * MINUTE);
    bench.service.sweep().await.unwrap();
    assert_eq!(bench.view(&granted.id).await.fate, None);
    assert!(events(&bench, "outcome.unknown").await.is_empty());
}

#[tokio::test]
async fn the_same_request_is_not_approved_while_the_first_is_under_way_or_unknown() {
    let bench = Bench::new().await;
    let granted = released(&bench).await;
    let again = bench.task().await;
    assert_ne!(again, granted.id);
    let refused = bench.decide("bob", &again, Choice::Approve).await.unwrap_err();
    assert_eq!(refused, blocked_by(&granted.id), "under way");
    bench.pass(5 * MINUTE);
    bench.service.sweep().await.unwrap();
    let again = bench.task().await;
    let refused = bench.decide("bob", &again, Choice::Approve).await.unwrap_err();
    assert_eq!(refused, blocked_by(&granted.id), "unknown");
    assert_eq!(bench.view(&again).await.earlier.unwrap().task, granted.id);
    assert_eq!(bench.view(&again).await.progress.approved, 0, "the vote counted");
    // Saying no is always possible.
    bench.decide("bob", &again, Choice::Deny).await.unwrap();
}

#[tokio::test]
async fn another_description_or_another_filter_is_no_way_around() {
    let bench = Bench::new().await;
    let granted = unknown(&bench).await;
    let redrawn = bench
        .submit(|value| {
            v1(value)["payload"]["masked_excerpt"] = "{}".into();
            redigest(value);
        })
        .await
        .task_id();
    assert_eq!(bench.decide("bob", &redrawn, Choice::Approve).await.unwrap_err(), blocked_by(&granted.id));
    let other = crate::support::Pep::new("other", 8);
    let body = crate::support::submission(|value| {
        value["client"]["id"] = "urn:countersign:pep:other".into();
    });
    let elsewhere =
        bench.send(other.post(REQUESTS, body.to_string().as_bytes(), bench.now())).await.task_id();
    assert_eq!(bench.decide("bob", &elsewhere, Choice::Approve).await.unwrap_err(), blocked_by(&granted.id));
}

#[tokio::test]
async fn another_request_of_the_same_subject_is_not_held_up() {
    let bench = Bench::new().await;
    unknown(&bench).await;
    let other = bench.submit(|value| crate::support::number(value, 7)).await.task_id();
    bench.decide("bob", &other, Choice::Approve).await.unwrap();
    assert!(bench.view(&other).await.earlier.is_none());
}

#[tokio::test]
async fn a_reviewer_who_found_out_unblocks_the_request() {
    for executed in [Executed::Yes, Executed::No, Executed::CannotTell] {
        let bench = Bench::new().await;
        let granted = unknown(&bench).await;
        let again = bench.task().await;
        let carol = bench.person("carol");
        let said = "asked them; token ghp_0123456789abcdefghijABCDEFGHIJ012345";
        let view = bench.service.settle(&carol, Channel::Web, &granted.id, executed, said).await.unwrap();
        let Some(Fate::Settled { settled, why: Why::NotReported, .. }) = view.fate else {
            panic!("{view:?}")
        };
        assert_eq!((settled.executed, settled.by.unwrap().name.as_str()), (executed, "carol"));
        assert!(settled.reason.starts_with("asked them") && !settled.reason.contains("ghp_0123"));
        let records = events(&bench, "outcome.settled").await;
        assert_eq!(records[0]["reason_code"], executed.as_str());
        assert_eq!(records[0]["approvers"][0]["sub"], "00u-carol");
        bench.decide("bob", &again, Choice::Approve).await.unwrap();
        let Some(Fate::Settled { .. }) = bench.view(&again).await.earlier.map(|earlier| earlier.fate) else {
            panic!("the reviewer is not told what was found out")
        };
        let twice = bench.service.settle(&carol, Channel::Web, &granted.id, executed, "again").await;
        assert_eq!(twice.unwrap_err(), Refusal::OutcomeKnown);
    }
}

#[tokio::test]
async fn requesters_and_strangers_cannot_settle_and_their_try_is_on_record() {
    let bench = Bench::new().await;
    let granted = unknown(&bench).await;
    for (name, refusal) in [
        ("alice", Refusal::SelfApproval),
        ("alias", Refusal::SelfApproval),
        ("erin", Refusal::NotEligible { groups: vec!["data-owners".into(), "security".into()] }),
    ] {
        let who = bench.person(name);
        let tried = bench.service.settle(&who, Channel::Web, &granted.id, Executed::No, "it was not").await;
        assert_eq!(tried.unwrap_err(), refusal, "{name}");
    }
    assert!(matches!(bench.view(&granted.id).await.fate, Some(Fate::Unknown { .. })));
    let codes: Vec<_> = events(&bench, "verify.failed")
        .await
        .into_iter()
        .map(|record| record["reason_code"].clone())
        .collect();
    assert_eq!(codes, ["self-approval", "self-approval", "not-eligible"]);
}

#[tokio::test]
async fn only_what_is_unknown_can_be_settled() {
    let bench = Bench::new().await;
    let bob = bench.person("bob");
    let settle = async |id: &str| bench.service.settle(&bob, Channel::Web, id, Executed::No, "no").await;
    let pending = bench.submit(|value| crate::support::number(value, 1)).await.task_id();
    assert_eq!(settle(&pending).await.unwrap_err(), Refusal::OutcomeKnown, "never approved");
    let granted = released(&bench).await;
    assert_eq!(settle(&granted.id).await.unwrap_err(), Refusal::OutcomeKnown, "under way");
    let empty = bench.service.settle(&bob, Channel::Web, &granted.id, Executed::No, "  ").await;
    assert_eq!(empty.unwrap_err(), Refusal::ReasonRequired);
}

#[tokio::test]
async fn a_late_report_settles_it_by_itself() {
    let bench = Bench::new().await;
    let mut granted = unknown(&bench).await;
    let again = bench.task().await;
    report(&bench, &mut granted, "completed").await;
    let view = bench.view(&granted.id).await;
    assert_eq!(view.outcome.unwrap().state, "completed");
    let Some(Fate::Settled { settled, .. }) = view.fate else { panic!("still unknown") };
    assert_eq!((settled.executed, settled.by), (Executed::Reported, None));
    bench.decide("bob", &again, Choice::Approve).await.unwrap();
}

#[tokio::test]
async fn a_receipt_is_not_given_again_once_the_outcome_is_unknown() {
    let bench = Bench::new().await;
    let granted = released(&bench).await;
    bench.pass(5 * MINUTE - 10_000);
    // The same redeem again starts the time anew: the call is under way now.
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true);
    let mut other = bench
        .granted_for(|value| {
            crate::support::number(value, 3);
            value["requested_access"]["grant_seconds"] = 3_600.into();
        })
        .await;
    let body = other.redeem_as(|value| crate::support::number(value, 3));
    bench.post(EVALUATION, &body).await.expect(StatusCode::OK);
    report(&bench, &mut other, "unknown").await;
    let reply = bench.post(EVALUATION, &body).await.expect(StatusCode::OK);
    assert_eq!((reply.json["decision"].as_bool(), reply.detail()), (Some(false), "already_redeemed"));
}

#[tokio::test]
async fn an_attempt_that_another_one_gave_up_says_nothing_about_the_release() {
    let bench = Bench::new().await;
    let granted = released(&bench).await;
    // Another worker had the same grant, did not win, and its client went away.
    let mut chain = bench.chain().await;
    let jti = granted.approval["id"].as_str().unwrap();
    let lost = crate::support::releasing(&mut chain, bench.now(), &granted.id, jti, crate::support::DIGEST);
    let body =
        json!({"state": "release_abandoned", "request_bytes": 63, "duration_ms": 1, "record": lost.value()});
    bench.post(&format!("{REQUESTS}/{}/outcome", granted.id), &body).await.expect(StatusCode::OK);
    let view = bench.view(&granted.id).await;
    assert_eq!(view.outcome, None);
    assert!(matches!(view.fate, Some(Fate::UnderWay { .. })));
    // What won and then gave up did not leave.
    let body = json!({"state": "release_abandoned", "request_bytes": 63, "duration_ms": 1,
        "record": granted.record.value()});
    bench.post(&format!("{REQUESTS}/{}/outcome", granted.id), &body).await.expect(StatusCode::OK);
    let view = bench.view(&granted.id).await;
    assert_eq!((view.outcome.unwrap().state.as_str(), view.fate), ("release_abandoned", None));
}

#[tokio::test]
async fn what_was_given_up_and_taken_up_again_is_under_way_again() {
    let bench = Bench::new().await;
    let granted = released(&bench).await;
    let path = format!("{REQUESTS}/{}/outcome", granted.id);
    let body = json!({"state": "release_abandoned", "request_bytes": 63, "duration_ms": 1,
        "record": granted.record.value()});
    bench.post(&path, &body).await.expect(StatusCode::OK);
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true);
    let view = bench.view(&granted.id).await;
    assert_eq!(view.outcome, None);
    assert!(matches!(view.fate, Some(Fate::UnderWay { .. })));
}

#[tokio::test]
async fn what_is_unknown_stays_so_over_a_restart() {
    let bench = Bench::new().await;
    let granted = unknown(&bench).await;
    let again = bench.task().await;
    let bench = bench.killed_and_restarted().await;
    assert!(matches!(bench.view(&granted.id).await.fate, Some(Fate::Unknown { .. })));
    assert_eq!(bench.decide("bob", &again, Choice::Approve).await.unwrap_err(), blocked_by(&granted.id));
}
