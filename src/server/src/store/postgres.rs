//! PostgreSQL: one database that several replicas share.
//!
//! Promises: writers of all replicas take turns, as those of one file do: every write transaction begins with the same advisory
//! lock, so a decision or a use is counted once whatever arrives where. A replica that dies or is cut off in the middle of one
//! holds the others up for ten seconds at most. The connections are direct or pooled by session: a pooler that gives
//! every transaction another connection carries neither `LISTEN` nor the settings made here.

use std::time::Duration;

use sqlx::{ConnectOptions as _, Executor as _, PgPool, any::AnyPoolOptions, postgres::PgPoolOptions};

use super::{Sql, install};
use crate::{config::DatabaseUrl, service::StartError};

/// Taken by every write transaction, and by migrations. The number means nothing, it only must be nobody else's.
pub(super) const LOCK: &str = "SELECT pg_advisory_xact_lock(7161742027391000481)";

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// How long to wait for one that others use: a thousand long polls that wake together take turns.
const ACQUIRE: Duration = Duration::from_secs(15);

/// What a connection that writes is told. What was committed is on disk even where the server is set to be lax.
const WRITER: &str = "\
    SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '10s'; SET statement_timeout = '30s'; \
    SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; SET jit = off; \
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";
const READER: &str =
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SET statement_timeout = '30s'; SET jit = off";
/// Signals and nonces: what is lost of them with a server that crashes is a moment's.
const SIGNALS: &str = "SET synchronous_commit = off; SET statement_timeout = '10s'; SET jit = off";

/// The one connection that writes.
pub(crate) async fn connect(url: &DatabaseUrl) -> Result<Sql, sqlx::Error> {
    install();
    let options = url.any()?.disable_statement_logging();
    let connecting = async {
        let mut sql = options.connect().await?;
        sqlx::raw_sql(WRITER).execute(&mut sql).await?;
        Ok(sql)
    };
    tokio::time::timeout(CONNECT, connecting).await.map_err(|_| {
        sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer within five seconds"))
    })?
}

/// Whether what we keep can be kept there.
pub(crate) async fn fit(sql: &mut Sql, url: &DatabaseUrl) -> Result<(), StartError> {
    let broken = |error: sqlx::Error| StartError(format!("cannot read database `{url}`: {error}"));
    let encoding: String = sqlx::query_scalar("SELECT current_setting('server_encoding')")
        .fetch_one(&mut *sql)
        .await
        .map_err(broken)?;
    if encoding != "UTF8" {
        return Err(StartError(format!(
            "database `{url}` has encoding {encoding}; make it with `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`"
        )));
    }
    let version: String = sqlx::query_scalar("SELECT current_setting('server_version_num')")
        .fetch_one(sql)
        .await
        .map_err(broken)?;
    if version.parse::<u32>().is_ok_and(|version| version < 130_000) {
        return Err(StartError(format!("database `{url}` is PostgreSQL {version}; it must be 13 or newer")));
    }
    Ok(())
}

/// Connections for reading.
pub(super) async fn readers(url: &DatabaseUrl) -> Result<sqlx::AnyPool, sqlx::Error> {
    AnyPoolOptions::new()
        .max_connections(8)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .after_connect(|sql, _| Box::pin(async move { sqlx::raw_sql(READER).execute(sql).await.map(drop) }))
        .before_acquire(|sql, meta| {
            Box::pin(async move {
                // One that lay idle may be dead; one that was used just now costs no round trip.
                if meta.idle_for > Duration::from_secs(1) {
                    sqlx::Connection::ping(sql).await?;
                }
                Ok(true)
            })
        })
        .connect_with(url.any()?.disable_statement_logging())
        .await
}

/// Connections for signals between replicas.
pub(super) async fn signals(url: &DatabaseUrl) -> Result<PgPool, sqlx::Error> {
    PgPoolOptions::new()
        .max_connections(6)
        .acquire_timeout(ACQUIRE)
        .after_connect(|sql, _| Box::pin(async move { sql.execute(sqlx::raw_sql(SIGNALS)).await.map(drop) }))
        .connect_with(url.pg()?.disable_statement_logging())
        .await
}
