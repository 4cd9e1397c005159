//! `POST /teams/messages`: what the Bot Connector tells the bot.
//!
//! Order of the checks: signature and claims of the token before the body is read; then the channel, the address to answer at
//! (equal to the token's claim, and on the list) and the tenant. Only then anything is looked up, stored or answered. Whoever
//! fails is refused with 403 and learns no more; the log says why. No call is made to anywhere because of an activity that was
//! not verified, but to the Connector's own keys (see [`super::keys`]).

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;

use super::{
    act,
    activity::{Activity, Leaves},
    bot::{Bot, ServiceUrl},
    config::is_conversation,
    token::{Bad, bearer, prove},
};
use crate::{
    jwt::Unbelieved,
    service::{Fault, Service},
};

/// The largest activity in bytes; theirs have a few thousand.
const LIMIT: usize = 256 * 1024;

/// The bot's one route, where there is a bot.
pub(crate) fn router(service: Service) -> Router {
    let Some(bot) = service.config().teams().cloned() else { return Router::new() };
    Router::new()
        .route("/teams/messages", post(messages))
        .layer(DefaultBodyLimit::max(LIMIT))
        .with_state((service, bot))
}

/// An activity by the Bot Connector, for this bot, of a tenant that may. Only [`verify`] makes one.
pub(super) struct Verified {
    pub(super) activity: Activity,
    pub(super) service_url: ServiceUrl,
    pub(super) tenant: String,
    /// Until when its token is good, Unix seconds.
    pub(super) until_s: i64,
}

async fn messages(
    State((service, bot)): State<(Service, Arc<Bot>)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match verify(&bot, &headers, &body, service.now_ms()).await {
        Ok(verified) => take(&service, &bot, verified).await.unwrap_or_else(|fault| {
            tracing::error!(%fault, "an activity of Teams was not taken");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }),
        Err(why) => {
            tracing::warn!(%why, "a call to the Teams bot was refused");
            StatusCode::FORBIDDEN.into_response()
        }
    }
}

/// Every check of a call; the error is a sentence for the log.
async fn verify(bot: &Bot, headers: &HeaderMap, body: &[u8], now_ms: i64) -> Result<Verified, String> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = bearer(header).map_err(|bad| bad.to_string())?;
    let unknown = || "the Bot Connector's keys are not known".to_owned();
    let keys = bot.keyring.keys(now_ms).await.ok_or_else(unknown)?;
    let mut proven = prove(token, &keys, &bot.app_id, now_ms / 1000);
    if matches!(proven, Err(Bad::Unbelieved(Unbelieved::Key))) {
        let keys = bot.keyring.look(now_ms).await.ok_or_else(unknown)?;
        proven = prove(token, &keys, &bot.app_id, now_ms / 1000);
    }
    let proven = proven.map_err(|bad| bad.to_string())?;
    let activity: Activity =
        serde_json::from_slice(body).map_err(|error| format!("the activity does not read: {error}"))?;
    if activity.channel_id != "msteams" {
        return Err("the activity is of another channel than Teams".to_owned());
    }
    if activity.service_url != proven.service_url {
        return Err("the activity's serviceUrl is not the one its token was made for".to_owned());
    }
    let service_url = bot.trusted(&activity.service_url)?;
    let tenant = activity.tenant().map(str::to_ascii_lowercase);
    let tenant = tenant.filter(|tenant| bot.tenants.contains(tenant));
    let tenant = tenant.ok_or_else(|| "the activity is of a tenant that may not decide here".to_owned())?;
    Ok(Verified { activity, service_url, tenant, until_s: proven.exp })
}

async fn take(service: &Service, bot: &Arc<Bot>, verified: Verified) -> Result<Response, Fault> {
    remember(service, &verified).await?;
    match verified.activity.kind.as_str() {
        "invoke" if verified.activity.name.as_deref() == Some("adaptiveCard/action") => {
            Ok(Json(act::execute(service, bot, &verified).await).into_response())
        }
        "invoke" => Ok(StatusCode::NOT_IMPLEMENTED.into_response()),
        "message" => {
            greet(service, bot, verified);
            Ok(StatusCode::OK.into_response())
        }
        _ => Ok(StatusCode::OK.into_response()),
    }
}

/// Keeps where a conversation is reached, or forgets it.
async fn remember(service: &Service, verified: &Verified) -> Result<(), Fault> {
    let (activity, room) = (&verified.activity, verified.activity.room());
    if !is_conversation(room) {
        return Ok(());
    }
    match activity.leaves() {
        Leaves::Yes => service.teams_left(&verified.tenant, room).await,
        Leaves::No => {
            let team = activity.team().filter(|team| is_conversation(team));
            service.teams_met(&verified.tenant, room, team, verified.service_url.as_str()).await
        }
    }
}

/// Tells who spoke to the bot which conversation this is: what `server.yaml` wants.
fn greet(service: &Service, bot: &Arc<Bot>, verified: Verified) {
    let text = format!(
        "Requests that wait for approval are shown here once `channels` of the service names this conversation: {} in tenant {}. \
         Link your account at {}/settings.",
        verified.activity.room(),
        verified.tenant,
        service.config().issuer(),
    );
    let (bot, now) = (bot.clone(), service.now_ms());
    tokio::spawn(async move {
        let say = json!({"type": "message", "textFormat": "plain", "text": text});
        let conversation = &verified.activity.conversation.id;
        if let Err(why) = bot.post(&verified.service_url, conversation, &say, now).await {
            tracing::warn!(?why, "the Teams bot did not answer");
        }
    });
}
