//! Holds that outlast the usual timeouts, in short. `cargo xtask hold --minutes 31` is the same with the real times.

use std::time::Duration;

use anyhow::{Result, ensure};
use countersign_tests::faults::long::{Long, Times};

#[test]
fn a_late_approval_releases_what_was_held_over_both_versions_of_http() -> Result<()> {
    // Longer than one long poll, so that polls follow one another.
    let long = Long::start(Times::late_by(Duration::from_secs(23)))?;
    let ended = long.play(|_| {})?;
    ensure!(ended.len() == 4 && ended.iter().all(|one| one.status == 200), "{ended:?}");
    Ok(())
}

#[test]
fn an_idle_timeout_below_the_hold_ends_it_and_lets_nothing_go() -> Result<()> {
    let seconds = Duration::from_secs;
    let long = Long::start(Times { approved_after: seconds(0), hold: seconds(12), idle: seconds(3) })?;
    let ended = long.abandon()?;
    let cut = ended.iter().all(|one| one.status == 504 && one.after < seconds(9));
    ensure!(cut, "not ended by Envoy's timeout: {ended:?}");
    ensure!(long.arrived() == 0, "{} arrived", long.arrived());
    Ok(())
}
