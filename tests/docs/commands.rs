//! Blocks in `console`: each command is run in the project's folder, and what is shown below it is what it prints.

use std::os::unix::fs::symlink;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use countersign_tests::place;

use crate::page;

/// Commands that are shown and not run here: `.ci/run` and people run them, and they take minutes.
const BUILDS: [&str; 9] = [
    "cargo xtask build",
    "cargo xtask demo",
    "cargo xtask demo --auto",
    "cargo xtask test",
    "cargo xtask bench",
    "cargo xtask fuzz",
    "cargo xtask catalog",
    "cargo xtask corpus",
    "cargo xtask masking",
];
/// What of `countersign` needs nothing but files.
const CHEAP: [&str; 6] = ["check", "explain", "test", "classify", "mask", "policy"];

struct Shown {
    command: String,
    output: String,
}

/// The commands of a block, each with what is shown below it.
fn shown(block: &str) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let mut goes_on = false;
    for line in block.lines() {
        match (line.strip_prefix("$ "), all.last_mut(), goes_on) {
            (Some(command), _, _) => {
                all.push(Shown { command: command.to_owned(), output: String::new() });
                goes_on = command.ends_with('\\');
            }
            (None, Some(last), true) => {
                last.command.push('\n');
                last.command.push_str(line);
                goes_on = line.ends_with('\\');
            }
            (None, Some(last), false) => {
                last.output.push_str(line);
                last.output.push('\n');
            }
            (None, None, _) => {}
        }
    }
    all
}

/// Whether `printed` is what is shown; a line of three dots stands for any lines.
fn is_shown(printed: &str, output: &str) -> bool {
    let mut rest = printed;
    let parts: Vec<&str> = output.split("...\n").collect();
    for (number, part) in parts.iter().enumerate() {
        match rest.find(part) {
            Some(0) => rest = rest.split_at(part.len()).1,
            Some(place) if number > 0 => rest = rest.split_at(place + part.len()).1,
            Some(_) | None => return false,
        }
    }
    rest.is_empty() || output.ends_with("...\n")
}

#[test]
fn every_command_shown_does_what_is_shown() -> Result<()> {
    let folder = tempfile::tempdir()?;
    symlink(page::command()?, folder.path().join("countersign"))?;
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap_or_default());
    let mut run = 0;
    for block in page::blocks_in("console")? {
        let commands = shown(&block.text);
        ensure!(!commands.is_empty(), "{}: no command starts with `$ `", block.at);
        for Shown { command, output } in commands {
            if BUILDS.contains(&command.as_str()) {
                continue;
            }
            let verb = command.strip_prefix("countersign ").and_then(|rest| rest.split(' ').next());
            let verb = verb.with_context(|| format!("{}: nobody runs `{command}`", block.at))?;
            ensure!(CHEAP.contains(&verb), "{}: nobody runs `{command}`", block.at);
            let done = Command::new("bash")
                .args(["-c", &format!("{command} 2>&1")])
                .env("PATH", &path)
                .current_dir(place::root())
                .output()?;
            let printed = String::from_utf8_lossy(&done.stdout);
            if output.is_empty() {
                ensure!(done.status.success(), "{}: `{command}` failed:\n{printed}", block.at);
            } else {
                let output = output.trim_end_matches('\n').to_owned() + "\n";
                ensure!(is_shown(&printed, &output), "{}: `{command}` prints\n{printed}", block.at);
            }
            run += 1;
        }
    }
    ensure!(run >= 10, "only {run} commands were found: the pages are read wrongly");
    Ok(())
}

#[test]
fn what_is_shown_is_compared_to_the_letter_but_for_dots() {
    assert!(is_shown("a\nb\nc\n", "a\nb\nc\n") && is_shown("a\nb\nc\n", "a\n...\nc\n"));
    assert!(is_shown("a\nb\nc\n", "a\n...\n") && is_shown("a\nb\nc\n", "...\nc\n"));
    assert!(
        !is_shown("a\nb\nc\n", "a\nc\n") && !is_shown("a\nb\nc\n", "a\nb\n") && !is_shown("x\na\n", "a\n")
    );
}
