//! Opening the service: the store, the keys, the log, and the sweeper that lets tasks expire.

use std::{
    path::Path,
    sync::{Arc, RwLock},
    time::Duration,
};

use countersign_wire::{
    jws::{Issuer, JwksDocument},
    names,
};

use super::{
    Fault, Filter, Service, Shared, StartError, Status, TaskChanged, caller, lease::Leases, log, report,
    wait::Hub,
};
use crate::{
    clock::{Clock, System},
    config::Config,
    keys::Keys,
    store::{Store, access, key, person, task},
};

/// How often overdue tasks are looked for.
const SWEEP: Duration = Duration::from_millis(500);
/// After how many sweeps the head of the log is signed and kept: ten seconds.
const HEAD_EVERY: u32 = 20;
/// After how many sweeps old nonces and keys are forgotten: a minute.
const FORGET_EVERY: u32 = 120;

impl Service {
    /// Opens the store in `state` and gets ready to serve.
    ///
    /// # Errors
    /// One sentence for the person who started it.
    pub async fn open(config: Config, state: &Path) -> Result<Self, StartError> {
        Self::open_at(config, state, Arc::new(System)).await
    }

    /// As [`Service::open`], by another clock.
    ///
    /// # Errors
    /// As [`Service::open`].
    pub async fn open_at(config: Config, state: &Path, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let (hub, leases) = (Arc::new(Hub::new()), Arc::new(Leases::new(config.lease)));
        let told = (hub.clone(), leases.clone());
        let publish = move |change: TaskChanged| {
            told.1.changed(&change.id, change.status);
            told.0.publish(change);
        };
        let store = Store::open(state, Arc::new(publish)).await?;
        let keys = Keys::open(state)?;
        let now = clock.now_ms();
        let broken = |fault: Fault| StartError(format!("cannot start: {fault}"));
        let jwks = note_keys(&store, &keys, now).await.map_err(broken)?;
        let head = log::Head::open(&store, &config.issuer, state).await?;
        started(&store, &config, now).await.map_err(broken)?;
        waited_for(&store, &leases, now).await.map_err(broken)?;
        let nonces = match store.read().acquire().await {
            Ok(mut sql) => access::nonces(&mut sql, now).await.map_err(broken)?,
            Err(error) => return Err(broken(error.into())),
        };
        let directory = RwLock::new(Arc::new(config.directory.clone()));
        let nonces = caller::Nonces::new(nonces);
        let shared =
            Arc::new(Shared { config, directory, keys, jwks, store, hub, leases, nonces, head, clock });
        sweep_from_now_on(&shared);
        Ok(Self { shared })
    }

    /// Lets tasks expire whose time ran out; returns how many did. The service does so by itself twice a second.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be written.
    pub async fn sweep(&self) -> Result<usize, Fault> {
        let now = self.now_ms();
        let mut expired = 0;
        loop {
            let some = self
                .shared
                .store
                .write(move |tx| Box::pin(async move { report::expire(tx, now).await }))
                .await?;
            expired += some;
            if some == 0 {
                return Ok(expired);
            }
        }
    }

    /// Withdraws the tasks whose filter went silent; the service does so by itself twice a second.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be written.
    async fn lapse(&self) -> Result<(), Fault> {
        let now = self.now_ms();
        for id in self.shared.leases.lapsed() {
            self.shared
                .store
                .write(move |tx| Box::pin(async move { report::lapse(tx, &id, now).await }))
                .await?;
        }
        Ok(())
    }

    async fn forget(&self) -> Result<(), Fault> {
        let now = self.now_ms();
        self.shared
            .store
            .write(move |tx| Box::pin(async move { access::forget(&mut tx.sql, now).await }))
            .await
    }
}

/// Whoever waited before a restart is taken to wait still, for as long as a lease lasts.
async fn waited_for(store: &Store, leases: &Leases, now: i64) -> Result<(), Fault> {
    let filter = Filter { status: vec![Status::Pending], limit: Some(u32::MAX) };
    for row in task::list(&mut *store.read().acquire().await?, &filter).await? {
        let age = Duration::from_millis(now.saturating_sub(row.created_at).max(0).unsigned_abs());
        leases.open(&row.id, &row.submission, age);
    }
    Ok(())
}

fn jwk(key: &Issuer) -> Result<(String, String), Fault> {
    let text = serde_json::to_string(&key.jwk()).map_err(|error| Fault::Store(error.to_string()))?;
    Ok((key.kid().to_owned(), text))
}

async fn note_keys(store: &Store, keys: &Keys, now: i64) -> Result<JwksDocument, Fault> {
    let current = jwk(&keys.current)?;
    let next = keys.next.as_ref().map(jwk).transpose()?;
    // A retired key verifies for as long as anything it signed may live.
    let retired_after = now - (names::MAX_GRANT_S + names::SKEW_S) * 1000;
    let published = store
        .write(move |tx| {
            Box::pin(async move {
                let next = next.as_ref().map(|(kid, jwk)| (kid.as_str(), jwk.as_str()));
                key::note(&mut tx.sql, (&current.0, &current.1), next, now).await?;
                key::published(&mut tx.sql, retired_after).await
            })
        })
        .await?;
    let keys = published.iter().map(|jwk| serde_json::from_str(jwk)).collect::<Result<_, _>>();
    Ok(JwksDocument { keys: keys.map_err(|_| Fault::Corrupt("a published key".to_owned()))? })
}

async fn started(store: &Store, config: &Config, now: i64) -> Result<(), Fault> {
    let people = config.directory.people.clone();
    let members = log::object(serde_json::json!({"issuer": config.issuer}));
    store
        .write(move |tx| {
            Box::pin(async move {
                for human in &people {
                    person::link(&mut tx.sql, &human.name, &human.accounts).await?;
                }
                log::record(&mut tx.sql, "admin.started", now, members).await.map(drop)
            })
        })
        .await
}

fn sweep_from_now_on(shared: &Arc<Shared>) {
    let weak = Arc::downgrade(shared);
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(SWEEP);
        for round in (0..HEAD_EVERY * FORGET_EVERY).cycle() {
            tick.tick().await;
            let Some(shared) = weak.upgrade() else { return };
            let service = Service { shared };
            let mut outcomes = vec![service.sweep().await.map(drop), service.lapse().await];
            if round % HEAD_EVERY == HEAD_EVERY - 1 {
                outcomes.push(service.keep_head().await);
            }
            if round % FORGET_EVERY == FORGET_EVERY - 1 {
                outcomes.push(service.forget().await);
            }
            for fault in outcomes.into_iter().filter_map(Result::err) {
                tracing::error!(%fault, "the sweeper failed and goes on");
            }
        }
    });
}
