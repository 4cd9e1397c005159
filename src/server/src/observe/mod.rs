//! What those who run the service may ask it without a session: whether it lives, whether it is ready, and its numbers.
//!
//! Promises: nothing here names a request, a person or an agent, and no label has a value that an agent, a filter or a reviewer
//! chose; asking costs a bounded read. `/healthz` and `/readyz` are at the service's own address, or at the one that `observe:`
//! names; `/metrics` is at the latter alone, since numbers tell a stranger how busy reviewers are.

mod metrics;
mod ready;

use std::time::Instant;

use axum::{
    Json, Router,
    extract::{MatchedPath, Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde_json::json;

use crate::service::Service;
pub use metrics::{Delivered, Metrics, Open};

/// The type of a problem document, for whoever counts answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind(pub(crate) &'static str);

/// What is served at the service's own address.
pub(crate) fn probes(service: Service) -> Router {
    match service.config().observe() {
        Some(_) => Router::new(),
        None => health().with_state(service),
    }
}

/// What is served at the address of `observe:`.
pub fn router(service: Service) -> Router {
    health().route("/metrics", get(metrics)).with_state(service)
}

fn health() -> Router<Service> {
    Router::new().route("/healthz", get(async || "alive\n")).route("/readyz", get(readyz))
}

async fn readyz(State(service): State<Service>) -> Response {
    match service.readiness().await {
        Ok(()) => Json(json!({"ready": true})).into_response(),
        Err(why) => {
            let body = Json(json!({"ready": false, "why": why.to_string()}));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

async fn metrics(State(service): State<Service>) -> Response {
    match service.numbers().await {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::MEDIA_TYPE)], text).into_response(),
        Err(fault) => {
            tracing::error!(%fault, "the numbers could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Counts every answer by the route's pattern, never by the path that was asked.
pub(crate) async fn count(State(service): State<Service>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = metrics::Method::of(request.method());
    let answer = next.run(request).await;
    let kind = answer.extensions().get::<Kind>().map(|kind| kind.0);
    service.metrics().answered(route, method, answer.status().as_u16(), kind, begun.elapsed());
    answer
}
