//! The store: there, private, whole, of this version, and with room; and the keys beside it.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use super::{Finding, Setting};
use crate::{
    config::{DatabaseUrl, Encryption},
    keys::{Keys, Missing},
    service::StartError,
    store::{SCHEMA, Sql, postgres, sqlite, version},
};

impl Setting<'_> {
    /// The store, to read what the service knows.
    pub(crate) async fn store(&self) -> Result<Sql, sqlx::Error> {
        match &self.config.database {
            Some(url) => postgres::connect(url).await,
            None => sqlite::connect(&self.state.join("countersign.db"), sqlite::Mode::Read).await,
        }
    }
}

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
    found.extend(match &setting.config.database {
        None => store(&state.join("countersign.db")).await,
        Some(url) => server(url).await,
    });
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
    let mut sql = match sqlite::connect(path, sqlite::Mode::Read).await {
        Ok(sql) => sql,
        Err(error) => {
            return vec![Finding::fail(
                format!("database `{shown}` cannot be opened: {error}"),
                "run the doctor as the user that runs the service",
            )];
        }
    };
    let mut found = Vec::new();
    found.push(schema(&format!("database `{shown}`"), version(&mut sql).await));
    let whole: Result<String, _> = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut sql).await;
    found.push(match whole {
        Ok(word) if word == "ok" => Finding::ok("the database is whole"),
        Ok(fault) => damaged(&fault),
        Err(error) => damaged(&error.to_string()),
    });
    found
}

/// The same of PostgreSQL: reached, private on its way, of this version, and not lax.
async fn server(url: &DatabaseUrl) -> Vec<Finding> {
    let mut sql = match postgres::connect(url).await {
        Ok(sql) => sql,
        Err(error) => {
            return vec![Finding::fail(
                format!("database `{url}` cannot be reached: {error}"),
                "look at its address, at who may connect (`pg_hba.conf`), at the password, and at `sslmode` and `sslrootcert` in the URL",
            )];
        }
    };
    let mut found = vec![match url.encryption() {
        Encryption::Local => Finding::ok(format!("database `{url}` is on this machine")),
        Encryption::Verified => {
            Finding::ok(format!("database `{url}` is reached by TLS and proves who it is"))
        }
        Encryption::Unverified => Finding::warn(
            format!("database `{url}` is reached by TLS but does not prove who it is"),
            "say `sslmode=verify-full` in the URL, and `sslrootcert=FILE` where its authority is your own",
        ),
        Encryption::Off => Finding::warn(
            format!("what goes to database `{url}` can be read on its way"),
            "say `sslmode=verify-full` in the URL, unless the network encrypts by itself",
        ),
    }];
    found.push(match postgres::fit(&mut sql, url).await {
        Ok(()) => Finding::ok("the database server is of a version and an encoding that fit"),
        Err(StartError(why)) => Finding::fail(why, "make another database, or upgrade the server"),
    });
    found.push(schema(&format!("database `{url}`"), version(&mut sql).await));
    for (setting, bad, why) in [
        ("fsync", "off", "what is committed can be lost with the machine"),
        ("full_page_writes", "off", "a crash can damage the database"),
        ("transaction_read_only", "on", "the server is a standby, or read-only, so nothing can be decided"),
    ] {
        let said: Result<String, _> =
            sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&mut sql).await;
        match said {
            Ok(word) if word != bad => {}
            Ok(_) => found.push(Finding::fail(
                format!("database `{url}` has `{setting} = {bad}`: {why}"),
                "change it on the server, or name the primary in the URL",
            )),
            Err(error) => found.push(Finding::fail(
                format!("database `{url}` does not say its `{setting}`: {error}"),
                "let the service's user read settings",
            )),
        }
    }
    found
}

fn schema(shown: &str, version: Result<i64, sqlx::Error>) -> Finding {
    match version {
        Ok(version) if version == SCHEMA => {
            Finding::ok(format!("{shown} has schema {version}, as this version wants it"))
        }
        Ok(version) if version < SCHEMA => Finding::warn(
            format!("{shown} has schema {version}, and this version brings it to {SCHEMA}"),
            "back it up (`countersign backup`, or `pg_dump`) before you start this version: an older one does not read it afterwards",
        ),
        Ok(version) => Finding::fail(
            format!("{shown} was written by a newer countersign (schema {version}, this one knows {SCHEMA})"),
            "run the newer version, or put back a copy that is older",
        ),
        Err(error) => Finding::fail(
            format!("{shown} does not read: {error}"),
            "put back the newest copy, and start once with `--accept-restored`",
        ),
    }
}

fn damaged(why: &str) -> Finding {
    Finding::fail(
        format!("the database is damaged: {why}"),
        "look after the disk, put back the newest copy, and start once with `--accept-restored`",
    )
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
