//! Where tasks, votes, grants and records live: one SQLite file in the state directory.
//!
//! Promises: whatever [`Store::write`] returned `Ok` for is on disk; a write is a savepoint of one `BEGIN IMMEDIATE`
//! transaction, so it happened whole or not at all; the process that holds the state directory holds it alone.
//! Everything that knows SQL is below this module, so another database is another sibling of it with its own migrations.

pub(crate) mod access;
pub(crate) mod answered;
pub(crate) mod chat;
pub(crate) mod device;
pub(crate) mod facet;
pub(crate) mod glass;
pub(crate) mod key;
pub(crate) mod kin;
pub(crate) mod leaf;
mod migrate;
pub(crate) mod outbox;
pub(crate) mod outcome;
pub(crate) mod person;
pub(crate) mod preference;
pub(crate) mod revoke;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod standing;
pub(crate) mod task;
pub(crate) mod teams;
pub(crate) mod vote;
mod writer;

use std::{
    fs::{self, DirBuilder, File},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::Path,
    sync::Arc,
    time::Duration,
};

use sqlx::{
    ConnectOptions as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::mpsc;

use crate::{
    deliver::Routes,
    service::{Fault, StartError, TaskChanged},
};
pub(crate) use migrate::SCHEMA;
pub(crate) use writer::{BoxFuture, Tx};

/// A connection to the database. Statements number their parameters `$1`, `$2`, which every database reads.
pub(crate) type Sql = sqlx::SqliteConnection;
/// A row of an answer of it.
pub(crate) type SqlRow = sqlx::sqlite::SqliteRow;

/// The open store.
pub(crate) struct Store {
    readers: SqlitePool,
    jobs: mpsc::Sender<writer::Work>,
    /// Locked for as long as this process serves.
    _lock: File,
}

/// Makes the state directory where there is none, for its owner only. One that others can look into is not used: it holds keys,
/// sessions and what was asked.
pub(crate) fn prepare(state: &Path) -> Result<(), StartError> {
    let shown = state.display();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(state)
        .and_then(|()| fs::read_dir(state).map(drop))
        .map_err(|error| StartError(format!("cannot use state directory `{shown}`: {error}")))?;
    let mode = fs::metadata(state)
        .map_err(|error| StartError(format!("cannot use state directory `{shown}`: {error}")))?
        .permissions()
        .mode()
        & 0o777;
    if mode & 0o077 != 0 {
        return Err(StartError(format!(
            "state directory `{shown}` is open to others (mode {mode:03o}); make it private with `chmod 700 {shown}`, or name a \
             directory inside it that does not exist yet"
        )));
    }
    Ok(())
}

impl Store {
    /// Opens the store in `state`; `publish` is called after each commit with what it changed.
    pub(crate) async fn open(
        state: &Path,
        publish: Arc<dyn Fn(TaskChanged) + Send + Sync>,
        routes: Routes,
    ) -> Result<Self, StartError> {
        prepare(state)?;
        let lock = lock(state)?;
        let path = state.join("countersign.db");
        let shown = path.display().to_string();
        let broken = |error: sqlx::Error| StartError(format!("cannot open database `{shown}`: {error}"));
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .disable_statement_logging();
        let mut connection = options.clone().connect().await.map_err(broken)?;
        migrate::run(&mut connection, &shown).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await
            .map_err(broken)?;
        Ok(Self { readers, jobs: writer::start(connection, publish, routes), _lock: lock })
    }

    /// For reading; a read sees only what was committed.
    pub(crate) fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// Runs `work` in a transaction. `Err` undoes what it did; `Ok` arrives after the commit is on disk. Other work may
    /// share the commit, never the outcome.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, Fault>> + Send + 'static,
    {
        writer::submit(&self.jobs, work).await
    }
}

fn lock(state: &Path) -> Result<File, StartError> {
    let path = state.join("lock");
    let shown = state.display();
    let file = File::create(&path)
        .map_err(|error| StartError(format!("cannot write to state directory `{shown}`: {error}")))?;
    file.try_lock()
        .map_err(|_| StartError(format!("another process already serves from state directory `{shown}`")))?;
    Ok(file)
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.to_string())
    }
}

/// What is a `u64` outside is kept as SQLite's `i64`.
pub(crate) fn signed(number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|_| Fault::Store(format!("{number} is too large to keep")))
}
