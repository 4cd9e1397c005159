//! `countersign doctor`: looks whether what is configured would work, and says how to mend what would not.
//!
//! Nothing is changed by it, and nobody is told anything. The checks themselves are the service's; here they are asked for and
//! printed.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use countersign_server::{
    config::{Config, Mode},
    doctor::{self, Level, Part, Report, Setting},
    service::StartError,
};

use crate::{approver::print, database::Database, exit, state};

/// `countersign doctor`
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to check: `database`, `oidc`, `slack`, `teams`, `webhook` or `email` [default: all that the configuration has].
    #[arg(value_parser = part)]
    parts: Vec<Part>,
    /// The service's configuration, YAML.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the service keeps its store and keys [default: the user's state directory].
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
    /// Read the configuration as `serve --dev` does.
    #[arg(long)]
    dev: bool,
    /// Print JSON: `{"reports": [{"part", "findings": [{"level", "what", "mend"}]}]}`.
    #[arg(long)]
    json: bool,
}

fn part(word: &str) -> Result<Part, String> {
    Part::ALL.into_iter().find(|part| part.word() == word).ok_or_else(|| {
        let known: Vec<&str> = Part::ALL.into_iter().map(Part::word).collect();
        format!("there is no check `{word}`; there are {}", known.join(", "))
    })
}

/// Checks, prints, and says with the exit code whether anything must be mended.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let checked = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| StartError(format!("the checks cannot run: {error}")))
        .and_then(|runtime| runtime.block_on(check(arguments)));
    let reports = match checked {
        Ok(reports) => reports,
        Err(StartError(sentence)) => return exit::say(exit::usage(), &sentence),
    };
    if arguments.json {
        print(&format!("{}\n", serde_json::json!({"reports": reports})));
    } else {
        print(&page(&reports));
    }
    match reports.iter().map(Report::level).max() {
        Some(Level::Ok | Level::Warn) => exit::OK,
        Some(Level::Fail) | None => exit::failed(),
    }
}

async fn check(arguments: &Arguments) -> Result<Vec<Report>, StartError> {
    let state = state::server(arguments.state.as_ref())?;
    let config = configuration(arguments, &state)?;
    let config = match arguments.database.url()? {
        Some(url) => config.with_database(url),
        None => config,
    };
    let parts =
        if arguments.parts.is_empty() { doctor::configured(&config) } else { arguments.parts.clone() };
    let mut reports = Vec::new();
    for part in parts {
        reports.push(doctor::examine(part, Setting { config: &config, state: &state }).await);
    }
    Ok(reports)
}

/// Reads the configuration as `serve` would. That makes the state directory and the development key; where there is no state
/// yet it is made elsewhere and taken away again, since a check changes nothing.
fn configuration(arguments: &Arguments, state: &Path) -> Result<Config, StartError> {
    let missing = !state.exists();
    let elsewhere = std::env::temp_dir().join(format!("countersign-doctor-{}", std::process::id()));
    let place = if missing { elsewhere.as_path() } else { state };
    let mode = if arguments.dev { Mode::Dev } else { Mode::Production };
    let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 8700));
    let read = || match &arguments.config {
        None => Config::read("{}", listen, place, mode),
        Some(path) => {
            let yaml = std::fs::read_to_string(path)
                .map_err(|error| StartError(format!("cannot read `{}`: {error}", path.display())))?;
            Config::read(&yaml, listen, place, mode)
                .map_err(|StartError(why)| StartError(format!("`{}`: {why}", path.display())))
        }
    };
    let config = read();
    if missing {
        // It may never have been made.
        std::fs::remove_dir_all(&elsewhere).unwrap_or_default();
    }
    config
}

fn page(reports: &[Report]) -> String {
    let mut out = String::new();
    for report in reports {
        writeln!(out, "{}", report.part.word()).unwrap_or_default();
        for finding in &report.findings {
            let word = match finding.level {
                Level::Ok => "ok",
                Level::Warn => "warn",
                Level::Fail => "FAIL",
            };
            writeln!(out, "  {word:<5} {}", finding.what).unwrap_or_default();
            if let Some(mend) = &finding.mend {
                writeln!(out, "        {mend}").unwrap_or_default();
            }
        }
        if report.findings.is_empty() {
            writeln!(out, "  FAIL  this version has no check for it").unwrap_or_default();
        }
        out.push('\n');
    }
    out
}
