//! Tables and statements inside text: each value goes or stays by what its column is called.

use countersign_mask::text;

fn masked(input: &str) -> String {
    text(input).0.into_string()
}

/// Each text, and what becomes of it.
fn become_(cases: &[(&str, &str)]) {
    for (input, output) in cases {
        assert_eq!(masked(input), *output);
    }
}

#[test]
fn a_cell_of_a_table_goes_by_the_name_of_its_column() {
    become_(&[
        (
            "id,password,status\n1,hunter2,active\n2,\"x,\"\"y\",new\n",
            "id,password,status\n1,[secret],active\n2,\"[secret]\",new\n",
        ),
        ("user;password\r\nbob;abc\r\n", "user;password\r\nbob;[secret]\r\n"),
        ("user\tpin\nbob\t1234", "user\tpin\nbob\t[secret]"),
        (
            "| user | password |\n|---|---|\n| bob | abc |\n",
            "| user | password |\n|---|---|\n| bob | [secret] |\n",
        ),
        (
            " id | password \n----+----------\n  1 | abc\n\n(1 row)",
            " id | password \n----+----------\n  1 | [secret]\n\n(1 row)",
        ),
        ("key,value\nDB_PASSWORD,abc\nTZ,UTC", "key,value\nDB_PASSWORD,[secret]\nTZ,UTC"),
    ]);
}

#[test]
fn a_table_is_found_inside_a_json_string_and_between_other_lines() {
    become_(&[
        (r#"{"content":"id,password\n1,hunter2"}"#, r#"{"content":"id,password\n1,[secret]"}"#),
        ("cat > f <<EOF\nuser,password\nbob,abc\nEOF\n", "cat > f <<EOF\nuser,password\nbob,[secret]\nEOF\n"),
    ]);
}

#[test]
fn what_only_looks_like_a_table_stays() {
    for text in [
        "Password, please\nThanks, and regards, and more",
        "token, secret and key are words\nof this, and that, sentence",
        "from a import (\n    token,\n    secret,\n)\n",
        "a,b\n1,2\n",
        "let x = f(password, token);\nlet y = g(other, thing);\n",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn an_inserted_value_goes_by_the_name_of_its_column() {
    become_(&[
        (
            "INSERT INTO u (id, \"password\", status) VALUES (1, 'hunter2', 'active'), (2, 'it''s', 'new');",
            "INSERT INTO u (id, \"password\", status) VALUES (1, '[secret]', 'active'), (2, '[secret]', 'new');",
        ),
        ("replace into `u` (`pass`) values (\"abc\")", "replace into `u` (`pass`) values (\"[secret]\")"),
        (
            "MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, password) VALUES (1, N'abc')",
            "MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, password) VALUES (1, N'[secret]')",
        ),
        (
            "INSERT INTO settings (name, value) VALUES ('smtp_password', 'abc'), ('theme', 'dark')",
            "INSERT INTO settings (name, value) VALUES ('smtp_password', '[secret]'), ('theme', 'dark')",
        ),
        (
            "COPY u (id, password, plan) FROM stdin;\n1\thunter2\tpro\n\\.\nSELECT 1;",
            "COPY u (id, password, plan) FROM stdin;\n1\t[secret]\tpro\n\\.\nSELECT 1;",
        ),
        ("insert into u(pin, n) values (1234, 5678)", "insert into u(pin, n) values ([secret], 5678)"),
    ]);
}

#[test]
fn a_literal_goes_by_the_name_it_is_compared_with() {
    become_(&[
        (
            "UPDATE u SET password = crypt('hunter2', salt), plan = 'pro' WHERE pin = 1234 AND id = 5678",
            "UPDATE u SET password = crypt('[secret]', salt), plan = 'pro' WHERE pin = [secret] AND id = 5678",
        ),
        (
            "SELECT * FROM t WHERE password IN ('a1', 'b2') AND 'c3' = pin AND status IN ('x', 'y') -- it's one",
            "SELECT * FROM t WHERE password IN ('[secret]', '[secret]') AND '[secret]' = pin AND status IN ('x', 'y') -- it's one",
        ),
        (
            "SELECT 'a1' AS password, x FROM t WHERE u.password LIKE 'b%'",
            "SELECT '[secret]' AS password, x FROM t WHERE u.password LIKE '[secret]'",
        ),
        (
            "EXEC sp_adduser @login = 'bob', @password = N'pw''x', @role = 'admin'",
            "EXEC sp_adduser @login = 'bob', @password = N'[secret]', @role = 'admin'",
        ),
        (
            "DELETE FROM t WHERE email = 'o''austin@b.example' LIMIT 1",
            "DELETE FROM t WHERE email = '[email]' LIMIT 1",
        ),
    ]);
}

#[test]
fn passwords_of_database_users_go_and_their_names_stay() {
    become_(&[
        (
            "CREATE USER 'bob'@'%' IDENTIFIED WITH caching_sha2_password BY 'pw12'",
            "CREATE USER 'bob'@'%' IDENTIFIED WITH caching_sha2_password BY '[secret]'",
        ),
        ("ALTER ROLE bob WITH PASSWORD 'pw12'", "ALTER ROLE bob WITH PASSWORD '[secret]'"),
        ("SET PASSWORD FOR 'bob'@'h' = 'pw12'", "SET PASSWORD FOR 'bob'@'h' = '[secret]'"),
        (
            "CREATE SECRET s (TYPE s3, KEY_ID 'abc', SECRET 'def', REGION 'eu')",
            "CREATE SECRET s (TYPE s3, KEY_ID 'abc', SECRET '[secret]', REGION 'eu')",
        ),
    ]);
}

#[test]
fn secrets_of_statements_go_without_quotes_and_as_arguments_too() {
    become_(&[
        (
            "ALTER USER u IDENTIFIED BY NewPw1 REPLACE OldPw1; CREATE USER v IDENTIFIED BY tiger4 ACCOUNT LOCK",
            "ALTER USER u IDENTIFIED BY [secret] REPLACE [secret]; CREATE USER v IDENTIFIED BY [secret] ACCOUNT LOCK",
        ),
        (
            "PRAGMA key = 'x1y2'; ATTACH 'x.db' AS y KEY 'z3'",
            "PRAGMA key = '[secret]'; ATTACH 'x.db' AS y KEY '[secret]'",
        ),
        (
            "SELECT pgp_sym_encrypt('some data', 'key12', 'opt'), crypt('pw12', salt)",
            "SELECT pgp_sym_encrypt('some data', '[secret]', 'opt'), crypt('[secret]', salt)",
        ),
    ]);
}

#[test]
fn a_name_in_a_table_of_persons_is_a_persons() {
    become_(&[
        (
            "UPDATE customers SET name = 'Ann Lee' WHERE id = 7",
            "UPDATE customers SET name = '[name]' WHERE id = 7",
        ),
        (
            "UPDATE services SET name = 'Ann Lee' WHERE id = 7",
            "UPDATE services SET name = 'Ann Lee' WHERE id = 7",
        ),
    ]);
}

#[test]
fn a_parameter_goes_by_the_column_its_placeholder_is_for() {
    become_(&[
        (
            r#"{"sql":"INSERT INTO u (first_name, plan) VALUES ($1, $2)","params":["Ann","pro"]}"#,
            r#"{"sql":"INSERT INTO u (first_name, plan) VALUES ($1, $2)","params":["[name]","pro"]}"#,
        ),
        (
            r#"{"q":"UPDATE u SET pin = ? WHERE plan = ?","args":["1234","pro"],"more":["1234","pro"]}"#,
            r#"{"q":"UPDATE u SET pin = ? WHERE plan = ?","args":["[secret]","pro"],"more":["1234","pro"]}"#,
        ),
    ]);
}

#[test]
fn statements_without_secrets_stay() {
    for text in [
        "CREATE TABLE u (id int, password varchar(60) DEFAULT 'x', email text CHECK (email LIKE '%@%'))",
        "COMMENT ON COLUMN u.password IS 'the hash of it'",
        "SELECT password, 'active' FROM u WHERE status = 'active' ORDER BY 1",
        "update the user's password, don't 'forget' it",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn a_finding_in_a_table_says_its_column() {
    let (_, report) = text("{\"csv\":\"id,password\\n1,abc\\n2,def\",\"sql\":\"UPDATE u SET pin = '1234'\"}");
    let found: Vec<(&str, u64)> =
        report.findings.iter().map(|found| (found.path.as_str(), found.count)).collect();
    assert_eq!(found, [("$.csv.rows[*].password", 2), ("$.sql.pin", 1)]);
}

#[test]
fn an_element_of_a_row_goes_by_the_name_of_its_column() {
    become_(&[
        (
            r#"{"values":[["id","password"],[1,"abc"],[2,"def"]],"x":[[3,"ghi"]]}"#,
            r#"{"values":[["id","password"],[1,"[secret]"],[2,"[secret]"]],"x":[[3,"ghi"]]}"#,
        ),
        (
            r#"{"columns":["id","pin"],"index":[0],"data":[[1,1234],[2,"9876"]]}"#,
            r#"{"columns":["id","pin"],"index":[0],"data":[[1,"[secret]"],[2,"[secret]"]]}"#,
        ),
        (
            r#"{"fields":["key","value"],"records":[["DB_PASSWORD","x"],["TZ","UTC"]]}"#,
            r#"{"fields":["key","value"],"records":[["DB_PASSWORD","[secret]"],["TZ","UTC"]]}"#,
        ),
        (
            r#"{"headers":[["Accept","*/*"],["X-Api-Key","abc"]],"x":[["pin","1234"]]}"#,
            r#"{"headers":[["Accept","*/*"],["X-Api-Key","[secret]"]],"x":[["pin","[secret]"]]}"#,
        ),
        (
            r#"{"schema":{"fields":[{"name":"id"},{"name":"pin"}]},"rows":[{"f":[{"v":"1"},{"v":"1234"}]}]}"#,
            r#"{"schema":{"fields":[{"name":"id"},{"name":"pin"}]},"rows":[{"f":[{"v":"1"},{"v":"[secret]"}]}]}"#,
        ),
    ]);
    let lists =
        r#"{"anyOf":[["email","token"],["email","otp"]],"tokens":[["a","b"]],"fields":["email","token"]}"#;
    assert_eq!(masked(lists), lists);
}
