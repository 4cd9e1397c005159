//! A stand-in approval service that somebody else could have written from the protocol page: honest unless told otherwise.
//!
//! It verifies every signature, reads every submission strictly, signs grants and receipts, and writes down what the filter
//! got wrong ([`Backend::faults`]). Each answer, for each destination and step, can be replaced by a bad one.

mod book;
mod grant;
mod serve;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use countersign_wire::digest::Secret;
use countersign_wire::grant::ReceiptClaims;
use countersign_wire::jws::Issuer;
use countersign_wire::outcome::OutcomeReport;
use countersign_wire::submission::Submission;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::process::lock;
use crate::{block_on, spawn, within};

use book::Book;

pub use grant::Grant;

/// What the filter calls the service.
pub const AUTHORITY: &str = "approvals.test";
/// Who signs the grants.
pub const ISSUER: &str = "https://approvals.test";
/// Who the filter is.
pub const CLIENT: &str = "urn:countersign:pep:test";
/// The name of the key it signs its requests with.
pub const KEYID: &str = "pep-test";
/// That key, as the filter reads it from its environment.
pub const PEP_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/// The key that binds requests, which only filters know.
pub const BINDING_KEY: &str = "1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100";
/// For [`Backend::behave`]: whatever the destination, and calls that have none.
pub const ANY: &str = "";

const PATIENCE: Duration = Duration::from_secs(15);

/// The calls of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// `POST /access/v1/requests`
    Submit,
    /// `GET /access/v1/requests/{id}`
    Status,
    /// `POST /access/v1/requests/{id}/cancel`
    Cancel,
    /// `POST /access/v1/requests/{id}/context`
    Context,
    /// `POST /access/v1/evaluation`
    Redeem,
    /// `POST /access/v1/requests/{id}/outcome`
    Outcome,
    /// `POST /audit/v1/records`
    Records,
    /// `POST /access/v1/requests/watch`
    Watch,
    /// The question of the naive filter.
    Naive,
}

/// Makes a receipt from the claims and the key of an honest one.
pub type Lie = fn(&ReceiptClaims, &Issuer) -> String;

/// How a step is answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// As the protocol says.
    Honest,
    /// As the protocol says, that much later.
    Late(Duration),
    /// With these bytes.
    Bytes(u16, Vec<u8>),
    /// As the protocol says, with the value at a JSON pointer replaced.
    Altered(&'static str, Value),
    /// As the protocol says, with a receipt made of the honest one's claims and the service's key.
    Lying(Lie),
    /// Never.
    Silence,
    /// With a head and half a body, and then never again.
    Half,
    /// With that many bytes of body.
    Huge(usize),
    /// The stream is reset.
    Reset,
}

/// A call the service got.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which.
    pub step: Step,
    /// The destination it is about; empty where there is none.
    pub about: String,
    /// The path and query.
    pub target: String,
    /// The JSON body; null where there is none.
    pub body: Value,
}

/// How a task stands.
#[derive(Clone, Debug)]
pub enum State {
    /// Nobody has decided.
    Pending,
    /// A reviewer asked this.
    Question(String),
    /// Approved, by this grant.
    Approved(String),
    /// Denied.
    Denied,
    /// Nobody decided in time.
    Expired,
    /// The filter withdrew it, and why.
    Cancelled(Value),
    /// A word the protocol does not know.
    Strange(String),
}

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// What was submitted.
    pub submission: Submission,
    /// How it stands.
    pub state: State,
    /// The nonce that used the grant up.
    pub used_by: Option<String>,
    /// What became of the request.
    pub outcome: Option<OutcomeReport>,
}

impl Task {
    /// The authority the held request goes to.
    pub fn destination(&self) -> &str {
        &self.submission.context.v1.destination.authority
    }
}

/// The stand-in service.
pub struct Backend {
    address: SocketAddr,
    book: Arc<Book>,
    listening: Option<JoinHandle<()>>,
}

/// Now, in seconds since the epoch.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}

impl Backend {
    /// Listens on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub fn start() -> Result<Self> {
        Self::signing_with(&[7; 32])
    }

    /// Listens on a free port, and signs with a key of its own.
    ///
    /// # Errors
    /// When there is no port.
    pub fn signing_with(seed: &[u8; 32]) -> Result<Self> {
        let secret = Secret::from_hex(PEP_KEY).context("the test key is no key")?;
        let book = Arc::new(Book::new(Issuer::from_seed(seed), secret));
        let listener = block_on(async { Ok(TcpListener::bind("127.0.0.1:0").await?) })?;
        let address = listener.local_addr()?;
        let listening = Some(spawn(serve::listen(listener, Arc::clone(&book)))?);
        Ok(Self { address, book, listening })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its public keys, as a filter is configured with them.
    pub fn jwks(&self) -> Value {
        json!({"keys": [self.book.issuer.jwk()]})
    }

    /// Stops listening and cuts every connection.
    pub fn go_down(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
        }
        self.book.cut();
    }

    /// Listens again, on the same port. Tasks have survived.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn come_up(&mut self) -> Result<()> {
        let address = self.address;
        let listener = within(PATIENCE, "the port of the approval service", || {
            block_on(async { Ok(TcpListener::bind(address).await?) }).ok()
        })?;
        self.listening = Some(spawn(serve::listen(listener, Arc::clone(&self.book)))?);
        Ok(())
    }

    /// Answers a step about a destination so from now on.
    pub fn behave(&self, about: &str, step: Step, reply: Reply) {
        lock(&self.book.replies).insert((about.to_owned(), step), reply);
    }

    /// All tasks.
    pub fn tasks(&self) -> Vec<Task> {
        lock(&self.book.tasks).clone()
    }

    /// How many tasks there are.
    pub fn count(&self) -> usize {
        lock(&self.book.tasks).len()
    }

    /// The tasks about a destination.
    pub fn about(&self, destination: &str) -> Vec<Task> {
        lock(&self.book.tasks).iter().filter(|task| task.destination() == destination).cloned().collect()
    }

    /// The first task about a destination, waiting for it.
    ///
    /// # Errors
    /// When none came; the error lists what the filter got wrong.
    pub fn task(&self, destination: &str) -> Result<Task> {
        within(PATIENCE, &format!("a task about `{destination}`"), || {
            self.about(destination).into_iter().next()
        })
        .with_context(|| format!("the filter's faults: {:?}", self.faults()))
    }

    /// A task by its id.
    pub fn by_id(&self, id: &str) -> Option<Task> {
        lock(&self.book.tasks).iter().find(|task| task.id == id).cloned()
    }

    /// Every call about a destination that was a given step.
    pub fn asked(&self, about: &str, step: Step) -> Vec<Asked> {
        let asked = lock(&self.book.asked);
        asked
            .iter()
            .filter(|asked| asked.step == step && (about == ANY || asked.about == about))
            .cloned()
            .collect()
    }

    /// The audit records the filter sent, in the order of their arrival.
    pub fn records(&self) -> Vec<Value> {
        lock(&self.book.records).clone()
    }

    /// Where the filter broke the protocol.
    pub fn faults(&self) -> Vec<String> {
        lock(&self.book.faults).clone()
    }

    /// Approves a task as honest reviewers would.
    ///
    /// # Errors
    /// When there is no such task.
    pub fn approve(&self, task: &Task) -> Result<()> {
        self.grant(task, Grant::honest())
    }

    /// Approves a task with a grant that may be anything.
    ///
    /// # Errors
    /// When there is no such task.
    pub fn grant(&self, task: &Task, grant: Grant) -> Result<()> {
        let token = grant.issue(task, &self.book.issuer);
        self.decide(task, State::Approved(token))
    }

    /// Moves a task to a state.
    ///
    /// # Errors
    /// When there is no such task.
    pub fn decide(&self, task: &Task, state: State) -> Result<()> {
        self.book
            .change(&task.id, |task| task.state = state)
            .with_context(|| format!("no task `{}`", task.id))
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.go_down();
    }
}
