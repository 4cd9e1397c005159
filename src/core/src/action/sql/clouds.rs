//! Operations of clouds that run statements, as their references name them.
//!
//! AWS: Athena, Redshift Data, RDS Data, DynamoDB (PartiQL) and Timestream. Google: BigQuery (`jobs.query`, `jobs.insert`),
//! Spanner (`executeSql` and its kin), Cloud SQL Admin (`executeSql`). Other operations of these hosts are not SQL, whatever
//! their members are called.

use serde_json::Value;

use super::{endpoints, lexer::listed};
use crate::{action::Class, call::Call};

/// Hosts of clouds whose operations their own decoders tell apart.
pub(super) fn is_one(host: &str) -> bool {
    const CLOUDS: [&str; 6] = [
        "amazonaws.com",
        "amazonaws.com.cn",
        "api.aws",
        "googleapis.com",
        "api.github.com",
        "management.azure.com",
    ];
    CLOUDS
        .iter()
        .any(|cloud| host.strip_suffix(cloud).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// Whether a call to a cloud runs a statement, by its operation's name or its path.
pub(super) fn runs_statement(call: &Call) -> bool {
    let (host, path) = (call.host(), call.path());
    if host.ends_with("googleapis.com") {
        let verb = path.rsplit([':', '/']).next().unwrap_or_default();
        return listed("executeSql executeStreamingSql executeBatchDml", verb)
            || path.contains("bigquery/v2/") && endpoints::any("projects/*/queries projects/*/jobs", path);
    }
    let Some((service, name)) = call.headers().text("x-amz-target").and_then(|target| target.split_once('.'))
    else {
        return host.starts_with("rds-data.") && endpoints::any("/Execute /BatchExecute /ExecuteSql", path);
    };
    match service {
        "AmazonAthena" => name == "StartQueryExecution",
        "RedshiftData" | "RdsData" => listed("ExecuteStatement BatchExecuteStatement", name),
        "DynamoDB_20120810" => listed("ExecuteStatement BatchExecuteStatement ExecuteTransaction", name),
        "Timestream_20181101" => listed("Query PrepareQuery", name),
        _ => false,
    }
}

/// What a BigQuery job does by its kind; `None` where it is none.
pub(super) fn job(document: &Value) -> Option<Class> {
    let configuration = document.get("configuration")?;
    let has = |kind: &str| configuration.get(kind).is_some();
    match () {
        () if has("extract") => Some(Class::DataExport),
        () if has("load") || has("copy") => Some(Class::DataWrite),
        () => None,
    }
}
