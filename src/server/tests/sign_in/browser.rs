//! A real Chromium: sign in at the real provider, approve, sign in again where that is asked, and log out.

use std::time::Duration;

use fantoccini::{Client, Locator};
use serde_json::json;

use super::{
    driver::{Driver, Scripts, wait},
    support::Stage,
};

/// Signs in at the provider's own page.
async fn at_provider(browser: &Client, who: &str) {
    wait(browser, "#login").await.send_keys(who).await.unwrap();
    wait(browser, "#go").await.click().await.unwrap();
}

async fn at(browser: &Client, path: &str) {
    for _ in 0..200 {
        if browser.current_url().await.unwrap().path() == path {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not at {path}, but at {}", browser.current_url().await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_real_browser_a_reviewer_signs_in_approves_after_a_fresh_sign_in_and_logs_out() {
    let Some(driver) = Driver::start() else { return };
    let members = "    groups: {claim: groups}\n    log_out: provider\n";
    let rest = "  step_up:\n  - {classes: [data_export], max_age: 5m, acr: [phr]}\n";
    let Some(stage) = Stage::with(&["one"], members, rest).await else { return };
    let id = stage.task(|_| {}).await;
    let page = format!("/r/{id}");
    let browser = driver.browser(Scripts::On).await;
    browser.goto(&format!("{}{page}", stage.base)).await.unwrap();
    wait(&browser, "a.choice").await.click().await.unwrap();
    at_provider(&browser, "carol").await;
    at(&browser, &page).await;
    let cookie = browser.get_named_cookie("countersign_session").await.unwrap();
    assert_eq!(cookie.http_only(), Some(true), "a script could read the session");

    let approve = async || {
        wait(&browser, "#reason").await.send_keys("seen").await.unwrap();
        wait(&browser, "#approve").await.click().await.unwrap();
    };
    // A password was enough to come in, and is not enough for this.
    approve().await;
    at(&browser, "/login/again").await;
    stage
        .idp()
        .test("account", &json!({"carol": {"name": "Carol C.", "groups": ["security"], "acr": "phr"}}));
    wait(&browser, "a.choice").await.click().await.unwrap();
    at_provider(&browser, "carol").await;
    at(&browser, &page).await;
    approve().await;
    wait(&browser, ".state").await;
    for _ in 0..100 {
        if stage.service.task(&id).await.unwrap().unwrap().status.as_str() == "approved" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stage.service.task(&id).await.unwrap().unwrap().status.as_str(), "approved");

    wait(&browser, ".me summary").await.click().await.unwrap();
    browser.find(Locator::Css("form[action='/logout'] button")).await.unwrap().click().await.unwrap();
    // Our own page leads on to the provider's.
    at(&browser, "/session/end").await;
    browser.goto(&format!("{}/inbox", stage.base)).await.unwrap();
    at(&browser, "/login").await;
    browser.close().await.unwrap();
}
