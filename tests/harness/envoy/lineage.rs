//! Envoys that follow one another: by hot restart, in which the new one takes the sockets of the old one, or by drain, in
//! which a new one elsewhere takes over and the old one is told to end.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Envoy, EnvoyConfig};
use crate::within;

/// How long an Envoy that is followed goes on for the requests it has.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Over which time connections are told to close.
    pub drain: Duration,
    /// After which the one before ends, whatever it still holds.
    pub shutdown: Duration,
}

/// The Envoy that serves, and those before it.
pub struct Lineage {
    make: Box<dyn Fn() -> Result<EnvoyConfig> + Send>,
    patience: Patience,
    current: Envoy,
    /// Those that were followed, with all they printed.
    past: Vec<Envoy>,
    base: String,
    epoch: u32,
    port: u16,
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Lineage {
    /// Starts the first.
    ///
    /// # Errors
    /// When it does not serve.
    pub fn start(
        make: impl Fn() -> Result<EnvoyConfig> + Send + 'static,
        patience: Patience,
    ) -> Result<Self> {
        let make = Box::new(make);
        let (port, base) = (free_port()?, base_id());
        let current = launch(make()?, port, &base, 0, patience)?;
        Ok(Self { make, patience, current, past: Vec::new(), base, epoch: 0, port })
    }

    /// The one that serves.
    pub fn current(&self) -> &Envoy {
        &self.current
    }

    /// Where agents send their requests now.
    pub fn address(&self) -> SocketAddr {
        self.current.address()
    }

    /// Hot restart: a new process takes over the sockets of the one that serves, which goes on with what it has and ends by
    /// itself when its time is up; see [`Lineage::settle`].
    ///
    /// # Errors
    /// When the new one does not serve.
    pub fn restart(&mut self) -> Result<()> {
        self.epoch += 1;
        let next = launch((self.make)()?, self.port, &self.base, self.epoch, self.patience)?;
        self.past.push(std::mem::replace(&mut self.current, next));
        Ok(())
    }

    /// Waits until all that were followed have ended.
    ///
    /// # Errors
    /// When one does not.
    pub fn settle(&mut self) -> Result<()> {
        let patience = self.patience.shutdown + Duration::from_secs(20);
        within(patience, "the Envoys before to end", || {
            self.past.iter_mut().all(|old| old.process.ended().is_some()).then_some(())
        })
    }

    /// Starts another Envoy at another address, as an orchestrator does before it takes one away. What serves is the new
    /// one; the old one is returned for [`Lineage::retire`].
    ///
    /// # Errors
    /// When the new one does not serve.
    pub fn succeed(&mut self) -> Result<Envoy> {
        (self.port, self.base, self.epoch) = (free_port()?, base_id(), 0);
        let next = launch((self.make)()?, self.port, &self.base, 0, self.patience)?;
        Ok(std::mem::replace(&mut self.current, next))
    }

    /// Drains an Envoy that is followed by another: it is told to take no more, has `grace` to finish, and is then
    /// terminated with whatever it still holds.
    ///
    /// # Errors
    /// When it does not end.
    pub fn retire(&mut self, mut old: Envoy, grace: Duration) -> Result<()> {
        old.drain()?;
        std::thread::sleep(grace);
        let stopped = old.stop();
        self.past.push(old);
        stopped
    }

    /// All audit records that any of them printed.
    pub fn records(&self) -> Vec<Value> {
        self.past.iter().chain([&self.current]).flat_map(Envoy::records).collect()
    }

    /// The records of the one that serves.
    ///
    /// # Errors
    /// When a record has no chain.
    pub fn living_chains(&self) -> Result<Vec<String>> {
        let chain = |record: &Value| record["chain"].as_str().map(str::to_owned);
        let mut chains: Vec<String> =
            self.current.records().iter().map(chain).collect::<Option<_>>().context("no chain")?;
        chains.sort();
        chains.dedup();
        Ok(chains)
    }
}

/// What tells one family of processes from another on this machine.
fn base_id() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Envoy multiplies it by ten and wants 32 bits.
    let own = std::process::id() % 2_000_000;
    (own * 100 + NEXT.fetch_add(1, Ordering::SeqCst) % 100).to_string()
}

fn launch(config: EnvoyConfig, port: u16, base: &str, epoch: u32, patience: Patience) -> Result<Envoy> {
    let seconds = |time: Duration| time.as_secs().max(1).to_string();
    let succession = [
        "--base-id".to_owned(),
        base.to_owned(),
        "--restart-epoch".to_owned(),
        epoch.to_string(),
        "--drain-time-s".to_owned(),
        seconds(patience.drain),
        "--parent-shutdown-time-s".to_owned(),
        seconds(patience.shutdown),
    ];
    Envoy::launch(config.port(port), &succession)
}
