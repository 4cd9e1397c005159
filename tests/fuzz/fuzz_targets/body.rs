//! A body in every wrapping: its first byte says what it is declared to be, the rest is the body.
#![no_main]

use countersign_fuzz::decode;

const WRAPPINGS: [&[(&str, &str)]; 12] = [
    &[("content-type", "application/json")],
    &[("content-type", "application/json"), ("content-encoding", "gzip")],
    &[("content-type", "application/json"), ("content-encoding", "deflate")],
    &[("content-type", "application/json"), ("content-encoding", "br")],
    &[("content-type", "application/json; charset=utf-16")],
    &[("content-type", "application/x-www-form-urlencoded")],
    &[("content-type", "multipart/form-data; boundary=b")],
    &[("content-type", "application/yaml")],
    &[("content-type", "application/x-ndjson")],
    &[("content-type", "text/xml"), ("soapaction", "\"urn:x#Delete\"")],
    &[("content-type", "multipart/mixed; boundary=b")],
    &[],
];

const TARGETS: [(&str, &str); 6] = [
    ("a.example", "/v1/things"),
    ("api.thing.example", "/odata/$batch"),
    ("search.example:9200", "/_bulk"),
    ("k8s.example:6443", "/api/v1/namespaces/n/pods"),
    ("iam.amazonaws.com", "/"),
    ("git.example", "/a/b.git/git-receive-pack"),
];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((first, body)) = input.split_first() else { return };
    let first = usize::from(*first);
    let headers = WRAPPINGS.get(first % WRAPPINGS.len()).copied().unwrap_or_default();
    let (authority, path) = TARGETS.get(first / WRAPPINGS.len() % TARGETS.len()).copied().unwrap_or_default();
    decode("POST", authority, path, headers, Some(body));
});
