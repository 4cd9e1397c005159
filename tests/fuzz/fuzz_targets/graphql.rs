//! A GraphQL document, bare and as a member of a request.
#![no_main]

use countersign_fuzz::decode;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    decode("POST", "g.example", "/graphql", &[("content-type", "application/graphql")], Some(input));
    if let Ok(text) = std::str::from_utf8(input) {
        let body = serde_json::json!({"query": text}).to_string();
        decode(
            "POST",
            "g.example",
            "/graphql",
            &[("content-type", "application/json")],
            Some(body.as_bytes()),
        );
    }
});
