//! Where this user's state is kept (XDG base directories).

use std::path::PathBuf;

use countersign_server::service::StartError;

/// `$XDG_STATE_HOME/countersign`, else `~/.local/state/countersign`; `None` where no home is known.
pub(crate) fn directory() -> Option<PathBuf> {
    let given = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = given("XDG_STATE_HOME").or_else(|| Some(given("HOME")?.join(".local/state")))?;
    Some(base.join("countersign"))
}

/// Where the service keeps its state: where it was told, else under [`directory`].
pub(crate) fn server(given: Option<&PathBuf>) -> Result<PathBuf, StartError> {
    match given {
        Some(state) => Ok(state.clone()),
        None => directory().map(|state| state.join("server")).ok_or_else(|| {
            StartError("no home directory is known; say where the state is with `--state`".to_owned())
        }),
    }
}
