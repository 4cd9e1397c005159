//! `cargo xtask hold`: requests over HTTP/1.1 and HTTP/2 that wait for as many minutes as you say, and are then approved.

use std::time::{Duration, Instant};

use anyhow::Result;
use countersign_tests::faults::long::{Long, Times};

use crate::{dist, setup};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// When the reviewer decides
    #[arg(long, default_value_t = 31)]
    minutes: u32,
    /// Take what `cargo xtask build` left before, instead of building
    #[arg(long)]
    built: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    setup::everything()?;
    if !options.built {
        dist::build()?;
    }
    let times = Times::late_by(Duration::from_mins(u64::from(options.minutes)));
    println!(
        "hold {:?}, stream_idle_timeout {:?}, approval after {:?}",
        times.hold, times.idle, times.approved_after
    );
    let begun = Instant::now();
    let long = Long::start(times)?;
    let ended = long.play(|what| println!("{:>7.1} s  {what}", begun.elapsed().as_secs_f32()))?;
    for one in ended {
        println!("{:<14} {} {} ms after the approval, whole", one.what, one.status, one.after.as_millis());
    }
    Ok(())
}
