//! `tests/THREATS.md` cannot rot: every test it names exists, every threat has a row, and no row is empty without a reason.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use countersign_tests::place;

const PAGE: &str = "tests/THREATS.md";
const FOLDERS: [(&str, &str); 10] = [
    ("envoy", "tests/envoy"),
    ("docs", "tests/docs"),
    ("corpus", "tests/corpus"),
    ("service", "src/server/tests/service"),
    ("people", "src/server/tests/people"),
    ("sign_in", "src/server/tests/sign_in"),
    ("server", "src/server/src"),
    ("core", "src/core/src"),
    ("wire", "src/wire/src"),
    ("faults", "tests/harness/faults"),
];
const THREATS: usize = 25;

/// The tests named in a cell.
fn named(cell: &str) -> Vec<String> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.filter(|text| text.contains("::")).map(str::to_owned).collect()
}

/// The rows of every table whose first cell is no heading, as their cells.
fn rows(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("|--"));
    lines
        .map(|line| line.trim_matches('|').split(" |").map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

/// The source of a module below a folder: `a::b` is `a/b.rs`, `a/b/mod.rs`, or within `a.rs`.
fn source(folder: &Path, modules: &[&str]) -> Option<String> {
    let read = |path: PathBuf| fs::read_to_string(path).ok();
    (1..=modules.len()).rev().find_map(|length| {
        let path: PathBuf =
            modules.iter().take(length).fold(folder.to_path_buf(), |path, module| path.join(module));
        read(path.with_extension("rs")).or_else(|| read(path.join("mod.rs")))
    })
}

/// Whether a test of that name stands in the source, with an attribute that makes it one.
fn has_test(source: &str, name: &str) -> bool {
    let at = format!("fn {name}(");
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    lines.iter().enumerate().any(|(number, line)| {
        let before = lines.iter().take(number).rev().take(4).take_while(|line| line.starts_with("#["));
        line.contains(&at) && before.into_iter().any(|line| line.contains("test"))
    })
}

fn exists(test: &str) -> Result<bool> {
    let parts: Vec<&str> = test.split("::").collect();
    let (first, rest) = parts.split_first().context("an empty name")?;
    let (name, modules) = rest.split_last().with_context(|| format!("`{test}` names no test"))?;
    let folder = FOLDERS.iter().find(|(known, _)| known == first);
    let (_, folder) = folder.with_context(|| format!("`{test}`: no folder is called `{first}`"))?;
    Ok(source(&place::root().join(folder), modules).is_some_and(|source| has_test(&source, name)))
}

#[test]
fn every_test_that_the_table_of_threats_names_exists() -> Result<()> {
    let text = fs::read_to_string(place::root().join(PAGE))?;
    let tests: Vec<String> = rows(&text).iter().flatten().flat_map(|cell| named(cell)).collect();
    ensure!(tests.len() > 100, "only {} tests are named: the page is read wrongly", tests.len());
    let missing: Vec<&String> = tests.iter().filter(|test| !exists(test).unwrap_or(false)).collect();
    ensure!(missing.is_empty(), "`{PAGE}` names tests that are not there: {missing:#?}");
    Ok(())
}

#[test]
fn every_threat_has_a_row_with_tests_or_says_that_it_is_not_built() -> Result<()> {
    let text = fs::read_to_string(place::root().join(PAGE))?;
    let rows = rows(&text);
    for number in 1..=THREATS {
        let row = rows.iter().find(|row| row.first().is_some_and(|cell| *cell == number.to_string()));
        let row = row.with_context(|| format!("`{PAGE}` has no row {number}"))?;
        let tests: usize = row.iter().map(|cell| named(cell).len()).sum();
        let says = row.iter().any(|cell| cell.starts_with("Not built"));
        ensure!(
            (tests > 0) != says,
            "row {number} names {tests} tests, and it {} built",
            if says { "is not" } else { "is" }
        );
    }
    Ok(())
}

#[test]
fn a_test_is_told_from_what_is_none() {
    let source =
        "#[test]\nfn a() {}\nfn b() {}\n#[tokio::test]\nasync fn c() {}\n#[test]\n#[ignore]\nfn d() {}\n";
    assert!(["a", "c", "d"].iter().all(|name| has_test(source, name)));
    assert!(!has_test(source, "b") && !has_test(source, "e"));
    assert!(matches!(exists("docs::threats::a_test_is_told_from_what_is_none"), Ok(true)));
    assert!(matches!(exists("docs::threats::rows"), Ok(false)) && exists("nowhere::a").is_err());
}
