//! The faults in turn, each with time to recover, and what each phase promises.

use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};

use super::check::{self, Violation};
use super::history::{History, Promise};
use super::link::Weather;
use super::parts::Parts;

/// How long and how much.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// About how long the load lasts.
    pub length: Duration,
    /// Requests a second.
    pub rate: u32,
    /// How often an agent sends a held request.
    pub attempts: usize,
}

impl Plan {
    /// As much as every test run affords.
    pub fn brief() -> Self {
        Self { length: Duration::from_secs(36), rate: 200, attempts: 3 }
    }

    /// So many minutes.
    pub fn minutes(minutes: u32) -> Self {
        Self { length: Duration::from_mins(u64::from(minutes)), rate: 200, attempts: 4 }
    }
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Envoy is hot-restarted: a new process takes its sockets.
    HotRestart,
    /// The service is killed, stays away, and is started again.
    Killed,
    /// The service hangs.
    Hung,
    /// The network does this to bytes between Envoy and the service.
    Network(Weather),
    /// The service's clock is wrong by so many seconds.
    Clock(i64),
    /// Another Envoy takes over, the old one is drained and terminated.
    Drained,
}

const FAULTS: [Fault; 12] = [
    Fault::HotRestart,
    Fault::Killed,
    Fault::Network(Weather::Cut),
    Fault::Network(Weather::Silent),
    Fault::Network(Weather::Slow(Duration::from_millis(250))),
    Fault::Network(Weather::HalfClosed),
    Fault::Hung,
    Fault::Clock(20),
    Fault::Clock(-20),
    Fault::Clock(90),
    Fault::Clock(-90),
    Fault::Drained,
];

impl Fault {
    fn name(self) -> String {
        match self {
            Self::HotRestart => "Envoy hot-restarted".to_owned(),
            Self::Killed => "service killed and restarted".to_owned(),
            Self::Hung => "service hangs".to_owned(),
            Self::Network(Weather::Cut) => "network cut".to_owned(),
            Self::Network(Weather::Silent) => "network silent".to_owned(),
            Self::Network(Weather::Slow(delay)) => format!("network {} ms slower", delay.as_millis()),
            Self::Network(Weather::HalfClosed) => "network closed one way".to_owned(),
            Self::Network(Weather::Fair) => "network fair".to_owned(),
            Self::Clock(seconds) if seconds > 0 => format!("service's clock {seconds} s ahead"),
            Self::Clock(seconds) => format!("service's clock {} s behind", -seconds),
            Self::Drained => "Envoy drained and replaced".to_owned(),
        }
    }

    fn promise(self) -> Promise {
        match self {
            // A clock within the tolerance, a slow network and another Envoy are no reason to refuse anything.
            Self::Clock(-30..=30) | Self::HotRestart => Promise::Well,
            // Beyond it nobody can prove anything to anybody.
            Self::Clock(_) => Promise::Closed,
            Self::Killed | Self::Hung | Self::Network(_) | Self::Drained => Promise::Safe,
        }
    }

    /// Does it for so long, and undoes it.
    fn happen(self, parts: &mut Parts, length: Duration) -> Result<()> {
        match self {
            Self::HotRestart => {
                parts.envoys.restart()?;
                thread::sleep(length);
            }
            Self::Killed => parts.service.crash(length)?,
            Self::Hung => {
                parts.service.process().freeze();
                thread::sleep(length);
                parts.service.process().resume();
            }
            Self::Network(weather) => {
                parts.link.weather(weather);
                thread::sleep(length);
                parts.link.weather(Weather::Fair);
            }
            Self::Clock(seconds) => {
                parts.service.skew(seconds)?;
                thread::sleep(length);
                parts.service.skew(0)?;
            }
            Self::Drained => {
                let old = parts.envoys.succeed()?;
                parts.load.redirect(parts.envoys.address());
                parts.envoys.retire(old, length)?;
            }
        }
        Ok(())
    }
}

/// Plays everything and joins what is known of it: the history, and a sentence for each thing in it that must not be.
///
/// # Errors
/// When a part does not start, or does not come back.
pub fn run(plan: Plan, tell: impl Fn(&str)) -> Result<(History, Vec<String>)> {
    let parts = Parts::start(plan.rate, plan.attempts)?;
    let (history, found) = play(parts, plan, tell)?;
    Ok((history, found.iter().map(ToString::to_string).collect()))
}

fn play(mut parts: Parts, plan: Plan, tell: impl Fn(&str)) -> Result<(History, Vec<Violation>)> {
    // A quarter of the time nothing is wrong, before and after; of the rest, two thirds are faults.
    let calm = plan.length / 8;
    let each = plan.length * 3 / 4 / u32::try_from(FAULTS.len())?;
    parts.enter("before", Promise::Well);
    tell("all is well");
    thread::sleep(calm);
    for fault in FAULTS {
        tell(&fault.name());
        parts.enter(&fault.name(), fault.promise());
        fault.happen(&mut parts, each * 2 / 3)?;
        parts.enter("between", Promise::Safe);
        thread::sleep(each / 3);
    }
    // What was under way in the last fault ends meanwhile.
    thread::sleep(Duration::from_secs(2));
    tell("all is well again");
    parts.enter("after", Promise::Well);
    thread::sleep(calm);
    let (history, mut found) = parts.finish()?;
    found.extend(check::violations(&history));
    Ok((history, found))
}

/// The run as a verdict: the first violations as an error.
///
/// # Errors
/// When there is one.
pub fn judged(found: &[String]) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    let first: Vec<&str> = found.iter().take(20).map(String::as_str).collect();
    bail!("{} violations, the first of them:\n{}", found.len(), first.join("\n"))
}
