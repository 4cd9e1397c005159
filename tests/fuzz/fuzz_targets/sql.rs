//! A statement, where statements stand: as the body of Trino's, as a member of Snowflake's, in ClickHouse's query.
#![no_main]

use countersign_fuzz::decode;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    decode("POST", "trino.example:8443", "/v1/statement", &[("content-type", "text/plain")], Some(input));
    if let Ok(text) = std::str::from_utf8(input) {
        let body = serde_json::json!({"statement": text, "database": "d"}).to_string();
        let json = [("content-type", "application/json")];
        decode("POST", "a.snowflakecomputing.com", "/api/v2/statements", &json, Some(body.as_bytes()));
    }
});
