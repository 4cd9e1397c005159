//! The approval service without HTTP: what filters may ask ([`Service::submit`], [`Service::redeem`], …) and what
//! reviewers may do ([`Service::decide`]).
//!
//! Promises: everything that changes a task is one transaction on the store and is on disk before it is answered; no
//! requester counts as a reviewer; a grant is used once, whatever arrives in parallel and whenever the process dies. It
//! does not know HTTP, and it never sees anything that is not masked.

mod anchor;
mod caller;
mod check;
mod decide;
mod eligible;
mod fault;
mod glass;
mod grant;
mod lease;
mod limits;
mod log;
mod open;
mod outcome;
mod people;
mod quorum;
mod redeem;
mod repeat;
mod report;
mod restore;
mod revoke;
mod rotation;
mod session;
mod signed;
mod standing;
mod status;
mod submit;
mod types;
mod view;
mod wait;

use std::sync::{Arc, PoisonError, RwLock};

pub use caller::{Caller, Post};
use countersign_wire::jws::JwksDocument;
pub use countersign_wire::submission::Submission;
pub use fault::{Asked, Fault, Refusal, StartError};
pub use lease::Waiter;
pub use limits::Over;
pub use outcome::{Executed, Fate, Released, Settled, Why};
pub use repeat::{StandingState, StandingUse, StandingView};
pub(crate) use report::MAX_RECORDS;
pub use restore::Restored;
pub(crate) use revoke::withdraw_signed_by;
pub use revoke::{Revoked, RevokedWhy};
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
    clock::Clock,
    config::{Config, Directory, Mode},
    keys::Keys,
    store::{Store, outbox, outbox::Dead, task},
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
    head: log::Head,
    clock: Arc<dyn Clock>,
}

impl Shared {
    /// The keys that sign now.
    fn keys(&self) -> Arc<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn directory(&self) -> Arc<Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Service {
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

    /// Who is in which group, now.
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

    /// Tasks, newest first.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn list(&self, filter: Filter) -> Result<Vec<TaskView>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        let rows = task::list(&mut sql, &filter).await?;
        let mut views: Vec<TaskView> =
            view::load(&mut sql, rows).await?.into_iter().map(|full| full.view).collect();
        let now = self.now_ms();
        for view in &mut views {
            view.waiter = self.shared.leases.waiter(&view.id, now);
        }
        Ok(views)
    }

    /// One task; `None` where there is none.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn task(&self, id: &str) -> Result<Option<TaskView>, Fault> {
        let view = self.full(id).await?.map(|full| full.view);
        Ok(view.map(|view| TaskView { waiter: self.shared.leases.waiter(id, self.now_ms()), ..view }))
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

    /// Ends every long poll, now and from now on, and keeps the head of the log.
    pub async fn close(&self) {
        self.shared.hub.close();
        if let Err(fault) = self.keep_head().await {
            tracing::warn!(%fault, "the head of the audit log was not kept");
        }
    }
}
