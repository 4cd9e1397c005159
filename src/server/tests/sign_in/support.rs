//! A service in production, real identity providers beside it (npm `oidc-provider`, on Node), and a browser that is an HTTP
//! client with a cookie jar.
//!
//! The provider is installed by `cargo xtask test` (`setup::oidc`). Where it or Node is missing the tests say so and pass,
//! except under `CI`, where that is a failure.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::http::StatusCode;
use countersign_server::{
    clock::{Clock, System},
    config::{Config, Mode},
    service::Service,
};
use serde_json::{Value, json};
use ureq::{
    Agent,
    http::{Request, header},
};

use super::filter;

/// One identity provider, which dies with the test.
pub(crate) struct Idp {
    child: Child,
    pub(crate) issuer: String,
}

impl Drop for Idp {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

fn library() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../.tools/oidc/node_modules/oidc-provider")
}

/// Who is at the providers.
fn accounts() -> Value {
    json!({
        "carol": {"name": "Carol C.", "email": "carol@example.com", "email_verified": true, "groups": ["security"], "acr": "pwd"},
        "dave": {"name": "Dave D.", "groups": ["security", "data-owners"], "acr": "phr", "amr": ["mfa"]},
        "erin": {"name": "Erin E.", "groups": [], "acr": "pwd"},
    })
}

impl Idp {
    /// Starts one that knows our service at `base` by the provider name `name`; `None` where it is not installed.
    #[expect(clippy::print_stdout, reason = "a skipped test says so")]
    fn start(base: &str, name: &str) -> Option<Self> {
        let missing = || {
            assert!(std::env::var_os("CI").is_none(), "node or oidc-provider is missing");
            println!("skipped: node or oidc-provider is missing (`cargo xtask test` installs it)");
        };
        if !library().is_dir() {
            missing();
            return None;
        }
        let client = json!({
            "client_id": "countersign",
            "client_secret": SECRET,
            "redirect_uris": [format!("{base}/login/callback/{name}")],
            "post_logout_redirect_uris": [format!("{base}/login")],
            "backchannel_logout_uri": format!("{base}/login/logout/{name}"),
            "backchannel_logout_session_required": true,
            "grant_types": ["authorization_code", "client_credentials"],
        });
        let config = json!({"clients": [client], "accounts": accounts()}).to_string();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sign_in/provider.mjs");
        let child = Command::new("node")
            .args([script, library().to_str().unwrap(), &config])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = child else {
            missing();
            return None;
        };
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let ready = lines.find_map(|line| serde_json::from_str::<Value>(&line).ok());
        let issuer = ready.expect("the provider starts")["issuer"].as_str().unwrap().to_owned();
        // Whatever else it prints must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, issuer })
    }

    /// A token for our client itself, without anybody.
    pub(crate) fn client_credentials(&self) -> String {
        let fields = format!("grant_type=client_credentials&client_id=countersign&client_secret={SECRET}");
        let mut answer = agent()
            .post(format!("{}/token", self.issuer))
            .header("content-type", "application/x-www-form-urlencoded")
            .send(fields)
            .unwrap();
        let answer: Value = answer.body_mut().read_json().unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks for what no honest provider does, or changes what it knows.
    pub(crate) fn test(&self, what: &str, body: &Value) -> String {
        let mut answer = agent().post(format!("{}/test/{what}", self.issuer)).send_json(body).unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        answer.body_mut().read_to_string().unwrap()
    }
}

/// Our secret at the providers.
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None).build().into()
}

/// The machine's clock, and what a test adds to it.
#[derive(Default)]
pub(crate) struct Later(AtomicI64);

impl Later {
    pub(crate) fn by(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for Later {
    fn now_ms(&self) -> i64 {
        System.now_ms() + self.0.load(Ordering::SeqCst)
    }
}

/// A service in production and its providers.
pub(crate) struct Stage {
    pub(crate) service: Service,
    pub(crate) base: String,
    pub(crate) idps: Vec<Idp>,
    pub(crate) clock: Arc<Later>,
    dir: tempfile::TempDir,
}

impl Stage {
    /// With the providers of these names; `members` are more members of each, and `rest` more of the document.
    pub(crate) async fn with(names: &[&str], members: &str, rest: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [("pep", "07".repeat(32)), ("idp", SECRET.to_owned())] {
            let file = dir.path().join(name);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let base = format!("http://{address}");
        let mut idps = Vec::new();
        for name in names {
            idps.push(Idp::start(&base, name)?);
        }
        let keys = dir.path().to_str().unwrap();
        let providers: Vec<String> = names
            .iter()
            .zip(&idps)
            .map(|(name, idp)| {
                format!(
                    "  - name: {name}\n    issuer: {}\n    client_id: countersign\n    client_secret: {{file: {keys}/idp}}\n    \
                     scopes: [openid, profile, email, groups]\n{members}",
                    idp.issuer
                )
            })
            .collect();
        let providers = providers.concat();
        let yaml = format!(
            "authorities: [{}]\nclients:\n- {{id: 'urn:countersign:pep:prod-eu1', keys: [{{keyid: pep, secret: {{file: {keys}/pep}}}}]}}\n\
             secrets: {{thirdparty-api-key: {{file: {keys}/idp}}}}\nsign_in:\n  providers:\n{providers}{rest}",
            filter::AUTHORITY
        );
        let state = dir.path().join("state");
        let config = Config::read(&yaml, address, &state, Mode::Production).unwrap();
        let clock = Arc::new(Later::default());
        let service = Service::open_at(config, &state, clock.clone()).await.unwrap();
        tokio::spawn(countersign_server::serve(service.clone(), listener, std::future::pending()));
        Some(Self { service, base, idps, clock, dir })
    }

    /// One provider that tells groups by claim.
    pub(crate) async fn one() -> Option<Self> {
        Self::with(&["one"], "    groups: {claim: groups}\n", "").await
    }

    pub(crate) fn idp(&self) -> &Idp {
        self.idps.first().unwrap()
    }

    /// Signs `who` in at the provider `name`, and returns their browser.
    pub(crate) fn signed_in(&self, name: &str, who: &str) -> Browser {
        let mut browser = Browser::default();
        let last = browser.sign_in(&self.base, name, who);
        assert_eq!(last.status, StatusCode::OK, "{}", last.text);
        browser
    }

    /// The audit log's records.
    pub(crate) async fn records(&self) -> Vec<Value> {
        let file = self.dir.path().join("state/countersign.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true);
        let mut sql = sqlx::ConnectOptions::connect(&options).await.unwrap();
        let lines: Vec<String> = sqlx::query_scalar("SELECT line FROM audit_leaf ORDER BY leaf")
            .fetch_all(&mut sql)
            .await
            .unwrap();
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Submits the published submission, changed; returns its id.
    pub(crate) async fn task(&self, change: impl FnOnce(&mut Value)) -> String {
        let submission = filter::submission(change);
        let body = submission.to_string();
        let request = filter::signed("/access/v1/requests", body.as_bytes(), self.service.now_ms());
        let answer = filter::send(&self.service, request).await;
        answer.expect(StatusCode::ACCEPTED).json["task"]["id"].as_str().unwrap().to_owned()
    }
}

/// What a page or an endpoint answered.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) url: String,
    pub(crate) location: Option<String>,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    #[track_caller]
    pub(crate) fn refused(&self, words: &str) {
        assert_eq!(self.status, StatusCode::FORBIDDEN, "{}", self.text);
        assert!(self.text.contains(words), "{}", self.text);
    }

    /// The value of the field of this name.
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> &str {
        let (_, rest) = self
            .text
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap_or_else(|| panic!("{}", self.text));
        rest.split('"').next().unwrap()
    }
}

/// A browser without a screen.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    /// By host and port, as a real one would not do, but each of ours must have a jar of its own.
    jar: BTreeMap<String, BTreeMap<String, String>>,
}

impl Browser {
    pub(crate) fn get(&mut self, url: &str) -> Page {
        self.send(Request::get(url), url, String::new())
    }

    /// Sends a form from a page of the same host.
    pub(crate) fn post(&mut self, url: &str, fields: &str) -> Page {
        let request = Request::post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header("origin", "null");
        self.send(request, url, fields.to_owned())
    }

    fn send(&mut self, request: ureq::http::request::Builder, url: &str, body: String) -> Page {
        let host = url.split('/').nth(2).unwrap().to_owned();
        let cookies: Vec<String> = self
            .jar
            .get(&host)
            .map(|jar| jar.iter().map(|(name, value)| format!("{name}={value}")).collect())
            .unwrap_or_default();
        let request = request.header("cookie", cookies.join("; ")).body(body).unwrap();
        let mut answer = agent().run(request).unwrap();
        let jar = self.jar.entry(host).or_default();
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap_or((rest, ""));
            if value.is_empty() || attributes.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = answer.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        Page {
            status: StatusCode::from_u16(answer.status().as_u16()).unwrap(),
            url: url.to_owned(),
            location,
            text: answer.body_mut().read_to_string().unwrap(),
        }
    }

    /// Follows redirects until `stop` says so of the address that would be next, or a page stands.
    pub(crate) fn follow(&mut self, mut page: Page, stop: impl Fn(&str) -> bool) -> Page {
        for _ in 0..20 {
            let Some(to) = page.location.clone() else { return page };
            let to = if to.starts_with('/') {
                let origin: Vec<&str> = page.url.split('/').take(3).collect();
                origin.join("/") + &to
            } else {
                to
            };
            if stop(&to) {
                return Page { location: Some(to), ..page };
            }
            page = self.get(&to);
        }
        panic!("redirects without end: {page:?}");
    }

    /// Goes to the provider and signs in there as `who`; returns the answer that would lead back to us.
    pub(crate) fn at_provider(&mut self, start: &str, who: &str) -> Page {
        let first = self.get(start);
        let back = |to: &str| to.contains("/login/callback/");
        let page = self.follow(first, back);
        if page.location.is_some() || !page.text.contains("name=\"login\"") {
            return page;
        }
        let url = page.url.clone();
        let next = self.post(&url, &format!("login={who}"));
        self.follow(next, back)
    }

    /// Signs in as `who` at the provider `name` of the service at `base`; returns the last page.
    pub(crate) fn sign_in(&mut self, base: &str, name: &str, who: &str) -> Page {
        let back = self.at_provider(&format!("{base}/login/to/{name}"), who);
        self.follow(back, |_| false)
    }

    /// Who the service says this is.
    pub(crate) fn me(&mut self, base: &str) -> Page {
        self.get(&format!("{base}/approver/v1/me"))
    }

    /// Decides on a request with the form of its page.
    pub(crate) fn decide(&mut self, base: &str, id: &str, choice: &str) -> Page {
        let url = format!("{base}/r/{id}");
        let page = self.get(&url);
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let fields: Vec<String> = ["csrf", "display_digest", "version", "seen_at"]
            .map(|name| format!("{name}={}", page.field(name).replace(':', "%3A").replace('=', "%3D")))
            .to_vec();
        self.post(&format!("{url}/decide"), &format!("{}&reason=because&choice={choice}", fields.join("&")))
    }

    /// Approves by JSON, as the page's script could, whether or not the page offers it.
    pub(crate) async fn approve_by_api(&mut self, stage: &Stage, id: &str) -> Page {
        let csrf = self.me(&stage.base).json()["csrf"].as_str().unwrap().to_owned();
        let task = stage.service.task(id).await.unwrap().unwrap();
        let url = format!("{}/approver/v1/requests/{id}/decisions", stage.base);
        let request = Request::post(&url)
            .header("content-type", "application/json")
            .header("sec-fetch-site", "same-origin")
            .header("countersign-csrf", csrf);
        let body = json!({"decision": "approve", "reason": "because", "display_digest": task.display_digest});
        self.send(request, &url, body.to_string())
    }

    /// The session's cookie at the service.
    pub(crate) fn cookie(&self, base: &str) -> Option<String> {
        let host = base.split('/').nth(2)?;
        self.jar.get(host)?.get("countersign_session").cloned()
    }

    /// Forgets every cookie of the host at `base`.
    pub(crate) fn forget(&mut self, base: &str) {
        self.jar.remove(base.split('/').nth(2).unwrap());
    }

    /// Puts a cookie of the service.
    pub(crate) fn plant(&mut self, base: &str, name: &str, value: &str) {
        let host = base.split('/').nth(2).unwrap().to_owned();
        self.jar.entry(host).or_default().insert(name.to_owned(), value.to_owned());
    }
}
