//! Where tasks, votes, grants and records live: one SQLite file in the state directory, or a PostgreSQL database that several
//! replicas share.
//!
//! Promises: whatever [`Store::write`] returned `Ok` for is on disk; a write is a savepoint of one transaction that no other
//! writer of any process shares time with, so it happened whole or not at all; the process that holds the state directory holds
//! it alone. Both databases read the same statements; [`migrate`] says what keeps them so.

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
pub(crate) mod postgres;
pub(crate) mod preference;
pub(crate) mod revoke;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod signal;
pub(crate) mod sqlite;
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
};

use sqlx::AnyPool;
use tokio::sync::mpsc;

use crate::{
    config::DatabaseUrl,
    deliver::Routes,
    service::{Fault, StartError, TaskChanged},
};
pub(crate) use migrate::{SCHEMA, version};
pub(crate) use signal::Heard;
use signal::Signals;
pub(crate) use writer::{BoxFuture, Tx};

/// A connection to the database. Statements number their parameters `$1`, `$2`, which every database reads.
pub(crate) type Sql = sqlx::AnyConnection;
/// A row of an answer of it.
pub(crate) type SqlRow = sqlx::any::AnyRow;

/// Which database a connection goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Dialect {
    pub(crate) fn of(sql: &Sql) -> Self {
        if sql.backend_name() == "PostgreSQL" { Self::Postgres } else { Self::Sqlite }
    }
}

/// Lets sqlx know both databases.
fn install() {
    sqlx::any::install_default_drivers();
}

/// The open store.
pub(crate) struct Store {
    readers: AnyPool,
    jobs: mpsc::Sender<writer::Work>,
    home: Home,
}

/// Whom the database is shared with.
enum Home {
    /// Nobody, for as long as this is locked.
    Alone(#[expect(dead_code, reason = "it is held, not used")] File),
    /// Other replicas.
    Shared(Arc<Signals>),
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
    /// Opens the store: in `state`, or where `url` says; `publish` is called after each commit with what it changed.
    pub(crate) async fn open(
        state: &Path,
        url: Option<&DatabaseUrl>,
        publish: Arc<dyn Fn(TaskChanged) + Send + Sync>,
        routes: Routes,
    ) -> Result<Self, StartError> {
        prepare(state)?;
        let lock = sqlite::lock(state)?;
        if let Some(url) = url {
            let broken = |error: sqlx::Error| StartError(format!("cannot open database `{url}`: {error}"));
            let mut sql = postgres::connect(url).await.map_err(broken)?;
            postgres::fit(&mut sql, url).await?;
            migrate::run(&mut sql, &url.to_string()).await?;
            let readers = postgres::readers(url).await.map_err(broken)?;
            let pool = postgres::signals(url).await.map_err(broken)?;
            let signals = Signals::new(pool).map_err(|fault| StartError(fault.to_string()))?;
            let signals = Arc::new(signals);
            let reach = writer::Reach::Postgres { url: url.clone(), signals: signals.clone(), _state: lock };
            return Ok(Self {
                readers,
                jobs: writer::start(sql, reach, publish, routes),
                home: Home::Shared(signals),
            });
        }
        let path = state.join("countersign.db");
        let shown = path.display().to_string();
        let broken = |error: sqlx::Error| StartError(format!("cannot open database `{shown}`: {error}"));
        let mut sql = sqlite::connect(&path, sqlite::Mode::Make).await.map_err(broken)?;
        migrate::run(&mut sql, &shown).await?;
        let readers = sqlite::readers(&path).await.map_err(broken)?;
        let jobs = writer::start(sql, writer::Reach::Sqlite, publish, routes);
        Ok(Self { readers, jobs, home: Home::Alone(lock) })
    }

    /// Hears other replicas from now on, where there can be any.
    pub(crate) fn listen(&self, heard: Arc<dyn Fn(Heard) + Send + Sync>) {
        match &self.home {
            Home::Alone(_) => {}
            Home::Shared(signals) => signals.listen(heard),
        }
    }

    /// Whether everybody who could know of something is heard.
    pub(crate) fn hears_all(&self) -> bool {
        match &self.home {
            Home::Alone(_) => true,
            Home::Shared(signals) => signals.hearing(),
        }
    }

    /// Tells other replicas what is waited for here.
    pub(crate) async fn held(&self, held: impl FnOnce() -> Vec<Heard>) -> Result<(), Fault> {
        match &self.home {
            Home::Alone(_) => Ok(()),
            Home::Shared(signals) => signals.held(&held()).await,
        }
    }

    /// Spends the nonce of a call that only reads where another replica could see it again; this one remembers by itself.
    pub(crate) async fn spend(&self, keyid: &str, nonce: &str, now: i64) -> Result<access::Seen, Fault> {
        match &self.home {
            Home::Alone(_) => Ok(access::Seen::New),
            Home::Shared(signals) => signals.spend(keyid, nonce, now).await,
        }
    }

    /// Whether the database is shared with other replicas.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.home, Home::Shared(_))
    }

    /// For reading; a read sees only what was committed.
    pub(crate) fn read(&self) -> &AnyPool {
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

impl Drop for Store {
    fn drop(&mut self) {
        if let (Home::Shared(signals), Ok(runtime)) = (&self.home, tokio::runtime::Handle::try_current()) {
            let signals = signals.clone();
            runtime.spawn(async move { signals.close().await });
        }
    }
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
