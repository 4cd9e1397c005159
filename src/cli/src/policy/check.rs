//! `countersign check FILE...`: is this a policy, and do its detectors find what their tests say?

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::{Fault, document, finish, print};
use crate::exit;

/// `countersign check FILE...`
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Policy documents, YAML or JSON.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// Validates each file; the first that cannot be read ends it, a bad policy does not keep the others from being seen.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut code = exit::OK;
    for file in &arguments.files {
        match check(file) {
            Ok(Sound::Yes) => {}
            Ok(Sound::No) => code = exit::bad_policy(),
            Err(fault @ Fault::Policy(_)) => code = finish(Err(fault)),
            Err(fault @ Fault::Usage(_)) => return finish(Err(fault)),
        }
    }
    code
}

/// Whether the tests of a policy's detectors hold.
enum Sound {
    Yes,
    No,
}

fn check(file: &Path) -> Result<Sound, Fault> {
    let (document, policy) = document::load(file)?;
    let trial = document.try_masking();
    let tests = trial.tests;
    let mut sound = Sound::Yes;
    for (weight, complaint) in document::tried(file, trial)? {
        // Where stderr is closed, the code still speaks.
        writeln!(std::io::stderr().lock(), "{complaint}").unwrap_or_default();
        if weight == document::Weight::Error {
            sound = Sound::No;
        }
    }
    if let Sound::Yes = sound {
        let count = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
        let detectors = document.masking().map_or(0, |masking| masking.detectors.len());
        let detectors = match detectors {
            0 => String::new(),
            n => format!(" and {}, {} ok", count(n, "detector"), count(tests, "test")),
        };
        let (id, rules) = (policy.id(), count(policy.size(), "rule"));
        print(&format!("{}: `{id}` is a policy of {rules}{detectors}\n", file.display()))?;
    }
    Ok(sound)
}
