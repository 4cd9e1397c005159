//! SQLite: one file in the state directory, which one process holds alone.

use std::{fs::File, path::Path};

use countersign_wire::digest::hex;
use sqlx::{
    ConnectOptions as _,
    any::{AnyConnectOptions, AnyPoolOptions},
};

use super::{Sql, install};
use crate::service::StartError;

/// Keeps every other process from the state directory as long as it is held.
pub(super) fn lock(state: &Path) -> Result<File, StartError> {
    let path = state.join("lock");
    let shown = state.display();
    let file = File::create(&path)
        .map_err(|error| StartError(format!("cannot write to state directory `{shown}`: {error}")))?;
    file.try_lock()
        .map_err(|_| StartError(format!("another process already serves from state directory `{shown}`")))?;
    Ok(file)
}

/// How a file is opened.
#[derive(Clone, Copy)]
pub(crate) enum Mode {
    Make,
    Write,
    Read,
}

fn options(path: &Path, mode: Mode) -> Result<AnyConnectOptions, sqlx::Error> {
    install();
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut url = "sqlite://".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.".contains(byte) {
            url.push(char::from(*byte));
        } else {
            url.push('%');
            url.push_str(&hex(&[*byte]));
        }
    }
    url.push_str(match mode {
        Mode::Make => "?mode=rwc",
        Mode::Write => "?mode=rw",
        Mode::Read => "?mode=ro",
    });
    Ok(url.parse::<AnyConnectOptions>()?.disable_statement_logging())
}

/// A connection to the file. Foreign keys are held to, and whoever is in the way is waited for, for five seconds.
pub(crate) async fn connect(path: &Path, mode: Mode) -> Result<Sql, sqlx::Error> {
    let mut sql = options(path, mode)?.connect().await?;
    let set = match mode {
        Mode::Make => "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
        Mode::Write => "PRAGMA foreign_keys = ON",
        Mode::Read => "PRAGMA query_only = ON",
    };
    sqlx::raw_sql(set).execute(&mut sql).await?;
    Ok(sql)
}

/// Connections for reading.
pub(super) async fn readers(path: &Path) -> Result<sqlx::AnyPool, sqlx::Error> {
    AnyPoolOptions::new().max_connections(4).connect_with(options(path, Mode::Read)?).await
}
