//! Every place in which a request can carry a secret, and every format of a body, each with a secret of its own.
//!
//! Two kinds are planted: one that is known by its shape wherever it stands, and one that is a mere word and is known by
//! the name of its field alone. The word is planted only where something names it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign_tests::agent::Request;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::Write as _;

use super::finder::each;

/// What every secret that is known by its shape ends in.
pub(super) const SHAPED: &str = "Q7wmZk3vXe";
/// What every secret that is known by its field's name begins with.
pub(super) const NAMED: &str = "tarnholdwick";
/// What is no secret, and must be seen by the reviewer.
pub(super) const HARMLESS: &str = "meadowlark";

/// A request with a secret in one place.
pub(super) struct Planted {
    /// Where.
    pub(super) place: &'static str,
    /// The request; its host is set when it is sent.
    pub(super) request: Request,
}

/// The secrets of one place.
struct Secrets {
    /// By its shape.
    s: String,
    /// By its name.
    p: String,
}

impl Secrets {
    fn of(number: usize) -> Self {
        // The shape of a vendor's live key; put together here, so that no scanner takes this file for a leak.
        Self { s: format!("sk_{}_51HbPq{number:02}tR2nYc{SHAPED}", "live"), p: format!("{NAMED}{number:02}") }
    }
}

fn post(target: &str, media_type: &str, body: impl Into<Vec<u8>>) -> Request {
    Request::new("POST", "", target).header("content-type", media_type).body(body)
}

/// A body in a field of JSON and a plain word beside it.
fn json(body: &serde_json::Value) -> Request {
    let mut body = body.clone();
    body["purpose"] = json!(HARMLESS);
    post("/v2/import", "application/json", body.to_string())
}

fn text(body: &str) -> Request {
    post("/v2/import", "text/plain", format!("purpose {HARMLESS}\n{body}\n"))
}

fn header(name: &str, value: &str) -> Request {
    json(&json!({"rows": 12})).header(name, value)
}

fn percent(text: &str) -> String {
    each(text.as_bytes(), "%", "")
}

fn jwt(claims: &serde_json::Value) -> String {
    let part = |part: &str| URL_SAFE_NO_PAD.encode(part);
    format!(
        "{}.{}.{}",
        part("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"),
        part(&claims.to_string()),
        part("0123456789abcdef")
    )
}

type Plant = fn(&Secrets) -> Request;

/// The head: path, query, headers.
const HEAD: &[(&str, Plant)] = &[
    ("path segment", |k| post(&format!("/v2/import/{}/rows", k.s), "text/plain", HARMLESS)),
    ("path segment after a telling one", |k| post(&format!("/v2/token/{}", k.s), "text/plain", HARMLESS)),
    ("path, percent-encoded", |k| post(&format!("/v2/import/{}", percent(&k.s)), "text/plain", HARMLESS)),
    ("path parameter", |k| post(&format!("/v2/import;password={}/rows", k.p), "text/plain", HARMLESS)),
    ("query value by shape", |k| post(&format!("/v2/import?note={}", k.s), "text/plain", HARMLESS)),
    ("query value by name", |k| post(&format!("/v2/import?password={}&n=1", k.p), "text/plain", HARMLESS)),
    ("query value, percent-encoded", |k| {
        post(&format!("/v2/import?a={}", percent(&k.s)), "text/plain", HARMLESS)
    }),
    ("query name", |k| post(&format!("/v2/import?{}=1", k.s), "text/plain", HARMLESS)),
    ("query without names", |k| post(&format!("/v2/import?{}", k.s), "text/plain", HARMLESS)),
    ("authorization, bearer", |k| header("authorization", &format!("Bearer {}", k.s))),
    ("authorization, basic", |k| {
        header("authorization", &format!("Basic {}", STANDARD.encode(format!("reports:{}", k.p))))
    }),
    ("authorization, a scheme of its own", |k| header("authorization", &format!("Vendor {}", k.p))),
    ("authorization without a scheme", |k| header("authorization", &k.p)),
    ("proxy-authorization", |k| header("x-proxy-authorization", &format!("Bearer {}", k.s))),
    ("cookie", |k| header("cookie", &format!("theme=dark; session={}; note={}", k.p, k.s))),
    ("x-api-key", |k| header("x-api-key", &k.p)),
    ("any header", |k| header("x-note", &format!("made with {}", k.s))),
    ("header name", |k| header(&format!("x-{}", k.s.replace('_', "-")), "1")),
    ("user-agent", |k| header("user-agent", &format!("agent/1.0 ({})", k.s))),
    ("referer", |k| header("referer", &format!("https://console.test/?password={}&s={}", k.p, k.s))),
    ("traceparent", |k| header("traceparent", &format!("00-{}", k.s))),
    ("tracestate", |k| header("tracestate", &format!("vendor={}", k.s))),
    ("baggage", |k| header("baggage", &format!("password={},note={}", k.p, k.s))),
    ("justification", |k| {
        header("countersign-justification", &format!("as agreed, password: {} and {}", k.p, k.s))
    }),
    ("idempotency-key", |k| header("idempotency-key", &k.s)),
    ("media type", |k| post("/v2/import", &format!("application/json; profile={}", k.s), "{\"a\":1}")),
    ("media type itself", |k| post("/v2/import", &format!("application/{}", k.s), HARMLESS)),
    ("content-encoding", |k| header("content-encoding", &k.s)),
    ("prefer", |k| header("prefer", &format!("respond-async, note={}", k.s))),
    ("accept", |k| header("accept", &format!("application/json; token={}", k.s))),
    ("method override", |k| header("x-http-method-override", &k.s)),
    ("forwarded", |k| header("x-forwarded-for", &k.s)),
];

/// Bodies, format by format.
const BODY: &[(&str, Plant)] = &[
    ("JSON", |k| json(&json!({"note": k.s, "password": k.p}))),
    ("JSON, deep", |k| json(&json!({"a": [{"b": {"c": [{"note": k.s, "db": {"client_secret": k.p}}]}}]}))),
    ("JSON, a name", |k| json(&json!({k.s.as_str(): 1}))),
    ("JSON in JSON", |k| {
        let inner = json!({"note": k.s, "password": k.p}).to_string();
        json(&json!({"payload": json!({"inner": inner}).to_string()}))
    }),
    ("JSON with escapes", |k| {
        let escaped = each(k.p.as_bytes(), "\\u00", "");
        let shaped = each(k.s.as_bytes(), "\\u00", "");
        let body = format!("{{\"password\":\"{escaped}\",\"note\":\"{shaped}\",\"purpose\":\"{HARMLESS}\"}}");
        post("/v2/import", "application/json", body)
    }),
    ("JSON, cut off", |k| {
        let body = format!("{{\"purpose\":\"{HARMLESS}\",\"password\":\"{}\",\"note\":\"{}\",\"b", k.p, k.s);
        post("/v2/import", "application/json", body)
    }),
    ("NDJSON", |k| {
        let lines = format!("{}\n{}\n", json!({"purpose": HARMLESS}), json!({"password": k.p, "note": k.s}));
        post("/v2/import", "application/x-ndjson", lines)
    }),
    ("form", |k| {
        let body = format!("purpose={HARMLESS}&password={}&note={}", k.p, percent(&k.s));
        post("/v2/import", "application/x-www-form-urlencoded", body)
    }),
    ("query string in JSON", |k| json(&json!({"next": format!("?page=2&password={}&note={}", k.p, k.s)}))),
    ("multipart", |k| {
        let part = |name: &str, value: &str| {
            format!("--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = [part("purpose", HARMLESS), part("password", &k.p), part("note", &k.s)].concat();
        post("/v2/import", "multipart/form-data; boundary=b0undary", format!("{body}--b0undary--\r\n"))
    }),
    ("XML", |k| {
        let body = format!(
            "<import purpose=\"{HARMLESS}\"><user password=\"{p}\"/><password>{p}</password><note>{s}</note></import>",
            p = k.p,
            s = k.s
        );
        post("/v2/import", "application/xml", body)
    }),
    ("YAML", |k| {
        let body = format!("purpose: {HARMLESS}\ndb:\n  password: {}\n  notes:\n  - {}\n", k.p, k.s);
        post("/v2/import", "application/yaml", body)
    }),
    ("environment", |k| text(&format!("DB_PASSWORD={}\nexport NOTE='{}'", k.p, k.s))),
    ("shell", |k| text(&format!("curl -u reports:{} -H 'X-Note: {}' https://api.test/v2", k.p, k.s))),
    ("shell option", |k| text(&format!("mysql --user=reports --password={} --comment {}", k.p, k.s))),
    ("SQL", |k| {
        let sql =
            format!("UPDATE users SET password = '{}', note = '{}' WHERE team = '{HARMLESS}'", k.p, k.s);
        post("/v2/sql", "application/sql", sql)
    }),
    ("SQL in JSON", |k| {
        json(
            &json!({"query": format!("INSERT INTO users (id, password, note) VALUES (7, '{}', '{}')", k.p, k.s)}),
        )
    }),
    ("GraphQL variables", |k| {
        let query = "mutation Set($p: String!) { setPassword(password: $p) { id } }";
        let mut request = json(&json!({"query": query, "variables": {"password": k.p, "note": k.s}}));
        "/graphql".clone_into(&mut request.target);
        request
    }),
    ("GraphQL, inline", |k| {
        let query = format!("mutation {{ setUser(password: \"{}\", note: \"{}\") {{ id }} }}", k.p, k.s);
        let mut request = json(&json!({ "query": query }));
        "/graphql".clone_into(&mut request.target);
        request
    }),
    ("MCP arguments", |k| {
        Request::tool("", "set_password", &json!({"purpose": HARMLESS, "password": k.p, "note": k.s}))
    }),
    ("MCP tool", |k| Request::tool("", &k.s, &json!({"purpose": HARMLESS}))),
    ("JSON-RPC method", |k| {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": k.s, "params": {"purpose": HARMLESS}});
        post("/rpc", "application/json", call.to_string())
    }),
    ("gRPC", |k| Request::grpc("", "/shop.Orders/DeleteOrder", k.s.as_bytes())),
    ("CSV", |k| {
        post("/v2/import", "text/csv", format!("purpose,password,note\n{HARMLESS},{},{}\n", k.p, k.s))
    }),
    ("JWT", |k| json(&json!({"note": jwt(&json!({"sub": "reports", "password": k.p, "note": k.s}))}))),
    ("basic credentials", |k| {
        text(&format!("Authorization: Basic {}", STANDARD.encode(format!("reports:{}", k.p))))
    }),
    ("connection string", |k| {
        json(
            &json!({"dsn": format!("Server=db.test;Database=crm;User Id=reports;Password={};", k.p), "note": k.s}),
        )
    }),
    ("user info of a URL", |k| json(&json!({"target": format!("postgres://reports:{}@db.test/crm", k.p)}))),
    ("signed URL", |k| {
        let url = format!(
            "https://files.test/a.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature={}&X-Amz-Security-Token={}",
            k.p, k.s
        );
        json(&json!({ "target": url }))
    }),
    ("base64", |k| json(&json!({"blob": STANDARD.encode(format!("password={}\nnote={}\n", k.p, k.s))}))),
    ("base64 of JSON", |k| {
        json(&json!({"blob": STANDARD.encode(json!({"password": k.p, "note": k.s}).to_string())}))
    }),
    ("base64 in base64", |k| json(&json!({"blob": STANDARD.encode(STANDARD.encode(&k.s))}))),
    ("percent-encoding", |k| {
        let next =
            format!("https%3A%2F%2Fa.test%2F%3Fpassword%3D{}%26note%3D{}", k.p, k.s.replace('_', "%5F"));
        json(&json!({ "next": next }))
    }),
    ("percent-encoding of every letter", |k| {
        json(&json!({"next": percent(&format!("https://a.test/?note={}", k.s))}))
    }),
    ("data URI", |k| {
        let data = STANDARD.encode(json!({"password": k.p, "note": k.s}).to_string());
        json(&json!({"icon": format!("data:application/json;base64,{data}")}))
    }),
    ("gzip", |k| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        let packed = gzip.write_all(k.s.as_bytes()).and_then(|()| gzip.finish());
        post("/v2/import", "application/json", packed.unwrap_or_default()).header("content-encoding", "gzip")
    }),
    ("gzip that is none", |k| json(&json!({"note": k.s})).header("content-encoding", "gzip")),
    ("binary", |k| post("/v2/import", "application/octet-stream", [b"\0\x01\xff", k.s.as_bytes()].concat())),
    ("another charset", |k| {
        post("/v2/import", "text/plain; charset=latin1", [k.s.as_bytes(), b"\xe9"].concat())
    }),
];

fn plant(table: &[(&'static str, Plant)], first: usize) -> Vec<Planted> {
    let one = |(number, (place, plant)): (usize, &(&'static str, Plant))| Planted {
        place,
        request: plant(&Secrets::of(first + number)),
    };
    table.iter().enumerate().map(one).collect()
}

/// Requests that can be held.
pub(super) fn everywhere() -> Vec<Planted> {
    plant(HEAD, 0).into_iter().chain(plant(BODY, HEAD.len())).collect()
}

/// What no request may be like; each of these is refused by itself.
const MALFORMED: &[(&str, Plant)] = &[
    ("a bad escape in the path", |k| post(&format!("/v2/%zz/{}", k.s), "text/plain", "")),
    ("an encoded slash", |k| post(&format!("/v2/a%2F{}", k.s), "text/plain", "")),
    ("an encoded NUL", |k| post(&format!("/v2/a%00{}", k.s), "text/plain", "")),
    ("a name twice in a tool call", |k| {
        let call = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"name\":\"a\",\"name\":\"{}\"}}}}",
            k.s
        );
        post("/mcp", "application/json", call)
    }),
    ("a tool call that is cut off", |k| {
        let call = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"{}", k.s);
        post("/mcp", "application/json", call)
    }),
    ("a query of GraphQL that is none", |k| {
        post("/graphql", "application/json", json!({"query": format!("mutation {{ {} ((", k.s)}).to_string())
    }),
    ("a placeholder of ours", |k| {
        json(&json!({"a": 1})).header("x-note", &format!("{{{{countersign:{}}}}}", k.s))
    }),
    ("a justification that is too long", |k| {
        header("countersign-justification", &format!("{} {}", k.s, "long ".repeat(900)))
    }),
    ("a body over the limit", |k| {
        post("/v2/import", "text/plain", format!("{} {}", k.s, "filler ".repeat(250_000)))
    }),
    ("a path over the limit", |k| post(&format!("/v2/{}/{}", k.s, "longer/".repeat(600)), "text/plain", "")),
    ("trailers", |k| json(&json!({"a": 1})).trailer("x-note", &k.s)),
    ("a field of the protocol", |k| header("countersign-request", &k.s)),
];

/// Requests that are refused before anybody is asked.
pub(super) fn malformed() -> Vec<Planted> {
    plant(MALFORMED, HEAD.len() + BODY.len())
}
