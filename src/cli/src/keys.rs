//! `countersign keys` and `countersign backup`: what an operator does on the machine where the service keeps its state.
//!
//! The service may run meanwhile: it takes what changes within a second.

use std::{path::PathBuf, process::ExitCode};

use countersign_server::{
    admin::{self, Patience},
    config::DatabaseUrl,
    service::StartError,
};
use countersign_wire::{clock::rfc3339_s, jws::Jwk};

use crate::{
    approver::{now_ms, print},
    database::Database,
    exit, state,
};

/// `countersign keys`
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List the signing keys and where each stands.
    List(Place),
    /// Make the next signing key; it is published, and signs nothing yet.
    Prepare(Place),
    /// Let the next key sign; the old one verifies until nothing it signed is valid any more.
    Rotate(Rotate),
    /// Revoke a signing key at once, with every unused grant it signed.
    Revoke(Revoke),
}

#[derive(clap::Args)]
struct Place {
    /// Where the service keeps its store and keys [default: the user's state directory].
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
}

#[derive(clap::Args)]
struct Rotate {
    #[command(flatten)]
    place: Place,
    /// Do not wait until the next key was published for 24 hours.
    #[arg(long)]
    now: bool,
}

#[derive(clap::Args)]
struct Revoke {
    /// The key's name, as `keys list` shows it.
    kid: String,
    #[command(flatten)]
    place: Place,
}

/// `countersign backup`
#[derive(clap::Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    place: Place,
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// Does what was asked with the keys.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    finish(async {
        match &arguments.command {
            Command::List(place) => list(place).await,
            Command::Prepare(place) => {
                let jwk = admin::prepare(&state::server(place.state.as_ref())?)?;
                Ok(format!("made, and signs nothing yet; give it to every filter:\n{}\n", text(&jwk)))
            }
            Command::Rotate(rotate) => {
                let patience = if rotate.now { Patience::None } else { Patience::Overlap };
                let kid = admin::rotate(rotate.place.at()?.place(), patience, now_ms()).await?;
                Ok(format!("{kid} signs from now on\n"))
            }
            Command::Revoke(revoke) => {
                let done = admin::revoke_key(revoke.place.at()?.place(), &revoke.kid, now_ms()).await?;
                let mut said = format!(
                    "revoked; {} unused grants were taken back; take the key out of every filter's configuration\n",
                    done.grants
                );
                if let Some(jwk) = done.signs_now {
                    said += "this key signs from now on; give it to every filter:\n";
                    said += &text(&jwk);
                    said += "\n";
                }
                Ok(said)
            }
        }
    })
}

/// Writes a backup.
pub(crate) fn backup(arguments: &Backup) -> ExitCode {
    finish(async {
        admin::backup(arguments.place.at()?.place(), &arguments.to).await?;
        Ok(format!("wrote {}\n", arguments.to.display()))
    })
}

/// Where the store and the keys are.
struct At {
    state: PathBuf,
    database: Option<DatabaseUrl>,
}

impl Place {
    fn at(&self) -> Result<At, StartError> {
        Ok(At { state: state::server(self.state.as_ref())?, database: self.database.url()? })
    }
}

impl At {
    fn place(&self) -> admin::Place<'_> {
        admin::Place { state: &self.state, database: self.database.as_ref() }
    }
}

async fn list(place: &Place) -> Result<String, StartError> {
    let keys = admin::keys(place.at()?.place()).await?;
    let line =
        |key: &admin::Listed| format!("{}  {:<8} since {}\n", key.kid, key.state, rfc3339_s(key.since_ms));
    Ok(keys.iter().map(line).collect())
}

fn text(jwk: &Jwk) -> String {
    serde_json::to_string(jwk).unwrap_or_default()
}

fn finish(work: impl Future<Output = Result<String, StartError>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::say(exit::usage(), &format!("cannot start: {error}")),
    };
    match runtime.block_on(work) {
        Ok(said) => {
            print(&said);
            exit::OK
        }
        Err(StartError(sentence)) => exit::say(exit::usage(), &sentence),
    }
}
