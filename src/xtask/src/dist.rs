//! Builds what people install: the filter as a wasm module, the `countersign` command as a program.
//!
//! The modules that tests and bench compare with are built in the same pass, with the same profile, for the same target.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::{place, setup, shell};

/// Packages compiled to wasm, and the name each has in `target/dist`.
const MODULES: [(&str, &str); 3] = [
    ("countersign-filter", "countersign.wasm"),
    ("countersign-empty", "empty.wasm"),
    ("countersign-naive", "naive.wasm"),
];

/// Leaves the modules and the command in `target/dist` and prints their sizes.
pub(crate) fn build() -> Result<()> {
    modules()?;
    shell::run(&mut shell::cargo(&["build", "--release", "--package", "countersign-cli"]))?;
    keep(&place::target().join("release/countersign"), "countersign")
}

/// The wasm modules alone.
pub(crate) fn modules() -> Result<()> {
    setup::targets()?;
    let mut arguments = vec!["build", "--profile", "wasm", "--target", "wasm32-wasip1"];
    arguments.extend(MODULES.iter().flat_map(|(package, _)| ["--package", package]));
    shell::run(&mut shell::cargo(&arguments))?;
    for (package, name) in MODULES {
        let built = format!("wasm32-wasip1/wasm/{}.wasm", package.replace('-', "_"));
        keep(&place::target().join(built), name)?;
    }
    Ok(())
}

fn keep(built: &Path, name: &str) -> Result<()> {
    let kept = place::dist().join(name);
    fs::create_dir_all(place::dist())
        .with_context(|| format!("cannot create `{}`", place::dist().display()))?;
    // A running program cannot be overwritten in place, but its name can be given to a new file.
    let part = place::dist().join(format!("{name}.part"));
    let size = fs::copy(built, &part).with_context(|| format!("cargo left no `{}`", built.display()))?;
    fs::rename(&part, &kept)?;
    println!("{:>9} bytes  {}", size, kept.display());
    Ok(())
}
