//! The OpenAPI document and the running service agree: an independent client plays a whole approval, and each of its exchanges
//! is compared with what the document says.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use countersign_tests::place;
use countersign_tests::service::Service;
use serde_json::{Value, json};

fn document() -> Result<Value> {
    let text = fs::read_to_string(place::root().join("src/server/openapi.json"))?;
    serde_json::from_str(&text).context("`src/server/openapi.json` is no JSON")
}

/// What a reference within the document names, or the value itself.
fn resolved<'d>(document: &'d Value, value: &'d Value) -> Result<&'d Value> {
    match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).with_context(|| format!("nothing stands at `{pointer}`")),
        None => Ok(value),
    }
}

/// The path of the document that a path is: `{…}` stands for one segment.
fn operation<'d>(document: &'d Value, method: &str, path: &str) -> Result<&'d Value> {
    let fits = |template: &str| {
        let (mut wanted, mut given) = (template.split('/'), path.split('/'));
        wanted.by_ref().zip(given.by_ref()).all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
            && template.split('/').count() == path.split('/').count()
    };
    let paths = document["paths"].as_object().context("no paths")?;
    let exact =
        paths.get(path).or_else(|| paths.iter().find(|(template, _)| fits(template)).map(|(_, found)| found));
    let operation =
        &exact.with_context(|| format!("the document has no path for `{path}`"))?[method.to_lowercase()];
    ensure!(operation.is_object(), "the document has no {method} of `{path}`");
    Ok(operation)
}

/// Checks a body against the schema that `content` gives for JSON; what is no JSON there need only be declared.
fn check(document: &Value, content: &Value, body: &str) -> Result<()> {
    let media = content.as_object().context("no content is declared")?;
    let Some((_, declared)) = media.iter().find(|(kind, _)| kind.ends_with("json")) else { return Ok(()) };
    let mut schema = declared["schema"].clone();
    schema["components"] = document["components"].clone();
    let validator = jsonschema::validator_for(&schema).map_err(|error| anyhow::anyhow!("{error}"))?;
    let body: Value = serde_json::from_str(body).with_context(|| format!("no JSON: {body}"))?;
    let faults: Vec<String> =
        validator.iter_errors(&body).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    ensure!(faults.is_empty(), "{faults:#?}");
    Ok(())
}

/// Headers of the operation that must be there.
fn required_headers(document: &Value, operation: &Value) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolved(document, parameter)?;
        if parameter["in"] == "header" && parameter["required"] == true {
            names.push(parameter["name"].as_str().context("a parameter without a name")?.to_owned());
        }
    }
    Ok(names)
}

#[test]
fn every_exchange_of_an_independent_client_is_as_the_document_says() -> Result<()> {
    let service = Service::start()?;
    let folder = tempfile::tempdir()?;
    let file = |name: &str| folder.path().join(name);
    fs::write(file("ready.json"), service.ready().to_string())?;
    fs::write(file("pep.key"), service.pep_key()?)?;
    let story = place::root().join("examples/third-party-client/story.py");
    let done = Command::new("python3")
        .arg("-B")
        .args([story, file("ready.json"), file("pep.key"), file("trace.jsonl")])
        .output()?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

    let document = document()?;
    let trace = fs::read_to_string(file("trace.jsonl"))?;
    let mut seen = Vec::new();
    for line in trace.lines() {
        let exchange: Value = serde_json::from_str(line)?;
        let text = |name: &str| exchange[name].as_str().unwrap_or_default();
        let (method, path, status) = (text("method"), text("path"), exchange["status"].to_string());
        let at = || format!("{method} {path}: {status}\n{}\n{}", text("asked"), text("answered"));
        let operation = operation(&document, method, path)?;
        let answer = resolved(&document, &operation["responses"][&status])?;
        ensure!(answer.is_object(), "the document does not know this answer: {}", at());
        check(&document, &answer["content"], text("answered"))
            .or_else(|fault| undeclared(answer, fault))
            .with_context(at)?;
        // What was refused for its signature had none to show.
        if method == "POST" && status != "401" {
            check(&document, &operation["requestBody"]["content"], text("asked")).with_context(at)?;
        }
        let signed = path.starts_with("/access/v1/requests") || path.starts_with("/audit/v1/records");
        let headers = required_headers(&document, operation)?;
        ensure!(
            !signed || headers.contains(&"signature".to_owned()),
            "the document has {method} {path} unsigned"
        );
        seen.push(format!("{method} {}", operation["operationId"]));
    }
    for name in
        ["submit", "status", "redeem", "outcome", "records", "checkpoint", "jwks", "metadata", "decide"]
    {
        ensure!(seen.iter().any(|one| one.contains(name)), "the client never called `{name}`: {seen:?}");
    }
    Ok(())
}

/// An answer for which the document gives no content: only its code is promised.
fn undeclared(answer: &Value, fault: anyhow::Error) -> Result<()> {
    if answer.get("content").is_none() { Ok(()) } else { Err(fault) }
}

#[test]
fn every_reference_in_the_document_leads_somewhere() -> Result<()> {
    fn walk(document: &Value, value: &Value, count: &mut usize) -> Result<()> {
        *count += usize::from(value.get("$ref").is_some());
        resolved(document, value)?;
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| walk(document, item, count)),
            Value::Object(members) => members.values().try_for_each(|member| walk(document, member, count)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }
    let (document, mut count) = (document()?, 0);
    walk(&document, &document, &mut count)?;
    ensure!(count > 100, "only {count} references: the document is read wrongly");
    Ok(())
}

/// The vectors are of the document's shape, too.
#[test]
fn the_published_submission_and_claims_are_as_the_document_says() -> Result<()> {
    let document = document()?;
    for (vector, schema) in [
        ("approval-request.json", "Submission"),
        ("approval_claims.json", "Grant"),
        ("receipt_claims.json", "Receipt"),
        ("jwks.json", "Jwks"),
    ] {
        let text = fs::read_to_string(place::root().join("src/wire/vectors").join(vector))?;
        let content =
            json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}}});
        check(&document, &content, &text).context(vector)?;
    }
    let chain = fs::read_to_string(place::root().join("src/wire/vectors/chain.jsonl"))?;
    let record = json!({"application/json": {"schema": {"$ref": "#/components/schemas/RecordDoc"}}});
    chain.lines().try_for_each(|line| check(&document, &record, line))
}
