//! Telling channels: what others' libraries say of it, how fast it is, how patient, and what it costs to wait.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use axum::http::HeaderMap;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_server::service::Choice;
use serde_json::{Value, json};

use crate::deliver::{Mood, Receiver, bench, given_up, kinds};

/// The library of Standard Webhooks, where `cargo xtask test` put it.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn library() -> Option<String> {
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/standardwebhooks");
    if std::path::Path::new(place).join("standardwebhooks").is_dir() {
        return Some(place.to_owned());
    }
    assert!(std::env::var_os("CI").is_none(), "standardwebhooks is not in .tools");
    println!("skipped: standardwebhooks is not installed (`cargo xtask test` does it)");
    None
}

fn verified(place: &str, at: i64, calls: &[(HeaderMap, Vec<u8>)]) -> Value {
    let calls: Vec<Value> = calls
        .iter()
        .map(|(headers, body)| {
            let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
            let headers: serde_json::Map<String, Value> = names
                .map(|name| (name.to_owned(), headers[name].to_str().unwrap().into()))
                .into_iter()
                .collect();
            json!({"headers": headers, "body": String::from_utf8(body.clone()).unwrap()})
        })
        .collect();
    let asked = json!({"secret": format!("whsec_{}", STANDARD.encode([5; 32])), "at": at, "calls": calls});
    let mut child = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/service/verify.py"))
        .env("PYTHONPATH", place)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the library failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn the_library_of_standard_webhooks_verifies_what_is_told_and_nothing_that_was_changed() {
    let Some(place) = library() else { return };
    let receiver = Receiver::start(Mood::Listens).await;
    let bench = bench(&[("ops", &receiver)], "").await;
    bench.task().await;
    receiver.until(|receiver| receiver.calls() == 1).await;
    let call = receiver.got.lock().unwrap()[0].clone();
    let (mut other_id, mut other_body) = (call.clone(), call.clone());
    other_id.0.insert("webhook-id", "evt_999".parse().unwrap());
    other_body.1 = String::from_utf8(call.1.clone()).unwrap().replace("submitted", "approved").into_bytes();
    assert_ne!(other_body.1, call.1);
    let at = bench.now() / 1000;
    let calls = [call, other_id, other_body];
    assert_eq!(verified(&place, at, &calls), json!([true, false, false]));
    assert_eq!(verified(&place, at + 301, &calls), json!([false, false, false]), "too late");
}

#[tokio::test]
async fn who_wants_to_be_left_alone_is() {
    let receiver = Receiver::start(Mood::Busy(120)).await;
    let bench = bench(&[("ops", &receiver)], "").await;
    let id = bench.task().await;
    receiver.until(|receiver| receiver.calls() == 1).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    bench.pass(100_000);
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.calls(), 1, "called too early, or out of its turn");
    receiver.becomes(Mood::Listens);
    bench.pass(21_000);
    bench.decide("carol", &id, Choice::Deny).await.unwrap();
    receiver.until(|receiver| receiver.calls() == 4).await;
    assert_eq!(kinds(&receiver.events()), ["submitted", "updated", "denied"]);
}

#[tokio::test]
async fn what_is_tried_in_vain_for_a_day_is_given_up_and_what_comes_after_it_is_told() {
    let receiver = Receiver::start(Mood::Says(500)).await;
    let bench = bench(&[("ops", &receiver)], "").await;
    let id = bench.task().await;
    let sql = "UPDATE outbox SET attempts = 29, next_at = 0, claimed_until = 0";
    // However the first try ends, the next one is the last.
    let failed = async || bench.service.deliveries().await.unwrap()["ops"].failed;
    while failed().await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    sqlx::query(sql).execute(&mut bench.sql().await).await.unwrap();
    bench.decide("bob", &id, Choice::Deny).await.unwrap();
    let dead = given_up(&bench).await;
    assert!(dead.why.contains("500") && dead.why.contains("tried 30 times"), "{}", dead.why);
    receiver.becomes(Mood::Listens);
    bench.pass(5_000);
    bench.submit(|value| crate::support::number(value, 1)).await.task_id();
    receiver.until(|receiver| receiver.calls() == 2).await;
    let mut told = kinds(&receiver.events()).join(" ");
    told.truncate("denied submitted".len());
    assert!(["denied submitted", "submitted denied"].contains(&told.as_str()), "{told}");
}

#[tokio::test]
async fn a_channel_that_hangs_at_one_task_hears_of_the_others() {
    let receiver = Receiver::start(Mood::Hangs).await;
    let bench = bench(&[("ops", &receiver)], "").await;
    bench.task().await;
    receiver.until(|receiver| receiver.calls() == 1).await;
    receiver.becomes(Mood::Listens);
    let began = Instant::now();
    bench.submit(|value| crate::support::number(value, 1)).await.task_id();
    receiver.until(|receiver| receiver.calls() == 2).await;
    assert!(began.elapsed() < Duration::from_millis(800), "it waited for the one that hangs");
}

#[tokio::test]
async fn at_the_end_what_is_being_told_is_told_first_and_nothing_twice() {
    let receiver = Receiver::start(Mood::Listens).await;
    let bench = bench(&[("ops", &receiver)], "").await;
    for number in 0..20 {
        bench.submit(|value| crate::support::number(value, number)).await.task_id();
    }
    receiver.until(|receiver| receiver.calls() >= 1).await;
    bench.service.close().await;
    let told = receiver.calls();
    let done = "SELECT count(*) FROM outbox WHERE done_at IS NOT NULL";
    let done: i64 = sqlx::query_scalar(done).fetch_one(&mut bench.sql().await).await.unwrap();
    assert_eq!(i64::try_from(told).unwrap(), done, "told, and not noted");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(receiver.calls(), told, "told after the end");
}

/// A hundred requests, and as many decisions, at ten times the rate that is promised: from the change to the call's arrival.
#[tokio::test]
#[expect(clippy::print_stdout, reason = "a measurement says what it measured")]
async fn from_a_held_request_to_the_message_is_well_below_a_second() {
    let receiver = Receiver::start(Mood::Listens).await;
    let bench = bench(&[("ops", &receiver)], "").await;
    let mut took = Vec::new();
    for number in 0..100 {
        let began = Instant::now();
        let id = bench.submit(|value| crate::support::number(value, number)).await.task_id();
        receiver.until(|receiver| receiver.calls() == 2 * number + 1).await;
        took.push(began.elapsed());
        let began = Instant::now();
        bench.decide("bob", &id, Choice::Deny).await.unwrap();
        receiver.until(|receiver| receiver.calls() == 2 * number + 2).await;
        took.push(began.elapsed());
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    took.sort();
    let (half, nearly_all) = (took[100], took[198]);
    println!("from a change to the call's arrival: p50 {half:?}, p99 {nearly_all:?}");
    assert!(nearly_all < Duration::from_secs(1), "{took:?}");
}
