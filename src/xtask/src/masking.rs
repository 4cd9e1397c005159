//! `cargo xtask masking`: how well values are masked, measured on the corpus beside the project and printed as tables.
//!
//! With `--write` the tables are left in `src/mask/QUALITY.md`, next to what existing tools reach on the same rows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use countersign_tests::masking::{self, Score, Values};

use crate::place;

/// What stands before the tables.
const BEFORE: &str = include_str!("masking/before.md");

/// What others reach: leaked, strict negatives altered, must-keep lost; the figures of the corpus' README.
const OTHERS: &[(&str, &str, &str, &str)] = &[
    ("gitleaks, all 221 rules", "63.5", "0.0", "0.0"),
    ("detect-secrets, on files", "73.9", "8.8", "0.0"),
    ("presidio, 17 English pattern recognizers, any score", "56.9", "52.2", "21.7"),
    ("presidio, score 0.4 and more, without URL, date and UUID", "71.6", "6.9", "0.2"),
    ("presidio, all 91 recognizers, any score", "42.8", "72.2", "27.7"),
    ("gitleaks, detect-secrets and presidio from 0.4 together", "30.7", "15.6", "0.2"),
    ("gitleaks, detect-secrets ad hoc and all of presidio together", "17.1", "66.9", "12.1"),
];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Leave the tables in src/mask/QUALITY.md
    #[arg(long)]
    write: bool,
    /// A folder of rows, if not ../shared/corpus/masking/dev
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Also print what went wrong, by the names of rows
    #[arg(long)]
    wrong: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let corpus = options
        .corpus
        .clone()
        .or_else(masking::corpus)
        .context("there is no corpus beside the project, in ../shared/corpus/masking/dev")?;
    let score =
        masking::score(&masking::read(&corpus)?, &|text| countersign_mask::text(text).0.into_string());
    let page = page(&score)?;
    println!("{page}");
    if options.wrong {
        score.wrong.iter().for_each(|wrong| println!("{wrong}"));
    }
    if options.write {
        fs::write(place::root().join("src/mask/QUALITY.md"), page)?;
    }
    Ok(())
}

fn page(score: &Score) -> Result<String> {
    let mut page = BEFORE.to_owned();
    headline(&mut page, score)?;
    beside(&mut page, score)?;
    values(&mut page, "file", &score.files)?;
    values(&mut page, "format", &score.formats)?;
    values(&mut page, "kind", &score.kinds)?;
    Ok(page)
}

/// Every measure, and the limit that is asked for.
fn headline(page: &mut String, score: &Score) -> Result<()> {
    let Score { core, bare, extended, .. } = score;
    writeln!(
        page,
        "## {} rows of `dev`\n\n| measure | of | % | at most |\n|---|---:|---:|---:|",
        score.rows
    )?;
    let all = [
        ("core values leaked", core.leaked(), "1.5"),
        ("core values partial", core.partial(), "1"),
        ("strict negatives altered", score.strict, "1"),
        ("must-keep lost", score.kept, "0.5"),
        ("words lost", score.words, "1"),
        ("JSON broken", score.json, "0"),
        ("bare values leaked", bare.leaked(), ""),
        ("extended values leaked", extended.leaked(), ""),
        ("soft negatives altered", score.soft, ""),
    ];
    for (name, share, most) in all {
        writeln!(page, "| {name} | {} | {} | {most} |", share.all, share.percent())?;
    }
    Ok(())
}

/// The same rows through what exists.
fn beside(page: &mut String, score: &Score) -> Result<()> {
    writeln!(
        page,
        "\n## Beside existing tools\n\nTheir figures are those of the corpus' README, on the same rows. The last one breaks the JSON of \
         a quarter of the rows.\n\n\
         | masker | core leaked | strict negatives altered | must-keep lost |\n|---|---:|---:|---:|"
    )?;
    let ours = (score.core.leaked().percent(), score.strict.percent(), score.kept.percent());
    writeln!(page, "| **countersign** | **{}** | **{}** | **{}** |", ours.0, ours.1, ours.2)?;
    for (name, leaked, altered, lost) in OTHERS {
        writeln!(page, "| {name} | {leaked} | {altered} | {lost} |")?;
    }
    Ok(())
}

/// A table: a column of names, then what became of their values, those that leak most first.
fn values(page: &mut String, first: &str, all: &BTreeMap<String, Values>) -> Result<()> {
    writeln!(page, "\n## By {first}\n\n| {first} | core values | leaked | partial |\n|---|---:|---:|---:|")?;
    let mut rows: Vec<_> = all.iter().collect();
    rows.sort_by_key(|(_, values)| std::cmp::Reverse(values.leaked().share()));
    for (name, values) in rows {
        let (leaked, partial) = (values.leaked().percent(), values.partial().percent());
        writeln!(page, "| {name} | {} | {leaked} | {partial} |", values.all)?;
    }
    Ok(())
}
