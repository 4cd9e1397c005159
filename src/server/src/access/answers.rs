//! A task as an HTTP answer, and the entity tag that names its version.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use crate::service::{Full, Known, Service, Status};

/// When to ask again, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// The task as its filter sees it.
pub(super) fn task(code: StatusCode, full: &Full, service: &Service) -> Response {
    let body = Json(full.answer(service.config().issuer()));
    tagged((code, body).into_response(), full)
}

/// Nothing new.
pub(super) fn not_modified(full: &Full) -> Response {
    tagged(StatusCode::NOT_MODIFIED.into_response(), full)
}

fn tagged(mut answer: Response, full: &Full) -> Response {
    let headers = answer.headers_mut();
    if let Ok(tag) = HeaderValue::try_from(format!("\"v{}\"", full.row.version)) {
        headers.insert(header::ETAG, tag);
    }
    match full.row.status {
        Status::Pending => drop(headers.insert(header::RETRY_AFTER, RETRY_AFTER)),
        Status::Approved | Status::Denied | Status::Expired | Status::Cancelled => {}
    }
    answer
}

/// The version a caller says it has.
pub(super) fn known(headers: &HeaderMap) -> Known {
    let tag = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let version = tag.and_then(|tag| {
        tag.trim().trim_start_matches("W/").strip_prefix("\"v")?.strip_suffix('"')?.parse().ok()
    });
    version.map_or(Known::Nothing, Known::Version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_tag_that_is_not_ours_is_no_known_version() {
        let of = |value: &'static str| {
            known(&HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(value))]))
        };
        assert_eq!(of("\"v7\""), Known::Version(7));
        assert_eq!(of("W/\"v7\""), Known::Version(7));
        for other in ["*", "\"7\"", "v7", "\"v7", "\"vx\""] {
            assert_eq!(of(other), Known::Nothing, "{other}");
        }
    }
}
