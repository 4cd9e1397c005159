//! The OpenAPI document of the service: committed as `openapi.json`, served as committed.
//!
//! The reviewers' side is made from the code. The filters' side is written by hand (`access/openapi.json`), since its types
//! are the filter's, too, which carries no schemas; what is submitted is the published schema as it stands. Tests compare
//! every exchange of an independent client with the whole.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};
use utoipa::OpenApi;

const COMMITTED: &str = include_str!("../../openapi.json");
const FILTERS: &str = include_str!("../access/openapi.json");
const SUBMISSION: &str = include_str!("../../../wire/vectors/approval-request.schema.json");

#[derive(OpenApi)]
#[openapi(
    info(
        title = "countersign approval service",
        description = "`filter` and `audit`: what a filter calls, or whoever asks for approvals; every call is signed. `approver`: \
                       what waits for a human decision, and the decision. Human sessions only: a bearer token, or the \
                       inbox's cookie together with its form token. Faults are RFC 9457 problem documents."
    ),
    paths(
        super::me,
        super::list,
        super::one,
        super::decide,
        super::glass::look_again,
        super::standing::list,
        super::standing::revoke,
        super::deliveries::list,
        super::deliveries::retry,
        super::act::outcome,
        super::act::revoke,
        super::events::json
    ),
    components(schemas(
        super::Me,
        super::Requests,
        super::Decision,
        super::LookAgain,
        super::act::Outcome,
        super::act::Revocation,
        super::view::Request
    ))
)]
struct Api;

/// The document as the code and the filters' side say it, as committed text.
pub fn document() -> String {
    let object = |value| if let Value::Object(members) = value { members } else { Map::new() };
    let mut whole = object(serde_json::to_value(Api::openapi()).unwrap_or_default());
    merge(&mut whole, object(serde_json::from_str(FILTERS).unwrap_or_default()));
    let mut submission = object(serde_json::from_str(SUBMISSION).unwrap_or_default());
    submission.retain(|name, _| !name.starts_with('$'));
    let submission = serde_json::json!({"components": {"schemas": {"Submission": submission}}});
    merge(&mut whole, object(submission));
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}

/// Adds what `more` has; of what both have, only objects are gone into.
fn merge(whole: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match (whole.get_mut(&name), value) {
            (Some(Value::Object(known)), Value::Object(more)) => merge(known, more),
            (Some(_), _) => {}
            (None, value) => drop(whole.insert(name, value)),
        }
    }
}

/// `GET /approver/v1/openapi.json`; it says nothing that the source does not, so it needs no session.
pub(super) async fn serve() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], COMMITTED).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `UPDATE_GOLDEN=1 cargo test -p countersign-server` writes it; read the difference before you commit it.
    #[test]
    fn the_committed_document_is_what_the_code_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(path, document()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), document(), "run with UPDATE_GOLDEN=1");
    }
}
