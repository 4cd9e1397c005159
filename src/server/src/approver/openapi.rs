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
    everywhere(&mut whole);
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}

/// Says what every call of the approver API has in common (`API.md`): the key of one that may be repeated, and the limit.
fn everywhere(whole: &mut Map<String, Value>) {
    let key = serde_json::json!({
        "name": "idempotency-key", "in": "header", "required": false, "schema": {"type": "string", "maxLength": 257},
        "description": "one string for this call and its repetitions: it is done once and answered the same for 24 hours"
    });
    let limited = serde_json::json!({
        "description": "too many calls of this reviewer within a minute",
        "headers": {"retry-after": {"schema": {"type": "integer"}, "description": "in how many seconds to come again"}}
    });
    let paths = whole.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    for (_, path) in paths.filter(|(name, _)| name.starts_with("/approver/")) {
        for (method, operation) in path.as_object_mut().into_iter().flatten() {
            let Some(operation) = operation.as_object_mut() else { continue };
            if let Some(answers) = operation.get_mut("responses").and_then(Value::as_object_mut) {
                answers.insert("429".to_owned(), limited.clone());
                // OpenAPI 3.1 wants a description of each.
                for answer in answers.values_mut().filter_map(Value::as_object_mut) {
                    answer.entry("description").or_insert_with(|| "as asked".into());
                }
            }
            if method == "post"
                && let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut)
            {
                parameters.push(key.clone());
            }
        }
    }
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
    #[test]
    fn every_operation_has_a_name_of_its_own_and_every_answer_a_description() {
        let whole: Value = serde_json::from_str(&document()).unwrap();
        let mut names = std::collections::BTreeSet::new();
        for operation in
            whole["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values())
        {
            let Some(name) = operation["operationId"].as_str() else { continue };
            assert!(names.insert(name.to_owned()), "two operations are named `{name}`");
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let said = answer["description"].is_string() || answer["$ref"].is_string();
                assert!(said, "`{name}` does not say what {status} means");
            }
        }
        assert!(names.len() > 15, "{names:?}");
    }
}
