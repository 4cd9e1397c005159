//! The session of a reviewer at the terminal: given in the environment, or kept in a file only its owner reads.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::Fault;
use crate::state;

/// Where a session comes from.
pub(super) enum Found {
    /// From the environment.
    Given(String),
    /// From the last login.
    Cached(String),
    /// From nowhere: log in as this reviewer.
    Login(String),
}

/// What the file holds: by service, the last name used and the session of each name.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    services: BTreeMap<String, Sessions>,
}

#[derive(Default, Serialize, Deserialize)]
struct Sessions {
    last: String,
    by_name: BTreeMap<String, String>,
}

/// Looks for a session for `url`, as `name` if one is given.
pub(super) fn find(url: &str, name: Option<&str>) -> Result<Found, Fault> {
    let kept = file().map(|path| read(&path)).transpose()?.unwrap_or_default();
    let sessions = kept.services.get(url);
    let session = |name: &str| sessions.and_then(|sessions| sessions.by_name.get(name)).cloned();
    if let Some(name) = name {
        return Ok(session(name).map_or_else(|| Found::Login(name.to_owned()), Found::Cached));
    }
    if let Some(given) = std::env::var("COUNTERSIGN_SESSION").ok().filter(|given| !given.is_empty()) {
        return Ok(Found::Given(given));
    }
    sessions.and_then(|sessions| session(&sessions.last)).map(Found::Cached).ok_or_else(|| {
        Fault::Usage(
            "who are you? say `countersign login`, give `--as NAME` (development) or set COUNTERSIGN_SESSION"
                .to_owned(),
        )
    })
}

/// Keeps a session for next time.
pub(super) fn keep(url: &str, name: &str, session: &str) -> Result<(), Fault> {
    let Some(path) = file() else { return Ok(()) };
    let mut kept = read(&path)?;
    let sessions = kept.services.entry(url.to_owned()).or_default();
    name.clone_into(&mut sessions.last);
    sessions.by_name.insert(name.to_owned(), session.to_owned());
    write(&path, &kept)
        .map_err(|error| Fault::Usage(format!("cannot keep the session in `{}`: {error}", path.display())))
}

/// Forgets a session.
pub(super) fn forget(url: &str, session: &str) -> Result<(), Fault> {
    let Some(path) = file() else { return Ok(()) };
    let mut kept = read(&path)?;
    if let Some(sessions) = kept.services.get_mut(url) {
        sessions.by_name.retain(|_, one| one != session);
    }
    write(&path, &kept)
        .map_err(|error| Fault::Usage(format!("cannot forget the session in `{}`: {error}", path.display())))
}

fn file() -> Option<PathBuf> {
    Some(state::directory()?.join("sessions.json"))
}

fn read(path: &Path) -> Result<Kept, Fault> {
    let Ok(meta) = fs::metadata(path) else { return Ok(Kept::default()) };
    if meta.permissions().mode() & 0o077 != 0 {
        return Err(Fault::Usage(format!(
            "others can read `{}`; take that away with chmod 600",
            path.display()
        )));
    }
    let text = fs::read_to_string(path)
        .map_err(|error| Fault::Usage(format!("cannot read `{}`: {error}", path.display())))?;
    // A file that does not read is worth nothing: the next login writes a new one.
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

/// Writes beside the file and moves it into place, so that a reader sees the old or the new one.
fn write(path: &Path, kept: &Kept) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    let fresh = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
    file.write_all(serde_json::to_string_pretty(kept)?.as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{Kept, read, write};

    #[test]
    fn the_file_is_its_owners_alone_and_an_open_one_is_refused() {
        let folder = std::env::temp_dir().join(format!("countersign-session-{}", std::process::id()));
        let path = folder.join("deep/sessions.json");
        write(&path, &Kept::default()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(read(&path).is_ok());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(read(&path).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
