//! `cargo xtask bench`: what the filter costs, as ratios measured in one run on this machine.
//!
//! CPU is what the kernel charges Envoy, so a slow load generator changes nothing. Variants take short turns, each round is
//! compared with its own round without a filter, and the median of these differences is shown: what else the machine does
//! disturbs all variants of a round alike.

mod costs;
mod load;
mod masking;
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
const MESSAGE_OF_EXT_AUTHZ: f64 = 0.5;
const OF_TEN_RULES: f64 = 1.25;
const MODULE_BYTES: u64 = 1_500_000;
const RESIDENT_KB: u64 = 60_000;
const START: Duration = Duration::from_secs(1);

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Requests per variant and round
    #[arg(long, default_value_t = 4000)]
    requests: u32,
    /// Rounds; the median counts
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Only this part
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Fail when a limit is missed
    #[arg(long)]
    check: bool,
}

/// A part of the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// CPU of requests that pass
    Passing,
    /// Size, memory and start-up
    Weight,
    /// How fast bodies are masked
    Masking,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    setup::everything()?;
    dist::modules()?;
    let parts = Parts::start()?;
    let wanted = |part| options.only.is_none_or(|only| only == part);
    let mut missed = 0;
    if wanted(Part::Passing) {
        missed += speed(&parts, options)?;
    }
    if wanted(Part::Weight) {
        missed += weight(&parts)?;
    }
    if wanted(Part::Masking) {
        missed += masking::run()?;
    }
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

/// What the variants of a list add to the first of them, in microseconds of CPU per request.
struct Added<'v> {
    variants: &'v [Variant],
    plain: f64,
    over: Vec<f64>,
}

impl<'v> Added<'v> {
    fn measure(parts: &Parts, variants: &'v [Variant], options: &Options) -> Result<Self> {
        let envoys: Vec<(Variant, Envoy)> = variants
            .iter()
            .map(|variant| Ok((*variant, Envoy::start(parts.config(*variant, 1)?)?)))
            .collect::<Result<_>>()?;
        let mut spent: Vec<Vec<f64>> = vec![Vec::new(); envoys.len()];
        for round in 0..=options.rounds {
            for ((variant, envoy), spent) in envoys.iter().zip(&mut spent) {
                let before = costs::cpu(envoy.id())?;
                load::run(envoy.address(), variant.host(), variant.kind(), options.requests)
                    .with_context(|| format!("under `{}`", variant.name()))?;
                let used = costs::cpu(envoy.id())?.saturating_sub(before);
                // The first round warms up: connections, caches, the compiler of the wasm runtime.
                if round > 0 {
                    spent.push(used.as_secs_f64() * 1e6 / f64::from(options.requests));
                }
            }
        }
        let plain_rounds = spent.first().cloned().unwrap_or_default();
        let added = |rounds: &Vec<f64>| {
            median(rounds.iter().zip(&plain_rounds).map(|(variant, plain)| variant - plain).collect())
        };
        Ok(Self { variants, plain: median(plain_rounds.clone()), over: spent.iter().map(added).collect() })
    }

    fn of(&self, wanted: Variant) -> f64 {
        let at = self.variants.iter().position(|variant| *variant == wanted).unwrap_or_default();
        self.over.get(at).copied().unwrap_or(f64::NAN)
    }

    fn show(&self, what: &str, beside: &[(&str, Variant)], options: &Options) {
        println!(
            "\nCPU of {what}, one worker, median of {} rounds of {} requests",
            options.rounds, options.requests
        );
        print!("{:<44} {:>9} {:>9}", "", "us", "added");
        for (name, _) in beside {
            print!(" {name:>12}");
        }
        println!();
        for variant in self.variants {
            let added = self.of(*variant);
            print!("{:<44} {:>9.1} {added:>+9.1}", variant.name(), self.plain + added);
            for (_, other) in beside {
                print!(" {:>12.2}", added / self.of(*other));
            }
            println!();
        }
        println!();
    }
}

/// CPU per request of each variant.
fn speed(parts: &Parts, options: &Options) -> Result<u32> {
    let gets = Added::measure(parts, &Variant::GETS, options)?;
    let beside = [("of empty", Variant::Empty), ("of ext_authz", Variant::ExtAuthz)];
    gets.show("one small GET", &beside, options);
    let ours = gets.of(Variant::ThousandRules);
    let mut missed = judge(
        "harmless GET, 1,000 rules, of an empty wasm filter",
        ours / gets.of(Variant::Empty),
        OF_EMPTY,
        "x",
    );
    missed += judge(
        "harmless GET, 1,000 rules, of ext_authz",
        ours / gets.of(Variant::ExtAuthz),
        OF_EXT_AUTHZ,
        "x",
    );
    missed += judge(
        "harmless GET, 10,000 rules and all packs, of 10 rules",
        gets.of(Variant::EveryPack) / gets.of(Variant::TenRules),
        OF_TEN_RULES,
        "x",
    );
    let messages = Added::measure(parts, &Variant::MESSAGES, options)?;
    messages.show("a JSON-RPC message of 4 KiB", &[("of ext_authz", Variant::ExtAuthzMessage)], options);
    missed += judge(
        "JSON-RPC of 4 KiB, of ext_authz with the body",
        messages.of(Variant::CountersignMessage) / messages.of(Variant::ExtAuthzMessage),
        MESSAGE_OF_EXT_AUTHZ,
        "x",
    );
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
        load::run(envoy.address(), variant.host(), variant.kind(), 200)?;
        thread::sleep(Duration::from_millis(300));
        Ok((costs::resident(envoy.id())?, ready))
    };
    let (plain, plain_start) = measured(Variant::Nothing)?;
    let (empty, empty_start) = measured(Variant::Empty)?;
    let (without, without_start) = measured(Variant::TenRules)?;
    let (ours, start) = measured(Variant::ThousandRules)?;
    println!("\n{:<44} {:>12} {:>12}", "two workers", "resident kB", "ready ms");
    for (name, resident, ready) in [
        ("no filter", plain, plain_start),
        ("empty wasm filter", empty, empty_start),
        ("countersign, 10 rules, no packs", without, without_start),
        ("countersign, 1,000 rules, all packs", ours, start),
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
