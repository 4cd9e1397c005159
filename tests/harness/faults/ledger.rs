//! What the service's database says, read from its file by somebody else than the service.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Row};

use super::history::{Grant, Task};
use super::load;

/// The database file of a service that runs, or has died.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    database: PathBuf,
}

impl Ledger {
    pub(super) fn of(database: PathBuf) -> Self {
        Self { database }
    }

    async fn open(&self) -> Result<SqliteConnection> {
        let options = SqliteConnectOptions::new().filename(&self.database).read_only(true);
        let options = options.busy_timeout(Duration::from_secs(5)).disable_statement_logging();
        options.connect().await.with_context(|| format!("cannot open `{}`", self.database.display()))
    }

    /// How many grants of these tasks are used up, and have the record of it in the log, at this moment.
    pub(super) async fn redeemed(&self, tids: &[String]) -> Result<u64> {
        let mut sql = self.open().await?;
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM approval a JOIN audit_leaf l ON l.leaf = a.record_leaf \
             WHERE a.used > 0 AND a.task IN (SELECT value FROM json_each(?))",
        )
        .bind(serde_json::to_string(tids)?)
        .fetch_one(&mut sql)
        .await?;
        Ok(u64::try_from(count)?)
    }

    /// Every task about a request of the load.
    pub(super) async fn tasks(&self) -> Result<Vec<Task>> {
        let mut sql = self.open().await?;
        let rows = sqlx::query(
            "SELECT t.id, t.submission, a.jti, a.used, l.line FROM task t LEFT JOIN approval a ON a.task = t.id \
             LEFT JOIN audit_leaf l ON l.leaf = a.record_leaf",
        )
        .fetch_all(&mut sql)
        .await?;
        let mut tasks = Vec::with_capacity(rows.len());
        for row in rows {
            let submission: Value = serde_json::from_str(&row.try_get::<String, _>("submission")?)?;
            let path = submission["context"]["urn:countersign:v1"]["destination"]["path"].as_str();
            let Some(id) = path.and_then(load::id) else { continue };
            let (jti, used): (Option<String>, Option<i64>) = (row.try_get("jti")?, row.try_get("used")?);
            let record = match row.try_get::<Option<String>, _>("line")? {
                Some(line) => Some(told(&serde_json::from_str(&line)?)),
                None => None,
            };
            let used = u64::try_from(used.unwrap_or_default())?;
            tasks.push(Task {
                tid: row.try_get("id")?,
                id,
                grant: jti.map(|jti| Grant { jti, used, record }),
            });
        }
        Ok(tasks)
    }

    /// The hashes of all records.
    pub(super) async fn stored(&self) -> Result<BTreeSet<String>> {
        let mut sql = self.open().await?;
        let hashes: Vec<String> =
            sqlx::query_scalar("SELECT hash FROM audit_leaf").fetch_all(&mut sql).await?;
        Ok(hashes.into_iter().collect())
    }
}

/// What a record says: what happened, to which task, on which grant.
fn told(record: &Value) -> (String, String, String) {
    let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
    (text("event"), text("tid"), text("jti"))
}
