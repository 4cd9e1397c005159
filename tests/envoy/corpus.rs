//! The same request gets the same judgement from the native core and from the compiled module in Envoy.
//!
//! The policy denies each class by a rule of its own, so that an answer tells the class. Rows come from the corpus beside
//! the project, where it is there, and from the traffic of real clients that is part of it.

use std::collections::VecDeque;

use anyhow::{Context, Result, ensure};
use countersign_core::action::Class;
use countersign_core::call::{Ambiguity, Body, Call, Destinations, HeaderMap, Scheme};
use countersign_core::policy::{Document, Judgement, Policy};
use countersign_tests::agent::Exchange;
use countersign_tests::message::Answer;
use countersign_tests::place;
use countersign_tests::rows::{self, Row};
use countersign_tests::setting::{Setting, policy};
use serde_json::{Value, json};

/// How many requests are on their way at once.
const AT_ONCE: usize = 16;

/// Every how many rows of the corpus one is sent: more than 1,000 of its 17,047.
const EVERY: usize = 12;

/// A policy that tells the class of everything that is no read.
fn telling() -> Value {
    let mut telling = policy("4s");
    let privileged = Class::ALL.into_iter().filter(|class| *class != Class::ReadOnly);
    let rule = |class: Class| json!({"name": format!("is-{}", class.as_str()), "effect": "deny", "match": {"action": {"class": class.as_str()}}});
    telling["rules"] = privileged.map(rule).collect();
    telling["defaults"]["write"] = json!("deny");
    telling
}

/// What the native core says: nothing where the call passes, else what its agent is told.
fn natively(policy: &Policy, row: &Row) -> Result<Option<String>> {
    let sent = &row.request;
    let mut pairs = vec![(":method", sent.method.as_str()), (":path", path(&sent.path))];
    let authority = authority(&sent.path).unwrap_or(&sent.authority);
    pairs.push((":authority", authority));
    let lower: Vec<(String, &str)> = sent
        .headers
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
        .collect();
    pairs.extend(lower.iter().map(|(name, value)| (name.as_str(), *value)));
    let none: [&str; 0] = [];
    let destinations = Destinations::new(Scheme::Https, none)?;
    let mut call = match Call::read(HeaderMap::from_pairs(pairs.iter().copied()), &destinations) {
        Ok(call) => call,
        Err(fault) => return Ok(Some(fault.to_string())),
    };
    // Envoy merges slashes and resolves dots itself before any filter sees the path.
    if let Some(Ambiguity::EmptySegment | Ambiguity::DotSegment) = call.ambiguity() {
        let path = [call.path(), call.query()].concat();
        let others = pairs.iter().copied().filter(|(name, _)| *name != ":path");
        call = Call::read(HeaderMap::from_pairs(others.chain([(":path", path.as_str())])), &destinations)?;
    }
    let body = sent.body()?;
    let body = body.as_deref().map_or(Body::Absent, Body::Read);
    Ok(match policy.judge(&call, body, &mut nobody) {
        Judgement::Pass(_) => None,
        Judgement::Deny(denied) => Some(denied.detail),
        Judgement::Hold(_) => Some("held".to_owned()),
        Judgement::NeedsBody => Some("needs its body, which is there".to_owned()),
    })
}

/// Nobody asks: the policy of these tests holds nothing.
fn nobody() -> Result<countersign_core::requester::Requester, countersign_core::requester::NoRequester> {
    Err(countersign_core::requester::NoRequester::Unnamed)
}

/// What a server makes of a target in absolute form (RFC 9112 section 3.2.2).
fn path(target: &str) -> &str {
    let Some((_, rest)) = target.split_once("://").filter(|_| !target.starts_with('/')) else {
        return target;
    };
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}

fn authority(target: &str) -> Option<&str> {
    let (_, rest) = target.split_once("://").filter(|_| !target.starts_with('/'))?;
    rest.split('/').next()
}

/// Sends every row and collects those on which Envoy and the native core differ.
fn differing(setting: &Setting, policy: &Policy, rows: &[Row]) -> Result<Vec<String>> {
    let mut waiting: VecDeque<(&Row, Exchange)> = VecDeque::new();
    let mut differing = Vec::new();
    let mut settle = |(row, exchange): (&Row, Exchange)| -> Result<()> {
        let answer = exchange.answer().with_context(|| row.id.clone())?;
        let native = natively(policy, row)?;
        if !agree(native.as_deref(), &row.request.method, &answer) {
            let told = answer.text().chars().take(300).collect::<String>();
            differing.push(format!("{}: natively {native:?}, Envoy {} {told}", row.id, answer.status));
        }
        Ok(())
    };
    for row in rows {
        if waiting.len() == AT_ONCE
            && let Some(oldest) = waiting.pop_front()
        {
            settle(oldest)?;
        }
        let request = row.request.request()?;
        let agent = setting.agent();
        let is_grpc = row.request.headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("content-type") && value.starts_with("application/grpc")
        });
        // Envoy's HTTP/1.1 knows the registered methods only.
        let is_unregistered = row.request.method == "LIST";
        let exchange =
            if is_grpc || is_unregistered { agent.http2(&request)? } else { agent.http1(&request)? };
        waiting.push_back((row, exchange));
    }
    waiting.into_iter().try_for_each(settle)?;
    Ok(differing)
}

/// Whether an answer says what the native core says; the answer to a HEAD has only its status.
fn agree(native: Option<&str>, method: &str, answer: &Answer) -> bool {
    if method == "HEAD" {
        return native.is_none() == (answer.status == 200);
    }
    let told = format!("{} {}", answer.text(), answer.headers.get("grpc-message").unwrap_or_default());
    match native {
        None => answer.status == 200 && !told.contains("NOT EXECUTED"),
        Some(detail) => told.contains("NOT EXECUTED") && (told.contains(detail) || told.contains("%60")),
    }
}

fn compare(rows: &[Row]) -> Result<()> {
    let telling = telling();
    let document: Document = serde_json::from_value(telling.clone())?;
    let policy = Policy::compile(document)?;
    let setting = Setting::start(&telling, |config| config.workers(2))?;
    let differing = differing(&setting, &policy, rows)?;
    let shown = differing.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
    ensure!(differing.is_empty(), "{} of {} rows differ:\n{shown}", differing.len(), rows.len());
    Ok(())
}

#[test]
fn envoy_and_the_native_core_judge_the_traffic_of_real_clients_alike() -> Result<()> {
    let mut rows = rows::read(&place::root().join("tests/corpus/clients"))?;
    // Upgrades are tunnels to Envoy, which wants them configured; `bypass` tries those.
    rows.retain(|row| !row.request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("upgrade")));
    ensure!(rows.len() > 500, "only {} rows", rows.len());
    compare(&rows)
}

#[test]
fn envoy_and_the_native_core_judge_the_corpus_alike() -> Result<()> {
    let Some(corpus) = rows::corpus() else {
        skipped();
        return Ok(());
    };
    let mut rows: Vec<Row> = rows::read(&corpus.join("dev"))?.into_iter().step_by(EVERY).collect();
    ensure!(rows.len() >= 1000, "only {} rows", rows.len());
    rows.extend(rows::read(&corpus.join("evasion-dev.jsonl"))?);
    rows.extend(rows::read(&corpus.join("evasion-controls-dev.jsonl"))?);
    compare(&rows)
}

#[expect(clippy::print_stderr, reason = "who runs the tests must see what was left out")]
fn skipped() {
    eprintln!("skipped: there is no ../shared/corpus/actions beside the project");
}

/// How many of a thousand evasions that servers honour are held or refused; the same bar as for the native core.
const HELD: usize = 995;

/// A policy that says nothing of any host: reads pass, and everything else waits for a reviewer.
fn silent() -> Value {
    let mut silent = policy("1s");
    silent["rules"] = json!([]);
    silent
}

/// What of a row left the proxy: its request bears the row's name.
fn left(setting: &Setting) -> Vec<String> {
    let received = setting.upstream.received();
    received.iter().filter_map(|one| one.headers.get("x-row").map(str::to_owned)).collect()
}

/// Sends every row as an agent would, and waits for its answer: nobody approves anything.
fn send_all(setting: &Setting, rows: &[Row]) -> Result<()> {
    for some in rows.chunks(4 * AT_ONCE) {
        let mut waiting = Vec::new();
        for row in some {
            let request = row.request.request()?.header("x-row", &row.id);
            let is_grpc = row.request.headers.iter().any(|(_, value)| value.starts_with("application/grpc"));
            let agent = setting.agent();
            waiting.push(if is_grpc { agent.http2(&request)? } else { agent.http1(&request)? });
        }
        for (row, exchange) in some.iter().zip(waiting) {
            exchange.answer().with_context(|| row.id.clone())?;
        }
    }
    Ok(())
}

/// Not judged alike, as above, but held: what a server would carry out is at no upstream, in whatever spelling.
#[test]
fn what_is_held_is_held_in_every_spelling() -> Result<()> {
    let Some(corpus) = rows::corpus() else {
        skipped();
        return Ok(());
    };
    let mut evasions = rows::read(&corpus.join("evasion-dev.jsonl"))?;
    evasions.retain(|row| row.label.privileged && !row.label.debatable && row.honoured != "speculative");
    ensure!(evasions.len() > 300, "only {} evasions", evasions.len());
    let setting = Setting::start(&silent(), |config| config.workers(2))?;
    send_all(&setting, &evasions)?;
    let left = left(&setting);
    let held = (evasions.len() - left.len()) * 1000 / evasions.len();
    ensure!(held >= HELD, "{} of {} evasions left unasked: {left:#?}", left.len(), evasions.len());

    // And harmless requests in the same spellings do pass, or being held would show nothing.
    let mut controls = rows::read(&corpus.join("evasion-controls-dev.jsonl"))?;
    controls.retain(|row| !row.label.privileged && !row.label.debatable);
    send_all(&setting, &controls)?;
    let passed = self::left(&setting).len() - left.len();
    ensure!(passed * 2 > controls.len(), "{passed} of {} harmless requests passed", controls.len());
    Ok(())
}
