//! `cargo xtask test`: all that must hold before a change is done, in the order that fails soonest.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{demo, dist, faults, fuzz, mutants, setup, shell};

/// Crates that also pass their tests compiled to wasm.
const CORE: [&str; 3] = ["countersign-wire", "countersign-mask", "countersign-core"];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only the tests whose name contains this
    filter: Option<String>,
    /// Leave out format, lints, licences and the tests in wasm
    #[arg(long)]
    only_tests: bool,
}

/// What libtest counted, over all test programs.
#[derive(Default)]
struct Count {
    passed: u64,
    failed: u64,
    /// Names of those that failed: a log of thousands of lines must end with them.
    names: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    setup::everything()?;
    setup::python()?;
    if let Err(fault) = setup::slack_sdk() {
        println!("no slack_sdk, so tests that need it are left out (never so in CI): {fault:#}");
    }
    if let Err(fault) = setup::browser() {
        println!("no browser, so tests that need one are left out (never so in CI): {fault:#}");
    }
    if let Err(fault) = setup::standard_webhooks() {
        println!("no standardwebhooks, so tests that need it are left out (never so in CI): {fault:#}");
    }
    let postgres = setup::postgres();
    if let Err(fault) = &postgres {
        println!("no PostgreSQL, so tests that need one are left out (never so in CI): {fault:#}");
    }
    if let Err(fault) = setup::oidc() {
        println!("no identity provider, so tests of signing in are left out (never so in CI): {fault:#}");
    }
    if let Err(fault) = setup::mail_server() {
        println!("no mail server, so tests that need one are left out (never so in CI): {fault:#}");
    }
    if setup::axe().is_none() {
        println!("no npm, so tests that look at pages with axe-core are left out (never so in CI)");
    }
    if setup::adaptive_cards().is_none() {
        println!("no npm, so tests that show cards of Teams are left out (never so in CI)");
    }
    if !options.only_tests {
        shell::run(&mut shell::cargo(&["fmt", "--all", "--check"]))?;
        lints()?;
        let deny = setup::cargo_deny()?;
        shell::run(&mut shell::command(
            &deny.to_string_lossy(),
            &["--log-level", "error", "check", "bans", "licenses", "sources"],
        ))?;
    }
    dist::build()?;

    let mut count = Count::default();
    let mut native = shell::cargo(&["test", "--workspace", "--no-fail-fast"]);
    native.args(options.filter.as_deref());
    // Most tests against Envoy wait; more of them than cores may wait at once.
    native.env("RUST_TEST_THREADS", "8");
    // A test that fails says what was missed in one sentence; where an error was made is of no use to its reader.
    native.env("RUST_LIB_BACKTRACE", "0");
    count.add(&mut native)?;
    if postgres.is_ok() {
        count.add(&mut on_postgres(options.filter.as_deref()))?;
    }
    if !options.only_tests {
        count.add(&mut in_wasm()?)?;
    }

    if options.filter.is_none() {
        count.one("cargo xtask demo --auto", demo::story());
        count.one("cargo xtask faults", faults::briefly());
        count.one("cargo xtask mutants", mutants::run());
        count.one("cargo xtask fuzz", fuzz::run(&fuzz::Options::briefly()));
    }

    println!("{} passed, {} failed", count.passed, count.failed);
    if count.failed > 0 {
        bail!("these failed: {}", count.names.join(", "));
    }
    Ok(())
}

fn lints() -> Result<()> {
    shell::run(&mut shell::cargo(&[
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    let filter = [
        "clippy",
        "--quiet",
        "--package",
        "countersign-filter",
        "--target",
        "wasm32-wasip1",
        "--",
        "-D",
        "warnings",
    ];
    shell::run(&mut shell::cargo(&filter))
}

/// The service's tests once more, each on a PostgreSQL database of its own.
fn on_postgres(filter: Option<&str>) -> Command {
    let mut command =
        shell::cargo(&["test", "--package", "countersign-server", "--test", "service", "--no-fail-fast"]);
    // A thousand calls at once want more of a debug build, of 2 cores and of a server than filters have patience; on the file they
    // are tried. So are leases of one second: among replicas they last four, which `replicas` tries.
    command.args(filter).args(["--", "--skip", "a_thousand", "--skip", "lease::a_silent"]);
    command.args(["--skip", "lease::after_a_restart", "--skip", "lease::naming_the_task"]);
    command.env("COUNTERSIGN_TEST_POSTGRES", "1").env("RUST_LIB_BACKTRACE", "0");
    command
}

fn in_wasm() -> Result<Command> {
    let runner = setup::wasm_test_runner()?;
    let mut command = shell::cargo(&[
        "test",
        "--no-fail-fast",
        "--target",
        "wasm32-unknown-unknown",
        "--lib",
        "--test",
        "promises",
    ]);
    command.args(CORE.iter().flat_map(|package| ["--package", package]));
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    Ok(command)
}

impl Count {
    /// Runs test programs to their end, passing on what they print and adding up what they counted.
    fn add(&mut self, command: &mut Command) -> Result<()> {
        let told: Vec<_> = command.get_args().map(|a| a.to_string_lossy().into_owned()).collect();
        println!("$ cargo {}", told.join(" "));
        let before = self.failed;
        let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start `cargo test`")?;
        let output = child.stdout.take().context("`cargo test` has no output")?;
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            self.read(&line);
        }
        // A program that died without a count (did not compile, was killed) is a failure all the same.
        if !child.wait()?.success() && self.failed == before {
            self.failed += 1;
            self.names.push(format!("cargo {}", told.join(" ")));
        }
        Ok(())
    }

    /// A command that counts as one test.
    fn one(&mut self, command: &str, done: Result<()>) {
        match done {
            Ok(()) => self.passed += 1,
            Err(fault) => {
                println!("{command}: {fault:#}");
                self.failed += 1;
                self.names.push(command.to_owned());
            }
        }
    }

    /// `test result: ok. 12 passed; 0 failed; ...`, and `test some::test ... FAILED` before it.
    fn read(&mut self, line: &str) {
        if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
            self.names.push(name.to_owned());
        }
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let number = |word: &str| {
            let before = result.split(word).next()?;
            before.rsplit([' ', '.']).find(|part| !part.is_empty())?.parse::<u64>().ok()
        };
        self.passed += number(" passed").unwrap_or_default();
        self.failed += number(" failed").unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    #[test]
    fn results_of_several_test_programs_are_added_up() {
        let mut count = Count::default();
        count.read(
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
        );
        count.read("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        count.read("test some::test ... ok");
        assert_eq!((count.passed, count.failed), (15, 2));
    }

    #[test]
    fn the_last_line_names_each_test_that_failed() {
        let mut count = Count::default();
        count.read("test some::test ... ok");
        count.read("test store::a_decision_is_kept ... FAILED");
        count.one("cargo xtask demo --auto", Err(anyhow::anyhow!("nothing arrived")));
        assert_eq!(count.names, ["store::a_decision_is_kept", "cargo xtask demo --auto"]);
    }
}
