//! What a harmless call costs. Run with `cargo test --release -p countersign-core -- --ignored --nocapture speed`.

#![cfg(not(target_arch = "wasm32"))]

use std::hint::black_box;

use super::*;
use crate::call::{Destinations, HeaderMap, sample::abi};

fn head(path: &str) -> Vec<u8> {
    let mut pairs = vec![(":method", "GET"), (":authority", "api.service-7.example.com"), (":path", path)];
    pairs.extend([
        (":scheme", "https"),
        ("accept", "*/*"),
        ("user-agent", "agent/1.0"),
        ("authorization", "Bearer x"),
    ]);
    pairs.extend([
        ("x-request-id", "7f3a2b1c"),
        ("traceparent", "00-4bf92f-01"),
        ("accept-encoding", "gzip"),
    ]);
    abi(&pairs)
}

fn thousand(rule: impl Fn(usize) -> Value) -> Policy {
    policy(Value::Array((0..1000).map(rule).collect()))
}

/// The best of five runs: the others measure the machine's other work.
fn nanoseconds(mut work: impl FnMut()) -> u128 {
    let rounds = 50_000;
    let run = |_| {
        #[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
        let start = std::time::Instant::now();
        (0..rounds).for_each(|_| work());
        start.elapsed().as_nanos() / rounds
    };
    (0..5).map(run).min().unwrap()
}

#[test]
#[ignore = "a measurement, meaningless without --release"]
fn a_harmless_get_with_a_thousand_rules_costs_less_than_two_microseconds() {
    let cases = [
        (
            "rules of other hosts",
            thousand(
                |n| json!({"name": format!("r{n}"), "match": {"host": format!("h{n}.example.org"), "method": "POST"}, "effect": "hold"}),
            ),
        ),
        (
            "rules of this host, by path",
            thousand(
                |n| json!({"name": format!("r{n}"), "match": {"host": "**.example.com", "path": format!("/v1/c{n}/**")}, "effect": "hold"}),
            ),
        ),
        (
            "rules of any host, by method",
            thousand(
                |n| json!({"name": format!("r{n}"), "match": {"method": "DELETE", "action": {"resource": format!("x{n}")}}, "effect": "hold"}),
            ),
        ),
    ];
    let destinations = Destinations::default();
    for (what, policy) in cases {
        for path in ["/v1/customers/7/invoices", "/v1/customers/7/invoices?limit=10&cursor=abc"] {
            let bytes = head(path);
            let whole = nanoseconds(|| {
                let call = Call::read(HeaderMap::from_abi(black_box(bytes.clone())).unwrap(), &destinations)
                    .unwrap();
                black_box(judge(&policy, black_box(&call), Body::Absent));
            });
            let call = Call::read(HeaderMap::from_abi(bytes.clone()).unwrap(), &destinations).unwrap();
            assert!(matches!(judge(&policy, &call, Body::Absent), Judgement::Pass(_)));
            let judged = nanoseconds(|| {
                black_box(judge(&policy, black_box(&call), Body::Absent));
            });
            #[expect(clippy::disallowed_macros, reason = "a measurement is read")]
            #[expect(clippy::print_stdout, reason = "a measurement is read")]
            {
                println!("{what}, {path}: {whole} ns in all, {judged} ns to judge");
            }
            assert!(whole < 2_000, "{what}: {whole} ns");
        }
    }
}
