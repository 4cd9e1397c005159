//! The schema's versions. A database that a newer countersign wrote is never touched.

use sqlx::{Connection as _, SqliteConnection};

use crate::service::StartError;

const MIGRATIONS: [&str; 10] = [
    include_str!("../../migrations/0001_first.sql"),
    include_str!("../../migrations/0002_people.sql"),
    include_str!("../../migrations/0003_standing.sql"),
    include_str!("../../migrations/0004_outcome.sql"),
    include_str!("../../migrations/0005_outbox.sql"),
    include_str!("../../migrations/0006_sign_in.sql"),
    include_str!("../../migrations/0007_chat.sql"),
    include_str!("../../migrations/0008_settings.sql"),
    include_str!("../../migrations/0009_answers.sql"),
    include_str!("../../migrations/0010_teams.sql"),
];

/// The version of the schema that this program writes.
#[expect(clippy::cast_possible_wrap, reason = "there are a handful")]
pub(crate) const SCHEMA: i64 = MIGRATIONS.len() as i64;

/// Brings the database up to this program's schema.
pub(super) async fn run(connection: &mut SqliteConnection, shown: &str) -> Result<(), StartError> {
    let broken = |error: sqlx::Error| StartError(format!("cannot read database `{shown}`: {error}"));
    let found: i64 =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await.map_err(broken)?;
    let known = SCHEMA;
    if found > known {
        return Err(StartError(format!(
            "database `{shown}` was written by a newer countersign (schema {found}, this one knows {known}); \
             use that version or an older copy of the state directory"
        )));
    }
    for (version, script) in (1_i64..).zip(MIGRATIONS) {
        if version <= found {
            continue;
        }
        let failed = |error: sqlx::Error| {
            StartError(format!("cannot bring database `{shown}` to schema {version}: {error}"))
        };
        let mut transaction = connection.begin().await.map_err(failed)?;
        sqlx::raw_sql(script).execute(&mut *transaction).await.map_err(failed)?;
        let stamp = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {version}"));
        sqlx::raw_sql(stamp).execute(&mut *transaction).await.map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
    }
    Ok(())
}
