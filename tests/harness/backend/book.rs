//! What the stand-in service knows, and the protocol's answers from it.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use countersign_wire::digest::Secret;
use countersign_wire::evaluation::{Detail, Redeem};
use countersign_wire::grant::ReceiptClaims;
use countersign_wire::jws::Issuer;
use countersign_wire::names;
use countersign_wire::outcome::OutcomeReport;
use countersign_wire::record::Record;
use countersign_wire::submission::{RecordRef, Submission};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::grant::grant_id;
use super::{Asked, CLIENT, ISSUER, Reply, State, Step, Task, now};
use crate::process::lock;

/// Everything, behind one lock each.
pub(super) struct Book {
    pub(super) issuer: Issuer,
    pub(super) secret: Secret,
    pub(super) tasks: Mutex<Vec<Task>>,
    pub(super) asked: Mutex<Vec<Asked>>,
    pub(super) records: Mutex<Vec<Value>>,
    pub(super) faults: Mutex<Vec<String>>,
    pub(super) replies: Mutex<HashMap<(String, Step), Reply>>,
    nonces: Mutex<HashSet<String>>,
    /// Where each task is in the list, and what those wait for who ask about it.
    index: Mutex<HashMap<String, (usize, watch::Sender<u64>)>>,
    /// Changes with every change of any task.
    changes: watch::Sender<u64>,
    /// Changes when all connections are to end.
    cuts: watch::Sender<u64>,
    counter: AtomicU64,
}

impl Book {
    pub(super) fn new(issuer: Issuer, secret: Secret) -> Self {
        Self {
            issuer,
            secret,
            tasks: Mutex::default(),
            asked: Mutex::default(),
            records: Mutex::default(),
            faults: Mutex::default(),
            replies: Mutex::default(),
            nonces: Mutex::default(),
            index: Mutex::default(),
            changes: watch::Sender::new(0),
            cuts: watch::Sender::new(0),
            counter: AtomicU64::new(1),
        }
    }

    /// Ends all connections.
    pub(super) fn cut(&self) {
        self.cuts.send_modify(|count| *count += 1);
    }

    pub(super) fn cuts(&self) -> watch::Receiver<u64> {
        self.cuts.subscribe()
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The filter broke the protocol.
    pub(super) fn fault(&self, fault: String) {
        lock(&self.faults).push(fault);
    }

    /// A nonce that was seen before is a replay.
    pub(super) fn is_fresh(&self, nonce: &str) -> bool {
        lock(&self.nonces).insert(nonce.to_owned())
    }

    /// The answer to give to a step about a destination.
    pub(super) fn reply(&self, about: &str, step: Step) -> Reply {
        let replies = lock(&self.replies);
        let known = replies.get(&(about.to_owned(), step)).or_else(|| replies.get(&(String::new(), step)));
        known.cloned().unwrap_or(Reply::Honest)
    }

    /// Changes a task and wakes who waits for it; `None` when there is none.
    pub(super) fn change(&self, id: &str, change: impl FnOnce(&mut Task)) -> Option<()> {
        change(lock(&self.tasks).get_mut(self.place(id)?)?);
        if let Some((_, waited_for)) = lock(&self.index).get(id) {
            waited_for.send_modify(|count| *count += 1);
        }
        self.changes.send_modify(|count| *count += 1);
        Some(())
    }

    fn place(&self, id: &str) -> Option<usize> {
        lock(&self.index).get(id).map(|(place, _)| *place)
    }

    /// What changes with every change of one task.
    pub(super) fn changes_of(&self, id: &str) -> Option<watch::Receiver<u64>> {
        lock(&self.index).get(id).map(|(_, waited_for)| waited_for.subscribe())
    }

    pub(super) fn find(&self, id: &str) -> Option<Task> {
        lock(&self.tasks).get(self.place(id)?).cloned()
    }

    /// Whether there is a task of this id, and nothing left to wait for.
    pub(super) fn has_ended(&self, id: &str) -> bool {
        let Some(place) = self.place(id) else { return false };
        lock(&self.tasks).get(place).is_some_and(|task| has_ended(&task.state))
    }

    /// The task a submission joins, or a new one.
    pub(super) fn submit(&self, submission: Submission) -> Task {
        let mut tasks = lock(&self.tasks);
        let same = |task: &&Task| {
            let joinable = match task.state {
                State::Pending | State::Question(_) | State::Strange(_) | State::Denied => true,
                State::Approved(_) => task.used_by.is_none(),
                State::Expired | State::Cancelled(_) => false,
            };
            joinable
                && task.submission.subject == submission.subject
                && task.submission.context.request_digest == submission.context.request_digest
        };
        if let Some(known) = tasks.iter().find(same) {
            return known.clone();
        }
        let id = format!("arq_{:08}", self.counter.fetch_add(1, Ordering::SeqCst));
        let task = Task { id, submission, state: State::Pending, used_by: None, outcome: None };
        lock(&self.index).insert(task.id.clone(), (tasks.len(), watch::Sender::new(0)));
        tasks.push(task.clone());
        task
    }

    /// Uses a grant up, once.
    pub(super) fn redeem(&self, redeem: &Redeem) -> Value {
        let no = |detail: Detail| {
            json!({"decision": false, "context": {"reason": "approval_expired", "next_action": "request",
                names::V1: {"detail": detail}}})
        };
        let Ok(record) = Record::from_value(redeem.context.v1.record.clone(), 0) else {
            self.fault(format!("the record of a redeem is none: {}", redeem.context.v1.record));
            return no(Detail::AuditUnwritable);
        };
        if record.event() != "action.releasing" {
            self.fault(format!("a redeem came with the record `{}`", record.event()));
        }
        lock(&self.records).push(record.value());
        let mut tasks = lock(&self.tasks);
        let Some(task) = tasks.iter_mut().find(|task| grant_id(task) == redeem.context.approval.id) else {
            return no(Detail::NotApproved);
        };
        if !matches!(task.state, State::Approved(_)) {
            return no(Detail::NotApproved);
        }
        if task.submission.context.request_digest != redeem.context.request_digest {
            return no(Detail::DigestMismatch);
        }
        let nonce = &redeem.context.v1.nonce;
        if task.used_by.as_ref().is_some_and(|used_by| used_by != nonce) {
            return no(Detail::AlreadyRedeemed);
        }
        task.used_by = Some(nonce.clone());
        let receipt = self.receipt(redeem, record.name());
        json!({"decision": true, "context": {"approval": {"id": redeem.context.approval.id},
            names::V1: {"receipt": receipt}}})
    }

    fn receipt(&self, redeem: &Redeem, record: &RecordRef) -> String {
        let claims = ReceiptClaims {
            iss: ISSUER.to_owned(),
            aud: CLIENT.to_owned(),
            iat: now(),
            exp: now() + names::MAX_RECEIPT_S,
            jti: redeem.context.approval.id.clone(),
            request_digest: redeem.context.request_digest.clone(),
            nonce: redeem.context.v1.nonce.clone(),
            audit: record.clone(),
        };
        self.issuer.sign(names::RECEIPT_TYP, &claims)
    }

    /// Stores records and echoes what is stored.
    pub(super) fn store(&self, lines: &[u8]) -> Value {
        let mut accepted = Vec::new();
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match Record::read(line, 0) {
                Ok(record) => {
                    accepted.push(json!(record.name()));
                    lock(&self.records).push(record.value());
                }
                Err(fault) => self.fault(format!("{fault}: {}", String::from_utf8_lossy(line))),
            }
        }
        json!({"accepted": accepted})
    }

    /// Keeps what became of a request.
    pub(super) fn outcome(&self, id: &str, report: OutcomeReport) {
        lock(&self.records).push(report.record.clone());
        if self.change(id, |task| task.outcome = Some(report)).is_none() {
            self.fault(format!("an outcome of an unknown task `{id}`"));
        }
    }
}

/// A task as the service answers it.
pub(super) fn shown(task: &Task) -> Value {
    let mut shown = json!({"id": task.id, "status": "pending",
        "status_endpoint": format!("{ISSUER}{}/{}", names::REQUESTS_PATH, task.id),
        "links": {"ticket": format!("{ISSUER}/r/{}", task.id)},
        "display": {names::V1: {"code": task.submission.context.v1.code}}});
    let status = match &task.state {
        State::Pending => "pending",
        State::Question(question) => {
            shown["progress"] = json!({"current_step": 0, "total_steps": 1, "step_name": "needs_context"});
            shown["display"][names::V1]["question"] = json!(question);
            "pending"
        }
        State::Approved(token) => {
            shown["result"] =
                json!({"mode": "reevaluate", "approval": {"id": grant_id(task), "state": token}});
            "approved"
        }
        State::Denied => {
            shown["display"]["description"] = json!("not this one");
            "denied"
        }
        State::Expired => "expired",
        State::Cancelled(_) => "cancelled",
        State::Strange(word) => word.as_str(),
    };
    shown["status"] = json!(status);
    json!({"task": shown})
}

/// Whether there is nothing left to wait for.
pub(super) fn has_ended(state: &State) -> bool {
    match state {
        State::Pending => false,
        State::Question(_)
        | State::Approved(_)
        | State::Denied
        | State::Expired
        | State::Cancelled(_)
        | State::Strange(_) => true,
    }
}
