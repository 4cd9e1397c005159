//! Which data an operation of Google's APIs reads and writes, as far as the path says: tables of BigQuery, buckets and
//! objects of Cloud Storage, topics and subscriptions of Pub/Sub, named as OpenLineage names them.

use super::place::Place;
use crate::action::{Action, Class, Dataset, Document};

/// Adds the datasets of the path, unless a statement named its own.
pub(super) fn add(action: &mut Action, place: &Place<'_>, document: &Document) {
    if !action.reads.is_empty() || !action.writes.is_empty() {
        return;
    }
    let Some(found) = dataset(place, document) else { return };
    match action.class {
        Class::ReadOnly | Class::DataExport => action.reads.push(found),
        Class::DataWrite
        | Class::Communication
        | Class::InfraChange
        | Class::SchemaChange
        | Class::DataDelete => {
            action.writes.push(found);
        }
        Class::ModelChange | Class::CodeChange | Class::CredentialAccess | Class::PrivilegeChange => {}
    }
}

fn dataset(place: &Place<'_>, document: &Document) -> Option<Dataset> {
    let id = |collection: &str| place.in_collection(collection);
    let named = |namespace: String, name: String| Some(Dataset { namespace, name });
    match place.service.as_ref() {
        "bigquery.googleapis.com" => {
            let (project, set, table) = (id("projects")?, id("datasets")?, id("tables")?);
            named("bigquery".to_owned(), format!("{project}.{set}.{table}"))
        }
        "pubsub.googleapis.com" => {
            let project = id("projects")?;
            let topic = id("topics").map(|topic| format!("topic:{project}:{topic}"));
            let name = topic.or_else(|| Some(format!("subscription:{project}:{}", id("subscriptions")?)))?;
            named("pubsub".to_owned(), name)
        }
        "storage.googleapis.com" if place.is_store => {
            let (bucket, object) = place.segments.split_first().filter(|(bucket, _)| !bucket.is_empty())?;
            named(format!("gs://{bucket}"), object.join("/"))
        }
        "storage.googleapis.com" => {
            let member = match document {
                Document::Read(value) => value.get("name").and_then(serde_json::Value::as_str),
                Document::Absent | Document::Opaque => None,
            };
            named(format!("gs://{}", id("b")?), id("o").or(member).unwrap_or_default().to_owned())
        }
        _ => None,
    }
}
