//! `countersign approve | deny | ask`: decides on exactly what was shown.
//!
//! The request is fetched and printed, and the decision echoes the digest of what was printed: if it is anything else by
//! then, the service refuses. Approving asks once more on a terminal; without a terminal it needs `--yes`, so that no
//! script approves by accident what nobody looked at.

use std::{
    io::{BufRead, IsTerminal, Write},
    process::ExitCode,
};

use countersign_server::approver::{Decision, Word, view::Request};

use crate::{
    approver::{Client, Fault, Reach, finish, now_ms, print},
    show::page,
};

/// `countersign approve ID`
#[derive(clap::Args)]
pub(crate) struct Approve {
    #[command(flatten)]
    common: Common,
    /// Why; kept on record with your name.
    #[arg(long)]
    reason: String,
    /// Do not ask once more.
    #[arg(long)]
    yes: bool,
}

/// `countersign deny ID`
#[derive(clap::Args)]
pub(crate) struct Deny {
    #[command(flatten)]
    common: Common,
    /// Why; kept on record with your name.
    #[arg(long)]
    reason: String,
}

/// `countersign ask ID`
#[derive(clap::Args)]
pub(crate) struct Ask {
    #[command(flatten)]
    common: Common,
    /// What you want to know; the requester sees it.
    #[arg(long)]
    question: String,
}

#[derive(clap::Args)]
struct Common {
    /// The request's id, or its code such as MAPLE-42.
    id: String,
    #[command(flatten)]
    reach: Reach,
    /// The digest that `show` printed; refuse if the request shows anything else now.
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    /// Print the request as JSON afterwards.
    #[arg(long)]
    json: bool,
}

/// Approves.
pub(crate) fn approve(arguments: &Approve) -> ExitCode {
    let confirm = if arguments.yes { Confirm::Given } else { Confirm::Wanted };
    finish(decide(&arguments.common, Word::Approve, &arguments.reason, confirm))
}

/// Denies.
pub(crate) fn deny(arguments: &Deny) -> ExitCode {
    finish(decide(&arguments.common, Word::Deny, &arguments.reason, Confirm::Given))
}

/// Asks the requester.
pub(crate) fn ask(arguments: &Ask) -> ExitCode {
    finish(decide(&arguments.common, Word::Ask, &arguments.question, Confirm::Given))
}

/// Whether to ask once more.
#[derive(Clone, Copy)]
enum Confirm {
    Given,
    Wanted,
}

fn decide(common: &Common, word: Word, reason: &str, confirm: Confirm) -> Result<(), Fault> {
    if reason.trim().is_empty() {
        return Err(Fault::Usage("a decision needs a reason that says something".to_owned()));
    }
    let client = Client::open(&common.reach)?;
    let request = client.request(&common.id)?;
    if common.digest.as_ref().is_some_and(|digest| *digest != request.display_digest) {
        return Err(Fault::Refused("what it shows now is not what you were shown; look again".to_owned()));
    }
    match confirm {
        Confirm::Given => {}
        Confirm::Wanted => confirmed(&request)?,
    }
    let decision = Decision {
        decision: word,
        reason: reason.to_owned(),
        display_digest: request.display_digest.clone(),
        code: Some(request.code.to_string()),
    };
    let after = client.decide(&request.id, &decision)?;
    if common.json {
        print(&format!("{}\n", serde_json::json!(after)));
    } else {
        let done = match word {
            Word::Approve => "You approved",
            Word::Deny => "You denied",
            Word::Ask => "You asked about",
            Word::BreakGlass => "You decided alone on",
        };
        print(&format!("{done}: {}\n  {} · {}\n", after.sentence, after.progress(), after.id));
    }
    Ok(())
}

fn confirmed(request: &Request) -> Result<(), Fault> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(Fault::Usage(
            "nobody is at a terminal to confirm; say `--yes` if it was looked at".to_owned(),
        ));
    }
    let mut out = std::io::stderr().lock();
    write!(out, "{}\nApprove exactly this? Type yes: ", page(request, now_ms()))
        .and_then(|()| out.flush())
        .map_err(|error| Fault::Usage(format!("cannot ask: {error}")))?;
    let mut answer = String::new();
    input
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Fault::Usage(format!("cannot read the answer: {error}")))?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(Fault::Refused("not approved: you did not say yes".to_owned()))
    }
}
