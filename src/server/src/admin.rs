//! What an operator does on the machine where the state is, beside a running service or without one: signing keys, backups.
//!
//! Promises: nothing here needs the service to stop; a revocation holds from its commit on, and what it takes back is on record;
//! a backup is one consistent database. Whoever may read the state directory may do all of this, and nobody else.

use std::{fs, os::unix::fs::OpenOptionsExt as _, path::Path, time::Duration};

use crate::{
    config::DatabaseUrl,
    keys::{Keys, Missing, NEXT, SIGNING, kid, secret_file},
    service::{Fault, StartError, withdraw_signed_by},
    store::{Sql, Tx, key, postgres, revoke, sqlite},
};
use countersign_wire::jws::{Issuer, Jwk};

/// How long a new key is published before it signs: every filter must have learnt of it by then.
pub const OVERLAP: Duration = Duration::from_hours(24);

/// A signing key, as an operator sees it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name.
    pub kid: String,
    /// `current`, `next`, `retired` or `revoked`.
    pub state: String,
    /// Since when, Unix milliseconds.
    pub since_ms: i64,
}

/// Whether to wait until every filter can know a new key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Refuse before [`OVERLAP`] is over.
    Overlap,
    /// At once: filters that do not know the key refuse its grants.
    None,
}

fn broken(fault: &Fault) -> StartError {
    StartError(fault.to_string())
}

/// Where a service keeps its store and its keys.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    /// The state directory, where the keys are; the store too, unless it is elsewhere.
    pub state: &'p Path,
    /// The PostgreSQL database.
    pub database: Option<&'p DatabaseUrl>,
}

impl<'p, P: AsRef<Path> + ?Sized> From<&'p P> for Place<'p> {
    fn from(state: &'p P) -> Self {
        Self { state: state.as_ref(), database: None }
    }
}

impl Place<'_> {
    async fn open(&self) -> Result<Sql, StartError> {
        if let Some(url) = self.database {
            let opened = postgres::connect(url).await;
            return opened.map_err(|error| StartError(format!("cannot open database `{url}`: {error}")));
        }
        let path = self.state.join("countersign.db");
        let opened = sqlite::connect(&path, sqlite::Mode::Write).await;
        opened.map_err(|error| StartError(format!("cannot open database `{}`: {error}", path.display())))
    }
}

/// The signing keys of a state directory.
///
/// # Errors
/// A sentence, where the state cannot be read.
pub async fn keys<'p>(at: impl Into<Place<'p>>) -> Result<Vec<Listed>, StartError> {
    let mut sql = at.into().open().await?;
    let rows = key::all(&mut sql).await.map_err(|fault| broken(&fault))?;
    let listed = |row: key::Row| match row.revoked_at {
        Some(since_ms) => Listed { kid: row.kid, state: "revoked".to_owned(), since_ms },
        None => Listed { kid: row.kid, state: row.state, since_ms: row.since },
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// Makes the next signing key, which is published from now on; returns it as filters must know it.
///
/// # Errors
/// A sentence, where there is one already or it cannot be written.
pub fn prepare(state: &Path) -> Result<Jwk, StartError> {
    let path = state.join(NEXT);
    if path.exists() {
        return Err(StartError(format!(
            "there is a next key already, in `{}`; put it in use with `countersign keys rotate`, or remove it",
            path.display()
        )));
    }
    Ok(Issuer::from_seed(&secret_file(&path, Missing::Make)?).jwk())
}

/// Lets the next key sign; the one that signed is published until nothing it signed can be valid any more. Returns the name
/// of the key that signs now.
///
/// # Errors
/// A sentence, where there is no next key, or where it is too young at `now_ms` and `patience` says to wait.
pub async fn rotate<'p>(
    at: impl Into<Place<'p>>,
    patience: Patience,
    now_ms: i64,
) -> Result<String, StartError> {
    let at = at.into();
    let state = at.state;
    let keys = Keys::read(state, Missing::Refuse)?;
    let Some(next) = keys.next else {
        return Err(StartError("there is no next key; make one with `countersign keys prepare`".to_owned()));
    };
    match patience {
        Patience::None => {}
        Patience::Overlap => {
            let rows = key::all(&mut at.open().await?).await.map_err(|fault| broken(&fault))?;
            let known = rows.iter().find(|row| row.kid == next.kid() && row.state == "next");
            let overlap = i64::try_from(OVERLAP.as_millis()).unwrap_or(i64::MAX);
            if known.is_none_or(|row| now_ms - row.since < overlap) {
                return Err(StartError(format!(
                    "key `{}` is not published for 24 hours yet, so filters may not know it; wait, or say `--now` once every \
                     filter's configuration has it",
                    next.kid()
                )));
            }
        }
    }
    promote(state)?;
    Ok(next.kid().to_owned())
}

fn promote(state: &Path) -> Result<(), StartError> {
    fs::rename(state.join(NEXT), state.join(SIGNING))
        .and_then(|()| fs::File::open(state)?.sync_all())
        .map_err(|error| StartError(format!("cannot rename `{NEXT}` to `{SIGNING}`: {error}")))
}

/// What a revocation did.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// How many unused grants it took back.
    pub grants: usize,
    /// The key that signs from now on, where the revoked one did.
    pub signs_now: Option<Jwk>,
}

/// Revokes a signing key: its unused grants are taken back, no redeem believes it any more, and it is not published. Where it
/// signed, the next key takes its place, or a new one.
///
/// # Errors
/// A sentence, where there is no such key or something cannot be written.
pub async fn revoke_key<'p>(
    at: impl Into<Place<'p>>,
    named: &str,
    now_ms: i64,
) -> Result<Revocation, StartError> {
    let at = at.into();
    let state = at.state;
    let mut sql = at.open().await?;
    let rows = key::all(&mut sql).await.map_err(|fault| broken(&fault))?;
    if !rows.iter().any(|row| row.kid == named) {
        return Err(StartError(format!(
            "there is no signing key `{named}`; `countersign keys list` names them"
        )));
    }
    let grants = take_back(sql, named, now_ms).await.map_err(|fault| broken(&fault))?;
    // The files follow: until then the service may sign with the key, but nothing it signs is redeemed.
    let keys = Keys::read(state, Missing::Refuse)?;
    let next = keys.next.as_ref().map(|next| next.kid().to_owned());
    if next.as_deref() == Some(named) {
        fs::remove_file(state.join(NEXT))
            .map_err(|error| StartError(format!("cannot remove `{NEXT}`: {error}")))?;
    }
    if keys.current.kid() != named {
        return Ok(Revocation { grants, signs_now: None });
    }
    let seed = match next {
        Some(_) => secret_file(&state.join(NEXT), Missing::Refuse)?,
        None => secret_file(&state.join(NEXT), Missing::Make)?,
    };
    promote(state)?;
    Ok(Revocation { grants, signs_now: Some(Issuer::from_seed(&seed).jwk()) })
}

async fn take_back(sql: Sql, named: &str, now: i64) -> Result<usize, Fault> {
    let mut tx = Tx::alone(sql).await?;
    key::revoke(&mut tx.sql, named, now).await?;
    let live = revoke::live(&mut tx.sql, now).await?;
    let signed: Vec<_> =
        live.into_iter().filter(|grant| kid(&grant.state).as_deref() == Some(named)).collect();
    withdraw_signed_by(&mut tx, named, &signed, now).await?;
    tx.commit().await?;
    Ok(signed.len())
}

/// Writes one consistent copy of the database to `to`, which must not exist; the service may run meanwhile.
///
/// # Errors
/// A sentence, where it cannot be written.
pub async fn backup<'p>(at: impl Into<Place<'p>>, to: &Path) -> Result<(), StartError> {
    let at = at.into();
    if at.database.is_some() {
        return Err(StartError(
            "a PostgreSQL database is backed up by `pg_dump` or by its server, not by `countersign backup`; keep a copy of the state \
             directory with it, for the keys".to_owned(),
        ));
    }
    let failed =
        |error: &dyn std::fmt::Display| StartError(format!("cannot back up to `{}`: {error}", to.display()));
    let mut sql = at.open().await?;
    // Made first, and for its owner only: what is in it is nobody else's business.
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .map_err(|error| failed(&error))?;
    let name = to.to_str().ok_or_else(|| failed(&"its name is not UTF-8"))?;
    sqlx::query("VACUUM INTO $1").bind(name).execute(&mut sql).await.map_err(|error| failed(&error))?;
    fs::File::open(to).and_then(|file| file.sync_all()).map_err(|error| failed(&error))
}
