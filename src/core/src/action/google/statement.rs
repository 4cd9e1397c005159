//! Operations of Google's APIs that are sent a statement: what it does decides, not the operation.
//!
//! BigQuery's jobs and queries, and SQL and DDL of Spanner, Bigtable and Cloud SQL. A job may also load, copy or extract,
//! which takes data out.

use serde_json::Value;

use super::place::Place;
use crate::{
    action::{Action, Class, Document, Protocol, Resource, sql},
    call::Call,
};

/// What the statement of a call does; `None` where it has none.
pub(super) fn of(place: &Place<'_>, call: &Call, document: &Document) -> Option<Action> {
    let Document::Read(value) = document else { return None };
    if call.method() != "POST" {
        return None;
    }
    match place.service.as_ref() {
        "bigquery.googleapis.com" => match place.segments.last()? {
            &"queries" => sql::inspect(call, value),
            &"jobs" => of_job(place, call, value),
            _ => None,
        },
        "spanner.googleapis.com" | "bigtable.googleapis.com" | "sqladmin.googleapis.com" => {
            match place.verb() {
                "executeSql"
                | "executeStreamingSql"
                | "executeBatchDml"
                | "executeQuery"
                | "prepareQuery" => sql::inspect(call, value),
                _ => None,
            }
        }
        _ => None,
    }
}

fn of_job(place: &Place<'_>, call: &Call, value: &Value) -> Option<Action> {
    let parts = value.get("configuration")?.as_object()?;
    let mut class = None;
    for part in parts.keys() {
        class = class.max(match part.as_str() {
            "extract" => Some(Class::DataExport),
            "load" | "copy" => Some(Class::DataWrite),
            _ => None,
        });
    }
    let asked = parts.contains_key("query").then(|| sql::inspect(call, value)).flatten();
    match (asked, class) {
        (Some(asked), class) => {
            Some(Action { class: class.map_or(asked.class, |class| class.max(asked.class)), ..asked })
        }
        (None, Some(class)) if !parts.contains_key("query") => {
            let resource = Resource::new(place.kind().to_owned(), place.resource());
            Some(Action::plain(
                Protocol::Http,
                place.service.as_ref(),
                "bigquery.jobs.insert",
                class,
                resource,
            ))
        }
        (None, _) => None,
    }
}
