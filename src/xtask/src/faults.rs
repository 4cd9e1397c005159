//! `cargo xtask faults`: everything between agent and upstream fails in turn, under load, and nothing may be lost, doubled or
//! let through.
//!
//! `cargo xtask test` plays it for about half a minute; `--minutes 5` is the long run.

use std::time::Instant;

use anyhow::Result;
use countersign_tests::faults::{self, Plan, figures};

use crate::{dist, setup};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// About how long the load lasts
    #[arg(long, default_value_t = 5)]
    minutes: u32,
    /// As briefly as `cargo xtask test` plays it
    #[arg(long, conflicts_with = "minutes")]
    brief: bool,
    /// Take what `cargo xtask build` left before, instead of building
    #[arg(long)]
    built: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    setup::everything()?;
    if !options.built {
        dist::build()?;
    }
    play(if options.brief { Plan::brief() } else { Plan::minutes(options.minutes) })
}

/// As much of it as every test run affords, on what has been built.
pub(crate) fn briefly() -> Result<()> {
    play(Plan::brief())
}

fn play(plan: Plan) -> Result<()> {
    let begun = Instant::now();
    println!("faults under {} requests a second for {} s", plan.rate, plan.length.as_secs());
    let tell = |what: &str| println!("{:>5.1} s  {what}", begun.elapsed().as_secs_f32());
    let (history, found) = faults::run(plan, tell)?;
    println!("\n{}", figures::table(&history));
    println!("{}", figures::sum(&history));
    faults::judged(&found)
}
