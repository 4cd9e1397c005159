//! The stand-in service on the network: HTTP/2 in clear text, as Envoy's cluster speaks it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use countersign_wire::digest::content_digest;
use countersign_wire::evaluation::Redeem;
use countersign_wire::grant::ReceiptClaims;
use countersign_wire::json::{Limits, strict};
use countersign_wire::names;
use countersign_wire::outcome::OutcomeReport;
use countersign_wire::signature::{Claimed, Covered};
use countersign_wire::submission::Submission;
use h2::RecvStream;
use h2::server::SendResponse;
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use super::book::{Book, has_ended, shown};
use super::{AUTHORITY, Asked, KEYID, Reply, State, Step, Task, now};
use crate::message::Fields;
use crate::process::lock;

/// How far the filter's clock may be off, in seconds.
const SKEW: i64 = 60;

pub(super) async fn listen(listener: TcpListener, book: Arc<Book>) {
    while let Ok((stream, _)) = listener.accept().await {
        let book = Arc::clone(&book);
        let mut cuts = book.cuts();
        tokio::spawn(async move {
            tokio::select! {
                ended = talk(stream, book) => ended.ok(),
                _ = cuts.changed() => None,
            }
        });
    }
}

async fn talk(stream: TcpStream, book: Arc<Book>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut connection = h2::server::Builder::new()
        .max_concurrent_streams(20_000)
        .initial_connection_window_size(1 << 26)
        .handshake(stream)
        .await?;
    while let Some(stream) = connection.accept().await {
        let (request, mut respond) = stream?;
        let book = Arc::clone(&book);
        tokio::spawn(async move {
            if let Err(fault) = exchange(request, &mut respond, &book).await {
                // A stream that Envoy gave up is no fault of the filter.
                if !fault.is::<h2::Error>() {
                    book.fault(format!("{fault:#}"));
                }
            }
        });
    }
    Ok(())
}

async fn exchange(
    request: Request<RecvStream>,
    respond: &mut SendResponse<Bytes>,
    book: &Arc<Book>,
) -> Result<()> {
    let (head, mut stream) = request.into_parts();
    let mut body = Vec::new();
    while let Some(piece) = stream.data().await {
        let piece = piece?;
        stream.flow_control().release_capacity(piece.len())?;
        body.extend_from_slice(&piece);
    }
    let headers = Fields::of(&head.headers);
    let path = head.uri.path();
    let (step, id) = route(head.method.as_str(), path);
    if step != Step::Naive
        && let Err(fault) = verify(&head, &headers, &body, book)
    {
        book.fault(format!("{} {}: {fault}", head.method, head.uri));
        return send(respond, 401, json!({"title": fault.to_string()}).to_string().as_bytes());
    }
    let value = strict(&body, &Limits { size: 1 << 20, depth: 32 }).unwrap_or(Value::Null);
    let about = about(book, step, id, &value, &headers);
    let target = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    lock(&book.asked).push(Asked { step, about: about.clone(), target, body: value.clone() });

    let call = Call { step, id: id.to_owned(), body, value, wait: wait(&headers) };
    match book.reply(&about, step) {
        Reply::Honest => {
            let (status, body) = honest(book, call).await?;
            send(respond, status, body.to_string().as_bytes())
        }
        Reply::Late(delay) => {
            tokio::time::sleep(delay).await;
            let (status, body) = honest(book, call).await?;
            send(respond, status, body.to_string().as_bytes())
        }
        Reply::Altered(pointer, value) => {
            let (status, mut body) = honest(book, call).await?;
            if let Some(place) = body.pointer_mut(pointer) {
                *place = value;
            }
            send(respond, status, body.to_string().as_bytes())
        }
        Reply::Lying(lie) => {
            let (status, mut body) = honest(book, call).await?;
            if let Some(receipt) = body.pointer_mut("/context/urn:countersign:v1/receipt") {
                *receipt = json!(lie(&receipt_claims(receipt)?, &book.issuer));
            }
            send(respond, status, body.to_string().as_bytes())
        }
        Reply::Bytes(status, bytes) => send(respond, status, &bytes),
        Reply::Silence => std::future::pending().await,
        Reply::Half => {
            let mut stream = respond.send_response(Response::new(()), false)?;
            stream.send_data(Bytes::from_static(b"{\"task\":{\"id\":\"arq_1\",\"status\":"), false)?;
            std::future::pending().await
        }
        Reply::Huge(size) => huge(respond, size).await,
        Reply::Reset => {
            respond.send_reset(h2::Reason::INTERNAL_ERROR);
            Ok(())
        }
    }
}

fn receipt_claims(receipt: &Value) -> Result<ReceiptClaims> {
    let claims = receipt.as_str().and_then(|token| token.split('.').nth(1)).context("no receipt")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?)
}

/// Which step a call is, and the task in its path.
fn route<'a>(method: &str, path: &'a str) -> (Step, &'a str) {
    let rest = path.strip_prefix(names::REQUESTS_PATH).map(|rest| rest.trim_start_matches('/'));
    match (method, path, rest) {
        ("POST", names::WATCH_PATH, _) => (Step::Watch, ""),
        ("POST", names::EVALUATION_PATH, _) => (Step::Redeem, ""),
        ("POST", names::RECORDS_PATH, _) => (Step::Records, ""),
        ("POST", _, Some("")) => (Step::Submit, ""),
        ("GET", _, Some(id)) => (Step::Status, id),
        ("POST", _, Some(rest)) => match rest.split_once('/') {
            Some((id, "cancel")) => (Step::Cancel, id),
            Some((id, "context")) => (Step::Context, id),
            Some((id, "outcome")) => (Step::Outcome, id),
            _ => (Step::Naive, ""),
        },
        _ => (Step::Naive, ""),
    }
}

/// RFC 9421, as protocol 1.8 narrows it.
fn verify(head: &http::request::Parts, headers: &Fields, body: &[u8], book: &Book) -> Result<()> {
    let claimed = Claimed::read(headers.get("signature-input").unwrap_or_default())?;
    let authority = head.uri.authority().map(ToString::to_string).unwrap_or_default();
    let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let post = head.method == "POST";
    let covered = Covered {
        method: head.method.as_str(),
        authority: &authority,
        path: head.uri.path(),
        query: &query,
        content_digest: headers.get("content-digest").filter(|_| post),
        idempotency_key: headers.get("idempotency-key").filter(|_| post),
    };
    claimed.verify(headers.get("signature").unwrap_or_default(), &covered, &book.secret)?;
    anyhow::ensure!(authority == AUTHORITY, "`{authority}` is not our name");
    anyhow::ensure!(claimed.keyid == KEYID, "`{}` is no key of ours", claimed.keyid);
    anyhow::ensure!((now() - claimed.created).abs() <= SKEW, "made at {}", claimed.created);
    anyhow::ensure!(book.is_fresh(&claimed.nonce), "the nonce `{}` came before", claimed.nonce);
    let digest = headers.get("content-digest").unwrap_or_default();
    anyhow::ensure!(!post || digest == content_digest(body), "the content digest is of another body");
    Ok(())
}

/// `Prefer: wait=20`
fn wait(headers: &Fields) -> Duration {
    let mut preferences = headers.get("prefer").unwrap_or_default().split(',');
    let seconds = preferences.find_map(|preference| preference.trim().strip_prefix("wait=")?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(0).min(names::MAX_WAIT_S))
}

/// The destination a call is about, as far as can be told.
fn about(book: &Book, step: Step, id: &str, value: &Value, headers: &Fields) -> String {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    match step {
        Step::Submit => text("/context/urn:countersign:v1/destination/authority"),
        Step::Status | Step::Cancel | Step::Context | Step::Outcome => destination(book.find(id)),
        Step::Redeem => destination(book.find(&text("/context/approval/id").replacen("apr_", "arq_", 1))),
        Step::Records | Step::Watch => String::new(),
        Step::Naive => headers.get("x-about").unwrap_or_default().to_owned(),
    }
}

fn destination(task: Option<Task>) -> String {
    task.map(|task| task.destination().to_owned()).unwrap_or_default()
}

struct Call {
    step: Step,
    id: String,
    body: Vec<u8>,
    value: Value,
    wait: Duration,
}

/// The protocol's own answer.
async fn honest(book: &Book, call: Call) -> Result<(u16, Value)> {
    match call.step {
        Step::Submit => {
            let submission: Submission = serde_json::from_value(call.value)?;
            let stated = &submission.context.v1.payload.display_digest;
            anyhow::ensure!(
                *stated == submission.display_digest(),
                "the display digest is not that of the display"
            );
            let task = book.submit(submission);
            let task = settled(book, &task.id, call.wait).await.unwrap_or(task);
            Ok((if has_ended(&task.state) { 201 } else { 202 }, shown(&task)))
        }
        Step::Status => match settled(book, &call.id, call.wait).await {
            Some(task) => Ok((200, shown(&task))),
            None => Ok((404, json!({"title": "no such task"}))),
        },
        Step::Cancel => {
            let reason = call.value["reason"].clone();
            book.change(&call.id, |task| {
                if !has_ended(&task.state) {
                    task.state = State::Cancelled(reason);
                }
            });
            Ok((200, book.find(&call.id).as_ref().map(shown).unwrap_or_default()))
        }
        Step::Context => {
            book.change(&call.id, |task| task.state = State::Pending);
            Ok((200, book.find(&call.id).as_ref().map(shown).unwrap_or_default()))
        }
        Step::Redeem => {
            let redeem: Redeem = serde_json::from_value(call.value)?;
            Ok((200, book.redeem(&redeem)))
        }
        Step::Outcome => {
            let report: OutcomeReport = serde_json::from_value(call.value)?;
            book.outcome(&call.id, report);
            Ok((200, book.find(&call.id).as_ref().map(shown).unwrap_or_default()))
        }
        Step::Records => Ok((200, book.store(&call.body))),
        Step::Watch => Ok((200, watched(book, &call.value, call.wait).await)),
        Step::Naive => std::future::pending().await,
    }
}

/// A task once it has ended, or as it is when the wait is over.
async fn settled(book: &Book, id: &str, wait: Duration) -> Option<Task> {
    let mut changes = book.changes_of(id)?;
    let ended = async { while !book.has_ended(id) && changes.changed().await.is_ok() {} };
    // Either way the task is looked up again.
    tokio::time::timeout(wait, ended).await.ok();
    book.find(id)
}

/// Which of many tasks have ended: only a hint to look.
async fn watched(book: &Book, value: &Value, wait: Duration) -> Value {
    let ids: Vec<&str> = value["ids"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let ready = || -> Vec<&str> { ids.iter().filter(|id| book.has_ended(id)).take(500).copied().collect() };
    let mut changes = book.changes();
    let some = async { while ready().is_empty() && changes.changed().await.is_ok() {} };
    tokio::time::timeout(wait, some).await.ok();
    json!({"ready": ready()})
}

fn send(respond: &mut SendResponse<Bytes>, status: u16, body: &[u8]) -> Result<()> {
    let head = Response::builder().status(status).header("content-type", "application/json").body(())?;
    let mut stream = respond.send_response(head, false)?;
    Ok(stream.send_data(Bytes::copy_from_slice(body), true)?)
}

async fn huge(respond: &mut SendResponse<Bytes>, size: usize) -> Result<()> {
    let mut stream = respond.send_response(Response::new(()), false)?;
    let mut left = size;
    while left > 0 {
        stream.reserve_capacity(left.min(1 << 20));
        let capacity = std::future::poll_fn(|context| stream.poll_capacity(context)).await;
        let Some(capacity) = capacity else { return Ok(()) };
        let piece = capacity?.min(left);
        left -= piece;
        stream.send_data(Bytes::from(vec![b' '; piece]), left == 0)?;
    }
    Ok(())
}
