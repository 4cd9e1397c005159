use crate::action::{Class, Decoded, Decoders};
use crate::call::{Body, Call, Destinations, HeaderMap};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn classes(authority: &str, path: &str, media: &str, body: &str) -> Option<Vec<Class>> {
    let pairs = [(":method", "POST"), (":authority", authority), (":path", path), ("content-type", media)];
    let call = Call::read(HeaderMap::from_pairs(pairs), &Destinations::default()).unwrap();
    match Decoders::default().decode(&call, Body::Read(body.as_bytes())) {
        Decoded::Known(members) => Some(members.iter().map(|member| member.action.class).collect()),
        _ => None,
    }
}

#[test]
fn every_part_of_a_multipart_batch_is_judged() {
    let body = "--b\r\nContent-Type: application/http\r\n\r\nGET /storage/v1/b/x/o/y HTTP/1.1\r\n\r\n\r\n--b\r\nContent-Type: application/http\r\n\r\nDELETE /storage/v1/b/x/o/y HTTP/1.1\r\n\r\n\r\n--b--\r\n";
    let found = classes("storage.googleapis.com", "/batch/storage/v1", "multipart/mixed; boundary=b", body);
    assert_eq!(found, Some(vec![Class::ReadOnly, Class::DataDelete]));
}

#[test]
fn an_override_in_a_part_counts() {
    let body = "--b\r\nContent-Type: application/http\r\n\r\nGET /storage/v1/b/x/o/y HTTP/1.1\r\nX-HTTP-Method-Override: DELETE\r\n\r\n\r\n--b--\r\n";
    let found = classes("storage.googleapis.com", "/batch/storage/v1", "multipart/mixed; boundary=b", body);
    assert_eq!(found, Some(vec![Class::DataDelete]));
}

#[test]
fn a_batch_that_cannot_be_read_is_no_read() {
    for body in [
        "",
        "--b--",
        "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: base64\r\n\r\nREVMRVRFIC94\r\n--b--",
    ] {
        assert_eq!(
            classes("www.googleapis.com", "/batch", "multipart/mixed; boundary=b", body),
            None,
            "{body}"
        );
    }
}

#[test]
fn every_request_of_a_json_batch_is_judged() {
    let body = r#"{"requests":[{"id":"1","method":"GET","url":"/me/messages"},{"id":"2","method":"DELETE","url":"/users/x"}]}"#;
    let found = classes("graph.microsoft.com", "/v1.0/$batch", "application/json", body).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found.first(), Some(&Class::ReadOnly));
    assert!(found.last() > Some(&Class::ReadOnly));
}
