//! Operations out of OpenAPI 3 and Swagger 2 documents.

use serde_json::Value;

/// One operation of a document.
pub(super) struct Described {
    /// HTTP method, upper case.
    pub(super) method: String,
    /// Path template, with the document's base.
    pub(super) path: String,
    /// `operationId`, or the empty string.
    pub(super) name: String,
    /// Whether a scope that only reads suffices.
    pub(super) read_scope: bool,
}

/// Every operation of a document. `base` stands before each path; where it is none, what the document says.
pub(super) fn operations(document: &Value, base: Option<&str>) -> Vec<Described> {
    let base = base.map_or_else(|| base_of(document), str::to_owned);
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if !matches!(method.as_str(), "get" | "head" | "post" | "put" | "patch" | "delete") {
                continue;
            }
            found.push(Described {
                method: method.to_uppercase(),
                path: format!("{base}{}", path.split(['?', '#']).next().unwrap_or_default()),
                name: operation["operationId"].as_str().unwrap_or_default().to_owned(),
                read_scope: reads(&operation["security"]),
            });
        }
    }
    found
}

/// The path of the first server, or `basePath`.
fn base_of(document: &Value) -> String {
    let url = document["servers"][0]["url"].as_str().or(document["basePath"].as_str()).unwrap_or_default();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => url,
    };
    match path.trim_matches('/') {
        "" => String::new(),
        path => format!("/{path}"),
    }
}

/// Whether one of the alternatives asks for scopes that only read.
fn reads(security: &Value) -> bool {
    let scopes = |alternative: &Value| -> Vec<String> {
        let lists = alternative.as_object().into_iter().flatten().filter_map(|(_, scopes)| scopes.as_array());
        lists.flatten().filter_map(|scope| scope.as_str().map(str::to_owned)).collect()
    };
    security.as_array().into_iter().flatten().map(scopes).any(|scopes| {
        !scopes.is_empty()
            && scopes.iter().all(|scope| {
                [":read", ".read", "readonly", ":history"].iter().any(|end| scope.ends_with(end))
            })
    })
}
