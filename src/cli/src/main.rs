//! The `countersign` command: a thin list of subcommands, each a module of its own.

mod after;
mod approver;
mod database;
mod decide;
mod deliveries;
mod doctor;
mod exit;
mod inbox;
mod keys;
mod mask;
mod policy;
mod serve;
mod show;
mod standing;
mod state;

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
    /// Run the approval service.
    Serve(serve::Arguments),
    /// List, rotate and revoke the keys that sign grants.
    Keys(keys::Arguments),
    /// Copy the service's database, while it runs.
    Backup(keys::Backup),
    /// Check what is configured, and say how to mend what would not work.
    Doctor(doctor::Arguments),
    /// Log in to an approval service: a browser confirms it.
    Login(approver::login::Login),
    /// Log out, and forget the session.
    Logout(approver::login::Logout),
    /// List what waits for you.
    Inbox(inbox::Arguments),
    /// Show one request in full.
    Show(show::Arguments),
    /// Approve a request.
    Approve(decide::Approve),
    /// Deny a request.
    Deny(decide::Deny),
    /// Ask the requester something first.
    Ask(decide::Ask),
    /// Take an approval back that was not used yet.
    Revoke(after::Revoke),
    /// Say what became of a released request whose outcome nobody knows.
    Settle(after::Settle),
    /// Look a second time at what one person decided alone.
    Look(after::Look),
    /// List what reviewers agreed to beyond one request, or take it back.
    Standing(standing::Arguments),
    /// Say how telling channels goes, and try again what was given up.
    Deliveries(deliveries::Arguments),
    /// Validate policy documents.
    Check(policy::check::Arguments),
    /// Say what a policy says of one request, and why.
    Explain(Box<policy::explain::Arguments>),
    /// Run the cases of a policy.
    Test(policy::test::Arguments),
    /// Say what each request of a JSON Lines file does.
    Classify(policy::classify::Arguments),
    /// Mask a text as a reviewer would see it.
    Mask(mask::Arguments),
    /// Prepare policies for the filter.
    Policy(policy::bundle::Arguments),
}

fn main() -> ExitCode {
    // Usage errors leave through clap, with exit code 2.
    match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Keys(arguments) => keys::run(&arguments),
        Command::Backup(arguments) => keys::backup(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Login(arguments) => approver::login::login(&arguments),
        Command::Logout(arguments) => approver::login::logout(&arguments),
        Command::Inbox(arguments) => inbox::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Approve(arguments) => decide::approve(&arguments),
        Command::Deny(arguments) => decide::deny(&arguments),
        Command::Ask(arguments) => decide::ask(&arguments),
        Command::Revoke(arguments) => after::revoke(&arguments),
        Command::Settle(arguments) => after::settle(&arguments),
        Command::Look(arguments) => after::look(&arguments),
        Command::Standing(arguments) => standing::run(&arguments),
        Command::Deliveries(arguments) => deliveries::run(&arguments),
        Command::Check(arguments) => policy::check::run(&arguments),
        Command::Explain(arguments) => policy::explain::run(&arguments),
        Command::Test(arguments) => policy::test::run(&arguments),
        Command::Classify(arguments) => policy::classify::run(&arguments),
        Command::Mask(arguments) => mask::run(&arguments),
        Command::Policy(arguments) => policy::bundle::run(&arguments),
    }
}
