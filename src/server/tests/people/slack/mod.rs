//! Slack, with the real service and a stand-in for Slack over real HTTP.

mod doctor;
mod flow;
mod forged;
mod linking;
mod looks;
mod socket;
mod stand_in;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use countersign_wire::digest::hex;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::support::{Inbox, Reply, Session};
use stand_in::{APP, CHANNEL, CLIENT, Call, StandIn, TEAM};

pub(crate) const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

/// Every press has a trigger of its own.
static PRESSES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);

/// A service, a workspace, and who is who in both.
pub(crate) struct Workspace {
    pub(crate) inbox: Inbox,
    slack: StandIn,
}

/// The account in Slack of a reviewer.
pub(crate) fn user(name: &str) -> String {
    format!("U0{}", name.to_uppercase())
}

impl Workspace {
    /// With bob, carol and dave linked, of whom only dave may decide for both groups.
    pub(crate) async fn new() -> Self {
        let workspace = Self::bare("").await;
        for name in ["bob", "carol", "dave", "erin", "alice"] {
            workspace.link(name).await;
        }
        workspace
    }

    /// With nobody linked.
    async fn bare(more: &str) -> Self {
        let slack = StandIn::start().await;
        let yaml = format!(
            "
slack:
  app_id: {APP}
  team_id: {TEAM}
  bot_token: {{file: KEYS/slack_bot}}
  signing_secret: {{file: KEYS/slack_signing}}
  client_id: '{CLIENT}'
  client_secret: {{file: KEYS/slack_client}}
  api: http://{}/api
{more}
channels:
  approvals: {{slack: {{channel: {CHANNEL}}}}}
notify:
- {{channels: [approvals], remind: 5m}}
",
            slack.address
        );
        let keys = [
            ("slack_bot", "xoxb-stand-in"),
            ("slack_signing", SECRET),
            ("slack_client", "client-secret"),
            ("slack_app", "xapp-1-stand-in"),
        ];
        Self { inbox: Inbox::with(&yaml, &keys).await, slack }
    }

    /// What the browser of a reviewer is sent to Slack with.
    async fn begun(&self, who: &Session) -> (String, String) {
        let begun = self.inbox.page(who, "/settings/slack/link").await.expect(StatusCode::SEE_OTHER);
        let to = begun.location();
        assert!(to.starts_with(&format!("http://{}/openid/connect/authorize?", self.slack.address)), "{to}");
        let field = |name: &str| {
            let (_, rest) = to.split_once(&format!("{name}=")).unwrap();
            rest.split('&').next().unwrap().to_owned()
        };
        (field("state"), field("nonce"))
    }

    /// Links a reviewer's account as they would.
    pub(crate) async fn link(&self, name: &str) {
        let session = self.inbox.session(name).await;
        let (state, nonce) = self.begun(&session).await;
        let back = format!("/settings/slack/return?code={}.{nonce}&state={state}", user(name));
        let page = self.inbox.page(&session, &back).await.expect(StatusCode::OK);
        let fields = page.hidden_fields("action=\"/settings/slack/confirm\"");
        self.inbox.form(&session, "/settings/slack/confirm", &fields).await.expect(StatusCode::SEE_OTHER);
    }

    /// The first card of a task.
    async fn card(&self, id: &str) -> Call {
        let of = |body: &Value| body["metadata"]["event_payload"]["id"] == id;
        self.slack.until("chat.postMessage", of).await
    }

    /// What Slack sends when `user` presses a button of the card.
    async fn press(&self, id: &str, button: &str, user: &str) -> Value {
        let card = self.card(id).await;
        let actions =
            card.body["blocks"].as_array().unwrap().iter().find(|block| block["type"] == "actions").unwrap();
        let element =
            actions["elements"].as_array().unwrap().iter().find(|one| one["action_id"] == button).unwrap();
        json!({
            "type": "block_actions", "api_app_id": APP, "token": "deprecated",
            "team": {"id": TEAM, "domain": "example"}, "enterprise": null, "is_enterprise_install": false,
            "user": {"id": user, "username": user.to_lowercase(), "team_id": TEAM},
            "container": {"type": "message", "channel_id": CHANNEL, "message_ts": "1700000000.000001"},
            "channel": {"id": CHANNEL, "name": "approvals"},
            "trigger_id": format!("13345224609.{}", PRESSES.fetch_add(1, std::sync::atomic::Ordering::SeqCst)),
            "response_url": self.slack.hook(),
            "actions": [{
                "type": "button", "action_id": button, "block_id": actions["block_id"], "value": element["value"],
                "text": element["text"], "action_ts": "1700000001.000002",
            }],
        })
    }

    /// Presses a button and waits for the window.
    async fn window(&self, id: &str, button: &str, user: &str) -> Value {
        let payload = self.press(id, button, user).await;
        let trigger = payload["trigger_id"].clone();
        let before = self.slack.calls("views.open").len();
        self.interact(&payload).await.expect(StatusCode::OK);
        let opened = self.slack.call("views.open", before).await.body;
        assert_eq!(opened["trigger_id"], trigger);
        opened["view"].clone()
    }

    /// What Slack sends when `user` sends a window.
    fn filled(view: &Value, user: &str, reason: &str, code: Option<&str>) -> Value {
        let mut values = json!({"reason": {"reason": {"type": "plain_text_input", "value": reason}}});
        if let Some(code) = code {
            values["code"] = json!({"code": {"type": "plain_text_input", "value": code}});
        }
        let mut view = view.clone();
        view["state"] = json!({"values": values});
        view["app_id"] = APP.into();
        view["team_id"] = TEAM.into();
        view["id"] = "V1".into();
        json!({
            "type": "view_submission", "api_app_id": APP, "token": "deprecated",
            "team": {"id": TEAM, "domain": "example"},
            "user": {"id": user, "username": user.to_lowercase(), "team_id": TEAM},
            "trigger_id": "1.2", "response_urls": [], "view": view,
        })
    }

    /// Opens the home tab.
    async fn home(&self, user: &str) -> Reply {
        let event = json!({
            "type": "event_callback", "api_app_id": APP, "team_id": TEAM,
            "event_id": format!("Ev{}", PRESSES.fetch_add(1, std::sync::atomic::Ordering::SeqCst)),
            "event": {"type": "app_home_opened", "user": user, "tab": "home"},
        });
        self.signed("/slack/events", &event.to_string(), 0, |request| request).await
    }

    /// Sends what Slack sends, signed.
    async fn interact(&self, payload: &Value) -> Reply {
        self.signed("/slack/interactions", &form(payload), 0, |request| request).await
    }

    /// The same, signed `age` seconds ago, and changed afterwards.
    async fn signed(
        &self,
        path: &str,
        body: &str,
        age: i64,
        change: impl FnOnce(axum::http::request::Builder) -> axum::http::request::Builder,
    ) -> Reply {
        let at = self.inbox.service.now_ms() / 1000 - age;
        let kind =
            if path.ends_with("events") { "application/json" } else { "application/x-www-form-urlencoded" };
        let request = Request::post(path)
            .header("content-type", kind)
            .header("x-slack-request-timestamp", at.to_string())
            .header("x-slack-signature", sign(SECRET, at, body));
        self.inbox.send(change(request).body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Presses, fills and sends, for somebody who may.
    async fn decide(&self, name: &str, id: &str, button: &str, reason: &str) -> Reply {
        let view = self.window(id, button, &user(name)).await;
        let code = self.inbox.service.task(id).await.unwrap().unwrap().code;
        let payload = Self::filled(
            &view,
            &user(name),
            reason,
            Some(&code).filter(|_| button == "approve").map(String::as_str),
        );
        self.interact(&payload).await.expect(StatusCode::OK)
    }
}

/// A payload as Slack posts it.
pub(crate) fn form(payload: &Value) -> String {
    let escaped: String = payload
        .to_string()
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    format!("payload={escaped}")
}

pub(crate) fn sign(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("v0:{at}:{body}").as_bytes());
    format!("v0={}", hex(&mac.finalize().into_bytes()))
}

/// A value of a form.
pub(crate) fn decoded(text: &str) -> String {
    let (mut out, mut bytes) = (Vec::new(), text.bytes());
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                out.push(u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            b'+' => out.push(b' '),
            other => out.push(other),
        }
    }
    String::from_utf8(out).unwrap()
}
