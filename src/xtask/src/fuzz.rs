//! `cargo xtask fuzz`: every decoder, whole sessions and the configuration under a coverage-guided fuzzer, seeded with real
//! requests and with what long runs found.
//!
//! `cargo xtask test` runs each target for a few seconds; a long run is a matter of `--seconds`. It fails on a panic, an
//! answer that no input may get, an input that takes longer than [`SLOWEST`], or memory beyond [`MEMORY_MB`]. What it found
//! is kept in `tests/fuzz/artifacts`, and all that reaches something new in `tests/fuzz/corpus`, which grows from run to run on a
//! machine. What a long run left of sessions and configurations, made small by `cargo fuzz cmin`, is checked in as
//! `tests/fuzz/kept` and begins every run. libFuzzer wants compiler flags of a nightly, so the pinned compiler is asked to take
//! them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use countersign_tests::rows::{self, Row};
use countersign_wire::digest::unhex;

use crate::{place, setup, shell};

/// Every target, and the largest input that it is given, in bytes.
const TARGETS: [(&str, u32); 7] = [
    ("request", 16_384),
    ("sql", 8192),
    ("graphql", 8192),
    ("body", 16_384),
    ("tool", 512),
    ("session", 4096),
    ("configuration", 16_384),
];

/// The seconds that one input may take, instrumented and on a busy machine.
const SLOWEST: u32 = 5;

/// The most memory of a target.
const MEMORY_MB: u32 = 1024;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Seconds for each target
    #[arg(long, default_value_t = 600)]
    seconds: u32,
    /// Only this target
    target: Option<String>,
}

impl Options {
    /// As much as every test run affords.
    pub(crate) fn briefly() -> Self {
        Self { seconds: 12, target: None }
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let chosen: Vec<_> =
        TARGETS.iter().filter(|(name, _)| options.target.as_deref().is_none_or(|own| own == *name)).collect();
    if chosen.is_empty() {
        let names = TARGETS.map(|(name, _)| name).join(", ");
        bail!("there is no such target; there are {names}");
    }
    let cargo_fuzz = setup::cargo_fuzz()?;
    let folder = place::root().join("tests/fuzz");
    for (target, largest) in chosen {
        let seeds = folder.join("corpus").join(target);
        seed(target, &seeds)?;
        println!("fuzzing `{target}` for {} s", options.seconds);
        let mut command = shell::command(
            &cargo_fuzz.to_string_lossy(),
            &["fuzz", "run", "--sanitizer", "none", "--fuzz-dir", &folder.to_string_lossy(), target, "--"],
        );
        command.args([
            format!("-max_total_time={}", options.seconds),
            format!("-max_len={largest}"),
            format!("-timeout={SLOWEST}"),
            format!("-rss_limit_mb={MEMORY_MB}"),
            "-verbosity=0".to_owned(),
        ]);
        command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", place::target().join("fuzz"));
        shell::run(&mut command)
            .with_context(|| format!("`{target}` failed; see tests/fuzz/artifacts/{target}"))?;
    }
    Ok(())
}

/// Writes the requests of real clients, and the corpus beside the project where it is there, as seeds.
fn seed(target: &str, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    kept(target, to)?;
    if target == "configuration" {
        return configurations(to);
    }
    let mut all = rows::read(&place::root().join("tests/corpus/clients"))?;
    if let Some(corpus) = rows::corpus() {
        all.extend(rows::read(&corpus.join("dev"))?.into_iter().step_by(23));
        all.extend(rows::read(&corpus.join("evasion-dev.jsonl"))?);
    }
    for (number, row) in all.iter().enumerate() {
        if let Some(bytes) = as_seed(target, row)? {
            fs::write(to.join(format!("seed-{number}")), bytes)?;
        }
    }
    Ok(())
}

/// Copies what is checked in of a target: each line of its file is an input, in hexadecimal digits.
fn kept(target: &str, to: &Path) -> Result<()> {
    let path = place::root().join("tests/fuzz/kept").join(format!("{target}.hex"));
    let Ok(lines) = fs::read_to_string(&path) else { return Ok(()) };
    for (number, line) in lines.lines().enumerate() {
        let input = unhex(line).with_context(|| format!("line {} of `{}`", number + 1, path.display()))?;
        fs::write(to.join(format!("kept-{number}")), input)?;
    }
    Ok(())
}

/// The reference configuration with the policy of each example.
fn configurations(to: &Path) -> Result<()> {
    let reference = fs::read_to_string(place::root().join("envoy/countersign.yaml"))?;
    let from = reference.find("value: |").context("no configuration in `envoy/countersign.yaml`")?;
    let text = reference.get(from..).unwrap_or_default();
    let (start, end) = (text.find('{').context("no JSON")?, text.find("- name: envoy.filters.http.router"));
    let json = text.get(start..end.context("no router")?).unwrap_or_default();
    let mut configuration: serde_json::Value = serde_json::from_str(json)?;
    let jwks = fs::read_to_string(place::root().join("src/wire/vectors/jwks.json"))?;
    configuration["approval"]["jwks"] = serde_json::from_str(&jwks)?;
    fs::write(to.join("seed-reference"), configuration.to_string())?;
    for entry in fs::read_dir(place::root().join("examples"))? {
        let entry = entry?;
        let Ok(policy) = fs::read_to_string(entry.path().join("policy.yaml")) else { continue };
        configuration["policy"] = serde_saphyr::from_str(&policy)?;
        let name = format!("seed-{}", entry.file_name().to_string_lossy());
        fs::write(to.join(name), configuration.to_string())?;
    }
    Ok(())
}

/// A row as the target reads it; `None` where it has nothing for that target.
fn as_seed(target: &str, row: &Row) -> Result<Option<Vec<u8>>> {
    let body = row.request.body()?.unwrap_or_default();
    let member = |name: &str| {
        let value: serde_json::Value = serde_json::from_slice(&body).ok()?;
        Some(value.get(name)?.as_str()?.as_bytes().to_vec())
    };
    Ok(match target {
        "request" => {
            let mut seed =
                format!("{} {}\n{}\n", row.request.method, row.request.path, row.request.authority);
            for (name, value) in &row.request.headers {
                seed.extend([name, ": ", value, "\n"]);
            }
            seed.push('\n');
            Some([seed.as_bytes(), &body].concat())
        }
        "sql" if row.source == "sql" => Some(member("statement").or_else(|| member("sql")).unwrap_or(body)),
        "graphql" if row.source == "graphql" => member("query"),
        "body" if !body.is_empty() => Some([&[u8::try_from(row.id.len() % 72)?], body.as_slice()].concat()),
        "tool" => {
            let value: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            value["params"]["name"].as_str().map(|name| name.as_bytes().to_vec())
        }
        _ => None,
    })
}
