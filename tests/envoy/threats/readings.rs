//! Requests that two readers read differently: nothing is judged by its milder reading, and what cannot be read is judged as a
//! write. Each row is sent as it stands to a real Envoy whose policy lets reads pass.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use countersign_tests::agent::{Exchange, Request};
use countersign_tests::backend::Step;
use countersign_tests::setting::{Setting, host};
use serde_json::json;

use super::hasty;

const GRAPHQL_READ: &str = "{\"query\":\"query { me { id } }\"}";

fn post(target: &str, body: impl Into<Vec<u8>>) -> Request {
    Request::post(&host("api.test"), target, body)
}

fn tool(name: &str) -> serde_json::Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": {"id": 7}}})
}

fn list() -> serde_json::Value {
    json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}})
}

/// What passes where it is spelled as everybody reads it: the rows below are about their spelling.
fn reads() -> Vec<(&'static str, Request)> {
    vec![
        ("a GET", Request::get(&host("api.test"), "/customers/7")),
        ("a GraphQL query", post("/graphql", GRAPHQL_READ)),
        ("a list of tools", post("/mcp", list().to_string())),
    ]
}

/// Overrides and GraphQL.
fn misread_operations() -> Vec<(&'static str, Request)> {
    let two = "query A { me { id } } mutation B { deleteCustomer(id: 7) { id } }";
    vec![
        (
            "a method override",
            Request::get(&host("api.test"), "/customers/7").header("x-http-method-override", "DELETE"),
        ),
        (
            "another method override",
            Request::get(&host("api.test"), "/customers/7").header("x-method-override", "PUT"),
        ),
        (
            "a third method override",
            Request::get(&host("api.test"), "/customers/7").header("x-http-method", "PATCH"),
        ),
        ("an override in the query", Request::new("POST", &host("api.test"), "/customers/7?_method=DELETE")),
        (
            "a mutation that comes second",
            post("/graphql", json!({"query": two, "operationName": "B"}).to_string()),
        ),
        ("two operations and no name", post("/graphql", json!({"query": two}).to_string())),
        (
            "two operations and a name that is none of them",
            post("/graphql", json!({"query": two, "operationName": "C"}).to_string()),
        ),
        (
            "a mutation under an alias",
            post("/graphql", json!({"query": "mutation { me: deleteCustomer(id: 7) { id } }"}).to_string()),
        ),
        (
            "a query and a mutation in a batch",
            post(
                "/graphql",
                format!("[{GRAPHQL_READ},{{\"query\":\"mutation {{ deleteCustomer(id: 7) {{ id }} }}\"}}]"),
            ),
        ),
        (
            "two queries under one name, first mild",
            post(
                "/graphql",
                "{\"query\":\"query { me { id } }\",\"query\":\"mutation { deleteCustomer(id: 7) { id } }\"}",
            ),
        ),
        (
            "two queries under one name, last mild",
            post(
                "/graphql",
                "{\"query\":\"mutation { deleteCustomer(id: 7) { id } }\",\"query\":\"query { me { id } }\"}",
            ),
        ),
        (
            "a query in the target, a mutation in the body",
            post(
                "/graphql?query=%7Bme%7Bid%7D%7D",
                json!({"query": "mutation { deleteCustomer(id: 7) { id } }"}).to_string(),
            ),
        ),
        (
            "a persisted query that nobody knows",
            post(
                "/graphql",
                json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "ab"}}}).to_string(),
            ),
        ),
        ("a query that ends early", post("/graphql", "{\"query\":\"query { me { id }")),
    ]
}

/// Tools, encodings and framing.
fn misread_bodies() -> Vec<(&'static str, Request)> {
    vec![
        ("a tool in a batch with a list", post("/mcp", json!([list(), tool("delete_customer")]).to_string())),
        (
            "two methods under one name, first mild",
            post("/mcp", tool("delete_customer").to_string().replacen('{', "{\"method\":\"tools/list\",", 1)),
        ),
        (
            "two methods under one name, last mild",
            post("/mcp", tool("delete_customer").to_string().replace("}}}", "}},\"method\":\"tools/list\"}")),
        ),
        (
            "a header that names another method",
            post("/mcp", tool("delete_customer").to_string()).header("mcp-method", "tools/list"),
        ),
        (
            "a header that names another tool",
            post("/mcp", tool("delete_customer").to_string()).header("mcp-name", "get_customer"),
        ),
        (
            "a method with an escaped letter",
            post("/mcp", tool("delete_customer").to_string().replace("tools/call", "tools\\u002fcall")),
        ),
        (
            "a query compressed as nobody knows",
            post("/graphql", GRAPHQL_READ).header("content-encoding", "x-unknown"),
        ),
        (
            "a query that says it is compressed",
            post("/graphql", GRAPHQL_READ).header("content-encoding", "gzip"),
        ),
        ("a query in two encodings", post("/graphql", GRAPHQL_READ).header("content-encoding", "gzip, br")),
        (
            "a query in another character set",
            post("/graphql", GRAPHQL_READ).header("content-type", "application/json; charset=utf-7"),
        ),
        (
            "a mutation behind a byte order mark",
            post(
                "/graphql",
                format!("\u{feff}{}", json!({"query": "mutation { deleteCustomer(id: 7) { id } }"})),
            ),
        ),
        (
            "two documents",
            post(
                "/graphql",
                format!("{GRAPHQL_READ}{{\"query\":\"mutation {{ deleteCustomer(id: 7) {{ id }} }}\"}}"),
            ),
        ),
        ("a body that is chunked and has trailers", post("/customers", "{\"id\":7}").trailer("x-end", "1")),
    ]
}

/// Waits until somebody was asked, or the agent was answered, and a moment longer.
fn settled(setting: &Setting, host: &str, exchange: &Exchange) {
    let start = Instant::now();
    let asked = || !setting.backend.asked(host, Step::Submit).is_empty();
    while !asked() && exchange.is_waiting() && start.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(50));
}

#[test]
fn no_reading_of_a_write_passes_for_a_read() -> Result<()> {
    let setting = hasty()?;
    let mut at_fault = Vec::new();
    for (name, request) in misread_operations().into_iter().chain(misread_bodies()) {
        let exchange = setting.agent().http1(&request)?;
        settled(&setting, &request.authority, &exchange);
        if setting.upstream.count(&request.authority) != 0 {
            at_fault.push(name);
        }
        exchange.leave();
    }
    ensure!(at_fault.is_empty(), "these left unasked: {at_fault:#?}");
    Ok(())
}

#[test]
fn the_plain_spelling_of_a_read_passes() -> Result<()> {
    let setting = hasty()?;
    for (name, request) in reads() {
        let answer = setting.agent().http1(&request)?.answer()?;
        let arrived = setting.upstream.count(&request.authority);
        ensure!(answer.status == 200 && arrived == 1, "{name}: {} {}", answer.status, answer.text());
    }
    Ok(())
}

/// gRPC says in a byte whether a message is compressed, and in another whether more follow.
#[test]
fn a_grpc_write_is_held_however_it_is_framed() -> Result<()> {
    let setting = hasty()?;
    let framed = |flag: u8, message: &[u8]| -> Result<Vec<u8>> {
        Ok([&[flag], u32::try_from(message.len())?.to_be_bytes().as_slice(), message].concat())
    };
    let plain = framed(0, b"\x0a\x01\x37")?;
    for (name, body) in [
        ("compressed, it says", framed(1, b"\x0a\x01\x37")?),
        ("an unknown flag", framed(0x7f, b"\x0a\x01\x37")?),
        ("two messages", [plain.clone(), plain.clone()].concat()),
        ("half a message", plain.get(..6).unwrap_or_default().to_vec()),
        ("longer than it is", [&[0, 0, 0, 1, 0], b"\x0a\x01\x37".as_slice()].concat()),
    ] {
        let request = Request::grpc(&host("api.test"), "/shop.Orders/DeleteOrder", b"").body(body);
        let exchange = setting.agent().http2(&request)?;
        settled(&setting, &request.authority, &exchange);
        ensure!(setting.upstream.count(&request.authority) == 0, "{name}: it left");
        exchange.leave();
    }
    Ok(())
}

/// A tunnel shows nothing of what goes through it, so none is opened unasked.
#[test]
fn no_tunnel_is_opened_on_a_guarded_host_and_no_byte_of_it_passes() -> Result<()> {
    let setting = hasty()?;
    for (kind, key) in [
        ("websocket", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n"),
        ("h2c", "http2-settings: AAMAAABkAAQAAP__\r\n"),
    ] {
        let host = host("held.test");
        let mut raw = setting.agent().raw()?;
        raw.write(
            format!(
                "GET /stream HTTP/1.1\r\nhost: {host}\r\nconnection: upgrade\r\nupgrade: {kind}\r\n{key}\r\n"
            )
            .as_bytes(),
        )?;
        let answer = raw.answer(Duration::from_secs(20))?;
        ensure!(answer.status != 101 && answer.status != 200, "{kind}: {} {}", answer.status, answer.text());
        raw.write(b"\x81\x05hello").ok();
        std::thread::sleep(Duration::from_millis(200));
        ensure!(setting.upstream.count(&host) == 0, "{kind}: it left");
    }
    for target in ["10.0.0.7:443", "[::1]:443", "api.held.test:22", "h.held.test:8443"] {
        let mut raw = setting.agent().raw()?;
        raw.write(format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n").as_bytes())?;
        let answer = raw.answer(Duration::from_secs(20))?;
        ensure!(answer.status != 200, "CONNECT {target}: a tunnel was opened");
        raw.write(b"bytes for the tunnel").ok();
        std::thread::sleep(Duration::from_millis(100));
        ensure!(setting.upstream.count(target) == 0, "CONNECT {target}: it left");
    }
    Ok(())
}
