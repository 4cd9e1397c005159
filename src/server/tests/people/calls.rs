//! What every call of the approver API gets: pages of lists, the same answer to the same call, a limit that says itself.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::support::{Inbox, Reply, Session, security_alone};

async fn keyed(inbox: &Inbox, who: &Session, path: &str, key: &str, body: &Value) -> Reply {
    let request = Request::post(path)
        .header("authorization", who.bearer())
        .header("content-type", "application/json")
        .header("idempotency-key", key);
    inbox.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn decision(inbox: &Inbox, id: &str, reason: &str) -> Value {
    let digest = inbox.service.task(id).await.unwrap().unwrap().display_digest;
    json!({"decision": "approve", "reason": reason, "display_digest": digest})
}

#[tokio::test]
async fn the_same_decision_with_the_same_key_is_taken_once_and_answered_the_same() {
    let inbox = Inbox::new().await;
    let (carol, id) = (inbox.session("carol").await, inbox.task(security_alone).await);
    let (path, body) = (format!("/approver/v1/requests/{id}/decisions"), decision(&inbox, &id, "fine").await);
    let first = keyed(&inbox, &carol, &path, "\"k-1\"", &body).await.expect(StatusCode::OK);
    let again = keyed(&inbox, &inbox.session("carol").await, &path, "k-1", &body).await;
    assert_eq!((again.status, &again.text), (StatusCode::OK, &first.text));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(inbox.service.task(&id).await.unwrap().unwrap().votes.len(), 1);
    // Without the key it is another decision, and too late.
    inbox.decide_with(&carol, &id, &body).await.expect(StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_idempotency_key_with_another_body_is_refused_and_belongs_to_its_person_and_path() {
    let inbox = Inbox::new().await;
    let (carol, dave) = (inbox.session("carol").await, inbox.session("dave").await);
    let (one, other) = (inbox.task(|_| {}).await, inbox.task(security_alone).await);
    let path = |id: &str| format!("/approver/v1/requests/{id}/decisions");
    let body = decision(&inbox, &one, "fine").await;
    keyed(&inbox, &carol, &path(&one), "k", &body).await.expect(StatusCode::OK);
    let changed = decision(&inbox, &one, "changed").await;
    keyed(&inbox, &carol, &path(&one), "k", &changed)
        .await
        .problem(409, "urn:openid:authzen:access-request:error:duplicate_request");
    let mut denial = decision(&inbox, &one, "no").await;
    denial["decision"] = "deny".into();
    keyed(&inbox, &dave, &path(&one), "k", &denial).await.expect(StatusCode::OK);
    let elsewhere = decision(&inbox, &other, "fine").await;
    keyed(&inbox, &carol, &path(&other), "k", &elsewhere).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_refusal_for_now_does_not_use_a_key_up_and_a_bad_key_is_none() {
    let inbox = Inbox::new().await;
    let (erin, id) = (inbox.session("erin").await, inbox.task(security_alone).await);
    let (path, body) = (format!("/approver/v1/requests/{id}/decisions"), decision(&inbox, &id, "fine").await);
    for _ in 0..2 {
        let refused = keyed(&inbox, &erin, &path, "k", &body).await.expect(StatusCode::FORBIDDEN);
        assert!(!refused.headers.contains_key("idempotency-replayed"));
    }
    for bad in ["", "\"\"", "a b", &"x".repeat(300)] {
        keyed(&inbox, &erin, &path, bad, &body).await.problem(400, "urn:countersign:problem:malformed");
    }
}

#[tokio::test]
async fn a_hundred_calls_at_once_with_one_key_decide_once() {
    let inbox = Inbox::new().await;
    let (carol, id) = (inbox.session("carol").await, inbox.task(security_alone).await);
    let (path, body) = (format!("/approver/v1/requests/{id}/decisions"), decision(&inbox, &id, "fine").await);
    let calls = (0..100).map(|_| keyed(&inbox, &carol, &path, "k", &body));
    let answers = futures_util::future::join_all(calls).await;
    let fresh = answers
        .iter()
        .filter(|one| one.status == StatusCode::OK && !one.headers.contains_key("idempotency-replayed"));
    assert_eq!(fresh.count(), 1);
    for one in &answers {
        assert!(
            one.status == StatusCode::OK || one.json["title"] == "The first one is under way",
            "{}",
            one.text
        );
    }
}

/// Follows a list by its cursors; returns the ids.
async fn walk(inbox: &Inbox, who: &Session, first: &str, entries: &str) -> Vec<String> {
    let (mut seen, mut url) = (Vec::new(), first.to_owned());
    loop {
        let page = inbox.api(who, &url).await.expect(StatusCode::OK);
        let ids = page.json[entries].as_array().unwrap().iter();
        seen.extend(ids.map(|entry| entry["id"].as_str().unwrap().to_owned()));
        let link = page.headers.get("link").map(|link| link.to_str().unwrap().to_owned());
        let Some(next) = page.json["next"].as_str() else {
            assert!(link.is_none());
            return seen;
        };
        let link = link.unwrap();
        url = link.strip_prefix('<').unwrap().split('>').next().unwrap().to_owned();
        assert!(url.contains(next) && link.ends_with("rel=\"next\""), "{link}");
    }
}

#[tokio::test]
async fn every_list_can_be_read_page_by_page() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(inbox.task(security_alone).await);
    }
    for status in ["waiting", "pending", "all"] {
        let whole = walk(&inbox, &carol, &format!("/approver/v1/requests?status={status}"), "requests").await;
        let paged =
            walk(&inbox, &carol, &format!("/approver/v1/requests?status={status}&limit=2"), "requests").await;
        assert_eq!(whole, paged, "{status}");
        let sorted = |mut ids: Vec<String>| {
            ids.sort();
            ids
        };
        assert_eq!(sorted(paged), sorted(ids.clone()), "{status}");
    }
    for id in &ids {
        inbox.decide(&carol, id, "deny").await.expect(StatusCode::OK);
    }
    assert_eq!(
        walk(&inbox, &carol, "/approver/v1/requests?status=decided&limit=3", "requests").await.len(),
        7
    );
    let first = inbox.api(&carol, "/approver/v1/requests?status=decided&limit=3").await.json;
    let cursor = first["next"].as_str().unwrap();
    for bad in ["garbage", cursor] {
        inbox
            .api(&carol, &format!("/approver/v1/requests?status=all&cursor={bad}"))
            .await
            .problem(400, "urn:countersign:problem:malformed");
    }
    inbox.api(&carol, "/approver/v1/standing?limit=1").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn who_calls_too_often_is_told_when_to_come_again_and_nobody_else_feels_it() {
    let inbox = Inbox::new().await;
    let (bob, carol) = (inbox.session("bob").await, inbox.session("carol").await);
    let first = inbox.api(&bob, "/approver/v1/me").await.expect(StatusCode::OK);
    assert_eq!(first.headers["ratelimit-policy"], "\"person\";q=600;w=60");
    assert_eq!(first.headers["ratelimit"], "\"person\";r=599;t=1");
    let mut last = first;
    for _ in 0..700 {
        last = inbox.api(&bob, "/approver/v1/me").await;
        if last.status != StatusCode::OK {
            break;
        }
    }
    last.problem(429, "urn:countersign:problem:too-many-requests");
    assert_eq!((&last.json["limit"], &last.json["most"]), (&json!("calls_per_minute"), &json!(600)));
    assert!(last.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() >= 1);
    // Another session of the same person has no other allowance; another person has.
    let second = inbox.session("bob").await;
    let told = inbox.api(&second, "/approver/v1/me").await;
    let left = told.headers["ratelimit"].to_str().unwrap().split(['=', ';']).nth(2).unwrap().to_owned();
    assert!(left.parse::<u32>().unwrap() < 300, "a new session has {left} calls of its own");
    inbox.api(&carol, "/approver/v1/me").await.expect(StatusCode::OK);
    // Whoever has no session is told so, and has no allowance to use up.
    let nobody = inbox.send(Request::get("/approver/v1/me").body(Body::empty()).unwrap()).await;
    assert!(nobody.status == StatusCode::UNAUTHORIZED && !nobody.headers.contains_key("ratelimit"));
}
