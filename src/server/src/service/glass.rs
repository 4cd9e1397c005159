//! Breaking the glass: in an emergency one person decides alone, where the rule names a group that may.
//!
//! Promises: it is off unless the rule allows it; it is not for those who ask; it is an action of its own in the audit log,
//! an error in the service's own log, and an entry for every other reviewer until a second human has confirmed or contested
//! it. A look that is later than a day is noted as such. It opens nothing that the filter's own policy does not open.

use std::sync::Arc;

use serde_json::json;

use super::{
    Channel, Fault, Glass, Look, Person, Refusal, Revoked, RevokedWhy, Seen, Service, Shared, Status,
    TaskChanged, TaskView, Verdict,
    eligible::{named, reason},
    log, people, revoke, sign_in, view,
};
use crate::store::{
    Tx,
    glass::{self, Looked},
    task, vote,
};

/// How long a second human has.
const LOOK_MS: i64 = 24 * 60 * 60 * 1000;

/// By when a glass broken now must have been looked at.
pub(super) fn review_by(now: i64) -> i64 {
    now + LOOK_MS
}

/// Keeps, records and reports that `mine` is a decision by one person alone.
pub(super) async fn note(tx: &mut Tx, row: &task::Row, mine: &vote::Row, jti: &str) -> Result<(), Fault> {
    let glass = Glass {
        by: Person { groups: mine.groups.clone(), ..mine.who.clone() },
        reason: mine.reason.clone(),
        at_ms: mine.at,
        review_by_ms: review_by(mine.at),
        overdue_at_ms: None,
        look: None,
    };
    let mut members = log::about(row);
    members.insert("jti".to_owned(), jti.into());
    members.insert("reason".to_owned(), mine.reason.as_str().into());
    members.insert("review_by".to_owned(), countersign_wire::clock::rfc3339_s(glass.review_by_ms).into());
    members.insert("approvers".to_owned(), json!([named(&mine.who, &mine.channel, &mine.reason)]));
    log::record(&mut tx.sql, "admin.break_glass", mine.at, members).await?;
    tracing::error!(
        task = %row.id, rule = %row.submission.context.v1.policy.rule, iss = %mine.who.iss, sub = %mine.who.sub,
        "somebody broke the glass; a second human must look at it within a day"
    );
    glass::put(&mut tx.sql, &glass::Row { task: row.id.clone(), person: mine.person, glass }).await
}

/// Notes, records and reports the second looks that are late; returns how many.
pub(super) async fn overdue(tx: &mut Tx, now: i64) -> Result<usize, Fault> {
    let late = glass::note_overdue(&mut tx.sql, now).await?;
    for id in &late {
        let Some(row) = task::get(&mut tx.sql, id).await? else { continue };
        log::record(&mut tx.sql, "admin.break_glass_overdue", now, log::about(&row)).await?;
        task::bump(&mut tx.sql, id).await?;
        tracing::error!(task = %id, "nobody has looked at a broken glass within a day");
        tx.changed(TaskChanged { id: id.clone(), status: row.status });
    }
    Ok(late.len())
}

/// A second look as it arrives.
struct Attempt {
    shared: Arc<Shared>,
    who: Person,
    channel: Channel,
    id: String,
    verdict: Verdict,
    reason: String,
    display_digest: String,
    now: i64,
}

impl Service {
    /// Takes a second human's look at a broken glass. The first one stands. Contesting takes back a grant that was not used.
    ///
    /// # Errors
    /// [`Refusal`]; an attempt by whoever broke it, or by a requester, is on record.
    pub async fn look_again(
        &self,
        who: &Person,
        channel: Channel,
        id: &str,
        seen: Seen,
    ) -> Result<TaskView, Refusal> {
        let attempt = Attempt {
            shared: self.shared.clone(),
            who: who.clone(),
            channel,
            id: id.to_owned(),
            verdict: seen.verdict,
            reason: reason(&seen.reason)?,
            display_digest: seen.display_digest,
            now: self.now_ms(),
        };
        self.shared.store.write(move |tx| Box::pin(async move { attempt.run(tx).await })).await?
    }

    /// Whether `who` may look at a broken glass, and if not why not; for pages. [`Service::look_again`] checks again.
    ///
    /// # Errors
    /// Why not, as a [`Refusal`].
    pub fn may_look_again(&self, who: &Person, task: &TaskView) -> Result<(), Refusal> {
        let Some(glass) = task.glass.as_ref().filter(|glass| glass.look.is_none()) else {
            return Err(Refusal::NothingToLookAt);
        };
        let linked = self.directory().accounts_of(&who.iss, &who.sub);
        let same = |iss: &str, sub: &str| glass.by.iss == iss && glass.by.sub == sub;
        if same(&who.iss, &who.sub) || linked.iter().any(|account| same(&account.iss, &account.sub)) {
            return Err(Refusal::SecondHuman);
        }
        let own = [(who.sub.clone(), who.email.clone())];
        let linked: Vec<_> = linked.into_iter().map(|account| (account.sub, account.email)).collect();
        people::unbarred(&task.submission, own.iter().chain(&linked))?;
        let wanted = lookers(&task.submission);
        if self.directory().groups_for(who, &wanted).is_empty() {
            return Err(Refusal::NotEligible { groups: wanted });
        }
        Ok(())
    }

    /// Broken glasses that wait for a second look, those that `who` may look at, the most urgent first.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn to_look_at(&self, who: &Person) -> Result<Vec<TaskView>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        let mut rows = Vec::new();
        for id in glass::open(&mut sql).await? {
            rows.extend(task::get(&mut sql, &id).await?);
        }
        let mut tasks: Vec<TaskView> =
            view::load(&mut sql, rows).await?.into_iter().map(|full| full.view).collect();
        tasks.retain(|task| self.may_look_again(who, task).is_ok());
        Ok(tasks)
    }
}

/// The groups of which the second human is: those that review, and those that may break the glass.
fn lookers(submission: &super::Submission) -> Vec<String> {
    let ask = &submission.context.v1.quorum;
    let more = ask.break_glass.iter().filter(|name| !ask.groups.contains(name));
    ask.groups.iter().chain(more).cloned().collect()
}

impl Attempt {
    async fn run(self, tx: &mut Tx) -> Result<Result<TaskView, Refusal>, Fault> {
        let Some(row) = task::get(&mut tx.sql, &self.id).await? else {
            return Ok(Err(Refusal::Unknown { id: self.id }));
        };
        let broken = glass::of(&mut tx.sql, &view::array(&[&self.id])?).await?.pop();
        let Some(broken) = broken.filter(|broken| broken.glass.look.is_none()) else {
            return Ok(Err(Refusal::NothingToLookAt));
        };
        if let Err(refusal) = self.check(tx, &row, &broken).await? {
            self.record_refusal(tx, &row, &refusal).await?;
            return Ok(Err(refusal));
        }
        if self.display_digest != row.display_digest {
            return Ok(Err(Refusal::StaleView));
        }
        let look = Look {
            by: self.who.clone(),
            verdict: self.verdict,
            reason: self.reason.clone(),
            at_ms: self.now,
        };
        match glass::look(&mut tx.sql, &self.id, &look).await? {
            Looked::Before => return Ok(Err(Refusal::NothingToLookAt)),
            Looked::First => {}
        }
        self.keep(tx, &row, &broken).await?;
        task::bump(&mut tx.sql, &self.id).await?;
        tx.changed(TaskChanged { id: self.id.clone(), status: row.status });
        let full = view::one(&mut tx.sql, &self.id).await?;
        Ok(Ok(full.ok_or_else(|| Fault::Corrupt("a task vanished".to_owned()))?.view))
    }

    async fn check(
        &self,
        tx: &mut Tx,
        row: &task::Row,
        broken: &glass::Row,
    ) -> Result<Result<(), Refusal>, Fault> {
        let directory = self.shared.directory();
        // Whoever broke it by everything known of them now.
        let first = people::human(&mut tx.sql, &directory, &broken.glass.by).await?;
        let human = people::human(&mut tx.sql, &directory, &self.who).await?;
        let first = if first == human {
            human
        } else {
            people::human(&mut tx.sql, &directory, &broken.glass.by).await?
        };
        if first == human {
            return Ok(Err(Refusal::SecondHuman));
        }
        if let Err(refusal) = people::may_look(&mut tx.sql, &row.submission, human, &self.who).await? {
            return Ok(Err(refusal));
        }
        let wanted = lookers(&row.submission);
        let account = (self.who.iss.as_str(), self.who.sub.as_str());
        if sign_in::groups_of(&mut tx.sql, &directory, account, &wanted, self.now).await?.is_empty() {
            return Ok(Err(Refusal::NotEligible { groups: wanted }));
        }
        Ok(Ok(()))
    }

    async fn keep(&self, tx: &mut Tx, row: &task::Row, broken: &glass::Row) -> Result<(), Fault> {
        let event = match self.verdict {
            Verdict::Confirm => "admin.break_glass_confirmed",
            Verdict::Contest => "admin.break_glass_contested",
        };
        let late = self.now > broken.glass.review_by_ms;
        let mut members = self.members(row);
        members.insert("overdue".to_owned(), late.into());
        let grant = vote::grants(&mut tx.sql, &view::array(&[&row.id])?).await?.pop();
        if let (Verdict::Contest, Some(grant)) = (self.verdict, &grant) {
            let used = grant.used > 0;
            members.insert("jti".to_owned(), grant.jti.clone().into());
            members.insert("used".to_owned(), used.into());
            tracing::error!(task = %row.id, used, "a second human contests a broken glass");
            if row.status == Status::Approved && !used {
                let revoked = Revoked {
                    why: RevokedWhy::Reviewer,
                    by: Some(self.who.clone()),
                    reason: self.reason.clone(),
                    at_ms: self.now,
                };
                let by = named(&self.who, self.channel.as_str(), &self.reason);
                revoke::one(tx, row, grant, &revoked, Some(by)).await?;
            }
        }
        log::record(&mut tx.sql, event, self.now, members).await.map(drop)
    }

    async fn record_refusal(&self, tx: &mut Tx, row: &task::Row, refusal: &Refusal) -> Result<(), Fault> {
        let Some(code) = refusal.recorded_as() else { return Ok(()) };
        let mut members = self.members(row);
        members.insert("reason_code".to_owned(), code.into());
        members.insert("decision".to_owned(), self.verdict.as_str().into());
        log::record(&mut tx.sql, "verify.failed", self.now, members).await.map(drop)
    }

    fn members(&self, row: &task::Row) -> serde_json::Map<String, serde_json::Value> {
        let mut members = log::about(row);
        members.insert("reason".to_owned(), self.reason.as_str().into());
        members
            .insert("approvers".to_owned(), json!([named(&self.who, self.channel.as_str(), &self.reason)]));
        members
    }
}
