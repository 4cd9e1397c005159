//! Socket Mode: the same decisions over a connection that the service opens.

use countersign_server::service::Status;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

use super::Workspace;
use crate::support::security_alone;

/// The end of the connection that Slack would hold.
struct Peer(WebSocketStream<TcpStream>);

impl Peer {
    async fn accept(listener: &TcpListener) -> Self {
        let accepted = tokio::time::timeout(std::time::Duration::from_secs(10), listener.accept()).await;
        let mut peer = Self(accept_async(accepted.unwrap().unwrap().0).await.unwrap());
        peer.send(&json!({"type": "hello", "num_connections": 1})).await;
        peer
    }

    async fn send(&mut self, value: &Value) {
        self.0.send(Message::text(value.to_string())).await.unwrap();
    }

    /// Sends an envelope and waits for its acknowledgement.
    async fn ask(&mut self, kind: &str, id: &str, payload: &Value) -> Value {
        self.send(
            &json!({"type": kind, "envelope_id": id, "payload": payload, "accepts_response_payload": true}),
        )
        .await;
        loop {
            let next = tokio::time::timeout(std::time::Duration::from_secs(3), self.0.next()).await;
            if let Message::Text(text) = next.unwrap().unwrap().unwrap() {
                let answer: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(answer["envelope_id"], id);
                return answer;
            }
        }
    }
}

async fn ready() -> (Workspace, TcpListener) {
    let it = Workspace::bare("  app_token: {file: KEYS/slack_app}").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    it.slack.socket(&format!("ws://{}/link/?ticket=1", listener.local_addr().unwrap()));
    it.link("carol").await;
    it.inbox.listening().await;
    (it, listener)
}

#[tokio::test]
async fn a_request_is_decided_over_the_socket() {
    let (it, listener) = ready().await;
    let mut peer = Peer::accept(&listener).await;
    let id = it.inbox.task(security_alone).await;
    let press = it.press(&id, "approve", "U0CAROL").await;
    assert_eq!(peer.ask("interactive", "e1", &press).await, json!({"envelope_id": "e1"}));
    let view = it.slack.call("views.open", 0).await.body["view"].clone();
    let wrong =
        peer.ask("interactive", "e2", &Workspace::filled(&view, "U0CAROL", "because", Some("NO-11"))).await;
    assert_eq!(wrong["payload"]["response_action"], "errors", "{wrong}");
    let code = it.inbox.service.task(&id).await.unwrap().unwrap().code;
    let done =
        peer.ask("interactive", "e3", &Workspace::filled(&view, "U0CAROL", "because", Some(&code))).await;
    assert_eq!(done["payload"]["response_action"], "clear", "{done}");
    assert_eq!(it.inbox.service.task(&id).await.unwrap().unwrap().status, Status::Approved);
}

#[tokio::test]
async fn another_app_or_workspace_decides_nothing_over_the_socket_and_is_acknowledged() {
    let (it, listener) = ready().await;
    let mut peer = Peer::accept(&listener).await;
    let id = it.inbox.task(security_alone).await;
    let mut press = it.press(&id, "approve", "U0CAROL").await;
    for (name, value) in [("api_app_id", json!("A0OTHER")), ("team", json!({"id": "T0OTHER"}))] {
        let kept = std::mem::replace(&mut press[name], value);
        assert_eq!(peer.ask("interactive", name, &press).await, json!({"envelope_id": name}));
        press[name] = kept;
    }
    for (kind, payload) in [
        ("slash_commands", json!({})),
        ("events_api", json!({})),
        ("interactive", Value::Null),
        ("news", json!([1])),
    ] {
        assert_eq!(peer.ask(kind, kind, &payload).await["envelope_id"], kind);
    }
    assert!(it.slack.calls("views.open").is_empty());
}

#[tokio::test]
async fn a_connection_that_ends_is_opened_again() {
    let (it, listener) = ready().await;
    let mut first = Peer::accept(&listener).await;
    first.send(&json!({"type": "disconnect", "reason": "refresh_requested"})).await;
    let second = Peer::accept(&listener).await;
    drop(second);
    it.slack.instead("apps.connections.open", (503, vec![], json!({})));
    let mut third = Peer::accept(&listener).await;
    let event = json!({"api_app_id": super::APP, "team_id": super::TEAM, "type": "event_callback",
        "event": {"type": "app_home_opened", "user": "U0CAROL", "tab": "home"}});
    third.0.send(Message::Ping(vec![1].into())).await.unwrap();
    third.ask("events_api", "e1", &event).await;
    it.slack.call("views.publish", 0).await;
}
