//! What stands in for Microsoft: keys with their metadata, a login, the Bot Connector, and people who press buttons.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Request, StatusCode, Uri, header},
    response::IntoResponse,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde_json::{Value, json};

use crate::support::{Inbox, Reply};

pub(super) const APP: &str = "11111111-1111-4111-8111-111111111111";
pub(super) const TENANT: &str = "22222222-2222-4222-8222-222222222222";
pub(super) const ROOM: &str = "19:approvals@thread.tacv2";
pub(super) const OTHER_ROOM: &str = "19:security@thread.tacv2";
pub(super) const SECRET: &str = "the~bots~client~secret";
pub(super) const BEARER: &str = "token-of-the-login";

/// One call that arrived here.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) authorization: String,
    pub(super) body: String,
}

impl Call {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The card in a message.
    pub(super) fn card(&self) -> Value {
        self.json()["attachments"][0]["content"].clone()
    }
}

#[derive(Clone)]
struct Shared {
    calls: Arc<Mutex<Vec<Call>>>,
    keys: Arc<Mutex<Value>>,
    /// What the connector answers before it takes anything: status and headers.
    trouble: Arc<Mutex<Vec<(u16, &'static str)>>>,
}

/// A key pair as the Connector has it.
pub(super) struct Signer {
    pair: RsaKeyPair,
    pub(super) kid: String,
}

impl Signer {
    /// A new one. Making primes is OpenSSL's; Debian's `ca-certificates` brings it.
    pub(super) fn new(kid: &str) -> Self {
        let made = std::process::Command::new("openssl")
            .args([
                "genpkey",
                "-quiet",
                "-algorithm",
                "RSA",
                "-pkeyopt",
                "rsa_keygen_bits:2048",
                "-outform",
                "DER",
            ])
            .output()
            .expect("this test needs `openssl`");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self {
            pair: RsaKeyPair::from_pkcs8(&made.stdout)
                .or_else(|_| RsaKeyPair::from_der(&made.stdout))
                .unwrap(),
            kid: kid.to_owned(),
        }
    }

    /// As it is published.
    pub(super) fn jwk(&self, endorsements: &[&str]) -> Value {
        let public = PublicKeyComponents::<Vec<u8>>::from(self.pair.public());
        json!({"kty": "RSA", "use": "sig", "kid": self.kid, "x5t": self.kid, "n": URL_SAFE_NO_PAD.encode(&public.n),
            "e": URL_SAFE_NO_PAD.encode(&public.e), "endorsements": endorsements})
    }

    /// A token over a header and claims.
    pub(super) fn token(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The service with a bot, and what stands in for Microsoft.
pub(super) struct Cloud {
    pub(super) inbox: Inbox,
    pub(super) signer: Signer,
    pub(super) origin: String,
    shared: Shared,
    number: Mutex<u64>,
}

impl Cloud {
    /// A bot with cards in two conversations, that was installed in both.
    pub(super) async fn new() -> Self {
        let cloud = Self::unheard().await;
        for room in [ROOM, OTHER_ROOM] {
            let reply = cloud
                .send(&cloud.activity("conversationUpdate", |it| it["conversation"]["id"] = room.into()))
                .await;
            reply.expect(StatusCode::OK);
        }
        cloud
    }

    /// The same before anything was heard from Teams.
    pub(super) async fn unheard() -> Self {
        let signer = Signer::new("key-1");
        let shared = Shared {
            calls: Arc::default(),
            keys: Arc::new(Mutex::new(json!({"keys": [signer.jwk(&["msteams", "webchat"])]}))),
            trouble: Arc::default(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let app = Router::new().fallback(answer).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let origin = format!("http://{host}");
        let yaml = format!(
            "teams: {{app_id: {APP}, tenant: {TENANT}, secret: {{file: KEYS/teams}}, login: '{origin}', \
             metadata: '{origin}/v1/.well-known/openidconfiguration', service_hosts: ['{host}']}}\n\
             channels:\n  approvals: {{teams_bot: {{conversation: '{ROOM}'}}}}\n  \
             security: {{teams_bot: {{conversation: '{OTHER_ROOM}'}}}}\n  \
             flow: {{teams_workflow: {{url: {{file: KEYS/workflow}}, hosts: ['{host}']}}}}\n\
             notify:\n- {{group: [data-owners], channels: [approvals, security]}}\n- {{group: [security], channels: [approvals, flow]}}\n"
        );
        let workflow = format!("{origin}/workflows/abc?sig=very-secret-sig");
        let files = [("teams", SECRET), ("workflow", workflow.as_str())];
        let inbox = Inbox::with(&yaml, &files).await;
        Self { inbox, signer, origin, shared, number: Mutex::new(0) }
    }

    /// Everything that arrived here.
    pub(super) fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// The cards that were posted or changed.
    pub(super) fn cards(&self) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.path.contains("/v3/conversations/")).collect()
    }

    /// Waits until a card arrived for which `wanted` holds.
    pub(super) async fn card(&self, wanted: impl Fn(&Call) -> bool) -> Call {
        for _ in 0..400 {
            if let Some(call) = self.cards().into_iter().rev().find(|call| wanted(call)) {
                return call;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("no such card: {:#?}", self.cards());
    }

    /// What the Connector answers next, before it takes cards again.
    pub(super) fn trouble(&self, status: u16, retry: &'static str) {
        self.shared.trouble.lock().unwrap().push((status, retry));
    }

    /// Publishes other keys.
    pub(super) fn publish(&self, keys: &Value) {
        *self.shared.keys.lock().unwrap() = json!({"keys": keys});
    }

    /// Links somebody's account in Entra, as signing in with it does.
    pub(super) async fn link(&self, oid: &str, name: &str) {
        use sqlx::Connection as _;
        let person =
            self.inbox.service.dev_reviewers().into_iter().find(|person| person.name == name).unwrap();
        let path = self.inbox.database_file();
        let mut sql = sqlx::SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
        sqlx::query(
            "INSERT INTO chat_link (provider, tenant, external_id, iss, sub, name, linked_at) \
             VALUES ('entra', $1, $2, $3, $4, $5, 0)",
        )
        .bind(TENANT)
        .bind(oid)
        .bind(person.iss)
        .bind(person.sub)
        .bind(format!("{name} in Teams"))
        .execute(&mut sql)
        .await
        .unwrap();
    }

    /// An activity as Teams sends it, changed.
    pub(super) fn activity(&self, kind: &str, change: impl FnOnce(&mut Value)) -> Value {
        let mut number = self.number.lock().unwrap();
        *number += 1;
        let mut activity = json!({
            "type": kind,
            "id": format!("f:{number}"),
            "timestamp": "2026-11-25T12:00:00.000Z",
            "channelId": "msteams",
            "serviceUrl": self.service_url(),
            "from": {"id": "29:1abc", "name": "somebody", "aadObjectId": oid(1)},
            "recipient": {"id": format!("28:{APP}"), "name": "countersign"},
            "conversation": {"id": ROOM, "isGroup": true, "conversationType": "channel", "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}, "team": {"id": "19:team@thread.tacv2"}, "channel": {"id": ROOM}},
            "locale": "en-US",
        });
        change(&mut activity);
        activity
    }

    /// A press on a button of a card, by whoever has this object id.
    pub(super) fn press(&self, card: &Value, verb: &str, oid: &str, input: &Value) -> Value {
        let mut action = button(card, verb);
        for (name, value) in input.as_object().unwrap() {
            action["data"][name] = value.clone();
        }
        self.activity("invoke", |it| {
            it["name"] = "adaptiveCard/action".into();
            it["from"]["aadObjectId"] = oid.into();
            it["value"] = json!({"action": action, "trigger": "manual"});
        })
    }

    pub(super) fn service_url(&self) -> String {
        format!("{}/emea/", self.origin)
    }

    /// The claims of a good token.
    pub(super) fn claims(&self) -> Value {
        let now = self.inbox.service.now_ms() / 1000;
        json!({"iss": "https://api.botframework.com", "aud": APP, "nbf": now - 60, "exp": now + 3600,
            "serviceurl": self.service_url()})
    }

    /// The header of a good token.
    pub(super) fn header(&self) -> Value {
        json!({"typ": "JWT", "alg": "RS256", "kid": self.signer.kid, "x5t": self.signer.kid})
    }

    /// A good token.
    pub(super) fn token(&self) -> String {
        self.signer.token(&self.header(), &self.claims())
    }

    /// Sends an activity as the Connector does.
    pub(super) async fn send(&self, activity: &Value) -> Reply {
        self.send_with(activity, &format!("Bearer {}", self.token())).await
    }

    /// The same with another proof.
    pub(super) async fn send_with(&self, activity: &Value, authorization: &str) -> Reply {
        let request = Request::post("/teams/messages")
            .header("content-type", "application/json; charset=utf-8")
            .header("authorization", authorization)
            .body(Body::from(activity.to_string()))
            .unwrap();
        self.inbox.send(request).await
    }
}

/// The object id of somebody in Entra.
pub(super) fn oid(number: u32) -> String {
    format!("33333333-3333-4333-8333-{number:012}")
}

/// The action of a button on a card.
pub(super) fn button(card: &Value, verb: &str) -> Value {
    let set = card["body"].as_array().unwrap().iter().find(|part| part["type"] == "ActionSet").unwrap();
    let action = set["actions"].as_array().unwrap().iter().find(|action| action["verb"] == verb);
    action.unwrap_or_else(|| panic!("no {verb} on {card}")).clone()
}

async fn answer(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> axum::response::Response {
    let path = uri.path_and_query().unwrap().as_str().to_owned();
    let authorization = headers
        .get(header::AUTHORIZATION)
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let call =
        Call { method: method.clone(), path: path.clone(), authorization: authorization.clone(), body };
    let count = {
        let mut calls = shared.calls.lock().unwrap();
        calls.push(call);
        calls.len()
    };
    if path == "/v1/.well-known/openidconfiguration" {
        let host = headers[header::HOST].to_str().unwrap();
        return Json(json!({
            "issuer": "https://api.botframework.com",
            "authorization_endpoint": "https://invalid.botframework.com",
            "jwks_uri": format!("http://{host}/v1/.well-known/keys"),
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        }))
        .into_response();
    }
    if path == "/v1/.well-known/keys" {
        return Json(shared.keys.lock().unwrap().clone()).into_response();
    }
    if path == format!("/{TENANT}/oauth2/v2.0/token") {
        return Json(json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": BEARER}))
            .into_response();
    }
    if path.starts_with("/workflows/") {
        return StatusCode::ACCEPTED.into_response();
    }
    if !path.starts_with("/emea/v3/conversations/") || authorization != format!("Bearer {BEARER}") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let trouble = shared.trouble.lock().unwrap().pop();
    if let Some((status, retry)) = trouble {
        return (StatusCode::from_u16(status).unwrap(), [(header::RETRY_AFTER, retry)]).into_response();
    }
    if method == Method::POST {
        return (StatusCode::CREATED, Json(json!({"id": format!("1:{count}")}))).into_response();
    }
    Json(json!({"id": "1"})).into_response()
}
