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

/// Operations of AWS that run statements, by the labels of their service before the region.
const OPERATIONS: [(&str, &str); 6] = [
    ("athena", "StartQueryExecution"),
    ("redshift-data", "ExecuteStatement BatchExecuteStatement"),
    ("redshift-data-fips", "ExecuteStatement BatchExecuteStatement"),
    ("rds-data", "ExecuteStatement BatchExecuteStatement ExecuteSql"),
    ("dynamodb", "ExecuteStatement BatchExecuteStatement ExecuteTransaction"),
    ("query.timestream", "Query PrepareQuery"),
];

/// Whether an operation of a service of AWS runs statements. Its decoder asks, which has read every name of the call.
pub(in crate::action) fn runs_statement(service: &str, operation: &str) -> bool {
    let of_service = |(known, operations): &(&str, &str)| {
        let labels =
            *known == service || service.strip_suffix(known).is_some_and(|before| before.ends_with('.'));
        labels && listed(operations, operation)
    };
    OPERATIONS.iter().any(of_service)
}

/// Whether the path of a call to Google is that of an operation that runs statements.
pub(super) fn is_statement_of_google(call: &Call) -> bool {
    let path = call.path();
    let verb = path.rsplit([':', '/']).next().unwrap_or_default();
    call.host().ends_with("googleapis.com")
        && (listed("executeSql executeStreamingSql executeBatchDml", verb)
            || path.contains("bigquery/v2/") && endpoints::any("projects/*/queries projects/*/jobs", path))
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
