//! What the crate promises, on fixed inputs.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use countersign_mask::{Raw, Report, Shown, Understood, Why, headers, path, payload, query, residual, text};

const JSON: Option<&str> = Some("application/json");
const LIMIT: usize = 4096;

fn json(body: &str) -> Shown {
    let shown = payload(JSON, None, body.as_bytes(), LIMIT);
    assert!(residual(shown.excerpt.as_str()).is_empty(), "{}", shown.excerpt);
    shown
}

/// The places of a report, and what was seen there.
fn places(report: &Report) -> Vec<(&str, &str)> {
    report.findings.iter().map(|found| (found.path.as_str(), &*found.detector)).collect()
}

#[test]
fn what_has_nothing_to_mask_is_shown_byte_for_byte() {
    let body = r#"{"dataset":"prod.public.customers","format":"csv","rows":48210}"#;
    let shown = json(body);
    assert_eq!(shown.excerpt.as_str(), body);
    assert_eq!((shown.size, shown.truncated, shown.understood), (63, false, Understood::Whole));
    assert_eq!((shown.media_type.as_str(), places(&shown.report)), ("application/json", vec![]));
}

#[test]
fn credentials_in_headers_go_and_the_scheme_stays() {
    let pairs: [(&str, &[u8]); 8] = [
        ("x-rapidapi-key", b"k"),
        ("authorization", b"Bearer x"),
        ("Proxy-Authorization", b"Basic dXNlcjpwYXNz"),
        ("cookie", b"theme=dark; sid=abc"),
        ("x-api-key", b"k"),
        ("x-request-id", b"766e54ff-98d6-4c3d-8a00-62b33a164782"),
        ("accept", b"*/*"),
        ("x-blob", b"\xff\xfe"),
    ];
    let (shown, found) = headers(pairs);
    let shown: Vec<(&str, &str)> =
        shown.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        shown,
        [
            ("x-rapidapi-key", "[secret]"),
            ("authorization", "Bearer [secret]"),
            ("proxy-authorization", "Basic [secret]"),
            ("cookie", "theme=dark; sid=[secret]"),
            ("x-api-key", "[secret]"),
            ("x-request-id", "766e54ff-98d6-4c3d-8a00-62b33a164782"),
            ("accept", "*/*"),
            ("x-blob", "[binary]"),
        ]
    );
    assert_eq!(
        places(&found),
        [
            ("$.headers.x-rapidapi-key", "secret_field"),
            ("$.headers.authorization", "bearer_token"),
            ("$.headers.proxy-authorization", "basic_credentials"),
            ("$.headers.cookie", "cookie"),
            ("$.headers.x-api-key", "secret_field"),
            ("$.headers.x-blob", "not_text"),
        ]
    );
}

#[test]
fn secrets_in_json_go_by_name_and_by_shape_at_any_depth() {
    let shown = json(
        r#"{"user":{"name":"bob","dbPassword":"hunter2","mail":"Bob <bob@corp.example>"},"rows":[{"card":4111111111111111},{"card":"5555-5555-5555-4444"}],"note":"{\"token\":\"abc\",\"n\":1}","max_tokens":512,"id":"c3cf491e-d2c5-4536-b276-9286cb260ef7"}"#,
    );
    assert_eq!(
        shown.excerpt.as_str(),
        r#"{"user":{"name":"bob","dbPassword":"[secret]","mail":"[name] <[email]>"},"rows":[{"card":"[card]"},{"card":"[card]"}],"note":"{\"token\":\"[secret]\",\"n\":1}","max_tokens":512,"id":"c3cf491e-d2c5-4536-b276-9286cb260ef7"}"#
    );
    assert_eq!(
        places(&shown.report),
        [
            ("$.user.dbPassword", "secret_field"),
            ("$.user.mail", "display_name"),
            ("$.user.mail", "email"),
            ("$.rows[*].card", "payment_card"),
            ("$.note.token", "secret_field"),
        ]
    );
}

#[test]
fn an_escaped_secret_is_found_behind_its_escapes() {
    let shown = json(r#"{"a":"\u0067hp_0r37civljsw58e53rnxju5gtuuh7iae0bjbb","b":"pass\u0077ord=hunter2"}"#);
    assert_eq!(shown.excerpt.as_str(), r#"{"a":"[secret]","b":"password=[secret]"}"#);
    assert_eq!(places(&shown.report), [("$.a", "github_token"), ("$.b", "secret_field")]);
}

#[test]
fn a_name_that_is_itself_a_secret_goes_and_does_not_reach_the_path() {
    let shown = json(r#"{"bob@corp.example":{"pin":1234},"eve@corp.example":1}"#);
    assert_eq!(shown.excerpt.as_str(), r#"{"[email] 1":{"pin":"[secret]"},"[email] 2":1}"#);
    assert_eq!(places(&shown.report), [("$['[email]']", "email"), ("$['[email]'].pin", "secret_field")]);
}

#[test]
fn an_environment_in_json_goes_by_its_names() {
    let shown = json(r#"{"env":[{"name":"DB_PASSWORD","value":"hunter2"},{"name":"PORT","value":"8080"}]}"#);
    assert_eq!(
        shown.excerpt.as_str(),
        r#"{"env":[{"name":"DB_PASSWORD","value":"[secret]"},{"name":"PORT","value":"8080"}]}"#
    );
}

#[test]
fn forms_queries_and_paths_are_decoded_before_they_are_judged() {
    let body = b"grant_type=password&pass%77ord=h%26unter2&scope=a+b&mail=bob%40corp.example";
    let shown = payload(Some("application/x-www-form-urlencoded; charset=utf-8"), None, body, LIMIT);
    assert_eq!(shown.excerpt.as_str(), "grant_type=password&pass%77ord=[secret]&scope=a+b&mail=[email]");
    assert_eq!(places(&shown.report), [("$.password", "secret_field"), ("$.mail", "email")]);

    let (shown, found) = query("?page=2&api_key=k-1&next=%2Fhome");
    assert_eq!(
        (shown.as_str(), places(&found)),
        ("?page=2&api_key=[secret]&next=%2Fhome", vec![("$.query.api_key", "secret_field")])
    );

    let (shown, found) = path("/v1/users/bob%40corp.example/token/nVLWkM6YCrELqocD2Eo4C0/rows");
    assert_eq!(shown.as_str(), "/v1/users/[email]/token/[secret]/rows");
    assert_eq!(places(&found), [("$.path", "email"), ("$.path", "secret_field")]);
}

#[test]
fn each_shape_is_found_in_running_text() {
    for (secret, detector) in [
        ("AKIAYRUNIJISSWZ7CDZR", "aws_access_key"),
        ("ghp_0r37civljsw58e53rnxju5gtuuh7iae0bjbb", "github_token"),
        ("glpat-daQqn8GCpuzGBlQnrraA", "gitlab_token"),
        ("xoxb-818103670286-4071082907367-iuT1KYUTcCQhrqB0F81UQirE", "slack_token"),
        ("sk_live_51jsBNmlf9mYLDu05p3MRH8w", "stripe_key"),
        ("sk-proj-5vDWMwpHG6gevXjpyGRyZi-zKQS7FOTObi5uEdbtCxtTXn5D", "openai_key"),
        ("sk-ant-api03-5vDWMwpHG6gevXjpyGRyZi-zKQS7FOTObi5uEdbtCxtTXn5D", "anthropic_key"),
        ("AIzaSyD5vDWMwpHG6gevXjpyGRyZizKQS7FOTOb", "google_api_key"),
        ("npm_5vDWMwpHG6gevXjpyGRyZizKQS7FOTObi5uE", "npm_token"),
        ("pypi-AgEIcHlwaS5vcmcCJDVkNGM1ZjY2LTU1NTUtNDQ0NC0zMzMzLTIyMjIy", "pypi_token"),
        ("dapid5e147bf097d604b51f2dfc289d021c6", "databricks_token"),
        ("hf_5vDWMwpHGgevXjpyGRyZizKQSFOTObiuEd", "huggingface_token"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ", "jwt"),
        ("bob.smith+tag@mail.corp.example", "email"),
        ("4111 1111 1111 1111", "payment_card"),
        ("DE89 3704 0044 0532 0130 00", "iban"),
        ("536-22-8841", "us_ssn"),
    ] {
        for around in
            [("see ", ", thanks"), ("(", ")"), ("\"", "\""), ("a:", "\n"), ("\\n", "\\n"), ("x=%20", "&y=1")]
        {
            let (masked, found) = text(&format!("{}{secret}{}", around.0, around.1));
            assert!(!masked.as_str().contains(secret), "{detector} in {around:?}");
            assert_eq!(places(&found).first().map(|found| found.1), Some(detector), "{around:?}");
        }
    }
}

#[test]
fn passwords_in_urls_and_connection_strings_go_and_the_host_stays() {
    for (raw, shown) in [
        (
            "postgres://app:s3cr3t@db.prod.example:5432/main",
            "postgres://app:[secret]@db.prod.example:5432/main",
        ),
        ("postgres://app@db.prod.example/main", "postgres://app@db.prod.example/main"),
        (
            "Server=db;User Id=sa;Password=p@ss w;Encrypt=yes",
            "Server=db;User Id=sa;Password=[secret] w;Encrypt=yes",
        ),
        (
            "git push https://bot:iVVt31VFmSFUju3gep3C@github.example/a.git",
            "git push https://bot:[secret]@github.example/a.git",
        ),
        ("git clone git@github.com:acme/repo.git", "git clone git@github.com:acme/repo.git"),
    ] {
        assert_eq!(text(raw).0.as_str(), shown);
    }
}

#[test]
fn a_header_inside_a_command_goes_up_to_its_own_quote() {
    for (raw, shown) in [
        (
            "curl -H 'Authorization: Bearer abc' -H 'Accept: */*' x",
            "curl -H 'Authorization: Bearer [secret]' -H 'Accept: */*' x",
        ),
        (
            r#"{"run":"curl -H \"Cookie: sid=abc\" https://x.example"}"#,
            r#"{"run":"curl -H \"Cookie: sid=[secret]\" https://x.example"}"#,
        ),
        (
            "GET / HTTP/1.1\r\nCookie: sid=a b; theme=dark\r\nAccept: */*",
            "GET / HTTP/1.1\r\nCookie: sid=[secret]; theme=dark\r\nAccept: */*",
        ),
    ] {
        assert_eq!(text(raw).0.as_str(), shown);
    }
}

#[test]
fn passwords_in_sql_go_and_the_statement_stays() {
    for (raw, shown) in [
        ("ALTER USER reporting WITH PASSWORD 'hunter2';", "ALTER USER reporting WITH PASSWORD '[secret]';"),
        ("CREATE USER 'etl'@'%' IDENTIFIED BY 'hunter2';", "CREATE USER 'etl'@'%' IDENTIFIED BY '[secret]';"),
        (
            "CREATE LOGIN [app] WITH PASSWORD = N'hunter2', CHECK_POLICY = ON",
            "CREATE LOGIN [app] WITH PASSWORD = N'[secret]', CHECK_POLICY = ON",
        ),
        (
            "ALTER TABLE t ADD COLUMN password_hash varchar(60), DROP COLUMN ssn",
            "ALTER TABLE t ADD COLUMN password_hash varchar(60), DROP COLUMN ssn",
        ),
    ] {
        assert_eq!(text(raw).0.as_str(), shown);
    }
}

#[test]
fn a_private_key_goes_whole_even_when_its_end_is_missing() {
    let block = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----";
    assert_eq!(text(&format!("a\n{block}\nb")).0.as_str(), "a\n[secret]\nb");
    assert_eq!(text("a\n-----BEGIN PRIVATE KEY-----\nMIIEow").0.as_str(), "a\n[secret]");
    let public = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    assert_eq!(text(public).0.as_str(), public);
}

#[test]
fn what_only_looks_secret_stays() {
    for raw in [
        "image: registry.example/quota@sha256:5eb2cbd353ebb39e3dd6da27f6f1e2cee753db390039be3504a514cbbb8270a7",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "If-None-Match: W/\"b4b9b7c00182cd89aef5e4dfbd298ff6\"",
        "commit 9f2c1e7ab0d34c55e1f0a6b7c8d9e0f112233445",
        "order 4856078328001447 of 2026-11-21",
        "password: ${DB_PASSWORD}",
        "the token: it expires soon",
        "npm i @scope/pkg@3.6.0",
        "-    token = read_secret(path)",
    ] {
        let (masked, found) = text(raw);
        assert_eq!((masked.as_str(), places(&found)), (raw, vec![]));
    }
}

#[test]
fn base64_is_looked_into() {
    let (masked, found) = text("payload Ym9iQGNvcnAuZXhhbXBsZSBhbmQgbW9yZQ== end");
    assert_eq!((masked.as_str(), places(&found)), ("payload [secret] end", vec![("$", "base64")]));
}

#[test]
fn what_cannot_be_read_is_shown_by_size_and_type_only() {
    let secret = "ghp_0r37civljsw58e53rnxju5gtuuh7iae0bjbb";
    let deep = format!("{}\"{secret}\"{}", "[".repeat(100), "]".repeat(100));
    let latin: &[u8] = b"caf\xe9 ghp_0r37civljsw58e53rnxju5gtuuh7iae0bjbb";
    for (media_type, encoding, body, why) in [
        (JSON, Some("gzip"), secret.as_bytes(), Why::Compressed),
        (JSON, Some("identity, br"), secret.as_bytes(), Why::Compressed),
        (Some("image/png"), None, secret.as_bytes(), Why::Binary),
        (Some("application/octet-stream"), None, b"\x00\x01ghp_".as_slice(), Why::Binary),
        (Some("text/plain"), None, b"p\0a\0s\0s\0".as_slice(), Why::Binary),
        (Some("text/plain"), None, latin, Why::NotUtf8),
        (Some("text/plain; charset=utf-7"), None, secret.as_bytes(), Why::NotUtf8),
        (JSON, None, deep.as_bytes(), Why::TooDeep),
    ] {
        let shown = payload(media_type, encoding, body, LIMIT);
        assert_eq!(shown.understood, Understood::NotUnderstood { why });
        assert_eq!(shown.excerpt.as_str(), format!("[not shown: {why}]"));
        assert_eq!(
            (shown.truncated, shown.size, residual(shown.excerpt.as_str()).findings),
            (true, body.len() as u64, Vec::new())
        );
    }
    assert_eq!(payload(JSON, Some("identity"), b"{}", LIMIT).understood, Understood::Whole);
}

#[test]
fn cutting_comes_after_masking_and_never_splits_a_mask_or_a_character() {
    let body = format!(
        r#"{{"é":"ü","token":"{}","mail":"bob@corp.example","tail":"{}"}}"#,
        "k7".repeat(30),
        "ß".repeat(40)
    );
    let whole = json(&body).excerpt.into_string();
    for limit in 0..=whole.len() {
        let shown = payload(JSON, None, body.as_bytes(), limit);
        let excerpt = shown.excerpt.as_str();
        assert!(excerpt.len() <= limit);
        assert!(residual(excerpt).is_empty(), "{excerpt}");
        if limit == whole.len() {
            assert_eq!((excerpt, shown.understood), (whole.as_str(), Understood::Whole));
            continue;
        }
        assert_eq!((shown.truncated, shown.understood), (true, Understood::Cut));
        let Some(beginning) = excerpt.strip_suffix("…[cut]") else {
            assert_eq!(excerpt, "");
            continue;
        };
        assert!(whole.starts_with(beginning), "{excerpt}");
        assert_eq!(beginning.matches('[').count(), beginning.matches(']').count(), "{excerpt}");
        assert_eq!(shown.report.findings.len(), 2, "findings cover what was cut off too");
    }
}

#[test]
fn hidden_and_reordering_characters_become_visible() {
    let shown = json("{\"a\":\"x\u{202e}y\u{200b}z\u{85}\"}");
    assert_eq!(shown.excerpt.as_str(), r#"{"a":"x\u202ey\u200bz\u0085"}"#);
    let (shown, _) = text("ok\u{1b}[2J \u{2066}a\u{2069} \u{e0041} b\rc\r\nd\te");
    assert_eq!(shown.as_str(), "ok\\u001b[2J \\u2066a\\u2069 \\udb40\\udc41 b\\u000dc\r\nd\te");
    let (shown, _) = headers([("x-note", b"a\nb\tc".as_slice())]);
    assert_eq!(shown[0].1.as_str(), "a\\u000ab\\u0009c");
}

#[test]
fn nothing_public_prints_a_secret() {
    let secret = "ghp_0r37civljsw58e53rnxju5gtuuh7iae0bjbb";
    assert_eq!(format!("{:?}", Raw::new(secret.into())), "Raw(40 bytes)");
    let shown = payload(Some(&format!("text/{secret}")), None, secret.as_bytes(), LIMIT);
    assert!(!format!("{shown:?}").contains(secret));
    let (shown, found) = headers([(secret, secret.as_bytes())]);
    assert!(!format!("{shown:?}{found:?}").contains(secret));
}

#[test]
fn masked_json_parses_with_the_same_names() {
    let body = r#"{"a":{"password":["x","y"],"pin":123},"b":[{"ssn":"536-22-8841"}],"c":"say \"hi\" to bob@corp.example"}"#;
    let before: serde_json::Value = serde_json::from_str(body).unwrap();
    let after: serde_json::Value = serde_json::from_str(json(body).excerpt.as_str()).unwrap();
    assert_eq!(names(&before), names(&after));
    assert_eq!(after["c"], "say \"hi\" to [email]");
}

fn names(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::Object(members) => {
            members.iter().flat_map(|(name, value)| [vec![name.clone()], names(value)].concat()).collect()
        }
        serde_json::Value::Array(elements) => elements.iter().flat_map(names).collect(),
        _ => vec![],
    }
}
