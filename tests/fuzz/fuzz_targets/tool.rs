//! Names that somebody gave: of an MCP tool, a gRPC method, a path segment.
#![no_main]

use countersign_fuzz::decode;

libfuzzer_sys::fuzz_target!(|name: &str| {
    let call = serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": name, "arguments": {"query": name}}});
    let json = [("content-type", "application/json")];
    decode("POST", "t.example", "/mcp", &json, Some(call.to_string().as_bytes()));
    decode(
        "POST",
        "g.example",
        &format!("/pkg.Service/{name}"),
        &[("content-type", "application/grpc")],
        Some(b""),
    );
    decode("GET", "a.example", &format!("/{name}"), &[], None);
    decode("POST", "a.example", &format!("/{name}"), &json, Some(b"{}"));
});
