//! The OpenAPI document of `/approver/v1`: made from the code, committed as `openapi.json`, served as committed.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use utoipa::OpenApi;

const COMMITTED: &str = include_str!("../../openapi.json");

#[derive(OpenApi)]
#[openapi(
    info(
        title = "countersign approver API",
        description = "What waits for a human decision, and the decision. Human sessions only: a bearer token, or the \
                       inbox's cookie together with its form token. Faults are RFC 9457 problem documents."
    ),
    paths(super::me, super::list, super::one, super::decide, super::glass::look_again, super::events::json),
    components(schemas(
        super::Me,
        super::Requests,
        super::Decision,
        super::LookAgain,
        super::view::Request
    ))
)]
struct Api;

/// The document as the code says it, as committed text.
pub fn document() -> String {
    let mut text = Api::openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// `GET /approver/v1/openapi.json`; it says nothing that the source does not, so it needs no session.
pub(super) async fn serve() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], COMMITTED).into_response()
}

#[cfg(test)]
mod tests {
    /// `UPDATE_GOLDEN=1 cargo test -p countersign-server` writes it; read the difference before you commit it.
    #[test]
    fn the_committed_document_is_what_the_code_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(path, super::document()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), super::document(), "run with UPDATE_GOLDEN=1");
    }
}
