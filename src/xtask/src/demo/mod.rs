//! `cargo xtask demo`: the whole path on real parts. An agent behind Envoy and the filter, the approval service with its
//! inbox, and an upstream that shows what arrives.
//!
//! With `--auto` the story is played unattended, and whatever differs from it is an error. Without, you are the reviewer.

mod chain;
mod stage;
mod story;
mod tell;
mod you;

use anyhow::Result;

use crate::{dist, setup};
use stage::Stage;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Play the story unattended and fail when any step differs
    #[arg(long)]
    auto: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    setup::everything()?;
    dist::build()?;
    println!();
    if options.auto { story() } else { you::play(&mut Stage::start("45s")?) }
}

/// The story, unattended, on what has been built.
pub(crate) fn story() -> Result<()> {
    story::play(&mut Stage::start("5s")?)
}
