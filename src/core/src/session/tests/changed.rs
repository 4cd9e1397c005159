//! What leaves is what was asked for: the request is bound again from the proxy's own buffers.

use super::stage::{Ev, Kind, Said, Speaks, Stage};
use crate::session::End;
use countersign_wire::outcome::{OutcomeReport, OutcomeState};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A held call with a body, its task pending.
fn waiting() -> Stage {
    let mut stage = Stage::new();
    stage.all(&[Ev::Head(Kind::Held, End::No), Ev::BodyEnds, Ev::ChainKnown, Ev::Said(Said::Pending)]);
    assert_eq!(stage.state(), "waiting");
    stage
}

/// The word of the record that says that something did not verify.
fn reason(stage: &Stage) -> Option<String> {
    let failed = stage.records.iter().find(|record| record.event() == "verify.failed")?.value();
    Some(failed["reason_code"].as_str()?.to_owned())
}

type Change = fn(&mut Stage);

/// What another filter of the chain could do to a held request.
const CHANGES: [(&str, Change); 14] = [
    ("the method", |s| s.proxy.set(":method", Some("DELETE"))),
    ("the authority", |s| s.proxy.set(":authority", Some("other.test"))),
    ("the path", |s| s.proxy.set(":path", Some("/v2/other"))),
    ("the query", |s| s.proxy.set(":path", Some("/v2/import?token=another"))),
    ("the content type", |s| s.proxy.set("content-type", Some("text/plain"))),
    ("a content encoding", |s| s.proxy.set("content-encoding", Some("gzip"))),
    ("an override", |s| s.proxy.set("x-http-method-override", Some("DELETE"))),
    ("another action", |s| s.proxy.set("x-amz-target", Some("DynamoDB.DeleteTable"))),
    ("somebody else's name", |s| s.proxy.set("impersonate-user", Some("admin"))),
    ("another host", |s| s.proxy.set("host", Some("other.test"))),
    ("a header that was taken out", |s| s.proxy.set("x-envoy-original-dst-host", Some("10.0.0.1:1"))),
    ("the body", |s| s.proxy.body.push(b' ')),
    ("no body", |s| s.proxy.body.clear()),
    ("nothing said", |s| s.proxy.speaks = Speaks::No),
];

#[test]
fn a_request_that_was_changed_while_it_was_held_uses_no_grant_up_and_does_not_leave() {
    for (what, change) in CHANGES {
        let mut stage = waiting();
        change(&mut stage);
        stage.event(Ev::Said(Said::Approved));
        assert!(stage.redeem.is_none() && stage.resumed == 0, "{what}");
        assert_eq!((stage.state(), reason(&stage).as_deref()), ("ended", Some("request_changed")), "{what}");
        assert_eq!(stage.replies.first().map(|reply| reply.status), Some(403), "{what}");
    }
}

#[test]
fn a_request_that_was_changed_while_its_grant_was_redeemed_does_not_leave_and_the_service_is_told() {
    for (what, change) in CHANGES {
        let mut stage = waiting();
        stage.event(Ev::Said(Said::Approved));
        assert_eq!(stage.state(), "redeeming", "{what}");
        change(&mut stage);
        stage.event(Ev::Said(Said::Receipt));
        assert_eq!((stage.state(), stage.resumed), ("ended", 0), "{what}");
        assert_eq!(reason(&stage).as_deref(), Some("request_changed"), "{what}");
        let report: OutcomeReport = serde_json::from_slice(&stage.notices[0].body).unwrap();
        assert_eq!(report.state, OutcomeState::ReleaseAbandoned, "{what}");
    }
}

#[test]
fn what_is_volatile_may_change_while_a_request_is_held() {
    for (name, value) in [
        ("authorization", Some("Bearer renewed")),
        ("traceparent", Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")),
        ("x-request-id", Some("another")),
        ("date", Some("Tue, 25 Nov 2026 08:00:00 GMT")),
        ("user-agent", Some("agent/2")),
        ("authorization", None),
    ] {
        let mut stage = waiting();
        stage.proxy.set(name, value);
        stage.all(&[Ev::Said(Said::Approved), Ev::Said(Said::Receipt)]);
        assert_eq!(stage.resumed, 1, "{name}");
    }
}

#[test]
fn what_the_filter_itself_changes_is_what_is_bound_again() {
    let mut stage = Stage::new();
    stage.all(&[
        Ev::Head(Kind::HeldChanged, End::No),
        Ev::BodyEnds,
        Ev::ChainKnown,
        Ev::Said(Said::Approved),
        Ev::Said(Said::Receipt),
    ]);
    assert_eq!(stage.resumed, 1);
    let mut back = Stage::new();
    back.all(&[Ev::Head(Kind::HeldChanged, End::No), Ev::BodyEnds, Ev::ChainKnown]);
    // The proxy did not take the anonymised body: the raw one must not leave.
    back.proxy.body = back.body.as_bytes().to_vec();
    back.all(&[Ev::Said(Said::Approved), Ev::Said(Said::Receipt)]);
    assert_eq!((back.resumed, reason(&back).as_deref()), (0, Some("request_changed")));
}
