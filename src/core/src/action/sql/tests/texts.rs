//! What a text does.

use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

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
        ("import \"http\"\nfrom(bucket: \"b\") |> range(start: -1h)", Class::DataWrite),
        ("import \"math\"\nfrom(bucket: \"b\") |> map(fn: (r) => r)", Class::ReadOnly),
        ("source=t | fields a", Class::ReadOnly),
        ("search index=a | delete", Class::DataWrite),
        ("", Class::DataWrite),
    ] {
        assert_eq!(steps::of(text).class, expected, "{text}");
    }
}
