//! Where this user's state is kept (XDG base directories).

use std::path::PathBuf;

/// `$XDG_STATE_HOME/countersign`, else `~/.local/state/countersign`; `None` where no home is known.
pub(crate) fn directory() -> Option<PathBuf> {
    let given = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = given("XDG_STATE_HOME").or_else(|| Some(given("HOME")?.join(".local/state")))?;
    Some(base.join("countersign"))
}
