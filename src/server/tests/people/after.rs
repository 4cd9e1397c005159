//! What reviewers see and do after a decision: an outcome that nobody knows, an approval taken back.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::support::{Inbox, Reply, Session, security_alone, submission};

const UNKNOWN: &str = "urn:countersign:problem:outcome-unknown";

/// An approved request whose filter reported that it does not know what became of it; and the same request again.
async fn unknown(inbox: &Inbox) -> (String, String) {
    let carol = inbox.session("carol").await;
    let body = submission(security_alone);
    let id = inbox.submit(&body).await;
    inbox.decide(&carol, &id, "approve").await.expect(StatusCode::OK);
    inbox.sent_and(&id, &body, "unknown").await;
    let again = inbox.submit(&body).await;
    assert_ne!(again, id);
    (id, again)
}

async fn act(inbox: &Inbox, who: &Session, id: &str, what: &str, body: &Value) -> Reply {
    let request = Request::post(format!("/approver/v1/requests/{id}/{what}"))
        .header("authorization", who.bearer())
        .header("content-type", "application/json");
    inbox.send(request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn an_unknown_outcome_stands_in_list_and_page_and_blocks_the_retry() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let (id, again) = unknown(&inbox).await;
    let list = inbox.api(&carol, "/approver/v1/requests?status=outcome_unknown").await.expect(StatusCode::OK);
    assert_eq!(list.json["requests"][0]["id"], id.as_str());
    assert_eq!(list.json["requests"][0]["state"], "outcome_unknown");
    assert_eq!(list.json["requests"][0]["unknown"]["why"], "reported_unknown");
    let waiting = inbox.page(&carol, "/inbox").await.expect(StatusCode::OK);
    assert!(waiting.text.contains("The outcome of one released request is unknown."), "{}", waiting.text);
    let list = inbox.page(&carol, "/inbox/unknown").await.expect(StatusCode::OK);
    assert!(
        list.text.contains(&format!("/r/{id}")) && list.text.contains("outcome unknown"),
        "{}",
        list.text
    );
    let page = inbox.page(&carol, &format!("/r/{id}")).await.expect(StatusCode::OK);
    assert!(page.text.contains("Outcome unknown") && page.text.contains("id=\"settle\""), "{}", page.text);

    let page = inbox.page(&carol, &format!("/r/{again}")).await.expect(StatusCode::OK);
    assert!(page.text.contains("nobody knows whether it was executed"), "{}", page.text);
    assert!(page.text.contains(&format!("<a href=\"/r/{id}\">")), "no way to the earlier one");
    let refused = inbox.decide(&carol, &again, "approve").await;
    refused.problem(409, UNKNOWN);
    assert!(refused.json["detail"].as_str().unwrap().contains(&id), "{}", refused.text);
    let pressed = inbox.press(&carol, &again, "approve", "please").await;
    assert_eq!(pressed.status, StatusCode::CONFLICT);
    assert!(pressed.text.contains("An earlier release is not accounted for"), "{}", pressed.text);
}

#[tokio::test]
async fn a_reviewer_settles_it_by_form_or_api_and_a_requester_cannot() {
    let inbox = Inbox::new().await;
    let (id, again) = unknown(&inbox).await;
    let (alice, carol) = (inbox.session("alice").await, inbox.session("carol").await);
    let said = json!({"executed": "no", "reason": "their log has no such call"});
    let own = "urn:countersign:problem:self-approval";
    act(&inbox, &alice, &id, "outcome", &said).await.problem(403, own);
    let page = inbox.page(&alice, &format!("/r/{id}")).await.expect(StatusCode::OK);
    assert!(!page.text.contains("id=\"settle\""), "a requester is offered to settle");
    act(&inbox, &carol, &id, "outcome", &json!({"executed": "no", "reason": ""}))
        .await
        .problem(422, "urn:countersign:problem:reason-required");
    for wrong in [
        json!({"executed": "maybe", "reason": "x"}),
        json!({"executed": "reported", "reason": "x"}),
        json!({"executed": "no", "reason": "x", "more": 1}),
        json!({"executed": "no"}),
    ] {
        let malformed = "urn:countersign:problem:malformed";
        act(&inbox, &carol, &id, "outcome", &wrong).await.problem(400, malformed);
    }
    let token = [("csrf", "wrong"), ("executed", "no"), ("reason", "x")];
    let forged = inbox.form(&carol, &format!("/r/{id}/outcome"), &token).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let fields =
        [("csrf", carol.csrf.as_str()), ("executed", "no"), ("reason", "their log has no such call")];
    let done = inbox.form(&carol, &format!("/r/{id}/outcome"), &fields).await;
    assert_eq!(
        (done.status, done.headers["location"].to_str().unwrap()),
        (StatusCode::SEE_OTHER, &*format!("/r/{id}"))
    );
    let page = inbox.page(&carol, &format!("/r/{id}")).await.expect(StatusCode::OK);
    assert!(page.text.contains("carol found out that it was not executed"), "{}", page.text);
    act(&inbox, &carol, &id, "outcome", &said)
        .await
        .problem(409, "urn:openid:authzen:access-request:error:invalid_task_state");
    let page = inbox.page(&carol, &format!("/r/{again}")).await.expect(StatusCode::OK);
    assert!(page.text.contains("carol found out that it was not executed"), "{}", page.text);
    inbox.decide(&carol, &again, "approve").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn an_approval_is_taken_back_by_form_or_api() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let reason = json!({"reason": "wrong customer"});
    for way in ["form", "api"] {
        let id = inbox.task(security_alone).await;
        inbox.decide(&carol, &id, "approve").await.expect(StatusCode::OK);
        if way == "form" {
            let page = inbox.page(&carol, &format!("/r/{id}")).await.expect(StatusCode::OK);
            assert!(page.text.contains("id=\"revoke\""), "{}", page.text);
            let fields = [("csrf", carol.csrf.as_str()), ("reason", "wrong customer")];
            let done = inbox.form(&carol, &format!("/r/{id}/revoke"), &fields).await;
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        } else {
            let done = act(&inbox, &carol, &id, "revoke", &reason).await.expect(StatusCode::OK);
            assert_eq!(
                (&done.json["state"], &done.json["revoked"]["by"]),
                (&json!("revoked"), &json!("carol"))
            );
        }
        let page = inbox.page(&carol, &format!("/r/{id}")).await.expect(StatusCode::OK);
        assert!(page.text.contains("carol took the approval back before it was used"), "{}", page.text);
        assert!(page.text.contains("Taken back") && !page.text.contains("id=\"revoke\""), "{}", page.text);
        act(&inbox, &carol, &id, "revoke", &reason)
            .await
            .problem(409, "urn:openid:authzen:access-request:error:invalid_task_state");
    }
}

#[tokio::test]
async fn nobody_without_a_session_settles_or_takes_back() {
    let inbox = Inbox::new().await;
    let (id, _) = unknown(&inbox).await;
    for what in ["outcome", "revoke"] {
        let request = Request::post(format!("/approver/v1/requests/{id}/{what}"))
            .header("content-type", "application/json")
            .body(Body::from(r#"{"executed":"no","reason":"x"}"#))
            .unwrap();
        inbox.send(request).await.problem(401, "urn:countersign:problem:unauthenticated");
        // A cookie alone is no intent.
        let carol = inbox.session("carol").await;
        let request = Request::post(format!("/approver/v1/requests/{id}/{what}"))
            .header("cookie", carol.cookie())
            .header("content-type", "application/json")
            .body(Body::from(r#"{"reason":"x"}"#))
            .unwrap();
        assert_eq!(inbox.send(request).await.status, StatusCode::FORBIDDEN, "{what}");
    }
}

/// Every answer of every kind, whoever asks.
#[tokio::test]
async fn every_answer_says_that_it_is_not_to_be_kept_framed_or_guessed_at() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    for (path, status) in [
        ("/", 303),
        ("/inbox", 200),
        ("/r/arq_none", 404),
        ("/login", 403),
        ("/nowhere", 404),
        ("/approver/v1/me", 200),
        ("/approver/v1/openapi.json", 200),
        ("/approver/v1/nothing", 404),
        ("/access/v1/jwks", 200),
        ("/access/v1/requests", 405),
        ("/access/v1/requests/arq_x", 401),
        ("/audit/v1/checkpoint", 200),
        ("/.well-known/authzen-configuration", 200),
    ] {
        let request = Request::get(path).header("cookie", carol.cookie()).body(Body::empty()).unwrap();
        let reply = inbox.send(request).await;
        assert_eq!(reply.status.as_u16(), status, "{path}");
        let says =
            |name: &str| reply.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
        assert_eq!(says("cache-control"), "no-store", "{path}");
        assert_eq!(says("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(says("x-frame-options"), "DENY", "{path}");
        assert_eq!(says("referrer-policy"), "no-referrer", "{path}");
        assert!(says("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(says("content-security-policy").contains("default-src 'none'"), "{path}");
        assert_eq!(says("strict-transport-security"), "max-age=63072000", "{path}");
    }
}
