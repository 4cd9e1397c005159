//! Policies at the command line: documents as files, requests as people write them, and the commands over both.

pub(crate) mod bundle;
pub(crate) mod check;
pub(crate) mod classify;
mod document;
pub(crate) mod explain;
mod place;
mod request;
pub(crate) mod test;
mod who;

use std::{io::Write, path::Path, process::ExitCode};

use countersign_mask::Masker;
use countersign_wire::digest::Secret;

use crate::exit;

/// What goes wrong with a command about policies.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The command was used wrongly.
    #[error("{0}")]
    Usage(String),
    /// The policy document is bad; the complaint is shown as it is, with its place and a caret.
    #[error("{0}")]
    Policy(document::Complaint),
}

impl Fault {
    /// A file that cannot be read.
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::Usage(format!("cannot read `{}`: {error}", path.display()))
    }
}

/// Says what is wrong and turns it into the exit code it goes with.
pub(crate) fn finish(result: Result<ExitCode, Fault>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(Fault::Usage(sentence)) => exit::say(exit::usage(), &sentence),
        Err(Fault::Policy(complaint)) => {
            // Where stderr is closed, the code still speaks.
            writeln!(std::io::stderr().lock(), "{complaint}").unwrap_or_default();
            exit::bad_policy()
        }
    }
}

/// Text on stdout.
pub(crate) fn print(text: &str) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        // The reader has seen enough, as `head` does.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Fault::Usage(format!("cannot write: {error}"))),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(path).map_err(|error| Fault::file(path, &error))
}

/// What masks as a policy says where no rule speaks, with pseudonyms made by the key in a file.
pub(crate) fn masker(path: &Path, key: Option<&Path>) -> Result<Masker, Fault> {
    let (_, mut policy) = document::load(path)?;
    if let Some(key) = key {
        let secret = String::from_utf8(read(key)?).ok().and_then(|text| Secret::from_hex(text.trim()));
        let none = || Fault::Usage(format!("`{}` holds no 64 hexadecimal digits", key.display()));
        policy = policy.with_pseudonyms(&secret.ok_or_else(none)?);
    }
    Ok(policy.plain_masker().clone())
}
