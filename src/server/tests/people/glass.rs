//! Deciding alone and the second look, as reviewers' programs and browsers do it; and who has no such door.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use countersign_wire::digest::b64url;
use serde_json::{Value, json};

use super::support::{Inbox, Reply, Session, signed, v1};

const NO_LEAVE: &str = "urn:countersign:problem:break-glass-not-allowed";
const SECOND: &str = "urn:countersign:problem:second-human-required";
const SELF: &str = "urn:countersign:problem:self-approval";
const NOT_ELIGIBLE: &str = "urn:countersign:problem:not-eligible";
const SEPARATION: &str = "urn:countersign:problem:separation";
const REASON: &str = "urn:countersign:problem:reason-required";
const STATE: &str = "urn:openid:authzen:access-request:error:invalid_task_state";
const STALE: &str = "urn:countersign:problem:stale-view";
const UNAUTHENTICATED: &str = "urn:countersign:problem:unauthenticated";

/// Somebody of security may decide alone.
fn breakable(value: &mut Value) {
    v1(value)["quorum"]["break_glass"] = json!(["security"]);
}

async fn digest(inbox: &Inbox, id: &str) -> String {
    inbox.service.task(id).await.unwrap().unwrap().display_digest
}

async fn look(inbox: &Inbox, who: &Session, id: &str, body: &Value) -> Reply {
    let request = Request::post(format!("/approver/v1/requests/{id}/second-looks"))
        .header("authorization", who.bearer())
        .header("content-type", "application/json");
    inbox.send(request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn one_person_decides_alone_and_a_second_human_confirms() {
    let inbox = Inbox::new().await;
    let id = inbox.task(breakable).await;
    let (bob, carol) = (inbox.session("bob").await, inbox.session("carol").await);
    let alice = inbox.session("alice").await;
    let shown = inbox.api(&carol, &format!("/approver/v1/requests/{id}")).await.expect(StatusCode::OK).json;
    assert_eq!(shown["quorum"]["break_glass"], json!(["security"]));
    inbox.decide(&bob, &id, "break_glass").await.problem(403, NOT_ELIGIBLE);
    inbox.decide(&alice, &id, "break_glass").await.problem(403, SELF);
    let silent =
        json!({"decision": "break_glass", "reason": " ", "display_digest": digest(&inbox, &id).await});
    inbox.decide_with(&carol, &id, &silent).await.problem(422, REASON);
    let done = inbox.decide(&carol, &id, "break_glass").await.expect(StatusCode::OK).json;
    assert_eq!((&done["state"], &done["break_glass"]["state"]), (&json!("approved"), &json!("awaited")));
    assert_eq!(
        (&done["break_glass"]["by"], &done["break_glass"]["reason"]),
        (&json!("carol"), &json!("because"))
    );

    let list = async |who: &Session| {
        let list = inbox.api(who, "/approver/v1/requests?status=second-look").await.expect(StatusCode::OK);
        list.json["requests"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(list(&bob).await, [json!(id)]);
    assert!(list(&carol).await.is_empty() && list(&alice).await.is_empty());

    let digest = digest(&inbox, &id).await;
    let says =
        |verdict: &str| json!({"verdict": verdict, "reason": "I was called", "display_digest": digest});
    look(&inbox, &carol, &id, &says("confirm")).await.problem(403, SECOND);
    look(&inbox, &alice, &id, &says("confirm")).await.problem(403, SELF);
    let erin = inbox.session("erin").await;
    look(&inbox, &erin, &id, &says("confirm")).await.problem(403, NOT_ELIGIBLE);
    let silent = json!({"verdict": "confirm", "reason": "", "display_digest": digest});
    look(&inbox, &bob, &id, &silent).await.problem(422, REASON);
    let stale = json!({"verdict": "confirm", "reason": "x", "display_digest": "sha-256:other"});
    look(&inbox, &bob, &id, &stale).await.problem(409, STALE);
    for odd in [json!({}), json!({"verdict": "shrug", "reason": "x", "display_digest": digest}), json!([])] {
        assert!(look(&inbox, &bob, &id, &odd).await.status.is_client_error(), "{odd}");
    }
    let after = look(&inbox, &bob, &id, &says("confirm")).await.expect(StatusCode::OK).json;
    let second = &after["break_glass"]["second_look"];
    assert_eq!((&after["break_glass"]["state"], &second["by"]), (&json!("confirmed"), &json!("bob")));
    look(&inbox, &bob, &id, &says("contest")).await.problem(409, STATE);
    assert!(list(&bob).await.is_empty());
}

#[tokio::test]
async fn without_leave_of_the_rule_the_api_refuses_and_the_page_offers_nothing() {
    let inbox = Inbox::new().await;
    let id = inbox.task(|_| {}).await;
    let carol = inbox.session("carol").await;
    inbox.decide(&carol, &id, "break_glass").await.problem(403, NO_LEAVE);
    let page = inbox.page(&carol, &format!("/r/{id}")).await.expect(StatusCode::OK);
    assert!(!page.text.contains("decide alone"), "{}", page.text);
    let other = inbox.task(breakable).await;
    let bob = inbox.session("bob").await;
    let page = inbox.page(&bob, &format!("/r/{other}")).await.expect(StatusCode::OK);
    assert!(!page.text.contains("decide alone"), "bob is in no group that may");
}

#[tokio::test]
async fn a_browser_decides_alone_and_another_one_contests() {
    let inbox = Inbox::new().await;
    let id = inbox.task(breakable).await;
    let (bob, carol) = (inbox.session("bob").await, inbox.session("carol").await);
    let page = inbox.page(&carol, &format!("/r/{id}")).await.expect(StatusCode::OK);
    let mut fields = page.hidden_fields("id=\"glass\"");
    fields.extend([("reason", "the vendor is down"), ("choice", "break_glass")]);
    let done = inbox.form(&carol, &format!("/r/{id}/decide"), &fields).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, format!("/r/{id}").as_str()));

    let list = inbox.page(&bob, "/inbox").await.expect(StatusCode::OK);
    assert!(list.text.contains(&id) && list.text.contains("a second look is awaited"), "{}", list.text);
    let own = inbox.page(&carol, "/inbox").await.expect(StatusCode::OK);
    assert!(!own.text.contains(&format!("href=\"/r/{id}\"")), "{}", own.text);
    let page = inbox.page(&bob, &format!("/r/{id}")).await.expect(StatusCode::OK);
    assert!(
        page.text.contains("the vendor is down") && page.text.contains("carol decided alone"),
        "{}",
        page.text
    );
    let mut fields = page.hidden_fields("id=\"look\"");
    fields.extend([("reason", "it was not"), ("verdict", "contest")]);
    let forged: Vec<_> =
        fields.iter().map(|(name, value)| (*name, if *name == "csrf" { "x" } else { *value })).collect();
    let refused = inbox.form(&bob, &format!("/r/{id}/look"), &forged).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let elsewhere = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let refused = inbox.form_with(&bob, &format!("/r/{id}/look"), &fields, &elsewhere).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let done = inbox.form(&bob, &format!("/r/{id}/look"), &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let page = inbox.page(&carol, &format!("/r/{id}")).await.expect(StatusCode::OK);
    assert!(page.text.contains("bob contests it") && page.text.contains("it was not"), "{}", page.text);
}

#[tokio::test]
async fn who_is_kept_out_by_the_rule_is_told_so() {
    let inbox = Inbox::new().await;
    let id = inbox
        .task(|value| {
            v1(value)["quorum"]["separation"] = json!(["policy_author"]);
            v1(value)["policy"]["authors"] = json!(["bob@example.com"]);
        })
        .await;
    let bob = inbox.session("bob").await;
    let refused = inbox.decide(&bob, &id, "approve").await;
    refused.problem(403, SEPARATION);
    assert!(refused.json["detail"].as_str().unwrap().contains("you wrote the policy"), "{}", refused.text);
    let page = inbox.page(&bob, &format!("/r/{id}")).await.expect(StatusCode::OK);
    assert!(page.text.contains("You wrote the policy that asks for this"), "{}", page.text);
}

#[tokio::test]
async fn nothing_but_a_human_session_opens_the_approvers_side() {
    let inbox = Inbox::new().await;
    let id = inbox.task(breakable).await;
    let digest = digest(&inbox, &id).await;
    // A client-credentials token: signed or not, it names a service.
    let part = |value: Value| b64url(value.to_string().as_bytes());
    let claims = json!({"iss": "https://idp.example.com", "sub": "service-account", "aud": "countersign",
        "scope": "approve", "client_id": "ci", "exp": 4_102_444_800_u32});
    let unsigned = format!("{}.{}.", part(json!({"alg": "none"})), part(claims.clone()));
    let signed_by_us = {
        let issuer = countersign_wire::jws::Issuer::from_seed(&[7; 32]);
        issuer.sign("at+jwt", &claims)
    };
    let filter_key = "07".repeat(32);
    let credentials = [
        format!("Bearer {unsigned}"),
        format!("Bearer {signed_by_us}"),
        format!("Bearer {filter_key}"),
        "Bearer ghs_16C7e42F292c6912E7710c838347Ae178B4a".to_owned(),
        format!("Basic {}", b64url(b"pep:07")),
        format!("Digest username=\"pep\", response=\"{filter_key}\""),
        "Bearer".to_owned(),
        "Bearer  ".to_owned(),
    ];
    let decision = json!({"decision": "break_glass", "reason": "fire", "display_digest": digest}).to_string();
    let second = json!({"verdict": "confirm", "reason": "fire", "display_digest": digest}).to_string();
    for (path, body) in [("decisions", &decision), ("second-looks", &second)] {
        let path = format!("/approver/v1/requests/{id}/{path}");
        for credential in &credentials {
            let request = Request::post(&path)
                .header("authorization", credential)
                .header("content-type", "application/json")
                .body(Body::from(body.clone()))
                .unwrap();
            inbox.send(request).await.problem(401, UNAUTHENTICATED);
        }
        inbox
            .send(signed(&path, body.as_bytes(), inbox.service.now_ms()))
            .await
            .problem(401, UNAUTHENTICATED);
        let cookie = Request::post(&path)
            .header("cookie", format!("countersign_session={filter_key}"))
            .header("content-type", "application/json")
            .body(Body::from(body.clone()))
            .unwrap();
        inbox.send(cookie).await.problem(401, UNAUTHENTICATED);
    }
    let task = inbox.service.task(&id).await.unwrap().unwrap();
    assert!(task.votes.is_empty() && task.glass.is_none());
}
