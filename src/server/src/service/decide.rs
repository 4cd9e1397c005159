//! Taking a reviewer's decision.
//!
//! Promises: nobody who asks decides; nobody outside the rule's groups decides; nobody decides what they did not see; the
//! first terminal state wins; the decision, its record and its grant are one transaction.

use std::sync::Arc;

use countersign_wire::{grant::Decision, parties::Entity, people::Requesters, submission::Submission};
use serde_json::{Map, json};

use super::{
    Again, Channel, Choice, Fault, Full, Person, Question, Refusal, Service, Shared, Status, TaskChanged,
    TaskView, Vote,
    grant::{self, Decided},
    log, outcome,
    quorum::{self, Verdict},
    repeat, standing,
    submit::masked,
    view,
};
use crate::{
    config::Account,
    ids,
    store::{
        Tx, person,
        task::{self, Swap},
        vote,
    },
};

/// The longest reason, in characters.
pub(super) const MAX_REASON: usize = 1_000;
/// How much of a reason the agent is told, in characters.
const TOLD: usize = 200;

impl Service {
    /// Takes a reviewer's decision or question.
    ///
    /// # Errors
    /// [`Refusal`]; a refused attempt by a requester is on record.
    pub async fn decide(
        &self,
        who: &Person,
        channel: Channel,
        id: &str,
        vote: Vote,
    ) -> Result<TaskView, Refusal> {
        self.decide_and_again(who, channel, id, vote, None).await
    }

    /// The same, and what the reviewer agrees to beyond this one request. That stands once everyone of the quorum agreed.
    ///
    /// # Errors
    /// As [`Service::decide`]; [`Refusal::OneByOne`] and [`Refusal::TooWide`], where the rule does not allow it.
    pub async fn decide_and_again(
        &self,
        who: &Person,
        channel: Channel,
        id: &str,
        vote: Vote,
        again: Option<Again>,
    ) -> Result<TaskView, Refusal> {
        match vote.reason.trim() {
            "" => return Err(Refusal::ReasonRequired),
            reason if reason.chars().count() > MAX_REASON => return Err(Refusal::ReasonTooLong),
            _ => {}
        }
        let attempt = Attempt {
            shared: self.shared.clone(),
            who: who.clone(),
            channel,
            id: id.to_owned(),
            reason: masked(vote.reason.trim()),
            vote,
            again,
            now: self.now_ms(),
        };
        let full =
            self.shared.store.write(move |tx| Box::pin(async move { attempt.run(tx).await })).await??;
        Ok(full.view)
    }

    /// Whether `who` may decide `task`, and if not why not; for greying out buttons. [`Service::decide`] checks again.
    ///
    /// # Errors
    /// Why not, as a [`Refusal`].
    pub fn may_decide(&self, who: &Person, task: &TaskView) -> Result<(), Refusal> {
        if task.status != Status::Pending {
            return Err(Refusal::NotPending { status: task.status });
        }
        self.may_act(who, task)
    }

    /// Whether `who` may settle the outcome of `task` or take its grant back, and if not why not; for what a page offers.
    /// The acts themselves check again.
    ///
    /// # Errors
    /// Why not, as a [`Refusal`].
    pub fn may_act(&self, who: &Person, task: &TaskView) -> Result<(), Refusal> {
        let accounts = [(who.sub.clone(), who.email.clone())];
        let linked = self.directory().accounts_of(&who.iss, &who.sub);
        let linked: Vec<_> = linked.into_iter().map(|account| (account.sub, account.email)).collect();
        not_a_requester(&task.submission, accounts.iter().chain(&linked))?;
        let ask = &task.submission.context.v1.quorum.groups;
        if self.directory().groups_of(&who.iss, &who.sub, ask).is_empty() {
            return Err(Refusal::NotEligible { groups: ask.clone() });
        }
        Ok(())
    }
}

pub(super) fn not_a_requester<'a>(
    submission: &Submission,
    accounts: impl IntoIterator<Item = &'a (String, Option<String>)>,
) -> Result<(), Refusal> {
    let requesters = requesters(submission);
    let asks = |(sub, email): &(String, Option<String>)| requesters.include(sub, email.as_deref());
    if accounts.into_iter().any(asks) { Err(Refusal::SelfApproval) } else { Ok(()) }
}

/// The requester set of a submission.
fn requesters(submission: &Submission) -> Requesters {
    Requesters::of(&submission.subject, &submission.client.actor)
}

/// One attempt to decide.
struct Attempt {
    shared: Arc<Shared>,
    who: Person,
    channel: Channel,
    id: String,
    /// Masked: people paste secrets too.
    reason: String,
    vote: Vote,
    again: Option<Again>,
    now: i64,
}

impl Attempt {
    async fn run(self, tx: &mut Tx) -> Result<Result<Full, Refusal>, Fault> {
        let Some(row) = task::get(&mut tx.sql, &self.id).await? else {
            return Ok(Err(Refusal::Unknown { id: self.id }));
        };
        let account =
            Account { iss: self.who.iss.clone(), sub: self.who.sub.clone(), email: self.who.email.clone() };
        let human = person::of(&mut tx.sql, &self.who.name, &account).await?;
        let groups = match self.check(tx, &row, human).await? {
            Ok(groups) => groups,
            Err(refusal) => {
                self.record_refusal(tx, &row, &refusal).await?;
                return Ok(Err(refusal));
            }
        };
        let done = match self.vote.choice {
            Choice::Ask => self.ask(tx, &row).await?,
            Choice::Approve | Choice::Deny => self.count(tx, &row, human, groups).await?,
        };
        match done {
            Swap::Lost => Ok(Err(Refusal::StaleView)),
            Swap::Done => {
                let full = view::one(&mut tx.sql, &self.id).await?;
                let full = full.ok_or_else(|| Fault::Corrupt("a task vanished".to_owned()))?;
                tx.changed(TaskChanged { id: self.id, status: full.row.status });
                Ok(Ok(full))
            }
        }
    }

    /// Every reason to refuse, the gravest first. Returns the groups the person is in.
    async fn check(
        &self,
        tx: &mut Tx,
        row: &task::Row,
        human: i64,
    ) -> Result<Result<Vec<String>, Refusal>, Fault> {
        let accounts = person::accounts(&mut tx.sql, human).await?;
        let own = (self.who.sub.clone(), self.who.email.clone());
        if let Err(refusal) = not_a_requester(&row.submission, accounts.iter().chain([&own])) {
            return Ok(Err(refusal));
        }
        let wanted = &row.submission.context.v1.quorum.groups;
        let groups = self.shared.directory().groups_of(&self.who.iss, &self.who.sub, wanted);
        if groups.is_empty() {
            return Ok(Err(Refusal::NotEligible { groups: wanted.clone() }));
        }
        if row.status != Status::Pending {
            return Ok(Err(Refusal::NotPending { status: row.status }));
        }
        if row.expires_at <= self.now {
            return Ok(Err(Refusal::NotPending { status: Status::Expired }));
        }
        if self.vote.display_digest != row.display_digest {
            return Ok(Err(Refusal::StaleView));
        }
        if self.vote.code.as_ref().is_some_and(|code| !code.trim().eq_ignore_ascii_case(&row.code)) {
            return Ok(Err(Refusal::WrongCode));
        }
        match self.vote.choice {
            Choice::Approve => {
                if let Err(refusal) = outcome::no_blind_retry(&mut tx.sql, row).await? {
                    return Ok(Err(refusal));
                }
            }
            Choice::Deny | Choice::Ask => {}
        }
        Ok(repeat::within(self.again, self.vote.choice, &row.submission).map(|()| groups))
    }

    async fn ask(&self, tx: &mut Tx, row: &task::Row) -> Result<Swap, Fault> {
        let question =
            Question { text: self.reason.clone(), asked_by: self.who.name.clone(), at_ms: self.now };
        let mut members = log::about(row);
        members.insert("approvers".to_owned(), json!([self.named()]));
        log::record(&mut tx.sql, "approval.context_asked", self.now, members).await?;
        task::ask(&mut tx.sql, row, Some(&question)).await
    }

    async fn count(
        &self,
        tx: &mut Tx,
        row: &task::Row,
        human: i64,
        groups: Vec<String>,
    ) -> Result<Swap, Fault> {
        let mine = vote::Row {
            task: row.id.clone(),
            person: human,
            who: self.who.clone(),
            groups,
            choice: self.vote.choice,
            reason: self.reason.clone(),
            channel: self.channel.as_str().to_owned(),
            at: self.now,
        };
        vote::put(&mut tx.sql, &mine).await?;
        standing::agree(tx, &mine, self.again, self.now).await?;
        if self.vote.choice == Choice::Deny && row.submission.context.v1.quorum.veto {
            return self.deny(tx, row, &mine).await;
        }
        let mut votes = vote::of(&mut tx.sql, &view::array(&[&row.id])?).await?;
        // Who has left a group since they voted no longer stands for it.
        let directory = self.shared.directory();
        for vote in &mut votes {
            vote.groups = directory.groups_of(&vote.who.iss, &vote.who.sub, &vote.groups);
        }
        let tally = quorum::tally(&votes, &row.submission);
        match tally.verdict {
            Verdict::Met => self.approve(tx, row, tally.approvers).await,
            Verdict::Missing => {
                let mut members = log::about(row);
                members.insert("decision".to_owned(), self.vote.choice.as_str().into());
                members.insert("approvers".to_owned(), json!([self.named()]));
                log::record(&mut tx.sql, "admin.vote", self.now, members).await?;
                task::bump(&mut tx.sql, &row.id).await?;
                Ok(Swap::Done)
            }
        }
    }

    async fn approve(
        &self,
        tx: &mut Tx,
        row: &task::Row,
        approvers: Vec<countersign_wire::grant::Approver>,
    ) -> Result<Swap, Fault> {
        let jti = ids::id("apr_", self.now)?;
        let iat = self.now / 1000;
        let exp = iat + row.grant_seconds;
        let decision = Decision::Approved;
        let decided = Decided { row, jti: jti.clone(), decision, approvers: approvers.clone(), iat, exp };
        let claims = grant::claims(&self.shared.config.issuer, decided);
        let state = grant::sign(&self.shared.keys().current, &claims);
        let leaf = self.record_decision(tx, row, "approved", &jti, json!(approvers)).await?;
        let grant = vote::Grant {
            jti,
            task: row.id.clone(),
            client: row.client.clone(),
            state,
            approved_at: self.now,
            approved_until: exp * 1000,
            max_uses: 1,
            used: 0,
            revoked_at: None,
            nonce: None,
            record_leaf: None,
        };
        vote::put_grant(&mut tx.sql, &grant).await?;
        standing::begin(tx, row, &approvers, self.now).await?;
        let end = task::End {
            status: Status::Approved,
            description: None,
            denial: None,
            record_leaf: Some(leaf),
            now: self.now,
        };
        task::end(&mut tx.sql, row, &end).await
    }

    async fn deny(&self, tx: &mut Tx, row: &task::Row, mine: &vote::Row) -> Result<Swap, Fault> {
        standing::denied(tx, row, (self.who.name.clone(), json!(self.named())), self.now).await?;
        let approvers =
            vec![quorum::approver(mine, mine.groups.first().map(String::as_str).unwrap_or_default())];
        let jti = ids::id("apr_", self.now)?;
        let iat = self.now / 1000;
        let (decision, exp) = (Decision::Denied, iat + row.grant_seconds);
        let decided = Decided { row, jti: jti.clone(), decision, approvers: approvers.clone(), iat, exp };
        let denial =
            grant::sign(&self.shared.keys().current, &grant::claims(&self.shared.config.issuer, decided));
        let leaf = self.record_decision(tx, row, "denied", &jti, json!(approvers)).await?;
        let told = format!("denied by a reviewer: {}", one_line(&self.reason));
        let end = task::End {
            status: Status::Denied,
            description: Some(&told),
            denial: Some(&denial),
            record_leaf: Some(leaf),
            now: self.now,
        };
        task::end(&mut tx.sql, row, &end).await
    }

    async fn record_decision(
        &self,
        tx: &mut Tx,
        row: &task::Row,
        decision: &str,
        jti: &str,
        approvers: serde_json::Value,
    ) -> Result<i64, Fault> {
        let quorum = &row.submission.context.v1.quorum;
        let mut members = log::about(row);
        members.insert("jti".to_owned(), jti.into());
        members.insert("decision".to_owned(), decision.into());
        members.insert("approvers".to_owned(), approvers);
        members.insert("quorum".to_owned(), json!({"required": quorum.required, "groups": quorum.groups}));
        members.insert("reason".to_owned(), self.reason.as_str().into());
        log::record(&mut tx.sql, "decision.recorded", self.now, members).await
    }

    /// Attempts that say something about a person are on record; a lost race or a stale page is not.
    async fn record_refusal(&self, tx: &mut Tx, row: &task::Row, refusal: &Refusal) -> Result<(), Fault> {
        let code = match refusal {
            Refusal::SelfApproval => "self-approval",
            Refusal::NotEligible { .. } => "not-eligible",
            Refusal::OutcomeUnknown { .. } => "outcome-unknown",
            Refusal::StaleView
            | Refusal::OutcomeKnown
            | Refusal::NothingToRevoke
            | Refusal::WrongCode
            | Refusal::NotPending { .. }
            | Refusal::Unknown { .. }
            | Refusal::ReasonRequired
            | Refusal::ReasonTooLong
            | Refusal::OneByOne
            | Refusal::TooWide { .. }
            | Refusal::Fault(_) => return Ok(()),
        };
        let mut members = log::about(row);
        members.insert("reason_code".to_owned(), code.into());
        members.insert("decision".to_owned(), self.vote.choice.as_str().into());
        members.insert("approvers".to_owned(), json!([self.named()]));
        log::record(&mut tx.sql, "verify.failed", self.now, members).await.map(drop)
    }

    fn named(&self) -> Map<String, serde_json::Value> {
        log::object(json!({
            "iss": self.who.iss, "sub": self.who.sub, "channel": self.channel.as_str(), "reason": self.reason,
        }))
    }
}

/// A reason as an agent may read it: one line, no control or direction characters, not long.
fn one_line(reason: &str) -> String {
    let plain = |c: char| {
        let steers = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if c.is_control() || steers { ' ' } else { c }
    };
    reason.chars().take(TOLD).map(plain).collect()
}

/// Whether the people of a grant are still in the groups they stood for.
pub(super) fn still_eligible(shared: &Shared, approvers: &[countersign_wire::grant::Approver]) -> Standing {
    let directory = shared.directory();
    let stands = |entry: &countersign_wire::grant::Approver| {
        !directory.groups_of(&entry.iss, &entry.sub, std::slice::from_ref(&entry.group)).is_empty()
    };
    if approvers.iter().all(stands) { Standing::Good } else { Standing::Gone }
}

/// Whether a reviewer's standing holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It does.
    Good,
    /// Somebody left their group.
    Gone,
}

/// Whether two entities are the same in what is bound.
pub(super) fn same_entity(one: &Entity, other: &Entity) -> bool {
    one.kind == other.kind && one.id == other.id
}
