//! The stylesheet, the script and the mark, built into the binary.

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};

/// The assets' routes.
pub(super) fn router() -> Router {
    Router::new()
        .route(
            "/assets/inbox.css",
            get(async || asset("text/css; charset=utf-8", include_str!("../../assets/inbox.css"))),
        )
        .route(
            "/assets/inbox.js",
            get(async || asset("text/javascript; charset=utf-8", include_str!("../../assets/inbox.js"))),
        )
        .route(
            "/assets/inter.woff2",
            get(async || asset("font/woff2", include_bytes!("../../assets/inter.woff2"))),
        )
        .route(
            "/assets/mark.svg",
            get(async || asset("image/svg+xml", include_str!("../../assets/mark.svg"))),
        )
}

fn asset(kind: &'static str, body: &'static (impl AsRef<[u8]> + ?Sized)) -> Response {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let cache = (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    ([kind, cache], body.as_ref()).into_response()
}
