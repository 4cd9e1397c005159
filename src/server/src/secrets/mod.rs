//! Secrets that filters put into released requests: where each value is, read anew for every redeem.
//!
//! A value is in a private file, a mounted Kubernetes secret, an environment variable or HashiCorp Vault; a new one counts from
//! the next redeem on, without a restart. It goes nowhere but into a sealed answer (see [`countersign_wire::sealed`]): never to
//! the store, a page, a record or a log, and its type cannot be printed. What cannot be read is said in one sentence in the log,
//! and the redeem that asked for it uses nothing up.

mod document;
mod vault;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use countersign_wire::{
    clock::rfc3339_ms,
    sealed::{MAX_SECRETS, Plain, is_name, is_version},
};

use crate::service::StartError;
pub(crate) use document::{SecretAt, VaultAt, VaultField};
use vault::{Field, Vault};

/// How long reading all secrets of one redeem may take: a filter waits 5 seconds for its answer.
const PATIENCE: Duration = Duration::from_secs(4);
/// The largest file read: far more than a value has.
const MAX_FILE: u64 = 64 * 1024;

/// Every secret of the configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(Arc<BTreeMap<String, Secret>>);

#[derive(Debug)]
struct Secret {
    from: Source,
    /// None where every filter may have it.
    clients: Option<BTreeSet<String>>,
    /// None where the filters' policies alone say.
    authorities: Option<BTreeSet<String>>,
}

#[derive(Debug)]
enum Source {
    /// A file that only its owner can read.
    File(PathBuf),
    /// A file that Kubernetes mounts, with the permissions that it gives it.
    Kubernetes(PathBuf),
    /// An environment variable.
    Env(String),
    /// A field in Vault.
    Vault(Arc<Vault>, Field),
}

/// A value as it was just read.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) value: Plain,
}

/// Why a secret has no value now: a sentence for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unreadable(String);

impl Secrets {
    /// Checks what was typed, and that what is on this machine is there.
    pub(crate) fn compile(
        typed: BTreeMap<String, SecretAt>,
        vault: Option<VaultAt>,
    ) -> Result<Self, StartError> {
        let vault = vault.map(Vault::new).transpose()?.map(Arc::new);
        let mut all = BTreeMap::new();
        for (name, at) in typed {
            let broken = |why: &str| StartError(format!("secret `{name}`: {why}"));
            if !is_name(&name) {
                return Err(broken("a name has 1 to 128 letters, digits, `-`, `_` and `.`"));
            }
            let from = match (at.file, at.kubernetes, at.env, at.vault) {
                (Some(path), None, None, None) => Source::File(path.into()),
                (None, Some(path), None, None) => Source::Kubernetes(path.into()),
                (None, None, Some(variable), None) => Source::Env(variable),
                (None, None, None, Some(field)) => match &vault {
                    Some(vault) => {
                        Source::Vault(vault.clone(), vault.field(field).map_err(|why| broken(&why))?)
                    }
                    None => return Err(broken("it is in `vault`, and no `vault` is configured")),
                },
                _ => return Err(broken("it is in exactly one of `file`, `kubernetes`, `env` and `vault`")),
            };
            match &from {
                Source::Vault(..) => {}
                Source::File(_) | Source::Kubernetes(_) | Source::Env(_) => {
                    from.read().and_then(|(bytes, _)| value(bytes)).map_err(|why| broken(&why))?;
                }
            }
            all.insert(name, Secret { from, clients: at.clients, authorities: at.authorities });
        }
        Ok(Self(Arc::new(all)))
    }

    /// Whether a request may use these secrets, so far as this service can tell; the error is a sentence.
    pub(crate) fn check(&self, names: &[String], client: &str, authority: &str) -> Result<(), String> {
        if names.len() > MAX_SECRETS {
            return Err(format!("a request uses at most {MAX_SECRETS} secrets"));
        }
        for (place, name) in names.iter().enumerate() {
            if names.iter().skip(place + 1).any(|other| other == name) {
                return Err(format!("secret `{name}` is named twice"));
            }
            let secret = self.0.get(name).ok_or_else(|| format!("no secret is called `{name}` here"))?;
            let barred = |list: &Option<BTreeSet<String>>, one: &str| {
                list.as_ref().is_some_and(|list| !list.contains(one))
            };
            if barred(&secret.clients, client) {
                return Err(format!("secret `{name}` is not for client `{client}`"));
            }
            if barred(&secret.authorities, authority) {
                return Err(format!("secret `{name}` is not for `{authority}`"));
            }
        }
        Ok(())
    }

    /// Reads the secrets of one redeem: all of them, or none.
    pub(crate) async fn read(&self, names: Vec<String>) -> Result<Vec<Kept>, Unreadable> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let all = self.0.clone();
        let reading = tokio::task::spawn_blocking(move || {
            names.into_iter().map(|name| read_one(&all, name)).collect::<Result<Vec<_>, _>>()
        });
        match tokio::time::timeout(PATIENCE, reading).await {
            Ok(Ok(read)) => read,
            Ok(Err(_)) => Err(Unreadable("reading the secrets was interrupted".to_owned())),
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                Err(Unreadable(format!("reading the secrets took longer than {seconds} s")))
            }
        }
    }
}

fn read_one(all: &BTreeMap<String, Secret>, name: String) -> Result<Kept, Unreadable> {
    let broken = |why: String| Unreadable(format!("secret `{name}`: {why}"));
    let secret = all.get(&name).ok_or_else(|| broken("it is not configured".to_owned()))?;
    let (bytes, version) = secret.from.read().map_err(broken)?;
    let value = value(bytes).map_err(broken)?;
    let version = if is_version(&version) { version } else { "unknown".to_owned() };
    Ok(Kept { name, version, value })
}

/// Reads a secret of the service itself, such as a token: from a private file or an environment variable.
///
/// # Errors
/// A sentence without any of it.
pub(crate) fn plain(from: &crate::config::document::SecretFrom) -> Result<Plain, String> {
    use crate::config::document::SecretFrom;
    let source = match from {
        SecretFrom::File(path) => Source::File(path.into()),
        SecretFrom::Env(name) => Source::Env(name.clone()),
    };
    let (bytes, _) = source.read()?;
    Plain::value(bytes).map_err(|why| format!("it is no secret of one line: {why}"))
}

fn value(bytes: Vec<u8>) -> Result<Plain, String> {
    Plain::value(bytes).map_err(|why| format!("its value cannot be put into a header: {why}"))
}

impl Source {
    /// The value's bytes and its version; the error never repeats any of it.
    fn read(&self) -> Result<(Vec<u8>, String), String> {
        match self {
            Self::File(path) => file(path, Mode::Private),
            Self::Kubernetes(path) => file(path, Mode::Mounted),
            Self::Env(variable) => match std::env::var(variable) {
                // It cannot change while the process runs.
                Ok(value) => Ok((value.into_bytes(), "env".to_owned())),
                Err(_) => Err(format!("environment variable `{variable}` is not set, or is not text")),
            },
            Self::Vault(vault, field) => vault.read(field),
        }
    }
}

/// Who may read a file.
#[derive(Clone, Copy)]
enum Mode {
    /// Its owner only.
    Private,
    /// Whom Kubernetes lets; nobody else may write it.
    Mounted,
}

fn file(path: &Path, expected: Mode) -> Result<(Vec<u8>, String), String> {
    let shown = path.display();
    let cannot = |error: std::io::Error| format!("cannot read `{shown}`: {error}");
    let file = fs::File::open(path).map_err(cannot)?;
    let about = file.metadata().map_err(cannot)?;
    let mode = about.permissions().mode() & 0o777;
    match expected {
        Mode::Private if mode & 0o077 != 0 => {
            return Err(format!(
                "file `{shown}` can be read by others (mode {mode:03o}); make it private with `chmod 600 {shown}`"
            ));
        }
        Mode::Mounted if mode & 0o022 != 0 => {
            return Err(format!("file `{shown}` can be written by others (mode {mode:03o})"));
        }
        Mode::Private | Mode::Mounted => {}
    }
    let mut bytes = Vec::with_capacity(usize::try_from(about.len().min(MAX_FILE)).unwrap_or_default() + 1);
    file.take(MAX_FILE).read_to_end(&mut bytes).map_err(cannot)?;
    // An editor ends the line.
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    let written = || {
        let since = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(rfc3339_ms(i64::try_from(since.as_millis()).ok()?))
    };
    let version = match expected {
        Mode::Mounted => generation(path).or_else(written),
        Mode::Private => written(),
    };
    Ok((bytes, version.unwrap_or_default()))
}

/// Which generation of a mounted secret this is: Kubernetes links `..data` to a folder named after the time of the update.
fn generation(path: &Path) -> Option<String> {
    let target = fs::read_link(path.parent()?.join("..data")).ok()?;
    Some(target.file_name()?.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests;
