//! A real Chromium: log in, see the request arrive, approve it; with JavaScript and without.
//!
//! See `driver.rs` for what it needs.

use std::time::Duration;

use fantoccini::{Locator, key::Key};

use super::{
    driver::{Driver, Scripts, keys, log_in, text, wait},
    support::{Inbox, security_alone},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_appears_live_and_is_approved_with_the_keyboard() {
    let Some(driver) = Driver::start() else { return };
    let inbox = Inbox::new().await;
    let base = format!("http://{}", inbox.listening().await);
    let browser = driver.browser(Scripts::On).await;
    log_in(&browser, &base).await;
    assert_eq!(text(&browser, ".calm").await, "Nothing waits for you.");
    wait(&browser, "html.scripted").await;

    let id = inbox.task(security_alone).await;
    assert_eq!(text(&browser, ".row-title").await, "Export prod.public.customers to api.thirdparty.example");
    assert_eq!(text(&browser, "#waiting-count").await, "1");
    assert_eq!(browser.title().await.unwrap(), "(1) Waiting for you · countersign");

    // Where no field has the focus, keys go to the page: j takes the first row, Enter opens it.
    keys(&browser, "body", "j").await;
    keys(&browser, ".row.current .row-title", &char::from(Key::Enter).to_string()).await;
    wait(&browser, "#decide").await;
    assert_eq!(browser.current_url().await.unwrap().path(), format!("/r/{id}"));

    keys(&browser, "body", "a").await;
    keys(&browser, "#reason:focus", "seen in a real browser").await;
    wait(&browser, "#approve").await.click().await.unwrap();
    // The page before has a state, too; only the next one has this in its history.
    wait(&browser, ".history").await;
    assert!(text(&browser, ".state").await.contains("Approved"));
    assert!(text(&browser, ".history").await.contains("seen in a real browser"));
    let task = inbox.service.task(&id).await.unwrap().unwrap();
    assert_eq!(task.status.as_str(), "approved");
    assert_eq!(task.votes.first().map(|vote| vote.channel.as_str()), Some("web"));
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_javascript_a_reviewer_logs_in_asks_denies_and_logs_out() {
    let Some(driver) = Driver::start() else { return };
    let inbox = Inbox::new().await;
    let base = format!("http://{}", inbox.listening().await);
    let id = inbox.task(security_alone).await;
    let browser = driver.browser(Scripts::Off).await;
    log_in(&browser, &base).await;
    assert!(browser.find(Locator::Css("html.scripted")).await.is_err(), "the script ran although it is off");

    wait(&browser, ".row-title").await.click().await.unwrap();
    wait(&browser, "#reason").await.send_keys("Which vendor is this?").await.unwrap();
    wait(&browser, "#ask").await.click().await.unwrap();
    assert!(text(&browser, ".facts").await.contains("Which vendor is this?"));

    wait(&browser, "#reason").await.send_keys("no answer").await.unwrap();
    wait(&browser, "#deny").await.click().await.unwrap();
    assert!(text(&browser, ".history").await.contains("no answer"));
    assert_eq!(inbox.service.task(&id).await.unwrap().unwrap().status.as_str(), "denied");

    wait(&browser, ".me summary").await.click().await.unwrap();
    wait(&browser, ".me button").await.click().await.unwrap();
    wait(&browser, "button[value=carol]").await;
    browser.goto(&format!("{base}/inbox")).await.unwrap();
    wait(&browser, "button[value=carol]").await;
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_left_open_says_that_it_changed_and_a_lost_service_is_noticed() {
    let Some(driver) = Driver::start() else { return };
    let inbox = Inbox::new().await;
    let base = format!("http://{}", inbox.listening().await);
    let id = inbox.task(|_| {}).await;
    let browser = driver.browser(Scripts::On).await;
    log_in(&browser, &base).await;
    browser.goto(&format!("{base}/r/{id}")).await.unwrap();
    wait(&browser, "html.scripted").await;
    wait(&browser, "#reason").await.send_keys("half a thought").await.unwrap();
    // The page's event stream has to stand before the change, or there is nothing to be told.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let bob = inbox.session("bob").await;
    inbox.press(&bob, &id, "approve", "fine").await;
    wait(&browser, "#changed:not([hidden])").await;
    let kept = browser.find(Locator::Id("reason")).await.unwrap().prop("value").await.unwrap();
    assert_eq!(kept.as_deref(), Some("half a thought"), "what was typed stays");

    inbox.service.close().await;
    wait(&browser, "#connection:not([hidden])").await;
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_whose_session_ended_leads_to_the_login() {
    let Some(driver) = Driver::start() else { return };
    let inbox = Inbox::new().await;
    let base = format!("http://{}", inbox.listening().await);
    let browser = driver.browser(Scripts::On).await;
    log_in(&browser, &base).await;
    wait(&browser, "html.scripted").await;
    let cookie = browser.get_named_cookie("countersign_session").await.unwrap();
    assert_eq!(cookie.http_only(), Some(true), "a script could read the session");
    inbox.service.close_session(cookie.value()).await.unwrap();
    // Every event stream ends, the page connects again, and is refused.
    inbox.service.close().await;
    wait(&browser, "button[value=carol]").await;
    browser.close().await.unwrap();
}
