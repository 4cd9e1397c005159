//! The filters' side of HTTP: AuthZEN metadata, requests, evaluation, records (protocol 1.2).
//!
//! Every call is signed, except what is public by nature: metadata, the JWK set and the signed head of the log. A handler
//! takes its caller as a value that only a verified signature makes, so none can forget to ask.

mod answers;
mod brake;
mod prefer;
mod problem;
mod signed;

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use countersign_wire::names;
use serde::Deserialize;
use serde_json::json;

use crate::service::{Asked, Service, Status};
use brake::Brake;
use problem::{Refused, not_here};
use signed::{Reads, Writes};

/// The most ids a filter may watch at once.
const MAX_WATCHED: usize = 1_000;

/// Everything filters and auditors call.
pub(crate) fn router(service: Service) -> Router {
    let task = format!("{}/{{id}}", names::REQUESTS_PATH);
    Router::new()
        .route(names::METADATA_PATH, get(metadata))
        .route(names::JWKS_PATH, get(jwks))
        .route(names::CHECKPOINT_PATH, get(checkpoint))
        .route(names::REQUESTS_PATH, post(submit))
        .route(names::WATCH_PATH, post(watch))
        .route(&task, get(status))
        .route(&format!("{task}/cancel"), post(cancel))
        .route(&format!("{task}/context"), post(context))
        .route(&format!("{task}/outcome"), post(outcome))
        .route(names::EVALUATION_PATH, post(evaluation))
        .route(names::RECORDS_PATH, post(records))
        .route("/access/v1/{*rest}", axum::routing::any(not_here))
        .route("/audit/v1/{*rest}", axum::routing::any(not_here))
        .method_not_allowed_fallback(problem::method)
        .layer(Extension(Arc::new(Brake::default())))
        .with_state(service)
}

async fn metadata(State(service): State<Service>) -> Response {
    let issuer = service.config().issuer();
    let at = |path: &str| format!("{issuer}{path}");
    Json(json!({
        "policy_decision_point": issuer,
        "access_evaluation_endpoint": at(names::EVALUATION_PATH),
        "access_request_endpoint": at(names::REQUESTS_PATH),
        "jwks_uri": at(names::JWKS_PATH),
        "capabilities": ["urn:openid:authzen:capability:access-request"],
    }))
    .into_response()
}

async fn jwks(State(service): State<Service>) -> Response {
    let body = serde_json::to_vec(&*service.jwks()).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/jwk-set+json")], body).into_response()
}

async fn checkpoint(State(service): State<Service>) -> Result<Response, Refused> {
    let note = service.checkpoint().await.map_err(Asked::from)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response())
}

async fn submit(
    State(service): State<Service>,
    headers: HeaderMap,
    writes: Writes,
) -> Result<Response, Refused> {
    let Writes { post, body } = writes;
    let caller = post.caller().clone();
    let mut full = service.submit(post, &body).await?;
    let wait = prefer::wait(&headers);
    if !wait.is_zero() {
        let id = full.row.id.clone();
        full = service.poll(&caller, &id, crate::service::Known::Nothing, wait).await?;
    }
    let code = match full.row.status {
        Status::Pending => StatusCode::ACCEPTED,
        Status::Approved | Status::Denied | Status::Expired | Status::Cancelled => StatusCode::CREATED,
    };
    let location = format!("{}{}/{}", service.config().issuer(), names::REQUESTS_PATH, full.row.id);
    let mut answer = answers::task(code, &full, &service);
    if let Ok(location) = location.try_into() {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    Ok(prefer::applied(answer, wait))
}

async fn status(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Reads(caller): Reads,
) -> Result<Response, Refused> {
    let wait = prefer::wait(&headers);
    let known = answers::known(&headers);
    let full = service.poll(&caller, &id, known, wait).await?;
    let answer = match known {
        crate::service::Known::Version(version) if version == full.row.version => {
            answers::not_modified(&full)
        }
        crate::service::Known::Version(_) | crate::service::Known::Nothing => {
            answers::task(StatusCode::OK, &full, &service)
        }
    };
    Ok(prefer::applied(answer, wait))
}

async fn cancel(
    State(service): State<Service>,
    Path(id): Path<String>,
    Writes { post, body }: Writes,
) -> Result<Response, Refused> {
    let full = service.cancel(post, &id, &body).await?;
    Ok(answers::task(StatusCode::OK, &full, &service))
}

async fn context(
    State(service): State<Service>,
    Path(id): Path<String>,
    Writes { post, body }: Writes,
) -> Result<Response, Refused> {
    let full = service.answer(post, &id, &body).await?;
    Ok(answers::task(StatusCode::OK, &full, &service))
}

async fn outcome(
    State(service): State<Service>,
    Path(id): Path<String>,
    Writes { post, body }: Writes,
) -> Result<Response, Refused> {
    let full = service.outcome(post, &id, &body).await?;
    Ok(answers::task(StatusCode::OK, &full, &service))
}

async fn evaluation(
    State(service): State<Service>,
    Writes { post, body }: Writes,
) -> Result<Response, Refused> {
    Ok(Json(service.redeem(post, &body).await?).into_response())
}

async fn records(State(service): State<Service>, Writes { post, body }: Writes) -> Result<Response, Refused> {
    let accepted = service.records(post, &body).await?;
    Ok(Json(json!({"accepted": accepted})).into_response())
}

/// The ids a filter holds calls for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Watched {
    ids: Vec<String>,
}

async fn watch(
    State(service): State<Service>,
    headers: HeaderMap,
    Writes { post, body }: Writes,
) -> Result<Response, Refused> {
    let watched: Watched =
        serde_json::from_slice(&body).map_err(|error| Asked::Malformed(error.to_string()))?;
    if watched.ids.len() > MAX_WATCHED {
        return Err(Asked::Malformed(format!("more than {MAX_WATCHED} ids")).into());
    }
    let wait = prefer::wait(&headers);
    let ready = service.watch(post.caller(), &watched.ids, wait).await.map_err(Asked::from)?;
    Ok(prefer::applied(Json(json!({"ready": ready})).into_response(), wait))
}
