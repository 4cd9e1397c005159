//! One behaviour each.

use super::{
    super::{Effect, End, Flow, Verdict},
    stage::{Answers, Ev, HOLD_MS, Kind, Said, Stage, TID},
};
use countersign_wire::{json::jcs_of, names, outcome::OutcomeReport};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn path(headers: &[(&'static str, String)]) -> String {
    headers.iter().find(|(name, _)| *name == ":path").map(|(_, path)| path.clone()).unwrap()
}

fn status(stage: &Stage) -> u16 {
    stage.replies.first().map_or(0, |reply| reply.status)
}

#[test]
fn a_harmless_call_passes_and_leaves_no_trace_of_its_own() {
    let mut stage = Stage::new();
    stage.event(Ev::Head(Kind::Read, End::Yes));
    assert_eq!((stage.flow(), stage.records.len(), stage.dispatches.len()), (Flow::Pass, 0, 0));
}

#[test]
fn what_an_agent_may_not_say_is_stripped_before_anything_reads_it() {
    let mut stage = Stage::new();
    let effects = stage.event(Ev::Head(Kind::Held, End::Yes));
    let stripped = effects.iter().find_map(|effect| match effect {
        Effect::Strip(names) => Some(names.clone()),
        _ => None,
    });
    let expected = ["countersign-justification", "countersign-verdict", "x-envoy-retry-on"];
    assert_eq!(stripped.unwrap(), expected);
    let said = stage.submission.unwrap().context.business_justification.unwrap();
    assert!(said.starts_with("Quarterly reconciliation"), "{said}");
}

#[test]
fn task_grant_and_records_tell_of_one_masking_and_a_grant_that_tells_of_another_permits_nothing() {
    let mut stage = Stage::redeeming();
    let payload = stage.submission.clone().unwrap().context.v1.payload;
    let proof = serde_json::to_value(payload.masking.clone().unwrap()).unwrap();
    assert_eq!((proof["residual"].as_u64(), proof["shown"].as_str()), (Some(0), Some("all")), "{proof}");
    assert_eq!(stage.claims().masking, payload.masking);
    stage.event(Ev::Said(Said::Receipt));
    let told: Vec<_> = stage.records.iter().map(countersign_wire::record::Record::value).collect();
    for event in ["approval.requested", "action.releasing"] {
        let record = told.iter().find(|record| record["event"] == event).unwrap();
        assert_eq!(
            (&record["masking"], &record["display_digest"]),
            (&proof, &payload.display_digest.clone().into())
        );
    }
    let mut other = Stage::waiting();
    other.event(Ev::Said(Said::ApprovedAsMaskedOtherwise));
    assert_eq!((other.resumed, other.flow(), other.redeem.is_none()), (0, Flow::Hold, true));
    let failed = other.records.iter().rev().find(|record| record.event() == "verify.failed").unwrap().value();
    assert_eq!(failed["reason_code"], "grant_claim");
    assert!(failed["detail"].as_str().unwrap().contains("`masking`"), "{failed}");
}

#[test]
fn a_call_is_released_once_its_receipt_verifies_and_every_step_is_on_record() {
    let mut stage = Stage::redeeming();
    let effects = stage.event(Ev::Said(Said::Receipt));
    assert!(matches!(effects.last(), Some(Effect::Resume(_))));
    stage.all(&[Ev::ResponseHead(Answers::Json, End::No), Ev::ResponseBody, Ev::Gone]);
    let story = [
        "chain.open",
        "approval.requested",
        "approval.pending",
        "action.releasing",
        "action.released",
        "action.completed",
    ];
    assert_eq!(stage.events(), story);
    let report: OutcomeReport = serde_json::from_slice(&stage.notices[0].body).unwrap();
    assert_eq!((report.status, report.response_bytes), (Some(200), Some(2)));
    assert_eq!(path(&stage.notices[0].headers), format!("/access/v1/requests/{TID}/outcome"));
}

#[test]
fn nothing_is_redeemed_before_the_service_knows_the_chain() {
    let mut stage = Stage::new();
    stage.all(&[Ev::Head(Kind::Held, End::Yes), Ev::Said(Said::Approved)]);
    assert_eq!((stage.state(), stage.redeem.is_some()), ("waiting", false));
    stage.all(&[Ev::ChainKnown, Ev::After(1000), Ev::Said(Said::Approved), Ev::Said(Said::Receipt)]);
    assert_eq!(stage.resumed, 1);
}

#[test]
fn at_the_deadline_the_agent_is_handed_off_and_an_identical_retry_is_the_same_request() {
    let mut stage = Stage::waiting();
    stage.event(Ev::Deadline(-1));
    assert!(stage.replies.is_empty());
    stage.event(Ev::Deadline(0));
    assert_eq!(status(&stage), 428);
    let first = stage.submission.clone().unwrap();
    let mut retry = Stage::with(stage.worker, stage.now);
    retry.event(Ev::Head(Kind::Held, End::Yes));
    let second = retry.submission.unwrap();
    assert_eq!(first.context.request_digest, second.context.request_digest);
    assert_eq!(first.display_digest(), second.display_digest());
}

#[test]
fn a_full_service_ends_the_hold_at_once_and_is_not_asked_again() {
    let mut stage = Stage::new();
    stage.all(&[Ev::Head(Kind::Held, End::Yes), Ev::ChainKnown]);
    let before = stage.dispatches.len();
    stage.event(Ev::Said(Said::Full));
    assert_eq!((status(&stage), stage.state(), stage.resumed), (429, "ended", 0));
    let reply = &stage.replies[0];
    assert!(reply.headers.contains(&("retry-after", "17".to_owned())), "{:?}", reply.headers);
    assert!(String::from_utf8_lossy(&reply.body).contains("2000 requests of this requester"));
    stage.event(Ev::After(20_000));
    assert_eq!(stage.dispatches.len(), before, "it was submitted again");
    assert_eq!(stage.records.last().unwrap().value()["reason_code"], "approval_limit");
}

#[test]
fn no_redeem_starts_with_less_than_two_seconds_left() {
    let mut stage = Stage::waiting();
    stage.event(Ev::Deadline(-1999));
    stage.event(Ev::Said(Said::Approved));
    assert_eq!((stage.redeem.is_some(), status(&stage)), (false, 428));
}

#[test]
fn a_lost_redeem_is_sent_once_more_with_the_same_bytes_and_then_abandoned() {
    let mut stage = Stage::redeeming();
    let sent = stage.dispatches.last().unwrap().1.body.clone();
    stage.event(Ev::Said(Said::Lost));
    assert_eq!(stage.dispatches.last().unwrap().1.body, sent);
    stage.event(Ev::Said(Said::Error));
    assert_eq!(status(&stage), 503);
    let report: OutcomeReport = serde_json::from_slice(&stage.notices[0].body).unwrap();
    assert_eq!(report.state.as_str(), "release_abandoned");
    // The releasing record goes with the next batch, byte for byte.
    let batch = stage.worker.journal.batch(stage.now.after(60_000)).unwrap();
    assert!(String::from_utf8(batch).unwrap().contains("\"event\":\"action.releasing\""));
}

#[test]
fn an_abandoned_redeem_is_finished_by_an_identical_retry_with_the_same_nonce() {
    let mut stage = Stage::redeeming();
    stage.all(&[Ev::Said(Said::Lost), Ev::Said(Said::Lost)]);
    let first = stage.redeem.clone().unwrap();
    let mut retry = Stage::with(stage.worker, stage.now);
    retry.all(&[Ev::Head(Kind::Held, End::Yes), Ev::Said(Said::Approved)]);
    let second = retry.redeem.clone().unwrap();
    assert_eq!(jcs_of(&first.context.v1), jcs_of(&second.context.v1));
    retry.event(Ev::Said(Said::Receipt));
    assert_eq!(retry.resumed, 1);
    // And that is all it was good for.
    let mut again = Stage::with(retry.worker, retry.now);
    again.all(&[Ev::Head(Kind::Held, End::Yes), Ev::Said(Said::Approved)]);
    assert_eq!(status(&again), 409);
}

#[test]
fn a_grant_that_was_used_is_refused_before_the_service_is_asked() {
    let mut stage = Stage::redeeming();
    stage.event(Ev::Said(Said::Receipt));
    let mut replay = Stage::with(stage.worker, stage.now);
    replay.all(&[Ev::Head(Kind::Held, End::Yes), Ev::Said(Said::Approved)]);
    assert_eq!((status(&replay), replay.redeem.is_some()), (409, false));
    assert!(replay.events().contains(&"verify.failed"));
}

#[test]
fn a_redeem_is_awaited_past_the_deadline_but_not_for_ever() {
    let mut stage = Stage::redeeming();
    stage.event(Ev::Deadline(4999));
    assert!(stage.replies.is_empty());
    stage.event(Ev::Deadline(5000));
    assert_eq!(status(&stage), 503);
    stage.event(Ev::Said(Said::Receipt));
    assert_eq!(stage.resumed, 0, "too late");
}

#[test]
fn an_unsigned_denial_denies_and_is_noted() {
    for (said, failed) in [(Said::Denied, 0), (Said::DeniedUnsigned, 1)] {
        let mut stage = Stage::waiting();
        stage.event(Ev::Said(said));
        assert_eq!(status(&stage), 403);
        assert_eq!(stage.events().iter().filter(|event| **event == "verify.failed").count(), failed);
    }
}

#[test]
fn a_question_is_answered_with_the_justification_once_and_then_put_to_the_agent() {
    let mut stage = Stage::waiting();
    stage.event(Ev::Said(Said::Question));
    let (_, context) = stage.dispatches.last().unwrap();
    assert_eq!(path(&context.headers), format!("/access/v1/requests/{TID}/context"));
    stage.event(Ev::Said(Said::Pending));
    stage.event(Ev::Said(Said::Question));
    assert_eq!(status(&stage), 428);
    assert!(String::from_utf8_lossy(&stage.replies[0].body).contains("which vendor?"));
}

#[test]
fn a_client_that_leaves_cancels_its_task_and_is_never_released() {
    let mut stage = Stage::waiting();
    stage.event(Ev::Gone);
    assert_eq!(path(&stage.notices[0].headers), format!("/access/v1/requests/{TID}/cancel"));
    stage.all(&[Ev::Said(Said::Approved), Ev::Said(Said::Receipt)]);
    assert_eq!((stage.resumed, stage.flow()), (0, Flow::Hold));
}

#[test]
fn a_client_that_leaves_before_its_task_is_known_has_it_found_and_cancelled() {
    let mut stage = Stage::new();
    stage.event(Ev::Head(Kind::Held, End::Yes));
    let submitted = stage.dispatches[0].1.clone();
    let effects = stage.event(Ev::Gone);
    let withdrawn = effects.iter().find_map(|effect| match effect {
        Effect::Withdraw(dispatch) => Some(dispatch),
        _ => None,
    });
    let key = |headers: &[(&'static str, String)]| {
        headers.iter().find(|(name, _)| *name == "idempotency-key").map(|(_, key)| key.clone())
    };
    assert_eq!(withdrawn.unwrap().body, submitted.body, "the same submission, so the same task");
    assert_eq!(key(&withdrawn.unwrap().headers), key(&submitted.headers));
    let found = crate::service::Answer::Http {
        status: 202,
        retry_after_s: None,
        body: br#"{"task":{"id":"arq_1","status":"pending"}}"#.to_vec(),
    };
    let cancel = stage.worker.withdrawn(stage.now, &found).unwrap();
    assert_eq!(path(&cancel.headers), "/access/v1/requests/arq_1/cancel");
}

#[test]
fn a_client_that_leaves_during_a_redeem_has_it_reported_as_abandoned() {
    let mut stage = Stage::redeeming();
    stage.event(Ev::Gone);
    let report: OutcomeReport = serde_json::from_slice(&stage.notices[0].body).unwrap();
    assert_eq!(report.state.as_str(), "release_abandoned");
    stage.event(Ev::Said(Said::Receipt));
    assert_eq!(stage.resumed, 0);
}

#[test]
fn a_body_must_come_whole_and_in_time() {
    let mut stage = Stage::new();
    stage.event(Ev::Head(Kind::Held, End::No));
    assert_eq!((stage.state(), stage.flow()), ("reading", Flow::Hold));
    stage.event(Ev::Grows(1001));
    assert_eq!(status(&stage), 413);

    let mut never = Stage::new();
    never.all(&[Ev::Head(Kind::Held, End::No), Ev::After(5000)]);
    assert_eq!(status(&never), 403);
    assert!(never.records.last().unwrap().line().contains("allow_on_headers_stop_iteration"));
}

#[test]
fn a_held_call_with_trailers_is_refused_and_grpcs_empty_set_is_none() {
    let mut some = Stage::new();
    some.all(&[Ev::Head(Kind::Held, End::No), Ev::Trailers(1)]);
    assert_eq!((status(&some), some.dispatches.len()), (403, 0));
    let mut none = Stage::new();
    none.all(&[Ev::Head(Kind::Held, End::No), Ev::Trailers(0)]);
    assert_eq!(none.state(), "asking");
}

#[test]
fn a_service_that_does_not_answer_is_asked_three_times() {
    let mut stage = Stage::new();
    stage.event(Ev::Head(Kind::Held, End::Yes));
    stage.all(&[Ev::Said(Said::Lost), Ev::After(600), Ev::Said(Said::Error), Ev::After(1100)]);
    assert!(stage.replies.is_empty());
    stage.event(Ev::Said(Said::Garbage));
    assert_eq!((status(&stage), stage.dispatches.len()), (503, 3));
    let bodies: Vec<&[u8]> = stage.dispatches.iter().map(|(_, d)| d.body.as_slice()).collect();
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "a repeated submission is the same bytes");
}

#[test]
fn a_poll_asks_the_service_to_wait_as_long_as_the_hold_allows() {
    let stage = Stage::waiting();
    let (_, poll) = stage.dispatches.last().unwrap();
    assert_eq!(path(&poll.headers), format!("{}/{TID}", names::REQUESTS_PATH));
    assert!(poll.headers.contains(&("prefer", "wait=20".into())));
    assert_eq!(poll.timeout_ms, 25_000);
    const { assert!(HOLD_MS > 21_000) };
}

#[test]
fn the_closing_record_of_a_denied_call_names_the_rule_and_nothing_was_asked() {
    let mut stage = Stage::new();
    let effects = stage.event(Ev::Head(Kind::Denied, End::No));
    assert_eq!((status(&stage), stage.dispatches.len()), (403, 0));
    assert!(effects.contains(&Effect::Verdict(Verdict::Blocked)));
    let record = stage.records.last().unwrap().line();
    assert!(record.contains("\"rule\":\"denied\"") && record.contains("denied_by_policy"), "{record}");
}
