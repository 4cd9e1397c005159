//! `cargo xtask bench`: what the filter costs, as ratios measured in one run on this machine.
//!
//! CPU is what the kernel charges Envoy, so a slow load generator changes nothing. Variants take short turns, each round is
//! compared with its own round without a filter, and the median of these differences is shown: what else the machine does
//! disturbs all variants of a round alike.

mod costs;
mod load;
mod variants;

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use countersign_tests::envoy::Envoy;
use countersign_tests::place;

use crate::{dist, setup};
use variants::{Parts, Variant};

/// What the owner asked for.
const OF_EMPTY: f64 = 2.0;
const OF_EXT_AUTHZ: f64 = 0.3;
const MODULE_BYTES: u64 = 1_000_000;
const RESIDENT_KB: u64 = 45_000;
const START: Duration = Duration::from_secs(1);

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Requests per variant and round
    #[arg(long, default_value_t = 4000)]
    requests: u32,
    /// Rounds; the median counts
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Fail when a limit is missed
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    setup::everything()?;
    dist::modules()?;
    let parts = Parts::start()?;
    let mut missed = 0;
    missed += speed(&parts, options)?;
    missed += weight(&parts)?;
    if options.check && missed > 0 {
        bail!("{missed} limits missed");
    }
    Ok(())
}

/// Prints a figure beside its limit; 1 when it misses it.
fn judge(what: &str, value: f64, limit: f64, unit: &str) -> u32 {
    let verdict =
        if value <= limit { "met".to_owned() } else { format!("MISSED by {:.2}{unit}", value - limit) };
    println!("{what:<52} {value:>9.2}{unit}   limit {limit:.2}{unit}: {verdict}");
    u32::from(value > limit)
}

/// CPU per request of each variant.
fn speed(parts: &Parts, options: &Options) -> Result<u32> {
    let envoys: Vec<(Variant, Envoy)> = Variant::ALL
        .into_iter()
        .map(|variant| Ok((variant, Envoy::start(parts.config(variant, 1)?)?)))
        .collect::<Result<_>>()?;
    let mut spent: Vec<Vec<f64>> = vec![Vec::new(); envoys.len()];
    for round in 0..=options.rounds {
        for ((variant, envoy), spent) in envoys.iter().zip(&mut spent) {
            let before = costs::cpu(envoy.id())?;
            load::run(envoy.address(), variant.host(), options.requests)
                .with_context(|| format!("under `{}`", variant.name()))?;
            let used = costs::cpu(envoy.id())?.saturating_sub(before);
            // The first round warms up: connections, caches, the compiler of the wasm runtime.
            if round > 0 {
                spent.push(used.as_secs_f64() * 1e6 / f64::from(options.requests));
            }
        }
    }
    let plain_rounds = spent.first().cloned().unwrap_or_default();
    let plain = median(plain_rounds.clone());
    let added: Vec<f64> = spent
        .iter()
        .map(|rounds| {
            median(rounds.iter().zip(&plain_rounds).map(|(variant, plain)| variant - plain).collect())
        })
        .collect();
    let of = |wanted: Variant| {
        let at = Variant::ALL.iter().position(|variant| *variant == wanted).unwrap_or_default();
        added.get(at).copied().unwrap_or(f64::NAN)
    };
    let (empty, ext_authz) = (of(Variant::Empty), of(Variant::ExtAuthz));

    println!(
        "\nCPU of one small GET, one worker, median of {} rounds of {} requests",
        options.rounds, options.requests
    );
    println!("{:<44} {:>9} {:>9} {:>9} {:>11}", "", "us", "added", "of empty", "of ext_authz");
    for variant in Variant::ALL {
        let (all, added) = (plain + of(variant), of(variant));
        println!(
            "{:<44} {all:>9.1} {added:>+9.1} {:>9.2} {:>11.2}",
            variant.name(),
            added / empty,
            added / ext_authz
        );
    }
    println!();
    let ours = of(Variant::Countersign);
    let mut missed = judge("harmless GET, 1,000 rules, of an empty wasm filter", ours / empty, OF_EMPTY, "x");
    missed += judge("harmless GET, 1,000 rules, of ext_authz", ours / ext_authz, OF_EXT_AUTHZ, "x");
    Ok(missed)
}

/// Size, memory and start-up.
fn weight(parts: &Parts) -> Result<u32> {
    let size = fs::metadata(place::filter()?)?.len();
    let measured = |variant: Variant| -> Result<(u64, Duration)> {
        let config = parts.config(variant, 2)?;
        let start = Instant::now();
        let envoy = Envoy::start(config)?;
        let ready = start.elapsed();
        load::run(envoy.address(), variant.host(), 200)?;
        thread::sleep(Duration::from_millis(300));
        Ok((costs::resident(envoy.id())?, ready))
    };
    let (plain, plain_start) = measured(Variant::Nothing)?;
    let (empty, empty_start) = measured(Variant::Empty)?;
    let (ours, start) = measured(Variant::CountersignFewRules)?;
    let (thousand_rules, thousand_start) = measured(Variant::Countersign)?;
    println!("\n{:<44} {:>12} {:>12}", "two workers", "resident kB", "ready ms");
    for (name, resident, ready) in [
        ("no filter", plain, plain_start),
        ("empty wasm filter", empty, empty_start),
        ("countersign, five rules", ours, start),
        ("countersign, 1,000 rules", thousand_rules, thousand_start),
    ] {
        println!("{name:<44} {resident:>12} {:>12}", ready.as_millis());
    }
    println!();
    let megabytes = |bytes: u64| f64::from(u32::try_from(bytes / 1000).unwrap_or(u32::MAX)) / 1000.0;
    let thousand = |kilobytes: u64| megabytes(kilobytes.saturating_mul(1000));
    let mut missed = judge("size of the module", megabytes(size), megabytes(MODULE_BYTES), " MB");
    let added = ours.saturating_sub(plain);
    missed += judge("memory added with two workers", thousand(added), thousand(RESIDENT_KB), " MB");
    missed += judge("start until ready", start.as_secs_f64(), START.as_secs_f64(), " s");
    Ok(missed)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
