//! Traffic that a rule anonymises, in a real Envoy: what leaves the proxy is rewritten, of the right length, and what was
//! approved; what comes back is rewritten or withheld; and what cannot be rewritten does not leave.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::{Agent, Exchange, Request};
use countersign_tests::envoy::{Envoy, Pushed};
use countersign_tests::message::Answer;
use countersign_tests::setting::{Setting, envoy, filter, host, policy};
use countersign_tests::upstream::Received;
use countersign_tests::{eventually, place, within};
use serde_json::{Value, json};

use crate::shared::{A_WHILE, export};

const SECRET: &str = "ann.person@corp.example";
const BODY: &str = r#"{"to":"ann.person@corp.example","tax_id":"7391","rows":48210}"#;
const PLAIN: &str = r#"{"to":"[email]","tax_id":"","rows":48210}"#;
const ANSWER: &str = r#"{"mail":"ann.person@corp.example","n":1}"#;
const LABELLED: &str = r#"{"mail":"[email]","n":1}"#;

/// `*.passes.test` passes anonymised, `*.asked.test` is held, `*.lenient.test` lets answers pass that cannot be anonymised,
/// `*.request.test` and `*.response.test` know one direction only.
fn rules(request: &Value) -> Value {
    let response = json!({"fields": [{"kind": "email"}], "limit": "64KiB"});
    let lenient = json!({"fields": [{"kind": "email"}], "limit": "64KiB", "otherwise": "pass"});
    let both = json!({"request": request, "response": response});
    let allow = |name: &str, anonymise: Value| {
        let matches = json!({"host": format!("*.{name}.test"), "method": ["GET", "POST", "PUT", "HEAD"]});
        json!({"name": name, "effect": "allow", "match": matches, "anonymise": anonymise})
    };
    let mut document = policy("20s");
    let rules = document["rules"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let own = [
        allow("passes", both.clone()),
        allow("lenient", json!({"response": lenient})),
        allow("request", json!({"request": both["request"]})),
        allow("response", json!({"response": both["response"]})),
        allow("large", json!({"response": {"fields": [{"kind": "email"}], "limit": "8MiB"}})),
        json!({"name": "asked", "effect": "hold", "match": {"host": "*.asked.test"}, "anonymise": both}),
    ];
    document["rules"] = rules.into_iter().chain(own).collect();
    document
}

fn labels() -> Value {
    json!([{"kind": "email"}, {"name": "taxId", "with": "remove"}])
}

fn shared() -> Result<Arc<Setting>> {
    static SHARED: Mutex<Weak<Setting>> = Mutex::new(Weak::new());
    let mut slot = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(setting) = slot.upgrade() {
        return Ok(setting);
    }
    let setting = Arc::new(Setting::start(&rules(&labels()), |config| config.workers(2).connect())?);
    *slot = Arc::downgrade(&setting);
    Ok(setting)
}

type Send = fn(&Agent, &Request) -> Result<Exchange>;
const WAYS: [Send; 2] = [|agent, request| agent.http1(request), |agent, request| agent.http2(request)];

fn json_answer(body: &str) -> Answer {
    Answer::new(200, body).header("content-type", "application/json")
}

/// What arrived for a request that passes.
fn passed(setting: &Setting, request: &Request, send: Send) -> Result<(Received, Answer)> {
    let answer = send(&setting.agent(), request)?.answer()?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    Ok((setting.upstream.only(&request.authority)?, answer))
}

fn refused(setting: &Setting, request: &Request, send: Send) -> Result<String> {
    let answer = send(&setting.agent(), request)?.answer()?;
    ensure!(answer.status == 403, "{} {}", answer.status, answer.text());
    let count = setting.upstream.count(&request.authority);
    ensure!(count == 0, "a request that was refused reached the upstream");
    Ok(answer.json()?["detail"].as_str().unwrap_or_default().to_owned())
}

fn withheld(setting: &Setting, request: &Request, send: Send) -> Result<Value> {
    let answer = send(&setting.agent(), request)?.answer()?;
    ensure!(answer.status == 502, "{} {}", answer.status, answer.text());
    ensure!(!answer.text().contains(SECRET), "{}", answer.text());
    let problem = answer.json()?;
    ensure!(problem["type"] == "urn:countersign:problem:response-withheld", "{problem}");
    ensure!(problem["approval"]["executed"] == true, "{problem}");
    ensure!(setting.upstream.count(&request.authority) == 1, "executed once");
    Ok(problem)
}

fn record(setting: &Setting, host: &str, event: &str) -> Result<Value> {
    within(Duration::from_secs(10), &format!("a record `{event}`"), || {
        let own = |record: &Value| record["event"] == event && record["destination"]["authority"] == host;
        setting.envoy.records().into_iter().find(own)
    })
}

#[test]
fn what_leaves_is_anonymised_and_of_the_length_it_says() -> Result<()> {
    let setting = shared()?;
    for send in WAYS {
        for request in [
            Request::post(&host("request.test"), "/v2/import?mail=ann.person%40corp.example&x=1", BODY),
            Request::post(&host("request.test"), "/v2/import?mail=ann.person@corp.example&x=1", BODY)
                .chunked(),
        ] {
            let (arrived, _) = passed(&setting, &request, send)?;
            ensure!(arrived.body == PLAIN.as_bytes(), "{}", String::from_utf8_lossy(&arrived.body));
            ensure!(arrived.target == "/v2/import?mail=%5Bemail%5D&x=1", "{arrived:?}");
            let length = arrived.headers.get("content-length");
            ensure!(length.is_none_or(|length| length == PLAIN.len().to_string()), "{length:?}");
            let record = record(&setting, &request.authority, "action.allowed")?;
            let told = &record["anonymised"];
            ensure!(told["rule"] == "request" && told["request"]["counts"]["email"] == 2, "{record}");
            ensure!(!record.to_string().contains("ann.person"), "{record}");
        }
    }
    Ok(())
}

#[test]
fn a_form_stays_a_form_and_a_compressed_body_is_sent_plain() -> Result<()> {
    let setting = shared()?;
    let form = Request::new("POST", &host("request.test"), "/form")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("to=ann.person%40corp.example&tax-id=7&rows=+1");
    let (arrived, _) = passed(&setting, &form, WAYS[0])?;
    ensure!(arrived.body == b"to=%5Bemail%5D&tax-id=&rows=+1", "{}", String::from_utf8_lossy(&arrived.body));
    // gzip of a stored block: what any encoder may write.
    let length = u16::try_from(BODY.len())?;
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    file.extend(length.to_le_bytes());
    file.extend((!length).to_le_bytes());
    file.extend(BODY.as_bytes());
    file.extend([0; 4]);
    file.extend(u32::from(length).to_le_bytes());
    let request = Request::post(&host("request.test"), "/zip", file)
        .header("content-encoding", "gzip")
        .header("content-md5", "AAAA");
    let (arrived, _) = passed(&setting, &request, WAYS[0])?;
    ensure!(arrived.body == PLAIN.as_bytes(), "{}", String::from_utf8_lossy(&arrived.body));
    for name in ["content-encoding", "content-md5"] {
        ensure!(arrived.headers.get(name).is_none(), "`{name}` arrived: {arrived:?}");
    }
    Ok(())
}

#[test]
fn a_secret_is_found_wherever_the_body_is_cut_into_pieces() -> Result<()> {
    let setting = shared()?;
    let start = BODY.find(SECRET).context("no secret")?;
    for cut in start..=start + SECRET.len() {
        let host = host("request.test");
        let mut raw = setting.agent().raw()?;
        let head = format!("POST /v2/import HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n");
        raw.write(
            format!("{head}content-length: {}\r\n\r\n{}", BODY.len(), &BODY.get(..cut).unwrap_or(""))
                .as_bytes(),
        )?;
        thread::sleep(Duration::from_millis(15));
        ensure!(setting.upstream.count(&host) == 0, "a part left before the whole was there");
        raw.write(BODY.get(cut..).unwrap_or("").as_bytes())?;
        let answer = raw.answer(Duration::from_secs(10))?;
        ensure!(answer.status == 200, "cut at {cut}: {} {}", answer.status, answer.text());
        let arrived = setting.upstream.only(&host)?;
        ensure!(arrived.body == PLAIN.as_bytes(), "cut at {cut}: {}", String::from_utf8_lossy(&arrived.body));
    }
    Ok(())
}

#[test]
fn a_body_with_expect_is_anonymised_too() -> Result<()> {
    let setting = shared()?;
    let host = host("request.test");
    let mut raw = setting.agent().raw()?;
    let head = format!("POST /v2/import HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n", BODY.len());
    raw.write(format!("{head}content-type: application/json\r\nexpect: 100-continue\r\n\r\n").as_bytes())?;
    ensure!(raw.answer(Duration::from_secs(10))?.status == 100, "no interim answer");
    raw.write(BODY.as_bytes())?;
    let answer = raw.answer(Duration::from_secs(10))?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    ensure!(setting.upstream.only(&host)?.body == PLAIN.as_bytes(), "the body was not anonymised");
    Ok(())
}

#[test]
fn what_cannot_be_anonymised_does_not_leave() -> Result<()> {
    let setting = shared()?;
    let post = |body: &str| Request::post(&host("passes.test"), "/v2/import", body);
    let typed = |media: &str, body: &str| {
        Request::new("POST", &host("passes.test"), "/x").header("content-type", media).body(body)
    };
    for (request, why) in [
        (post("{\"to\":\"ann.person@corp.example\""), "not well-formed"),
        (post(BODY).header("content-encoding", "br"), "compressed or encoded"),
        (
            typed("multipart/form-data; boundary=x", "--x\r\n\r\nx\r\n--x--"),
            "of a type that cannot be rewritten",
        ),
        (typed("application/octet-stream", SECRET), "of a type that cannot be rewritten"),
        (typed("text/plain; charset=utf-16", "x"), "not UTF-8 text"),
        (
            post(BODY).header("authorization", "AWS4-HMAC-SHA256 Credential=a/b"),
            "the signature would no longer hold",
        ),
        (post(BODY).header("signature", "sig1=:AAAA:"), "the signature would no longer hold"),
    ] {
        for send in WAYS {
            let detail = refused(&setting, &request, send).context(why)?;
            ensure!(detail.contains(why), "{why}: {detail}");
        }
    }
    // Envoy drops those of HTTP/1.1 itself.
    let detail = refused(&setting, &post(BODY).trailer("x-checksum", "1"), WAYS[1])?;
    ensure!(detail.contains("a request with trailers cannot be anonymised"), "{detail}");
    let grpc = Request::grpc(&host("passes.test"), "/shop.Orders/DeleteOrder", b"x");
    let answer = setting.agent().http2(&grpc)?.answer()?;
    ensure!(answer.grpc_status() == Some(7), "{answer:?}");
    ensure!(setting.upstream.count(&grpc.authority) == 0, "gRPC left");
    Ok(())
}

#[test]
fn a_body_over_the_limit_does_not_leave() -> Result<()> {
    let setting = shared()?;
    let body = format!("{{\"a\":\"{}\"}}", "x".repeat(3 << 20));
    let request = Request::post(&host("request.test"), "/v2/import", body);
    for send in WAYS {
        let answer = send(&setting.agent(), &request)?.answer()?;
        ensure!(answer.status == 413, "{} {}", answer.status, answer.text());
        ensure!(setting.upstream.count(&request.authority) == 0, "a part of it left");
    }
    Ok(())
}

#[test]
fn a_tunnel_is_not_opened_where_traffic_is_anonymised() -> Result<()> {
    let setting = shared()?;
    let request = Request::get(&host("passes.test"), "/ws")
        .header("connection", "upgrade")
        .header("upgrade", "websocket");
    let answer = setting.agent().http1(&request)?.answer()?;
    ensure!(answer.status == 403, "{} {}", answer.status, answer.text());
    ensure!(setting.upstream.count(&request.authority) == 0, "a tunnel was opened");
    Ok(())
}

#[test]
fn what_is_approved_is_what_leaves_and_the_retry_is_the_same_request() -> Result<()> {
    let setting = shared()?;
    let host = host("asked.test");
    setting.upstream.answer(&host, json_answer(ANSWER).header("etag", "\"v1\""));
    let request = Request::post(&host, "/v2/import?to=ann.person@corp.example", BODY);
    let held = setting.agent().http1(&request)?;
    let task = setting.backend.task(&host)?;
    let v1 = &task.submission.context.v1;
    ensure!(v1.payload.size == PLAIN.len() as u64, "{:?}", v1.payload);
    ensure!(v1.payload.masked.iter().any(|one| one.detector == "anonymised"), "{:?}", v1.payload);
    let submitted = serde_json::to_string(&task.submission)?;
    ensure!(!submitted.contains("ann.person"), "a reviewer was shown the raw value");
    // The agent comes again with the same bytes: they are the request that was approved.
    held.leave();
    thread::sleep(A_WHILE);
    setting.backend.approve(&task)?;
    let answer = setting.agent().http2(&request)?.answer()?;
    ensure!(answer.status == 200 && answer.text() == LABELLED, "{} {}", answer.status, answer.text());
    ensure!(setting.backend.about(&host).len() == 1, "the retry became another task");
    let arrived = setting.upstream.only(&host)?;
    ensure!(arrived.target == "/v2/import?to=%5Bemail%5D", "{arrived:?}");
    ensure!(arrived.body == PLAIN.as_bytes(), "{}", String::from_utf8_lossy(&arrived.body));
    let outcome =
        within(Duration::from_secs(10), "the outcome", || setting.backend.by_id(&task.id)?.outcome)?;
    let told = &outcome.record["anonymised"];
    ensure!(told["request"]["counts"]["email"] == 2 && told["response"]["counts"]["email"] == 1, "{told}");
    Ok(())
}

#[test]
fn an_answer_is_anonymised_however_it_arrives() -> Result<()> {
    let setting = shared()?;
    for send in WAYS {
        for chunk in [0, 1, 7, 1000] {
            let request =
                Request::post(&host("passes.test"), "/v2/import", BODY).header("accept-encoding", "gzip, br");
            let answer =
                json_answer(ANSWER).header("etag", "\"v1\"").header("content-md5", "AAAA").chunked(chunk);
            setting.upstream.answer(&request.authority, answer);
            let (arrived, answer) = passed(&setting, &request, send)?;
            ensure!(answer.text() == LABELLED, "{}", answer.text());
            let length = answer.headers.get("content-length");
            ensure!(length.is_none_or(|length| length == LABELLED.len().to_string()), "{answer:?}");
            for name in ["etag", "content-md5"] {
                ensure!(answer.headers.get(name).is_none(), "`{name}`: {answer:?}");
            }
            ensure!(arrived.headers.get("accept-encoding") == Some("identity"), "{arrived:?}");
            let record = record(&setting, &request.authority, "action.completed")?;
            ensure!(record["anonymised"]["response"]["counts"]["email"] == 1, "{record}");
        }
    }
    Ok(())
}

#[test]
fn an_answer_without_anything_to_change_or_without_a_body_stays_as_it_was() -> Result<()> {
    let setting = shared()?;
    let body = "{ \"n\" : 1.0 }";
    let request = Request::get(&host("response.test"), "/x");
    setting.upstream.answer(&request.authority, json_answer(body).header("etag", "\"v1\""));
    let (_, answer) = passed(&setting, &request, WAYS[0])?;
    ensure!(answer.text() == body && answer.headers.get("etag") == Some("\"v1\""), "{answer:?}");
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 304)] {
        let request = Request::new(method, &host("response.test"), "/x");
        setting.upstream.answer(
            &request.authority,
            Answer::new(status, ANSWER).header("content-type", "application/json"),
        );
        let mut raw = setting.agent().http1(&request)?;
        if method != "HEAD" {
            raw = setting.agent().http2(&request)?;
        }
        let answer = raw.answer()?;
        ensure!(answer.status == status && answer.body.is_empty(), "{method} {status}: {answer:?}");
    }
    Ok(())
}

#[test]
fn an_answer_that_cannot_be_anonymised_is_withheld_and_said_to_be_executed() -> Result<()> {
    let setting = shared()?;
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(200_000));
    for (answer, why) in [
        (
            Answer::new(200, format!("data: {SECRET}\n\n")).header("content-type", "text/event-stream"),
            "a stream",
        ),
        (json_answer(ANSWER).header("content-encoding", "gzip"), "compressed or encoded"),
        (Answer { status: 206, ..json_answer(ANSWER) }, "a part of a whole"),
        (json_answer(&large), "larger than 65536 bytes"),
        (json_answer(&large).chunked(40_000), "larger than 65536 bytes"),
        (json_answer("{\"mail\":\"ann.person@corp.example\""), "not well-formed"),
        (
            Answer::new(200, SECRET).header("content-type", "application/octet-stream"),
            "of a type that cannot be rewritten",
        ),
        (Answer::new(200, b"\x00\xff".as_slice()), "not UTF-8 text"),
    ] {
        for send in WAYS {
            let request = Request::post(&host("passes.test"), "/v2/import", BODY);
            setting.upstream.answer(&request.authority, answer.clone());
            let problem = withheld(&setting, &request, send)?;
            let detail = problem["detail"].as_str().unwrap_or_default();
            ensure!(detail.starts_with("EXECUTED") && detail.contains(why), "{why}: {detail}");
        }
    }
    let request = Request::post(&host("passes.test"), "/v2/import", BODY);
    setting.upstream.answer(&request.authority, json_answer("{"));
    withheld(&setting, &request, WAYS[0])?;
    let record = record(&setting, &request.authority, "action.completed")?;
    let told = &record["anonymised"]["response"];
    ensure!(told["withheld"] == "not well-formed" && record["outcome"] == "completed", "{record}");
    let access = setting.envoy.access(&request.authority)?;
    ensure!(access["verdict"] == "withheld", "{access}");
    Ok(())
}

#[test]
fn a_rule_may_let_answers_pass_that_cannot_be_anonymised() -> Result<()> {
    let setting = shared()?;
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(200_000));
    for answer in [
        Answer::new(200, "data: x\n\n").header("content-type", "text/event-stream"),
        json_answer(&large),
        json_answer(&large).chunked(40_000),
    ] {
        let request = Request::get(&host("lenient.test"), "/x");
        setting.upstream.answer(&request.authority, answer.clone());
        let (_, came) = passed(&setting, &request, WAYS[0])?;
        ensure!(came.body == answer.body, "{} bytes of {}", came.body.len(), answer.body.len());
        let record = record(&setting, &request.authority, "action.completed")?;
        ensure!(record["anonymised"]["response"]["passed"].is_string(), "{record}");
    }
    Ok(())
}

#[test]
fn envoys_own_buffer_limit_ends_a_large_answer_with_an_error_and_nothing_of_it() -> Result<()> {
    let setting = shared()?;
    let body = format!("{{\"mail\":\"{SECRET}\",\"a\":\"{}\"}}", "x".repeat(4 << 20));
    for chunk in [0, 60_000] {
        let request = Request::get(&host("large.test"), "/x");
        setting.upstream.answer(&request.authority, json_answer(&body).chunked(chunk));
        let answer = setting.agent().http1(&request)?.answer()?;
        ensure!(!answer.text().contains(SECRET), "the beginning of a raw answer was handed on");
        ensure!(answer.status == 500, "{} with {} bytes", answer.status, answer.body.len());
        let access = setting.envoy.access(&request.authority)?;
        ensure!(access["details"] == "response_payload_too_large", "{access}");
    }
    Ok(())
}

#[test]
fn an_upstream_that_fails_is_reported_as_ever() -> Result<()> {
    let setting = shared()?;
    let request = Request::post(&host("passes.test"), "/v2/import", BODY);
    let sent = json!({"error": SECRET}).to_string();
    setting.upstream.answer(&request.authority, Answer { status: 503, ..json_answer(&sent) });
    let answer = setting.agent().http1(&request)?.answer()?;
    ensure!(
        answer.status == 503 && answer.text() == "{\"error\":\"[email]\"}",
        "{} {}",
        answer.status,
        answer.text()
    );
    Ok(())
}

#[test]
fn an_agent_that_leaves_meanwhile_leaves_no_trace_but_a_record() -> Result<()> {
    let setting = shared()?;
    let request = Request::get(&host("response.test"), "/x");
    // Slow: some 4,000 pieces, a millisecond apart.
    setting
        .upstream
        .answer(&request.authority, json_answer(&format!("\"{}\"", "x".repeat(40_000))).chunked(10));
    let exchange = setting.agent().http1(&request)?;
    eventually("the request to arrive", || setting.upstream.count(&request.authority) == 1)?;
    thread::sleep(A_WHILE);
    exchange.leave();
    let record = record(&setting, &request.authority, "action.completed")?;
    let told = &record["anonymised"]["response"]["withheld"];
    ensure!(told == "not whole when the stream ended", "{record}");
    let (_, answer) = passed(&setting, &Request::get(&host("response.test"), "/x"), WAYS[0])?;
    ensure!(answer.status == 200, "the proxy still works");
    Ok(())
}

#[test]
fn a_policy_that_comes_meanwhile_changes_nothing_for_a_call_on_its_way() -> Result<()> {
    let (upstream, backend) =
        (countersign_tests::upstream::Upstream::start()?, countersign_tests::backend::Backend::start()?);
    let config = |rules: &Value| -> Result<_> {
        Ok(envoy(place::filter()?, &upstream, &backend).filter(filter(&backend, rules).to_string()))
    };
    let running = Envoy::start(config(&rules(&labels()))?.listener_from_file())?;
    let next = config(&rules(&json!([{"kind": "card"}])))?.into_listener()?;
    let setting = Setting { envoy: running, backend, upstream };
    let host = host("asked.test");
    setting.upstream.answer(&host, json_answer(ANSWER));
    let held = setting.agent().http1(&Request::post(&host, "/v2/import", BODY))?;
    let task = setting.backend.task(&host)?;
    ensure!(setting.envoy.push(&next)? == Pushed::Taken, "the new policy was refused");
    setting.backend.approve(&task)?;
    let answer = held.answer()?;
    ensure!(answer.status == 200 && answer.text() == LABELLED, "{} {}", answer.status, answer.text());
    ensure!(
        setting.upstream.only(&host)?.body == PLAIN.as_bytes(),
        "the new policy took over a call of the old one"
    );
    Ok(())
}

#[test]
fn traffic_that_no_rule_asks_to_anonymise_is_not_touched() -> Result<()> {
    let setting = shared()?;
    for send in WAYS {
        let request = export(&host("open.test")).header("accept-encoding", "gzip");
        let stream = format!("data: {SECRET}\n\n");
        let answer = Answer::new(200, stream.as_str())
            .header("content-type", "text/event-stream")
            .header("etag", "\"v\"");
        setting.upstream.answer(&request.authority, answer);
        let (arrived, answer) = passed(&setting, &request, send)?;
        ensure!(
            arrived.body == request.body && arrived.headers.get("accept-encoding") == Some("gzip"),
            "{arrived:?}"
        );
        ensure!(answer.text() == stream && answer.headers.get("etag") == Some("\"v\""), "{answer:?}");
    }
    Ok(())
}
