//! How fast this crate masks, and how fast patterns in the `regex` crate find what they find, on the same bytes: JSON Lines
//! of figures. Run natively and, compiled to wasm, in the engine that Envoy has; see `cargo xtask bench`.
//!
//! Arguments: `ours` or `patterns FILE` (lines of `keyword,keyword<TAB>pattern`) or `write FOLDER`, which leaves the bytes in
//! files for tools that are no Rust.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it measures on a terminal, and what fails shall be seen"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Sizes of what is masked.
const SIZES: [usize; 3] = [1 << 10, 64 << 10, 1 << 20];

/// How long one figure is measured, and in how many runs at least.
const PATIENCE: Duration = Duration::from_millis(600);
const RUNS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", folder] => {
            for (format, size, text) in samples() {
                std::fs::write(format!("{folder}/{format}-{size}"), text).unwrap();
            }
        }
        #[cfg(not(target_arch = "wasm32"))]
        ["patterns", file] => patterns::run(file),
        _ => {
            for (format, size, text) in samples() {
                let media_type = if format == "json" { "application/json" } else { "text/plain" };
                measure("ours", format, size, || {
                    let shown = countersign_mask::payload(Some(media_type), None, text.as_bytes(), 4096);
                    shown.report.proof.counts.iter().map(|(_, count)| *count).sum()
                });
            }
        }
    }
}

/// Prints the shortest time of `work`, which says how much it found: what else the machine does only ever adds.
fn measure(what: &str, format: &str, size: usize, work: impl Fn() -> u64) {
    let start = Instant::now();
    let mut times = Vec::new();
    let mut found = 0;
    while times.len() < RUNS || start.elapsed() < PATIENCE {
        let begin = Instant::now();
        found = black_box(work());
        times.push(begin.elapsed());
    }
    let shortest = times.iter().min().unwrap().as_nanos();
    println!(
        "{{\"what\":\"{what}\",\"format\":\"{format}\",\"bytes\":{size},\"ns\":{shortest},\"found\":{found}}}"
    );
}

/// Texts of every size in both formats.
fn samples() -> Vec<(&'static str, usize, String)> {
    let each = |size| [("json", size, json(size)), ("text", size, prose(size))];
    SIZES.into_iter().flat_map(each).collect()
}

/// An array of customers as an export has them: one in eight has a credential, every one has something of a person.
fn json(size: usize) -> String {
    let mut text = "[".to_owned();
    for n in 0_usize.. {
        let mut row = format!(
            "{{\"id\":{n},\"plan\":\"pro\",\"country\":\"DE\",\"balance\":{}.50,\"created\":\"2026-03-{:02}T10:15:00Z\",\
             \"contact\":{{\"email\":\"customer{n}@example.org\",\"phone\":\"+49 151 {:08}\"}},\
             \"note\":\"asked twice about the invoice of march, wants a copy by mail\"",
            n * 7 % 1000,
            n % 28 + 1,
            n * 7919 % 100_000_000
        );
        if n % 8 == 0 {
            write!(row, ",\"api_key\":\"{:032x}\"", token(n)).unwrap();
        }
        if text.len() + row.len() + 3 > size {
            break;
        }
        text += if n == 0 { "" } else { "," };
        text += &row;
        text.push('}');
    }
    text.push(']');
    let blanks = size - text.len();
    text + &" ".repeat(blanks)
}

/// A number that looks like a token, another for each `n`.
fn token(n: usize) -> u128 {
    (n as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835) | 1 << 127
}

/// Lines of a log as an agent sends them for analysis.
fn prose(size: usize) -> String {
    let mut text = String::new();
    for n in 0_usize.. {
        let line = match n % 8 {
            0 => format!(
                "2026-03-01T10:{:02}:07Z login failed for customer{n}@example.org from 198.51.100.{}\n",
                n % 60,
                n % 250
            ),
            3 => format!("retrying with Authorization: Bearer {:032x}\n", token(n)),
            5 => format!(
                "order {n} of 3 items was shipped to Leeds; total 129.{:02} EUR, invoice INV-2026-{n:05}\n",
                n % 100
            ),
            _ => format!(
                "worker {n} finished the nightly reconciliation of vendor invoices in {} ms without errors\n",
                n * 13 % 900
            ),
        };
        if text.len() + line.len() > size {
            break;
        }
        text += &line;
    }
    let blanks = size - text.len();
    text + &" ".repeat(blanks)
}

#[cfg(not(target_arch = "wasm32"))]
mod patterns {
    use super::{measure, samples};
    use regex::bytes::{Regex, RegexBuilder};

    /// A rule: words of which one must be there before its pattern is tried at all, and the pattern.
    struct Rule {
        keywords: Vec<String>,
        pattern: Regex,
    }

    pub(super) fn run(file: &str) {
        let lines = std::fs::read_to_string(file).unwrap();
        let rule = |line: &str| {
            let (keywords, pattern) = line.split_once('\t')?;
            let pattern = RegexBuilder::new(pattern).unicode(false).size_limit(64 << 20).build().ok()?;
            Some(Rule { keywords: keywords.split(',').map(str::to_owned).collect(), pattern })
        };
        let rules: Vec<Rule> = lines.lines().filter_map(rule).collect();
        println!("{{\"what\":\"rules\",\"found\":{}}}", rules.len());
        for (format, size, text) in samples() {
            let count = |rule: &Rule| u64::try_from(rule.pattern.find_iter(text.as_bytes()).count()).unwrap();
            measure("patterns", format, size, || rules.iter().map(count).sum());
            measure("patterns by keyword", format, size, || {
                let lower = text.to_ascii_lowercase();
                let told =
                    |rule: &&Rule| rule.keywords.iter().any(|keyword| lower.contains(keyword.as_str()));
                rules.iter().filter(told).map(count).sum()
            });
        }
    }
}
