//! The parts of a run, wired together: agents, Envoy, the relay, the service, the reviewers, the upstream that looks into the
//! service's database whenever something privileged begins to arrive.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use countersign_wire::record::verify_chain;
use serde_json::Value;

use super::check::Violation;
use super::crowd::{Crowd, Seen};
use super::history::{Arrival, Body, History, Kind, Phase, Printed, Promise};
use super::ledger::Ledger;
use super::link::Link;
use super::load::{self, Load};
use crate::envoy::{EnvoyConfig, Lineage, Patience};
use crate::process::lock;
use crate::service::Service;
use crate::setting::{envoy_of_parts, policy};
use crate::upstream::{Extent, Received, Upstream};
use crate::{block_on, within};

/// How long a request is held.
const HOLD: Duration = Duration::from_secs(8);
/// How long a followed Envoy goes on: longer than a hold and the grace of a redeem, so that it ends nothing of its own accord.
const SUCCESSION: Patience = Patience { drain: Duration::from_secs(4), shutdown: Duration::from_secs(15) };

/// Everything that plays.
pub(super) struct Parts {
    pub(super) envoys: Lineage,
    pub(super) link: Link,
    pub(super) service: Service,
    pub(super) load: Load,
    upstream: Upstream,
    crowd: Crowd,
    ledger: Ledger,
    arrived: Arc<Mutex<Vec<Arrival>>>,
    looking: Arc<AtomicU64>,
    begun: Instant,
    phases: Vec<Phase>,
}

impl Parts {
    pub(super) fn start(rate: u32, attempts: usize) -> Result<Self> {
        let service = Service::with_a_clock()?;
        let link = Link::to(service.address()?)?;
        let (ledger, seen) = (Ledger::of(service.database()), Seen::default());
        let (arrived, looking) = (Arc::<Mutex<Vec<Arrival>>>::default(), Arc::<AtomicU64>::default());
        let begun = Instant::now();
        let upstream = {
            let (ledger, seen) = (ledger.clone(), Arc::clone(&seen));
            let (arrived, looking) = (Arc::clone(&arrived), Arc::clone(&looking));
            Upstream::watched(Arc::new(move |received| {
                arrives(received, begun, &ledger, &seen, &arrived, &looking);
            }))?
        };
        let mut policy = policy(&format!("{}s", HOLD.as_secs()));
        // What nobody decides does not pile up for long.
        policy["defaults"]["expiry"] = "40s".into();
        let make = envoy_of_parts(&service, &upstream, &policy)?;
        let approvals = link.address();
        let make = move || -> Result<EnvoyConfig> { Ok(make()?.peer("approvals", approvals)) };
        let envoys = Lineage::start(make, SUCCESSION)?;
        let crowd = Crowd::start(&service, &seen)?;
        let load = Load::start(envoys.address(), rate, attempts)?;
        let phases = Vec::new();
        Ok(Self { envoys, link, service, load, upstream, crowd, ledger, arrived, looking, begun, phases })
    }

    /// What happens from now on belongs to a new phase.
    pub(super) fn enter(&mut self, name: &str, promise: Promise) {
        let begins_ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let connections = self.link.opened();
        self.phases.push(Phase { name: name.to_owned(), promise, begins_ms, connections });
        self.load.enter(self.phases.len() - 1);
    }

    /// The end: the load stops, agents and records get to where they belong, and everything is read.
    pub(super) fn finish(mut self) -> Result<(History, Vec<Violation>)> {
        self.load.stop(Duration::from_mins(3))?;
        let sent = self.load.sent();
        ensure!(!sent.is_empty(), "nothing was sent");
        let unsent = "wasmcustom.countersign_records_unacknowledged";
        within(Duration::from_mins(1), "the last records to reach the service", || {
            (self.envoys.current().stat(unsent).ok()? == 0).then_some(())
        })?;
        self.envoys.settle()?;
        self.crowd.stop()?;
        within(Duration::from_secs(20), "the last look into the database", || {
            (self.looking.load(Ordering::SeqCst) == 0).then_some(())
        })?;
        let (ledger, living) = (self.ledger.clone(), self.envoys.living_chains()?);
        let (tasks, stored) = block_on(async move { Ok((ledger.tasks().await?, ledger.stored().await?)) })?;
        let lines = self.envoys.records();
        let mut arrived = lock(&self.arrived).clone();
        judge_bodies(&mut arrived, &self.upstream.received());
        let printed: Vec<Printed> =
            lines.iter().map(printed).collect::<Option<_>>().context("a bad record")?;
        let broken = broken(&lines);
        let living = living.into_iter().collect();
        Ok((History { phases: self.phases, sent, arrived, tasks, printed, stored, living }, broken))
    }
}

/// Notes an arrival. Of what is privileged, what the database says of its grants is asked at once.
fn arrives(
    received: &Received,
    begun: Instant,
    ledger: &Ledger,
    seen: &Seen,
    arrived: &Arc<Mutex<Vec<Arrival>>>,
    looking: &Arc<AtomicU64>,
) {
    // A request without a number is nobody's, and no number is 0.
    let id = load::id(&received.target).unwrap_or_default();
    let at_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut list = lock(arrived);
    let index = list.len();
    list.push(Arrival { id, at_ms, redeemed: 0, body: Body::Other });
    drop(list);
    if load::kind(id) == Kind::Harmless {
        return;
    }
    let tids: Vec<String> = lock(seen).get(&id).into_iter().flatten().cloned().collect();
    looking.fetch_add(1, Ordering::SeqCst);
    let (ledger, arrived, looking) = (ledger.clone(), Arc::clone(arrived), Arc::clone(looking));
    tokio::spawn(async move {
        let redeemed = ledger.redeemed(&tids).await.unwrap_or_default();
        if let Some(arrival) = lock(&arrived).get_mut(index) {
            arrival.redeemed = redeemed;
        }
        looking.fetch_sub(1, Ordering::SeqCst);
    });
}

/// Bodies grow after their heads arrived, so they are compared at the end. Both lists are in the order of arrival.
fn judge_bodies(arrived: &mut [Arrival], received: &[Received]) {
    let mut bodies: std::collections::BTreeMap<u64, Vec<&Received>> = std::collections::BTreeMap::new();
    for one in received {
        bodies.entry(load::id(&one.target).unwrap_or_default()).or_default().push(one);
    }
    for arrival in arrived {
        let all = bodies.get(&arrival.id).map_or(&[][..], Vec::as_slice);
        let sent = |one: &&Received| match one.method.as_str() {
            "GET" => one.body.is_empty(),
            _ => one.body == load::body(arrival.id) && one.extent == Extent::Whole,
        };
        if !all.is_empty() && all.iter().all(sent) {
            arrival.body = Body::Same;
        }
    }
}

fn printed(record: &Value) -> Option<Printed> {
    let text = |name: &str| record[name].as_str().map(str::to_owned);
    Some(Printed {
        chain: text("chain")?,
        seq: record["seq"].as_u64()?,
        hash: text("hash")?,
        event: text("event")?,
        tid: text("tid"),
    })
}

/// The chains that do not verify as they were printed.
fn broken(records: &[Value]) -> Vec<Violation> {
    let mut chains: std::collections::BTreeMap<&str, Vec<String>> = std::collections::BTreeMap::new();
    for record in records {
        chains.entry(record["chain"].as_str().unwrap_or_default()).or_default().push(record.to_string());
    }
    let verified = chains.into_iter().map(|(chain, lines)| {
        let fault = verify_chain(lines.iter().map(String::as_bytes)).err()?;
        Some(Violation::Broken { chain: chain.to_owned(), fault: fault.to_string() })
    });
    verified.flatten().collect()
}
