//! What became of a released call, where nobody knows: the proxy died between release and response, or could not tell.
//!
//! Promises: a call that was released and of which nothing is heard for `outcome_after`, or that its filter reports as unknown,
//! is `outcome unknown`, on record and for reviewers to see; as long as nobody knows, the same request by the same subject
//! cannot be approved again; a reviewer who may decide it, and did not ask for it, settles it, and so does a late report.
//! It never guesses, and it does not ask the upstream.

use std::sync::Arc;

use crate::store::Sql;
use serde_json::json;

use super::{
    Channel, Fault, Person, Refusal, Service, Shared, TaskChanged, TaskView,
    eligible::{self, reason},
    log, view,
};
use crate::store::{
    Tx,
    outcome::{self, Noted, Settle},
    task,
};

/// Why an outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing was heard.
    NotReported,
    /// The filter says that it does not know.
    ReportedUnknown,
    /// The service was put back from a backup that does not know what happened since.
    Restored,
}

impl Why {
    /// The word that stands in the store and in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotReported => "not_reported",
            Self::ReportedUnknown => "reported_unknown",
            Self::Restored => "restored",
        }
    }

    /// Reads the word; `None` where it is none.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::NotReported, Self::ReportedUnknown, Self::Restored]
            .into_iter()
            .find(|why| why.as_str() == word)
    }
}

/// What somebody found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executed {
    /// The upstream did it.
    Yes,
    /// It did not.
    No,
    /// Nobody can say.
    CannotTell,
    /// The filter reported it after all.
    Reported,
}

impl Executed {
    /// The word that stands in the store and in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::CannotTell => "cannot_tell",
            Self::Reported => "reported",
        }
    }

    /// Reads the word; `None` where it is none.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Yes, Self::No, Self::CannotTell, Self::Reported].into_iter().find(|said| said.as_str() == word)
    }
}

/// How an unknown outcome was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What was found out.
    pub executed: Executed,
    /// By whom; nobody where a report settled it.
    pub by: Option<Person>,
    /// How they know, masked.
    pub reason: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// What is known of a call that was released and whose end was not reported in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Released not long ago; its end may still be reported.
    UnderWay {
        /// When it was released, Unix milliseconds.
        released_ms: i64,
    },
    /// Nobody knows.
    Unknown {
        /// Since when, Unix milliseconds.
        since_ms: i64,
        /// Why.
        why: Why,
    },
    /// Somebody found out.
    Settled {
        /// Since when it was unknown, Unix milliseconds.
        since_ms: i64,
        /// Why.
        why: Why,
        /// What was found out.
        settled: Settled,
    },
}

/// Another task with the same request by the same subject, which was released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// Its id.
    pub task: String,
    /// What became of it.
    pub fate: Fate,
}

impl Service {
    /// Settles the unknown outcome of a task.
    ///
    /// # Errors
    /// [`Refusal`]; the same people may settle as may decide, and never a requester.
    pub async fn settle(
        &self,
        who: &Person,
        channel: Channel,
        id: &str,
        executed: Executed,
        why: &str,
    ) -> Result<TaskView, Refusal> {
        let settled = Settled { executed, by: Some(who.clone()), reason: reason(why)?, at_ms: self.now_ms() };
        let (shared, id) = (self.shared.clone(), id.to_owned());
        let work = async move |tx: &mut Tx| settle(tx, &shared, &id, channel, settled).await;
        let full = self.shared.store.write(move |tx| Box::pin(work(tx))).await??;
        self.anchored().await?;
        Ok(full.view)
    }

    /// Tasks whose outcome is unknown and not settled, the longest unknown first.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn unknown_outcomes(&self, limit: u32) -> Result<Vec<TaskView>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        let ids = outcome::unsettled(&mut sql, limit).await?;
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            rows.extend(task::get(&mut sql, &id).await?);
        }
        Ok(view::load(&mut sql, rows).await?.into_iter().map(|full| full.view).collect())
    }
}

async fn settle(
    tx: &mut Tx,
    shared: &Arc<Shared>,
    id: &str,
    channel: Channel,
    settled: Settled,
) -> Result<Result<super::Full, Refusal>, Fault> {
    let Some(row) = task::get(&mut tx.sql, id).await? else {
        return Ok(Err(Refusal::Unknown { id: id.to_owned() }));
    };
    let Some(who) = &settled.by else { return Ok(Err(Refusal::OutcomeKnown)) };
    if let Err(refusal) = eligible::check(tx, shared, who, channel, &row, settled.at_ms).await? {
        return Ok(Err(refusal));
    }
    match outcome::settle(&mut tx.sql, id, &settled).await? {
        Settle::Nothing => Ok(Err(Refusal::OutcomeKnown)),
        Settle::Done => {
            let by = eligible::named(who, channel.as_str(), &settled.reason);
            record(tx, &row, "outcome.settled", settled.executed.as_str(), settled.at_ms, Some(by)).await?;
            changed(tx, &row).await?;
            let full = view::one(&mut tx.sql, id).await?;
            full.map(Ok).ok_or_else(|| Fault::Corrupt("a task vanished".to_owned()))
        }
    }
}

async fn changed(tx: &mut Tx, row: &task::Row) -> Result<(), Fault> {
    task::bump(&mut tx.sql, &row.id).await?;
    tx.changed(TaskChanged { id: row.id.clone(), status: row.status });
    Ok(())
}

async fn record(
    tx: &mut Tx,
    row: &task::Row,
    event: &str,
    code: &str,
    now: i64,
    by: Option<serde_json::Map<String, serde_json::Value>>,
) -> Result<(), Fault> {
    let mut members = log::about(row);
    members.insert("reason_code".to_owned(), code.into());
    members.extend(by.map(|by| ("approvers".to_owned(), json!([by]))));
    log::record(&mut tx.sql, event, now, members).await.map(drop)
}

/// Says that nobody knows what became of a task.
pub(super) async fn unknown(tx: &mut Tx, row: &task::Row, why: Why, now: i64) -> Result<(), Fault> {
    outcome::unknown(&mut tx.sql, &row.id, why, now).await?;
    record(tx, row, "outcome.unknown", why.as_str(), now, None).await?;
    changed(tx, row).await
}

/// Finds what was released before `before` and never heard of again; returns how many.
pub(super) async fn overdue(tx: &mut Tx, before: i64, now: i64) -> Result<usize, Fault> {
    let ids = outcome::overdue(&mut tx.sql, before).await?;
    for id in &ids {
        let row = task::get(&mut tx.sql, id).await?;
        let row = row.ok_or_else(|| Fault::Corrupt(format!("task `{id}` was released and is not there")))?;
        unknown(tx, &row, Why::NotReported, now).await?;
    }
    Ok(ids.len())
}

/// Takes a filter's report that was kept: it ends what was under way, or settles what was unknown.
pub(super) async fn reported(
    tx: &mut Tx,
    row: &task::Row,
    report: countersign_wire::outcome::OutcomeState,
    now: i64,
) -> Result<(), Fault> {
    use countersign_wire::outcome::OutcomeState;
    match report {
        OutcomeState::Unknown => {
            let known = outcome::of(&mut tx.sql, &view::array(&[&row.id])?).await?;
            match known.first() {
                Some((_, Fate::UnderWay { .. })) => unknown(tx, row, Why::ReportedUnknown, now).await,
                Some((_, Fate::Unknown { .. } | Fate::Settled { .. })) | None => Ok(()),
            }
        }
        OutcomeState::Completed | OutcomeState::UpstreamError | OutcomeState::ReleaseAbandoned => {
            outcome::ended(&mut tx.sql, &row.id).await?;
            let settled =
                Settled { executed: Executed::Reported, by: None, reason: String::new(), at_ms: now };
            match outcome::settle(&mut tx.sql, &row.id, &settled).await? {
                Settle::Nothing => Ok(()),
                Settle::Done => {
                    record(tx, row, "outcome.settled", Executed::Reported.as_str(), now, None).await
                }
            }
        }
    }
}

/// Notes that a receipt goes out for a task; the releases of what became unknown are over.
pub(super) async fn given(tx: &mut Tx, task: &str, now: i64) -> Result<Noted, Fault> {
    outcome::released(&mut tx.sql, task, now).await
}

/// Refuses what would let the same request out again while nobody knows what became of it.
///
/// # Errors
/// [`Refusal::OutcomeUnknown`], with the earlier task.
pub(super) async fn no_blind_retry(sql: &mut Sql, row: &task::Row) -> Result<Result<(), Refusal>, Fault> {
    let subject = &row.submission.subject;
    let earlier = outcome::open(sql, (&subject.kind, &subject.id), &row.request_digest).await?;
    Ok(earlier.map_or(Ok(()), |earlier| Err(Refusal::OutcomeUnknown { earlier: earlier.task })))
}
