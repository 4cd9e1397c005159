//! The service on a real port, over HTTP/1.1 and HTTP/2 without TLS, as Envoy and a browser reach it.

use std::{
    fmt::Write as _,
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use countersign_server::service::Choice;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use crate::support::{AUTHORITY, Bench, EVALUATION, REQUESTS, number, redeem, releasing, submission};

/// A bench that listens.
struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

async fn serve(bench: &Bench) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let service = bench.service.clone();
    let done = tokio::spawn(async move {
        countersign_server::serve(service, listener, async { drop(stopped.await) }).await.unwrap();
    });
    Served { address, stop, done }
}

async fn http2(address: SocketAddr) -> http2::SendRequest<Body> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (client, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn ask(client: &http2::SendRequest<Body>, request: Request<Body>) -> (StatusCode, Value) {
    let answer = client.clone().send_request(request).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(Body::new(answer.into_body()), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// Sends `head` and `body` as they are and reads until the service closes.
async fn http1(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn as_text(request: &Request<Body>, body: &str) -> String {
    let mut text = format!(
        "{} {} HTTP/1.1\r\nhost: {AUTHORITY}\r\nconnection: close\r\n",
        request.method(),
        request.uri().path()
    );
    for (name, value) in request.headers() {
        write!(text, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
    }
    format!("{text}content-length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn one_port_speaks_http_1_and_http_2() {
    let bench = Bench::new().await;
    let served = serve(&bench).await;
    let body = submission(|_| {}).to_string();
    let request = bench.pep.post(REQUESTS, body.as_bytes(), bench.now());
    let answer = http1(served.address, &as_text(&request, &body)).await;
    assert!(answer.starts_with("HTTP/1.1 202 Accepted\r\n"), "{answer}");
    assert!(answer.contains("cache-control: no-store\r\n"), "{answer}");

    let client = http2(served.address).await;
    let (status, task) = ask(&client, bench.pep.post(REQUESTS, body.as_bytes(), bench.now())).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert!(answer.contains(task["task"]["id"].as_str().unwrap()), "two protocols, two tasks");
    let wrong = as_text(&bench.pep.post(REQUESTS, body.as_bytes(), bench.now()), &body);
    let answer =
        http1(served.address, &wrong.replace(&format!("host: {AUTHORITY}"), "host: evil.example")).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test]
async fn a_shutdown_answers_who_waits_and_ends() {
    let bench = Bench::new().await;
    let served = serve(&bench).await;
    let id = bench.task().await;
    let client = http2(served.address).await;
    let mut poll = bench.pep.get(&format!("{REQUESTS}/{id}"), bench.now());
    poll.headers_mut().insert("prefer", "wait=20".parse().unwrap());
    let begun = Instant::now();
    let waiting = tokio::spawn(async move { ask(&client, poll).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    served.stop.send(()).unwrap();
    let (status, task) = waiting.await.unwrap();
    assert_eq!((status, task["task"]["status"].as_str()), (StatusCode::OK, Some("pending")));
    served.done.await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(TcpStream::connect(served.address).await.is_err(), "it still listens");
}

#[tokio::test]
async fn garbage_and_slow_heads_do_not_hurt_the_others() {
    let bench = Bench::new().await;
    let served = serve(&bench).await;
    let mut slow = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(b"GET / HT").await.unwrap();
        slow.push(stream);
    }
    assert!(http1(served.address, "\u{0}\u{1}garbage\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    let request = bench.pep.get(&format!("{REQUESTS}/arq_none"), bench.now());
    assert_eq!(ask(&http2(served.address).await, request).await.0, StatusCode::NOT_FOUND);
}

/// How long a peer that sends `text` and then nothing is kept, and what it is told.
async fn kept(address: SocketAddr, text: &str) -> (Duration, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let begun = Instant::now();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset is an end, too.
    drop(tokio::time::timeout(Duration::from_mins(1), stream.read_to_end(&mut answer)).await);
    (begun.elapsed(), String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn a_peer_that_is_slow_anywhere_is_cut_off() {
    let bench = Bench::new().await;
    let served = serve(&bench).await;
    let at = served.address;
    let body = submission(|_| {}).to_string();
    let whole = as_text(&bench.pep.post(REQUESTS, body.as_bytes(), bench.now()), &body);
    let half_a_body = whole.get(..whole.len() - 20).unwrap();
    let idle = "GET /access/v1/jwks HTTP/1.1\r\nhost: approvals.example.com\r\n\r\n";
    let (silent, preface, head, body, between) = tokio::join!(
        kept(at, ""),
        kept(at, "PRI * HTT"),
        kept(at, "GET /access/v1/jwks HTTP/1.1\r\nhost: "),
        kept(at, half_a_body),
        kept(at, idle),
    );
    for (what, took) in
        [("silent", silent.0), ("preface", preface.0), ("head", head.0), ("between", between.0)]
    {
        assert!((8..15).contains(&took.as_secs()), "{what}: {took:?}");
    }
    assert!((25..35).contains(&body.0.as_secs()), "body: {:?}", body.0);
    assert!(body.1.starts_with("HTTP/1.1 408 ") && body.1.contains("no-store"), "{}", body.1);
    assert!(between.1.starts_with("HTTP/1.1 200 "), "{}", between.1);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let bench = Bench::new().await;
    let served = serve(&bench).await;
    let many = "x: y\r\n".repeat(200);
    let long = format!("x: {}\r\n", "y".repeat(40 * 1024));
    for (what, headers) in [("many", many), ("long", long)] {
        let text = format!("GET /access/v1/jwks HTTP/1.1\r\nhost: {AUTHORITY}\r\n{headers}\r\n");
        let (_, answer) = kept(served.address, &text).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{what}: {answer}");
    }
}

/// What a thousand held calls do at once: submit, wait, be decided, be redeemed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_held_calls_are_each_decided_and_redeemed_once() {
    const CALLS: usize = 1_000;
    let bench = std::sync::Arc::new(Bench::with_cap(CALLS).await);
    let served = serve(&bench).await;
    let clients = [http2(served.address).await, http2(served.address).await];
    let begun = Instant::now();
    let mut calls = tokio::task::JoinSet::new();
    for n in 0..CALLS {
        let (bench, client) = (bench.clone(), clients[n % 2].clone());
        calls.spawn(async move {
            let body = submission(|value| number(value, n));
            let mut request = bench.pep.post(REQUESTS, body.to_string().as_bytes(), bench.now());
            request.headers_mut().insert("prefer", "wait=20".parse().unwrap());
            let (_, mut task) = ask(&client, request).await;
            let id = task["task"]["id"].as_str().unwrap_or_else(|| panic!("no task: {task}")).to_owned();
            while task["task"]["status"] == "pending" {
                let mut poll = bench.pep.get(&format!("{REQUESTS}/{id}"), bench.now());
                poll.headers_mut().insert("prefer", "wait=20".parse().unwrap());
                task = ask(&client, poll).await.1;
            }
            if task["task"]["status"] == "denied" {
                return (n, Released::No);
            }
            let approval = task["task"]["result"]["approval"].clone();
            let mut chain = bench.chain().await;
            let digest = &body["context"]["urn:countersign:request_digest"];
            let jti = approval["id"].as_str().unwrap();
            let record = releasing(&mut chain, bench.now(), &id, jti, digest.as_str().unwrap());
            let mut ask_for = redeem(&approval, &record, &format!("AAECAwQFBgcICQoLDA-{n:04}"));
            ask_for["context"]["urn:countersign:request_digest"] = digest.clone();
            let redeem = bench.pep.post(EVALUATION, ask_for.to_string().as_bytes(), bench.now());
            let (status, answer) = ask(&client, redeem).await;
            assert_eq!((status, answer["decision"].as_bool()), (StatusCode::OK, Some(true)), "{answer}");
            (n, Released::Yes)
        });
    }
    while bench.service.waiting(&bench.person("bob")).await.unwrap().len() < CALLS {
        assert!(begun.elapsed() < Duration::from_mins(1), "not every call became a task");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut denied = std::collections::HashSet::new();
    let mut decisions = tokio::task::JoinSet::new();
    for (at, task) in bench.service.waiting(&bench.person("bob")).await.unwrap().into_iter().enumerate() {
        let bench = bench.clone();
        if at % 3 == 0 {
            denied.insert(task.submission.context.request_digest.clone());
            decisions.spawn(async move { drop(bench.decide("bob", &task.id, Choice::Deny).await.unwrap()) });
        } else {
            decisions.spawn(async move {
                bench.decide("bob", &task.id, Choice::Approve).await.unwrap();
                bench.decide("carol", &task.id, Choice::Approve).await.unwrap();
            });
        }
    }
    while let Some(decision) = decisions.join_next().await {
        decision.unwrap();
    }
    let mut seen = 0;
    while let Some(call) = calls.join_next().await {
        let (n, released) = call.unwrap();
        let mut value = submission(|_| {});
        number(&mut value, n);
        let digest = value["context"]["urn:countersign:request_digest"].as_str().unwrap();
        assert_eq!(released, if denied.contains(digest) { Released::No } else { Released::Yes }, "call {n}");
        seen += 1;
    }
    assert_eq!(seen, CALLS);
}

#[derive(Debug, PartialEq)]
enum Released {
    Yes,
    No,
}
