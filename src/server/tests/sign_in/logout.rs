//! Logging out, here and by the provider.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::support::{Browser, Stage};

/// Ends the session at the provider as the person does there.
fn leave_provider(browser: &mut Browser, issuer: &str) {
    let page = browser.get(&format!("{issuer}/session/end"));
    let (_, rest) = page.text.split_once("action=\"").unwrap();
    let action = rest.split('"').next().unwrap().to_owned();
    let xsrf = page.field("xsrf").to_owned();
    let done = browser.post(&action, &format!("xsrf={xsrf}&logout=yes"));
    assert!(done.status.is_success() || done.status.is_redirection(), "{}", done.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_logs_out_at_the_provider_is_logged_out_here_and_stands_for_no_group_at_once() {
    let Some(stage) = Stage::one().await else { return };
    let mut carol = stage.signed_in("one", "carol");
    let mut dave = stage.signed_in("one", "dave");
    let id = stage
        .task(|value| {
            value["context"]["urn:countersign:v1"]["quorum"] =
                json!({"required": 2, "groups": ["security"], "distinct": true, "veto": true});
        })
        .await;
    assert_eq!(carol.decide(&stage.base, &id, "approve").status, StatusCode::SEE_OTHER);
    leave_provider(&mut carol, &stage.idp().issuer);
    // The provider tells us behind the browser's back; that takes a moment.
    for _ in 0..100 {
        if carol.me(&stage.base).status == StatusCode::UNAUTHORIZED {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(carol.me(&stage.base).status, StatusCode::UNAUTHORIZED);
    assert_eq!(dave.me(&stage.base).status, StatusCode::OK, "somebody else was logged out");
    // Her vote no longer stands for the group, so his is the first of two.
    assert_eq!(dave.decide(&stage.base, &id, "approve").status, StatusCode::SEE_OTHER);
    assert_eq!(stage.service.task(&id).await.unwrap().unwrap().status.as_str(), "pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_token_that_is_forged_replayed_or_something_else_ends_nothing() {
    let Some(stage) = Stage::one().await else { return };
    let idp = stage.idp();
    let now = stage.service.now_ms() / 1000;
    let mut carol = stage.signed_in("one", "carol");
    let mut count = 0;
    let mut token = |header: Value, claims: Value| {
        count += 1;
        let mut all = json!({"iss": idp.issuer, "aud": "countersign", "sub": "carol", "iat": now, "exp": now + 120,
            "jti": format!("j{count}"), "events": {"http://schemas.openid.net/event/backchannel-logout": {}}});
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        idp.test("sign", &json!({"header": header, "claims": all}))
    };
    let good = json!({"alg": "RS256", "kid": "one", "typ": "logout+jwt"});
    let send = |token: &str| {
        Browser::default()
            .post(&format!("{}/login/logout/one", stage.base), &format!("logout_token={token}"))
            .status
    };
    for (header, claims) in [
        (json!({"alg": "none"}), json!({})),
        (json!({"alg": "HS256"}), json!({})),
        (json!({"alg": "RS256", "kid": "one", "typ": "at+jwt"}), json!({})),
        (good.clone(), json!({"nonce": "n"})),
        (good.clone(), json!({"events": {}})),
        (good.clone(), json!({"aud": "somebody-else"})),
        (good.clone(), json!({"iss": "https://evil.example"})),
        (good.clone(), json!({"iat": now - 3600})),
        (good.clone(), json!({"sub": null})),
        (good.clone(), json!({"jti": null})),
    ] {
        assert_eq!(send(&token(header, claims.clone())), StatusCode::BAD_REQUEST, "{claims}");
        assert_eq!(carol.me(&stage.base).status, StatusCode::OK, "{claims}");
    }
    let logout = token(good, json!({}));
    assert_eq!(send(&logout), StatusCode::OK);
    assert_eq!(carol.me(&stage.base).status, StatusCode::UNAUTHORIZED);
    carol.sign_in(&stage.base, "one", "carol");
    assert_eq!(send(&logout), StatusCode::BAD_REQUEST, "a logout token counts twice");
    assert_eq!(carol.me(&stage.base).status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_here_leads_to_the_provider_where_that_is_wanted() {
    let members = "    groups: {claim: groups}\n    log_out: provider\n";
    let Some(stage) = Stage::with(&["one"], members, "").await else { return };
    let mut carol = stage.signed_in("one", "carol");
    let csrf = carol.me(&stage.base).json()["csrf"].as_str().unwrap().to_owned();
    let page = carol.post(&format!("{}/logout", stage.base), &format!("csrf={csrf}"));
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text.contains(&format!("{}/session/end?client_id=countersign", stage.idp().issuer)),
        "{}",
        page.text
    );
    assert_eq!(carol.me(&stage.base).status, StatusCode::UNAUTHORIZED);
}
