//! Opening the service: the store, the keys, the log, and the sweeper that lets tasks expire.

use std::{
    path::Path,
    sync::{Arc, RwLock},
    time::Duration,
};

use super::{
    Fault, Filter, Restored, Service, Shared, StartError, Status, TaskChanged, caller, glass, lease::Leases,
    limits::Rates, log, outcome, report, rotation, wait::Hub,
};
use crate::{
    clock::{Clock, System},
    config::Config,
    deliver,
    keys::Keys,
    login::provider::Providers,
    store::{Heard, Store, access, person, task},
};

/// How often overdue tasks are looked for.
const SWEEP: Duration = Duration::from_millis(500);
/// After how many sweeps the head of the log is signed and kept: ten seconds.
const HEAD_EVERY: u32 = 20;
/// After how many sweeps the key files are looked at: a second.
const KEYS_EVERY: u32 = 2;
/// How long after its last poll a filter is still said to wait: longer than from one telling to the next.
const HELD: Duration = Duration::from_millis(1_500);
/// The shortest lease among replicas: several tellings may be late.
const SHORTEST: Duration = Duration::from_secs(4);
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
        Self::open_as(config, state, clock, Restored::Refuse).await
    }

    /// As [`Service::open_at`]; says what to do with a database that was put back from a copy.
    ///
    /// # Errors
    /// As [`Service::open`].
    pub async fn open_as(
        config: Config,
        state: &Path,
        clock: Arc<dyn Clock>,
        restored: Restored,
    ) -> Result<Self, StartError> {
        let lease = if config.database.is_some() { config.lease.max(SHORTEST) } else { config.lease };
        let (hub, leases) = (Arc::new(Hub::new()), Arc::new(Leases::new(lease)));
        let told = (hub.clone(), leases.clone());
        let publish = move |change: TaskChanged| {
            told.1.changed(&change.id, change.status);
            told.0.publish(change);
        };
        let told = (hub.clone(), leases.clone());
        let listener = move |said: Heard| match said {
            Heard::Changed(change) => {
                told.1.changed(&change.id, change.status);
                told.0.publish(change);
            }
            Heard::Held { .. } => told.1.told(said),
            Heard::Everything => {
                told.1.told(said);
                told.0.publish(TaskChanged::everything());
            }
        };
        let routes = config.routes.clone().at(clock.clone());
        let store = Store::open(state, config.database.as_ref(), Arc::new(publish), routes).await?;
        let now = clock.now_ms();
        let keys = if store.is_shared() {
            rotation::of_replica(&store, state, now).await?
        } else {
            Keys::open(state)?
        };
        let broken = |fault: Fault| StartError(format!("cannot start: {fault}"));
        let places = log::Places { state, elsewhere: config.anchor.as_deref() };
        let (head, behind) = log::Head::open(&store, &config.issuer, places, restored).await?;
        let jwks = rotation::note(&store, &keys, now).await.map_err(broken)?;
        rotation::usable(&store, &keys).await?;
        let nonces = match store.read().acquire().await {
            Ok(mut sql) => access::nonces(&mut sql, now).await.map_err(broken)?,
            Err(error) => return Err(broken(error.into())),
        };
        let providers = config.sign_in.as_ref().map_or(&[][..], |sign_in| &sign_in.providers);
        let providers = Providers::new(providers).map_err(StartError)?;
        let directory = RwLock::new(Arc::new(config.directory.clone()));
        let nonces = caller::Nonces::new(nonces);
        let rates = Rates::new(config.limits.submissions_per_minute);
        let calls = Rates::new(config.limits.calls_per_minute);
        let (keys, jwks) = (RwLock::new(Arc::new(keys)), RwLock::new(Arc::new(jwks)));
        let files = state.to_owned();
        let channels = config.routes.channels();
        let (alive, workers) = tokio::sync::mpsc::channel(1);
        let shared = Arc::new(Shared {
            counters: deliver::Counters::new(channels.keys()),
            workers: tokio::sync::Mutex::new(workers),
            config,
            directory,
            keys,
            jwks,
            files,
            store,
            hub,
            leases,
            nonces,
            rates,
            calls,
            metrics: crate::observe::Metrics::new(),
            draining: false.into(),
            head,
            clock,
            providers,
        });
        let service = Self { shared };
        match restored {
            Restored::Refuse => {}
            Restored::Accept => service.accept_restored(behind).await?,
        }
        started(&service.shared.store, &service.shared.config, now).await.map_err(broken)?;
        service.index().await.map_err(broken)?;
        waited_for(&service.shared.store, &service.shared.leases, now).await.map_err(broken)?;
        service.shared.store.listen(Arc::new(listener));
        sweep_from_now_on(&service.shared);
        deliver::start(&service, &channels, &alive);
        Ok(service)
    }

    /// Lets tasks expire whose time ran out; returns how many did. What was released and not heard of for too long becomes
    /// unknown. The service does so by itself twice a second.
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
                .write(move |tx| {
                    Box::pin(async move {
                        glass::overdue(tx, now).await?;
                        report::expire(tx, now).await
                    })
                })
                .await?;
            expired += some;
            if some == 0 {
                break;
            }
        }
        let after = i64::try_from(self.shared.config.outcome_after.as_millis()).unwrap_or(i64::MAX);
        let before = now.saturating_sub(after);
        loop {
            let some = self
                .shared
                .store
                .write(move |tx| Box::pin(async move { outcome::overdue(tx, before, now).await }))
                .await?;
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
        // Who is waited for elsewhere is not known while nothing is heard from there.
        if !self.shared.store.hears_all() {
            return Ok(());
        }
        let now = self.now_ms();
        for id in self.shared.leases.lapsed() {
            self.shared
                .store
                .write(move |tx| Box::pin(async move { report::lapse(tx, &id, now).await }))
                .await?;
        }
        Ok(())
    }

    /// Tells other replicas who waits here.
    async fn tell_held(&self) -> Result<(), Fault> {
        self.shared.store.held(|| self.shared.leases.held(HELD)).await
    }

    async fn forget(&self) -> Result<(), Fault> {
        let now = self.now_ms();
        self.shared
            .store
            .write(move |tx| Box::pin(async move { access::forget(&mut tx.sql, now).await }))
            .await
    }
}

/// Whoever waited before a restart, or at a replica that is gone, is taken to wait still, for as long as a lease lasts.
async fn waited_for(store: &Store, leases: &Leases, now: i64) -> Result<(), Fault> {
    let filter = Filter { status: vec![Status::Pending], limit: Some(u32::MAX) };
    for row in task::list(&mut *store.read().acquire().await?, &filter, None).await? {
        let age = Duration::from_millis(now.saturating_sub(row.created_at).max(0).unsigned_abs());
        leases.adopt(&row.id, &row.submission, age);
    }
    Ok(())
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
            let mut outcomes =
                vec![service.sweep().await.map(drop), service.lapse().await, service.tell_held().await];
            if round % KEYS_EVERY == KEYS_EVERY - 1 {
                outcomes.push(service.reread_keys().await);
            }
            if round % HEAD_EVERY == HEAD_EVERY - 1 {
                outcomes.push(service.keep_head().await);
            }
            if round % FORGET_EVERY == FORGET_EVERY - 1 {
                outcomes.push(service.forget().await);
                outcomes
                    .push(waited_for(&service.shared.store, &service.shared.leases, service.now_ms()).await);
            }
            for fault in outcomes.into_iter().filter_map(Result::err) {
                tracing::error!(%fault, "the sweeper failed and goes on");
            }
        }
    });
}
