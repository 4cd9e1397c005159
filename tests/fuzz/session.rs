//! Whole sessions of one worker, driven by an input: any events in any order, any bytes for heads, bodies and answers, any clock.
//!
//! Beside arbitrary bytes there are honest ones, so that the deep states are reached: requests that the policy holds, and a
//! service that signs ([`Service`]). After each event the invariants of the design are checked from outside the core: nothing
//! is released without a decision that the service signed for just this request and a receipt for just this redeem; none twice;
//! what is held never passes; one terminal effect and one closing record for each.

use countersign_core::{
    ask::Surroundings,
    call::{Call, Destinations, HeaderMap, Leaving, Scheme},
    config::Config,
    now::Now,
    requester::Facts,
    service::{Answer, Dispatch},
    session::{Effect, End, Event, Flow, Load, Serial, Session, Side, Wants},
    worker::{Host, Worker},
};
use countersign_wire::{
    evaluation::Redeem,
    record::{Record, verify_chain},
    submission::Submission,
};
use serde_json::{Value, json};
use std::{cell::OnceCell, collections::HashSet, rc::Rc};

use crate::{
    bytes::Bytes,
    service::{CLIENT, ISSUER, Service, ok, path},
};

/// The most events of one input.
const MOST: usize = 200;

/// One stream of the proxy.
struct Stream {
    session: Session,
    proxy: Proxy,
    began: bool,
    must_hold: bool,
    submission: Option<Submission>,
    /// What was in the proxy when it was asked for.
    asked_for: Option<Vec<Option<Vec<u8>>>>,
    redeem: Option<Redeem>,
    dispatch: Option<(Serial, Dispatch)>,
    resumed: usize,
    replied: usize,
    closed: usize,
    gone: bool,
}

/// The proxy around a stream: its buffers.
#[derive(Clone, Default)]
struct Proxy {
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    body: Vec<u8>,
}

impl Facts for Proxy {
    fn property(&self, _path: &[&str]) -> Option<Vec<u8>> {
        None
    }
    fn environment(&self, _name: &str) -> Option<String> {
        None
    }
    fn leaving(&self) -> Option<Leaving> {
        Some(Leaving { headers: HeaderMap::from_pairs(self.headers.clone()), body: self.body.clone() })
    }
}

impl Proxy {
    fn set(&mut self, name: &str, value: Option<&[u8]>) {
        self.headers.retain(|(known, _)| known != name.as_bytes());
        self.headers.extend(value.map(|value| (name.as_bytes().to_vec(), value.to_vec())));
    }

    /// The parts of a request that no approval covers another value of.
    fn bound(&self) -> Vec<Option<Vec<u8>>> {
        const NAMES: [&str; 6] =
            [":method", ":authority", ":path", "content-type", "content-encoding", "x-http-method-override"];
        let value = |name: &str| {
            self.headers.iter().find(|(known, _)| known == name.as_bytes()).map(|(_, value)| value.clone())
        };
        // An empty content type binds as none, and space around a JSON-RPC message is not bound.
        let some = |name: &&str| value(name).filter(|value| **name != *"content-type" || !value.is_empty());
        let body = match self.body.windows(9).any(|window| window == b"\"jsonrpc\"") {
            true => self.body.trim_ascii().to_vec(),
            false => self.body.clone(),
        };
        NAMES.iter().map(some).chain([Some(body)]).collect()
    }
}

fn config(service: &Service) -> Rc<Config> {
    let human = json!({"iss": "https://idp.test", "sub": "alice@people.test"});
    let anonymise = json!({
        "request": [{"name": "password", "with": "pseudonym"}],
        "response": {"fields": [{"name": "password", "with": "label"}], "limit": "1KiB"},
    });
    let document = json!({
        "client_id": CLIENT,
        "approval": {"cluster": "approvals", "authority": "approvals.test", "issuer": ISSUER,
            "jwks": {"keys": [service.jwk()]}},
        "signing_key": {"keyid": "pep", "env": "SIGNING"},
        "binding_key": {"kid": "bk1", "env": "BINDING"},
        "limits": {"body_bytes": 1500, "held": 3, "headers": 40, "header_bytes": 4096},
        "policy": {
            "apiVersion": "countersign.dev/v1", "name": "tests",
            "requester": {"sources": [{"static": {"id": "spiffe://test/sa/bot", "human": human}}]},
            "groups": {"security": {}},
            "secrets": {"secret": {"authority": "held.test", "header": ["x", "authorization"]}},
            "defaults": {"hold": "30s", "expiry": "10m", "grant": "5m", "reviewers": {"groups": ["security"], "quorum": 1}},
            "rules": [
                {"name": "held", "match": {"host": "held.test"}, "effect": "hold", "on_disconnect": "cancel", "connect": "hold"},
                {"name": "denied", "match": {"host": "denied.test"}, "effect": "deny"},
                {"name": "changed", "match": {"host": "changed.test", "method": ["GET", "POST"]}, "effect": "allow", "anonymise": anonymise},
                {"name": "held-changed", "match": {"host": "heldchanged.test"}, "effect": "hold", "anonymise": anonymise},
                {"name": "deletes", "match": {"action": {"class": "data_delete"}}, "effect": "hold"},
            ],
        },
    });
    let environment = |name: &str| match name {
        "SIGNING" => Some("01".repeat(32)),
        "BINDING" => Some("02".repeat(32)),
        _ => None,
    };
    Config::load(document.to_string().as_bytes(), &environment).expect("the configuration loads")
}

const BODIES: [&[u8]; 8] = [
    b"{\"rows\":7,\"password\":\"hunter2\"}",
    b"",
    b"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"delete_user\",\"arguments\":{}}},{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}]",
    b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"export\",\"arguments\":{\"a\":1},\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}}",
    b"{\"query\":\"mutation { a: deleteUser(id: 1) { ok } b: get }\"}",
    b"DROP TABLE customers",
    b"a=1&_method=DELETE",
    b"--b\r\nContent-Type: application/http\r\n\r\nDELETE /storage/v1/b/x/o/y HTTP/1.1\r\n\r\n--b--\r\n",
];

/// A head, mostly one that somebody would send.
fn head(choose: &mut Bytes) -> Vec<(Vec<u8>, Vec<u8>)> {
    let method = choose.of(&["POST", "GET", "DELETE", "CONNECT", "post", ""]);
    let host = choose.of(&[
        "held.test",
        "open.test",
        "denied.test",
        "changed.test",
        "heldchanged.test",
        "held.test:443",
        "storage.googleapis.com",
    ]);
    let path = choose.of(&[
        "/v2/import?token=x",
        "/mcp",
        "/graphql",
        "/v1/$batch",
        "/batch/storage/v1",
        "/a/../b",
        "/a%2fb",
        "*",
    ]);
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = [(":method", method), (":authority", host), (":path", path)]
        .map(|(n, v)| (n.into(), v.into()))
        .into();
    let more = [
        ("content-type", "application/json"),
        ("content-type", "multipart/mixed; boundary=b"),
        ("content-type", "application/grpc"),
        ("content-encoding", "gzip"),
        ("countersign-justification", "because"),
        ("x-envoy-retry-on", "5xx"),
        ("x-http-method-override", "DELETE"),
        ("prefer", "respond-async"),
        ("content-length", "31"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("accept", "application/graphql-response+json"),
        ("host", "other.test"),
        ("x", "{{countersign:secret}}"),
    ];
    for _ in 0..choose.below(5) {
        let (name, value) = choose.of(&more);
        pairs.push((name.into(), value.into()));
    }
    if choose.byte() >= 192 {
        let at = choose.below(pairs.len());
        choose.mutate(&mut pairs[at].1);
    }
    pairs
}

fn body(choose: &mut Bytes) -> Vec<u8> {
    match choose.byte() {
        255 => vec![b'x'; 2000],
        kind @ 128.. => {
            let mut bytes = BODIES[usize::from(kind) % BODIES.len()].to_vec();
            choose.mutate(&mut bytes);
            bytes
        }
        kind @ 64.. => BODIES[usize::from(kind) % BODIES.len()].to_vec(),
        _ => choose.some().to_vec(),
    }
}

/// Whether the policy holds or denies everything at this request's host.
fn must_hold(headers: &HeaderMap) -> bool {
    let none: [&str; 0] = [];
    let destinations = Destinations::new(Scheme::Https, none).expect("no hosts");
    Call::read(headers.clone(), &destinations)
        .is_ok_and(|call| ["held.test", "denied.test", "heldchanged.test"].contains(&call.host()))
}

struct Stage {
    worker: Worker,
    service: Service,
    streams: Vec<Stream>,
    now: Now,
    lines: Vec<String>,
    released: HashSet<String>,
}

/// Runs an input.
pub fn run(input: &[u8]) {
    thread_local!(static CONFIG: OnceCell<Rc<Config>> = const { OnceCell::new() });
    let mut choose = Bytes::new(input);
    let service = Service::default();
    let config = CONFIG.with(|known| Rc::clone(known.get_or_init(|| config(&service))));
    let worker = Worker::new(config, [7; 32], Host::default());
    let now = Now { mono_ms: 100_000, unix_ms: 1_795_241_040_000 };
    let mut stage =
        Stage { worker, service, streams: Vec::new(), now, lines: Vec::new(), released: HashSet::new() };
    stage.open();
    for _ in 0..MOST {
        if choose.is_empty() {
            break;
        }
        stage.step(&mut choose);
    }
    // The end: every stream goes, and nothing is left behind.
    for number in 0..stage.streams.len() {
        stage.event(number, Event::Gone);
        stage.streams[number].gone = true;
    }
    assert_eq!((stage.worker.holding, stage.worker.load), (0, Load::default()), "something is still held");
    let lines = stage.lines.iter().map(String::as_bytes);
    assert!(verify_chain(lines).is_ok(), "the chain does not verify");
}

impl Stage {
    fn open(&mut self) {
        let id = u32::try_from(self.streams.len()).unwrap_or(0);
        self.streams.push(Stream {
            session: Session::new(id),
            proxy: Proxy::default(),
            began: false,
            must_hold: true,
            submission: None,
            asked_for: None,
            redeem: None,
            dispatch: None,
            resumed: 0,
            replied: 0,
            closed: 0,
            gone: false,
        });
    }

    fn step(&mut self, choose: &mut Bytes) {
        let kind = choose.byte();
        let number = usize::from(kind >> 5) % self.streams.len();
        match kind & 31 {
            0 => {
                let pairs = head(choose);
                self.begin(number, HeaderMap::from_pairs(pairs), end(choose));
            }
            1 => {
                if let Ok(headers) = HeaderMap::from_abi(choose.some().to_vec()) {
                    self.begin(number, headers, end(choose));
                }
            }
            2 => self.event(number, Event::BodyGrows(usize::try_from(choose.number()).unwrap_or(usize::MAX))),
            3 | 4 => {
                let body = body(choose);
                let trailers = (kind & 31 == 4).then(|| choose.below(3));
                if self.streams[number].session.wants() == Wants::Body {
                    self.streams[number].proxy.body.clone_from(&body);
                }
                match trailers {
                    None => self.event(number, Event::BodyEnds(&body)),
                    Some(count) => self.event(number, Event::Trailers(count, &body)),
                }
            }
            5..=10 => {
                let Some((serial, dispatch)) = self.streams[number].dispatch.clone() else { return };
                let sent = self.streams[number].submission.clone();
                let answer = self.service.answer(&dispatch, sent.as_ref(), self.now.unix_ms / 1000, choose);
                self.event(number, Event::Answer(serial, answer));
            }
            11 => {
                let serial = self.streams[number].dispatch.as_ref().map_or(Serial(1), |(serial, _)| *serial);
                let status = choose.of(&[200, 202, 201, 304, 500]);
                let retry_after_s = Some(choose.number()).filter(|n| n % 2 == 0);
                self.event(
                    number,
                    Event::Answer(
                        serial,
                        Answer::Http { status, retry_after_s, body: choose.some().to_vec() },
                    ),
                );
            }
            12 => {
                let serial = self.streams[number].dispatch.as_ref().map_or(Serial(1), |(serial, _)| *serial);
                self.event(number, Event::Answer(serial, Answer::Lost));
            }
            13 => {
                let serial = Serial(u32::try_from(choose.number() & 0xffff_ffff).unwrap_or(0));
                // A late answer to what this stream no longer asks.
                if self.streams[number].dispatch.as_ref().is_none_or(|(known, _)| *known != serial) {
                    let sent = self.streams[number].submission.clone();
                    if let Some((_, dispatch)) = self.streams[number].dispatch.clone() {
                        let answer =
                            self.service.answer(&dispatch, sent.as_ref(), self.now.unix_ms / 1000, choose);
                        self.event(number, Event::Answer(serial, answer));
                    }
                }
            }
            14 => {
                self.now = self.now.after(choose.number() % 100_000);
                self.event(number, Event::Tick);
            }
            15 => {
                // The wall clock jumps.
                let to = i64::try_from(choose.number() >> 1).unwrap_or(0);
                self.now.unix_ms = if choose.byte() < 200 {
                    self.now.unix_ms.saturating_add(to % 2_000_000 - 1_000_000)
                } else {
                    to
                };
            }
            16 => self.event(number, Event::Woken),
            17 | 18 => self.acknowledge(),
            19 => {
                let answer = Answer::Http { status: 200, retry_after_s: None, body: choose.some().to_vec() };
                match choose.below(3) {
                    0 => self.worker.journal.answered(self.now, &answer),
                    1 => self.worker.watch.answered(self.now, &answer),
                    _ => drop(self.worker.withdrawn(self.now, &answer)),
                }
            }
            20 => {
                let end = end(choose);
                let status = choose.of(&["200", "206", "503", "x"]);
                let media = choose.of(&["application/json", "text/event-stream", ""]);
                let headers = HeaderMap::from_pairs([(":status", status), ("content-type", media)]);
                self.event(number, Event::ResponseHead(Some(headers).filter(|_| status != "x"), end));
            }
            21 => self.event(number, Event::ResponseBody(choose.some())),
            22 => self
                .event(number, Event::ResponseGrows(usize::try_from(choose.number()).unwrap_or(usize::MAX))),
            23 => {
                let body = body(choose);
                self.event(number, Event::ResponseEnds(&body));
            }
            // What the host was told last is refused, or confirmed though nobody asked; the rest of an answer.
            24 => match choose.below(5) {
                0 => self.event(number, Event::Done),
                1 => self.event(number, Event::ResponseRest(choose.some())),
                2 => self.event(
                    number,
                    Event::ResponseBody(choose.of(&[
                        &b"a sk-fuzz"[..],
                        b"a sk-fuzz-0123456789",
                        b"sk%2Dfuzz",
                    ])),
                ),
                3 => self.event(
                    number,
                    Event::ResponseTrailers(Some(HeaderMap::from_pairs([("grpc-message", choose.some())]))),
                ),
                _ => self.event(number, Event::Undone),
            },
            25 => {
                self.event(number, Event::Gone);
                self.streams[number].gone = true;
            }
            26 => {
                // Another filter reaches into the proxy's buffers.
                let proxy = &mut self.streams[number].proxy;
                match choose.below(4) {
                    0 => proxy.body.push(choose.byte()),
                    1 => proxy.set(":path", Some(choose.some())),
                    2 => proxy.set("content-type", Some(choose.some())),
                    _ => proxy.set("authorization", Some(choose.some())),
                }
            }
            27 => {
                let effects = self.streams[number].session.garbled(&mut self.worker, self.now);
                self.note(number, effects);
            }
            28 => {
                drop(self.worker.ship(self.now));
                if let Some(dispatch) = self.worker.watch(self.now) {
                    let ids =
                        serde_json::from_slice::<Value>(&dispatch.body).unwrap_or_default()["ids"].take();
                    self.worker.watch.answered(self.now, &ok(&json!({"ready": ids})));
                }
                while let Some(stream) = self.worker.watch.next_ready() {
                    self.event(usize::try_from(stream).unwrap_or(0), Event::Woken);
                }
            }
            _ if self.streams.len() < 6 => self.open(),
            _ => {}
        }
    }

    fn begin(&mut self, number: usize, headers: HeaderMap, end: End) {
        let stream = &mut self.streams[number];
        if !stream.began {
            stream.began = true;
            stream.must_hold = must_hold(&headers);
            stream.proxy.headers =
                headers.iter_bytes().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
        }
        self.event(number, Event::Head(headers, Surroundings::default(), end));
    }

    /// The service echoes every record it is offered.
    fn acknowledge(&mut self) {
        let Some(lines) = self.worker.journal.batch(self.now) else { return };
        let records = lines.split(|byte| *byte == b'\n').filter_map(|line| Record::read(line, 0).ok());
        let names: Vec<Value> = records.map(|record| json!(record.name())).collect();
        self.worker.journal.answered(self.now, &ok(&json!({"accepted": names})));
    }

    fn event(&mut self, number: usize, event: Event<'_>) {
        let Some(stream) = self.streams.get_mut(number).filter(|stream| !stream.gone) else { return };
        let proxy = stream.proxy.clone();
        let effects = stream.session.handle(&mut self.worker, &proxy, self.now, event);
        self.note(number, effects);
    }

    /// Does what the effects say, and checks what must hold.
    fn note(&mut self, number: usize, effects: Vec<Effect>) {
        let last = effects.len().saturating_sub(1);
        let mut confirmed = false;
        for (place, effect) in effects.into_iter().enumerate() {
            let stream = &mut self.streams[number];
            match effect {
                Effect::Record(line) => {
                    let record = Record::read(line.as_bytes(), 0).expect("a record that cannot be read");
                    let closes = matches!(record.event(), "action.blocked" | "action.completed");
                    stream.closed += usize::from(closes);
                    self.lines.push(line);
                }
                Effect::Strip(names) => names.iter().for_each(|name| stream.proxy.set(name, None)),
                Effect::Header(Side::Request, edit) => {
                    stream.proxy.set(&edit.name, edit.value.as_deref().map(str::as_bytes));
                }
                Effect::Inject(name, value) => {
                    let placeholder = stream.proxy.headers.iter().any(|(known, value)| {
                        known == name.as_bytes() && value.windows(14).any(|part| part == b"{{countersign:")
                    });
                    assert!(placeholder, "a secret where no placeholder stands");
                    assert!(value.expose().contains("sk-fuzz-0123456789"), "another secret");
                    stream.proxy.set(&name, Some(value.expose().as_bytes()));
                }
                Effect::Confirm => {
                    assert_eq!(place, last, "what is confirmed is all of its batch");
                    confirmed = true;
                }
                Effect::ReplaceBody(body, _) => stream.proxy.body = body,
                Effect::Dispatch(serial, dispatch) => {
                    if path(&dispatch) == countersign_wire::names::REQUESTS_PATH {
                        stream.submission = serde_json::from_slice(&dispatch.body).ok();
                        stream.asked_for.get_or_insert_with(|| stream.proxy.bound());
                    }
                    if path(&dispatch) == countersign_wire::names::EVALUATION_PATH {
                        stream.redeem = serde_json::from_slice(&dispatch.body).ok();
                    }
                    stream.dispatch = Some((serial, dispatch));
                }
                Effect::Reply(_) => stream.replied += 1,
                Effect::Resume(_) => {
                    assert_eq!(place, last, "resume is not the last effect");
                    stream.resumed += 1;
                    self.released(number);
                }
                Effect::Header(Side::Response | Side::Trailers, _)
                | Effect::ReplaceResponse(_)
                | Effect::Withhold(_)
                | Effect::Verdict(_)
                | Effect::Label(..)
                | Effect::Notify(_)
                | Effect::Withdraw(_)
                | Effect::Measure(_) => {}
            }
        }
        let stream = &self.streams[number];
        assert!(stream.replied + stream.resumed <= 1, "two terminal effects");
        assert!(stream.closed <= 1, "two closing records");
        assert!(stream.replied == 0 || stream.closed == 1, "answered without a record");
        if stream.must_hold || stream.submission.is_some() {
            let passes = stream.session.flow() == Flow::Pass;
            assert!(!passes || stream.resumed == 1, "what is held passes");
        }
        assert!(stream.replied == 0 || stream.session.flow() == Flow::Hold, "answered, and passes");
        let held = self.streams.iter().filter(|stream| stream.session.wants() == Wants::Answers).count();
        assert_eq!(self.worker.holding, held, "the books do not balance");
        for stream in &self.streams {
            stream.session.is_due(self.now.mono_ms);
        }
        if confirmed {
            self.event(number, Event::Done);
        }
    }

    /// A call leaves: the service must have wanted just that.
    fn released(&mut self, number: usize) {
        let stream = &self.streams[number];
        let sent = stream.submission.as_ref().expect("released and never asked for");
        let redeem = stream.redeem.as_ref().expect("released and never redeemed");
        assert_eq!(stream.asked_for.as_ref(), Some(&stream.proxy.bound()), "another request leaves");
        if !sent.context.v1.secrets.is_empty() {
            let left = stream
                .proxy
                .headers
                .iter()
                .any(|(_, value)| value.windows(14).any(|part| part == b"{{countersign:"));
            assert!(!left, "a placeholder leaves");
        }
        let jti = redeem.context.approval.id.as_str();
        assert!(self.released.insert(jti.to_owned()), "a grant was used twice");
        let digest = sent.context.request_digest.as_str();
        let now = self.now.unix_ms / 1000;
        let of_bob = |claims: &Value| {
            let approvers = claims["approvers"].as_array().cloned().unwrap_or_default();
            !approvers.is_empty() && approvers.iter().all(|one| one["sub"] == "bob")
        };
        let granted = self.service.grants.iter().any(|claims| {
            claims["request_digest"] == digest
                && claims["decision"] == "approved"
                && claims["jti"] == jti
                && claims["aud"] == CLIENT
                && claims["iss"] == ISSUER
                && claims["max_uses"] == 1
                && claims["display_digest"] == sent.display_digest()
                && of_bob(claims)
        });
        assert!(granted, "released without a grant");
        let received = self.service.receipts.iter().any(|claims| {
            claims["request_digest"] == digest
                && claims["jti"] == jti
                && claims["nonce"] == redeem.context.v1.nonce.as_str()
                && claims["exp"].as_i64().is_some_and(|exp| now < exp.saturating_add(30))
        });
        assert!(received, "released without a receipt");
        let last = self.lines.iter().rev().find(|line| line.contains("\"action.releas"));
        assert!(last.is_some(), "released without a record");
    }
}

fn end(choose: &mut Bytes) -> End {
    if choose.byte().is_multiple_of(2) { End::No } else { End::Yes }
}
