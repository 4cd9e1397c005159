use super::{
    speech::{GraphQlMedia, Message, MessageKind, Messages, PrefersAsync},
    *,
};
use crate::busy;
use base64::Engine;
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn every_situation() -> Vec<Situation> {
    vec![
        Situation::Pending,
        Situation::NeedsContext { question: "which vendor?".into() },
        Situation::Denied { reason: Some("no DPA".into()) },
        Situation::Denied { reason: None },
        Situation::Expired,
        Situation::Unavailable { what: "the approval service does not answer" },
        Situation::Invalid,
        Situation::AlreadyUsed,
        Situation::Blocked { code: "denied_by_policy", detail: "rule `x` denies".into() },
        Situation::Blocked { code: "ambiguous_request", detail: "the path has a `;`".into() },
        Situation::Blocked { code: "header_mismatch", detail: "headers differ".into() },
        Situation::Busy(Busy { limit: busy::Limit::Subject, current: Some(2000) }),
        Situation::TooLarge { limit: Limit::Body, most: 10 },
        Situation::TooLarge { limit: Limit::Headers, most: 10 },
        Situation::Full { limit: Limit::Held, most: 10 },
    ]
}

fn ticket() -> Ticket {
    Ticket {
        handle: Some("h_7Qm".into()),
        code: Some("MAPLE-42".into()),
        expires_at: Some("2026-11-21T06:18:00Z".into()),
        link: Some("https://approvals.example.com/r/1".into()),
        retry_after_s: 15,
        state: Some("cs1.x.y".into()),
    }
}

fn rest() -> Speech {
    Speech::Rest { prefers_async: PrefersAsync::No }
}

fn tool(id: u64) -> Message {
    Message { id: json!(id), kind: MessageKind::ToolCall }
}

fn body(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

fn answer(speech: &Speech, situation: &Situation) -> Reply {
    reply(speech, situation, &ticket(), &AnswersDoc::default())
}

#[test]
fn no_answer_looks_like_success_and_each_says_that_nothing_was_executed() {
    let speeches = [
        rest(),
        Speech::Grpc,
        Speech::JsonRpc(Messages::Single(tool(7))),
        Speech::JsonRpc(Messages::Single(Message { id: json!("a"), kind: MessageKind::Other })),
        Speech::JsonRpc(Messages::Batch(vec![tool(1), tool(2)])),
        Speech::GraphQl(GraphQlMedia::Response),
        Speech::GraphQl(GraphQlMedia::Legacy),
    ];
    for speech in &speeches {
        for situation in every_situation() {
            let reply = answer(speech, &situation);
            let text = String::from_utf8_lossy(&reply.body).into_owned();
            assert!(text.contains("NOT EXECUTED"), "{speech:?} {situation:?}: {text}");
            match speech {
                Speech::Rest { .. } => assert!(reply.status >= 400, "{situation:?}"),
                Speech::Grpc => assert!(reply.grpc_status.is_some_and(|status| status != 0)),
                Speech::JsonRpc(_) => {
                    assert!(text.contains("\"isError\":true") || text.contains("\"error\":"));
                }
                Speech::GraphQl(_) => {
                    assert!(body(&reply).get("errors").is_some() && body(&reply).get("data").is_none());
                }
            }
            assert!(reply.headers.contains(&("cache-control", "no-store".into())));
            assert!(reply.headers.contains(&("countersign-request", "h_7Qm".into())));
        }
    }
}

#[test]
fn pending_tells_a_rest_client_how_to_come_again() {
    let reply = answer(&rest(), &Situation::Pending);
    assert_eq!(reply.status, 428);
    assert!(reply.headers.contains(&("retry-after", "15".into())));
    let problem = body(&reply);
    assert_eq!(problem["type"], "urn:countersign:problem:approval-pending");
    assert_eq!(problem["instance"], "urn:countersign:req:h_7Qm");
    assert_eq!(
        problem["approval"],
        json!({
            "handle": "h_7Qm", "state": "pending", "code": "MAPLE-42", "retry_after": 15, "executed": false,
            "expires_at": "2026-11-21T06:18:00Z", "ticket": "https://approvals.example.com/r/1", "next_action": "retry",
        })
    );
}

#[test]
fn a_client_that_asked_for_it_gets_202_and_a_place_to_look() {
    let speech = Speech::Rest { prefers_async: PrefersAsync::Yes };
    let reply = answer(&speech, &Situation::Pending);
    assert_eq!(reply.status, 202);
    assert!(reply.headers.contains(&("preference-applied", "respond-async".into())));
    assert!(reply.headers.contains(&("location", "https://approvals.example.com/r/1".into())));
    assert_eq!(body(&reply)["approval"]["executed"], false);
    assert_eq!(answer(&speech, &Situation::Denied { reason: None }).status, 403);
}

#[test]
fn statuses_are_those_of_the_protocol_page() {
    let expected = [428, 428, 403, 403, 403, 503, 403, 409, 403, 403, 400, 429, 413];
    let grpc = [9, 9, 7, 7, 7, 14, 7, 10, 7, 7, 3, 8, 8];
    for (situation, (http, grpc)) in every_situation().iter().zip(expected.into_iter().zip(grpc)) {
        assert_eq!(answer(&rest(), situation).status, http, "{situation:?}");
        assert_eq!(answer(&Speech::Grpc, situation).grpc_status, Some(grpc), "{situation:?}");
    }
}

#[test]
fn a_full_service_is_said_to_be_full_of_what_and_when_to_come_again() {
    let busy = Situation::Busy(Busy { limit: busy::Limit::Subject, current: Some(2000) });
    let reply = answer(&rest(), &busy);
    assert!(reply.headers.contains(&("retry-after", "15".into())));
    let problem = body(&reply);
    assert_eq!(problem["type"], "urn:countersign:problem:too-many-requests");
    assert_eq!((&problem["limit"], &problem["current"]), (&json!("pending_per_subject"), &json!(2000)));
    assert_eq!(problem["approval"]["retry_after"], 15);
    assert_eq!(problem["approval"]["executed"], false);
}

#[test]
fn a_tool_call_is_answered_with_a_tool_result_that_the_model_sees() {
    let speech = Speech::JsonRpc(Messages::Single(tool(7)));
    let answered = body(&answer(&speech, &Situation::Pending));
    assert_eq!((&answered["id"], &answered["result"]["isError"]), (&json!(7), &json!(true)));
    assert_eq!(answered["result"]["_meta"]["countersign/approval"]["state"], "pending");
    assert!(answered["result"].get("structuredContent").is_none());
}

#[test]
fn a_recent_client_is_handed_a_state_while_it_waits_and_a_result_when_it_need_not() {
    let message = Message { id: json!(7), kind: MessageKind::ResumableToolCall };
    let speech = Speech::JsonRpc(Messages::Single(message));
    let pending = body(&answer(&speech, &Situation::Pending));
    assert_eq!(pending["result"]["resultType"], "input_required");
    assert_eq!(pending["result"]["requestState"], "cs1.x.y");
    assert!(pending["result"].get("isError").is_none() && pending["result"].get("content").is_none());
    let denied = body(&answer(&speech, &Situation::Denied { reason: None }));
    assert_eq!(denied["result"]["isError"], true);
    let tired = Ticket { state: None, ..ticket() };
    let last = reply(&speech, &Situation::Pending, &tired, &AnswersDoc::default());
    assert_eq!(body(&last)["result"]["isError"], true);
}

#[test]
fn another_method_is_answered_with_an_error_of_our_own_range() {
    let speech = Speech::JsonRpc(Messages::Single(Message { id: json!("x"), kind: MessageKind::Other }));
    let code = |situation: &Situation| body(&answer(&speech, situation))["error"]["code"].clone();
    assert_eq!(code(&Situation::Pending), 42_801);
    assert_eq!(code(&Situation::Denied { reason: None }), 40_301);
    assert_eq!(code(&Situation::Unavailable { what: "x" }), 50_301);
    let mismatch = Situation::Blocked { code: "header_mismatch", detail: "x".into() };
    assert_eq!((code(&mismatch), answer(&speech, &mismatch).status), (json!(-32_020), 400));
}

#[test]
fn grpc_details_name_reason_and_domain() {
    let reply = answer(&Speech::Grpc, &Situation::Pending);
    let (_, encoded) = reply.headers.iter().find(|(name, _)| *name == "grpc-status-details-bin").unwrap();
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(encoded).unwrap();
    assert_eq!(bytes.get(..2), Some(&[0x08, 9][..]), "google.rpc.Status.code");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    for part in
        ["google.rpc.ErrorInfo", "APPROVAL_PENDING", "countersign", "google.rpc.RetryInfo", "MAPLE-42"]
    {
        assert!(text.contains(part), "{part}");
    }
    assert!(reply.headers.contains(&("grpc-retry-pushback-ms", "-1".into())));
}
