//! Every reachable state takes every event, and the invariants of the design hold after each.
//!
//! States are told apart by [`Stage::print`]; for each the shortest way to it is kept and replayed, followed by each event in
//! turn, with the clock before and after each deadline. `cargo xtask mutants` plants one fault per invariant and expects this
//! walk, or the promise that goes with it, to fail.

use super::{
    super::{Effect, End, Flow},
    stage::{ANSWER, Answers, CANARY, Ev, Kind, SECRET, Said, Stage},
};
use crate::journal::Standing;
use countersign_wire::record::verify_chain;
use std::collections::{BTreeMap, VecDeque, btree_map::Entry};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn every_event() -> Vec<Ev> {
    let said = [
        Said::Lost,
        Said::Error,
        Said::Garbage,
        Said::Full,
        Said::Pending,
        Said::Question,
        Said::NotModified,
        Said::Unknown,
        Said::OtherTask,
        Said::Approved,
        Said::ApprovedWithoutGrant,
        Said::ApprovedByStranger,
        Said::ApprovedForAnother,
        Said::ApprovedAsMaskedOtherwise,
        Said::ApprovedByRequester,
        Said::ApprovedAlone,
        Said::ApprovedLongAgo,
        Said::Denied,
        Said::DeniedUnsigned,
        Said::Expired,
        Said::Cancelled,
        Said::Failed,
        Said::Receipt,
        Said::ReceiptByStranger,
        Said::ReceiptForAnotherNonce,
        Said::ReceiptForAnotherRecord,
        Said::ReceiptMissing,
        Said::ReceiptWithSecret,
        Said::ReceiptWithSecretForAnother,
        Said::ReceiptWithMoreSecrets,
        Said::ReceiptWithOtherSecret,
        Said::Refused("secret_unavailable"),
        Said::Refused("already_redeemed"),
        Said::Refused("revoked"),
        Said::Refused("expired"),
        Said::Refused("digest_mismatch"),
        Said::Refused("not_approved"),
        Said::Refused("audit_unwritable"),
        Said::Refused("a word nobody knows"),
    ];
    let mut events = vec![
        Ev::Head(Kind::Read, End::Yes),
        Ev::Head(Kind::Read, End::No),
        Ev::Head(Kind::Held, End::Yes),
        Ev::Head(Kind::Held, End::No),
        Ev::Head(Kind::Denied, End::No),
        Ev::Head(Kind::Garbled, End::Yes),
        Ev::Grows(10),
        Ev::Grows(100_000),
        Ev::BodyEnds,
        Ev::Trailers(0),
        Ev::Trailers(2),
        Ev::Stale(Said::Approved),
        Ev::Stale(Said::Receipt),
        Ev::Woken,
        Ev::After(1),
        Ev::After(1000),
        Ev::After(20_000),
        Ev::Deadline(-3000),
        Ev::Deadline(-1),
        Ev::Deadline(0),
        Ev::Deadline(4999),
        Ev::Deadline(5000),
        Ev::ChainKnown,
        Ev::Head(Kind::Changed, End::Yes),
        Ev::Head(Kind::Changed, End::No),
        Ev::Head(Kind::HeldChanged, End::No),
        Ev::Head(Kind::Secret, End::Yes),
        Ev::Head(Kind::SecretPassing, End::Yes),
        Ev::ResponseHead(Answers::Compressed, End::No),
        Ev::ResponseHead(Answers::Echo, End::No),
        Ev::ResponsePiece("ok", End::Yes),
        Ev::ResponsePiece("{\"key\":\"sk-canary-7Hq2/x+1\"}", End::No),
        Ev::ResponsePiece("{\"key\":\"sk-can", End::No),
        Ev::ResponseTrailers,
        Ev::Done,
        Ev::ResponseHead(Answers::Json, End::No),
        Ev::ResponseHead(Answers::Json, End::Yes),
        Ev::ResponseHead(Answers::Stream, End::No),
        Ev::ResponseHead(Answers::Part, End::No),
        Ev::ResponseHead(Answers::Garbled, End::No),
        Ev::ResponseBody,
        Ev::ResponseGrows(10),
        Ev::ResponseGrows(100_000),
        Ev::ResponseEnds(ANSWER),
        Ev::ResponseEnds("{"),
        Ev::ResponseEnds(""),
        Ev::Undone,
        Ev::Gone,
    ];
    events.extend(said.map(Ev::Said));
    events
}

/// What must hold after every event, whatever came before.
fn check(stage: &Stage, before: &str, standing: Standing, event: Ev, effects: &[Effect], way: &[Ev]) {
    let held = matches!(stage.kind, Some(Kind::Held | Kind::HeldChanged | Kind::Secret));
    let secret = stage.kind == Some(Kind::Secret);
    let context = || format!("{way:?} then {event:?} in {before}: {effects:?}");

    // 1: nothing leaves while held without a permit, and only the answer to a redeem makes one.
    if effects.iter().any(|effect| matches!(effect, Effect::Resume(_))) {
        let word = if secret { Ev::Done } else { Ev::Said(Said::Receipt) };
        assert!(before == "redeeming" && event == word, "{}", context());
        assert!(matches!(effects.last(), Some(Effect::Resume(_))), "resume is last: {}", context());
        // 8: and only once the chain is known and the release is written down.
        assert_eq!(standing, Standing::Known, "{}", context());
        assert!(stage.events().contains(&"action.releasing"), "{}", context());
    }
    let passes = match stage.kind {
        Some(Kind::Read) => stage.state() == "passing",
        Some(Kind::Held | Kind::HeldChanged | Kind::Secret) => {
            stage.resumed == 1 && stage.state() == "released"
        }
        // It passes once its body is rewritten, and is followed to its answer.
        Some(Kind::Changed) => stage.state() == "released",
        Some(Kind::Denied | Kind::Garbled | Kind::SecretPassing) | None => false,
    };
    assert_eq!(stage.flow() == Flow::Pass, passes, "{}", context());

    // 2: one terminal effect, one closing record.
    let terminal = stage.replies.len() + stage.resumed;
    assert!(terminal <= 1, "{terminal} terminal effects: {}", context());
    let closing =
        stage.events().iter().filter(|e| matches!(**e, "action.blocked" | "action.completed")).count();
    assert!(closing <= 1, "{closing} closing records: {}", context());
    if !stage.replies.is_empty() {
        assert_eq!(closing, 1, "answered without a record: {}", context());
    }
    if held && event == Ev::Gone && before != "fresh" {
        assert_eq!(closing, 1, "gone without a record: {}", context());
    }

    // An answer is withheld at most once, only after the call left, and nothing of it goes on then. What is anonymised goes on
    // neither way before it is.
    assert!(stage.withheld.len() <= 1, "{}", context());
    if !stage.withheld.is_empty() {
        assert!(stage.handed.is_none(), "withheld and handed on: {}", context());
        let ended = stage.state() == "ended";
        assert!(ended || stage.session.response_flow() == Flow::Hold, "{}", context());
    }
    let anonymised = matches!(stage.kind, Some(Kind::Changed | Kind::HeldChanged));
    if anonymised && stage.state() == "released" && event == Ev::ResponseEnds(ANSWER) {
        let masked = stage.handed.as_ref().is_none_or(|body| body == r#"{"rows":7,"password":"[secret]"}"#);
        assert!(masked, "{:?}: {}", stage.handed, context());
    }
    check_secret(stage, event, &context);
    if let Some(sent) = &stage.sent {
        assert!(anonymised && !sent.contains(CANARY), "{}", context());
    }

    // 4: used once.
    assert!(stage.resumed <= 1, "{}", context());

    // 3 and 5: what was not given for this call, by others than its requester, is never redeemed.
    let worthless = [
        Said::ApprovedWithoutGrant,
        Said::ApprovedByStranger,
        Said::ApprovedForAnother,
        Said::ApprovedAsMaskedOtherwise,
        Said::ApprovedByRequester,
        Said::ApprovedAlone,
        Said::ApprovedLongAgo,
    ];
    if worthless.iter().any(|said| event == Ev::Said(*said)) && before != "redeeming" {
        assert_ne!(stage.state(), "redeeming", "{}", context());
    }

    speaks_no_secret(stage, effects, &context);

    // The books balance.
    let holds = matches!(stage.state(), "asking" | "waiting" | "redeeming");
    assert_eq!(stage.worker.holding, usize::from(holds), "{}", context());
    let reads = stage.state() == "reading";
    assert_eq!(stage.worker.load.reading, usize::from(reads), "{}", context());
    assert_eq!(stage.worker.load.bytes > 0, holds || reads, "{}", context());
    let lines: Vec<String> = stage.records.iter().map(countersign_wire::record::Record::line).collect();
    assert!(verify_chain(lines.iter().map(String::as_bytes)).is_ok(), "{}", context());
}

/// 6: no secret in anything that leaves, nor in what the session says of itself.
fn speaks_no_secret(stage: &Stage, effects: &[Effect], context: &dyn Fn() -> String) {
    for effect in effects {
        let text = format!("{effect:?}");
        let bodies = match effect {
            Effect::Dispatch(_, dispatch) | Effect::Notify(dispatch) | Effect::Withdraw(dispatch) => {
                String::from_utf8_lossy(&dispatch.body).into_owned()
            }
            Effect::Reply(reply) | Effect::Withhold(reply) => {
                String::from_utf8_lossy(&reply.body).into_owned()
            }
            Effect::ReplaceBody(body, _) | Effect::ReplaceResponse(body) => {
                String::from_utf8_lossy(body).into_owned()
            }
            Effect::Record(_)
            | Effect::Strip(_)
            | Effect::Inject(..)
            | Effect::Confirm
            | Effect::Header(..)
            | Effect::Verdict(_)
            | Effect::Label(..)
            | Effect::Measure(_)
            | Effect::Resume(_) => String::new(),
        };
        for canary in [CANARY, SECRET] {
            assert!(!text.contains(canary) && !bodies.contains(canary), "{}", context());
        }
    }
    let debug = format!("{:?}", stage.session);
    assert!(!debug.contains(CANARY) && !debug.contains(SECRET), "Debug speaks: {}", context());
}

/// A secret is put only into the call that it came for, before it leaves, and nothing of it comes back.
fn check_secret(stage: &Stage, event: Ev, context: &dyn Fn() -> String) {
    assert_eq!(stage.injected.len(), stage.confirms, "{}", context());
    if stage.kind == Some(Kind::Secret) {
        assert!(stage.resumed <= stage.injected.len(), "left without its secret: {}", context());
        let closed = stage.state() == "released" && stage.session.response_flow() == Flow::Pass;
        let echo = matches!(event, Ev::ResponsePiece(piece, _) if piece.contains(SECRET));
        if closed && echo {
            assert!(stage.handed.as_ref().is_some_and(|body| !body.contains(SECRET)), "{}", context());
        }
    } else {
        assert!(stage.injected.is_empty(), "{}", context());
    }
}

#[test]
fn every_state_takes_every_event_and_the_invariants_hold() {
    let events = every_event();
    let mut known: BTreeMap<String, Vec<Ev>> = BTreeMap::new();
    // The second beginning would be found, too, were its states not taken for those of any held call.
    let released = vec![
        Ev::Head(Kind::HeldChanged, End::Yes),
        Ev::ChainKnown,
        Ev::Said(Said::Approved),
        Ev::Said(Said::Receipt),
    ];
    let with_secret = vec![Ev::Head(Kind::Secret, End::Yes), Ev::ChainKnown, Ev::Said(Said::Approved)];
    let mut todo: VecDeque<Vec<Ev>> = VecDeque::from([Vec::new(), released, with_secret]);
    for way in &todo {
        let mut stage = Stage::new();
        stage.all(way);
        known.insert(stage.print(), way.clone());
    }
    let mut steps = 0;
    while let Some(way) = todo.pop_front() {
        for event in &events {
            let mut stage = Stage::new();
            stage.all(&way);
            let (before, standing) = (stage.state(), stage.worker.journal.standing());
            let resumed = stage.resumed;
            let effects = stage.event(*event);
            check(&stage, before, standing, *event, &effects, &way);
            steps += 1;
            if stage.resumed > resumed {
                // The host says that it is done in the same callback: nothing of the request changes just before that.
                let (before, last) = match (event, way.split_last()) {
                    (Ev::Done, Some((last, before))) => (before, vec![Ev::Altered, *last, *event]),
                    _ => (way.as_slice(), vec![Ev::Altered, *event]),
                };
                let mut other = Stage::new();
                other.all(before);
                other.all(&last);
                assert_eq!(other.resumed, 0, "3: another request leaves: {way:?} then {event:?}");
            }
            if let Entry::Vacant(unknown) = known.entry(stage.print()) {
                let longer: Vec<Ev> = way.iter().copied().chain([*event]).collect();
                unknown.insert(longer.clone());
                todo.push_back(longer);
            }
        }
    }
    for state in ["fresh", "passing", "reading", "asking", "waiting", "redeeming", "released", "ended"] {
        assert!(known.keys().any(|print| print.starts_with(state)), "`{state}` was never reached");
    }
    assert!(known.len() > 40 && steps > 2000, "{} states, {steps} steps", known.len());
}
