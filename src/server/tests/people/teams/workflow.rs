//! A Workflows webhook: a card with one button, which opens the inbox.

use axum::http::Method;
use serde_json::Value;

use super::cloud::{Call, Cloud};
use crate::support::security_alone;

async fn told(cloud: &Cloud, wanted: impl Fn(&Call) -> bool) -> Call {
    for _ in 0..400 {
        let call =
            cloud.calls().into_iter().find(|call| call.path.starts_with("/workflows/") && wanted(call));
        if let Some(call) = call {
            return call;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the workflow was not told: {:#?}", cloud.calls());
}

#[tokio::test]
async fn a_workflow_is_told_of_a_request_and_its_end_with_nothing_to_decide_on() {
    let cloud = Cloud::new().await;
    let id = cloud.inbox.task(security_alone).await;
    let first = told(&cloud, |call| call.body.contains("Approval wanted")).await;
    assert_eq!((&first.method, first.authorization.as_str()), (&Method::POST, ""));
    let message = first.json();
    assert_eq!(message["type"], "message");
    assert_eq!(message["attachments"][0]["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(message["attachments"][0]["contentUrl"], Value::Null);
    assert!(
        !first.body.contains("Action.Execute")
            && !first.body.contains("Input.")
            && !first.body.contains("mac")
    );
    assert!(first.body.contains(&format!("https://approvals.example.com/r/{id}")), "{}", first.body);
    let dave = cloud.inbox.session("dave").await;
    cloud.inbox.decide(&dave, &id, "deny").await;
    told(&cloud, |call| call.body.contains("Denied")).await;
}
