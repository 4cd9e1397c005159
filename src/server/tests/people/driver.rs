//! A real Chromium, driven by chromedriver: what the tests of pages share.
//!
//! Needs `chromium` and `chromedriver` (Debian: `apt-get install chromium chromium-driver`). Where they are missing the
//! tests say so and pass, except under `CI`, where that is a failure.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator, wd::WebDriverCompatibleCommand};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

/// A chromedriver that dies with the test.
pub(crate) struct Driver {
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
    pub(crate) fn start() -> Option<Self> {
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

    pub(crate) async fn browser(&self, scripts: Scripts) -> Client {
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
pub(crate) enum Scripts {
    On,
    Off,
}

pub(crate) async fn wait(browser: &Client, css: &str) -> fantoccini::elements::Element {
    let found = browser.wait().at_most(Duration::from_secs(10)).for_element(Locator::Css(css)).await;
    match found {
        Ok(element) => element,
        Err(error) => panic!("no `{css}`: {error}: {}", browser.source().await.unwrap_or_default()),
    }
}

pub(crate) async fn log_in(browser: &Client, base: &str) {
    log_in_as(browser, base, "carol").await;
}

/// Logs in as anybody.
pub(crate) async fn log_in_as(browser: &Client, base: &str, name: &str) {
    browser.goto(&format!("{base}/login?as={name}")).await.unwrap();
    wait(browser, &format!("button[value={name}]")).await.click().await.unwrap();
    wait(browser, ".me .person").await;
}

/// The text of an element; the live list may replace it between finding and reading, then it is found again.
pub(crate) async fn text(browser: &Client, css: &str) -> String {
    loop {
        match wait(browser, css).await.text().await {
            Err(error) if error.is_stale_element_reference() => {}
            read => return read.unwrap(),
        }
    }
}

/// A click on an element, found again in the same way.
pub(crate) async fn click(browser: &Client, css: &str) {
    loop {
        match wait(browser, css).await.click().await {
            Err(error) if error.is_stale_element_reference() => {}
            done => return done.unwrap(),
        }
    }
}

/// Keys to an element, found again in the same way.
pub(crate) async fn keys(browser: &Client, css: &str, keys: &str) {
    loop {
        match wait(browser, css).await.send_keys(keys).await {
            Err(error) if error.is_stale_element_reference() => {}
            sent => return sent.unwrap(),
        }
    }
}

/// A command of the DevTools protocol, which chromedriver passes on: another colour scheme, another width.
#[derive(Debug)]
struct DevTools {
    command: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (axum::http::Method, Option<String>) {
        (axum::http::Method::POST, Some(json!({"cmd": self.command, "params": self.parameters}).to_string()))
    }
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) scheme: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Every way that is looked at: light and dark, at a desk and on a phone.
pub(crate) const LOOKS: [Look; 4] = [
    Look { scheme: "light", width: 1280, height: 860 },
    Look { scheme: "dark", width: 1280, height: 860 },
    Look { scheme: "light", width: 390, height: 844 },
    Look { scheme: "dark", width: 390, height: 844 },
];

impl Look {
    /// Lets the browser look so.
    pub(crate) async fn set(self, browser: &Client) {
        let phone = self.width < 600;
        for (command, parameters) in [
            (
                "Emulation.setEmulatedMedia",
                json!({"features": [{"name": "prefers-color-scheme", "value": self.scheme}]}),
            ),
            (
                "Emulation.setDeviceMetricsOverride",
                json!({"width": self.width, "height": self.height, "deviceScaleFactor": 1, "mobile": phone}),
            ),
        ] {
            browser.issue_cmd(DevTools { command, parameters }).await.unwrap();
        }
    }
}
