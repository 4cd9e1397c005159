use super::{effect::looks_like, *};
use crate::{
    action::{Dataset, Decoders},
    call::sample::call,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const JSON: (&str, &str) = ("content-type", "application/json");
const TEXT: (&str, &str) = ("content-type", "text/plain");

fn class(text: &str) -> Class {
    effect::of(text).class
}

fn each(expected: Class, texts: &[&str]) {
    for text in texts {
        assert_eq!(class(text), expected, "{text}");
    }
}

#[test]
fn a_query_reads() {
    each(
        Class::ReadOnly,
        &[
            "SELECT 1",
            "((SELECT 1)) LIMIT 1",
            "/* c */ with a as (select 1) select * from a",
            "SELECT * FROM t FOR UPDATE",
            "SELECT REPLACE(a, 'x', 'y'), TRUNCATE(1.5, 1), INSERT('a', 1, 2, 'b') FROM t",
            "SELECT t.delete, t.update AS insert FROM t",
            "SELECT * REPLACE (1 AS x) FROM t",
            "SELECT x AS INTO FROM t",
            "SELECT 'it''s; DROP TABLE x' FROM t",
            r"SELECT 'it\'s' FROM t",
            "FROM t |> WHERE x > 1 |> SET y = 2 |> DROP z |> RENAME a AS b",
            "FROM t SELECT a",
            "VALUES (1), (2)",
            "TABLE t",
            "SHOW CREATE TABLE t",
            "DESCRIBE HISTORY t",
            "EXPLAIN DELETE FROM t",
            "EXPLAIN ANALYZE SELECT 1",
            "EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM t",
            "SELECT a->>'b' FROM t WHERE c #> '{d}' = '1'",
            "SELECT 1; SELECT 2;",
            "SELECT {'a': [1, 2]}['a'][1]",
            "SELECT $$it's$$",
            "USE db",
            "BEGIN; SELECT 1; COMMIT",
            "START TRANSACTION READ ONLY",
            "PRAGMA table_info('t')",
            "SET search_path = a",
            "MATCH (n:Person) WHERE n.age > 3 RETURN n",
            "FOR u IN users FILTER u.age > 3 RETURN u",
        ],
    );
}

#[test]
fn a_statement_is_classed_by_its_verb() {
    each(
        Class::DataWrite,
        &[
            "INSERT INTO t VALUES (1)",
            "UPDATE t SET a = 1",
            "MERGE INTO t USING s ON a = b WHEN MATCHED THEN DELETE",
            "CALL p()",
            "EXEC p",
            "COPY t FROM 's3://b/k'",
            "COPY INTO t FROM @stage",
            "LOAD DATA INPATH 'x' INTO TABLE t",
            "SELECT * INTO t FROM s",
            "SELECT * INTO #t FROM s",
        ],
    );
    each(
        Class::DataDelete,
        &[
            "DELETE FROM t",
            "TRUNCATE t",
            "DROP TABLE t",
            "drop database d",
            "ALTER TABLE t DELETE WHERE a = 1",
        ],
    );
    each(
        Class::SchemaChange,
        &[
            "CREATE TABLE t (a INT)",
            "CREATE TABLE user (a INT)",
            "ALTER TABLE t ADD COLUMN password TEXT",
            "DROP VIEW v",
            "DROP MATERIALIZED VIEW v",
            "COMMENT ON TABLE t IS 'x'",
            "CREATE FUNCTION f() RETURNS INT RETURN 1",
            "CREATE OR REPLACE VIEW v AS SELECT 1",
        ],
    );
    each(
        Class::PrivilegeChange,
        &[
            "GRANT SELECT ON t TO u",
            "REVOKE ALL ON t FROM u",
            "CREATE USER u",
            "ALTER ROLE r SUPERUSER",
            "DROP ROLE r",
            "SET ROLE admin",
            "SET LOCAL SESSION AUTHORIZATION u",
            "CREATE ROW ACCESS POLICY p",
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO u",
            "CREATE DATABASE ROLE r",
        ],
    );
    each(
        Class::CredentialAccess,
        &["CREATE SECRET s (TYPE S3)", "CREATE DATABASE SCOPED CREDENTIAL c", "SET PASSWORD = 'x'"],
    );
    each(
        Class::DataExport,
        &[
            "UNLOAD ('select 1') TO 's3://b'",
            "COPY t TO 'f'",
            "COPY (SELECT 1) TO STDOUT",
            "EXPORT DATA OPTIONS() AS SELECT 1",
            "INSERT OVERWRITE DIRECTORY 'x' SELECT 1",
            "INSERT INTO FUNCTION s3('a') SELECT 1",
            "SELECT * FROM t INTO OUTFILE '/tmp/x'",
            "COPY INTO @stage FROM t",
            "GET @stage file:///tmp",
        ],
    );
    each(
        Class::InfraChange,
        &[
            "KILL 5",
            "ALTER SYSTEM SET a = 1",
            "SYSTEM SHUTDOWN",
            "ATTACH 'f'",
            "SET GLOBAL a = 1",
            "SET @@GLOBAL.a = 1",
            "INSTALL httpfs",
            "LOAD httpfs",
            "PRAGMA journal_mode = WAL",
            "COPY t FROM PROGRAM 'id'",
        ],
    );
    each(Class::ModelChange, &["CREATE OR REPLACE MODEL m OPTIONS() AS SELECT 1"]);
}

#[test]
fn a_write_within_a_query_is_a_write() {
    each(
        Class::DataDelete,
        &[
            "WITH a AS (SELECT 1), x AS (DELETE FROM t RETURNING 1) SELECT count(*) FROM x",
            "WITH a AS (SELECT 1) DELETE FROM t",
            "SELECT * FROM (DELETE FROM t RETURNING *)",
            "EXPLAIN ANALYZE DELETE FROM t",
            "EXPLAIN (ANALYZE) DELETE FROM t",
            "DESCRIBE ANALYZE DELETE FROM t",
            "EXPLAIN ANALYZE VERBOSE WITH a AS (SELECT 1) DELETE FROM t",
            "BEGIN DELETE FROM t; END",
            "BEGIN BEGIN DELETE FROM t; END; END",
            "SELECT 1 DROP TABLE t",
            "EXECUTE IMMEDIATE 'DROP TABLE t'",
            "INSERT INTO a WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x",
            "ANALYZE FORMAT = JSON DELETE FROM t",
        ],
    );
    each(
        Class::DataWrite,
        &[
            "WITH x AS (UPDATE t SET a = 1 RETURNING 1) SELECT 1 FROM x",
            "WITH x AS (INSERT INTO t (a) VALUES (1) RETURNING 1) SELECT 1",
            "FROM x INSERT INTO t SELECT a",
            "WITH a AS (SELECT 1) UPDATE t SET b = 1",
            "SELECT * FROM FINAL TABLE (INSERT INTO t VALUES (1))",
            "MATCH (n) SET n.a = 1 RETURN n",
            "WITH 1 AS x MATCH (n) SET n.a = 1",
            "FOR u IN users INSERT u INTO v",
            "BEGIN BEGIN BEGIN BEGIN BEGIN BEGIN SELECT 1",
        ],
    );
}

#[test]
fn a_function_that_acts_is_no_read() {
    for text in [
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_catalog.pg_terminate_backend(1)",
        "SELECT lo_export(1, 'f')",
        "SELECT * FROM dblink('c', 'delete from t') AS x(a int)",
        "SELECT load_extension('x')",
        "SELECT utl_http.request('x') FROM dual",
        "SELECT xp_cmdshell('id')",
        "SELECT net.http_post('x')",
        "SELECT secret('a', 'b')",
    ] {
        assert_ne!(class(text), Class::ReadOnly, "{text}");
    }
    each(
        Class::ReadOnly,
        &[
            "SELECT nextval('s')",
            "SELECT query_to_xml('select 1', true, true, '')",
            "SELECT t.secret FROM t",
            "SELECT length(load_file) FROM t",
        ],
    );
}

#[test]
fn of_two_readings_of_quotes_and_comments_the_stricter_counts() {
    for text in [
        r"SELECT '\'; DROP TABLE t; --'",
        r"SELECT 'a\'; DROP TABLE t; SELECT '",
        "SELECT /* /* */ 1; DROP TABLE t; -- */ */",
        "SELECT 1 /*! ; DROP TABLE t */",
        "SELECT 1 --1; DROP TABLE t",
        "SELECT 1 # '\n; DROP TABLE t; -- '",
        "SELECT [a'] ; DROP TABLE t; --']",
        "SELECT $$'$$ ; DROP TABLE t; --'",
        "SELECT $a$'$a$ ; DROP TABLE t; --'",
        "SELECT '''a'' ' ; DROP TABLE t; -- '''",
        "SELECT 1 // '\n; DROP TABLE t; -- '",
        "SELECT q'[']'; DROP TABLE t; --'",
        r"SELECT E'\''; DROP TABLE t; --'",
        "SELECT 1 -- x\r; DROP TABLE t",
        "SELECT\u{a0}1;\u{3000}DROP\u{2003}TABLE t",
        r#"SELECT "\"; DROP TABLE t; --""#,
    ] {
        assert_eq!(class(text), Class::DataDelete, "{text}");
    }
}

#[test]
fn what_is_no_statement_is_a_write() {
    for text in [
        "",
        " ",
        ";",
        "-- x",
        "frobnicate",
        "SELECT 'a",
        "SELECT (1",
        "SELECT 1)",
        "SELECT {{ x }}",
        "{% if x %} SELECT 1",
        "\\d",
        "SELECT \\",
        "$1",
        "(((",
        "/* SELECT 1",
    ] {
        assert_ne!(class(text), Class::ReadOnly, "{text}");
    }
}

#[test]
fn tables_are_told_apart_as_read_and_written() {
    for (text, reads, writes) in [
        ("SELECT * FROM a.b, c JOIN d ON EXTRACT(year FROM e) = 1", vec!["a.b", "c", "d"], vec![]),
        ("WITH x AS (SELECT 1 FROM y) SELECT * FROM x, \"Z\"", vec!["y", "Z"], vec![]),
        ("INSERT INTO t SELECT * FROM s", vec!["s"], vec!["t"]),
        ("UPDATE t SET a = 1 FROM s", vec!["s"], vec!["t"]),
        ("DELETE FROM a.t USING s", vec!["s"], vec!["a.t"]),
        ("MERGE INTO t USING s ON a = b", vec!["s"], vec!["t"]),
        ("CREATE TABLE IF NOT EXISTS a.t AS SELECT * FROM s", vec!["s"], vec!["a.t"]),
        ("DROP TABLE IF EXISTS `p-1.d.t`", vec![], vec!["p-1.d.t"]),
        ("SELECT * FROM my-project.d.t", vec!["my-project.d.t"], vec![]),
        ("COPY t TO 'f'", vec!["t"], vec![]),
        ("GRANT SELECT ON TABLE t TO u", vec![], vec!["t"]),
        ("SELECT a IS DISTINCT FROM b FROM unnest(c), t", vec!["t"], vec![]),
        ("SELECT * INTO n FROM o", vec!["o"], vec!["n"]),
    ] {
        let effect = effect::of(text);
        assert_eq!(
            (effect.reads, effect.writes),
            (
                reads.into_iter().map(str::to_owned).collect(),
                writes.into_iter().map(str::to_owned).collect::<Vec<_>>()
            ),
            "{text}"
        );
    }
}

#[test]
fn steps_read_unless_one_puts_rows_somewhere() {
    for (text, expected) in [
        ("StormEvents | where State == 'X' | count", Class::ReadOnly),
        (".show tables", Class::ReadOnly),
        (".drop table T", Class::DataDelete),
        (".set T <| S", Class::DataWrite),
        ("from(bucket: \"b\") |> range(start: -1h)", Class::ReadOnly),
        ("from(bucket: \"b\") |> range(start: -1h) |> to(bucket: \"c\")", Class::DataWrite),
        ("source=t | fields a", Class::ReadOnly),
        ("search index=a | delete", Class::DataWrite),
        ("", Class::DataWrite),
    ] {
        assert_eq!(effect::of_steps(text).class, expected, "{text}");
    }
}

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
const PLACES: [(&str, &str, &str); 52] = [
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
        assert_eq!(at(place, "SELECT a FROM t"), (Class::ReadOnly, Protocol::Sql), "{place:?}");
        assert_eq!(at(place, "DROP TABLE t").0, Class::DataDelete, "{place:?}");
        assert_eq!(at(place, "SELECT 1; GRANT ALL ON t TO u").0, Class::PrivilegeChange, "{place:?}");
        assert_ne!(at(place, "frobnicate").0, Class::ReadOnly, "{place:?}");
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

#[test]
fn a_long_or_deep_text_is_read_in_time_that_grows_with_it() {
    for unit in [
        "(",
        "SELECT ",
        "'",
        "/*",
        "a.",
        ";",
        "$a",
        "[",
        "\\'",
        "WITH x AS (",
        "EXECUTE '",
        "q'",
        "BEGIN ",
        "EXPLAIN ANALYZE ",
        "{{",
        "-- \r",
        "\"\"\"",
    ] {
        let text = unit.repeat(200 * 1024 / unit.len());
        let _ = (effect::of(&text), looks_like(&text), effect::of_steps(&text));
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod any {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_text_is_too_odd_to_read(text in "(?s).{0,200}") {
            let _ = (effect::of(&text), effect::of_steps(&text), looks_like(&text));
        }

        #[test]
        fn a_write_stays_one_behind_any_comment(comment in "[a-z '\"\\\\`$#\\[]{0,20}") {
            prop_assert_ne!(class(&format!("/*{comment}*/ DELETE FROM t")), Class::ReadOnly);
            prop_assert_ne!(class(&format!("SELECT 1; -- {comment}\nDELETE FROM t")), Class::ReadOnly);
        }

        #[test]
        fn no_body_is_too_odd_to_read(body in "[\\[\\]{}\":,a-zA-Z'; ]{0,120}", path in "/[a-z_/]{0,12}(sql|query|statement)?") {
            let _ = Decoders::default().decode(&call("POST", "h.example", &path, &[JSON]), Body::Read(body.as_bytes()));
        }
    }
}
