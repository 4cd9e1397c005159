//! `countersign approve | deny | ask`: decides on exactly what was shown.
//!
//! The request is fetched and printed, and the decision echoes the digest of what was printed: if it is anything else by
//! then, the service refuses. Approving asks once more on a terminal; without a terminal it needs `--yes`, so that no
//! script approves by accident what nobody looked at.

use std::{
    io::{BufRead, IsTerminal, Write},
    process::ExitCode,
};

use countersign_server::approver::{Again, Decision, Word, scope, view::Request};

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
    /// The request's code, where its approval takes that typed; a terminal asks for it.
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// Decide alone, in an emergency, where the rule allows it; a second human looks at it within a day.
    #[arg(long, conflicts_with_all = ["times", "span"])]
    break_glass: bool,
    /// Agree to the same again, so often, this request included, where the rule allows it.
    #[arg(long, value_name = "N")]
    times: Option<u32>,
    /// Agree to the same again for so long: `45s`, `15m`, `2h`.
    #[arg(long = "for", value_name = "TIME", value_parser = span)]
    span: Option<i64>,
}

/// `45s`, `15m` or `2h` in seconds.
fn span(text: &str) -> Result<i64, String> {
    let span = countersign_core::policy::Span::parse(text).map(|span| span.ms() / 1000);
    let seconds = span.and_then(|seconds| i64::try_from(seconds).ok());
    seconds.ok_or_else(|| format!("bad time `{text}`: write `45s`, `15m` or `2h`"))
}

/// What is agreed to beyond one request, as it was typed.
#[derive(Clone, Copy, Default)]
struct Further {
    times: Option<u32>,
    seconds: Option<i64>,
}

impl Further {
    /// Where only one of the two is given, the other is as the rule allows.
    fn within(self, request: &Request) -> Result<Option<Again>, Fault> {
        let (times, seconds) = match self {
            Self { times: None, seconds: None } => return Ok(None),
            Self { times, seconds } => (times, seconds),
        };
        let Some(scope) = &request.scope else {
            let why = "only this one request can be approved; its rule allows nothing beyond it";
            return Err(Fault::Refused(why.to_owned()));
        };
        Ok(Some(Again { uses: times.unwrap_or(scope.uses), seconds: seconds.unwrap_or(scope.seconds) }))
    }
}

/// What somebody says with an approval.
#[derive(Clone, Copy, Default)]
struct Said<'a> {
    further: Further,
    typed: Option<&'a str>,
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
    let further = Further { times: arguments.times, seconds: arguments.span };
    let word = if arguments.break_glass { Word::BreakGlass } else { Word::Approve };
    let typed = arguments.code.as_deref();
    finish(decide(&arguments.common, word, &arguments.reason, confirm, Said { further, typed }))
}

/// Denies.
pub(crate) fn deny(arguments: &Deny) -> ExitCode {
    finish(decide(&arguments.common, Word::Deny, &arguments.reason, Confirm::Given, Said::default()))
}

/// Asks the requester.
pub(crate) fn ask(arguments: &Ask) -> ExitCode {
    finish(decide(&arguments.common, Word::Ask, &arguments.question, Confirm::Given, Said::default()))
}

/// Whether to ask once more.
#[derive(Clone, Copy)]
enum Confirm {
    Given,
    Wanted,
}

fn decide(common: &Common, word: Word, reason: &str, confirm: Confirm, said: Said<'_>) -> Result<(), Fault> {
    if reason.trim().is_empty() {
        return Err(Fault::Usage("a decision needs a reason that says something".to_owned()));
    }
    let client = Client::open(&common.reach)?;
    let request = client.request(&common.id)?;
    let display_digest = unchanged(&request, common.digest.as_deref())?;
    let again = said.further.within(&request)?;
    match confirm {
        Confirm::Given => {}
        Confirm::Wanted => confirmed(&request, again)?,
    }
    let code = match word {
        Word::Approve | Word::BreakGlass if request.typed_code => typed(&request, said.typed)?,
        Word::Approve | Word::BreakGlass | Word::Deny | Word::Ask => request.code.to_string(),
    };
    let decision =
        Decision { decision: word, reason: reason.to_owned(), display_digest, code: Some(code), again };
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

/// The code as somebody typed it, which the service compares.
fn typed(request: &Request, given: Option<&str>) -> Result<String, Fault> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(Fault::Usage(
            "to approve this, its code must be typed: give it with `--code`".to_owned(),
        ));
    }
    let cannot = |error: std::io::Error| Fault::Usage(format!("cannot ask on this terminal: {error}"));
    let mut out = std::io::stderr().lock();
    write!(out, "To approve, type {}: ", request.code).and_then(|()| out.flush()).map_err(cannot)?;
    let mut line = String::new();
    input.lock().read_line(&mut line).map_err(cannot)?;
    Ok(line.trim().to_owned())
}

/// The digest of what is shown now, which a decision echoes; refused where it is not the one that was `seen`.
pub(crate) fn unchanged(request: &Request, seen: Option<&str>) -> Result<String, Fault> {
    let now = &request.display_digest;
    if seen.is_some_and(|seen| seen != now.as_str()) {
        return Err(Fault::Refused("what it shows now is not what you were shown; look again".to_owned()));
    }
    Ok(now.clone())
}

fn confirmed(request: &Request, again: Option<Again>) -> Result<(), Fault> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(Fault::Usage(
            "nobody is at a terminal to confirm; say `--yes` if it was looked at".to_owned(),
        ));
    }
    let mut out = std::io::stderr().lock();
    let asked = match (again, &request.scope) {
        (Some(Again { uses, seconds }), Some(scope)) => format!(
            "Approve exactly this, and the same again: {}; {uses} times or for {}? Type yes: ",
            scope.words,
            scope::span(seconds)
        ),
        (None, _) | (Some(_), None) => "Approve exactly this? Type yes: ".to_owned(),
    };
    write!(out, "{}\n{asked}", page(request, now_ms()))
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
