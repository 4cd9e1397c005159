//! Taking a reviewer's decision.
//!
//! Promises: nobody who asks decides; nobody outside the rule's groups decides; nobody decides what they did not see; the
//! first terminal state wins; the decision, its record and its grant are one transaction. Who somebody is, and whether that
//! still holds, is the business of [`super::people`].

use std::sync::Arc;

use countersign_wire::{
    grant::{BreakGlass, Decision},
    parties::Entity,
    submission::Submission,
};
use serde_json::{Map, json};

use super::{
    Again, Channel, Choice, Fault, Full, Person, Proof, Question, Refusal, Service, Shared, Status,
    TaskChanged, TaskView, Vote, demand,
    eligible::{named, reason},
    glass,
    grant::{self, Decided},
    log, outcome, people,
    quorum::{self, Verdict},
    repeat, sign_in, standing, view,
};
use crate::{
    ids,
    store::{
        Tx,
        task::{self, Swap},
        vote,
    },
};

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
        self.decide_in(who, channel, id, vote, again, &Proof::default()).await
    }

    /// The same by a session that knows how and when its person signed in: what needs a fresh sign-in is decided by no other.
    ///
    /// # Errors
    /// As [`Service::decide_and_again`]; [`Refusal::SignInAgain`], where that is too old or of another kind.
    pub async fn decide_in(
        &self,
        who: &Person,
        channel: Channel,
        id: &str,
        vote: Vote,
        again: Option<Again>,
        proof: &Proof,
    ) -> Result<TaskView, Refusal> {
        let said = vote.clone();
        let attempt = Attempt {
            shared: self.shared.clone(),
            who: who.clone(),
            channel,
            id: id.to_owned(),
            reason: reason(&vote.reason)?,
            vote,
            again,
            proof: proof.clone(),
            now: self.now_ms(),
        };
        let full =
            self.shared.store.write(move |tx| Box::pin(async move { attempt.run(tx).await })).await??;
        self.count_decision(channel, &said, &full.view);
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

    /// Whether `who` may break the glass on `task`, and if not why not; for pages. [`Service::decide`] checks again.
    ///
    /// # Errors
    /// Why not, as a [`Refusal`].
    pub fn may_break_glass(&self, who: &Person, task: &TaskView) -> Result<(), Refusal> {
        if task.status != Status::Pending {
            return Err(Refusal::NotPending { status: task.status });
        }
        let groups = &task.submission.context.v1.quorum.break_glass;
        if groups.is_empty() {
            return Err(Refusal::NoBreakGlass);
        }
        self.may(who, &task.submission, groups)
    }

    /// Whether `who` may settle the outcome of `task` or take its grant back, and if not why not; for what a page offers.
    /// The acts themselves check again.
    ///
    /// # Errors
    /// Why not, as a [`Refusal`].
    pub fn may_act(&self, who: &Person, task: &TaskView) -> Result<(), Refusal> {
        self.may(who, &task.submission, &task.submission.context.v1.quorum.groups)
    }

    pub(super) fn may(
        &self,
        who: &Person,
        submission: &Submission,
        groups: &[String],
    ) -> Result<(), Refusal> {
        let accounts = [(who.sub.clone(), who.email.clone())];
        let linked = self.directory().accounts_of(&who.iss, &who.sub);
        let linked: Vec<_> = linked.into_iter().map(|account| (account.sub, account.email)).collect();
        people::unbarred(submission, accounts.iter().chain(&linked))?;
        if self.directory().groups_for(who, groups).is_empty() {
            return Err(Refusal::NotEligible { groups: groups.to_vec() });
        }
        Ok(())
    }
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
    proof: Proof,
    now: i64,
}

impl Attempt {
    async fn run(self, tx: &mut Tx) -> Result<Result<Full, Refusal>, Fault> {
        let Some(row) = task::get(&mut tx.sql, &self.id).await? else {
            return Ok(Err(Refusal::Unknown { id: self.id }));
        };
        let human = people::human(&mut tx.sql, &self.shared.directory(), &self.who).await?;
        let groups = match self.check(tx, &row, human).await? {
            Ok(groups) => groups,
            Err(refusal) => {
                self.record_refusal(tx, &row, &refusal).await?;
                return Ok(Err(refusal));
            }
        };
        let done = match self.vote.choice {
            Choice::Ask => self.ask(tx, &row).await?,
            Choice::Approve | Choice::Deny | Choice::BreakGlass => {
                self.count(tx, &row, human, groups).await?
            }
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
        if let Err(refusal) = people::may_decide(&mut tx.sql, row, human, &self.who).await? {
            return Ok(Err(refusal));
        }
        let ask = &row.submission.context.v1.quorum;
        let wanted = match self.vote.choice {
            Choice::Approve | Choice::Deny | Choice::Ask => &ask.groups,
            Choice::BreakGlass if ask.break_glass.is_empty() => return Ok(Err(Refusal::NoBreakGlass)),
            Choice::BreakGlass => &ask.break_glass,
        };
        let account = (self.who.iss.as_str(), self.who.sub.as_str());
        let groups =
            sign_in::groups_of(&mut tx.sql, &self.shared.directory(), account, wanted, self.now).await?;
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
            Choice::Approve | Choice::BreakGlass => {
                if let Err(refusal) = sign_in::needed(&self.shared, &row.submission, &self.proof, self.now) {
                    return Ok(Err(refusal));
                }
                let demands = demand::demands(&self.shared.config.demands, &row.submission);
                if let Err(refusal) = demand::met(demands, &row.submission, &self.vote) {
                    return Ok(Err(refusal));
                }
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
        match self.vote.choice {
            Choice::Deny if row.submission.context.v1.quorum.veto => return self.deny(tx, row, &mine).await,
            Choice::BreakGlass => {
                let group = mine.groups.first().map(String::as_str).unwrap_or_default();
                return self.approve(tx, row, vec![quorum::approver(&mine, group)], How::Alone(&mine)).await;
            }
            Choice::Approve | Choice::Deny | Choice::Ask => {}
        }
        let votes = vote::of(&mut tx.sql, &view::array(&[&row.id])?).await?;
        let votes = people::of_votes(&mut tx.sql, &self.shared.directory(), row, votes, self.now).await?;
        let tally = quorum::tally(&votes, &row.submission);
        match tally.verdict {
            Verdict::Met => self.approve(tx, row, tally.approvers, How::Together).await,
            Verdict::Missing => {
                let mut members = log::about(row);
                members.insert("decision".to_owned(), self.vote.choice.as_str().into());
                members.insert("approvers".to_owned(), json!([self.named()]));
                self.prove(&mut members);
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
        how: How<'_>,
    ) -> Result<Swap, Fault> {
        let break_glass = match how {
            How::Together => None,
            How::Alone(_) => Some(BreakGlass { review_by: glass::review_by(self.now) / 1000 }),
        };
        let jti = ids::id("apr_", self.now)?;
        let iat = self.now / 1000;
        let exp = iat + row.grant_seconds;
        let decision = Decision::Approved;
        let decided =
            Decided { row, jti: jti.clone(), decision, approvers: approvers.clone(), iat, exp, break_glass };
        let claims = grant::claims(&self.shared.config.issuer, decided);
        let state = grant::sign(&self.shared.keys().current, &claims);
        let leaf = self.record_decision(tx, row, "approved", &jti, json!(approvers), break_glass).await?;
        if let How::Alone(mine) = how {
            glass::note(tx, row, mine, &jti).await?;
        }
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
        let decided = Decided {
            row,
            jti: jti.clone(),
            decision,
            approvers: approvers.clone(),
            iat,
            exp,
            break_glass: None,
        };
        let denial =
            grant::sign(&self.shared.keys().current, &grant::claims(&self.shared.config.issuer, decided));
        let leaf = self.record_decision(tx, row, "denied", &jti, json!(approvers), None).await?;
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
        break_glass: Option<BreakGlass>,
    ) -> Result<i64, Fault> {
        let quorum = &row.submission.context.v1.quorum;
        let mut members = log::about(row);
        members.insert("jti".to_owned(), jti.into());
        members.insert("decision".to_owned(), decision.into());
        members.insert("approvers".to_owned(), approvers);
        let mut wanted = log::object(json!({"required": quorum.required, "groups": quorum.groups}));
        if !quorum.ways.is_empty() {
            wanted.insert("ways".to_owned(), json!(quorum.ways));
        }
        members.insert("quorum".to_owned(), wanted.into());
        members.extend(break_glass.map(|broken| ("break_glass".to_owned(), json!(broken))));
        members.insert("reason".to_owned(), self.reason.as_str().into());
        self.prove(&mut members);
        log::record(&mut tx.sql, "decision.recorded", self.now, members).await
    }

    /// Attempts that say something about a person are on record; a lost race or a stale page is not.
    async fn record_refusal(&self, tx: &mut Tx, row: &task::Row, refusal: &Refusal) -> Result<(), Fault> {
        let Some(code) = refusal.recorded_as() else { return Ok(()) };
        let mut members = log::about(row);
        members.insert("reason_code".to_owned(), code.into());
        members.insert("decision".to_owned(), self.vote.choice.as_str().into());
        members.insert("approvers".to_owned(), json!([self.named()]));
        log::record(&mut tx.sql, "verify.failed", self.now, members).await.map(drop)
    }

    /// How and when whoever decides was asked who they are, where that is known.
    fn prove(&self, members: &mut Map<String, serde_json::Value>) {
        let proof = self.proof.members();
        if !proof.is_empty() {
            members.insert("sign_in".to_owned(), proof.into());
        }
    }

    fn named(&self) -> Map<String, serde_json::Value> {
        named(&self.who, self.channel.as_str(), &self.reason)
    }
}

/// How it came to be enough.
#[derive(Clone, Copy)]
enum How<'v> {
    /// The rule's people agreed.
    Together,
    /// One person broke the glass.
    Alone(&'v vote::Row),
}

/// A reason as an agent may read it: one line, no control or direction characters, not long.
fn one_line(reason: &str) -> String {
    let plain = |c: char| {
        let steers = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if c.is_control() || steers { ' ' } else { c }
    };
    reason.chars().take(TOLD).map(plain).collect()
}

/// Whether two entities are the same in what is bound.
pub(super) fn same_entity(one: &Entity, other: &Entity) -> bool {
    one.kind == other.kind && one.id == other.id
}
