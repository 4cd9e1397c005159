//! Telling channels as JSON: how it goes, what was given up, and trying that again.
//!
//! Any reviewer may see and try again: it holds no more than which request which channel was not told of, and why.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    problem::Trouble,
    proven,
    text::{Inert, inert_short},
};
use crate::{
    login::{Acting, Reviewer},
    service::{Refusal, Service},
};

/// How telling goes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Deliveries {
    /// By channel.
    pub channels: Vec<ChannelDeliveries>,
    /// What was given up, the latest first; at most 200.
    pub dead: Vec<DeadDelivery>,
}

/// How telling one channel goes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChannelDeliveries {
    /// Its name.
    pub channel: Inert,
    /// How many changes it was told of since the service started.
    pub delivered: u64,
    /// How many tries were in vain since the service started.
    pub failed: u64,
    /// How many changes it is to be told of now.
    pub waiting: u64,
    /// How many were given up.
    pub dead: u64,
    /// How old the oldest change is that waits, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_ms: Option<i64>,
}

/// A change that a channel was not told of.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeadDelivery {
    /// Its number.
    pub id: i64,
    /// The request.
    pub request: String,
    /// The channel.
    pub channel: Inert,
    /// What it should have been told: `submitted`, `updated`, `asked`, `reminder`, `approved`, `denied`, `expired` or `cancelled`.
    pub event: String,
    /// When it was given up, Unix milliseconds.
    pub at_ms: i64,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it was given up.
    pub why: Inert,
}

/// Says how telling channels goes, and what was given up.
#[utoipa::path(get, path = "/approver/v1/deliveries", operation_id = "list_deliveries", tag = "approver",
    responses((status = 200, body = Deliveries), (status = 401, description = "no human session")))]
pub(super) async fn list(
    State(service): State<Service>,
    _reviewer: Reviewer,
) -> Result<Json<Deliveries>, Trouble> {
    let channels = service.deliveries().await?.into_iter().map(|(name, one)| ChannelDeliveries {
        channel: inert_short(&name, 64),
        delivered: one.delivered,
        failed: one.failed,
        waiting: one.waiting,
        dead: one.dead,
        oldest_ms: one.oldest_ms,
    });
    let dead = service.dead_deliveries().await?.into_iter().map(|dead| DeadDelivery {
        id: dead.id,
        request: dead.task,
        channel: inert_short(&dead.channel, 64),
        event: dead.event.as_str().to_owned(),
        at_ms: dead.at_ms,
        attempts: dead.attempts,
        why: inert_short(&dead.why, 500),
    });
    Ok(Json(Deliveries { channels: channels.collect(), dead: dead.collect() }))
}

/// Tries again what was given up.
#[utoipa::path(post, path = "/approver/v1/deliveries/{id}/retry", tag = "approver",
    params(("id" = i64, Path, description = "the delivery's number"),
        ("countersign-csrf" = Option<String>, Header, description = "the form token, when the session is a cookie")),
    responses((status = 200, body = Deliveries), (status = 401, description = "no human session"),
        (status = 403, description = "it came from elsewhere"),
        (status = 404, description = "nothing that was given up has this number")))]
pub(super) async fn retry(
    State(service): State<Service>,
    Acting(reviewer): Acting,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Deliveries>, Trouble> {
    proven(&reviewer, &headers)?;
    let number = id.parse().unwrap_or_default();
    if !service.revive_delivery(number).await? {
        return Err(Trouble::Refused(Refusal::Unknown { id: inert_short(&id, 64).to_string() }));
    }
    list(State(service), reviewer).await
}
