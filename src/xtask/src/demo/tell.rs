//! How the story is told: numbered steps, and under each who did what.

use anyhow::{Result, bail};

/// A new step.
pub(super) fn step(number: usize, title: &str) {
    println!("\n{number}. {title}");
}

/// Somebody did something.
pub(super) fn did(who: &str, what: &str) {
    println!("   {who:<9} {what}");
}

/// What must be so; the story ends where it is not.
pub(super) fn must(holds: bool, what: &str, instead: impl FnOnce() -> String) -> Result<()> {
    if holds {
        println!("   {:<9} {what}", "ok");
        return Ok(());
    }
    bail!("this step differs: wanted that {what}, but: {}", instead())
}
