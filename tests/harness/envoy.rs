//! A real Envoy, started from the bootstrap people are told to copy.

mod admin;
mod config;
mod lineage;

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::process::Process;
use crate::{eventually, place, within};

pub use config::EnvoyConfig;
pub use lineage::{Lineage, Patience};

/// How long a start may take. Two cores may be busy with much else.
const PATIENCE: Duration = Duration::from_secs(30);
/// What Envoy writes before a line that a filter logged.
const FILTER_LINE: &str = "wasm log";

/// A running Envoy.
#[derive(Debug)]
pub struct Envoy {
    process: Process,
    address: SocketAddr,
    admin: SocketAddr,
    folder: TempDir,
}

impl Envoy {
    /// Starts one and waits until it serves.
    ///
    /// # Errors
    /// When the configuration cannot be written, or Envoy refuses it; the error then ends with what Envoy said.
    pub fn start(config: EnvoyConfig) -> Result<Self> {
        let alone = ["--disable-hot-restart", "--drain-time-s", "1", "--parent-shutdown-time-s", "2"];
        Self::launch(config, &alone.map(str::to_owned))
    }

    /// Starts one with what it is to know about those before and after it.
    fn launch(config: EnvoyConfig, succession: &[String]) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("countersign-").tempdir()?;
        let workers = config.workers;
        let environment = config.environment.clone();
        let bootstrap = folder.path().join("envoy.json");
        fs::write(&bootstrap, config.bootstrap(folder.path())?.to_string())?;
        let admin_file = folder.path().join("admin");
        let text = |path: &PathBuf| path.to_string_lossy().into_owned();
        let fixed = [
            "--config-path".to_owned(),
            text(&bootstrap),
            "--admin-address-path".to_owned(),
            text(&admin_file),
            "--concurrency".to_owned(),
            workers.to_string(),
            "--log-level".to_owned(),
            "warning".to_owned(),
            "--component-log-level".to_owned(),
            "wasm:info".to_owned(),
        ];
        let arguments: Vec<String> = fixed.iter().chain(succession).cloned().collect();
        let mut process = Process::start(&text(&place::envoy()?), &arguments, &environment)?;
        let ready = within(PATIENCE, "Envoy to serve", || match process.ended() {
            Some(status) => Some(Err(anyhow::anyhow!("Envoy ended: {status}"))),
            None => addresses(&admin_file).map(Ok),
        });
        match ready {
            Ok(Ok((address, admin))) => Ok(Self { process, address, admin, folder }),
            Ok(Err(fault)) | Err(fault) => {
                // The reader of the log may be a moment behind.
                std::thread::sleep(Duration::from_millis(50));
                Err(fault.context(process.last_lines()))
            }
        }
    }

    /// Where agents send their requests.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Everything it printed: its log, the filter's, and the access log.
    pub fn lines(&self) -> Vec<String> {
        self.process.lines()
    }

    /// What the filter logged, without Envoy's prefix.
    pub fn filter_lines(&self) -> Vec<String> {
        let message = |line: &String| Some(line.split_once(FILTER_LINE)?.1.split_once(": ")?.1.to_owned());
        self.lines().iter().filter_map(message).collect()
    }

    /// The audit records the filter printed.
    pub fn records(&self) -> Vec<Value> {
        let record = |line: &String| {
            let value: Value = serde_json::from_str(line.get(line.find('{')?..)?).ok()?;
            (value.get("event").is_some() && value.get("chain").is_some()).then_some(value)
        };
        self.filter_lines().iter().filter_map(record).collect()
    }

    /// The access log line of the request to `authority`, waiting for it.
    ///
    /// # Errors
    /// When none came.
    pub fn access(&self, authority: &str) -> Result<Value> {
        within(PATIENCE, "a line in the access log", || {
            let parsed =
                self.lines().into_iter().filter_map(|line| serde_json::from_str::<Value>(&line).ok());
            parsed.into_iter().find(|line| line.get("access").is_some() && line["authority"] == authority)
        })
    }

    /// The value of a counter or gauge; 0 when Envoy does not know it.
    ///
    /// # Errors
    /// When the admin interface does not answer.
    pub fn stat(&self, name: &str) -> Result<u64> {
        admin::stat(self.admin, name)
    }

    /// All counters and gauges whose name contains `part`.
    ///
    /// # Errors
    /// When the admin interface does not answer.
    pub fn stats(&self, part: &str) -> Result<Vec<(String, u64)>> {
        admin::stats(self.admin, part)
    }

    /// Asks the admin interface.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn admin(&self, method: &str, target: &str) -> Result<String> {
        admin::ask(self.admin, method, target)
    }

    /// Replaces the listener, as an operator does who pushes a new configuration, and waits for Envoy's verdict on it.
    /// Needs [`EnvoyConfig::listener_from_file`].
    ///
    /// # Errors
    /// When Envoy does not notice.
    pub fn push(&self, listener: &Value) -> Result<Pushed> {
        let counters = || -> Option<(u64, u64)> {
            let count = |name: &str| self.stat(&format!("listener_manager.lds.{name}")).ok();
            Some((count("update_success")?, count("update_rejected")?))
        };
        let before = counters().context("the admin interface does not answer")?;
        config::write_listener(self.folder.path(), listener)?;
        within(PATIENCE, "Envoy to take notice of its configuration", || match counters()? {
            after if after.1 > before.1 => Some(Pushed::Refused),
            after if after.0 > before.0 => Some(Pushed::Taken),
            _ => None,
        })
    }

    /// Asks Envoy to end as an orchestrator does: stop accepting, let what runs finish, end.
    ///
    /// # Errors
    /// When the admin interface does not answer.
    pub fn drain(&self) -> Result<()> {
        self.admin("POST", "/drain_listeners?graceful").map(drop)
    }

    /// Sends the signal that ends it, and waits until it has ended.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(&mut self) -> Result<()> {
        self.process.terminate();
        eventually("Envoy to end", || self.process.ended().is_some())
    }
}

/// What Envoy thought of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It runs.
    Taken,
    /// The one before goes on.
    Refused,
}

/// The address of the listener and of the admin interface, once Envoy serves.
fn addresses(admin_file: &PathBuf) -> Option<(SocketAddr, SocketAddr)> {
    let admin: SocketAddr = fs::read_to_string(admin_file).ok()?.trim().parse().ok()?;
    let ready = admin::ask(admin, "GET", "/ready").ok()?;
    if ready.trim() != "LIVE" {
        return None;
    }
    admin::listener(admin).ok().map(|listener| (listener, admin))
}

/// Starts an Envoy that must refuse its configuration, and returns what it said.
///
/// # Errors
/// When it serves all the same.
pub fn refused(config: EnvoyConfig) -> Result<String> {
    match Envoy::start(config) {
        Ok(_) => bail!("Envoy serves with a configuration that it must refuse"),
        Err(fault) => Ok(format!("{fault:#}")),
    }
}
