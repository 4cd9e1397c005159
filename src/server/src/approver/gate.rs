//! What every call of the approver API passes before its handler: the session, how often it may call, and whether this very call
//! came before.
//!
//! Promises: only a living session has an allowance of its own, so that nobody without one takes anything from those who have; a
//! call with an `Idempotency-Key` is done once; an answer that says "nothing was done" is not kept, and the key is free.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use countersign_wire::problem::MEDIA_TYPE;
use serde::{Deserialize, Serialize};

use super::{LIMIT, problem::Trouble};
use crate::{
    login::Reviewer,
    service::{Came, Keyed, Left, Over, Service},
};

/// The longest key, in characters.
const KEY: usize = 255;
/// The largest answer that is kept, in bytes: beyond it the key says nothing.
const KEPT: usize = 1024 * 1024;

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    body: String,
}

pub(super) async fn pass(State(service): State<Service>, mut request: Request, next: Next) -> Response {
    let reviewer = match Reviewer::find(&service, request.headers()).await {
        Ok(Some(reviewer)) => reviewer,
        // What needs no session has no allowance either; what needs one says so itself.
        Ok(None) => return next.run(request).await,
        Err(fault) => return Trouble::from(fault).into_response(),
    };
    let person = &reviewer.person;
    let mut answer = match service.may_call(person) {
        Err(over) => return limited(over.refused().into_response(), &over),
        Ok(left) => {
            let person = person.clone();
            request.extensions_mut().insert(reviewer);
            let key = if request.method() == Method::POST { key(request.headers()) } else { Ok(None) };
            let answer = match key {
                Ok(None) => next.run(request).await,
                Ok(Some(key)) => once(&service, &person, key, request, next).await,
                Err(trouble) => trouble.into_response(),
            };
            allowed(answer, left)
        }
    };
    answer.headers_mut().append(header::VARY, HeaderValue::from_static("authorization, cookie"));
    answer
}

/// The key of a call: a string of RFC 9651, or the same without quotes.
fn key(headers: &HeaderMap) -> Result<Option<String>, Trouble> {
    let mut given = headers.get_all("idempotency-key").iter();
    let (first, second) = (given.next(), given.next());
    let Some(first) = first else { return Ok(None) };
    let key = first.to_str().ok().filter(|_| second.is_none()).map(str::trim).map(|text| {
        text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).to_owned()
    });
    key.filter(|key| {
        (1..=KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
    })
    .map(Some)
    .ok_or_else(|| {
        Trouble::Malformed(format!(
            "`Idempotency-Key` is one string of 1 to {KEY} visible characters, such as a UUID"
        ))
    })
}

async fn once(
    service: &Service,
    person: &crate::service::Person,
    key: String,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LIMIT).await else {
        return Trouble::TooLarge { most: LIMIT }.into_response();
    };
    let call = Keyed::post(person, parts.uri.path(), &key, &body);
    match service.came(&call).await {
        Ok(Came::First) => {}
        Ok(Came::Before(kept)) => return again(&kept),
        Ok(Came::UnderWay) => return Trouble::Duplicate(super::problem::Duplicate::UnderWay).into_response(),
        Ok(Came::Other) => return Trouble::Duplicate(super::problem::Duplicate::Other).into_response(),
        Err(fault) => return Trouble::from(fault).into_response(),
    }
    // A caller that hangs up must not leave the key without its answer.
    let (service, request) = (service.clone(), Request::from_parts(parts, Body::from(body)));
    let work = tokio::spawn(async move {
        let (answer, kept) = kept(next.run(request).await).await;
        if let Err(fault) = service.answered(&call, kept).await {
            tracing::warn!(%fault, "an answer could not be kept; the same call will be done again");
        }
        answer
    });
    work.await.unwrap_or_else(|error| Trouble::Failed(error.to_string()).into_response())
}

/// An answer and what to keep of it: nothing where it says that nothing was done and that it is worth trying again.
async fn kept(answer: Response) -> (Response, Option<String>) {
    let final_word = matches!(
        answer.status(),
        StatusCode::OK | StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY
    );
    if !final_word {
        return (answer, None);
    }
    let (parts, body) = answer.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return (Trouble::Failed("an answer could not be read back".to_owned()).into_response(), None);
    };
    let text = std::str::from_utf8(&bytes).ok().filter(|text| text.len() <= KEPT);
    let kept = text.and_then(|text| {
        serde_json::to_string(&Kept { status: parts.status.as_u16(), body: text.to_owned() }).ok()
    });
    (Response::from_parts(parts, Body::from(bytes)), kept)
}

/// The same answer again.
fn again(kept: &str) -> Response {
    let Ok(Kept { status, body }) = serde_json::from_str(kept) else {
        return Trouble::Failed("a kept answer does not read".to_owned()).into_response();
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = if status.is_success() { "application/json" } else { MEDIA_TYPE };
    let mut answer = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
    answer.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    answer
}

/// How much is left, as draft-ietf-httpapi-ratelimit-headers-10 says it.
fn allowed(mut answer: Response, left: Left) -> Response {
    let policy = format!("\"person\";q={};w=60", left.most);
    let state = format!("\"person\";r={};t={}", left.left, left.next_s);
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

fn limited(answer: Response, over: &Over) -> Response {
    let mut answer = allowed(answer, Left { left: 0, most: over.most, next_s: over.retry_after_s });
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(over.retry_after_s));
    answer
}

impl Over {
    fn refused(&self) -> Trouble {
        Trouble::TooMany(self.clone())
    }
}
