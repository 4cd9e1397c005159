//! Which data an operation reads and writes, as far as its request says: buckets and keys, tables, streams, queues.
//!
//! Names follow OpenLineage: `s3://bucket` and key; for others the ARN, split before what names the resource, as
//! OpenLineage does it for Glue. A copy reads its source, which is in a header.

use serde_json::Value;

use super::host::Place;
use crate::{
    action::{Action, Class, Dataset, Document},
    call::{Call, unescape_path},
};

/// Services whose resources are data.
const OF_DATA: [&str; 11] = [
    "dynamodb",
    "kinesis",
    "firehose",
    "sqs",
    "sns",
    "glue",
    "athena",
    "timestream",
    "cassandra",
    "s3tables",
    "sdb",
];

/// The most datasets of one call.
const MOST: usize = 64;

/// Where a dataset goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Read,
    Written,
}

/// Adds what the call reads and writes to its action.
pub(super) fn add(action: &mut Action, call: &Call, place: &Place<'_>, path: &[&str], document: &Document) {
    let way = match action.class {
        Class::ReadOnly | Class::DataExport => Way::Read,
        Class::DataWrite | Class::DataDelete | Class::SchemaChange | Class::Communication => Way::Written,
        Class::ModelChange
        | Class::CodeChange
        | Class::InfraChange
        | Class::CredentialAccess
        | Class::PrivilegeChange => return,
    };
    let mut found = Vec::new();
    if place.service == "s3" {
        if let Some((bucket, key)) = path.split_first().filter(|(bucket, _)| !bucket.is_empty()) {
            found.push(object(bucket, &key.join("/")));
        }
        if let Some(source) = call.headers().text("x-amz-copy-source") {
            let source = unescape_path(source);
            if let Some((bucket, key)) = source.trim_start_matches('/').split_once('/') {
                action.reads.push(object(bucket, key));
            }
        }
    } else if let Some(dataset) = of_arn(&action.resource.id) {
        found.push(dataset);
    }
    if let Document::Read(document) = document {
        of_lists(document, &action.resource.id, place, &mut found);
        if action.class == Class::DataExport
            && let Some(bucket) = ["S3Bucket", "S3BucketName", "s3BucketName"]
                .iter()
                .find_map(|name| document.get(*name)?.as_str())
        {
            action.writes.push(object(bucket, ""));
        }
    }
    found.truncate(MOST);
    match way {
        Way::Read => action.reads.append(&mut found),
        Way::Written => action.writes.append(&mut found),
    }
}

fn object(bucket: &str, key: &str) -> Dataset {
    Dataset {
        namespace: format!("s3://{bucket}"),
        name: if key.is_empty() { "/".to_owned() } else { key.to_owned() },
    }
}

/// `arn:aws:dynamodb:eu-west-1:*` and `table/Orders`.
fn of_arn(arn: &str) -> Option<Dataset> {
    let service = arn.strip_prefix("arn:")?.split(':').nth(1)?;
    let (end, _) = arn.match_indices(':').nth(4)?;
    let (namespace, name) = (arn.get(..end)?, arn.get(end + 1..)?);
    if service == "s3" {
        let (bucket, key) = name.split_once('/').unwrap_or((name, ""));
        return Some(object(bucket, key));
    }
    OF_DATA.contains(&service).then(|| Dataset { namespace: namespace.to_owned(), name: name.to_owned() })
}

/// The tables of DynamoDB's batches and transactions.
fn of_lists(document: &Value, _resource: &str, place: &Place<'_>, found: &mut Vec<Dataset>) {
    if !place.service.contains("dynamodb") && !place.service.ends_with("ddb") {
        return;
    }
    let of_batch = document
        .get("RequestItems")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(table, _)| table.as_str());
    let members = document.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
    let of_transaction = members
        .filter_map(Value::as_object)
        .flat_map(|member| member.values())
        .filter_map(|request| request.get("TableName")?.as_str());
    for table in of_batch.chain(of_transaction).take(MOST) {
        let dataset = of_arn(table).unwrap_or_else(|| Dataset {
            namespace: format!("arn:{}:dynamodb:{}:*", place.partition, place.region.unwrap_or("*")),
            name: format!("table/{table}"),
        });
        if !found.contains(&dataset) {
            found.push(dataset);
        }
    }
}
