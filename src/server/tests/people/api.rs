//! `/approver/v1`: who gets in, what it says, what it refuses.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use serde_json::json;

use super::support::{HOST, Inbox, security_alone, signed};

const SELF: &str = "urn:countersign:problem:self-approval";
const STALE: &str = "urn:countersign:problem:stale-view";
const UNAUTHENTICATED: &str = "urn:countersign:problem:unauthenticated";
const FORGED: &str = "urn:countersign:problem:forged-request";

#[tokio::test]
async fn nobody_without_a_human_session_sees_or_decides_anything() {
    let inbox = Inbox::new().await;
    let id = inbox.task(|_| {}).await;
    for path in [
        "/approver/v1/me",
        "/approver/v1/requests",
        &format!("/approver/v1/requests/{id}"),
        "/approver/v1/events",
    ] {
        let plain = Request::get(path).body(Body::empty()).unwrap();
        inbox.send(plain).await.problem(401, UNAUTHENTICATED);
        let wrong =
            Request::get(path).header("authorization", "Bearer nonsense").body(Body::empty()).unwrap();
        inbox.send(wrong).await.problem(401, UNAUTHENTICATED);
    }
}

#[tokio::test]
async fn a_filter_s_signature_is_no_session() {
    let inbox = Inbox::new().await;
    let id = inbox.task(|_| {}).await;
    let digest = inbox.service.task(&id).await.unwrap().unwrap().display_digest;
    let body =
        json!({"decision": "approve", "reason": "the agent says so", "display_digest": digest}).to_string();
    let path = format!("/approver/v1/requests/{id}/decisions");
    inbox.send(signed(&path, body.as_bytes(), inbox.service.now_ms())).await.problem(401, UNAUTHENTICATED);
    assert!(inbox.service.task(&id).await.unwrap().unwrap().votes.is_empty());
}

#[tokio::test]
async fn two_reviewers_of_two_groups_approve() {
    let inbox = Inbox::new().await;
    let id = inbox.task(|_| {}).await;
    let (bob, carol) = (inbox.session("bob").await, inbox.session("carol").await);
    let seen = inbox.api(&bob, "/approver/v1/requests").await.expect(StatusCode::OK).json;
    assert_eq!(seen["requests"][0]["id"], id);
    assert_eq!(seen["requests"][0]["sentence"], "Export prod.public.customers to api.thirdparty.example");
    assert_eq!(seen["requests"][0]["why"], "Quarterly vendor reconciliation DPA-114");

    let first = inbox.decide(&bob, &id, "approve").await.expect(StatusCode::OK).json;
    assert_eq!((&first["state"], &first["quorum"]["approved"]), (&json!("pending"), &json!(1)));
    assert_eq!(first["votes"][0]["channel"], "api");
    let second = inbox.decide(&carol, &id, "approve").await.expect(StatusCode::OK).json;
    assert_eq!(second["state"], "approved");
    assert!(second["record"]["hash"].as_str().is_some_and(|hash| hash.len() == 64), "{second}");
    assert_eq!(inbox.api(&bob, "/approver/v1/requests").await.json["requests"], json!([]));
    let decided = inbox.api(&bob, "/approver/v1/requests?status=decided").await.json;
    assert_eq!(decided["requests"][0]["id"], id);
}

#[tokio::test]
async fn the_requester_cannot_approve_its_own_request() {
    let inbox = Inbox::new().await;
    let id = inbox.task(|_| {}).await;
    let alice = inbox.session("alice").await;
    inbox.decide(&alice, &id, "approve").await.problem(403, SELF);
    assert_eq!(inbox.service.task(&id).await.unwrap().unwrap().votes, []);
    assert_eq!(inbox.api(&alice, "/approver/v1/requests").await.json["requests"], json!([]));
}

#[tokio::test]
async fn somebody_of_no_group_is_not_eligible() {
    let inbox = Inbox::new().await;
    let id = inbox.task(|_| {}).await;
    let erin = inbox.session("erin").await;
    inbox.decide(&erin, &id, "approve").await.problem(403, "urn:countersign:problem:not-eligible");
}

#[tokio::test]
async fn another_digest_than_the_one_shown_decides_nothing() {
    let inbox = Inbox::new().await;
    let (mine, other) =
        (inbox.task(|_| {}).await, inbox.task(|value| value["resource"]["id"] = "x".into()).await);
    let bob = inbox.session("bob").await;
    let digest = inbox.service.task(&other).await.unwrap().unwrap().display_digest;
    for wrong in [digest.as_str(), "", "sha-256:AAAA"] {
        let body = json!({"decision": "approve", "reason": "because", "display_digest": wrong});
        inbox.decide_with(&bob, &mine, &body).await.problem(409, STALE);
    }
    assert_eq!(inbox.service.task(&mine).await.unwrap().unwrap().votes, []);
}

#[tokio::test]
async fn another_code_than_the_one_compared_decides_nothing() {
    let inbox = Inbox::new().await;
    let id = inbox.task(|_| {}).await;
    let bob = inbox.session("bob").await;
    let task = inbox.service.task(&id).await.unwrap().unwrap();
    let body = json!({"decision": "approve", "reason": "because", "display_digest": task.display_digest, "code": "OAK-00"});
    inbox.decide_with(&bob, &id, &body).await.problem(409, STALE);
    let body = json!({"decision": "approve", "reason": "because", "display_digest": task.display_digest, "code": task.code});
    inbox.decide_with(&bob, &id, &body).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_decision_says_why_and_a_second_one_comes_too_late() {
    let inbox = Inbox::new().await;
    let id = inbox.task(security_alone).await;
    let carol = inbox.session("carol").await;
    let digest = inbox.service.task(&id).await.unwrap().unwrap().display_digest;
    let silent = json!({"decision": "deny", "reason": " ", "display_digest": digest});
    inbox.decide_with(&carol, &id, &silent).await.problem(422, "urn:countersign:problem:reason-required");
    inbox.decide(&carol, &id, "deny").await.expect(StatusCode::OK);
    let late = inbox.decide(&carol, &id, "approve").await;
    late.problem(409, "urn:openid:authzen:access-request:error:invalid_task_state");
}

#[tokio::test]
async fn what_does_not_read_is_a_problem_and_not_a_decision() {
    let inbox = Inbox::new().await;
    let id = inbox.task(|_| {}).await;
    let bob = inbox.session("bob").await;
    for body in [
        json!({}),
        json!([]),
        json!({"decision": "yes", "reason": "x", "display_digest": "y"}),
        json!({"decision": "approve", "reason": "x", "display_digest": "y", "and": "more"}),
    ] {
        inbox.decide_with(&bob, &id, &body).await.problem(400, "urn:countersign:problem:malformed");
    }
    inbox
        .api(&bob, "/approver/v1/requests?status=nonsense")
        .await
        .problem(400, "urn:countersign:problem:malformed");
    inbox.api(&bob, "/approver/v1/requests?stat=all").await.problem(400, "urn:countersign:problem:malformed");
    let unknown = "urn:openid:authzen:access-request:error:unknown_task";
    inbox.api(&bob, "/approver/v1/requests/arq_none").await.problem(404, unknown);
    inbox.api(&bob, "/approver/v1/requests/..%2F..%2Fme").await.problem(404, unknown);
}

#[tokio::test]
async fn get_and_head_change_nothing() {
    let inbox = Inbox::new().await;
    let id = inbox.task(security_alone).await;
    let carol = inbox.session("carol").await;
    let before = inbox.service.task(&id).await.unwrap().unwrap().version;
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH] {
        for path in [
            format!("/approver/v1/requests/{id}/decisions"),
            format!("/r/{id}/decide?choice=approve"),
            "/logout".into(),
            "/login/dev".into(),
        ] {
            let request = Request::builder()
                .method(&method)
                .uri(&path)
                .header("host", HOST)
                .header("cookie", carol.cookie());
            let reply = inbox.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        }
    }
    for path in ["/inbox", "/inbox/mine", "/inbox/decided", &format!("/r/{id}")] {
        inbox.page(&carol, path).await.expect(StatusCode::OK);
    }
    assert_eq!(inbox.service.task(&id).await.unwrap().unwrap().version, before);
    inbox.page(&carol, "/inbox").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn by_cookie_a_decision_needs_the_token_and_our_own_page() {
    let inbox = Inbox::new().await;
    let id = inbox.task(security_alone).await;
    let carol = inbox.session("carol").await;
    let digest = inbox.service.task(&id).await.unwrap().unwrap().display_digest;
    let body = json!({"decision": "approve", "reason": "because", "display_digest": digest}).to_string();
    let post = |headers: &[(&str, &str)]| {
        let mut request = Request::post(format!("/approver/v1/requests/{id}/decisions"))
            .header("host", HOST)
            .header("cookie", carol.cookie())
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::from(body.clone())).unwrap()
    };
    let token = ("countersign-csrf", carol.csrf.as_str());
    let ours = ("sec-fetch-site", "same-origin");
    for headers in [
        &[token][..],
        &[ours],
        &[ours, ("countersign-csrf", "wrong")],
        &[token, ("sec-fetch-site", "cross-site")],
        &[token, ("origin", "https://evil.example")],
        &[token, ours, ("origin", "https://evil.example")],
    ] {
        inbox.send(post(headers)).await.problem(403, FORGED);
    }
    assert_eq!(inbox.service.task(&id).await.unwrap().unwrap().votes, []);
    inbox.send(post(&[token, ours])).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_form_is_not_json_even_with_a_session() {
    let inbox = Inbox::new().await;
    let id = inbox.task(security_alone).await;
    let carol = inbox.session("carol").await;
    let request = Request::post(format!("/approver/v1/requests/{id}/decisions"))
        .header("authorization", carol.bearer())
        .header("content-type", "text/plain");
    let reply = inbox.send(request.body(Body::from("{}")).unwrap()).await;
    reply.problem(400, "urn:countersign:problem:malformed");
}

#[tokio::test]
async fn the_document_of_the_api_is_served_and_nothing_here_may_be_kept() {
    let inbox = Inbox::new().await;
    let reply = inbox.send(Request::get("/approver/v1/openapi.json").body(Body::empty()).unwrap()).await;
    let reply = reply.expect(StatusCode::OK);
    assert_eq!(reply.text, countersign_server::approver::document());
    for path in reply.json["paths"].as_object().unwrap().keys() {
        let known = ["/approver/v1/", "/access/v1/", "/audit/v1/", "/.well-known/", "/login/dev"];
        assert!(known.iter().any(|known| path.starts_with(known)), "{path}");
    }
    let bob = inbox.session("bob").await;
    let me = inbox.api(&bob, "/approver/v1/me").await;
    assert_eq!(me.headers["cache-control"], "no-store");
    assert_eq!(me.json["name"], "bob");
}
