//! A session for a command line.

use axum::http::StatusCode;
use serde_json::Value;

use super::support::{Browser, Page, Stage};

const GRANT: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code";

fn ask(stage: &Stage) -> Value {
    Browser::default().post(&format!("{}/login/device", stage.base), "machine=laptop%20%3Cb%3E").json()
}

fn poll(stage: &Stage, asked: &Value) -> Page {
    let fields = format!("{GRANT}&device_code={}", asked["device_code"].as_str().unwrap());
    Browser::default().post(&format!("{}/login/device/token", stage.base), &fields)
}

/// Opens the page of the code in a browser and presses a button.
fn press(browser: &mut Browser, stage: &Stage, asked: &Value, answer: &str) -> Page {
    let page = browser.get(asked["verification_uri_complete"].as_str().unwrap());
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let fields = format!("csrf={}&user_code={}&answer={answer}", page.field("csrf"), page.field("user_code"));
    browser.post(&format!("{}/login/device/answer", stage.base), &fields)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_line_gets_the_session_of_whoever_confirms_its_code_once() {
    let Some(stage) = Stage::one().await else { return };
    let asked = ask(&stage);
    assert_eq!(poll(&stage, &asked).json()["error"], "authorization_pending");
    // Not signed in yet: the page leads to the login and back.
    let mut carol = Browser::default();
    let page = carol.get(asked["verification_uri_complete"].as_str().unwrap());
    let login = carol.follow(page, |_| false);
    let code = asked["user_code"].as_str().unwrap();
    let next = format!("next=%2Flogin%2Fdevice%3Fuser_code%3D{code}");
    assert!(login.text.contains(&next), "{}", login.text);
    let back = carol.at_provider(&format!("{}/login/to/one?{next}", stage.base), "carol");
    let page = carol.follow(back, |_| false);
    assert!(page.text.contains(code) && page.text.contains("laptop &#60;b&#62;"), "{}", page.text);
    assert_eq!(
        poll_later(&stage, &asked).json()["error"],
        "authorization_pending",
        "opening the page said yes"
    );

    assert!(press(&mut carol, &stage, &asked, "allow").text.contains("Done."));
    let given = poll_later(&stage, &asked).json();
    let token = given["access_token"].as_str().unwrap();
    let me = bearer(&stage, token);
    assert_eq!((me.0, me.1["sub"].as_str()), (200, Some("carol")));
    assert_eq!(poll_later(&stage, &asked).json()["error"], "expired_token", "a device code counts twice");
}

fn bearer(stage: &Stage, token: &str) -> (u16, Value) {
    let answer = ureq::get(format!("{}/approver/v1/me", stage.base))
        .config()
        .http_status_as_error(false)
        .build()
        .header("authorization", format!("Bearer {token}"))
        .call();
    let mut answer = answer.unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

/// Asks again after as long as it was told to wait.
fn poll_later(stage: &Stage, asked: &Value) -> Page {
    stage.clock.by(5);
    poll(stage, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_turned_away_asks_too_fast_or_too_late_gets_nothing() {
    let Some(stage) = Stage::one().await else { return };
    let mut carol = stage.signed_in("one", "carol");
    let asked = ask(&stage);
    assert_eq!(poll(&stage, &asked).json()["error"], "authorization_pending");
    assert_eq!(poll(&stage, &asked).json()["error"], "slow_down");
    stage.clock.by(5);
    assert_eq!(poll(&stage, &asked).json()["error"], "slow_down", "the pace did not slow down");
    press(&mut carol, &stage, &asked, "deny");
    stage.clock.by(60);
    assert_eq!(poll(&stage, &asked).json()["error"], "access_denied");

    let asked = ask(&stage);
    stage.clock.by(601);
    assert_eq!(poll(&stage, &asked).json()["error"], "expired_token");
    let page = carol.get(asked["verification_uri_complete"].as_str().unwrap());
    assert!(page.text.contains("No command line waits"), "{}", page.text);
    assert_eq!(poll(&stage, &serde_json::json!({"device_code": "guessed"})).json()["error"], "expired_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_not_guessed_and_confirmed_only_from_our_own_page() {
    let Some(stage) = Stage::one().await else { return };
    let mut dave = stage.signed_in("one", "dave");
    let asked = ask(&stage);
    let code = asked["user_code"].as_str().unwrap();
    let forged = format!("csrf=wrong&user_code={code}&answer=allow");
    let refused = dave.post(&format!("{}/login/device/answer", stage.base), &forged);
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut last = Page { status: StatusCode::OK, url: String::new(), location: None, text: String::new() };
    // They are counted by the minute, which may end in between.
    for _ in 0..40 {
        if last.text.contains("Too many codes") {
            break;
        }
        last = dave.get(&format!("{}/login/device?user_code=BCDF-GHJK", stage.base));
    }
    assert!(last.text.contains("Too many codes"), "{}", last.text);
    assert_eq!(poll_later(&stage, &asked).json()["error"], "authorization_pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provider_s_log_out_ends_a_command_line_s_session_too() {
    let Some(stage) = Stage::one().await else { return };
    let mut carol = stage.signed_in("one", "carol");
    let asked = ask(&stage);
    press(&mut carol, &stage, &asked, "allow");
    let given = poll_later(&stage, &asked).json();
    let token = given["access_token"].as_str().unwrap();
    assert_eq!(bearer(&stage, token).0, 200);
    let now = stage.service.now_ms() / 1000;
    let logout = stage.idp().test(
        "sign",
        &serde_json::json!({"header": {"alg": "RS256", "kid": "one", "typ": "logout+jwt"}, "claims": {
            "iss": stage.idp().issuer, "aud": "countersign", "sub": "carol", "iat": now, "exp": now + 120, "jti": "j",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}}}}),
    );
    Browser::default().post(&format!("{}/login/logout/one", stage.base), &format!("logout_token={logout}"));
    assert_eq!(bearer(&stage, token).0, 401);
}
