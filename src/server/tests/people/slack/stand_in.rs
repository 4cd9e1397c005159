//! A stand-in for Slack: its Web API, its hooks, its sign-in and Socket Mode, over real HTTP on this machine. What it answers
//! is of the shapes that Slack documents; what it was asked is kept.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

/// Only for tests, of course.
const KEY: &[u8] = include_bytes!("stand_in.pk8");

pub(super) const APP: &str = "A0COUNTER";
pub(super) const TEAM: &str = "T0TEAM";
pub(super) const CHANNEL: &str = "C0APPROVE";
pub(super) const CLIENT: &str = "1111.2222";

/// One call that was made.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) body: Value,
}

/// What is answered once instead of the usual.
pub(super) type Instead = (u16, Vec<(&'static str, String)>, Value);

#[derive(Default)]
struct Kept {
    calls: Vec<Call>,
    instead: BTreeMap<String, VecDeque<Instead>>,
    users: BTreeMap<String, Value>,
    claims: BTreeMap<String, Value>,
    socket: String,
    ts: u64,
}

/// The stand-in.
#[derive(Clone)]
pub(super) struct StandIn {
    kept: Arc<Mutex<Kept>>,
    pub(super) address: String,
}

impl StandIn {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let stand_in = Self { kept: Arc::default(), address };
        for (id, name) in [
            ("U0BOB", "bob"),
            ("U0CAROL", "carol"),
            ("U0DAVE", "dave"),
            ("U0ERIN", "erin"),
            ("U0ALICE", "alice"),
        ] {
            stand_in.user(id, &json!({"real_name": name}));
        }
        let app = Router::new()
            .route("/api/{method}", post(api))
            .route("/hooks/{id}", post(hook))
            .route("/openid/connect/keys", get(keys))
            .with_state(stand_in.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        stand_in
    }

    /// What `users.info` says of somebody, beside what it says of a full member.
    pub(super) fn user(&self, id: &str, change: &Value) {
        let mut user = json!({
            "id": id, "team_id": TEAM, "name": id.to_lowercase(), "deleted": false, "is_bot": false,
            "is_app_user": false, "is_restricted": false, "is_ultra_restricted": false, "profile": {},
        });
        user.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        self.kept.lock().unwrap().users.insert(id.to_owned(), user);
    }

    /// What the next ID token says otherwise.
    pub(super) fn claim(&self, name: &str, value: Value) {
        self.kept.lock().unwrap().claims.insert(name.to_owned(), value);
    }

    pub(super) fn instead(&self, method: &str, answer: Instead) {
        self.kept.lock().unwrap().instead.entry(method.to_owned()).or_default().push_back(answer);
    }

    pub(super) fn socket(&self, url: &str) {
        url.clone_into(&mut self.kept.lock().unwrap().socket);
    }

    pub(super) fn calls(&self, method: &str) -> Vec<Call> {
        self.kept.lock().unwrap().calls.iter().filter(|call| call.method == method).cloned().collect()
    }

    /// The `number`th call of a method, once it was made.
    #[track_caller]
    pub(super) fn call(&self, method: &str, number: usize) -> impl Future<Output = Call> {
        let (this, method) = (self.clone(), method.to_owned());
        let caller = std::panic::Location::caller();
        async move {
            for _ in 0..400 {
                if let Some(call) = this.calls(&method).get(number) {
                    return call.clone();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            panic!("{caller}: no call number {number} of `{method}`: {:#?}", this.kept.lock().unwrap().calls);
        }
    }

    /// The first call of a method for which `wanted` holds, once it was made.
    pub(super) async fn until(&self, method: &str, wanted: impl Fn(&Value) -> bool) -> Call {
        for _ in 0..400 {
            if let Some(call) = self.calls(method).into_iter().find(|call| wanted(&call.body)) {
                return call;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no such call of `{method}`: {:#?}", self.calls(method));
    }

    pub(super) fn hook(&self) -> String {
        format!("http://{}/hooks/1", self.address)
    }
}

fn read(headers: &HeaderMap, body: &[u8]) -> Value {
    let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") {
        return serde_json::from_slice(body).unwrap();
    }
    let text = std::str::from_utf8(body).unwrap();
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), Value::String(super::decoded(value)))).collect()
}

async fn hook(State(stand_in): State<StandIn>, headers: HeaderMap, body: Bytes) -> &'static str {
    let call = Call { method: "hook".to_owned(), body: read(&headers, &body) };
    stand_in.kept.lock().unwrap().calls.push(call);
    "ok"
}

async fn keys() -> Json<Value> {
    let pair = RsaKeyPair::from_pkcs8(KEY).unwrap();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let ring::rsa::PublicKeyComponents::<Vec<u8>> { n, e } = pair.public().into();
    Json(
        json!({"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": part(&n), "e": part(&e)}]}),
    )
}

/// A token signed as Slack's are.
fn id_token(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({"alg": "RS256", "typ": "JWT", "kid": "1"})), part(claims));
    let pair = RsaKeyPair::from_pkcs8(KEY).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = ring::rand::SystemRandom::new();
    pair.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn api(
    State(stand_in): State<StandIn>,
    Path(method): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let token = headers.get("authorization").and_then(|token| token.to_str().ok()).unwrap_or_default();
    let body = read(&headers, &body);
    let address = stand_in.address.clone();
    let mut kept = stand_in.kept.lock().unwrap();
    kept.calls.push(Call { method: method.clone(), body: body.clone() });
    if let Some((status, headers, json)) = kept.instead.get_mut(&method).and_then(VecDeque::pop_front) {
        let mut answer = (StatusCode::from_u16(status).unwrap(), Json(json)).into_response();
        for (name, value) in headers {
            answer.headers_mut().insert(name, value.parse().unwrap());
        }
        return answer;
    }
    let wanted = match method.as_str() {
        "apps.connections.open" => "Bearer xapp-1-stand-in",
        "openid.connect.token" => "",
        _ => "Bearer xoxb-stand-in",
    };
    if token != wanted {
        return Json(json!({"ok": false, "error": "invalid_auth"})).into_response();
    }
    let answer = match method.as_str() {
        "auth.test" => {
            let said = json!({"ok": true, "team_id": TEAM, "user_id": "U0APP", "bot_id": "B0APP"});
            let scopes = [("x-oauth-scopes", "chat:write,users:read")];
            return (scopes, Json(said)).into_response();
        }
        "users.info" => match kept.users.get(body["user"].as_str().unwrap()) {
            Some(user) => json!({"ok": true, "user": user}),
            None => json!({"ok": false, "error": "user_not_found"}),
        },
        "chat.postMessage" => {
            kept.ts += 1;
            json!({"ok": true, "channel": body["channel"], "ts": format!("1700000000.{:06}", kept.ts)})
        }
        "chat.update" => json!({"ok": true, "channel": body["channel"], "ts": body["ts"]}),
        "views.open" | "views.publish" => json!({"ok": true, "view": {"id": "V1"}}),
        "conversations.info" => json!({"ok": true, "channel": {"is_member": true, "is_archived": false}}),
        "apps.connections.open" => json!({"ok": true, "url": kept.socket}),
        "openid.connect.token" => {
            // The code says who signed in and for which attempt.
            let (user, nonce) = body["code"].as_str().unwrap().split_once('.').unwrap();
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
            let mut claims = json!({
                "iss": format!("http://{address}"), "sub": user, "aud": CLIENT, "exp": now + 300, "iat": now,
                "nonce": nonce, "https://slack.com/user_id": user, "https://slack.com/team_id": TEAM,
            });
            claims.as_object_mut().unwrap().extend(std::mem::take(&mut kept.claims));
            json!({"ok": true, "access_token": "xoxp-nobody-keeps-it", "token_type": "Bearer", "id_token": id_token(&claims)})
        }
        _ => json!({"ok": false, "error": "unknown_method"}),
    };
    Json(answer).into_response()
}
