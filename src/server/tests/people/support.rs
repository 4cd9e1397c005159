//! A service on a temporary directory, a filter that asks, and people with sessions.

use std::{
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode},
};
use countersign_server::{
    clock::Skewed,
    config::{Config, Mode},
    service::{Channel, Person, Service},
};
use countersign_wire::{
    digest::{Secret, content_digest, tagged},
    record::{Chain, Event},
    signature::{Covered, PepKey},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// Bob is a data owner, Carol is in security, Dave in both, Erin in neither; Alice is who the agent acts for.
const CONFIG: &str = r#"
issuer: https://approvals.example.com
authorities: [approvals.example.com]
clients:
- id: urn:countersign:pep:prod-eu1
  keys: [{keyid: pep, secret: {file: KEYS/pep}}]
groups:
  data-owners: [bob, dave, alice]
  security: [carol, dave, alice]
dev_reviewers:
- {name: bob, sub: bob, email: bob@example.com}
- {name: carol, sub: carol}
- {name: dave, sub: dave}
- {name: erin, sub: erin}
- {name: alice, iss: "https://idp.example.com", sub: alice@example.com}
secrets:
  thirdparty-api-key: {file: KEYS/secret}
"#;

pub(crate) const AUTHORITY: &str = "approvals.example.com";
/// How a browser on this machine names us.
pub(crate) const HOST: &str = "127.0.0.1:8080";

/// A service and everything around it.
pub(crate) struct Inbox {
    pub(crate) service: Service,
    pub(crate) app: Router,
    dir: tempfile::TempDir,
}

/// One person's session.
pub(crate) struct Session {
    pub(crate) token: String,
    pub(crate) csrf: String,
}

static COUNT: AtomicU64 = AtomicU64::new(1);

impl Inbox {
    pub(crate) async fn new() -> Self {
        Self::with("", &[]).await
    }

    /// With more configuration and more key files, which it finds under `KEYS`.
    pub(crate) async fn with(more: &str, keys: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let pep = "07".repeat(32);
        for (name, text) in [("pep", pep.as_str()), ("secret", "sk-live-0123456789")].iter().chain(keys) {
            let file = dir.path().join(name);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let yaml = format!("{CONFIG}{more}").replace("KEYS", dir.path().to_str().unwrap());
        let state = dir.path().join("state");
        let config = Config::read(&yaml, HOST.parse().unwrap(), &state, Mode::Dev).unwrap();
        let clock = std::sync::Arc::new(Skewed::by(dir.path().join("skew")));
        let service = Service::open_at(config, &state, clock).await.unwrap();
        Self { app: countersign_server::router(service.clone()), service, dir }
    }

    /// The service's clock is `seconds` ahead from now on.
    pub(crate) fn elapse(&self, seconds: i64) {
        std::fs::write(self.dir.path().join("skew"), seconds.to_string()).unwrap();
    }

    /// The person behind a session.
    pub(crate) fn person(&self, name: &str) -> Person {
        self.service.dev_reviewers().into_iter().find(|person| person.name == name).unwrap()
    }

    /// Where the database is.
    pub(crate) fn database_file(&self) -> std::path::PathBuf {
        self.dir.path().join("state/countersign.db")
    }

    async fn database(&self) -> sqlx::SqliteConnection {
        let file = self.database_file();
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true);
        sqlx::ConnectOptions::connect(&options).await.unwrap()
    }

    /// All that a call could have changed, row by row: tasks, votes, answers, grants, people, links, records.
    pub(crate) async fn state(&self) -> Vec<String> {
        use sqlx::Row as _;
        let mut sql = self.database().await;
        let mut all = Vec::new();
        for (table, columns) in [
            ("task", "id || status || version"),
            ("vote", "task || person || choice || reason || at"),
            ("answer", "task || text"),
            ("approval", "jti || used"),
            ("person", "id || name"),
            ("identity_link", "person || external_id"),
            ("chat_link", "external_id || iss || sub || name"),
            ("audit_leaf", "hash"),
        ] {
            let query = sqlx::AssertSqlSafe(format!("SELECT {columns} FROM {table} ORDER BY 1"));
            for row in sqlx::query(query).fetch_all(&mut sql).await.unwrap() {
                all.push(format!("{table} {:?}", row.try_get::<String, _>(0)));
            }
        }
        all
    }

    /// Waits until every channel was told everything that is due.
    pub(crate) async fn quiet(&self) {
        let mut sql = self.database().await;
        let open = "SELECT count(*) FROM outbox WHERE done_at IS NULL AND dead_at IS NULL AND next_at <= $1";
        for _ in 0..400 {
            let open: i64 =
                sqlx::query_scalar(open).bind(self.service.now_ms()).fetch_one(&mut sql).await.unwrap();
            if open == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("a channel was not told");
    }

    /// Where the service keeps its state.
    pub(crate) fn files(&self) -> std::path::PathBuf {
        self.dir.path().join("state")
    }

    /// The service on a port of its own, until the test ends.
    pub(crate) async fn listening(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(countersign_server::serve(self.service.clone(), listener, std::future::pending()));
        address
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        self.send_from("127.0.0.1:50000", request).await
    }

    pub(crate) async fn send_from(&self, peer: &str, mut request: Request<Body>) -> Reply {
        request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        Reply::of(self.app.clone().oneshot(request).await.unwrap()).await
    }

    pub(crate) async fn session(&self, name: &str) -> Session {
        let person = self.service.dev_reviewers().into_iter().find(|person| person.name == name).unwrap();
        let opened = self.service.open_session(&person, Channel::Web).await.unwrap();
        Session { token: opened.token, csrf: opened.csrf }
    }

    /// Submits the published submission, changed, as another request than any before it; returns the task's id.
    pub(crate) async fn task(&self, change: impl FnOnce(&mut Value)) -> String {
        self.submit(&submission(change)).await
    }

    pub(crate) async fn submit(&self, submission: &Value) -> String {
        self.offer(submission).await.expect(StatusCode::ACCEPTED).json["task"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Submits, whatever comes of it.
    pub(crate) async fn offer(&self, submission: &Value) -> Reply {
        let body = submission.to_string();
        self.send(signed("/access/v1/requests", body.as_bytes(), self.service.now_ms())).await
    }

    /// The filter sends an answer to the reviewer's question, an outcome, or a cancel.
    pub(crate) async fn report(&self, id: &str, what: &str, body: &Value) -> Reply {
        let path = format!("/access/v1/requests/{id}/{what}");
        self.send(signed(&path, body.to_string().as_bytes(), self.service.now_ms())).await
    }

    /// The filter redeems the grant of an approved task, sends the call, and reports what the destination answered.
    pub(crate) async fn sent(&self, id: &str, submission: &Value) {
        self.sent_and(id, submission, "completed").await;
    }

    /// The same, with another end.
    pub(crate) async fn sent_and(&self, id: &str, submission: &Value, state: &str) {
        let now = self.service.now_ms();
        let task = self
            .send(signed_get(&format!("/access/v1/requests/{id}"), now))
            .await
            .expect(StatusCode::OK)
            .json;
        let approval = &task["task"]["result"]["approval"];
        let request_digest = &submission["context"]["urn:countersign:request_digest"];
        let mut chain =
            Chain::new(format!("019aa3e4-9c7b-7c1d-8f00-{:012x}", COUNT.fetch_add(1, Ordering::SeqCst)));
        let mut record =
            |event, members: Value| chain.append(event, now, members.as_object().unwrap().clone());
        let open = record(Event::ChainOpen, json!({}));
        self.send(signed("/audit/v1/records", (open.line() + "\n").as_bytes(), now))
            .await
            .expect(StatusCode::OK);
        let members = json!({"tid": id, "jti": approval["id"], "request_digest": request_digest});
        let redeem = json!({
            "subject": submission["subject"], "action": submission["action"], "resource": submission["resource"],
            "context": {
                "urn:countersign:request_digest": request_digest,
                "approval": approval,
                "urn:countersign:v1": {"nonce": "AAECAwQFBgcICQoLDA0ODw", "record": record(Event::ActionReleasing, members).value()},
            },
        });
        let answer = self.send(signed("/access/v1/evaluation", redeem.to_string().as_bytes(), now)).await;
        assert_eq!(answer.json["decision"], true, "{}", answer.text);
        let outcome = json!({"state": state, "status": 200, "request_bytes": 63, "response_bytes": 1240,
            "duration_ms": 412, "record": record(Event::ActionCompleted, json!({"tid": id})).value()});
        self.report(id, "outcome", &outcome).await.expect(StatusCode::OK);
    }

    pub(crate) async fn api(&self, who: &Session, path: &str) -> Reply {
        self.send(Request::get(path).header("authorization", who.bearer()).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn decide(&self, who: &Session, id: &str, decision: &str) -> Reply {
        let digest = self.service.task(id).await.unwrap().unwrap().display_digest;
        let body = json!({"decision": decision, "reason": "because", "display_digest": digest});
        self.decide_with(who, id, &body).await
    }

    pub(crate) async fn decide_with(&self, who: &Session, id: &str, body: &Value) -> Reply {
        let request = Request::post(format!("/approver/v1/requests/{id}/decisions"))
            .header("authorization", who.bearer())
            .header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Posts JSON to the API.
    pub(crate) async fn post(&self, who: &Session, path: &str, body: &Value) -> Reply {
        let request = Request::post(path)
            .header("authorization", who.bearer())
            .header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn page(&self, who: &Session, path: &str) -> Reply {
        let request = Request::get(path).header("host", HOST).header("cookie", who.cookie());
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Posts a form as a browser does from our own page.
    pub(crate) async fn form(&self, who: &Session, path: &str, fields: &[(&str, &str)]) -> Reply {
        let own = [("sec-fetch-site", "same-origin"), ("origin", "null")];
        self.form_with(who, path, fields, &own).await
    }

    pub(crate) async fn form_with(
        &self,
        who: &Session,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = Request::post(path)
            .header("host", HOST)
            .header("cookie", who.cookie())
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(encoded(fields))).unwrap()).await
    }

    /// Opens a request's page, fills in its form as it stands there, and presses a button.
    pub(crate) async fn press(&self, who: &Session, id: &str, button: &str, reason: &str) -> Reply {
        let page = self.page(who, &format!("/r/{id}")).await.expect(StatusCode::OK);
        self.press_on(who, id, &page, button, reason).await
    }

    /// The same on a page that was opened before.
    pub(crate) async fn press_on(
        &self,
        who: &Session,
        id: &str,
        page: &Reply,
        button: &str,
        reason: &str,
    ) -> Reply {
        let mut fields: Vec<(&str, &str)> = page.hidden_fields("id=\"decide\"");
        fields.extend([("reason", reason), ("choice", button)]);
        self.form(who, &format!("/r/{id}/decide"), &fields).await
    }
}

impl Session {
    pub(crate) fn cookie(&self) -> String {
        format!("countersign_session={}", self.token)
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

/// The published submission, changed, with its own request digest and the display digest it must have.
pub(crate) fn submission(change: impl FnOnce(&mut Value)) -> Value {
    let mut value: Value =
        serde_json::from_str(include_str!("../vectors/approval-request.body").trim_end()).unwrap();
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    value["context"]["urn:countersign:request_digest"] = tagged("", number.to_string().as_bytes()).into();
    value["requested_access"] = Value::Null;
    value.as_object_mut().unwrap().remove("requested_access");
    let far = countersign_wire::clock::rfc3339_s(4_000_000_000_000);
    value["denial"]["expires_at"] = far.into();
    change(&mut value);
    let typed: countersign_wire::submission::Submission = serde_json::from_value(value.clone()).unwrap();
    v1(&mut value)["payload"]["display_digest"] = typed.display_digest().into();
    value
}

pub(crate) fn v1(value: &mut Value) -> &mut Value {
    &mut value["context"]["urn:countersign:v1"]
}

/// One reviewer of security is enough.
pub(crate) fn security_alone(value: &mut Value) {
    v1(value)["quorum"] = json!({"required": 1, "groups": ["security"], "distinct": true, "veto": true});
}

/// A request as the filter signs it.
pub(crate) fn signed(path: &str, body: &[u8], now_ms: i64) -> Request<Body> {
    let key = PepKey { keyid: "pep".into(), secret: Secret::new([7; 32]) };
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let (digest, idempotency) = (content_digest(body), format!("\"key-{number}\""));
    let covered = Covered {
        method: "POST",
        authority: AUTHORITY,
        path,
        query: "",
        content_digest: Some(&digest),
        idempotency_key: Some(&idempotency),
    };
    let signed = key.sign(&covered, now_ms / 1000, &format!("nonce-{number:08}"));
    Request::post(format!("http://{AUTHORITY}{path}"))
        .header("content-type", "application/json")
        .header("content-digest", &digest)
        .header("idempotency-key", idempotency)
        .header("signature-input", signed.input)
        .header("signature", signed.signature)
        .body(Body::from(body.to_vec()))
        .unwrap()
}

fn signed_get(path: &str, now_ms: i64) -> Request<Body> {
    let key = PepKey { keyid: "pep".into(), secret: Secret::new([7; 32]) };
    let covered = Covered {
        method: "GET",
        authority: AUTHORITY,
        path,
        query: "",
        content_digest: None,
        idempotency_key: None,
    };
    let nonce = format!("nonce-{:08}", COUNT.fetch_add(1, Ordering::SeqCst));
    let signed = key.sign(&covered, now_ms / 1000, &nonce);
    Request::get(format!("http://{AUTHORITY}{path}"))
        .header("signature-input", signed.input)
        .header("signature", signed.signature)
        .body(Body::empty())
        .unwrap()
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| {
        text.bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect::<String>()
    };
    fields
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect::<Vec<_>>()
        .join("&")
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Reply {
    async fn of(answer: axum::response::Response) -> Self {
        let (parts, body) = answer.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 24).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status: parts.status, headers: parts.headers, text, json }
    }

    #[track_caller]
    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn problem(&self, status: u16, kind: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.json["type"], kind, "{}", self.text);
        assert!(self.json["title"].is_string() && self.json["detail"].is_string(), "{}", self.text);
    }

    pub(crate) fn location(&self) -> &str {
        self.headers["location"].to_str().unwrap()
    }

    /// The hidden fields of the form that has `mark` in its tag, as a browser would send them.
    #[track_caller]
    pub(crate) fn hidden_fields(&self, mark: &str) -> Vec<(&str, &str)> {
        let (_, form) = self.text.split_once(mark).unwrap_or_else(|| panic!("no form {mark}: {}", self.text));
        let (form, _) = form.split_once("</form>").unwrap();
        form.split("<input type=\"hidden\" ")
            .skip(1)
            .map(|tag| (attribute(tag, "name"), attribute(tag, "value")))
            .collect()
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    let (_, rest) = tag.split_once(&format!("{name}=\"")).unwrap();
    rest.split_once('"').unwrap().0
}
