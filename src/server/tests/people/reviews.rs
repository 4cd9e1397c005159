//! Reviews from end to end in real browsers: two people make a quorum, a stale page, an expired request, a question and its
//! answer, several at once, filters, a phone.

use std::time::Duration;

use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use super::{
    driver::{Driver, LOOKS, Scripts, click, keys, log_in, log_in_as, text, wait},
    support::{Inbox, security_alone, v1},
};

async fn open(browser: &Client, base: &str, id: &str) {
    browser.goto(&format!("{base}/r/{id}")).await.unwrap();
    wait(browser, "#decide").await;
}

async fn press(browser: &Client, button: &str, reason: &str) {
    keys(browser, "#reason", reason).await;
    click(browser, button).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_in_two_browsers_make_a_quorum_of_two() {
    let Some(driver) = Driver::start() else { return };
    let inbox = Inbox::new().await;
    let base = format!("http://{}", inbox.listening().await);
    let id = inbox.task(|_| {}).await;
    let (bob, carol) = (driver.browser(Scripts::On).await, driver.browser(Scripts::On).await);
    log_in_as(&bob, &base, "bob").await;
    log_in_as(&carol, &base, "carol").await;
    open(&bob, &base, &id).await;
    open(&carol, &base, &id).await;
    assert!(text(&carol, ".consent").await.contains("0 of 2 approved"));
    press(&bob, "#approve", "the columns are the agreed ones").await;
    wait(&bob, "#mine").await;
    // Carol's page tells her live, and now counts bob.
    wait(&carol, ".seat.taken").await;
    assert!(text(&carol, ".consent").await.contains("bob for data-owners"));
    press(&carol, "#approve", "DPA-114").await;
    wait(&carol, ".history").await;
    assert!(text(&carol, ".state").await.contains("Approved"));
    let task = inbox.service.task(&id).await.unwrap().unwrap();
    assert_eq!((task.status.as_str(), task.votes.len()), ("approved", 2));
    for browser in [bob, carol] {
        browser.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_page_decides_nothing_shows_what_changed_and_keeps_the_words() {
    let Some(driver) = Driver::start() else { return };
    let inbox = Inbox::new().await;
    let base = format!("http://{}", inbox.listening().await);
    let id = inbox.task(|_| {}).await;
    // Without scripts the page cannot know by itself.
    let browser = driver.browser(Scripts::Off).await;
    log_in(&browser, &base).await;
    open(&browser, &base, &id).await;
    let bob = inbox.session("bob").await;
    inbox.press(&bob, &id, "approve", "fine with me").await;
    press(&browser, "#approve", "mine too").await;
    let notice = text(&browser, "#notice").await;
    assert!(
        notice.contains("Nothing was decided.") && notice.contains("bob approved it: fine with me"),
        "{notice}"
    );
    assert_eq!(inbox.service.task(&id).await.unwrap().unwrap().votes.len(), 1);
    assert_eq!(wait(&browser, "#reason").await.prop("value").await.unwrap().as_deref(), Some("mine too"));
    click(&browser, "#approve").await;
    wait(&browser, ".history").await;
    assert_eq!(inbox.service.task(&id).await.unwrap().unwrap().status.as_str(), "approved");
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_request_says_so_and_cannot_be_decided() {
    let Some(driver) = Driver::start() else { return };
    let inbox = Inbox::new().await;
    let base = format!("http://{}", inbox.listening().await);
    let id = inbox.task(security_alone).await;
    let browser = driver.browser(Scripts::On).await;
    log_in(&browser, &base).await;
    open(&browser, &base, &id).await;
    wait(&browser, "html.scripted").await;
    // The service's clock moves past the end; the page hears of it without being touched.
    inbox.elapse(16 * 60);
    wait(&browser, ".closed").await;
    assert!(text(&browser, ".state").await.contains("Expired"));
    assert!(text(&browser, ".history").await.contains("Nobody decided in time; nothing was sent."));
    assert!(browser.find(Locator::Id("approve")).await.is_err());
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_is_answered_while_the_page_is_open_and_then_decided() {
    let Some(driver) = Driver::start() else { return };
    let inbox = Inbox::new().await;
    let base = format!("http://{}", inbox.listening().await);
    let id = inbox.task(security_alone).await;
    let browser = driver.browser(Scripts::On).await;
    log_in(&browser, &base).await;
    open(&browser, &base, &id).await;
    press(&browser, "#ask", "Which vendor is this?").await;
    wait(&browser, "html.scripted").await;
    assert!(text(&browser, ".facts").await.contains("no answer yet"));
    tokio::time::sleep(Duration::from_millis(500)).await;
    inbox.report(&id, "context", &json!({"justification": "ACME, see DPA-114"})).await;
    let seen = async {
        while !text(&browser, ".facts").await.contains("ACME, see DPA-114") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), seen).await.expect("the answer appears by itself");
    press(&browser, "#deny", "not that vendor").await;
    assert!(text(&browser, ".history").await.contains("not that vendor"));
    browser.close().await.unwrap();
}

fn pod(name: &str) -> impl FnOnce(&mut Value) {
    let body = json!({"pod": name}).to_string();
    move |value| {
        security_alone(value);
        value["action"]["name"] = "infra_change".into();
        v1(value)["payload"]["masked_excerpt"] = body.into();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_that_are_alike_are_selected_and_decided_with_scripts_and_without() {
    let Some(driver) = Driver::start() else { return };
    let inbox = Inbox::new().await;
    let base = format!("http://{}", inbox.listening().await);
    for scripts in [Scripts::On, Scripts::Off] {
        let ids = [inbox.task(pod("web-1")).await, inbox.task(pod("web-2")).await];
        let browser = driver.browser(scripts).await;
        log_in(&browser, &base).await;
        click(&browser, ".row-title").await;
        click(&browser, ".picker .all").await;
        wait(&browser, "[name=pick]:checked").await;
        press(&browser, "#approve", "routine restarts").await;
        assert!(text(&browser, "#done").await.contains("2 of 2 decided."));
        for id in &ids {
            assert_eq!(inbox.service.task(id).await.unwrap().unwrap().status.as_str(), "approved");
        }
        browser.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_is_one_choice_and_survives_a_reload_and_the_way_back() {
    let Some(driver) = Driver::start() else { return };
    let inbox = Inbox::new().await;
    let base = format!("http://{}", inbox.listening().await);
    inbox.task(pod("web-1")).await;
    inbox.task(security_alone).await;
    let browser = driver.browser(Scripts::On).await;
    log_in(&browser, &base).await;
    wait(&browser, "html.scripted").await;
    wait(&browser, "#f-class").await.select_by_value("infra_change").await.unwrap();
    wait(&browser, ".pick-one.set").await;
    assert_eq!(browser.current_url().await.unwrap().query(), Some("class=infra_change"));
    assert_eq!(browser.find_all(Locator::Css(".row")).await.unwrap().len(), 1);
    browser.refresh().await.unwrap();
    wait(&browser, ".pick-one.set").await;
    click(&browser, ".row-title").await;
    wait(&browser, "#decide").await;
    browser.back().await.unwrap();
    wait(&browser, ".pick-one.set").await;
    // What arrives does not break out of the filter.
    let other = |value: &mut Value| {
        security_alone(value);
        value["resource"]["id"] = "postgres://db/other".into();
    };
    inbox.task(other).await;
    let told = async {
        while text(&browser, "#waiting-count").await != "3" {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), told).await.expect("the page hears of it");
    assert_eq!(browser.find_all(Locator::Css(".row")).await.unwrap().len(), 1);
    click(&browser, ".clear").await;
    wait(&browser, ".row:nth-child(2)").await;
    browser.close().await.unwrap();

    let plain = driver.browser(Scripts::Off).await;
    log_in(&plain, &base).await;
    wait(&plain, "#f-class").await.select_by_value("infra_change").await.unwrap();
    click(&plain, ".apply").await;
    wait(&plain, ".pick-one.set").await;
    assert_eq!(plain.find_all(Locator::Css(".row")).await.unwrap().len(), 1);
    plain.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_in_the_dark_a_request_is_read_and_approved_with_its_code() {
    let Some(driver) = Driver::start() else { return };
    let inbox = Inbox::with("demands: [{class: data_export, typed_code: true}]\n", &[]).await;
    let base = format!("http://{}", inbox.listening().await);
    let id = inbox.task(security_alone).await;
    let browser = driver.browser(Scripts::On).await;
    LOOKS[3].set(&browser).await;
    log_in(&browser, &base).await;
    click(&browser, ".row-title").await;
    wait(&browser, "#decide").await;
    // The three buttons are on the first screen, without scrolling.
    let below = "return Math.max(...[...document.querySelectorAll('#decide button:not(.hidden)')].map(b => b.getBoundingClientRect().bottom)) - innerHeight;";
    let below = browser.execute(below, Vec::new()).await.unwrap();
    assert!(below.as_f64().unwrap() <= 0.0, "the buttons are {below} pixels below the screen");
    press(&browser, "#approve", "at 3 a.m.").await;
    assert!(text(&browser, "#notice").await.contains("The code must be typed."));
    keys(&browser, "#code", "maple-42").await;
    click(&browser, "#approve").await;
    wait(&browser, ".history").await;
    assert_eq!(inbox.service.task(&id).await.unwrap().unwrap().status.as_str(), "approved");
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_title_blinks_for_a_reviewer_who_wants_it() {
    let Some(driver) = Driver::start() else { return };
    let inbox = Inbox::new().await;
    let base = format!("http://{}", inbox.listening().await);
    let browser = driver.browser(Scripts::On).await;
    log_in(&browser, &base).await;
    browser.goto(&format!("{base}/settings")).await.unwrap();
    click(&browser, "#cue-title").await;
    click(&browser, "#notifications button").await;
    wait(&browser, "#cue-title:checked").await;
    browser.goto(&format!("{base}/inbox")).await.unwrap();
    wait(&browser, "[data-cue=title].scripted, .scripted [data-cue=title]").await;
    // A page that has the focus needs no cue.
    browser.execute("document.hasFocus = () => false;", Vec::new()).await.unwrap();
    inbox.task(security_alone).await;
    let blinks = async {
        while !browser.title().await.unwrap().starts_with("● ") {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), blinks).await.expect("the title blinks");
    browser.close().await.unwrap();
}
