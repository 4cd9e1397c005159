//! `cargo xtask corpus`: how well calls are understood, measured on labelled requests and printed as tables.
//!
//! The rows are those of the corpus beside the project and of the traffic of real clients in `tests/corpus/clients`. With
//! `--write` the tables are left in `src/core/catalogs/QUALITY.md`. What the figures cannot say stands there, too.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use countersign_core::action::{Class, Decoders};
use countersign_tests::judge::{self, Count};
use countersign_tests::rows::{self, Row};

use crate::place;

/// What stands before the tables.
const BEFORE: &str = include_str!("corpus/before.md");

/// What stands between the tables of the corpus and those of real clients.
const BETWEEN: &str = include_str!("corpus/between.md");

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Leave the tables in src/core/catalogs/QUALITY.md
    #[arg(long)]
    write: bool,
    /// Where the corpus is, if not in ../shared/corpus/actions
    #[arg(long)]
    corpus: Option<PathBuf>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let corpus = options
        .corpus
        .clone()
        .or_else(rows::corpus)
        .context("there is no corpus beside the project, in ../shared/corpus/actions")?;
    let decoders = Decoders::default();
    let mut page = BEFORE.to_owned();
    dev(&decoders, &corpus, &mut page)?;
    evasions(&decoders, &corpus, &mut page)?;
    page.push_str(BETWEEN);
    clients(&decoders, &mut page)?;
    println!("{page}");
    if options.write {
        fs::write(place::root().join("src/core/catalogs/QUALITY.md"), page)?;
    }
    Ok(())
}

/// A table: a column of names, then the figures of their rows.
fn table(page: &mut String, first: &str, counts: &BTreeMap<String, Count>) -> Result<()> {
    writeln!(
        page,
        "\n| {first} | rows | privileged | precision | recall | F1 | FPR | class | class, lenient |"
    )?;
    writeln!(page, "|---|---:|---:|---:|---:|---:|---:|---:|---:|")?;
    for (name, count) in counts {
        write!(page, "| {name} | {} | {} ", count.rows(), count.privileged())?;
        let found = [count.precision(), count.recall(), count.f1()];
        // Where nothing is privileged, there is nothing to find.
        let found = found.map(|share| if count.privileged() == 0 { "-".to_owned() } else { decimal(share) });
        let others = [count.wrongly_held(), count.strict(), count.lenient()].map(decimal);
        for share in found.iter().chain(&others) {
            write!(page, "| {share} ")?;
        }
        writeln!(page, "|")?;
    }
    Ok(())
}

/// Thousandths as people read them.
fn decimal(thousandths: usize) -> String {
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

/// The corpus by source, and by where the label of a row comes from.
fn dev(decoders: &Decoders, corpus: &Path, page: &mut String) -> Result<()> {
    let (mut sources, mut labels) = (BTreeMap::<String, Count>::new(), BTreeMap::<String, Count>::new());
    for row in rows::read(&corpus.join("dev"))? {
        let class = judge::class(decoders, &row)?;
        sources.entry(row.source.clone()).or_default().add(&row, class);
        labels.entry("ALL".to_owned()).or_default().add(&row, class);
        labels.entry(format!("ALL/bit:{}", row.label.privileged_basis)).or_default().add(&row, class);
    }
    table(page, "source", &sources)?;
    table(page, "where the label comes from", &labels)
}

/// Evasions that were caught, and their harmless controls that were held.
fn evasions(decoders: &Decoders, corpus: &Path, page: &mut String) -> Result<()> {
    writeln!(
        page,
        "\n| evasions and controls | rows | taken for privileged | share |\n|---|---:|---:|---:|"
    )?;
    let evasions = rows::read(&corpus.join("evasion-dev.jsonl"))?;
    let (guesses, others): (Vec<Row>, Vec<Row>) =
        evasions.into_iter().partition(|row| row.honoured == "speculative");
    let controls = rows::read(&corpus.join("evasion-controls-dev.jsonl"))?;
    let all =
        [("evasions that servers honour", others), ("speculative evasions", guesses), ("controls", controls)];
    for (name, rows) in all {
        let mut taken = 0;
        for row in &rows {
            taken += usize::from(judge::class(decoders, row)? != Class::ReadOnly);
        }
        let share = (taken * 1000 + rows.len() / 2).checked_div(rows.len()).unwrap_or_default();
        writeln!(page, "| {name} | {} | {taken} | {} |", rows.len(), decimal(share))?;
    }
    Ok(())
}

/// Real clients by the file that their rows are in.
fn clients(decoders: &Decoders, page: &mut String) -> Result<()> {
    let mut groups = BTreeMap::<String, Count>::new();
    let mut files: Vec<_> = fs::read_dir(place::root().join("tests/corpus/clients"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    for file in files {
        let group = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for row in rows::read(&file)?.iter().filter(|row| !row.label.debatable) {
            let class = judge::class(decoders, row)?;
            groups.entry(group.clone()).or_default().add(row, class);
            groups.entry("ALL".to_owned()).or_default().add(row, class);
        }
    }
    table(page, "clients", &groups)
}
