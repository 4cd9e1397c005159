use miniz_oxide::deflate::compress_to_vec_zlib;
use serde_json::json;

use super::*;
use crate::call::sample::call;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn read(headers: &[(&str, &str)], body: &[u8]) -> Result<(Media, Vec<Value>), Obscurity> {
    let call = call("POST", "a.example", "/x", headers);
    match Payload::of(&call, Body::Read(body)) {
        Payload::Read(content) => Ok((content.media, content.readings)),
        Payload::Opaque(why) => Err(why),
        Payload::Absent | Payload::Unread => panic!(),
    }
}

fn kind(kind: &str, body: &str) -> Result<(Media, Vec<Value>), Obscurity> {
    read(&[("content-type", kind)], body.as_bytes())
}

#[test]
fn a_document_is_the_same_in_every_wrapping() {
    let text = r#"{"a": "é"}"#;
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xff\xfe", &wide[..]].concat();
    let json = "application/json";
    for (kind, encoding, body) in [
        (json, "", text.as_bytes().to_vec()),
        (json, "", format!("\u{feff} \r\n\t{text}\n").into_bytes()),
        ("application/json; charset=utf-16", "", marked.clone()),
        (json, "", wide.clone()),
        (json, "deflate", compress_to_vec_zlib(&marked, 6)),
        ("application/vnd.x+json; charset=\"UTF-8\"", "", text.as_bytes().to_vec()),
        ("text/plain", "", text.as_bytes().to_vec()),
        ("application/octet-stream", "deflate", compress_to_vec_zlib(text.as_bytes(), 6)),
        ("application/octet-stream", "", marked.clone()),
        ("application/x-www-form-urlencoded", "", text.as_bytes().to_vec()),
        ("application/yaml", "", text.as_bytes().to_vec()),
        ("", "", text.as_bytes().to_vec()),
    ] {
        let found = read(&[("content-type", kind), ("content-encoding", encoding)], &body);
        assert_eq!(found, Ok((Media::Json, vec![json!({"a": "é"})])), "{kind} {encoding}");
    }
}

#[test]
fn every_format_gives_its_document() {
    for (name, body, media, readings) in [
        ("application/x-ndjson", "{\"a\":1}\n{}\n", Media::Lines, vec![json!([{"a": 1}, {}])]),
        ("application/json", "{\"a\":1}\n{}\n", Media::Lines, vec![json!([{"a": 1}, {}]), json!({"a": 1})]),
        ("application/x-www-form-urlencoded", "a=%7b", Media::Form, vec![json!({"a": "{"})]),
        ("application/x-www-form-urlencoded", "{&a=1", Media::Form, vec![json!({"{": "", "a": "1"})]),
        (
            "application/x-www-form-urlencoded",
            "{\"a\":\"&b=1\"}",
            Media::Json,
            vec![json!({"a": "&b=1"}), json!({"{\"a\":\"": "", "b": "1\"}"})],
        ),
        (
            "multipart/form-data; boundary=\"b\"",
            "--b\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--b--\r\n",
            Media::Multipart,
            vec![json!({"a": "1"})],
        ),
        ("application/apply-patch+yaml", "kind: Pod\n", Media::Yaml, vec![json!({"kind": "Pod"})]),
        ("application/yaml", "kind: &a Pod\n", Media::Yaml, vec![]),
        ("text/xml; charset=utf-8", "<a><b>c</b></a>", Media::Xml, vec![json!({"a": {"b": "c"}})]),
        ("", "<a/>", Media::Xml, vec![json!({"a": ""})]),
        (
            "",
            "Action=DeleteUser&UserName=x",
            Media::Form,
            vec![json!({"Action": "DeleteUser", "UserName": "x"})],
        ),
        ("", "anything = at all", Media::None, vec![]),
        ("text/plain", "SELECT 1", Media::Other, vec![]),
        ("text/plain", "{hello}", Media::Other, vec![]),
        ("application/graphql", "{ a }", Media::GraphQl, vec![]),
        ("application/grpc", "\0\0", Media::Grpc, vec![]),
    ] {
        assert_eq!(kind(name, body), Ok((media, readings)), "{name} {body}");
    }
}

#[test]
fn what_two_servers_read_differently_is_opaque() {
    for (name, body, why) in [
        ("application/json", "{", Obscurity::Json),
        ("application/json", "{} x", Obscurity::Json),
        ("application/json", "9007199254740993", Obscurity::Json),
        ("application/json; charset=utf-7", "{}", Obscurity::Charset),
        ("application/json; charset=utf-8; charset=utf-16", "{}", Obscurity::Charset),
        ("text/plain; charset=utf-7", "SELECT 1 +ADs- DROP TABLE x", Obscurity::Charset),
        ("application/x-ndjson", "{}\nx", Obscurity::Json),
        ("multipart/form-data", "--b--", Obscurity::Multipart),
        ("multipart/form-data; boundary=b; charset=utf-16le", "--b--", Obscurity::Charset),
        ("application/json, text/plain", "{}", Obscurity::ContentType),
        ("text/plain", "{\"jsonrpc\":\"2.0\",}", Obscurity::ContentType),
    ] {
        assert_eq!(kind(name, body), Err(why), "{name} {body}");
    }
    let twice = [("content-type", "application/json"), ("content-type", "text/plain")];
    assert_eq!(read(&twice, b"{}"), Err(Obscurity::ContentType));
    assert_eq!(read(&[("content-encoding", "br")], b"{}"), Err(Obscurity::Encoding));
}

#[test]
fn binary_bodies_are_left_as_they_are() {
    let call = call("PUT", "a.example", "/x", &[("content-type", "application/octet-stream")]);
    for bytes in [&b"\xe4\xff\0\x01"[..], b"\xff\xfe\x01", b"k8s\0\n"] {
        match Payload::of(&call, Body::Read(bytes)) {
            Payload::Read(content) => assert_eq!(&*content.bytes, bytes),
            Payload::Absent | Payload::Unread | Payload::Opaque(_) => panic!(),
        }
    }
}

#[test]
fn a_large_body_of_a_format_that_must_be_read_is_opaque_and_any_other_has_no_readings() {
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(LIMITS.size));
    for name in [
        "application/json",
        "application/x-ndjson",
        "application/x-www-form-urlencoded",
        "application/graphql",
    ] {
        assert_eq!(kind(name, &large), Err(Obscurity::TooLarge), "{name}");
    }
    for name in
        ["", "text/plain", "application/octet-stream", "application/yaml", "multipart/form-data; boundary=b"]
    {
        assert_eq!(kind(name, &large).map(|(_, readings)| readings), Ok(vec![]), "{name}");
    }
    assert_eq!(kind("text/plain; charset=utf-16", &large), Err(Obscurity::Charset));
    let bomb = compress_to_vec_zlib(large.as_bytes(), 6);
    assert_eq!(read(&[("content-encoding", "deflate")], &bomb), Err(Obscurity::TooLarge));
}

#[cfg(not(target_arch = "wasm32"))]
mod arbitrary {
    use super::*;
    use proptest::prelude::*;

    const KINDS: [&str; 12] = [
        "",
        "application/json",
        "application/json; charset=utf-16",
        "application/x-ndjson",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "application/yaml",
        "text/xml",
        "application/graphql",
        "application/grpc",
        "text/plain; charset=latin1",
        "a/b;charset=utf-32",
    ];
    const ENCODINGS: [&str; 6] = ["", "gzip", "deflate", "aws-chunked", "br", "deflate, deflate"];

    proptest! {
        #[test]
        fn no_body_makes_decoding_panic(bytes: Vec<u8>, kind in 0usize..12, encoding in 0usize..6, zip: bool) {
            let body = if zip { compress_to_vec_zlib(&bytes, 1) } else { bytes };
            let headers = [("content-type", KINDS[kind]), ("content-encoding", ENCODINGS[encoding])];
            let call = call("POST", "a.example", "/x", &headers);
            drop(Payload::of(&call, Body::Read(&body)));
        }

        #[test]
        fn no_text_makes_a_reader_panic(text in "[-a:b \\n\"'<>/&;=?!|{}\\[\\],#\\r]{0,60}", kind in 0usize..12) {
            let call = call("POST", "a.example", "/x", &[("content-type", KINDS[kind])]);
            drop(Payload::of(&call, Body::Read(text.as_bytes())));
        }

        #[test]
        fn what_yaml_reads_it_reads_of_what_it_would_write(name in "[a-z]{1,6}", value in "[a-zA-Z0-9/.-]{1,9}") {
            prop_assume!(!matches!(value.as_str(), "true" | "false" | "null") && !value.starts_with('-') && value != "...");
            let text = format!("a:\n  - {name}: {value}\n    x: '{value}'\n");
            prop_assume!(name != "x");
            let mut item = serde_json::Map::new();
            item.insert(name, value.clone().into());
            item.insert("x".to_owned(), value.into());
            prop_assert_eq!(yaml::read(&text), Some(json!({"a": [item]})));
        }
    }
}
