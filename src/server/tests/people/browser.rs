//! A real Chromium: log in, see the request arrive, approve it; with JavaScript and without.
//!
//! Needs `chromium` and `chromedriver` (Debian: `apt-get install chromium chromium-driver`). Where they are missing the
//! tests say so and pass, except under `CI`, where that is a failure.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator, key::Key};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, json};

use super::support::{Inbox, security_alone};

/// A chromedriver that dies with the test.
struct Driver {
    child: Child,
    url: String,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The browsers it started are in its group, and would outlive it when a test fails half way.
        let group = format!("-{}", self.child.id());
        Command::new("kill").args(["-KILL", "--", &group]).status().map(drop).unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

impl Driver {
    /// Starts one on a free port; `None` where there is no browser and that is allowed.
    #[expect(clippy::print_stdout, reason = "a skipped test says so")]
    fn start() -> Option<Self> {
        let child = Command::new("chromedriver")
            .arg("--port=0")
            .process_group(0)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "chromedriver does not start: {error}");
                println!("skipped: chromedriver is not installed (apt-get install chromium chromium-driver)");
                return None;
            }
        };
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                line.rsplit_once("started successfully on port ")
                    .map(|(_, port)| port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver names its port");
        Some(Self { child, url: format!("http://127.0.0.1:{port}") })
    }

    async fn browser(&self, scripts: Scripts) -> Client {
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,800",
        ];
        let allowed = match scripts {
            Scripts::On => 1,
            Scripts::Off => 2,
        };
        let options = json!({
            "args": flags,
            "prefs": {"profile.managed_default_content_settings.javascript": allowed},
        });
        let wanted = Map::from_iter([("goog:chromeOptions".to_owned(), options)]);
        ClientBuilder::new(HttpConnector::new()).capabilities(wanted).connect(&self.url).await.unwrap()
    }
}

#[derive(Clone, Copy)]
enum Scripts {
    On,
    Off,
}

async fn wait(browser: &Client, css: &str) -> fantoccini::elements::Element {
    let found = browser.wait().at_most(Duration::from_secs(10)).for_element(Locator::Css(css)).await;
    match found {
        Ok(element) => element,
        Err(error) => panic!("no `{css}`: {error}: {}", browser.source().await.unwrap_or_default()),
    }
}

async fn log_in(browser: &Client, base: &str) {
    browser.goto(&format!("{base}/login?as=carol")).await.unwrap();
    wait(browser, "button[value=carol]").await.click().await.unwrap();
    wait(browser, ".me .person").await;
}

/// The text of an element; the live list may replace it between finding and reading, then it is found again.
async fn text(browser: &Client, css: &str) -> String {
    loop {
        match wait(browser, css).await.text().await {
            Err(error) if error.is_stale_element_reference() => {}
            read => return read.unwrap(),
        }
    }
}

/// Keys to an element, found again in the same way.
async fn keys(browser: &Client, css: &str, keys: &str) {
    loop {
        match wait(browser, css).await.send_keys(keys).await {
            Err(error) if error.is_stale_element_reference() => {}
            sent => return sent.unwrap(),
        }
    }
}

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
