//! `countersign standing`: what reviewers agreed to beyond one request, what is left of it, and taking it back.

use std::{fmt::Write, process::ExitCode};

use countersign_server::{
    approver::standing::{Stand, Standing},
    inbox::times,
};

use crate::approver::{Client, Fault, Reach, finish, now_ms, print};

/// `countersign standing`
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    reach: Reach,
    /// Take this one back, at once.
    #[arg(long, value_name = "ID", requires = "reason")]
    revoke: Option<String>,
    /// Why; kept on record with your name.
    #[arg(long, requires = "revoke")]
    reason: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Lists standing approvals, or takes one back.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    finish(standing(arguments))
}

fn standing(arguments: &Arguments) -> Result<(), Fault> {
    let client = Client::open(&arguments.reach)?;
    let all = match (&arguments.revoke, &arguments.reason) {
        (Some(id), Some(reason)) => client.revoke_standing(id, reason)?,
        (_, None) | (None, Some(_)) => client.standing()?,
    };
    if arguments.json {
        print(&format!("{}\n", serde_json::json!({"standing": all})));
    } else if all.is_empty() {
        print("There is no standing approval.\n");
    } else {
        print(&table(&all, now_ms()));
    }
    Ok(())
}

fn table(all: &[Standing], now: i64) -> String {
    let mut out = String::new();
    for one in all {
        let state = match one.state {
            Stand::Active => times::left(one.until_ms, now),
            Stand::UsedUp => "used up".to_owned(),
            Stand::Expired => "expired".to_owned(),
            Stand::Ended => format!("ended: {}", one.ended_why.as_deref().unwrap_or("unknown")),
        };
        let who: Vec<&str> = one.approvers.iter().map(|who| who.sub.as_str()).collect();
        let lines = format!(
            "{}\n  {}\n  {} of {} used · {state} · agreed by {}\n  {}\n\n",
            one.sentence,
            one.words,
            one.used,
            one.uses,
            who.join(", "),
            one.id
        );
        out.write_str(&lines).unwrap_or_default();
    }
    out
}
