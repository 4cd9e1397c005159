//! The approval service without HTTP: what filters may ask ([`Service::submit`], [`Service::redeem`], …) and what
//! reviewers may do ([`Service::decide`]).
//!
//! Promises: everything that changes a task is one transaction on the store and is on disk before it is answered; no
//! requester counts as a reviewer; a grant is used once, whatever arrives in parallel and whenever the process dies. It
//! does not know HTTP, and it never sees anything that is not masked.

mod anchor;
mod answered;
mod caller;
mod check;
mod decide;
mod demand;
mod device;
mod eligible;
mod fault;
mod find;
mod glass;
mod grant;
mod lease;
mod limits;
mod log;
mod observed;
mod open;
mod outcome;
mod people;
mod preference;
mod quorum;
mod redeem;
mod repeat;
mod report;
mod restore;
mod revoke;
mod rotation;
mod session;
mod sign_in;
mod signed;
mod standing;
mod status;
mod submit;
mod teams;
mod types;
mod view;
mod wait;

use std::sync::{Arc, PoisonError, RwLock};

pub(crate) use answered::{Came, Keyed};
pub use caller::{Caller, Post};
use countersign_wire::jws::JwksDocument;
pub use countersign_wire::submission::Submission;
pub use demand::Demands;
pub(crate) use device::{Answered, LIFE_MS as DEVICE_LIFE_MS, Machine, Polled};
pub use fault::{Asked, Fault, Refusal, StartError};
pub use find::{Cursor, Found, Most, SPAN_MS, Similar, Tallies, Tally, Wanted};
pub use lease::Waiter;
pub(crate) use limits::CALLS;
pub use limits::{Left, Over};
pub use outcome::{Executed, Fate, Released, Settled, Why};
pub use preference::{About, Cue, OwnSession, Preference};
pub use repeat::{StandingState, StandingUse, StandingView};
pub(crate) use report::MAX_RECORDS;
pub use restore::Restored;
pub(crate) use revoke::withdraw_signed_by;
pub use revoke::{Revoked, RevokedWhy};
pub use sign_in::Proof;
pub(crate) use sign_in::SignedIn;
pub use signed::Call;
pub use standing::Again;
pub(crate) use status::Known;
pub use types::{
    Agreed, Alike, Answer, ApprovalView, Channel, Choice, Filter, Glass, Look, OpenedSession, OutcomeView,
    Person, Progress, Question, RecordRef, Seen, Session, Status, TaskChanged, TaskView, UnderStanding,
    Verdict, Vote, VoteView,
};
pub use view::Full;

pub(crate) use crate::store::prepare;
use crate::{
    approver::page::Place,
    clock::Clock,
    config::{Config, Directory, Mode},
    deliver::{Counters, Deliveries},
    keys::Keys,
    login::provider::Providers,
    store::{Store, outbox, outbox::Dead, task, vote},
};

/// The service; cheap to clone.
#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
}

/// A service that may have ended.
#[derive(Clone)]
pub(crate) struct Weak(std::sync::Weak<Shared>);

impl Weak {
    /// The service, where it is still open.
    pub(crate) fn upgrade(&self) -> Option<Service> {
        self.0.upgrade().map(|shared| Service { shared })
    }
}

pub(crate) struct Shared {
    config: Config,
    directory: RwLock<Arc<Directory>>,
    keys: RwLock<Arc<Keys>>,
    jwks: RwLock<Arc<JwksDocument>>,
    /// The state directory, where the key files are.
    files: std::path::PathBuf,
    store: Store,
    hub: Arc<wait::Hub>,
    leases: Arc<lease::Leases>,
    nonces: caller::Nonces,
    rates: limits::Rates,
    /// How often reviewers' programs call.
    calls: limits::Rates,
    head: log::Head,
    metrics: crate::observe::Metrics,
    draining: std::sync::atomic::AtomicBool,
    clock: Arc<dyn Clock>,
    providers: Providers,
    counters: Counters,
    /// Ends when the last worker of a channel did.
    workers: tokio::sync::Mutex<tokio::sync::mpsc::Receiver<std::convert::Infallible>>,
}

/// How long telling channels may take once the service shuts down; what is cut then is told again after the next start.
const LAST_WORDS: std::time::Duration = std::time::Duration::from_secs(5);

impl Shared {
    /// The keys that sign now.
    fn keys(&self) -> Arc<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn directory(&self) -> Arc<Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Writes a record of the service's own chain, for what happens beside tasks.
pub(crate) async fn record(
    sql: &mut crate::store::Sql,
    event: &str,
    now: i64,
    members: serde_json::Value,
) -> Result<i64, Fault> {
    log::record(sql, event, now, log::object(members)).await
}

impl Service {
    /// Signs with the key that signs grants. Whoever calls it prefixes what it signs with its purpose.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        self.shared.keys().current.sign_bytes(message)
    }

    /// The configuration the service runs with.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// The public signing keys: current, next, and retired ones that may still verify something.
    pub fn jwks(&self) -> Arc<JwksDocument> {
        self.shared.jwks.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Unix milliseconds by the service's clock.
    pub fn now_ms(&self) -> i64 {
        self.shared.clock.now_ms()
    }

    /// The identity providers that say who is who.
    pub(crate) fn providers(&self) -> &Providers {
        &self.shared.providers
    }

    /// Who is in which group, by the document.
    pub fn directory(&self) -> Arc<Directory> {
        self.shared.directory()
    }

    /// Takes another directory; from now on it decides who may decide, and whose grants still count.
    pub fn replace_directory(&self, directory: Directory) {
        *self.shared.directory.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(directory);
    }

    /// The people who may log in with `--dev`: empty otherwise.
    pub fn dev_reviewers(&self) -> Vec<Person> {
        match self.shared.config.mode {
            Mode::Dev => self.directory().logins(),
            Mode::Production => Vec::new(),
        }
    }

    /// Tasks that wait for `who`: pending, not their own request, a group of theirs asked, not yet approved by them.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn waiting(&self, who: &Person) -> Result<Vec<TaskView>, Fault> {
        let filter = Filter { status: vec![Status::Pending], limit: Some(10_000) };
        let mut tasks = self.list(filter).await?;
        let mine = |vote: &VoteView| vote.person.iss == who.iss && vote.person.sub == who.sub;
        tasks.retain(|task| self.may_decide(who, task).is_ok() && !task.votes.iter().any(mine));
        Ok(tasks)
    }

    /// How many tasks wait for `who`; as [`Service::waiting`], without reading what belongs to them.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn waiting_count(&self, who: &Person) -> Result<usize, Fault> {
        let filter = Filter { status: vec![Status::Pending], limit: Some(10_000) };
        let mut sql = self.shared.store.read().acquire().await?;
        let mut rows = task::list(&mut sql, &filter, None).await?;
        rows.retain(|row| self.may(who, &row.submission, &row.submission.context.v1.quorum.groups).is_ok());
        let voted = vote::pending_of(&mut sql, &who.iss, &who.sub).await?;
        Ok(rows.iter().filter(|row| !voted.contains(&row.id)).count())
    }

    /// Tasks, newest first.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn list(&self, filter: Filter) -> Result<Vec<TaskView>, Fault> {
        self.page(filter, None).await
    }

    /// Tasks, newest first, those that come after a place in that list.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn page(&self, filter: Filter, after: Option<&Place>) -> Result<Vec<TaskView>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        let rows = task::list(&mut sql, &filter, after).await?;
        let mut views: Vec<TaskView> =
            view::load(&mut sql, rows).await?.into_iter().map(|full| full.view).collect();
        for view in &mut views {
            self.complete(view);
        }
        Ok(views)
    }

    /// Adds what is not in the store: whether anybody waits, and what the configuration demands.
    fn complete(&self, view: &mut TaskView) {
        view.waiter = self.shared.leases.waiter(&view.id, self.now_ms());
        view.demands = demand::demands(&self.shared.config.demands, &view.submission);
    }

    /// One task; `None` where there is none.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn task(&self, id: &str) -> Result<Option<TaskView>, Fault> {
        let mut view = self.full(id).await?.map(|full| full.view);
        if let Some(view) = &mut view {
            self.complete(view);
        }
        Ok(view)
    }

    /// Every change of every task, for live pages.
    pub fn changes(&self) -> tokio::sync::broadcast::Receiver<TaskChanged> {
        self.shared.hub.changes()
    }

    /// Resolves when the service shuts down; whoever holds a connection open must end it then.
    pub async fn closing(&self) {
        self.shared.hub.closing().await;
    }

    /// The same service, without keeping it open.
    pub(crate) fn weak(&self) -> Weak {
        Weak(Arc::downgrade(&self.shared))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    /// What channels could not be told and is not tried again, the latest first.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn dead_deliveries(&self) -> Result<Vec<Dead>, Fault> {
        outbox::dead(&mut *self.shared.store.read().acquire().await?, 200).await
    }

    /// Tries a delivery again that was given up; whether there was one.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be written.
    pub async fn revive_delivery(&self, id: i64) -> Result<bool, Fault> {
        let now = self.now_ms();
        let revived = self
            .shared
            .store
            .write(move |tx| Box::pin(async move { outbox::revive(&mut tx.sql, id, now).await }))
            .await?;
        if let Some(task) = self.task(revived.as_deref().unwrap_or_default()).await? {
            // Nothing of the task changed; this wakes the worker.
            self.shared.hub.publish(TaskChanged { id: task.id, status: task.status });
        }
        Ok(revived.is_some())
    }

    /// How telling goes, by channel.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn deliveries(&self) -> Result<std::collections::BTreeMap<String, Deliveries>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        self.shared.counters.read(&mut sql, self.now_ms()).await
    }

    /// What workers count.
    pub(crate) fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// Resolves when the service shuts down, without keeping it open.
    pub(crate) fn ending(&self) -> impl Future<Output = ()> + Send + 'static {
        self.shared.hub.ending()
    }

    /// Ends every long poll, now and from now on, lets channels hear what they are being told, and keeps the head of the log.
    pub async fn close(&self) {
        self.shared.hub.close();
        let mut workers = self.shared.workers.lock().await;
        if tokio::time::timeout(LAST_WORDS, workers.recv()).await.is_err() {
            tracing::warn!("a channel was still being told something; it is told again after the next start");
        }
        if let Err(fault) = self.keep_head().await {
            tracing::warn!(%fault, "the head of the audit log was not kept");
        }
    }
}
