//! Bounds that an agent cannot make the filter exceed: each is a refusal that names it, its figure and the key that raises it.

use super::{
    super::{End, Event, Flow, Session, Wants},
    stage::{Proxy, Stage, config_with},
};
use crate::{
    ask::Surroundings,
    call::HeaderMap,
    config::{Config, LimitsDoc},
    now::Now,
    session::Effect,
    worker::{Host, Worker},
};
use serde_json::json;
use std::rc::Rc;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: Now = Now { mono_ms: 0, unix_ms: 1_795_241_040_000 };

fn worker(limits: &serde_json::Value) -> Worker {
    let config: Rc<Config> = config_with(|document| document["limits"] = limits.clone());
    Worker::new(config, [7; 32], Host::default())
}

fn head(host: &str, more: &[(String, String)]) -> HeaderMap {
    let own = [(":method", "POST"), (":authority", host), (":path", "/v2/import")];
    let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
    HeaderMap::from_pairs(own.into_iter().chain(more.iter().cloned()))
}

/// Status and text of the refusal; 0 where there is none.
fn told(effects: &[Effect]) -> (u16, String) {
    let reply = effects.iter().find_map(|effect| match effect {
        Effect::Reply(reply) => Some((reply.status, String::from_utf8_lossy(&reply.body).into_owned())),
        _ => None,
    });
    reply.unwrap_or_default()
}

fn begin(worker: &mut Worker, headers: HeaderMap, end: End) -> (Session, Vec<Effect>) {
    let mut session = Session::new(1);
    let event = Event::Head(headers, Surroundings::default(), end);
    let effects = session.handle(worker, &Proxy::default(), NOW, event);
    (session, effects)
}

#[test]
fn a_head_of_too_many_or_too_large_headers_is_refused_unread_whoever_it_is_for() {
    let mut worker = worker(&json!({"headers": 20, "header_bytes": 2048}));
    let many = |n: usize| (0..n).map(|n| (format!("x-{n}"), "v".to_owned())).collect::<Vec<_>>();
    let large = |n: usize| vec![("x".to_owned(), "v".repeat(n))];
    for host in ["held.test", "open.test"] {
        let (session, effects) = begin(&mut worker, head(host, &many(17)), End::No);
        assert_eq!(told(&effects).0, 0, "twenty in all are read");
        drop(session);
        for (headers, words) in [
            (many(18), ["20 headers", "limits.headers"]),
            (large(2048), ["2048 bytes", "limits.header_bytes"]),
        ] {
            let (session, effects) = begin(&mut worker, head(host, &headers), End::No);
            let (status, text) = told(&effects);
            assert!(status == 431 && words.iter().all(|word| text.contains(word)), "{host}: {status} {text}");
            assert_eq!((session.flow(), session.wants()), (Flow::Hold, Wants::Nothing), "{host}");
        }
    }
}

#[test]
fn a_worker_awaits_no_more_bodies_than_it_may_and_has_room_again_when_one_ends() {
    let mut worker = worker(&json!({"held": 2}));
    let mut open: Vec<Session> =
        (0..2).map(|_| begin(&mut worker, head("held.test", &[]), End::No).0).collect();
    assert_eq!(worker.load.reading, 2);
    let (_, effects) = begin(&mut worker, head("held.test", &[]), End::No);
    let (status, text) = told(&effects);
    assert!(status == 503 && text.contains("2 requests") && text.contains("limits.held"), "{status} {text}");
    assert_eq!(worker.load.reading, 2, "what is refused counts for nothing");
    open[0].handle(&mut worker, &Proxy::default(), NOW, Event::Gone);
    assert_eq!(told(&begin(&mut worker, head("held.test", &[]), End::No).1).0, 0);
}

#[test]
fn a_worker_holds_no_more_calls_than_it_may() {
    let mut worker = worker(&json!({"held": 2}));
    for _ in 0..2 {
        assert_eq!(told(&begin(&mut worker, head("held.test", &[]), End::Yes).1).0, 0);
    }
    let (status, text) = told(&begin(&mut worker, head("held.test", &[]), End::Yes).1);
    assert!(status == 503 && text.contains("2 requests") && text.contains("limits.held"), "{status} {text}");
}

#[test]
fn a_worker_keeps_no_more_bytes_of_requests_than_it_may() {
    const MIB: usize = 1024 * 1024;
    let mut worker = worker(&json!({"held_bytes": MIB, "body_bytes": MIB}));
    let (mut first, _) = begin(&mut worker, head("held.test", &[]), End::No);
    let (mut second, _) = begin(&mut worker, head("held.test", &[]), End::No);
    let grows = |session: &mut Session, worker: &mut Worker, size| {
        told(&session.handle(worker, &Proxy::default(), NOW, Event::BodyGrows(size)))
    };
    assert_eq!(grows(&mut first, &mut worker, MIB / 2).0, 0);
    assert_eq!(
        grows(&mut first, &mut worker, MIB / 2 + 10).0,
        0,
        "the size is the whole body's, not a piece's"
    );
    let (status, text) = grows(&mut second, &mut worker, MIB / 2);
    assert!(status == 503 && text.contains("limits.held_bytes"), "{status} {text}");
    // Held, its body counts as long as it lies in the proxy.
    let body = vec![b'x'; MIB / 2];
    first.handle(&mut worker, &Proxy::default(), NOW, Event::BodyEnds(&body));
    assert_eq!((first.wants(), worker.holding), (Wants::Answers, 1));
    assert!(worker.load.bytes >= MIB / 2, "{:?}", worker.load);
    let (mut third, _) = begin(&mut worker, head("held.test", &[]), End::No);
    let effects = third.handle(&mut worker, &Proxy::default(), NOW, Event::BodyEnds(&body));
    assert_eq!(told(&effects).0, 503);
    first.handle(&mut worker, &Proxy::default(), NOW, Event::Gone);
    assert_eq!((worker.load, worker.holding), (crate::session::Load::default(), 0));
}

#[test]
fn the_bounds_have_defaults_and_a_refusal_is_on_record_with_its_figure() {
    let LimitsDoc { body_bytes, body_ms, held, held_bytes, headers, header_bytes } = LimitsDoc::default();
    assert_eq!((body_bytes, body_ms, held), (1 << 20, 15_000, 10_000));
    assert_eq!((held_bytes, headers, header_bytes), (256 << 20, 200, 96 << 10));
    let many: Vec<_> = (0..300).map(|n| (format!("x-{n}"), "v".to_owned())).collect();
    let mut stage = Stage::new();
    let (_, effects) = begin(&mut stage.worker, head("held.test", &many), End::Yes);
    let line = effects.iter().find_map(|effect| match effect {
        Effect::Record(line) if line.contains("action.blocked") => Some(line.clone()),
        _ => None,
    });
    let line = line.unwrap();
    assert!(line.contains("\"too_many_headers\"") && line.contains("`limits.headers` is 200"), "{line}");
}
