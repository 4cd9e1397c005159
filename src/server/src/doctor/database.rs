//! The store: there, private, whole, of this version, and with room; and the keys beside it.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};

use super::{Finding, Setting};
use crate::{
    keys::{Keys, Missing},
    store::{SCHEMA, Sql},
};

/// What is found of the store and the keys in the state directory.
pub(super) async fn examine(setting: Setting<'_>) -> Vec<Finding> {
    let state = setting.state;
    let shown = state.display();
    let Ok(meta) = fs::metadata(state) else {
        return vec![Finding::warn(
            format!("state directory `{shown}` does not exist yet"),
            "the first `countersign serve` makes it; if it should be there, name it with `--state`",
        )];
    };
    let mode = meta.permissions().mode() & 0o777;
    let mut found = Vec::new();
    found.push(if mode & 0o077 != 0 {
        Finding::fail(
            format!("state directory `{shown}` is open to others (mode {mode:03o})"),
            format!("make it private with `chmod 700 {shown}`"),
        )
    } else {
        Finding::ok(format!("state directory `{shown}` is its owner's alone"))
    });
    found.extend(store(&state.join("countersign.db")).await);
    found.push(match Keys::read(state, Missing::Refuse) {
        Ok(keys) => Finding::ok(format!("grants are signed with key `{}`", keys.current.kid())),
        Err(fault) => Finding::fail(
            format!("grants cannot be signed: {fault}"),
            "put the key back from where you keep it, or start the service once to make one, and give filters the new JWK set",
        ),
    });
    if let Some(anchor) = &setting.config.anchor {
        found.push(anchored(anchor));
    }
    found
}

async fn store(path: &Path) -> Vec<Finding> {
    let shown = path.display();
    if !path.exists() {
        return vec![Finding::warn(
            format!("database `{shown}` does not exist yet"),
            "the first `countersign serve` makes it",
        )];
    }
    let mut sql = match open(path).await {
        Ok(sql) => sql,
        Err(error) => {
            return vec![Finding::fail(
                format!("database `{shown}` cannot be opened: {error}"),
                "run the doctor as the user that runs the service",
            )];
        }
    };
    let mut found = Vec::new();
    let schema: Result<i64, _> = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut sql).await;
    found.push(match schema {
        Ok(version) if version == SCHEMA => {
            Finding::ok(format!("database `{shown}` has schema {version}, as this version wants it"))
        }
        Ok(version) if version < SCHEMA => Finding::warn(
            format!("database `{shown}` has schema {version}, and this version brings it to {SCHEMA}"),
            "back it up with `countersign backup` before you start this version: an older one does not read it afterwards",
        ),
        Ok(version) => Finding::fail(
            format!(
                "database `{shown}` was written by a newer countersign (schema {version}, this one knows {SCHEMA})"
            ),
            "run the newer version, or put back a copy that is older",
        ),
        Err(error) => Finding::fail(
            format!("database `{shown}` does not read: {error}"),
            "put back the newest copy, and start once with `--accept-restored`",
        ),
    });
    let whole: Result<String, _> = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut sql).await;
    found.push(match whole {
        Ok(word) if word == "ok" => Finding::ok("the database is whole"),
        Ok(fault) => damaged(&fault),
        Err(error) => damaged(&error.to_string()),
    });
    found
}

fn damaged(why: &str) -> Finding {
    Finding::fail(
        format!("the database is damaged: {why}"),
        "look after the disk, put back the newest copy, and start once with `--accept-restored`",
    )
}

/// Opens it to read only; the service may run meanwhile.
async fn open(path: &Path) -> Result<Sql, sqlx::Error> {
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging()
        .connect()
        .await
}

/// The head of the log that is kept elsewhere.
fn anchored(anchor: &Path) -> Finding {
    let shown = anchor.display();
    let folder = anchor.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (anchor.exists(), folder.is_dir()) {
        (true, _) => Finding::ok(format!("the head of the log is kept in `{shown}`, too")),
        (false, true) => Finding::warn(
            format!("there is no head of the log in `{shown}` yet"),
            "the service begins one; if there was one, find out who took it away",
        ),
        (false, false) => Finding::fail(
            format!(
                "the head of the log cannot be kept in `{shown}`: there is no folder `{}`",
                folder.display()
            ),
            "make the folder, or mount the disk that it is on",
        ),
    }
}
