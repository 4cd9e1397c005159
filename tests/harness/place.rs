//! Where the built things are.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

fn dist() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from).join("dist")
}

fn built(name: &str) -> Result<PathBuf> {
    let path = dist().join(name);
    if path.is_file() {
        return Ok(path);
    }
    bail!("`{}` is missing: run `cargo xtask build` first", path.display())
}

/// The filter: what `COUNTERSIGN_WASM` names, else the one from `cargo xtask build`.
///
/// # Errors
/// When it has not been built.
pub fn filter() -> Result<PathBuf> {
    env::var_os("COUNTERSIGN_WASM").map_or_else(|| built("countersign.wasm"), |path| Ok(PathBuf::from(path)))
}

/// The filter that makes the mistakes the SDK invites to.
///
/// # Errors
/// When it has not been built.
pub fn naive() -> Result<PathBuf> {
    built("naive.wasm")
}

/// The filter that only reads the header map.
///
/// # Errors
/// When it has not been built.
pub fn empty() -> Result<PathBuf> {
    built("empty.wasm")
}

/// The `countersign` command.
///
/// # Errors
/// When it has not been built.
pub fn command() -> Result<PathBuf> {
    built("countersign")
}

/// Envoy: the one on PATH if `COUNTERSIGN_ENVOY` is unset and ours is missing, as `cargo xtask setup` decided.
///
/// # Errors
/// When there is none.
pub fn envoy() -> Result<PathBuf> {
    if let Some(path) = env::var_os("COUNTERSIGN_ENVOY") {
        return Ok(PathBuf::from(path));
    }
    let ours = root().join(".envoy/envoy");
    if ours.is_file() {
        return Ok(ours);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join("envoy")).find(|file| file.is_file());
    match found {
        Some(found) => Ok(found),
        None => bail!("no Envoy: run `cargo xtask setup` first"),
    }
}
