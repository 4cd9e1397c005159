//! Signing in, and what it is good for.

use axum::http::StatusCode;
use serde_json::json;

use super::support::{Browser, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_signs_in_at_the_provider_and_decides_by_the_groups_it_tells() {
    let Some(stage) = Stage::one().await else { return };
    let id = stage.task(|_| {}).await;
    let mut carol = Browser::default();
    let login = carol.get(&format!("{}/r/{id}", stage.base));
    assert_eq!(login.location.as_deref(), Some(format!("/login?next=/r/{id}").as_str()));
    let page = carol.follow(login, |_| false);
    assert!(page.text.contains(&format!("/login/to/one?next=%2Fr%2F{id}")), "{}", page.text);

    let back = carol.at_provider(&format!("{}/login/to/one?next=/r/{id}", stage.base), "carol");
    let page = carol.follow(back, |_| false);
    assert!(page.url.ends_with(&format!("/r/{id}")), "the request is where it leads: {}", page.url);
    let me = carol.me(&stage.base).json();
    assert_eq!(me["iss"], stage.idp().issuer.as_str());
    assert_eq!((&me["sub"], &me["groups"]), (&json!("carol"), &json!(["security"])));

    let page = carol.decide(&stage.base, &id, "approve");
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    let task = stage.service.task(&id).await.unwrap().unwrap();
    assert_eq!(task.status.as_str(), "approved");
    let vote = task.votes.first().unwrap();
    assert_eq!((vote.person.iss.as_str(), vote.person.sub.as_str()), (stage.idp().issuer.as_str(), "carol"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_no_group_signs_in_and_decides_nothing() {
    let Some(stage) = Stage::one().await else { return };
    let id = stage.task(|_| {}).await;
    let mut erin = stage.signed_in("one", "erin");
    assert_eq!(erin.approve_by_api(&stage, &id).await.status, StatusCode::FORBIDDEN);
    assert_eq!(stage.service.task(&id).await.unwrap().unwrap().status.as_str(), "pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_the_next_sign_in_does_not_tell_is_lost_at_once() {
    let Some(stage) = Stage::one().await else { return };
    let id = stage.task(|_| {}).await;
    let mut desk = stage.signed_in("one", "carol");
    stage.idp().test("account", &json!({"carol": {"name": "Carol C.", "groups": []}}));
    // She signs in at another device; the session at the desk goes on, without the group.
    let _phone = stage.signed_in("one", "carol");
    assert_eq!(desk.me(&stage.base).json()["groups"], json!([]));
    assert_eq!(desk.approve_by_api(&stage, &id).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_membership_counts_for_its_age_and_no_longer() {
    let rest = "  membership_age: 10m\n";
    let Some(stage) = Stage::with(&["one"], "    groups: {claim: groups}\n", rest).await else { return };
    let mut carol = stage.signed_in("one", "carol");
    assert_eq!(carol.me(&stage.base).json()["groups"], json!(["security"]));
    stage.clock.by(11 * 60);
    assert_eq!(carol.me(&stage.base).json()["groups"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_providers_stand_side_by_side_and_the_same_name_at_each_is_another_account() {
    let Some(stage) = Stage::with(&["one", "two"], "    groups: {claim: groups}\n", "").await else { return };
    let page = Browser::default().get(&format!("{}/login", stage.base));
    assert!(page.text.contains("/login/to/one") && page.text.contains("/login/to/two"), "{}", page.text);
    let (mut one, mut two) = (stage.signed_in("one", "carol"), stage.signed_in("two", "carol"));
    let (one, two) = (one.me(&stage.base).json(), two.me(&stage.base).json());
    assert_eq!(one["sub"], two["sub"]);
    assert_ne!(one["iss"], two["iss"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_are_listed_are_in_their_groups_whatever_the_provider_tells() {
    let rest = "people:\n- {name: erin, accounts: [{iss: one, sub: erin}]}\ngroups: {security: [erin]}\n";
    let Some(stage) = Stage::with(&["one"], "    groups: static\n", rest).await else { return };
    let id = stage.task(|_| {}).await;
    let mut carol = stage.signed_in("one", "carol");
    assert_eq!(
        carol.me(&stage.base).json()["groups"],
        json!([]),
        "the claim counts although groups are static"
    );
    let mut erin = stage.signed_in("one", "erin");
    assert_eq!(erin.me(&stage.base).json()["groups"], json!(["security"]));
    assert_eq!(erin.decide(&stage.base, &id, "approve").status, StatusCode::SEE_OTHER);
    assert_eq!(stage.service.task(&id).await.unwrap().unwrap().status.as_str(), "approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_new_at_each_sign_in_and_lives_for_eight_hours() {
    let Some(stage) = Stage::one().await else { return };
    let mut carol = stage.signed_in("one", "carol");
    let first = carol.cookie(&stage.base).unwrap();
    carol.sign_in(&stage.base, "one", "carol");
    assert_ne!(carol.cookie(&stage.base).unwrap(), first);
    let mut old = Browser::default();
    old.plant(&stage.base, "countersign_session", &first);
    assert_eq!(old.me(&stage.base).status, StatusCode::UNAUTHORIZED, "the session before goes on");
    stage.clock.by(31 * 60);
    assert_eq!(carol.me(&stage.base).status, StatusCode::UNAUTHORIZED, "an idle session goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_provider_changes_is_found_once_a_minute() {
    let Some(stage) = Stage::one().await else { return };
    stage.signed_in("one", "carol");
    stage.idp().test("rotate", &json!({"kid": "two"}));
    stage.signed_in("one", "dave");
    stage.idp().test("rotate", &json!({"kid": "three"}));
    let mut erin = Browser::default();
    erin.sign_in(&stage.base, "one", "erin").refused("not among those that the issuer publishes");
    stage.clock.by(61);
    stage.signed_in("one", "erin");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_marks_a_human_signs_in_and_a_program_s_token_never_does() {
    let members = "    groups: {claim: groups}\n    human: {amr: [mfa]}\n";
    let Some(stage) = Stage::with(&["one"], members, "").await else { return };
    Browser::default().sign_in(&stage.base, "one", "carol").refused("counts as a human");
    stage.signed_in("one", "dave");
    // The provider gives our own client a token for itself, and that is nobody's session.
    let token = stage.idp().client_credentials();
    let answer = ureq::get(format!("{}/approver/v1/me", stage.base))
        .config()
        .http_status_as_error(false)
        .build()
        .header("authorization", format!("Bearer {token}"))
        .call()
        .unwrap();
    assert_eq!(answer.status().as_u16(), 401);
}
