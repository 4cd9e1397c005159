//! `countersign inbox`: what waits for you.

use std::{fmt::Write, process::ExitCode};

use countersign_server::{
    approver::view::{Open, Request},
    inbox::times,
};

use crate::approver::{Client, Fault, Reach, finish, now_ms, print};

/// `countersign inbox`
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    reach: Reach,
    /// Which: `waiting` for you, `pending`, `approved`, `denied`, `expired`, `cancelled`, `decided`, `all`.
    #[arg(long, default_value = "waiting", value_parser = ["waiting", "pending", "approved", "denied", "expired", "cancelled", "decided", "all"])]
    status: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Lists requests.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    finish(list(arguments))
}

fn list(arguments: &Arguments) -> Result<(), Fault> {
    let requests = Client::open(&arguments.reach)?.list(&arguments.status)?;
    if arguments.json {
        print(&format!("{}\n", serde_json::json!({"requests": requests})));
    } else if requests.is_empty() {
        let nothing =
            if arguments.status == "waiting" { "Nothing waits for you." } else { "There is nothing." };
        print(&format!("{nothing}\n"));
    } else {
        print(&table(&requests, now_ms()));
    }
    Ok(())
}

/// Two lines for each: what, and who under which rule.
fn table(requests: &[Request], now: i64) -> String {
    let mut out = String::new();
    for request in requests {
        let time = match request.is_open() {
            Open::Yes => times::left(request.expires_at_ms, now),
            Open::No => times::ago(request.decided_at_ms.unwrap_or(request.created_at_ms), now),
        };
        let (policy, code) = (&request.policy, &request.code);
        let lines = format!(
            "{}\n  {} · {}/{} · {} · {time}\n  {code}  {}\n\n",
            request.sentence,
            request.requester(),
            policy.id,
            policy.rule,
            request.progress(),
            request.id,
        );
        out.write_str(&lines).unwrap_or_default();
    }
    out
}
