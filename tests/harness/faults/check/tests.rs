//! The checker finds what it is there for: a sound history, and one with each thing wrong.

use std::time::Duration;

use super::super::history::{Attempt, Grant, Phase, Task};
use super::*;

fn phase(name: &str, promise: Promise, begins_ms: u64) -> Phase {
    Phase { name: name.to_owned(), promise, begins_ms, connections: 0 }
}

fn sent(id: u64, kind: Kind, verdict: Verdict, phase: usize, told: &[Told]) -> Sent {
    let attempt = |told: &Told| Attempt { phase, until: phase, told: *told, took: Duration::from_millis(3) };
    Sent { id, kind, verdict, attempts: told.iter().map(attempt).collect(), reopened: 0 }
}

fn arrival(id: u64, at_ms: u64, redeemed: u64) -> Arrival {
    Arrival { id, at_ms, redeemed, body: Body::Same }
}

fn printed(seq: u64, event: &str, tid: &str) -> Printed {
    let (chain, hash) = ("c1".to_owned(), format!("hash-{seq}"));
    Printed { chain, seq, hash, event: event.to_owned(), tid: Some(tid.to_owned()) }
}

fn task(id: u64, used: u64) -> Task {
    let (tid, jti) = (format!("arq_{id}"), format!("apr_{id}"));
    let record = (used > 0).then(|| ("action.releasing".to_owned(), tid.clone(), jti.clone()));
    Task { tid, id, grant: Some(Grant { jti, used, record }) }
}

/// One harmless request, one that was released, one denied, one forbidden, one that was cut off and came again, and one
/// that nobody decided on.
fn sound() -> History {
    const OK: Told = Told::Status(200);
    History {
        phases: vec![
            phase("before", Promise::Well, 0),
            phase("clock 90 s ahead", Promise::Closed, 10_000),
            phase("killed", Promise::Safe, 20_000),
        ],
        sent: vec![
            sent(1, Kind::Harmless, Verdict::Nothing, 0, &[OK]),
            sent(2, Kind::Held, Verdict::Approve, 0, &[Told::Status(428), OK]),
            sent(3, Kind::Held, Verdict::Deny, 0, &[Told::Status(403)]),
            sent(4, Kind::Forbidden, Verdict::Nothing, 0, &[Told::Status(403)]),
            sent(5, Kind::Held, Verdict::Approve, 2, &[Told::Cut, OK]),
            sent(6, Kind::Held, Verdict::Nothing, 0, &[Told::Status(428)]),
        ],
        arrived: vec![arrival(1, 5, 0), arrival(2, 900, 1), arrival(5, 21_000, 1)],
        tasks: vec![task(2, 1), task(5, 1), Task { grant: None, ..task(3, 0) }],
        printed: vec![printed(0, "action.released", "arq_2"), printed(1, "action.released", "arq_5")],
        stored: BTreeSet::from(["hash-0".to_owned(), "hash-1".to_owned()]),
        living: BTreeSet::from(["c1".to_owned()]),
    }
}

/// What is found after `spoil`, besides nothing.
fn after(spoil: impl FnOnce(&mut History)) -> Vec<Violation> {
    let mut history = sound();
    spoil(&mut history);
    violations(&history)
}

fn request(history: &mut History, id: u64) -> &mut Sent {
    history.sent.iter_mut().find(|sent| sent.id == id).unwrap()
}

fn grant(history: &mut History, id: u64) -> &mut Grant {
    history.tasks.iter_mut().find(|task| task.id == id).unwrap().grant.as_mut().unwrap()
}

#[test]
fn a_sound_history_passes() {
    assert_eq!(after(|_| {}), []);
}

#[test]
fn a_harmless_request_that_is_lost_is_noticed() {
    let told = Told::Status(503);
    let found = after(|history| request(history, 1).attempts[0].told = told);
    assert_eq!(found, [Violation::Lost { id: 1, told }]);
    let found = after(|history| request(history, 1).attempts[0].told = Told::Cut);
    assert_eq!(found, [Violation::Lost { id: 1, told: Told::Cut }]);
}

#[test]
fn a_success_that_never_arrived_is_noticed() {
    let found = after(|history| history.arrived.retain(|arrival| arrival.id != 1));
    assert_eq!(found, [Violation::Misled { id: 1, arrived: 0, answered: 1, cut: 0 }]);
}

#[test]
fn a_harmless_request_may_arrive_twice_only_after_its_connection_was_found_closed() {
    let twice = |history: &mut History| history.arrived.push(arrival(1, 7, 0));
    assert_eq!(after(twice), [Violation::Misled { id: 1, arrived: 2, answered: 1, cut: 0 }]);
    let reopened = |history: &mut History| {
        twice(history);
        request(history, 1).reopened = 1;
    };
    assert_eq!(after(reopened), []);
}

#[test]
fn a_release_without_a_redeem_is_noticed() {
    let found = after(|history| grant(history, 2).used = 0);
    assert_eq!(found, [Violation::Unredeemed { id: 2 }]);
    let found = after(|history| history.tasks.retain(|task| task.id != 2));
    assert!(found.contains(&Violation::Unredeemed { id: 2 }), "{found:?}");
}

#[test]
fn a_second_release_on_one_grant_is_noticed_even_if_the_agent_was_cut_off() {
    let found = after(|history| {
        history.arrived.push(arrival(5, 22_000, 1));
        history.printed.push(printed(2, "action.released", "arq_5"));
        history.stored.insert("hash-2".to_owned());
    });
    let early = Violation::Early { id: 5, redeemed: 1 };
    assert_eq!(found, [Violation::Twice { id: 5, arrived: 2, redeemed: 1 }, early]);
}

#[test]
fn a_release_before_its_record_was_stored_is_noticed() {
    let found = after(|history| history.arrived[1].redeemed = 0);
    assert_eq!(found, [Violation::Early { id: 2, redeemed: 0 }]);
}

#[test]
fn a_redeem_with_no_record_or_another_is_noticed() {
    let noticed = [Violation::Unrecorded { id: 2, jti: "apr_2".to_owned() }];
    assert_eq!(after(|history| grant(history, 2).record = None), noticed);
    let other = ("action.releasing".to_owned(), "arq_5".to_owned(), "apr_5".to_owned());
    assert_eq!(after(|history| grant(history, 2).record = Some(other)), noticed);
}

#[test]
fn a_grant_used_twice_is_noticed() {
    let found = after(|history| grant(history, 2).used = 2);
    assert_eq!(found, [Violation::Overused { id: 2, jti: "apr_2".to_owned(), used: 2 }]);
}

#[test]
fn what_was_denied_forbidden_or_left_and_arrives_is_noticed() {
    for id in [3, 4, 6] {
        let found = after(|history| {
            history.arrived.push(arrival(id, 3000, 1));
            request(history, id).attempts[0].told = Told::Cut;
        });
        assert!(found.contains(&Violation::Denied { id }), "{found:?}");
        assert!(found.contains(&Violation::Unredeemed { id }), "{found:?}");
    }
}

#[test]
fn an_agent_that_is_told_not_executed_of_what_was_executed_is_noticed() {
    let found = after(|history| request(history, 5).attempts[1].told = Told::Status(503));
    assert_eq!(found, [], "it may have left when it was cut off");
    let found = after(|history| request(history, 5).attempts[0].told = Told::Status(503));
    assert_eq!(found, [], "it left at the second attempt");
    let found = after(|history| request(history, 2).attempts[1].told = Told::Status(403));
    assert!(found.contains(&Violation::Misled { id: 2, arrived: 1, answered: 0, cut: 0 }), "{found:?}");
}

#[test]
fn a_request_nobody_sent_or_with_another_body_is_noticed() {
    assert_eq!(after(|history| history.arrived.push(arrival(99, 8, 0))), [Violation::Invented { id: 99 }]);
    let found = after(|history| history.arrived[1].body = Body::Other);
    assert_eq!(found, [Violation::Changed { id: 2 }]);
}

#[test]
fn what_leaves_while_everything_must_be_closed_is_noticed_and_at_its_edges_excused() {
    let open = |at_ms| after(|history| history.arrived[1].at_ms = at_ms);
    let noticed = Violation::Open { id: 2, phase: "clock 90 s ahead".to_owned() };
    assert_eq!(open(15_000), [noticed]);
    assert_eq!(open(10_400), []);
}

#[test]
fn a_request_that_does_not_end_as_decided_when_all_is_well_is_noticed() {
    let told = Told::Status(503);
    for id in [3, 4, 6] {
        let found = after(|history| request(history, id).attempts[0].told = told);
        assert_eq!(found, [Violation::Unwell { id, phase: "before".to_owned(), told }]);
    }
    let found = after(|history| {
        request(history, 3).attempts[0] = Attempt { until: 1, told, ..request(history, 3).attempts[0] };
    });
    assert_eq!(found, [], "a fault came between");
}

#[test]
fn a_release_that_the_proxy_did_not_record_is_noticed() {
    let found = after(|history| drop(history.printed.remove(0)));
    assert_eq!(found, [Violation::Unprinted { id: 2, arrived: 1, printed: 0 }]);
}

#[test]
fn a_record_that_a_living_proxy_kept_to_itself_is_noticed() {
    let found = after(|history| assert!(history.stored.remove("hash-1")));
    let event = "action.released".to_owned();
    assert_eq!(found, [Violation::Unsent { chain: "c1".to_owned(), seq: 1, event }]);
    let found = after(|history| {
        history.stored.clear();
        history.living.clear();
    });
    assert_eq!(found, [], "a proxy that was terminated could not send its last ones");
}
