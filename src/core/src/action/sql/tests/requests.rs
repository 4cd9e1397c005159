//! Where statements stand in a request.

use super::*;
use crate::action::Dataset;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn decoded(call: &Call, body: &str) -> (Class, Protocol) {
    let body = if body.is_empty() { Body::Absent } else { Body::Read(body.as_bytes()) };
    match Decoders::default().decode(call, body) {
        Decoded::Known(members) => {
            members.iter().map(|m| (m.action.class, m.action.protocol)).max_by_key(|m| m.0).unwrap()
        }
        Decoded::Undecodable(opaque) => (opaque.action.class.max(Class::DataWrite), opaque.action.protocol),
        Decoded::NeedsBody | Decoded::Contradiction(_) => panic!("{call:?}"),
    }
}

/// Every place that holds a statement: with a `#` for it.
const PLACES: [(&str, &str, &str); 60] = [
    ("a.snowflakecomputing.com", "/api/v2/statements", r##"{"statement":"#","warehouse":"w"}"##),
    (
        "a.snowflakecomputing.com",
        "/queries/v1/query-request?requestId=1",
        r##"{"sqlText":"#","sequenceId":1}"##,
    ),
    ("h.example", "/api/2.0/sql/statements/", r##"{"statement":"#","warehouse_id":"w"}"##),
    ("h.example", "/v1/statement", "#"),
    ("h.example", "/druid/v2/sql", r##"{"query":"#","context":{}}"##),
    ("h.example", "/query/sql", r##"{"sql":"#"}"##),
    ("h.example", "/_sql?format=json", r##"{"query":"#"}"##),
    ("h.example", "/_plugins/_sql", r##"{"query":"#"}"##),
    (
        "h.example",
        "/v2/pipeline",
        r##"{"requests":[{"type":"execute","stmt":{"sql":"#","args":[{"type":"text","value":"drop table x"}]}},{"type":"close"}]}"##,
    ),
    (
        "h.example",
        "/v2/pipeline",
        r##"{"requests":[{"type":"batch","batch":{"steps":[{"stmt":{"sql":"#"}}]}}]}"##,
    ),
    ("h.example", "/", r##"{"statements":["#",{"q":"#","params":[1]}]}"##),
    ("h.example", "/db/query", r##"["#",["#","x"]]"##),
    ("h.example", "/db/execute", r##"[["#","x",1]]"##),
    ("h.example", "/query.json", r##"{"queryType":"SQL","query":"#"}"##),
    ("h.example", "/ksql", r##"{"ksql":"#","streamsProperties":{}}"##),
    ("h.example", "/query-stream", r##"{"sql":"#"}"##),
    ("h.example", "/api/v1/sqllab/execute/", r##"{"database_id":1,"sql":"#","select_as_cta":false}"##),
    ("h.example", "/api/dataset", r##"{"database":1,"type":"native","native":{"query":"#"}}"##),
    ("h.example", "/api/query_results", r##"{"data_source_id":1,"query":"#","max_age":0}"##),
    (
        "h.example",
        "/api/ds/query",
        r##"{"queries":[{"refId":"A","rawSql":"#","format":"table"}],"from":"now-1h","to":"now"}"##,
    ),
    ("h.example", "/db/neo4j/tx/commit", r##"{"statements":[{"statement":"#"}]}"##),
    ("h.example", "/_api/cursor", r##"{"query":"#","bindVars":{}}"##),
    ("api.cloudflare.com", "/client/v4/accounts/a/d1/database/b/query", r##"{"sql":"#","params":[]}"##),
    ("api.cloudflare.com", "/client/v4/accounts/a/d1/database/b/raw", r##"[{"sql":"#"}]"##),
    ("ep.neon.tech", "/sql", r##"{"queries":[{"query":"#","params":[]},{"query":"#"}]}"##),
    ("api.supabase.com", "/v1/projects/x/database/query", r##"{"query":"#"}"##),
    ("aws.connect.psdb.cloud", "/psdb.v1alpha1.Database/Execute", r##"{"query":"#","session":null}"##),
    ("h.example", "/api/v2/exec", r##"{"sql":"#","args":[],"database":"d"}"##),
    ("h.example", "/api/query/default_cluster/db", r##"{"stmt":"#"}"##),
    ("h.example", "/api/v1/catalogs/c/databases/d/sql", r##"{"query":"#"}"##),
    ("h.example", "/api/v3/sql", r##"{"sql":"#","context":["a"]}"##),
    ("h.example", "/kylin/api/query", r##"{"sql":"#","project":"p"}"##),
    ("h.example", "/rest/sql/db", "#"),
    ("h.example", "/sql", "#"),
    ("h.example", "/v1/orgs/self/queries", r##"{"sql":{"query":"#","parameters":[]}}"##),
    ("h.example", "/api/sql", r##"{"queries":[{"query":"#"}]}"##),
    (
        "h.example",
        "/v2/query",
        r##"{"type":"run_sql","args":{"source":"default","sql":"#","read_only":false}}"##,
    ),
    ("h.example", "/v2/query", r##"{"type":"bulk","args":[{"type":"run_sql","args":{"sql":"#"}}]}"##),
    ("h.example", "/systems/s/queries", r##"{"query":"#","format":"array"}"##),
    ("h.example", "/mydb/_/sql", "#"),
    ("h.example", "/api/v3/query_sql", r##"{"db":"d","q":"#","format":"json"}"##),
    ("h.example", "/", "#"),
    ("athena.us-east-1.amazonaws.com", "/", r##"{"QueryString":"#","WorkGroup":"w"}"##),
    ("rds-data.us-east-1.amazonaws.com", "/Execute", r##"{"resourceArn":"a","secretArn":"b","sql":"#"}"##),
    ("h.example", "/api/sql/query", r##"{"query":"#","context":{"db":"d"}}"##),
    ("h.example", "/run-query", r##"{"sql":"#"}"##),
    ("h.example", "/v1/executeSql", r##"{"sqlStatement":"#"}"##),
    ("h.example", "/services/db", r##"{"sql":"#","database":"d"}"##),
    ("h.example", "/sessions/1/statements", r##"{"statement":"#"}"##),
    ("h.example", "/api/v1/query", r##"{"query":"#"}"##),
    ("h.example", "/v1/sql?db=public", "sql=#"),
    ("h.example", "/sessions/0/statements", r##"{"code":"#","kind":"sql"}"##),
    ("h.example", "/dbapi/v4/sql_jobs", r##"{"commands":"#","limit":10}"##),
    ("h.example", "/bench", r##"{"transaction":[{"query":"#"},{"statement":"#","values":{"a":1}}]}"##),
    ("queries.clickhouse.cloud", "/service/s/run?format=JSONEachRow", r##"{"sql":"#"}"##),
    ("bigquery.googleapis.com", "/bigquery/v2/projects/p/queries", r##"{"query":"#","useLegacySql":false}"##),
    (
        "bigquery.googleapis.com",
        "/bigquery/v2/projects/p/jobs",
        r##"{"configuration":{"query":{"query":"#"}}}"##,
    ),
    ("h.example", "/solr/c/sql", "stmt=#"),
    ("h.example", "/v1/query", r##"{"sql":"#","pagination":{"wait_time_secs":5}}"##),
    ("h.example", "/query/service", "statement=#&pretty=true"),
];

fn at(place: (&str, &str, &str), statement: &str) -> (Class, Protocol) {
    let (host, path, body) = place;
    let kind = match body.chars().next() {
        Some('{' | '[') => JSON,
        Some('#') => TEXT,
        _ => ("content-type", "application/x-www-form-urlencoded"),
    };
    let statement =
        if kind.1.ends_with("encoded") { statement.replace(' ', "+") } else { statement.to_owned() };
    let target = ("x-amz-target", "AmazonAthena.StartQueryExecution");
    let headers = if host.starts_with("athena") { vec![kind, target] } else { vec![kind] };
    decoded(&call("POST", host, path, &headers), &body.replace('#', &statement))
}

#[test]
fn every_wrapper_tells_a_read_from_a_write() {
    for place in PLACES {
        let aws = place.0.ends_with("amazonaws.com");
        let protocol = if aws { Protocol::Http } else { Protocol::Sql };
        assert_eq!(at(place, "SELECT a FROM t"), (Class::ReadOnly, protocol), "{place:?}");
        assert_eq!(at(place, "DROP TABLE t").0, Class::DataDelete, "{place:?}");
        assert_eq!(at(place, "SELECT 1; GRANT ALL ON t TO u").0, Class::PrivilegeChange, "{place:?}");
        assert_ne!(at(place, "frobnicate (t)").0, Class::ReadOnly, "{place:?}");
        assert_ne!(
            at(place, "WITH x AS (DELETE FROM t RETURNING 1) SELECT 1 FROM x").0,
            Class::ReadOnly,
            "{place:?}"
        );
    }
}

#[test]
fn a_statement_in_the_url_is_a_statement() {
    for (method, path, body, expected) in [
        ("GET", "/?query=SELECT%201", "", Class::ReadOnly),
        ("GET", "/?query=DROP+TABLE+t", "", Class::DataDelete),
        ("POST", "/?query=SELECT+1&readonly=1", "", Class::ReadOnly),
        ("POST", "/?query=INSERT+INTO+t+FORMAT+CSV&readonly=2", "1,2", Class::DataWrite),
        ("POST", "/?query=SELECT+1", "; DROP TABLE t", Class::DataDelete),
        ("POST", "/?database=d", "SELECT 1", Class::ReadOnly),
        ("GET", "/exec?query=drop+table+t", "", Class::DataDelete),
        ("GET", "/query?q=DROP+MEASUREMENT+m&db=d", "", Class::DataDelete),
        ("GET", "/query?q=SELECT+*+FROM+m&db=d", "", Class::ReadOnly),
        ("GET", "/db.json?sql=delete+from+t", "", Class::DataDelete),
        ("GET", "/db.json?sql=select+1", "", Class::ReadOnly),
        ("GET", "/search?q=drop+table+manners", "", Class::ReadOnly),
    ] {
        assert_eq!(decoded(&call(method, "h.example", path, &[TEXT]), body).0, expected, "{method} {path}");
    }
}

#[test]
fn every_statement_of_a_body_counts() {
    for body in [
        r#"{"sql":"SELECT 1","statements":["DROP TABLE t"]}"#,
        r#"{"query":"SELECT 1","more":"DROP TABLE t"}"#,
        r#"[{"sql":"SELECT 1"},{"sql":"DROP TABLE t"}]"#,
        r#"{"requests":[{"stmt":{"sql":"SELECT 1"}},{"stmt":{"sql":"DROP TABLE t"}}]}"#,
    ] {
        assert_eq!(decoded(&call("POST", "h.example", "/sql", &[JSON]), body).0, Class::DataDelete, "{body}");
    }
    for (kind, expected) in
        [("load", Class::DataWrite), ("extract", Class::DataExport), ("copy", Class::DataWrite)]
    {
        let job = call("POST", "bigquery.googleapis.com", "/bigquery/v2/projects/p/jobs", &[JSON]);
        let body = format!(r#"{{"configuration":{{"{kind}":{{}},"query":{{"query":"SELECT 1"}}}}}}"#);
        assert_eq!(decoded(&job, &body).0, expected, "{kind}");
    }
    for body in [
        r#"{"sql":"SELECT 1","destinationTable":{"tableId":"t"}}"#,
        r#"{"sql":"SELECT 1","select_as_cta":true}"#,
        r#"{"requests":[{"stmt":{"sql_id":1}},{"stmt":{"sql":"SELECT 1"}}]}"#,
        r#"{"type":"bulk","args":[{"type":"run_sql","args":{"sql":"SELECT 1"}},{"type":"pg_untrack_table","args":{"table":"t"}}]}"#,
    ] {
        assert_ne!(decoded(&call("POST", "h.example", "/sql", &[JSON]), body).0, Class::ReadOnly, "{body}");
    }
}

#[test]
fn a_path_that_may_take_statements_leaves_other_messages_to_their_decoders() {
    for (method, path, body, expected) in [
        ("POST", "/", r#"{"jsonrpc":"2.0","id":1,"method":"get_block"}"#, Protocol::JsonRpc),
        ("POST", "/query", r#"{"query":"{ users { id } }"}"#, Protocol::GraphQl),
        ("POST", "/query", r#"{"query":"mutation { deleteUser }"}"#, Protocol::GraphQl),
        ("GET", "/api/v1/query?query=up", "", Protocol::Http),
        ("GET", "/loki/api/v1/query?query=%7Bapp%3D%22x%22%7D", "", Protocol::Http),
        ("POST", "/collections/a/query", r#"{"query":"shoes","limit":3}"#, Protocol::Http),
        ("POST", "/api/2.0/sql/warehouses", r#"{"name":"w"}"#, Protocol::Http),
        ("POST", "/api/2.0/sql/queries", r#"{"query":"SELECT 1","name":"w"}"#, Protocol::Http),
        ("PUT", "/queries/query", r#"{"query":"SELECT 1"}"#, Protocol::Http),
    ] {
        assert_eq!(decoded(&call(method, "h.example", path, &[JSON]), body).1, expected, "{method} {path}");
    }
    let saved = call("POST", "h.example", "/queries", &[JSON]);
    assert_ne!(decoded(&saved, r#"{"query":"SELECT 1","name":"mine"}"#).0, Class::ReadOnly);
    let page = call("POST", "h.example", "/_sql", &[JSON]);
    assert_eq!(decoded(&page, r#"{"cursor":"abc"}"#).0, Class::ReadOnly);
}

#[test]
fn a_decoy_makes_no_call_milder() {
    for (method, path, headers, body) in [
        ("POST", "/users", vec![JSON], r#"{"sql":"SELECT 1","name":"x"}"#),
        ("POST", "/users/delete", vec![JSON], r#"{"sql":"SELECT 1"}"#),
        ("POST", "/users", vec![TEXT], "SELECT 1"),
        ("DELETE", "/sql", vec![JSON], r#"{"sql":"SELECT 1"}"#),
        ("POST", "/sql", vec![JSON, ("x-http-method-override", "DELETE")], r#"{"sql":"SELECT 1"}"#),
        ("POST", "/users?q=select+1", vec![JSON], r#"{"name":"x"}"#),
        (
            "POST",
            "/items",
            vec![JSON, ("x-amz-target", "AmazonAthena.StartQueryExecution")],
            r#"{"QueryString":"SELECT 1","Other":1}"#,
        ),
    ] {
        assert_ne!(
            decoded(&call(method, "h.example", path, &headers), body).0,
            Class::ReadOnly,
            "{method} {path} {body}"
        );
    }
}

#[test]
fn tables_are_named_as_openlineage_does() {
    let trino = call(
        "POST",
        "t.example:8443",
        "/v1/statement",
        &[TEXT, ("x-trino-catalog", "hive"), ("x-trino-schema", "s")],
    );
    let Decoded::Known(members) =
        Decoders::default().decode(&trino, Body::Read(b"INSERT INTO a.t SELECT * FROM u"))
    else {
        panic!()
    };
    let set = |name: &str| Dataset { namespace: "trino://t.example:8443".to_owned(), name: name.to_owned() };
    assert_eq!(members[0].action.reads, vec![set("hive.s.u")]);
    assert_eq!(members[0].action.writes, vec![set("hive.a.t")]);
    assert_eq!(members[0].action.resource.id, "hive.a.t");
    let athena = call(
        "POST",
        "athena.eu-west-1.amazonaws.com",
        "/",
        &[JSON, ("x-amz-target", "AmazonAthena.StartQueryExecution")],
    );
    let body = br#"{"QueryString":"SELECT 1 FROM t","QueryExecutionContext":{"Catalog":"c","Database":"d"}}"#;
    let Decoded::Known(members) = Decoders::default().decode(&athena, Body::Read(body)) else { panic!() };
    assert_eq!(
        members[0].action.reads,
        vec![Dataset {
            namespace: "awsathena://athena.eu-west-1.amazonaws.com".to_owned(),
            name: "c.d.t".to_owned()
        }]
    );
}
