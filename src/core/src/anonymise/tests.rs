#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use countersign_mask::{Field, Kind, Strategy, What};

use super::*;
use crate::{call::Scheme, policy::AnonymiseResponse};

const BODY: &str = r#"{"to":"ann@corp.example","n":1}"#;
const LABELLED: &str = r#"{"to":"[email]","n":1}"#;
const JSON: (&str, &str) = ("content-type", "application/json");

fn rules(otherwise: Otherwise) -> Anonymise {
    let email = Field { what: What::Kind, kind: Some(Kind::Email), strategy: Strategy::Label };
    let fields = Fields::new(vec![email]).unwrap();
    let response = Some(AnonymiseResponse { fields: fields.clone(), limit: 100, otherwise });
    Anonymise { rule: "r".into(), request: fields, response }
}

fn destinations() -> Destinations {
    Destinations::new(Scheme::Https, &[] as &[String]).unwrap()
}

fn changed(path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Changed, String> {
    let own = [(":method", "POST"), (":authority", "a.test"), (":path", path)];
    let call =
        Call::read(HeaderMap::from_pairs(own.iter().chain(headers).copied()), &destinations()).unwrap();
    request(&rules(Otherwise::Refuse), Masker::plain(), &destinations(), &call, body)
}

fn edit<'e>(edits: &'e [Edit], name: &str) -> Option<&'e Option<String>> {
    edits.iter().find(|edit| edit.name == name).map(|edit| &edit.value)
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    file.extend(miniz_oxide::deflate::compress_to_vec(plain, 6));
    // The checksum is not compared.
    file.extend([0; 4]);
    file.extend(u32::try_from(plain.len()).unwrap().to_le_bytes());
    file
}

#[test]
fn body_and_query_are_rewritten_and_the_head_says_so() {
    let done = changed(
        "/x?q=bob%40corp.example&p=1",
        &[JSON, ("content-digest", "sha-256=:AAAA:")],
        BODY.as_bytes(),
    );
    let done = done.unwrap();
    assert_eq!(done.body.as_deref(), Some(LABELLED.as_bytes()));
    let call = done.call.unwrap();
    assert_eq!(call.query(), "?q=%5Bemail%5D&p=1");
    assert_eq!(edit(&done.edits, ":path"), Some(&Some("/x?q=%5Bemail%5D&p=1".to_owned())));
    assert_eq!(call.headers().text("content-digest"), Some(content_digest(LABELLED.as_bytes()).as_str()));
    assert_eq!(call.headers().text("accept-encoding"), Some("identity"));
    let told = done.told.value();
    assert_eq!(told["counts"]["email"], 2);
    let places: Vec<&str> = done.told.places.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(places, ["$.query.q", "$.to"]);
}

#[test]
fn what_needs_no_change_keeps_its_digests_its_encoding_and_its_signature() {
    let headers = [
        JSON,
        ("content-md5", "x"),
        ("content-encoding", "gzip"),
        ("authorization", "AWS4-HMAC-SHA256 Credential=x"),
    ];
    let done = changed("/x?p=1", &headers, &gzip(b"{\"n\":1}")).unwrap();
    assert!(done.body.is_none());
    let names: Vec<&str> = done.edits.iter().map(|edit| edit.name.as_str()).collect();
    assert_eq!(names, ["accept-encoding"]);
}

#[test]
fn a_compressed_body_is_sent_plain() {
    let headers = [JSON, ("content-encoding", "gzip"), ("content-md5", "x"), ("x-amz-checksum-crc32", "y")];
    let done = changed("/", &headers, &gzip(BODY.as_bytes())).unwrap();
    assert_eq!(done.body.as_deref(), Some(LABELLED.as_bytes()));
    for name in ["content-encoding", "content-md5", "x-amz-checksum-crc32"] {
        assert_eq!(edit(&done.edits, name), Some(&None), "{name}");
        assert!(done.call.as_ref().unwrap().headers().get(name).is_none());
    }
    for encoding in ["br", "zstd", "gzip, gzip"] {
        let refused =
            changed("/", &[JSON, ("content-encoding", encoding)], &gzip(BODY.as_bytes())).unwrap_err();
        assert_eq!(refused, "the body cannot be anonymised as rule `r` demands: it is compressed or encoded");
    }
}

#[test]
fn a_signed_body_or_query_is_refused_with_a_sentence_that_says_so() {
    for (name, value) in [
        ("authorization", "AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=y"),
        ("authorization", "AWS4-ECDSA-P256-SHA256 Credential=x"),
        ("authorization", "GOOG4-RSA-SHA256 Credential=x"),
        ("authorization", "SharedKey account:mac"),
        ("authorization", "OAuth oauth_signature=\"x\""),
        ("authorization", "Hawk id=\"x\", mac=\"y\""),
        ("authorization", "TC3-HMAC-SHA256 Credential=x"),
        ("authorization", "Digest username=\"x\", qop=auth-int"),
        ("x-amz-content-sha256", "0000"),
        ("signature", "sig1=:AAAA:"),
        ("x-hub-signature-256", "sha256=00"),
    ] {
        let refused = changed("/", &[JSON, (name, value)], BODY.as_bytes()).unwrap_err();
        assert!(refused.contains(&format!("has signed what would be anonymised (`{name}`)")), "{refused}");
    }
    let presigned = "/?to=ann@corp.example&X-Amz-Signature=00";
    assert!(changed(presigned, &[], b"").unwrap_err().contains("`x-amz-signature`"));
    for fine in [
        [("authorization", "Bearer x"), JSON],
        [("authorization", "Digest username=\"x\", qop=auth"), JSON],
        [("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), JSON],
    ] {
        assert!(changed("/", &fine, BODY.as_bytes()).is_ok(), "{fine:?}");
    }
}

#[test]
fn what_is_not_understood_does_not_leave() {
    for (headers, body, why) in [
        (&[JSON][..], &b"{\"a\""[..], "not well-formed"),
        (&[JSON, ("content-type", "text/plain")], BODY.as_bytes(), "of two types"),
        (
            &[("content-type", "multipart/form-data; boundary=x")],
            b"--x--",
            "of a type that cannot be rewritten",
        ),
        (&[("content-type", "application/x-protobuf")], b"\n\x01", "binary"),
        (&[], b"\xff\xfe", "not UTF-8 text"),
    ] {
        let refused = changed("/", headers, body).unwrap_err();
        assert!(refused.ends_with(&format!("it is {why}")), "{refused}");
    }
    let grpc = changed("/", &[("content-type", "application/grpc+proto")], b"").unwrap_err();
    assert!(grpc.contains("gRPC"), "{grpc}");
}

fn answered(headers: &[(&str, &str)], body: &str) -> Result<(Option<Vec<u8>>, Vec<Edit>), String> {
    let rules = rules(Otherwise::Refuse).response.unwrap();
    let head = ResponseHead::read(&HeaderMap::from_pairs(headers.iter().copied()), &rules)?;
    head.rewrite(&rules.fields, Masker::plain(), body.as_bytes()).map(|done| (done.body, done.edits))
}

#[test]
fn an_answers_length_and_validators_are_mended_only_where_it_changes() {
    let headers = [(":status", "200"), JSON, ("content-length", "31"), ("etag", "\"x\""), ("digest", "y")];
    let (body, edits) = answered(&headers, BODY).unwrap();
    assert_eq!(body.as_deref(), Some(LABELLED.as_bytes()));
    assert_eq!(edit(&edits, "content-length"), Some(&Some(LABELLED.len().to_string())));
    assert_eq!((edit(&edits, "etag"), edit(&edits, "digest")), (Some(&None), Some(&None)));
    assert_eq!(answered(&headers, "{}").unwrap(), (None, Vec::new()));
    let framed = answered(&[(":status", "200"), JSON], BODY).unwrap().1;
    assert!(framed.is_empty(), "a chunked answer stays one");
}

#[test]
fn an_answer_that_is_no_whole_is_known_by_its_head() {
    for (headers, why) in [
        (&[(":status", "206"), JSON][..], "a part of a whole"),
        (&[(":status", "101")], "a stream"),
        (&[(":status", "200"), JSON, ("content-length", "101")], "larger than 100 bytes"),
        (&[(":status", "200"), JSON, ("content-encoding", "gzip")], "compressed or encoded"),
        (&[(":status", "200"), JSON, ("content-encoding", "identity, br")], "compressed or encoded"),
        (&[(":status", "200"), ("content-type", "text/event-stream")], "a stream"),
        (&[(":status", "200"), ("content-type", "application/grpc")], "binary"),
        (&[(":status", "200"), ("content-type", "image/png")], "binary"),
        (
            &[(":status", "200"), ("content-type", "application/octet-stream")],
            "of a type that cannot be rewritten",
        ),
        (&[(":status", "200"), JSON, ("content-type", "text/html")], "of a type that cannot be rewritten"),
    ] {
        assert_eq!(answered(headers, "").unwrap_err(), why, "{headers:?}");
    }
    assert!(answered(&[(":status", "200")], "").is_ok(), "a type that is not named shows in the body");
}
