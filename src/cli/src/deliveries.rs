//! `countersign deliveries`: how telling channels goes, what was given up and why, and trying that again.

use std::{fmt::Write as _, process::ExitCode};

use countersign_server::{approver::deliveries::Deliveries, inbox::times};

use crate::approver::{Client, Fault, Reach, finish, print};

/// `countersign deliveries`
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    reach: Reach,
    /// Try this one again, at once.
    #[arg(long, value_name = "ID")]
    retry: Option<i64>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Lists what channels were not told, or tries one again.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    finish(deliveries(arguments))
}

fn deliveries(arguments: &Arguments) -> Result<(), Fault> {
    let client = Client::open(&arguments.reach)?;
    let all = match arguments.retry {
        Some(id) => client.retry_delivery(id)?,
        None => client.deliveries()?,
    };
    if arguments.json {
        print(&format!("{}\n", serde_json::json!(all)));
    } else if all.channels.is_empty() {
        print("No channel is configured.\n");
    } else {
        print(&table(&all));
    }
    Ok(())
}

fn table(all: &Deliveries) -> String {
    let mut out = String::new();
    for one in &all.channels {
        let oldest = one.oldest_ms.map(|ms| format!(", the oldest for {} s", ms / 1000)).unwrap_or_default();
        writeln!(
            out,
            "{}: {} told, {} tries in vain, {} waiting{oldest}, {} given up",
            one.channel, one.delivered, one.failed, one.waiting, one.dead
        )
        .unwrap_or_default();
    }
    if !all.dead.is_empty() {
        out.push_str("\nGiven up; try again with `countersign deliveries --retry ID`:\n");
    }
    for dead in &all.dead {
        writeln!(
            out,
            "{:>6}  {}  {} · {} · {} · tried {} times\n        {}",
            dead.id,
            times::moment(dead.at_ms),
            dead.channel,
            dead.event,
            dead.request,
            dead.attempts,
            dead.why
        )
        .unwrap_or_default();
    }
    out
}
