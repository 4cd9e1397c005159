//! What the reviewer's commands share: how to reach the service, and how a fault becomes one sentence and an exit code.

mod client;
pub(crate) mod login;
mod session;

use std::{io::Write, process::ExitCode, time::SystemTime};

pub(crate) use client::Client;

use crate::exit;

/// How to reach the approval service.
#[derive(clap::Args)]
pub(crate) struct Reach {
    /// The approval service.
    #[arg(long, env = "COUNTERSIGN_URL", default_value = "http://127.0.0.1:8700", value_name = "URL")]
    url: String,
    /// Log in as this local reviewer of a service in development mode. Otherwise the session in COUNTERSIGN_SESSION is
    /// used, or the one of the last `countersign login`.
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It was asked wrongly.
    Usage(String),
    /// The service said no.
    Refused(String),
    /// The service was not reached, or what answered is not it.
    Unreachable(String),
}

/// One sentence on stderr, and the exit code that goes with it.
pub(crate) fn finish(result: Result<(), Fault>) -> ExitCode {
    match result {
        Ok(()) => exit::OK,
        Err(Fault::Usage(why)) => exit::say(exit::usage(), &why),
        Err(Fault::Refused(why)) => exit::say(exit::refused(), &why),
        Err(Fault::Unreachable(why)) => exit::say(exit::unreachable(), &why),
    }
}

/// Prints to stdout; a reader that went away, such as `head`, is no fault.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).unwrap_or_default();
}

/// Unix milliseconds, for words such as `2:41 left`; nothing is decided by it.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
