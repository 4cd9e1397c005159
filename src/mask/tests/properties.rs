//! What the crate promises, on inputs that nobody chose.

use countersign_mask::{Shown, Understood, headers, path, payload, query, residual, text};
use proptest::prelude::*;
use serde_json::Value;

/// Tokens whose bytes must never come out, whatever stands around them.
const TOKENS: &[&str] = &[
    "AKIAYRUNIJISSWZ7CDZR",
    "ghp_0r37civljsw58e53rnxju5gtuuh7iae0bjbb",
    "glpat-daQqn8GCpuzGBlQnrraA",
    "xoxb-818103670286-4071082907367-iuT1KYUTcCQhrqB0F81UQirE",
    "sk-ant-api03-5vDWMwpHG6gevXjpyGRyZi-zKQS7FOTObi5uEdbtCxtTXn5D",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ",
    "bob.smith@mail.corp.example",
    "4111111111111111",
    "DE89370400440532013000",
    "536-22-8841",
];

const MEDIA_TYPES: &[Option<&str>] = &[
    None,
    Some("application/json"),
    Some("application/x-www-form-urlencoded"),
    Some("text/plain"),
    Some("application/xml"),
    Some("multipart/form-data; boundary=x"),
];

/// Pieces that detectors react to, so that random text is not only noise to them.
const TELLING: &[&str] = &[
    "password",
    "token",
    "Authorization",
    "Cookie",
    "api_key",
    "=",
    ":",
    ": ",
    "\"",
    "'",
    "\\\"",
    "\\",
    "Bearer ",
    "basic ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&",
    ";",
    "\n",
    "\r",
    "\r\n\r\n",
    "://",
    "@",
    "%40",
    "%",
    "<password>",
    "</",
    "-----BEGIN PRIVATE KEY-----",
    "-----END",
    "--",
    "--password ",
    "-u ",
    "name=\"token\"",
    "[secret]",
    "[email",
    "[cut]",
    "…",
    "${",
    "sha256:",
    "eyJ",
    "sk-",
    "YWJjOmRlZmdoaWprbG1u",
    "\u{202e}",
    "\u{200b}",
    "ä",
    "漢",
    "value",
    "name: ",
    "Name: Ann Lee",
    "phone: ",
    "+44 20 7946 0958",
    "Jane Doe",
    "<a",
    "<a b=\"",
    "<key>",
    "<!--",
    "<![CDATA[",
    "]]>",
    "/>",
    "</a>",
    "&amp;",
    "&#64;",
    "%2540",
    "%0A",
    "=40",
    "=3D",
    "\\x70",
    "?token=",
    "#a=",
    "/reset/",
    "GET /x HTTP/1.1\r\n",
    "Host: x\r\n",
    "--x\r\nContent-Disposition: form-data; name=\"pin\"\r\n\r\n",
    "Content-Type: application/json\r\n\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
    "[secret/jwt/",
    "alg:RS256",
    "[binary 1",
    " kB]",
    "6162636465666768",
    "null",
    "-1.5e9",
    "\\u0041",
    "\\ud800",
    " ",
    "id,password,email\n",
    ",",
    "\t",
    "|",
    "INSERT INTO u (id, password, name) VALUES (",
    "')",
    "''",
    " WHERE pin IN (",
    "SELECT ",
    " IDENTIFIED BY ",
    " REPLACE ",
    "[a]",
    "\nPID|1||",
    "^",
    "\nBEGIN:VCARD\n",
    "\nTEL;TYPE=x:",
    "\napi:\n  key: ",
    "\npasswords:\n  - ",
    "\nkind: Secret\ndata:\n  ",
    " <",
    "Ann Lee",
    "$$",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(TELLING.to_vec()).prop_map(str::to_owned),
        1 => prop::sample::select(TOKENS.to_vec()).prop_map(str::to_owned),
        2 => "[ -~]{0,12}",
        1 => "\\PC{0,4}",
    ]
}

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..24).prop_map(|pieces| pieces.concat())
}

fn document() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        prop::sample::select(vec![
            "password",
            "apiToken",
            "name",
            "value",
            "card_number",
            "rows",
            "note",
            "cookie",
            "user",
            "email",
            "phone",
            "type",
            "firstName",
            "address"
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z_\"\\\\ é]{0,8}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        soup().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner.clone()), 0..5)
                .prop_map(|members| Value::from(members.into_iter().collect::<serde_json::Map<_, _>>())),
            inner.prop_map(|inner| Value::from(inner.to_string())),
        ]
    })
}

/// The shape of a document: names and nesting. Names that hold a token are masked, and so stand as one.
fn shape(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|(name, value)| {
                    if text(name).1.is_empty() { format!("{name:?}:{}", shape(value)) } else { shape(value) }
                })
                .collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(elements) => format!("[{}]", elements.iter().map(shape).collect::<Vec<_>>().join(",")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => "_".to_owned(),
    }
}

fn calm(shown: &Shown) {
    assert!(residual(shown.excerpt.as_str()).is_empty(), "{:?}", shown.excerpt);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(
        body in prop::collection::vec(any::<u8>(), 0..400),
        media_type in prop::sample::select(MEDIA_TYPES.to_vec()),
        limit in 0_usize..300,
    ) {
        let shown = payload(media_type, None, &body, limit);
        prop_assert!(shown.excerpt.as_str().len() <= limit);
        calm(&shown);
        let lossy = String::from_utf8_lossy(&body);
        for (masked, _) in [text(&lossy), query(&lossy), path(&lossy)] {
            prop_assert!(residual(masked.as_str()).is_empty());
        }
        for (_, value) in headers([(lossy.as_ref(), body.as_slice())]).0 {
            prop_assert!(residual(value.as_str()).is_empty());
        }
    }

    #[test]
    fn masking_comes_to_rest(body in soup(), media_type in prop::sample::select(MEDIA_TYPES.to_vec()), limit in 0_usize..400) {
        let shown = payload(media_type, None, body.as_bytes(), limit);
        prop_assert!(shown.excerpt.as_str().len() <= limit);
        calm(&shown);
        prop_assert!(!matches!(shown.understood, Understood::NotUnderstood { why: countersign_mask::Why::Unsettled }), "{}", body);
        for (masked, _) in [text(&body), query(&body), path(&body)] {
            prop_assert!(residual(masked.as_str()).is_empty());
            let (again, found) = text(masked.as_str());
            prop_assert_eq!((again.as_str(), found.findings), (masked.as_str(), vec![]));
        }
    }

    #[test]
    fn json_in_is_json_out_with_the_same_names(document in document()) {
        for body in [document.to_string(), format!("{document:#}")] {
            let shown = payload(Some("application/json"), None, body.as_bytes(), usize::MAX);
            let after: Value = serde_json::from_str(shown.excerpt.as_str()).expect("masked JSON is JSON");
            prop_assert_eq!(shape(&document), shape(&after));
            if shown.report.is_empty() {
                prop_assert_eq!(serde_json::from_str::<Value>(&body).expect("it was just written"), after);
            }
        }
    }

    #[test]
    fn a_planted_token_never_comes_out(
        token in prop::sample::select(TOKENS.to_vec()),
        before in "[ -~]{0,16}[ \"'=:,;({\\[]",
        after in "(|[ \"',;)}\\]\\n&][ -~]{0,16})",
        media_type in prop::sample::select(MEDIA_TYPES.to_vec()),
        limit in 0_usize..400,
    ) {
        let body = format!("{before}{token}{after}");
        let wrapped = Value::from(vec![Value::from(body.clone())]).to_string();
        for body in [body.as_str(), wrapped.as_str()] {
            let shown = payload(media_type, None, body.as_bytes(), limit);
            prop_assert!(!format!("{shown:?}").contains(token), "{:?}", shown);
            let said = format!("{:?} {:?} {:?} {:?}", text(body), query(body), path(body), headers([(body, body.as_bytes())]));
            prop_assert!(!said.contains(token), "{}", said);
        }
    }

    #[test]
    fn what_is_shown_is_at_most_twelve_times_the_payload(body in soup()) {
        let shown = payload(None, None, body.as_bytes(), usize::MAX);
        prop_assert!(shown.excerpt.as_str().len() <= 64 + 12 * body.len());
    }
}
