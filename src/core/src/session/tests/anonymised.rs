//! Traffic that a rule anonymises, one behaviour each.

use super::{
    super::{Effect, End, Flow, Side, Wants},
    stage::{ANSWER, Answers, BODY, CANARY, Ev, Kind, Said, Stage},
};
use countersign_wire::outcome::OutcomeReport;
use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const JSON: Ev = Ev::ResponseHead(Answers::Json, End::No);

fn last(stage: &Stage) -> Value {
    stage.records.last().unwrap().value()
}

fn edited(stage: &Stage, side: Side, name: &str) -> Option<String> {
    let edit = stage.edits.iter().rfind(|(at, named, _)| *at == side && named == name);
    edit.map(|(_, _, value)| value.clone().unwrap_or_else(|| "removed".into()))
}

#[test]
fn a_call_that_passes_leaves_anonymised_and_is_on_record() {
    let stage = Stage::changed();
    let sent = stage.sent.clone().unwrap();
    assert!(sent.starts_with(r#"{"rows":7,"password":"[secret:"#) && !sent.contains(CANARY), "{sent}");
    assert_eq!(stage.flow(), Flow::Pass);
    assert_eq!(edited(&stage, Side::Request, "accept-encoding"), Some("identity".into()));
    let record = last(&stage);
    assert_eq!(record["event"], "action.allowed");
    let told = &record["anonymised"];
    assert_eq!(
        (told["rule"].as_str(), told["request"]["counts"]["secret"].as_u64()),
        (Some("changed"), Some(1))
    );
    assert_eq!(told["request"]["places"][0]["path"], "$.password");
    assert_eq!(told["request"]["bytes_in"], BODY.len());
    assert_eq!(told["request"]["bytes_out"], sent.len());
}

#[test]
fn nothing_leaves_before_the_whole_body_is_rewritten() {
    let mut stage = Stage::new();
    stage.event(Ev::Head(Kind::Changed, End::No));
    assert_eq!((stage.flow(), stage.session.wants()), (Flow::Hold, Wants::Body));
    stage.event(Ev::Grows(10));
    assert_eq!(stage.flow(), Flow::Hold);
    stage.event(Ev::Trailers(2));
    assert_eq!((stage.flow(), stage.replies.len(), stage.sent.is_some()), (Flow::Hold, 1, false));
}

#[test]
fn a_held_call_is_bound_and_shown_as_it_will_leave_and_a_retry_leaves_the_same() {
    let mut stage = Stage::new();
    stage.all(&[Ev::Head(Kind::HeldChanged, End::No), Ev::BodyEnds]);
    let first = stage.submission.clone().unwrap();
    let payload = &first.context.v1.payload;
    assert_eq!(payload.size, stage.sent.as_ref().unwrap().len() as u64);
    assert!(payload.masked.iter().any(|one| one.path == "$.password" && one.detector == "anonymised"));
    let sent = stage.sent.clone();
    let mut retry = Stage::with(stage.worker, stage.now);
    retry.all(&[Ev::Head(Kind::HeldChanged, End::No), Ev::BodyEnds]);
    assert_eq!(retry.sent, sent);
    let second = retry.submission.unwrap();
    assert_eq!(second.context.request_digest, first.context.request_digest);
    assert_eq!(second.display_digest(), first.display_digest());
}

#[test]
fn the_releasing_and_the_closing_record_say_what_was_changed() {
    let mut stage = Stage::new();
    stage.all(&[
        Ev::Head(Kind::HeldChanged, End::No),
        Ev::BodyEnds,
        Ev::ChainKnown,
        Ev::Said(Said::Pending),
        Ev::Said(Said::Approved),
        Ev::Said(Said::Receipt),
    ]);
    assert_eq!((stage.resumed, stage.state()), (1, "released"));
    let redeem = stage.redeem.clone().unwrap().context.v1.record;
    assert_eq!(redeem["anonymised"]["request"]["counts"]["secret"], 1);
    stage.all(&[JSON, Ev::ResponseEnds(ANSWER), Ev::Gone]);
    let report: OutcomeReport = serde_json::from_slice(&stage.notices[0].body).unwrap();
    assert_eq!(report.record["anonymised"]["response"]["counts"]["secret"], 1);
    assert_eq!(report.response_bytes, Some(stage.handed.unwrap().len() as u64));
}

#[test]
fn an_answer_is_held_back_whole_and_handed_on_anonymised() {
    let mut stage = Stage::changed();
    assert_eq!(stage.session.wants(), Wants::Response);
    stage.event(JSON);
    assert_eq!((stage.session.response_flow(), stage.session.wants()), (Flow::Hold, Wants::WholeResponse));
    stage.event(Ev::ResponseGrows(20));
    assert_eq!(stage.session.response_flow(), Flow::Hold);
    stage.event(Ev::ResponseEnds(ANSWER));
    assert_eq!(stage.session.response_flow(), Flow::Pass);
    let handed = stage.handed.clone().unwrap();
    assert_eq!(handed, r#"{"rows":7,"password":"[secret]"}"#);
    assert_eq!(edited(&stage, Side::Response, "content-length"), Some(handed.len().to_string()));
    assert_eq!(edited(&stage, Side::Response, "etag"), Some("removed".into()));
    stage.event(Ev::Gone);
    let record = last(&stage);
    assert_eq!(
        (record["event"].as_str(), record["outcome"].as_str()),
        (Some("action.completed"), Some("completed"))
    );
    assert_eq!(record["anonymised"]["response"]["places"][0]["path"], "$.password");
    assert!(stage.notices.is_empty(), "no task, no outcome to report");
}

#[test]
fn an_answer_with_nothing_to_change_is_handed_on_as_it_came() {
    let mut stage = Stage::changed();
    stage.all(&[JSON, Ev::ResponseEnds(r#"{"rows": 7}"#)]);
    let touched = stage.edits.iter().any(|(side, ..)| *side == Side::Response);
    assert_eq!((stage.handed.is_none(), touched, stage.session.response_flow()), (true, false, Flow::Pass));
    let mut bodiless = Stage::changed();
    bodiless.event(Ev::ResponseHead(Answers::Json, End::Yes));
    assert_eq!((bodiless.session.response_flow(), bodiless.withheld.len()), (Flow::Pass, 0));
}

#[test]
fn an_answer_that_cannot_be_anonymised_is_withheld_and_the_agent_and_the_record_say_that_the_call_was_executed()
 {
    let ways: [&[Ev]; 6] = [
        &[Ev::ResponseHead(Answers::Stream, End::No)],
        &[Ev::ResponseHead(Answers::Part, End::No)],
        &[Ev::ResponseHead(Answers::Garbled, End::No)],
        &[JSON, Ev::ResponseGrows(1025)],
        &[JSON, Ev::ResponseEnds("{\"a\":")],
        &[JSON, Ev::ResponseEnds("{} x")],
    ];
    for way in ways {
        let mut stage = Stage::changed();
        stage.all(way);
        assert_eq!(stage.session.response_flow(), Flow::Hold, "{way:?}");
        let reply = &stage.withheld[0];
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!((reply.status, &body["approval"]["executed"]), (502, &Value::Bool(true)), "{way:?}");
        assert_eq!(body["type"], "urn:countersign:problem:response-withheld");
        stage.event(Ev::Gone);
        let record = last(&stage);
        assert!(record["anonymised"]["response"]["withheld"].is_string(), "{record}");
        assert_eq!(record["event"], "action.completed");
    }
}

#[test]
fn an_answer_that_the_proxy_held_back_and_did_not_hand_over_is_withheld() {
    for handed in ["", "{}"] {
        let mut stage = Stage::changed();
        stage.all(&[JSON, Ev::ResponseGrows(20), Ev::ResponseEnds(handed)]);
        assert_eq!((stage.session.response_flow(), stage.withheld.len()), (Flow::Hold, 1), "{handed}");
        assert!(stage.handed.is_none());
    }
}

#[test]
fn a_call_that_cannot_be_anonymised_does_not_leave() {
    let mut stage = Stage::new();
    let effects = stage.event(Ev::Head(Kind::Changed, End::No));
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::Reply(_))));
    stage.body = "{\"password\":";
    stage.event(Ev::BodyEnds);
    assert_eq!((stage.replies[0].status, stage.flow()), (403, Flow::Hold));
    let record = last(&stage);
    assert_eq!(record["reason_code"], "not_anonymised");
    assert!(record["detail"].as_str().unwrap().contains("rule `changed`"), "{record}");
}
