//! A configuration of any bytes: refused with a sentence, or loaded, and then every request gets an answer.

use countersign_core::{
    ask::Surroundings,
    call::{Body, Call, HeaderMap},
    config::Config,
    now::Now,
    requester::{Facts, NoRequester},
    session::{Effect, End, Event, Flow, Session, Wants},
    worker::{Host, Worker},
};

/// A proxy that has nothing to say.
struct Nothing;

impl Facts for Nothing {
    fn property(&self, _path: &[&str]) -> Option<Vec<u8>> {
        None
    }
    fn environment(&self, _name: &str) -> Option<String> {
        None
    }
}

const HEADS: [[(&str, &str); 4]; 5] = [
    [(":method", "GET"), (":authority", "a.example"), (":path", "/v2/things?x=1"), ("accept", "*/*")],
    [
        (":method", "POST"),
        (":authority", "api.thirdparty.example"),
        (":path", "/v2/import"),
        ("content-type", "application/json"),
    ],
    [(":method", "DELETE"), (":authority", "x.held.test:8443"), (":path", "/a/b"), ("x-tenant", "t")],
    [
        (":method", "POST"),
        (":authority", "mcp.example"),
        (":path", "/mcp"),
        ("content-type", "application/json"),
    ],
    [(":method", "CONNECT"), (":authority", "a.example:443"), (":path", ""), ("host", "a.example:443")],
];

const BODY: &[u8] = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"delete_user\",\"arguments\":{\"email\":\"a@b.example\",\"n\":7}}}";

/// Loads it, and sends some requests where it loads.
pub fn run(input: &[u8]) {
    let environment = |name: &str| match name {
        "NONE" => None,
        "BINDING" | "COUNTERSIGN_BINDING_KEY" => Some("02".repeat(32)),
        _ => Some("01".repeat(32)),
    };
    let config = match Config::load(input, &environment) {
        Ok(config) => config,
        Err(error) => {
            let said = error.to_string();
            // A key that stands in the configuration itself is the fuzzer's guess.
            let guessed = input.windows(4).any(|four| four == b"0101");
            assert!(
                !said.is_empty() && (guessed || !said.contains("0101")),
                "a refusal without words, or with a key"
            );
            return;
        }
    };
    let mut worker = Worker::new(config.clone(), [7; 32], Host::default());
    let now = Now { mono_ms: 0, unix_ms: 1_795_241_040_000 };
    for head in HEADS {
        let headers = HeaderMap::from_pairs(head);
        if let Ok(call) = Call::read(headers.clone(), &config.destinations) {
            let mut nobody = || Err(NoRequester::Unnamed);
            drop(config.policy.explain(&call, Body::Read(BODY), &mut nobody));
        }
        let mut session = Session::new(1);
        let mut effects = session.handle(
            &mut worker,
            &Nothing,
            now,
            Event::Head(headers, Surroundings::default(), End::No),
        );
        if session.wants() == Wants::Body {
            effects.extend(session.handle(&mut worker, &Nothing, now, Event::BodyEnds(BODY)));
        }
        let replied = effects.iter().any(|effect| matches!(effect, Effect::Reply(_)));
        let settled = replied || session.flow() == Flow::Pass || session.wants() == Wants::Answers;
        assert!(settled, "neither answered, nor passed, nor held");
        session.handle(&mut worker, &Nothing, now, Event::Gone);
    }
}
