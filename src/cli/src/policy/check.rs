//! `countersign check FILE...`: is this a policy?

use std::{path::PathBuf, process::ExitCode};

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
        let one = document::load(file).and_then(|(_, policy)| {
            let (id, rules) = (policy.id(), policy.size());
            let noun = if rules == 1 { "rule" } else { "rules" };
            print(&format!("{}: `{id}` is a policy of {rules} {noun}\n", file.display())).map(|()| exit::OK)
        });
        match one {
            Ok(_) => {}
            Err(fault @ Fault::Policy(_)) => code = finish(Err(fault)),
            Err(fault @ Fault::Usage(_)) => return finish(Err(fault)),
        }
    }
    code
}
