//! The pages, and the fenced blocks in them.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use countersign_tests::place;

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Block {
    /// Where it starts, for complaints: `README.md:12`.
    pub(crate) at: String,
    /// What stands behind the fence.
    pub(crate) language: String,
    /// What it holds.
    pub(crate) text: String,
}

/// Every page, by its path from the project's folder.
pub(crate) fn all() -> Result<Vec<String>> {
    let mut pages: Vec<String> = [
        "README.md",
        "CHANGELOG.md",
        "envoy/OPERATIONS.md",
        "envoy/README.md",
        "examples/README.md",
        "src/core/catalogs/README.md",
        "src/core/catalogs/QUALITY.md",
        "tests/THREATS.md",
    ]
    .map(str::to_owned)
    .to_vec();
    for entry in fs::read_dir(place::root().join("examples"))? {
        let name = entry?.file_name();
        let page = format!("examples/{}/README.md", name.to_string_lossy());
        if place::root().join(&page).is_file() {
            pages.push(page);
        }
    }
    pages.sort();
    Ok(pages)
}

/// The text of a page.
pub(crate) fn text(page: &str) -> Result<String> {
    fs::read_to_string(place::root().join(page)).with_context(|| format!("cannot read `{page}`"))
}

/// The blocks of a page.
pub(crate) fn blocks(page: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in text(page)?.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                let (at, language) = (format!("{page}:{}", number + 1), language.trim().to_owned());
                open = Some(Block { at, language, text: String::new() });
            }
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, None) => {}
        }
    }
    ensure!(open.is_none(), "a block of `{page}` has no end");
    Ok(blocks)
}

/// The blocks of every page in one language.
pub(crate) fn blocks_in(language: &str) -> Result<Vec<Block>> {
    let mut found = Vec::new();
    for page in all()? {
        found.extend(blocks(&page)?.into_iter().filter(|block| block.language == language));
    }
    Ok(found)
}

/// The `countersign` command: what `COUNTERSIGN_BIN` names, else the one from `cargo xtask build`, else that of `cargo build`.
pub(crate) fn command() -> Result<PathBuf> {
    if let Some(given) = std::env::var_os("COUNTERSIGN_BIN") {
        return Ok(PathBuf::from(given));
    }
    let debug = place::root().join("target/debug/countersign");
    place::command().or_else(|missing| if debug.is_file() { Ok(debug) } else { Err(missing) })
}
