//! The join of the four sources, and what must never be found in it.
//!
//! Nothing is excused silently. A harmless request may arrive twice only where a kept connection had been closed under it
//! and the client repeated it; a privileged one that was cut off may have left or not, and all other answers are held to
//! their word in both directions: 200 means that it arrived, anything else that it did not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::history::{Arrival, Body, History, Kind, Printed, Promise, Sent, Told, Verdict};

/// How long after a phase began, and before it ends, what was under way may belong to its neighbour; in milliseconds.
const MARGIN_MS: u64 = 1500;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Violation {
    /// A harmless request was not answered by its upstream.
    Lost { id: u64, told: Told },
    /// What arrived is not what was sent.
    Changed { id: u64 },
    /// Nobody sent it.
    Invented { id: u64 },
    /// It arrived although a person or the policy denied it, or nobody decided.
    Denied { id: u64 },
    /// It arrived and no grant was ever redeemed for it.
    Unredeemed { id: u64 },
    /// It arrived more often than grants were redeemed for it.
    Twice { id: u64, arrived: u64, redeemed: u64 },
    /// When it arrived, its grant was not yet stored as used up, with its record.
    Early { id: u64, redeemed: u64 },
    /// A grant was used up and its record is missing or tells of something else.
    Unrecorded { id: u64, jti: String },
    /// A grant was used up more than once.
    Overused { id: u64, jti: String, used: u64 },
    /// The proxy printed fewer releases of it than arrived.
    Unprinted { id: u64, arrived: u64, printed: u64 },
    /// The agents' answers do not fit what arrived.
    Misled { id: u64, arrived: u64, answered: u64, cut: u64 },
    /// Something privileged left while everything had to be closed.
    Open { id: u64, phase: String },
    /// A request of a phase in which all is well did not end as it was decided.
    Unwell { id: u64, phase: String, told: Told },
    /// An Envoy that lived to the end printed a record which the service never got.
    Unsent { chain: String, seq: u64, event: String },
    /// A chain as printed does not verify.
    Broken { chain: String, fault: String },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { id, told } => write!(f, "harmless request {id} was lost: {told:?}"),
            Self::Changed { id } => write!(f, "request {id} arrived with another body"),
            Self::Invented { id } => write!(f, "request {id} arrived and nobody sent it"),
            Self::Denied { id } => write!(f, "request {id} arrived although nobody approved it"),
            Self::Unredeemed { id } => write!(f, "request {id} arrived without a redeemed grant"),
            Self::Twice { id, arrived, redeemed } => {
                write!(f, "request {id} arrived {arrived} times on {redeemed} redeemed grants")
            }
            Self::Early { id, redeemed } => {
                write!(f, "request {id} arrived when only {redeemed} redeems with their records were stored")
            }
            Self::Unrecorded { id, jti } => {
                write!(f, "grant {jti} of request {id} was redeemed without its record")
            }
            Self::Overused { id, jti, used } => {
                write!(f, "grant {jti} of request {id} was redeemed {used} times")
            }
            Self::Unprinted { id, arrived, printed } => {
                write!(f, "request {id} arrived {arrived} times and the proxy recorded {printed} releases")
            }
            Self::Misled { id, arrived, answered, cut } => write!(
                f,
                "request {id} arrived {arrived} times, its agent was told so {answered} times and cut off {cut} times"
            ),
            Self::Open { id, phase } => {
                write!(f, "request {id} left in phase `{phase}`, in which nothing may")
            }
            Self::Unwell { id, phase, told } => {
                write!(f, "request {id} of phase `{phase}` did not end as decided: {told:?}")
            }
            Self::Unsent { chain, seq, event } => {
                write!(f, "record {seq} (`{event}`) of living chain {chain} never reached the service")
            }
            Self::Broken { chain, fault } => write!(f, "chain {chain} as printed does not verify: {fault}"),
        }
    }
}

/// Everything in a history that must not be; empty is good.
pub(super) fn violations(history: &History) -> Vec<Violation> {
    let mut found = Vec::new();
    let sent: BTreeMap<u64, &Sent> = history.sent.iter().map(|sent| (sent.id, sent)).collect();
    let mut arrived: BTreeMap<u64, Vec<&Arrival>> = BTreeMap::new();
    for arrival in &history.arrived {
        arrived.entry(arrival.id).or_default().push(arrival);
    }
    for (id, arrivals) in &arrived {
        if !sent.contains_key(id) {
            found.push(Violation::Invented { id: *id });
        }
        if arrivals.iter().any(|arrival| arrival.body == Body::Other) {
            found.push(Violation::Changed { id: *id });
        }
    }
    for sent in &history.sent {
        let arrivals = arrived.get(&sent.id).map_or(&[][..], Vec::as_slice);
        match sent.kind {
            Kind::Harmless => harmless(sent, arrivals, &mut found),
            Kind::Held | Kind::Forbidden => privileged(history, sent, arrivals, &mut found),
        }
        ends(history, sent, &mut found);
    }
    grants(history, &mut found);
    records(history, &mut found);
    found
}

fn count(arrivals: &[&Arrival]) -> u64 {
    u64::try_from(arrivals.len()).unwrap_or(u64::MAX)
}

/// How many attempts were told that it arrived, and how many could not know.
fn answers(sent: &Sent) -> (u64, u64) {
    let (mut answered, mut cut) = (0, 0);
    for attempt in &sent.attempts {
        match attempt.told {
            Told::Status(200) => answered += 1,
            Told::Status(_) | Told::Expired => {}
            Told::Cut => cut += 1,
        }
    }
    (answered, cut)
}

fn harmless(sent: &Sent, arrivals: &[&Arrival], found: &mut Vec<Violation>) {
    let id = sent.id;
    let told = sent.attempts.last().map_or(Told::Cut, |attempt| attempt.told);
    if told != Told::Status(200) {
        return found.push(Violation::Lost { id, told });
    }
    let (answered, cut) = answers(sent);
    let most = answered + cut + u64::from(sent.reopened);
    let arrived = count(arrivals);
    if arrived < answered || arrived > most {
        found.push(Violation::Misled { id, arrived, answered, cut });
    }
}

fn privileged(history: &History, sent: &Sent, arrivals: &[&Arrival], found: &mut Vec<Violation>) {
    let id = sent.id;
    let arrived = count(arrivals);
    let (answered, cut) = answers(sent);
    if arrived < answered || arrived > answered + cut {
        found.push(Violation::Misled { id, arrived, answered, cut });
    }
    if arrived == 0 {
        return;
    }
    let approved = sent.kind == Kind::Held && sent.verdict == Verdict::Approve;
    if !approved {
        found.push(Violation::Denied { id });
    }
    let tasks = || history.tasks.iter().filter(|task| task.id == id);
    let redeemed: u64 = tasks().filter_map(|task| task.grant.as_ref()).map(|grant| grant.used).sum();
    if redeemed == 0 {
        found.push(Violation::Unredeemed { id });
    } else if arrived > redeemed {
        found.push(Violation::Twice { id, arrived, redeemed });
    }
    for (before, arrival) in (0..).zip(arrivals) {
        if arrival.redeemed <= before {
            found.push(Violation::Early { id, redeemed: arrival.redeemed });
        }
        if let Some(phase) = inside(history, arrival.at_ms, Promise::Closed) {
            found.push(Violation::Open { id, phase });
        }
    }
    let own: BTreeSet<&str> = tasks().map(|task| task.tid.as_str()).collect();
    let released = |printed: &&Printed| {
        printed.event == "action.released" && printed.tid.as_deref().is_some_and(|tid| own.contains(tid))
    };
    let printed = u64::try_from(history.printed.iter().filter(released).count()).unwrap_or(u64::MAX);
    if printed < arrived {
        found.push(Violation::Unprinted { id, arrived, printed });
    }
}

/// The phase of this promise that a moment is well inside of.
fn inside(history: &History, at_ms: u64, promise: Promise) -> Option<String> {
    let ends = history.phases.iter().skip(1).map(|phase| phase.begins_ms).chain([u64::MAX]);
    let phases = history.phases.iter().zip(ends);
    let holds = |begins: u64, ends: u64| {
        at_ms > begins.saturating_add(MARGIN_MS) && at_ms < ends.saturating_sub(MARGIN_MS)
    };
    let mut within = phases.filter(|(phase, ends)| phase.promise == promise && holds(phase.begins_ms, *ends));
    within.next().map(|(phase, _)| phase.name.clone())
}

/// What begins and ends while all is well ends as it was decided.
fn ends(history: &History, sent: &Sent, found: &mut Vec<Violation>) {
    let (Some(first), Some(last)) = (sent.attempts.first(), sent.attempts.last()) else { return };
    let phases = history.phases.get(first.phase..=last.until).unwrap_or_default();
    let Some(phase) = phases.first() else { return };
    if phases.iter().any(|phase| phase.promise != Promise::Well) {
        return;
    }
    let told = last.told;
    let wanted: &[u16] = match (sent.kind, sent.verdict) {
        (Kind::Harmless, _) | (Kind::Held, Verdict::Approve) => &[200],
        (Kind::Forbidden, _) | (Kind::Held, Verdict::Deny) => &[403],
        (Kind::Held, Verdict::Nothing) => &[428],
    };
    let as_decided = match told {
        Told::Status(status) => wanted.contains(&status),
        Told::Expired => sent.verdict == Verdict::Nothing,
        Told::Cut => false,
    };
    if !as_decided && sent.kind != Kind::Harmless {
        found.push(Violation::Unwell { id: sent.id, phase: phase.name.clone(), told });
    }
}

fn grants(history: &History, found: &mut Vec<Violation>) {
    for task in &history.tasks {
        let Some(grant) = &task.grant else { continue };
        let (id, jti) = (task.id, grant.jti.clone());
        if grant.used > 1 {
            found.push(Violation::Overused { id, jti: jti.clone(), used: grant.used });
        }
        let told = ("action.releasing".to_owned(), task.tid.clone(), jti.clone());
        if grant.used > 0 && grant.record.as_ref() != Some(&told) {
            found.push(Violation::Unrecorded { id, jti });
        }
    }
}

fn records(history: &History, found: &mut Vec<Violation>) {
    for printed in &history.printed {
        if history.living.contains(&printed.chain) && !history.stored.contains(&printed.hash) {
            let Printed { chain, seq, event, .. } = printed.clone();
            found.push(Violation::Unsent { chain, seq, event });
        }
    }
}

#[cfg(test)]
mod tests;
