//! What must sign nobody in.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::support::{Browser, Page, Stage};

/// A sign-in of carol at a provider that changes its ID token so.
fn crooked(stage: &Stage, crook: &Value) -> (Browser, Page) {
    stage.idp().test("crook", crook);
    let mut browser = Browser::default();
    let page = browser.sign_in(&stage.base, "one", "carol");
    stage.idp().test("crook", &Value::Null);
    (browser, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_a_wrong_nonce_issuer_audience_or_time_signs_nobody_in() {
    let Some(stage) = Stage::one().await else { return };
    for (claims, words) in [
        (json!({"nonce": "other"}), "another sign-in"),
        (json!({"iss": "https://evil.example"}), "from issuer"),
        (json!({"aud": "somebody-else"}), "not for client"),
        (json!({"aud": ["countersign", "somebody-else"]}), "not for client"),
        (json!({"exp": 1_700_000_000}), "expired"),
        (json!({"iat": 4_000_000_000_i64}), "from the future"),
        (json!({"sub": ""}), "no account"),
    ] {
        let (mut browser, page) = crooked(&stage, &json!({"claims": claims}));
        page.refused(words);
        assert_eq!(browser.me(&stage.base).status, StatusCode::UNAUTHORIZED);
    }
    stage.signed_in("one", "carol");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_signed_by_nobody_by_a_stranger_or_with_the_public_key_as_a_secret_signs_nobody_in() {
    let Some(stage) = Stage::one().await else { return };
    for (crook, words) in [
        (json!({"header": {"alg": "none"}}), "not allowed here"),
        (json!({"header": {"alg": "HS256"}}), "not allowed here"),
        (json!({"stranger": true}), "does not verify"),
        (json!({"header": {"typ": "logout+jwt"}}), "no ID token"),
        (json!({"header": {"crit": ["x"]}}), "not understood"),
    ] {
        let (mut browser, page) = crooked(&stage, &crook);
        page.refused(words);
        assert_eq!(browser.me(&stage.base).status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_once_and_only_in_the_browser_that_asked() {
    let Some(stage) = Stage::one().await else { return };
    let mut carol = Browser::default();
    let back = carol.at_provider(&format!("{}/login/to/one", stage.base), "carol");
    let answer = back.location.clone().unwrap();

    let mut thief = Browser::default();
    thief.get(&answer).refused("in another browser");
    // The thief's try has used it up: nobody gets a session by it any more.
    carol.get(&answer).refused("is over");

    let back = carol.at_provider(&format!("{}/login/to/one", stage.base), "carol");
    let answer = back.location.unwrap();
    assert_eq!(carol.get(&answer).status, StatusCode::SEE_OTHER);
    let mut again = carol.clone();
    again.get(&answer).refused("is over");
    assert_eq!(carol.me(&stage.base).status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_s_answer_cannot_be_put_into_a_browser() {
    let Some(stage) = Stage::one().await else { return };
    let mut mallory = Browser::default();
    let hers = mallory.at_provider(&format!("{}/login/to/one", stage.base), "erin").location.unwrap();
    let mut carol = Browser::default();
    carol.get(&format!("{}/login/to/one", stage.base));
    carol.get(&hers).refused("in another browser");
    assert_eq!(carol.me(&stage.base).status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_nobody_gave_or_a_code_that_was_used_signs_nobody_in() {
    let Some(stage) = Stage::one().await else { return };
    let mut carol = Browser::default();
    let back = carol.at_provider(&format!("{}/login/to/one", stage.base), "carol").location.unwrap();
    for forged in [
        back.replace("state=", "state=x"),
        back.replace("&state=", "&nostate="),
        format!("{}/login/callback/one?error=access_denied", stage.base),
    ] {
        carol.get(&forged).refused("begin again");
    }
    // The code itself is good for one exchange, with the verifier of its own sign-in.
    let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let other = carol.at_provider(&format!("{}/login/to/one", stage.base), "carol").location.unwrap();
    let own = other.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    carol.get(&other.replace(&own, &code)).refused("does not take the code");
    assert_eq!(carol.me(&stage.base).status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_another_provider_is_refused() {
    let Some(stage) = Stage::with(&["one", "two"], "    groups: {claim: groups}\n", "").await else { return };
    let [one, two] =
        [&stage.idps[0].issuer, &stage.idps[1].issuer].map(|iss| iss.replace(':', "%3A").replace('/', "%2F"));
    let start = format!("{}/login/to/one", stage.base);
    for mix in [
        // The other provider's name in the answer, none, and another provider's way back.
        &(|back: String| back.replace(&one, &two)) as &dyn Fn(String) -> String,
        &|back| back.replace(&format!("&iss={one}"), ""),
        &|back| back.replace("/callback/one", "/callback/two"),
    ] {
        let mut carol = Browser::default();
        let back = carol.at_provider(&start, "carol").location.unwrap();
        let mixed = mix(back.clone());
        assert_ne!(mixed, back);
        assert_eq!(carol.get(&mixed).status, StatusCode::FORBIDDEN);
        assert_eq!(carol.me(&stage.base).status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_takes_too_long_is_over() {
    let Some(stage) = Stage::one().await else { return };
    let mut carol = Browser::default();
    let back = carol.at_provider(&format!("{}/login/to/one", stage.base), "carol").location.unwrap();
    stage.clock.by(601);
    carol.get(&back).refused("is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_signs_in_without_a_password_in_production_and_nobody_is_led_elsewhere() {
    let Some(stage) = Stage::one().await else { return };
    let mut browser = Browser::default();
    let dev = browser.post(&format!("{}/login/dev", stage.base), "name=bob");
    assert_eq!(dev.status, StatusCode::FORBIDDEN);
    let to = browser.at_provider(&format!("{}/login/to/one?next=//evil.example", stage.base), "carol");
    assert_eq!(browser.get(&to.location.unwrap()).location.as_deref(), Some("/inbox"));
    browser.get(&format!("{}/login/to/nobody", stage.base)).refused("no identity provider of this name");
}
