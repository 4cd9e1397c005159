//! The `countersign` command: a thin list of subcommands, each a module of its own.

mod check;
mod exit;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Holds privileged requests of AI agents until a human who is not the requester approves.
#[derive(Parser)]
#[command(name = "countersign", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Validate policy documents.
    Check(check::Arguments),
}

fn main() -> ExitCode {
    // Usage errors leave through clap, with exit code 2.
    match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
    }
}
