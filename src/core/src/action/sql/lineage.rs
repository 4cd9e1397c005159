//! Tables as datasets, in the naming of OpenLineage: the server as the namespace, `catalog.schema.table` as the name.
//!
//! What a statement leaves out is filled up from the request: Trino's headers, and the members in which other servers are
//! told the database. It cannot know the search path of a session, so a name may stay shorter than its full one.

use serde_json::Value;

use crate::{action::Dataset, call::Call};

/// Where tables are.
pub(super) struct Place {
    namespace: String,
    /// The parts before a table's name, outermost first.
    parts: Vec<String>,
}

/// Marks of a path or a host, and the scheme of the namespace.
const SCHEMES: [(&str, &str); 22] = [
    ("/v1/statement", "trino"),
    ("/api/v2/statements", "snowflake"),
    ("/queries/v1/query-request", "snowflake"),
    (".snowflakecomputing.", "snowflake"),
    ("/sql/statements", "databricks"),
    ("/druid/", "druid"),
    ("athena.", "awsathena"),
    ("redshift-data.", "redshift"),
    ("rds-data.", "rds"),
    ("dynamodb.", "dynamodb"),
    ("timestream", "timestream"),
    ("/d1/database/", "d1"),
    ("/pipeline", "libsql"),
    ("neon.tech", "postgres"),
    ("/_sql", "elasticsearch"),
    ("/api/v3/sql", "dremio"),
    ("/query.json", "drill"),
    ("/_api/cursor", "arangodb"),
    ("/tx/commit", "neo4j"),
    ("clickhouse", "clickhouse"),
    ("singlestore", "singlestore"),
    ("psdb", "mysql"),
];

impl Place {
    pub(super) fn of(call: &Call, document: Option<&Value>) -> Self {
        let text = |names: &[&str]| -> Option<String> {
            let find =
                |value: &Value| names.iter().find_map(|name| value.get(name)?.as_str().map(str::to_owned));
            let document = document?;
            find(document)
                .or_else(|| document.get("QueryExecutionContext").and_then(find))
                .or_else(|| document.get("defaultDataset").and_then(find))
        };
        let header = |name: &str| call.headers().text(name).map(str::to_owned);
        let (path, host) = (call.path(), call.host());
        let google = host.ends_with("bigquery.googleapis.com") || path.contains("/bigquery/v2/");
        let scheme = SCHEMES
            .iter()
            .find(|(mark, _)| path.contains(mark) || host.contains(mark))
            .map_or("sql", |(_, scheme)| scheme);
        let presto =
            call.headers().get("x-presto-user").is_some() || call.headers().get("x-presto-catalog").is_some();
        let namespace = match scheme {
            _ if google => "bigquery".to_owned(),
            "trino" if presto => named("presto", call),
            "snowflake" => format!("snowflake://{}", host.split('.').next().unwrap_or(host)),
            "databricks" => format!("databricks://{host}"),
            "awsathena" => format!("awsathena://{host}"),
            "redshift" => {
                let cluster = text(&["ClusterIdentifier", "WorkgroupName"]).unwrap_or_default();
                let region = host.split('.').nth(1).unwrap_or_default();
                format!("redshift://{cluster}.{region}:5439")
            }
            "rds" | "dynamodb" | "timestream" => {
                text(&["resourceArn"]).unwrap_or_else(|| format!("{scheme}://{host}"))
            }
            scheme => named(scheme, call),
        };
        let catalog = header("x-trino-catalog").or(header("x-presto-catalog")).or(text(&[
            "Catalog",
            "catalog",
            "projectId",
        ]));
        let database = text(&["Database", "database", "databaseName", "db", "datasetId"]);
        let inner = header("x-trino-schema").or(header("x-presto-schema")).or(text(&["schema", "Schema"]));
        Self { namespace, parts: [catalog, database, inner].into_iter().flatten().collect() }
    }

    /// The full name of a table.
    pub(super) fn name(&self, table: &str) -> String {
        let dots = table.matches('.').count();
        let mut name = String::new();
        for part in self.parts.iter().take(self.parts.len().saturating_sub(dots)) {
            name.push_str(part);
            name.push('.');
        }
        name.push_str(table);
        name
    }

    pub(super) fn dataset(&self, table: &str) -> Dataset {
        Dataset { namespace: self.namespace.clone(), name: self.name(table) }
    }
}

/// The server as a namespace.
fn named(scheme: &str, call: &Call) -> String {
    format!("{scheme}://{}:{}", call.host(), call.port())
}
