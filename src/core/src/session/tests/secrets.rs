//! Secrets locked until released, one behaviour each.

use super::{
    super::{Effect, End, Flow, Side, Wants},
    stage::{Answers, Ev, Kind, PLACEHOLDER, SECRET, Said, Stage, TID},
};
use crate::answer::Reply;
use countersign_wire::outcome::{OutcomeReport, OutcomeState};
use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const JSON: Ev = Ev::ResponseHead(Answers::Json, End::No);

fn document(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

fn edited(stage: &Stage, side: Side, name: &str) -> Option<String> {
    let edit = stage.edits.iter().rfind(|(at, named, _)| *at == side && named == name);
    edit.map(|(_, _, value)| value.clone().unwrap_or_else(|| "removed".into()))
}

fn stars() -> String {
    "*".repeat(SECRET.len())
}

#[test]
fn the_names_of_secrets_are_bound_shown_and_redeemed() {
    let mut plain = Stage::new();
    plain.event(Ev::Head(Kind::Held, End::Yes));
    assert!(plain.submission.unwrap().context.v1.secrets.is_empty());
    let stage = Stage::asking_for_secret();
    let sent = stage.submission.clone().unwrap();
    assert_eq!(sent.context.v1.secrets, ["api-key"]);
    let without = {
        let mut without = sent.clone();
        without.context.v1.secrets.clear();
        without
    };
    assert_ne!(sent.display_digest(), without.display_digest());
    assert_eq!(stage.redeem.unwrap().context.v1.record["secrets"], serde_json::json!(["api-key"]));
}

#[test]
fn a_grant_that_does_not_name_the_secret_releases_nothing() {
    let mut stage = Stage::new();
    stage.all(&[Ev::Head(Kind::Secret, End::Yes), Ev::ChainKnown, Ev::Said(Said::Pending)]);
    // Without a submission on its mind the service forgets what is to be released.
    let sent = stage.submission.clone();
    stage.submission.as_mut().unwrap().context.v1.secrets.clear();
    stage.event(Ev::Said(Said::Approved));
    assert!(sent.is_some() && stage.redeem.is_none());
    assert_eq!((stage.state(), stage.replies[0].status), ("ended", 403));
}

#[test]
fn a_call_leaves_once_the_secret_stands_in_its_header_and_not_before() {
    let mut stage = Stage::asking_for_secret();
    let effects = stage.event(Ev::Said(Said::ReceiptWithSecret));
    assert!(matches!(effects.last(), Some(Effect::Confirm)));
    assert_eq!(
        stage.injected,
        [("x-api-key".to_owned(), PLACEHOLDER.replace("{{countersign:api-key}}", SECRET))]
    );
    assert_eq!(edited(&stage, Side::Request, "accept-encoding"), Some("identity".into()));
    assert_eq!((stage.resumed, stage.flow()), (0, Flow::Hold));
    let effects = stage.event(Ev::Done);
    assert!(matches!(effects.last(), Some(Effect::Resume(_))));
    assert_eq!((stage.resumed, stage.flow(), stage.state()), (1, Flow::Pass, "released"));
    stage.event(Ev::Done);
    assert_eq!(stage.resumed, 1);
}

#[test]
fn what_is_recorded_of_a_secret_is_its_name_and_version() {
    let mut stage = Stage::with_secret();
    stage.all(&[JSON, Ev::ResponsePiece(SECRET, End::Yes), Ev::Gone]);
    let record = stage.records.iter().find(|record| record.event() == "secret.released").unwrap().value();
    assert_eq!(record["secrets"], serde_json::json!([{"name": "api-key", "version": "v3"}]));
    assert_eq!(record["tid"], TID);
    let report: OutcomeReport = serde_json::from_slice(&stage.notices[0].body).unwrap();
    assert_eq!(report.record["secrets"], serde_json::json!({"names": ["api-key"], "redacted": 1}));
    let all: String = stage.records.iter().map(countersign_wire::record::Record::line).collect();
    assert!(!all.contains(SECRET) && !all.contains("canary"), "{all}");
}

#[test]
fn without_exactly_the_secrets_of_the_request_nothing_leaves_and_the_same_redeem_may_be_asked_again() {
    for said in [
        Said::Receipt,
        Said::ReceiptWithSecretForAnother,
        Said::ReceiptWithMoreSecrets,
        Said::ReceiptWithOtherSecret,
    ] {
        let mut stage = Stage::asking_for_secret();
        let first = stage.redeem.clone().unwrap().context.v1.nonce;
        stage.event(Ev::Said(said));
        assert_eq!((stage.resumed, stage.injected.len(), stage.state()), (0, 0, "ended"), "{said:?}");
        assert_eq!(stage.replies[0].status, 503, "{said:?}");
        assert!(stage.events().contains(&"verify.failed"), "{said:?}");
        let report: OutcomeReport = serde_json::from_slice(&stage.notices[0].body).unwrap();
        assert_eq!(report.state, OutcomeState::ReleaseAbandoned, "{said:?}");
        let mut retry = Stage::with(stage.worker, stage.now);
        retry.all(&[Ev::Head(Kind::Secret, End::Yes), Ev::Said(Said::Approved)]);
        assert_eq!(retry.redeem.clone().unwrap().context.v1.nonce, first, "{said:?}");
        retry.all(&[Ev::Said(Said::ReceiptWithSecret), Ev::Done]);
        assert_eq!(retry.resumed, 1, "{said:?}");
    }
}

#[test]
fn a_secret_for_a_call_that_uses_none_releases_nothing() {
    let mut stage = Stage::redeeming();
    stage.event(Ev::Said(Said::ReceiptWithSecret));
    assert_eq!((stage.resumed, stage.injected.len(), stage.replies[0].status), (0, 0, 503));
}

#[test]
fn a_secret_that_cannot_be_read_uses_nothing_up() {
    let mut stage = Stage::asking_for_secret();
    let first = stage.redeem.clone().unwrap().context.v1.nonce;
    stage.event(Ev::Said(Said::Refused("secret_unavailable")));
    assert_eq!((stage.replies[0].status, stage.resumed), (503, 0));
    assert!(
        document(&stage.replies[0])["detail"]
            .as_str()
            .unwrap()
            .contains("cannot be read by the approval service")
    );
    let mut retry = Stage::with(stage.worker, stage.now);
    retry.all(&[
        Ev::Head(Kind::Secret, End::Yes),
        Ev::Said(Said::Approved),
        Ev::Said(Said::ReceiptWithSecret),
        Ev::Done,
    ]);
    assert_eq!((retry.resumed, retry.redeem.unwrap().context.v1.nonce), (1, first));
}

#[test]
fn a_host_that_does_not_set_the_header_ends_the_call_and_the_secret_is_taken_back() {
    let mut stage = Stage::asking_for_secret();
    stage.all(&[Ev::Said(Said::ReceiptWithSecret), Ev::Undone]);
    assert_eq!((stage.resumed, stage.state(), stage.replies[0].status), (0, "ended", 403));
    assert!(stage.stripped.contains(&"x-api-key".to_owned()));
    let report: OutcomeReport = serde_json::from_slice(&stage.notices[0].body).unwrap();
    assert_eq!(report.state, OutcomeState::ReleaseAbandoned);
    stage.event(Ev::Done);
    assert_eq!(stage.resumed, 0);
}

#[test]
fn the_same_answer_twice_puts_nothing_in_twice() {
    let mut stage = Stage::asking_for_secret();
    let same = Ev::Said(Said::ReceiptWithSecret);
    stage.all(&[same, same, Ev::Done, Ev::Done]);
    assert_eq!((stage.injected.len(), stage.resumed), (1, 1));
}

#[test]
fn a_client_that_left_meanwhile_gets_no_secret_sent() {
    let mut stage = Stage::asking_for_secret();
    stage.all(&[Ev::Gone, Ev::Said(Said::ReceiptWithSecret), Ev::Done]);
    assert_eq!((stage.injected.len(), stage.resumed), (0, 0));
}

#[test]
fn a_value_that_the_upstream_gives_back_is_overwritten_in_headers_body_and_trailers() {
    let mut stage = Stage::with_secret();
    stage.event(Ev::ResponseHead(Answers::Echo, End::No));
    assert_eq!(edited(&stage, Side::Response, "x-echo"), Some(stars()));
    assert_eq!(edited(&stage, Side::Response, "set-cookie"), Some("removed".into()));
    stage.event(Ev::ResponsePiece("{\"key\":\"sk-canary-7Hq2/x+1\"}", End::No));
    assert_eq!(stage.handed, Some(format!("{{\"key\":\"{}\"}}", stars())));
    stage.event(Ev::ResponseTrailers);
    assert_eq!(edited(&stage, Side::Trailers, "grpc-message"), Some(stars()));
    assert_eq!(edited(&stage, Side::Trailers, "grpc-status"), None);
}

#[test]
fn an_answer_goes_on_as_it_comes_and_only_what_may_begin_a_value_waits() {
    let mut stage = Stage::with_secret();
    stage.event(JSON);
    assert_eq!((stage.session.response_flow(), stage.session.wants()), (Flow::Pass, Wants::Response));
    stage.event(Ev::ResponsePiece("plain", End::No));
    assert_eq!((stage.session.response_flow(), stage.handed.is_none()), (Flow::Pass, true));
    stage.event(Ev::ResponsePiece("a sk-can", End::No));
    assert_eq!((stage.session.response_flow(), stage.session.wants()), (Flow::Hold, Wants::Response));
    stage.event(Ev::ResponsePiece("a sk-canary-7Hq2/x+1 b", End::No));
    assert_eq!(stage.session.response_flow(), Flow::Pass);
    assert_eq!(stage.handed, Some(format!("a {} b", stars())));
    stage.handed = None;
    stage.all(&[Ev::ResponsePiece("sk-", End::No), Ev::ResponsePiece("sk-", End::Yes)]);
    assert_eq!((stage.session.response_flow(), stage.handed.is_none()), (Flow::Pass, true));
    stage.event(Ev::Gone);
    let report: OutcomeReport = serde_json::from_slice(&stage.notices[0].body).unwrap();
    let bytes = "plain".len() + "a sk-canary-7Hq2/x+1 b".len() + "sk-".len();
    assert_eq!(report.response_bytes, Some(bytes as u64));
}

#[test]
fn an_answer_that_cannot_be_looked_through_is_withheld() {
    let ways: [&[Ev]; 5] = [
        &[Ev::ResponseHead(Answers::Compressed, End::No)],
        &[Ev::ResponseHead(Answers::Part, End::No)],
        &[Ev::ResponseHead(Answers::Garbled, End::No)],
        &[JSON, Ev::Undone],
        &[JSON, Ev::ResponsePiece("sk-can", End::No), Ev::ResponsePiece("sk-", End::No)],
    ];
    for way in ways {
        let mut stage = Stage::with_secret();
        stage.all(way);
        assert_eq!((stage.withheld.len(), stage.session.response_flow()), (1, Flow::Hold), "{way:?}");
        let told = document(&stage.withheld[0]);
        assert_eq!((stage.withheld[0].status, &told["approval"]["executed"]), (502, &Value::Bool(true)));
        assert!(told["detail"].as_str().unwrap().contains("a secret was put into the request"), "{told}");
        stage.all(&[Ev::ResponsePiece(SECRET, End::Yes), Ev::ResponseTrailers, Ev::Undone]);
        assert_eq!((stage.withheld.len(), stage.handed.is_none()), (1, true), "{way:?}");
        stage.event(Ev::Gone);
        let report: OutcomeReport = serde_json::from_slice(&stage.notices[0].body).unwrap();
        assert!(report.record["secrets"]["withheld"].is_string(), "{way:?}");
    }
    let mut bodiless = Stage::with_secret();
    bodiless.event(Ev::ResponseHead(Answers::Part, End::Yes));
    assert_eq!((bodiless.withheld.len(), bodiless.session.response_flow()), (0, Flow::Pass));
}

#[test]
fn a_placeholder_on_a_call_that_passes_is_refused() {
    let mut stage = Stage::new();
    stage.event(Ev::Head(Kind::SecretPassing, End::Yes));
    assert_eq!((stage.replies[0].status, stage.flow()), (403, Flow::Hold));
    assert_eq!(stage.records.last().unwrap().value()["reason_code"], "placeholder_refused");
}

#[test]
fn a_placeholder_in_a_body_is_refused_before_anybody_is_asked() {
    let mut stage = Stage::new();
    stage.body = "{\"key\":\"{{countersign:api-key}}\"}";
    stage.all(&[Ev::Head(Kind::Held, End::No), Ev::BodyEnds]);
    assert_eq!((stage.replies[0].status, stage.submission.is_none()), (403, true));
    assert_eq!(stage.records.last().unwrap().value()["reason_code"], "placeholder_refused");
}
