//! The approval service without HTTP.

mod fault;
mod types;

pub use fault::{Fault, Refusal, StartError};
pub use types::{
    Answer, ApprovalView, Channel, Choice, Filter, OpenedSession, OutcomeView, Person, Progress, Question, RecordRef, Session,
    Status, TaskChanged, TaskView, Vote, VoteView,
};

/// Becomes `countersign_wire::submission::Submission` as soon as that stands.
pub type Submission = serde_json::Value;

/// The service; cheap to clone.
#[derive(Clone)]
pub struct Service {
    changes: tokio::sync::broadcast::Sender<TaskChanged>,
}

impl Service {
    /// Opens the store in `state` and gets ready to serve.
    pub async fn open(_config: crate::config::Config, _state: &std::path::Path) -> Result<Self, StartError> {
        Ok(Self { changes: tokio::sync::broadcast::channel(1024).0 })
    }

    /// The configuration the service runs with.
    pub fn config(&self) -> &crate::config::Config {
        unimplemented!()
    }

    /// The public signing keys as a JWK set, for the ready line.
    pub fn jwks(&self) -> serde_json::Value {
        serde_json::json!({"keys": []})
    }

    /// Unix milliseconds by the service's clock.
    pub fn now_ms(&self) -> i64 {
        0
    }

    /// Tasks that wait for `who`: pending, not their own request, a group of theirs still wanted, not yet voted on.
    pub async fn waiting(&self, _who: &Person) -> Result<Vec<TaskView>, Fault> {
        Err(Fault::Closing)
    }

    /// Tasks, newest first.
    pub async fn list(&self, _filter: Filter) -> Result<Vec<TaskView>, Fault> {
        Err(Fault::Closing)
    }

    /// One task; `None` where there is none.
    pub async fn task(&self, _id: &str) -> Result<Option<TaskView>, Fault> {
        Err(Fault::Closing)
    }

    /// Takes a reviewer's decision or question.
    pub async fn decide(&self, _who: &Person, _channel: Channel, _id: &str, _vote: Vote) -> Result<TaskView, Refusal> {
        Err(Refusal::ReasonRequired)
    }

    /// Whether `who` may decide `task`, and if not why not; for greying out buttons. [`Service::decide`] checks again.
    pub fn may_decide(&self, _who: &Person, _task: &TaskView) -> Result<(), Refusal> {
        Err(Refusal::ReasonRequired)
    }

    /// Every change of every task, for live pages.
    pub fn changes(&self) -> tokio::sync::broadcast::Receiver<TaskChanged> {
        self.changes.subscribe()
    }

    /// Resolves when the service shuts down; whoever holds a connection open must end it then.
    pub async fn closing(&self) {}

    /// The people who may log in with `--dev`: empty otherwise.
    pub fn dev_reviewers(&self) -> Vec<Person> {
        Vec::new()
    }

    /// Opens a human session (8 h, 30 min idle) and records the login.
    pub async fn open_session(&self, _who: &Person, _channel: Channel) -> Result<OpenedSession, Fault> {
        Err(Fault::Closing)
    }

    /// The session behind a token, if it still lives; counts as activity.
    pub async fn session(&self, _token: &str) -> Result<Option<Session>, Fault> {
        Err(Fault::Closing)
    }

    /// Ends a session.
    pub async fn close_session(&self, _token: &str) -> Result<(), Fault> {
        Err(Fault::Closing)
    }
}
