//! Nothing is done for a call that no known filter signed just now, for exactly this.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use countersign_wire::{
    digest::content_digest,
    signature::{Covered, PepKey},
};

use crate::support::{AUTHORITY, Bench, EVALUATION, Pep, RECORDS, REQUESTS, submission};

const UNAUTHENTICATED: &str = "urn:countersign:problem:unauthenticated";

fn header(request: &mut Request<Body>, name: &'static str, value: &str) {
    request.headers_mut().insert(name, value.parse().unwrap());
}

/// The same call, honestly signed for another authority and sent there.
fn signed_for(authority: &str, bench: &Bench, mut request: Request<Body>) -> Request<Body> {
    let digest = request.headers()["content-digest"].to_str().unwrap().to_owned();
    let key = request.headers()["idempotency-key"].to_str().unwrap().to_owned();
    let covered = Covered {
        method: "POST",
        authority,
        path: REQUESTS,
        query: "",
        content_digest: Some(&digest),
        idempotency_key: Some(&key),
    };
    let signed = bench.pep.key.sign(&covered, bench.now() / 1000, "nonce-elsewhere");
    *request.uri_mut() = format!("http://{authority}{REQUESTS}").parse().unwrap();
    header(&mut request, "signature-input", &signed.input);
    header(&mut request, "signature", &signed.signature);
    request
}

#[tokio::test]
async fn a_call_that_is_not_signed_for_what_it_is_gets_nothing() {
    let bench = Bench::new().await;
    let body = submission(|_| {}).to_string();
    let good = || bench.pep.post(REQUESTS, body.as_bytes(), bench.now());
    let changed = |change: &dyn Fn(&mut Request<Body>)| {
        let mut request = good();
        change(&mut request);
        request
    };
    let signed_by = |pep: Pep| pep.post(REQUESTS, body.as_bytes(), bench.now());
    let unquoted = bench.pep.post_keyed(REQUESTS, body.as_bytes(), bench.now(), "no-quotes");
    let elsewhere = signed_for("evil.example", &bench, good());
    let cases: Vec<(&str, Request<Body>)> = vec![
        ("no signature", changed(&|r| drop(r.headers_mut().remove("signature")))),
        ("no input", changed(&|r| drop(r.headers_mut().remove("signature-input")))),
        (
            "two signatures",
            changed(&|r| assert!(r.headers_mut().append("signature", "pep=:AA==:".parse().unwrap()))),
        ),
        ("garbage", changed(&|r| header(r, "signature", "pep=:AAAA:"))),
        ("empty", changed(&|r| header(r, "signature", ""))),
        (
            "another label",
            changed(&|r| {
                let input = r.headers()["signature-input"].to_str().unwrap().replacen("pep=", "sig=", 1);
                header(r, "signature-input", &input);
            }),
        ),
        (
            "another algorithm",
            changed(&|r| {
                let input = r.headers()["signature-input"].to_str().unwrap().replace("hmac-sha256", "none");
                header(r, "signature-input", &input);
            }),
        ),
        (
            "another tag",
            changed(&|r| {
                let input = r.headers()["signature-input"]
                    .to_str()
                    .unwrap()
                    .replace("countersign-pep", "countersign-web");
                header(r, "signature-input", &input);
            }),
        ),
        (
            "a component dropped",
            changed(&|r| {
                let input =
                    r.headers()["signature-input"].to_str().unwrap().replace(" \"content-digest\"", "");
                header(r, "signature-input", &input);
            }),
        ),
        ("no digest", changed(&|r| drop(r.headers_mut().remove("content-digest")))),
        ("another digest", changed(&|r| header(r, "content-digest", &content_digest(b"{}")))),
        ("another body", changed(&|r| *r.body_mut() = Body::from(body.replace("DPA-114", "DPA-115")))),
        ("no idempotency key", changed(&|r| drop(r.headers_mut().remove("idempotency-key")))),
        ("another idempotency key", changed(&|r| header(r, "idempotency-key", "\"another\""))),
        ("an unquoted idempotency key", unquoted),
        (
            "another path",
            changed(&|r| *r.uri_mut() = format!("http://{AUTHORITY}{EVALUATION}").parse().unwrap()),
        ),
        (
            "a query",
            changed(&|r| *r.uri_mut() = format!("http://{AUTHORITY}{REQUESTS}?a=1").parse().unwrap()),
        ),
        (
            "another authority",
            changed(&|r| *r.uri_mut() = format!("http://evil.example{REQUESTS}").parse().unwrap()),
        ),
        ("signed for another authority", elsewhere),
        ("an unknown key", signed_by(Pep::new("nobody", 7))),
        ("another secret", signed_by(Pep::new("pep", 9))),
        ("somebody else's secret", signed_by(Pep::new("other", 7))),
        ("61 s old", bench.pep.post(REQUESTS, body.as_bytes(), bench.now() - 61_000)),
        ("61 s early", bench.pep.post(REQUESTS, body.as_bytes(), bench.now() + 61_000)),
        ("before time began", bench.pep.post(REQUESTS, body.as_bytes(), i64::MIN)),
    ];
    for (what, request) in cases {
        let reply = bench.send(request).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{what}: {}", reply.text);
        reply.problem(401, UNAUTHENTICATED);
    }
    assert!(bench.service.list(countersign_server::service::Filter::default()).await.unwrap().is_empty());
    bench.send(good()).await.expect(StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_minute_of_skew_is_allowed_and_no_more() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let path = format!("{REQUESTS}/{id}");
    for skew in [-60_000, -31_000, 31_000, 60_000] {
        bench.send(bench.pep.get(&path, bench.now() + skew)).await.expect(StatusCode::OK);
    }
    for skew in [-61_000, 61_000] {
        bench.send(bench.pep.get(&path, bench.now() + skew)).await.problem(401, UNAUTHENTICATED);
    }
}

#[tokio::test]
async fn every_route_for_filters_refuses_an_unsigned_call() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    for path in [format!("{REQUESTS}/{id}")] {
        let request = Request::get(format!("http://{AUTHORITY}{path}")).body(Body::empty()).unwrap();
        bench.send(request).await.problem(401, UNAUTHENTICATED);
    }
    let posts = ["cancel", "context", "outcome"].map(|what| format!("{REQUESTS}/{id}/{what}"));
    let others = [REQUESTS, EVALUATION, RECORDS, "/access/v1/requests/watch"].map(str::to_owned);
    for path in posts.into_iter().chain(others) {
        let request = Request::post(format!("http://{AUTHORITY}{path}")).body(Body::from("{}")).unwrap();
        bench.send(request).await.problem(401, UNAUTHENTICATED);
    }
}

#[tokio::test]
async fn a_captured_call_cannot_be_sent_again() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let body = submission(|_| {}).to_string();
    let key = "\"9a6f2c1e-5b7d-4c1a-8e21-0f0e0d0c0b0a\"";
    let twice = |request: &Request<Body>, body: &str| {
        let mut copy = Request::builder().method(request.method()).uri(request.uri());
        *copy.headers_mut().unwrap() = request.headers().clone();
        copy.body(Body::from(body.to_owned())).unwrap()
    };
    let get = bench.pep.get(&format!("{REQUESTS}/{id}"), bench.now());
    let post = bench.pep.post_keyed(REQUESTS, body.as_bytes(), bench.now(), key);
    bench.send(twice(&get, "")).await.expect(StatusCode::OK);
    bench.send(twice(&post, &body)).await.expect(StatusCode::ACCEPTED);
    bench.send(twice(&get, "")).await.problem(401, UNAUTHENTICATED);
    bench.send(twice(&post, &body)).await.problem(401, UNAUTHENTICATED);
    // Not even by a service that has just started.
    let bench = bench.killed_and_restarted().await;
    bench.send(twice(&post, &body)).await.problem(401, UNAUTHENTICATED);
}

#[tokio::test]
async fn a_nonce_belongs_to_its_key() {
    let bench = Bench::new().await;
    let path = format!("{REQUESTS}/arq_nothing");
    let other = Pep::new("other", 8);
    let sign = |key: &PepKey| {
        let covered = Covered {
            method: "GET",
            authority: AUTHORITY,
            path: &path,
            query: "",
            content_digest: None,
            idempotency_key: None,
        };
        let signed = key.sign(&covered, bench.now() / 1000, "the-same-nonce");
        Request::get(format!("http://{AUTHORITY}{path}"))
            .header("signature-input", signed.input)
            .header("signature", signed.signature)
            .body(Body::empty())
            .unwrap()
    };
    for key in [&bench.pep.key, &other.key] {
        bench.send(sign(key)).await.expect(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_published_signature_vectors_are_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let hex = countersign_wire::digest::hex(&(0..32_u8).collect::<Vec<_>>());
    crate::support::private(&dir.path().join("key"), &hex);
    let yaml = format!(
        "issuer: https://approvals.example.com\nclients:\n- id: urn:countersign:pep:prod-eu1\n  keys:\n  \
         - {{keyid: pep-prod-eu1-2026q4, secret: {{file: {}}}}}\nsecrets: {{thirdparty-api-key: {{file: {}}}}}\n",
        dir.path().join("key").display(),
        dir.path().join("key").display(),
    );
    let vectors = [
        (
            "POST",
            include_str!("../vectors/rfc9421.txt"),
            include_str!("../vectors/approval-request.body").trim_end(),
        ),
        ("GET", include_str!("../vectors/rfc9421-get.txt"), ""),
    ];
    let state = dir.path().join("state");
    let config = countersign_server::config::Config::read(
        &yaml,
        crate::support::listen(),
        &state,
        countersign_server::config::Mode::Dev,
    );
    let clock = std::sync::Arc::new(Standing);
    let service =
        countersign_server::service::Service::open_at(config.unwrap(), &state, clock).await.unwrap();
    let app = countersign_server::router(service);
    for (method, text, body) in vectors {
        let line = |name: &str| {
            let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            found.unwrap_or_else(|| panic!("{name}")).to_owned()
        };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{AUTHORITY}{}", line("\"@path\"")))
            .header("signature-input", line("Signature-Input"))
            .header("signature", line("Signature"));
        if method == "POST" {
            request = request
                .header("content-digest", line("\"content-digest\""))
                .header("idempotency-key", line("\"idempotency-key\""));
        }
        let answer =
            tower::ServiceExt::oneshot(app.clone(), request.body(Body::from(body)).unwrap()).await.unwrap();
        let expected = if method == "POST" { StatusCode::ACCEPTED } else { StatusCode::NOT_FOUND };
        assert_eq!(answer.status(), expected, "{method}");
    }
}

struct Standing;

impl countersign_server::clock::Clock for Standing {
    fn now_ms(&self) -> i64 {
        1_795_240_985_000
    }
}
