//! What needs a fresh sign-in.

use axum::http::StatusCode;
use serde_json::json;

use super::support::Stage;

const RULE: &str = "  step_up:\n  - {classes: [data_export], max_age: 5m, acr: [phr]}\n";

async fn stage() -> Option<Stage> {
    Stage::with(&["one"], "    groups: {claim: groups}\n", RULE).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_high_risk_request_is_let_out_only_after_a_fresh_sign_in_of_the_right_kind() {
    let Some(stage) = stage().await else { return };
    let id = stage.task(|_| {}).await;
    let mut carol = stage.signed_in("one", "carol");
    // Asked moments ago, but by a password alone.
    let page = carol.decide(&stage.base, &id, "approve");
    assert_eq!(page.location.as_deref(), Some(format!("/login/again?next=/r/{id}").as_str()));
    let page = carol.follow(page, |_| false);
    assert!(page.text.contains("Nothing was decided"), "{}", page.text);
    assert_eq!(stage.service.task(&id).await.unwrap().unwrap().status.as_str(), "pending");

    let again = format!("{}/login/to/one?next=/r/{id}&again=yes", stage.base);
    let back = carol.at_provider(&again, "carol");
    carol.follow(back, |_| false).refused("in another way than this needs");

    stage
        .idp()
        .test("account", &json!({"carol": {"name": "Carol C.", "groups": ["security"], "acr": "phr"}}));
    let back = carol.at_provider(&again, "carol");
    let page = carol.follow(back, |_| false);
    assert!(page.url.ends_with(&format!("/r/{id}")), "{}", page.text);
    assert_eq!(carol.decide(&stage.base, &id, "approve").location, Some(format!("/r/{id}")));
    assert_eq!(stage.service.task(&id).await.unwrap().unwrap().status.as_str(), "approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_is_too_old_lets_nothing_out_and_still_denies() {
    let Some(stage) = stage().await else { return };
    let (first, second) = (stage.task(|_| {}).await, stage.task(|_| {}).await);
    let mut dave = stage.signed_in("one", "dave");
    stage.clock.by(5 * 60 + 1);
    let refused = dave.approve_by_api(&stage, &first).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.json()["type"], "urn:countersign:problem:sign-in-again");
    assert_eq!(dave.decide(&stage.base, &second, "deny").location, Some(format!("/r/{second}")));
    assert_eq!(stage.service.task(&second).await.unwrap().unwrap().status.as_str(), "denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again_as_somebody_else_is_refused_and_a_chat_never_suffices() {
    let Some(stage) = stage().await else { return };
    let id = stage.task(|_| {}).await;
    let mut carol = stage.signed_in("one", "carol");
    carol.forget(&stage.idp().issuer);
    let back = carol.at_provider(&format!("{}/login/to/one?next=/r/{id}&again=yes", stage.base), "dave");
    carol.follow(back, |_| false).refused("as somebody else");

    let task = stage.service.task(&id).await.unwrap().unwrap();
    let who = countersign_server::service::Person {
        iss: stage.idp().issuer.clone(),
        sub: "carol".to_owned(),
        email: None,
        name: "Carol".to_owned(),
        groups: Vec::new(),
    };
    let vote = countersign_server::service::Vote {
        choice: countersign_server::service::Choice::Approve,
        reason: "from a chat".to_owned(),
        display_digest: task.display_digest,
        code: None,
    };
    let refused = stage.service.decide(&who, countersign_server::service::Channel::Api, &id, vote).await;
    assert!(matches!(refused, Err(countersign_server::service::Refusal::SignInAgain { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_and_when_somebody_signed_in_is_on_record_with_the_decision() {
    let Some(stage) = stage().await else { return };
    let id = stage.task(|_| {}).await;
    let mut dave = stage.signed_in("one", "dave");
    assert_eq!(dave.decide(&stage.base, &id, "approve").status, StatusCode::SEE_OTHER);
    let records = stage.records().await;
    let decision = records.iter().find(|record| record["event"] == "decision.recorded").unwrap();
    assert_eq!(decision["sign_in"]["acr"], "phr");
    assert!(decision["sign_in"]["auth_time"].as_i64().is_some(), "{decision}");
}
