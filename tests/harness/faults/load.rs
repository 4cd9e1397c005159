//! The load: so many requests a second, whatever became of those before, each with a number of its own from which
//! everything else about it follows.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::history::{Attempt, Kind, Sent, Told, Verdict};
use crate::agent::{Agent, Exchange, Keeper, Reached, Request};
use crate::process::lock;
use crate::{spawn, within};

/// How long an agent waits for the answer to a harmless request. Long, since a machine that is busy loses nothing.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long an agent waits for the answer to a held one: far longer than any hold here and the grace of a redeem.
const HOLD: Duration = Duration::from_mins(1);
/// When an impatient agent leaves.
const LEAVES: Duration = Duration::from_millis(1200);
/// The pause before an agent tries again.
const AGAIN: Duration = Duration::from_millis(1500);

/// What stands in the path before the number.
const MARK: &str = "/n";

/// The number in a path.
pub(super) fn id(path: &str) -> Option<u64> {
    path.rsplit_once(MARK)?.1.parse().ok()
}

/// What the policy makes of a request: one in ten is held, one in a hundred forbidden.
pub(super) fn kind(id: u64) -> Kind {
    match id % 100 {
        55 => Kind::Forbidden,
        number if number % 10 == 0 => Kind::Held,
        _ => Kind::Harmless,
    }
}

/// What the reviewers make of a held one: of ten they approve seven, deny two, and leave one.
pub(super) fn verdict(id: u64) -> Verdict {
    match id / 10 % 10 {
        0..=6 => Verdict::Approve,
        7 | 8 => Verdict::Deny,
        _ => Verdict::Nothing,
    }
}

/// How long a reviewer thinks about it.
pub(super) fn thinking(id: u64) -> Duration {
    Duration::from_millis(id / 10 % 7 * 300)
}

/// Whether the agent leaves before an answer can be expected, and comes again.
fn leaves(id: u64) -> bool {
    id / 10 % 10 == 6
}

/// The body, which nothing but the number makes.
pub(super) fn body(id: u64) -> Vec<u8> {
    format!("{{\"number\":{id},\"rows\":{}}}", id * 7 % 1000).into_bytes()
}

/// The request of a number. Every other held one would be kept for a retry when its agent leaves, the others withdrawn.
fn request(id: u64) -> Request {
    let target = format!("/v2/import{MARK}{id}");
    match kind(id) {
        Kind::Harmless if id.is_multiple_of(2) => Request::get("api.open.test", &target),
        Kind::Harmless => Request::post("api.open.test", &target, body(id)),
        Kind::Held if (id / 20).is_multiple_of(2) => Request::post("api.kept.test", &target, body(id)),
        Kind::Held => Request::post("api.held.test", &target, body(id)),
        Kind::Forbidden => Request::post("api.denied.test", &target, body(id)),
    }
}

/// A load that runs.
pub(super) struct Load {
    shared: Arc<Shared>,
}

struct Shared {
    proxy: Mutex<SocketAddr>,
    phase: AtomicUsize,
    stop: AtomicBool,
    running: AtomicUsize,
    sent: Mutex<Vec<Sent>>,
    keeper: Keeper,
    attempts: usize,
}

impl Load {
    /// Starts it: `rate` requests a second to `proxy`, where an agent makes so many attempts.
    pub(super) fn start(proxy: SocketAddr, rate: u32, attempts: usize) -> Result<Self> {
        let shared = Arc::new(Shared {
            proxy: Mutex::new(proxy),
            phase: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            running: AtomicUsize::new(0),
            sent: Mutex::default(),
            keeper: Keeper::default(),
            attempts,
        });
        spawn(tick(Arc::clone(&shared), Duration::from_secs(1) / rate.max(1)))?;
        Ok(Self { shared })
    }

    /// Sends to another proxy from now on.
    pub(super) fn redirect(&self, proxy: SocketAddr) {
        *lock(&self.shared.proxy) = proxy;
    }

    /// What is sent from now on belongs to this phase.
    pub(super) fn enter(&self, phase: usize) {
        self.shared.phase.store(phase, Ordering::SeqCst);
    }

    /// Sends nothing new any more, and waits for the agents that are at it.
    pub(super) fn stop(&self, patience: Duration) -> Result<()> {
        self.shared.stop.store(true, Ordering::SeqCst);
        sleep_a_tick();
        within(patience, "the last agents", || {
            (self.shared.running.load(Ordering::SeqCst) == 0).then_some(())
        })
    }

    /// What was sent, with what came of it.
    pub(super) fn sent(&self) -> Vec<Sent> {
        let mut sent = lock(&self.shared.sent).clone();
        sent.sort_by_key(|sent| sent.id);
        sent
    }
}

/// Whoever was about to start has done so by then.
fn sleep_a_tick() {
    std::thread::sleep(Duration::from_millis(100));
}

async fn tick(shared: Arc<Shared>, every: Duration) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    // The first number in a path has four digits, so that no number looks like anything else.
    for id in 1000.. {
        ticks.tick().await;
        if shared.stop.load(Ordering::SeqCst) {
            return;
        }
        shared.running.fetch_add(1, Ordering::SeqCst);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let sent = agent(&shared, id).await;
            lock(&shared.sent).push(sent);
            shared.running.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

/// One agent with one request: it repeats what it is told to repeat, and what it cannot know the end of.
async fn agent(shared: &Shared, id: u64) -> Sent {
    let mut sent = Sent { id, kind: kind(id), verdict: verdict(id), attempts: Vec::new(), reopened: 0 };
    let request = request(id);
    loop {
        let (phase, begun) = (shared.phase.load(Ordering::SeqCst), Instant::now());
        let proxy = *lock(&shared.proxy);
        let told = match sent.kind {
            Kind::Harmless | Kind::Forbidden => {
                let (told, reached) = plain(shared, proxy, &request).await;
                sent.reopened += u32::from(reached == Reached::Reopened);
                told
            }
            Kind::Held => held(proxy, &request, id, sent.attempts.len()).await,
        };
        let until = shared.phase.load(Ordering::SeqCst);
        sent.attempts.push(Attempt { phase, until, told, took: begun.elapsed() });
        let again = match (sent.kind, told) {
            (Kind::Held, Told::Status(428 | 503) | Told::Expired | Told::Cut) => {
                sent.attempts.len() < shared.attempts
            }
            (Kind::Held, Told::Status(_)) | (Kind::Harmless | Kind::Forbidden, _) => false,
        };
        if !again {
            return sent;
        }
        sleep(AGAIN).await;
    }
}

async fn plain(shared: &Shared, proxy: SocketAddr, request: &Request) -> (Told, Reached) {
    match shared.keeper.send(proxy, request, PATIENCE).await {
        Ok((answer, reached)) => (Told::Status(answer.status), reached),
        Err(_) => (Told::Cut, Reached::AtOnce),
    }
}

/// One attempt with a request that is held, over one version of HTTP or the other.
async fn held(proxy: SocketAddr, request: &Request, id: u64, before: usize) -> Told {
    let agent = Agent::new(proxy);
    let exchange = if (id / 10).is_multiple_of(2) { agent.http1(request) } else { agent.http2(request) };
    let Ok(mut exchange) = exchange else { return Told::Cut };
    let patience = if leaves(id) && before == 0 { LEAVES } else { HOLD };
    let told = answer(&mut exchange, patience).await;
    told.unwrap_or_else(|| {
        exchange.leave();
        Told::Cut
    })
}

async fn answer(exchange: &mut Exchange, patience: Duration) -> Option<Told> {
    let answer = exchange.wait(patience).await?;
    Some(match answer {
        Ok(answer) if answer.status == 403 && answer.text().contains("approval-expired") => Told::Expired,
        Ok(answer) if answer.status != 0 => Told::Status(answer.status),
        Ok(_) | Err(_) => Told::Cut,
    })
}
