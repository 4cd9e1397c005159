//! `countersign check FILE...`: is this a policy?

use std::{path::PathBuf, process::ExitCode};

use crate::exit;

/// `countersign check FILE...`
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Policy documents, YAML or JSON.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// Validates each file; says on stderr what is wrong.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let _files = &arguments.files;
    exit::bad_policy()
}
