//! `cargo xtask`: builds, demonstrates, tests and measures countersign on a machine that has Rust and nothing else.
//!
//! Every command first installs what it needs and finds missing, into folders of the project (`.envoy`, `.tools`) where
//! that is possible. It will not change anything else on the machine except by `apt-get`, as root, and says so when it does.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks on its terminal")]
#![expect(
    clippy::indexing_slicing,
    reason = "JSON is read by name, which gives null where there is nothing, and written only where an object was made"
)]

mod bench;
mod catalog;
mod corpus;
mod demo;
mod dist;
mod faults;
mod fuzz;
mod hold;
mod masking;
mod mutants;
mod place;
mod setup;
mod shell;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, demonstrates, tests and measures countersign.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what this machine lacks: the wasm target and Envoy
    Setup,
    /// Leave target/dist/countersign.wasm and target/dist/countersign
    Build,
    /// The whole path on real parts: you are the reviewer, or nobody is needed with --auto
    Demo(demo::Options),
    /// What the filter costs, beside no filter, an empty one, Lua and ext_authz
    Bench(bench::Options),
    /// Every decoder under a coverage-guided fuzzer, for ten minutes each or as long as --seconds says
    Fuzz(fuzz::Options),
    /// Everything between agent and upstream fails in turn, under 200 requests a second
    Faults(faults::Options),
    /// Requests held for as many minutes as you say, and released by a late approval
    Hold(hold::Options),
    /// Build the packed catalogs of operations from pinned public packages, or check that they are what those make
    Catalog(catalog::Options),
    /// How well calls are understood: the labelled requests beside the project and those of real clients, as tables
    Corpus(corpus::Options),
    /// How well values are masked: the texts beside the project, as tables next to existing tools
    Masking(masking::Options),
    /// Plant one fault per invariant of the design and see that a test notices each
    Mutants,
    /// Format, lints, licences, every test, real Envoy included
    Test(test::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Setup => setup::everything(),
        Command::Build => dist::build(),
        Command::Demo(options) => demo::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Faults(options) => faults::run(&options),
        Command::Hold(options) => hold::run(&options),
        Command::Catalog(options) => catalog::run(&options),
        Command::Corpus(options) => corpus::run(&options),
        Command::Masking(options) => masking::run(&options),
        Command::Mutants => mutants::run(),
        Command::Test(options) => test::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("xtask: {fault:#}");
            ExitCode::FAILURE
        }
    }
}
