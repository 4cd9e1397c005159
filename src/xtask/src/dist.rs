//! Builds what people install: the filter as a wasm module, the `countersign` command as a program.
//!
//! The modules that tests and bench compare with are built in the same pass, with the same profile, for the same target.

use std::fs;
use std::path::{Path, PathBuf};

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
        let built = place::target().join(built);
        keep(&smaller(&built)?, name)?;
    }
    Ok(())
}

/// The module as it is installed, beside the one that cargo left.
pub(crate) fn smaller(built: &Path) -> Result<PathBuf> {
    let Some(tool) = setup::wasm_opt() else { return Ok(built.to_path_buf()) };
    let smaller = built.with_extension("opt.wasm");
    optimise(&tool, built, &smaller)?;
    Ok(smaller)
}

/// A second look by Binaryen. `-O1` and no more: it inlines nothing, so that the engine's code for the module shrinks with
/// the module. Measured in Envoy with two workers: plain 1.59 MB and 73.6 MB resident, `-O1` 1.47 and 70.1, `-Oz` 1.43 and 79.9.
fn optimise(tool: &Path, from: &Path, to: &Path) -> Result<()> {
    const FEATURES: [&str; 7] = [
        "--enable-bulk-memory",
        "--enable-bulk-memory-opt",
        "--enable-sign-ext",
        "--enable-mutable-globals",
        "--enable-nontrapping-float-to-int",
        "--enable-multivalue",
        "--enable-reference-types",
    ];
    let (tool, from, to) = (tool.to_string_lossy(), from.to_string_lossy(), to.to_string_lossy());
    let mut command = shell::command("node", &[&tool, "-O1", &from, "-o", &to]);
    command.args(FEATURES).arg("--enable-call-indirect-overlong");
    shell::run(&mut command)
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
