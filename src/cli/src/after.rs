//! `countersign revoke | settle | look`: what a reviewer does after a decision.
//!
//! A grant that was not used is taken back; an outcome that nobody knows is settled by somebody who found out; a decision that
//! one person made alone in an emergency is confirmed or contested by another. The service says who may, and keeps why.

use std::process::ExitCode;

use countersign_server::approver::{Found, LookAgain, LookWord, Outcome, Revocation, view::Request};

use crate::{
    approver::{Client, Reach, finish, print},
    decide::unchanged,
};

#[derive(clap::Args)]
struct Common {
    /// The request's id.
    id: String,
    #[command(flatten)]
    reach: Reach,
    /// Why; kept on record with your name.
    #[arg(long)]
    reason: String,
    /// Print the request as JSON afterwards.
    #[arg(long)]
    json: bool,
}

/// `countersign revoke ID`
#[derive(clap::Args)]
pub(crate) struct Revoke {
    #[command(flatten)]
    common: Common,
}

/// `countersign settle ID`
#[derive(clap::Args)]
pub(crate) struct Settle {
    #[command(flatten)]
    common: Common,
    /// Whether the upstream executed it, as far as you found out.
    #[arg(long, value_name = "ANSWER")]
    executed: Answer,
}

/// Whether a released request was executed.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Answer {
    /// It was.
    Yes,
    /// It was not.
    No,
    /// Nobody can say.
    CannotTell,
}

/// `countersign look ID`
#[derive(clap::Args)]
pub(crate) struct Look {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    verdict: Verdict,
    /// The digest that `show` printed; refuse if the request shows anything else now.
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Verdict {
    /// It was right.
    #[arg(long)]
    confirm: bool,
    /// It was not; a grant that was not used yet is taken back.
    #[arg(long)]
    contest: bool,
}

/// Takes a grant back.
pub(crate) fn revoke(arguments: &Revoke) -> ExitCode {
    let common = &arguments.common;
    let done = || {
        let client = Client::open(&common.reach)?;
        let said = Revocation { reason: common.reason.clone() };
        told(common, "You took the approval back", &client.act(&common.id, "revoke", &said)?);
        Ok(())
    };
    finish(done())
}

/// Settles an outcome.
pub(crate) fn settle(arguments: &Settle) -> ExitCode {
    let common = &arguments.common;
    let executed = match arguments.executed {
        Answer::Yes => Found::Yes,
        Answer::No => Found::No,
        Answer::CannotTell => Found::CannotTell,
    };
    let done = || {
        let client = Client::open(&common.reach)?;
        let said = Outcome { executed, reason: common.reason.clone() };
        told(common, "You settled what became of", &client.act(&common.id, "outcome", &said)?);
        Ok(())
    };
    finish(done())
}

/// Looks a second time at what one person decided alone.
pub(crate) fn look(arguments: &Look) -> ExitCode {
    let common = &arguments.common;
    let (verdict, done) = if arguments.verdict.contest {
        (LookWord::Contest, "You contested")
    } else {
        (LookWord::Confirm, "You confirmed")
    };
    let look = || {
        let client = Client::open(&common.reach)?;
        let request = client.request(&common.id)?;
        let display_digest = unchanged(&request, arguments.digest.as_deref())?;
        let said = LookAgain { verdict, reason: common.reason.clone(), display_digest };
        told(common, done, &client.act(&request.id, "second-looks", &said)?);
        Ok(())
    };
    finish(look())
}

fn told(common: &Common, done: &str, after: &Request) {
    if common.json {
        print(&format!("{}\n", serde_json::json!(after)));
    } else {
        print(&format!("{done}: {}\n  {}\n", after.sentence, after.id));
    }
}
