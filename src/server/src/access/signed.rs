//! Extractors that a handler for filters takes instead of the raw request: only a verified signature makes one.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};
use countersign_wire::names;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::{
    brake::{Brake, Told},
    problem::Refused,
};
use crate::service::{Asked, Call, Caller, MAX_RECORDS, Post, Service};

/// A signed call that reads.
pub(super) struct Reads(pub(super) Caller);

/// A signed call that changes something, and its body.
pub(super) struct Writes {
    pub(super) post: Post,
    pub(super) body: Bytes,
}

impl FromRequestParts<Service> for Reads {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Refused> {
        let caller = match call(parts, &[]) {
            Ok(call) => service.authenticate(&call).await,
            Err(asked) => Err(asked),
        };
        Ok(Self(caller.map_err(|asked| refused(parts, asked))?))
    }
}

impl FromRequest<Service> for Writes {
    type Rejection = Refused;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        // A stranger's body is not even read.
        call(&parts, &[]).and_then(|call| service.knows(&call)).map_err(|asked| refused(&parts, asked))?;
        let limit = if parts.uri.path() == names::RECORDS_PATH { MAX_RECORDS } else { names::MAX_ANSWER };
        let body = match Limited::new(body, limit).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(Refused::too_large(limit)),
            Err(_) => return Err(Refused::incomplete()),
        };
        let post = call(&parts, &body).and_then(|call| service.authenticate_post(&call));
        Ok(Self { post: post.map_err(|asked| refused(&parts, asked))?, body })
    }
}

/// A refusal before anything is known of the caller: counted by address.
fn refused(parts: &Parts, asked: Asked) -> Refused {
    let told = parts.extensions.get::<Arc<Brake>>().map_or(Told::Why, |brake| brake.bad(parts));
    match told {
        Told::Why => asked.into(),
        Told::Later => Refused::braked(),
    }
}

fn call<'p>(parts: &'p Parts, body: &'p [u8]) -> Result<Call<'p>, Asked> {
    let headers = &parts.headers;
    let missing = Asked::Unauthenticated("the signature is missing or does not verify");
    let (Some(input), Some(signature)) = (only(headers, "signature-input"), only(headers, "signature"))
    else {
        return Err(missing);
    };
    let authority = match parts.uri.authority() {
        Some(authority) => authority.as_str(),
        None => only(headers, header::HOST.as_str()).unwrap_or_default(),
    };
    // The query as the signature has it: with its question mark.
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let query = target.find('?').and_then(|at| target.get(at..)).unwrap_or_default();
    Ok(Call {
        method: parts.method.as_str(),
        authority,
        path: parts.uri.path(),
        query,
        input,
        signature,
        content_digest: only(headers, "content-digest"),
        idempotency_key: only(headers, "idempotency-key"),
        body,
    })
}

/// The value of a header that occurs exactly once.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}
