//! Which keys sign and which are published, while the service runs.
//!
//! Promises: a key file that changes takes effect within a second, without a restart; what does not read changes nothing and is
//! said; a revoked key is not published, and the service does not start with one.

use std::{
    path::Path,
    sync::{Arc, PoisonError},
};

use countersign_wire::{
    jws::{Issuer, JwksDocument},
    names,
};

use super::{Fault, Service, StartError};
use crate::{
    keys::{Keys, Missing, SIGNING},
    store::{Store, key},
};

fn jwk(key: &Issuer) -> Result<(String, String), Fault> {
    let text = serde_json::to_string(&key.jwk()).map_err(|error| Fault::Store(error.to_string()))?;
    Ok((key.kid().to_owned(), text))
}

/// A retired key verifies for as long as anything it signed may live.
fn retired_after(now: i64) -> i64 {
    now - (names::MAX_GRANT_S + names::SKEW_S) * 1000
}

fn document(published: &[String]) -> Result<JwksDocument, Fault> {
    let keys = published.iter().map(|jwk| serde_json::from_str(jwk)).collect::<Result<_, _>>();
    Ok(JwksDocument { keys: keys.map_err(|_| Fault::Corrupt("a published key".to_owned()))? })
}

/// Notes the keys in use and returns what is to be published.
pub(super) async fn note(store: &Store, keys: &Keys, now: i64) -> Result<JwksDocument, Fault> {
    let current = jwk(&keys.current)?;
    let next = keys.next.as_ref().map(jwk).transpose()?;
    let published = store
        .write(move |tx| {
            Box::pin(async move {
                let next = next.as_ref().map(|(kid, jwk)| (kid.as_str(), jwk.as_str()));
                key::note(&mut tx.sql, (&current.0, &current.1), next, now).await?;
                key::published(&mut tx.sql, retired_after(now)).await
            })
        })
        .await?;
    document(&published)
}

/// The keys of a replica. Where others sign already, it signs with their key; one of its own, made because a file was
/// forgotten, would make grants that nobody verifies for long.
pub(super) async fn of_replica(store: &Store, state: &Path, now: i64) -> Result<Keys, StartError> {
    let broken = |fault: Fault| StartError(format!("cannot start: {fault}"));
    let ours = |foreign: &str| {
        StartError(format!(
            "the replicas of this database sign with key `{foreign}`, and state directory `{}` has another one or none; copy \
             `signing.key` there from another replica, for its owner only",
            state.display()
        ))
    };
    let rows = key::all(&mut *store.read().acquire().await.map_err(|error| broken(error.into()))?).await;
    let signs = |rows: &[key::Row]| {
        rows.iter().find(|row| row.state == "current" && row.revoked_at.is_none()).map(|row| row.kid.clone())
    };
    let known = signs(&rows.map_err(broken)?);
    let keys = match known {
        None => Keys::open(state)?,
        Some(kid) if !state.join(SIGNING).exists() => return Err(ours(&kid)),
        Some(_) => Keys::read(state, Missing::Refuse)?,
    };
    let (current, next) = (jwk(&keys.current).map_err(broken)?, keys.next.as_ref().map(jwk).transpose());
    let next = next.map_err(broken)?;
    // Looked at again in the transaction that notes it: two that start together take turns.
    let noted = store
        .write(move |tx| {
            Box::pin(async move {
                let rows = key::all(&mut tx.sql).await?;
                match signs(&rows) {
                    Some(kid) if !rows.iter().any(|row| row.kid == current.0) => Ok(Err(kid)),
                    Some(_) | None => {
                        let next = next.as_ref().map(|(kid, jwk)| (kid.as_str(), jwk.as_str()));
                        key::note(&mut tx.sql, (&current.0, &current.1), next, now).await.map(Ok)
                    }
                }
            })
        })
        .await
        .map_err(broken)?;
    noted.map(|()| keys).map_err(|kid| ours(&kid))
}

/// Whether the key that would sign may.
pub(super) async fn usable(store: &Store, keys: &Keys) -> Result<(), StartError> {
    let broken = |fault: Fault| StartError(format!("cannot start: {fault}"));
    let mut sql = store.read().acquire().await.map_err(|error| broken(error.into()))?;
    match key::standing(&mut sql, keys.current.kid()).await.map_err(broken)? {
        key::Standing::Good => Ok(()),
        key::Standing::Revoked => Err(StartError(format!(
            "signing key `{}` is revoked; make another with `countersign keys prepare` and put it in use with \
             `countersign keys rotate --now`",
            keys.current.kid()
        ))),
    }
}

impl Service {
    /// Looks at the key files and at what is revoked, and takes what changed.
    pub(super) async fn reread_keys(&self) -> Result<(), Fault> {
        let shared = &self.shared;
        let found = Keys::read(&shared.files, Missing::Refuse)
            .map_err(|StartError(why)| Fault::Store(format!("the signing keys stay as they are: {why}")))?;
        let used = shared.keys();
        let kids = |keys: &Keys| {
            (keys.current.kid().to_owned(), keys.next.as_ref().map(|next| next.kid().to_owned()))
        };
        let now = self.now_ms();
        let published = if kids(&used) == kids(&found) {
            document(&key::published(&mut *shared.store.read().acquire().await?, retired_after(now)).await?)?
        } else {
            tracing::info!(kid = found.current.kid(), "the signing keys changed");
            let published = note(&shared.store, &found, now).await?;
            *shared.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(found);
            published
        };
        *shared.jwks.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(published);
        Ok(())
    }
}
