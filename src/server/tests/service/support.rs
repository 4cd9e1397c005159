//! A service on a temporary directory, a filter that signs, and reviewers who decide.

use std::{
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use countersign_server::{
    clock::Clock,
    config::{Config, Mode},
    service::{Channel, Choice, Person, Refusal, Restored, Service, TaskView, Vote},
};
use countersign_wire::{
    clock::rfc3339_ms,
    digest::{Secret, content_digest},
    jws::Jwks,
    record::{Chain, Event, Record},
    signature::{Covered, PepKey},
};
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

/// The time at which every test begins: 2026-11-21T06:03:00Z.
pub(crate) const START: i64 = 1_795_240_980_000;
pub(crate) const AUTHORITY: &str = "approvals.example.com";
pub(crate) const CLIENT: &str = "urn:countersign:pep:prod-eu1";
pub(crate) const IDP: &str = "https://idp.example.com";
pub(crate) const REQUESTS: &str = "/access/v1/requests";
pub(crate) const EVALUATION: &str = "/access/v1/evaluation";
pub(crate) const RECORDS: &str = "/audit/v1/records";

/// Bob is a data owner, Carol is in security, Dave in both, Erin in neither; Dave has a second account. Alice, on whose
/// behalf the agent asks, is in both groups too, under an account of hers and under her e-mail address.
const CONFIG: &str = r#"
issuer: https://approvals.example.com
authorities: [approvals.example.com]
clients:
- id: urn:countersign:pep:prod-eu1
  keys: [{keyid: pep, secret: {file: KEYS/pep}}]
- id: urn:countersign:pep:other
  keys: [{keyid: other, secret: {file: KEYS/other}}]
groups:
  data-owners: [bob, dave, alice, alias]
  security: [carol, dave, alice, alias]
dev_reviewers:
- {name: bob, iss: "https://idp.example.com", sub: 00u-bob, email: bob@example.com}
- {name: carol, iss: "https://idp.example.com", sub: 00u-carol}
- {name: dave, iss: "https://idp.example.com", sub: 00u-dave, email: dave@example.com, accounts: [{iss: "https://old.example.com", sub: dave-old}]}
- {name: erin, iss: "https://idp.example.com", sub: 00u-erin}
- {name: alice, iss: "https://other.example.com", sub: alice@example.com}
- {name: alias, iss: "https://idp.example.com", sub: 00u-alias, email: "Alice+Reviews@EXAMPLE.com"}
deny_memory: 60s
lease: 1s
pending_per_subject: CAP
secrets:
  thirdparty-api-key: {file: KEYS/secret}
"#;

/// The value of that secret.
pub(crate) const SECRET: &str = "sk-live-canary-7Hq2/x+1";

/// A clock that stands until a test moves it.
pub(crate) struct Hand(AtomicI64);

impl Clock for Hand {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A running service and everything around it.
pub(crate) struct Bench {
    pub(crate) state: PathBuf,
    pub(crate) service: Service,
    pub(crate) app: Router,
    pub(crate) pep: Pep,
    hand: Arc<Hand>,
    dir: Arc<tempfile::TempDir>,
    /// Where PostgreSQL is; without it the store is a file.
    pub(crate) database: Option<String>,
}

/// What is left of a bench whose process died.
pub(crate) struct Stopped {
    hand: Arc<Hand>,
    pep: Pep,
    dir: Arc<tempfile::TempDir>,
    database: Option<String>,
}

pub(crate) fn listen() -> SocketAddr {
    "127.0.0.1:8080".parse().unwrap()
}

pub(crate) fn private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

impl Bench {
    /// Where an operator finds its state.
    pub(crate) fn place(&self) -> countersign_server::admin::Place<'_> {
        countersign_server::admin::Place { state: &self.state, database: self.service.config().database() }
    }

    /// A service whose store is a file, whatever else tests run on: for what is promised of the file.
    pub(crate) async fn on_a_file() -> Self {
        Stopped::on(None).start(Restored::Refuse, |yaml| yaml).await.unwrap()
    }

    /// The same with another configuration.
    pub(crate) async fn configured_on_a_file(change: impl FnOnce(String) -> String) -> Self {
        Stopped::on(None).start(Restored::Refuse, change).await.unwrap()
    }

    pub(crate) async fn new() -> Self {
        Self::with_cap(40).await
    }

    /// A service that lets this many tasks of one subject wait.
    pub(crate) async fn with_cap(cap: usize) -> Self {
        let yaml = |yaml: String| yaml.replace("CAP", &cap.to_string());
        Stopped::fresh().await.start(Restored::Refuse, yaml).await.unwrap()
    }

    /// A service with another configuration: `change` gets the usual one.
    pub(crate) async fn configured(change: impl FnOnce(String) -> String) -> Self {
        Stopped::fresh().await.start(Restored::Refuse, change).await.unwrap()
    }

    /// A service with these private files beside the keys, and more lines at the end of its configuration, which are secrets
    /// first.
    pub(crate) async fn with(more: &str, files: &[(&str, &str)]) -> Self {
        let fresh = Stopped::fresh().await;
        for (name, text) in files {
            private(&fresh.folder().join(name), text);
        }
        let more = more.replace("KEYS", fresh.folder().to_str().unwrap());
        fresh.start(Restored::Refuse, |yaml| yaml + &more).await.unwrap()
    }

    /// Restarted with other secrets than the usual one: the lines from `secrets:` on.
    pub(crate) async fn restarted_with_secrets(self, lines: &str) -> Self {
        let stopped = self.killed().await;
        let lines = lines.replace("KEYS", stopped.folder().to_str().unwrap());
        let yaml = |yaml: String| yaml.split("secrets:").next().unwrap().to_owned() + &lines;
        stopped.start(Restored::Refuse, yaml).await.unwrap()
    }

    /// A file beside the keys.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The process dies without a goodbye, and another one starts on the same directory.
    pub(crate) async fn killed_and_restarted(self) -> Self {
        self.killed().await.start(Restored::Refuse, |yaml| yaml).await.unwrap()
    }

    /// The process dies without a goodbye.
    pub(crate) async fn killed(self) -> Stopped {
        let Self { service, app, hand, dir, pep, database, .. } = self;
        drop((service, app));
        // What ran in the background lets go of the directory's lock when it next looks.
        for _ in 0..200 {
            let lock = std::fs::File::open(dir.path().join("state/lock")).unwrap();
            if lock.try_lock().is_ok() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        Stopped { hand, pep, dir, database }
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.hand.0.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> i64 {
        self.hand.now_ms()
    }

    pub(crate) fn jwks(&self) -> Jwks {
        Jwks::try_from(&*self.service.jwks()).unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        Reply::of(self.app.clone().oneshot(request).await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(self.pep.get(path, self.now())).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(self.pep.post(path, body.to_string().as_bytes(), self.now())).await
    }

    /// Submits the published submission, changed by `change`.
    pub(crate) async fn submit(&self, change: impl FnOnce(&mut Value)) -> Reply {
        self.post(REQUESTS, &submission(change)).await
    }

    /// Submits and returns the task's id.
    pub(crate) async fn task(&self) -> String {
        self.submit(|_| {}).await.expect(StatusCode::ACCEPTED).task_id()
    }

    pub(crate) fn person(&self, name: &str) -> Person {
        self.service.dev_reviewers().into_iter().find(|person| person.name == name).unwrap()
    }

    pub(crate) async fn view(&self, id: &str) -> TaskView {
        self.service.task(id).await.unwrap().unwrap()
    }

    pub(crate) async fn decide(&self, name: &str, id: &str, choice: Choice) -> Result<TaskView, Refusal> {
        self.decide_as(&self.person(name), id, choice).await
    }

    pub(crate) async fn decide_as(
        &self,
        who: &Person,
        id: &str,
        choice: Choice,
    ) -> Result<TaskView, Refusal> {
        let display_digest = self.view(id).await.display_digest;
        let vote = Vote { choice, reason: "because".into(), display_digest, code: None };
        self.service.decide(who, Channel::Web, id, vote).await
    }

    /// Submits, has Bob and Carol approve, opens the filter's chain, and returns what a redeem needs.
    pub(crate) async fn granted(&self) -> Granted {
        self.granted_for(|_| {}).await
    }

    /// The same for a changed submission.
    pub(crate) async fn granted_for(&self, change: impl Fn(&mut Value)) -> Granted {
        let digest = submission(&change)["context"]["urn:countersign:request_digest"].clone();
        let id = self.submit(change).await.expect(StatusCode::ACCEPTED).task_id();
        self.decide("bob", &id, Choice::Approve).await.unwrap();
        self.decide("carol", &id, Choice::Approve).await.unwrap();
        let task = self.get(&format!("{REQUESTS}/{id}")).await.expect(StatusCode::OK).json;
        let approval = task["task"]["result"]["approval"].clone();
        let mut chain = self.chain().await;
        let jti = approval["id"].as_str().unwrap();
        let record = releasing(&mut chain, self.now(), &id, jti, digest.as_str().unwrap());
        Granted { id, approval, record, chain }
    }

    /// A chain of the filter's whose opening is stored.
    pub(crate) async fn chain(&self) -> Chain {
        let number = self.pep.count.fetch_add(1, Ordering::SeqCst);
        let mut chain = Chain::new(format!("019aa3e4-9c7b-7c1d-8f00-{number:012x}"));
        let open = chain.append(Event::ChainOpen, self.now(), Map::new());
        self.records(&[&open]).await.expect(StatusCode::OK);
        chain
    }

    pub(crate) async fn records(&self, records: &[&Record]) -> Reply {
        let lines: String = records.iter().map(|record| record.line() + "\n").collect();
        self.send(self.pep.post(RECORDS, lines.as_bytes(), self.now())).await
    }

    /// Every line of the audit log, from the file itself.
    pub(crate) async fn log(&self) -> Vec<Value> {
        let lines = self.lines().await;
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) async fn lines(&self) -> Vec<String> {
        let mut sql = self.sql().await;
        sqlx::query_scalar("SELECT line FROM audit_leaf ORDER BY leaf").fetch_all(&mut sql).await.unwrap()
    }

    pub(crate) async fn sql(&self) -> sqlx::AnyConnection {
        match &self.database {
            Some(url) => connect(url).await,
            None => sql(&self.state).await,
        }
    }

    /// Whether what a test looks at is a file: what it promises of the file holds for that alone.
    pub(crate) fn is_a_file(&self) -> bool {
        self.database.is_none()
    }

    /// Another replica on the same database, by the same clock, with the same keys.
    pub(crate) async fn replica(&self) -> Self {
        let other = Stopped { hand: self.hand.clone(), ..Stopped::on(self.database.clone()) };
        let state = other.folder().join("state");
        std::fs::DirBuilder::new().mode(0o700).create(&state).unwrap();
        std::fs::copy(self.state.join("signing.key"), state.join("signing.key")).unwrap();
        let mut other = other.start(Restored::Refuse, |yaml| yaml).await.unwrap();
        other.pep.count = AtomicU64::new(1_000_000);
        other
    }
}

pub(crate) async fn sql(state: &Path) -> sqlx::AnyConnection {
    connect(&format!("sqlite://{}/countersign.db", state.display())).await
}

async fn connect(url: &str) -> sqlx::AnyConnection {
    sqlx::any::install_default_drivers();
    <sqlx::AnyConnection as sqlx::Connection>::connect(url).await.unwrap()
}

impl Stopped {
    async fn fresh() -> Self {
        Self::on(crate::postgres::wanted().await)
    }

    /// A place for a service whose database is there.
    pub(crate) fn on(database: Option<String>) -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        private(&dir.path().join("secret"), SECRET);
        private(&dir.path().join("pep"), &"07".repeat(32));
        private(&dir.path().join("other"), &"08".repeat(32));
        Self { hand: Arc::new(Hand(AtomicI64::new(START))), pep: Pep::new("pep", 7), dir, database }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// The backup takes the database's place, as the page for operators says.
    pub(crate) fn put_back(&self, backup: &Path) {
        let database = self.folder().join("state/countersign.db");
        for rest in ["", "-wal", "-shm"] {
            let path = PathBuf::from(format!("{}{rest}", database.display()));
            if path.exists() {
                std::fs::remove_file(path).unwrap();
            }
        }
        std::fs::copy(backup, database).unwrap();
    }

    /// Starts on what is left.
    pub(crate) async fn start(
        &self,
        restored: Restored,
        change: impl FnOnce(String) -> String,
    ) -> Result<Bench, String> {
        let state = self.folder().join("state");
        let yaml = change(CONFIG.replace("KEYS", self.folder().to_str().unwrap())).replace("CAP", "40");
        let config = Config::read(&yaml, listen(), &state, Mode::Dev).map_err(|error| error.to_string())?;
        let config = match &self.database {
            Some(url) => config.with_database(crate::postgres::parsed(url)),
            None => config,
        };
        let service = Service::open_as(config, &state, self.hand.clone(), restored)
            .await
            .map_err(|error| error.to_string())?;
        let app = countersign_server::router(service.clone());
        let pep = self.pep.twin();
        Ok(Bench {
            state,
            service,
            app,
            pep,
            hand: self.hand.clone(),
            dir: self.dir.clone(),
            database: self.database.clone(),
        })
    }
}

/// What a redeem needs.
pub(crate) struct Granted {
    pub(crate) id: String,
    pub(crate) approval: Value,
    pub(crate) record: Record,
    pub(crate) chain: Chain,
}

impl Granted {
    pub(crate) fn redeem(&self, nonce: &str) -> Value {
        redeem(&self.approval, &self.record, nonce)
    }

    /// The redeem of a changed submission.
    pub(crate) fn redeem_as(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut body = self.redeem(NONCE);
        let digest = &submission(change)["context"]["urn:countersign:request_digest"];
        body["context"]["urn:countersign:request_digest"] = digest.clone();
        body
    }
}

pub(crate) fn redeem(approval: &Value, record: &Record, nonce: &str) -> Value {
    let submission = submission(|_| {});
    json!({
        "subject": submission["subject"], "action": submission["action"], "resource": submission["resource"],
        "context": {
            "urn:countersign:request_digest": submission["context"]["urn:countersign:request_digest"],
            "approval": approval,
            "urn:countersign:v1": {"nonce": nonce, "record": record.value()},
        },
    })
}

/// The request digest of the published submission.
pub(crate) const DIGEST: &str = "hmac-sha-256:bk1:UkCGLkmvayI1RhKGl7vVpBMRLsxA-0IU1BdHapAYkJc";

pub(crate) fn releasing(chain: &mut Chain, at: i64, tid: &str, jti: &str, digest: &str) -> Record {
    let members = json!({"tid": tid, "jti": jti, "request_digest": digest});
    chain.append(Event::ActionReleasing, at, members.as_object().unwrap().clone())
}

pub(crate) const NONCE: &str = "AAECAwQFBgcICQoLDA0ODw";

/// The published submission, changed. Its display digest is computed anew unless the change set one.
pub(crate) fn submission(change: impl FnOnce(&mut Value)) -> Value {
    let mut value: Value =
        serde_json::from_str(include_str!("../vectors/approval-request.body").trim_end()).unwrap();
    change(&mut value);
    value
}

/// Sets the display digest to what it must be.
pub(crate) fn redigest(value: &mut Value) {
    let typed: countersign_wire::submission::Submission = serde_json::from_value(value.clone()).unwrap();
    v1(value)["payload"]["display_digest"] = typed.display_digest().into();
}

pub(crate) fn v1(value: &mut Value) -> &mut Value {
    &mut value["context"]["urn:countersign:v1"]
}

/// Another request: its digest is `n`'s.
pub(crate) fn number(value: &mut Value, n: usize) {
    let digest = countersign_wire::digest::tagged("", n.to_string().as_bytes());
    value["context"]["urn:countersign:request_digest"] = digest.into();
}

/// A filter that signs.
pub(crate) struct Pep {
    pub(crate) key: PepKey,
    pub(crate) count: AtomicU64,
}

impl Pep {
    pub(crate) fn new(keyid: &str, byte: u8) -> Self {
        Self {
            key: PepKey { keyid: keyid.into(), secret: Secret::new([byte; 32]) },
            count: AtomicU64::new(1),
        }
    }

    /// Signs what this one signs next, byte for byte.
    pub(crate) fn twin(&self) -> Self {
        Self { key: self.key.clone(), count: AtomicU64::new(self.count.load(Ordering::SeqCst)) }
    }

    pub(crate) fn nonce(&self) -> String {
        format!("nonce-{}-{}", self.key.keyid, self.count.fetch_add(1, Ordering::SeqCst))
    }

    pub(crate) fn get(&self, path: &str, now: i64) -> Request<Body> {
        let (path_only, query) = path.split_at(path.find('?').unwrap_or(path.len()));
        let covered = Covered {
            method: "GET",
            authority: AUTHORITY,
            path: path_only,
            query,
            content_digest: None,
            idempotency_key: None,
        };
        let signed = self.key.sign(&covered, now / 1000, &self.nonce());
        Request::get(format!("http://{AUTHORITY}{path}"))
            .header("signature-input", signed.input)
            .header("signature", signed.signature)
            .body(Body::empty())
            .unwrap()
    }

    pub(crate) fn post(&self, path: &str, body: &[u8], now: i64) -> Request<Body> {
        let key = format!("\"{}\"", self.nonce());
        self.post_keyed(path, body, now, &key)
    }

    pub(crate) fn post_keyed(&self, path: &str, body: &[u8], now: i64, key: &str) -> Request<Body> {
        let digest = content_digest(body);
        let covered = Covered {
            method: "POST",
            authority: AUTHORITY,
            path,
            query: "",
            content_digest: Some(&digest),
            idempotency_key: Some(key),
        };
        let signed = self.key.sign(&covered, now / 1000, &self.nonce());
        Request::post(format!("http://{AUTHORITY}{path}"))
            .header("content-type", "application/json")
            .header("content-digest", &digest)
            .header("idempotency-key", key)
            .header("signature-input", signed.input)
            .header("signature", signed.signature)
            .body(Body::from(body.to_vec()))
            .unwrap()
    }
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
        let bytes = axum::body::to_bytes(body, 1 << 22).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status: parts.status, headers: parts.headers, text, json }
    }

    #[track_caller]
    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Asserts a problem document of this type.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, kind: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.json["type"], kind, "{}", self.text);
        assert_eq!(self.json["status"], status);
        assert!(self.json["title"].is_string() && self.json["detail"].is_string(), "{}", self.text);
        assert_eq!(self.headers["cache-control"], "no-store");
    }

    #[track_caller]
    pub(crate) fn task_id(&self) -> String {
        self.json["task"]["id"].as_str().unwrap_or_else(|| panic!("no task: {}", self.text)).to_owned()
    }

    pub(crate) fn task_status(&self) -> &str {
        self.json["task"]["status"].as_str().unwrap_or_default()
    }

    pub(crate) fn detail(&self) -> &str {
        self.json["context"]["urn:countersign:v1"]["detail"].as_str().unwrap_or_default()
    }
}

/// A time as submissions write it.
pub(crate) fn at(ms: i64) -> Value {
    rfc3339_ms(ms).into()
}
