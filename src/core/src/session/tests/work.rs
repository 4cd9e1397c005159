//! What one callback costs at worst: time proportional to the size of a body, also of one that was made to hurt.
//!
//! `cargo test --release -p countersign-core -- --ignored --nocapture worst` prints the figures of the largest bodies that are
//! decoded, and of bodies eight times as large, which are only digested and masked.

#![cfg(not(target_arch = "wasm32"))]

use super::{
    super::{End, Event, Session, Wants},
    stage::{Proxy, config_with},
};
use crate::{
    ask::Surroundings,
    call::HeaderMap,
    now::Now,
    worker::{Host, Worker},
};
use serde_json::json;
use std::time::{Duration, Instant};

const NOW: Now = Now { mono_ms: 0, unix_ms: 1_795_241_040_000 };

/// A path, a content type, and what a body repeats between a beginning and an end.
struct Shape {
    name: &'static str,
    path: &'static str,
    media: &'static str,
    parts: [&'static str; 3],
}

const fn shape(
    name: &'static str,
    path: &'static str,
    media: &'static str,
    parts: [&'static str; 3],
) -> Shape {
    Shape { name, path, media, parts }
}

const JSON: &str = "application/json";
const SHAPES: [Shape; 14] = [
    shape("digits", "/v2/import", JSON, ["[", "1,", "1]"]),
    shape("texts", "/v2/import", JSON, ["[", "\"bob@example.com\",", "1]"]),
    shape("records", "/v2/import", JSON, ["[", "{\"id\":7,\"name\":\"Lena\",\"password\":\"x\"},", "{}]"]),
    shape("nesting", "/v2/import", JSON, ["[", "[[[[[[[[[[[[1]]]]]]]]]]]],", "1]"]),
    shape("escapes", "/v2/import", JSON, ["\"", "\\u0061\\n", "\""]),
    shape("aliases", "/graphql", JSON, ["{\"query\":\"mutation {", " a: deleteUser(id: 1) { ok }", " }\"}"]),
    shape("braces", "/graphql", JSON, ["{\"query\":\"{", " ...{", "\"}"]),
    shape(
        "arguments",
        "/mcp",
        JSON,
        [
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"delete_user\",\"arguments\":{\"a\":[",
            "\"token=abc\",",
            "1]}}}",
        ],
    ),
    shape("form", "/v2/import", "application/x-www-form-urlencoded", ["a=1", "&a=%31%32", ""]),
    shape("lines", "/v2/import", "application/x-ndjson", ["", "{\"a\":1}\n", ""]),
    shape(
        "parts",
        "/v1/$batch",
        "multipart/mixed; boundary=b",
        ["--b\r\n", "GET /x HTTP/1.1\r\n\r\n", "--b--"],
    ),
    shape("yaml", "/v2/import", "application/yaml", ["a:\n", "- {b: [1, 2]}\n", ""]),
    shape("xml", "/v2/import", "application/xml", ["<a>", "<b c=\"d\">e</b>", "</a>"]),
    shape("plain", "/v2/import", "text/plain", ["", "key: A1b2C3d4E5f6 ", ""]),
];

/// How long the callback takes that hands a body of about `size` bytes to the core; the best of three.
fn time(shape: &Shape, size: usize) -> Duration {
    let [begin, repeated, end] = shape.parts;
    let body = format!("{begin}{}{end}", repeated.repeat(size / repeated.len()));
    let config = config_with(|document| document["limits"] = json!({"body_bytes": 64 << 20}));
    let once = |_| {
        let mut worker = Worker::new(std::rc::Rc::clone(&config), [7; 32], Host::default());
        let mut session = Session::new(1);
        let pairs = [(":method", "POST"), (":authority", "held.test"), (":path", shape.path)];
        let headers = HeaderMap::from_pairs(pairs.into_iter().chain([("content-type", shape.media)]));
        let head = Event::Head(headers, Surroundings::default(), End::No);
        session.handle(&mut worker, &Proxy::default(), NOW, head);
        assert_eq!(session.wants(), Wants::Body, "{}", shape.name);
        #[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
        let start = Instant::now();
        session.handle(&mut worker, &Proxy::default(), NOW, Event::BodyEnds(body.as_bytes()));
        start.elapsed()
    };
    (0..3).map(once).min().unwrap()
}

#[test]
fn the_work_of_a_callback_grows_with_the_body_and_no_faster() {
    const SMALL: usize = 8 << 10;
    for shape in SHAPES {
        let (small, large) = (time(&shape, SMALL), time(&shape, SMALL * 8));
        // Eight times the size: a quadratic step would take 64 times as long. Short times are noise.
        let most = small.max(Duration::from_millis(1)) * 30;
        assert!(large < most, "{}: {small:?} for 8 KiB, {large:?} for 64 KiB", shape.name);
    }
}

#[test]
#[ignore = "a measurement, meaningless without --release"]
fn the_worst_callbacks_take_this_long() {
    for shape in SHAPES {
        let (mib, beyond) = (time(&shape, (1 << 20) - 200), time(&shape, 8 << 20));
        #[expect(clippy::print_stdout, clippy::disallowed_macros, reason = "a measurement is read")]
        {
            println!("{:<10} 1 MiB {mib:>12?}   8 MiB {beyond:>12?}", shape.name);
        }
    }
}
