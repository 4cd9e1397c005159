//! Live events: what they tell, to whom, and how they end.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use futures_util::StreamExt as _;
use tower::ServiceExt as _;

use super::support::{Inbox, Session, security_alone};

/// Reads a stream of events until `wanted` was seen or five seconds passed.
async fn listen(inbox: &Inbox, who: &Session, wanted: &str, act: impl Future<Output = ()>) -> String {
    let request = Request::get("/approver/v1/events")
        .header("authorization", who.bearer())
        .body(Body::empty())
        .unwrap();
    let answer = inbox.app.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut frames = answer.into_body().into_data_stream();
    act.await;
    let mut text = String::new();
    let read = async {
        while let Some(frame) = frames.next().await {
            text.push_str(str::from_utf8(&frame.unwrap()).unwrap());
            if text.contains(wanted) {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), read).await.unwrap_or_default();
    text
}

#[tokio::test]
async fn a_new_request_is_told_with_its_count() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let told = listen(&inbox, &carol, "event: waiting", async {
        inbox.task(security_alone).await;
    })
    .await;
    assert!(told.contains("event: task") && told.contains("\"status\":\"pending\""), "{told}");
    assert!(told.contains("event: waiting\ndata: 1"), "{told}");
    assert!(!told.contains("customers"), "events carry no content: {told}");
}

#[tokio::test]
async fn many_changes_at_once_are_told_as_one() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let told = listen(&inbox, &carol, "event: waiting", async {
        for _ in 0..60 {
            inbox.task(security_alone).await;
        }
    })
    .await;
    assert!(told.matches("event: task").count() <= 20, "{told}");
    assert!(told.contains("event: waiting"), "{told}");
}

#[tokio::test]
async fn a_shutdown_ends_the_stream() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let service = inbox.service.clone();
    let told = tokio::time::timeout(
        Duration::from_secs(4),
        listen(&inbox, &carol, "never said", async move { service.close().await }),
    );
    assert!(told.await.is_ok(), "the stream went on after the shutdown");
}
