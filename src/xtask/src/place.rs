//! Where things are: the project, what cargo builds, what setup installs.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Where cargo leaves what it builds.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Where `cargo xtask build` leaves the two things people install.
pub(crate) fn dist() -> PathBuf {
    target().join("dist")
}

/// Tools that only this project uses, kept between runs.
pub(crate) fn tools() -> PathBuf {
    root().join(".tools")
}

/// A program on PATH, if there is one.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
