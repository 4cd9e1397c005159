//! Socket Mode: Slack's calls over a connection that this service opens, where Slack cannot call it.
//!
//! Promises: the connection goes to Slack over TLS (or to a stand-in on this machine); what comes over it is handled as
//! what comes by HTTP is, but for the signature, in whose place TLS and the app's token stand. Every envelope is acknowledged,
//! also one that nothing is done about. A connection that ends or goes silent is opened again, slower and slower while it
//! fails. <https://docs.slack.dev/apis/events-api/using-socket-mode>

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::mpsc};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

use super::{
    Slack,
    inbound::{self, Reply},
};
use crate::outward::is_this_machine;

/// How long nothing may come: Slack pings more often.
const SILENCE: Duration = Duration::from_secs(90);
/// How long opening may take.
const OPENING: Duration = Duration::from_secs(10);
/// How long is waited after a failure: twice as long after the next.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_mins(1);
/// The largest message, in bytes.
const LARGEST: usize = 1024 * 1024;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why a connection is over.
#[derive(Debug, PartialEq, Eq)]
enum Over {
    /// Slack wants another one; nothing is wrong.
    Refresh,
    /// Something is.
    Failed(String),
    /// This service shuts down.
    Closing,
}

/// Keeps a connection open until the service shuts down.
pub(super) async fn run(slack: Slack) {
    let mut pause = PAUSE;
    loop {
        let over = match open(&slack).await {
            Ok(socket) => {
                tracing::info!("connected to Slack (Socket Mode)");
                pause = PAUSE;
                serve(&slack, socket).await
            }
            Err(why) => Over::Failed(why),
        };
        match over {
            Over::Closing => return,
            Over::Refresh => {}
            Over::Failed(why) => {
                tracing::warn!(%why, "no connection to Slack (Socket Mode); it is tried again");
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = slack.service.closing() => return,
                }
                pause = (pause * 2).min(LONGEST);
            }
        }
    }
}

async fn open(slack: &Slack) -> Result<Socket, String> {
    let token = slack.settings.app_token.as_ref().ok_or("no app token is configured")?;
    let said = slack.settings.api.form(Some(token), "apps.connections.open", &[]).await;
    let said = said.map_err(|failed| failed.why().to_owned())?;
    let url = said.json.get("url").and_then(Value::as_str).ok_or("Slack names no address to connect to")?;
    if !is_slack(url) {
        return Err("Slack named an address to connect to that is not its own".to_owned());
    }
    let limits = WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
    let opening = connect_async_with_config(url, Some(limits), true);
    match tokio::time::timeout(OPENING, opening).await {
        // The address holds a ticket, so it is not said.
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(error)) => Err(format!("the connection was not opened: {error}")),
        Err(_) => Err("the connection was not opened in time".to_owned()),
    }
}

/// `wss` to a host of Slack's, or `ws` on this machine.
fn is_slack(url: &str) -> bool {
    let host = |rest: &str| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
    match (url.strip_prefix("wss://"), url.strip_prefix("ws://")) {
        (Some(rest), _) => {
            let host = host(rest);
            !host.contains('@') && (host.ends_with(".slack.com") || host == "slack.com")
        }
        (None, Some(rest)) => is_this_machine(&host(rest)),
        (None, None) => false,
    }
}

async fn serve(slack: &Slack, mut socket: Socket) -> Over {
    let (send, mut answers) = mpsc::channel::<Message>(64);
    loop {
        let message = tokio::select! {
            message = tokio::time::timeout(SILENCE, socket.next()) => match message {
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(error))) => return Over::Failed(format!("the connection broke: {error}")),
                Ok(None) => return Over::Failed("Slack closed the connection".to_owned()),
                Err(_) => return Over::Failed("nothing came for too long".to_owned()),
            },
            Some(answer) = answers.recv() => {
                if let Err(error) = socket.send(answer).await {
                    return Over::Failed(format!("an answer was not sent: {error}"));
                }
                continue;
            }
            () = slack.service.closing() => {
                if let Err(error) = socket.close(None).await {
                    tracing::debug!(%error, "the connection to Slack was not closed in order");
                }
                return Over::Closing;
            }
        };
        match message {
            Message::Text(text) => {
                let Ok(envelope) = serde_json::from_str::<Value>(&text) else { continue };
                if let Some(over) = envelope_of(slack, envelope, &send) {
                    return over;
                }
            }
            Message::Close(_) => return Over::Refresh,
            // Pings are answered by the library with the next write; one now, since nothing else may be written.
            Message::Ping(_) => {
                if let Err(error) = socket.flush().await {
                    return Over::Failed(format!("a ping was not answered: {error}"));
                }
            }
            Message::Binary(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
}

/// Handles one envelope beside the others, so that none waits for another.
fn envelope_of(slack: &Slack, mut envelope: Value, send: &mpsc::Sender<Message>) -> Option<Over> {
    let text = |name: &str| envelope.get(name).and_then(Value::as_str);
    if text("type") == Some("disconnect") {
        return Some(match text("reason") {
            Some("link_disabled") => Over::Failed("Socket Mode was switched off for the app".to_owned()),
            _ => Over::Refresh,
        });
    }
    let id = text("envelope_id")?.to_owned();
    let kind = text("type").unwrap_or_default().to_owned();
    let payload = envelope.get_mut("payload").map(Value::take).unwrap_or_default();
    let (slack, send) = (slack.clone(), send.clone());
    tokio::spawn(async move {
        let reply = match kind.as_str() {
            "interactive" => inbound::interaction(&slack, payload).await,
            "events_api" => inbound::event(&slack, &payload),
            _ => Reply::Nothing,
        };
        let answer = match reply {
            Reply::Nothing => json!({"envelope_id": id}),
            Reply::This(document) => json!({"envelope_id": id, "payload": document}),
            Reply::Refused(why) => {
                tracing::warn!(why, "a call of Slack was refused");
                json!({"envelope_id": id})
            }
        };
        if send.send(Message::text(answer.to_string())).await.is_err() {
            tracing::debug!("a connection to Slack ended before an answer was sent");
        }
    });
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slack_is_connected_to() {
        for good in ["wss://wss-primary.slack.com/link/?ticket=1", "wss://slack.com/x", "ws://127.0.0.1:9/x"]
        {
            assert!(is_slack(good), "{good}");
        }
        for bad in [
            "ws://wss-primary.slack.com/",
            "wss://evil.example/.slack.com",
            "wss://slack.com.evil.example/",
            "wss://evilslack.com/",
            "wss://a@wss.slack.com/",
            "wss://evil.example#.slack.com",
            "https://slack.com",
        ] {
            assert!(!is_slack(bad), "{bad}");
        }
    }

    /// TLS needs a provider of its arithmetic, which is found when the first connection is made.
    #[tokio::test]
    async fn tls_to_somebody_who_speaks_none_is_an_error_and_no_panic() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("wss://{}/", listener.local_addr().unwrap());
        let peer = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            drop(stream);
        });
        assert!(connect_async_with_config(url, None, true).await.is_err());
        peer.await.unwrap();
    }
}
