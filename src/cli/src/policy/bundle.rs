//! `countersign policy bundle`: a policy stamped with the commit it comes from, as the JSON that a filter loads.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use countersign_core::policy::{Document, Policy};
use countersign_wire::{json::jcs_of, people::Separation};

use super::{Fault, document, finish, print};
use crate::exit;

/// `countersign policy ...`
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Stamp a policy with its commit and write it as canonical JSON for the filter.
    Bundle(Bundle),
}

/// `countersign policy bundle FILE [-o FILE]`
#[derive(clap::Args)]
struct Bundle {
    /// The policy document.
    file: PathBuf,
    /// Where to write; stdout where nothing is given.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Bundle a file with uncommitted changes: it is known by its digest, not by a commit.
    #[arg(long)]
    allow_dirty: bool,
}

/// Runs `countersign policy ...`.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let Verb::Bundle(bundle) = &arguments.command;
    finish(self::bundle(bundle).map(|()| exit::OK))
}

/// What git knows of a file.
enum Origin {
    /// This commit has it as it is.
    Commit(String),
    /// It differs from its commit, or is in none.
    Changed,
    /// There is no git, or no repository.
    None,
}

fn bundle(arguments: &Bundle) -> Result<(), Fault> {
    let (mut document, _) = document::load(&arguments.file)?;
    let revision = match (origin(&arguments.file), arguments.allow_dirty) {
        (Origin::Commit(commit), _) => {
            if keeps_authors_out(&document) {
                let written = authors(&arguments.file);
                document.authors.extend(written);
                document.authors.sort();
                document.authors.dedup();
            }
            Some(commit)
        }
        (Origin::None, _) | (Origin::Changed, true) => None,
        (Origin::Changed, false) => {
            let file = arguments.file.display();
            let sentence = format!("`{file}` has uncommitted changes: commit them, or give `--allow-dirty`");
            return Err(Fault::Usage(sentence));
        }
    };
    let document = Document { revision, ..document };
    let mut json = jcs_of(&document);
    json.push(b'\n');
    let policy = Policy::compile(document).map_err(|error| Fault::Usage(error.to_string()))?;
    match &arguments.out {
        Some(out) => std::fs::write(out, &json)
            .map_err(|error| Fault::Usage(format!("cannot write `{}`: {error}", out.display())))?,
        None => print(&String::from_utf8_lossy(&json))?,
    }
    exit::say(exit::OK, &format!("`{}` at {}, digest {}", policy.id(), policy.commit(), policy.digest()));
    Ok(())
}

/// Whether a rule of the document keeps its authors from reviewing: only then their addresses go where the policy goes.
fn keeps_authors_out(document: &Document) -> bool {
    let rules = document.rules.iter().map(|rule| &rule.reviewers);
    let all = rules.chain([&document.defaults.reviewers]).flatten();
    all.flat_map(|reviewers| &reviewers.separation).any(|by| *by == Separation::PolicyAuthor)
}

/// Who wrote the commit that last changed a file: its author, and whom it names beside.
fn authors(file: &Path) -> Vec<String> {
    const FORMAT: &str = "--format=%ae%n%(trailers:key=Co-authored-by,valueonly)";
    let folder = file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let Some(name) = file.file_name() else { return Vec::new() };
    let log = Command::new("git").arg("-C").arg(folder).args(["log", "-1", FORMAT, "--"]).arg(name).output();
    let Some(output) = log.ok().filter(|output| output.status.success()) else { return Vec::new() };
    let address = |line: &str| {
        let inside =
            line.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(address, _)| address);
        inside.unwrap_or(line).trim().to_owned()
    };
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(address).filter(|address| !address.is_empty()).collect()
}

fn origin(file: &Path) -> Origin {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let Some(name) = file.file_name() else { return Origin::None };
    let git = |arguments: &[&str]| {
        let output =
            Command::new("git").arg("-C").arg(folder).args(arguments).arg("--").arg(name).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let head = Command::new("git").arg("-C").arg(folder).args(["rev-parse", "--verify", "HEAD"]).output();
    let commit = match head {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        // A repository without a commit has the file in none.
        Ok(_) if git(&["status", "--porcelain"]).is_some() => return Origin::Changed,
        Ok(_) | Err(_) => return Origin::None,
    };
    let tracked = git(&["ls-files", "--error-unmatch"]).is_some();
    let clean = git(&["status", "--porcelain"]).is_some_and(|changes| changes.is_empty());
    if tracked && clean { Origin::Commit(commit) } else { Origin::Changed }
}
