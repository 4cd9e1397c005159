//! Health, readiness and numbers: true, bounded, and nothing in them that somebody else chose.

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use countersign_server::{observe, service::Service};
use tower::ServiceExt as _;

use crate::support::{Inbox, security_alone};

async fn numbers(service: &Service) -> String {
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let answer = observe::router(service.clone()).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(
        answer.headers()["content-type"],
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 24).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn plain(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_service_that_is_stopping_lives_and_is_not_ready() {
    let inbox = Inbox::new().await;
    inbox.send(plain("/healthz")).await.expect(StatusCode::OK);
    assert_eq!(inbox.send(plain("/readyz")).await.expect(StatusCode::OK).json["ready"], true);
    inbox.service.drain();
    let told = inbox.send(plain("/readyz")).await.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(told.json["why"], "the service is stopping");
    inbox.send(plain("/healthz")).await.expect(StatusCode::OK);
    // What comes meanwhile is served.
    inbox.task(security_alone).await;
}

#[tokio::test]
async fn a_service_without_its_signing_key_or_its_head_is_not_ready_and_says_no_path() {
    let inbox = Inbox::new().await;
    inbox.send(plain("/readyz")).await.expect(StatusCode::OK);
    let key = inbox.files().join("signing.key");
    let away = inbox.files().join("away");
    std::fs::rename(&key, &away).unwrap();
    let told = inbox.send(plain("/readyz")).await.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(told.json["why"], "the signing key cannot be read");
    std::fs::rename(&away, &key).unwrap();
    inbox.send(plain("/readyz")).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn numbers_are_not_at_the_services_own_address() {
    let inbox = Inbox::new().await;
    inbox.send(plain("/metrics")).await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn decisions_refusals_and_what_waits_are_counted() {
    let inbox = Inbox::new().await;
    let (carol, erin) = (inbox.session("carol").await, inbox.session("erin").await);
    let (one, _other) = (inbox.task(security_alone).await, inbox.task(security_alone).await);
    inbox.decide(&erin, &one, "approve").await.expect(StatusCode::FORBIDDEN);
    inbox.decide(&carol, &one, "approve").await.expect(StatusCode::OK);
    let text = numbers(&inbox.service).await;
    for line in [
        "countersign_decisions_total{channel=\"api\",choice=\"approve\"} 1",
        "countersign_problems_total{type=\"urn:countersign:problem:not-eligible\"} 1",
        "countersign_tasks_pending 1",
        "countersign_decision_seconds_count 1",
        "countersign_http_answers_total{route=\"/approver/v1/requests/{id}/decisions\",method=\"Post\",status=\"403\"} 1",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn nobody_can_make_numbers_grow_with_what_they_send() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let flood = async |from: u32| {
        for n in from..from + 200 {
            for path in [format!("/x{n}"), format!("/approver/v1/requests/arq_{n}"), format!("/r/{n}?q={n}")]
            {
                inbox.api(&carol, &path).await;
            }
            let mut odd = Request::builder()
                .method(format!("M{n}").as_str())
                .uri("/inbox")
                .body(Body::empty())
                .unwrap();
            odd.extensions_mut().insert(ConnectInfo::<std::net::SocketAddr>("127.0.0.1:1".parse().unwrap()));
            inbox.send(odd).await;
        }
    };
    flood(0).await;
    let id = inbox
        .task(|value| {
            security_alone(value);
            value["resource"]["id"] = "canary-resource".into();
        })
        .await;
    let before = numbers(&inbox.service).await;
    flood(1_000).await;
    let after = numbers(&inbox.service).await;
    let series = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
    assert!(series(&after) <= series(&before) + 8, "{} became {}", series(&before), series(&after));
    for said in ["canary-resource", id.as_str(), "carol", "x17", "M17", "arq_"] {
        assert!(!after.contains(said), "{said} is among the numbers");
    }
}
