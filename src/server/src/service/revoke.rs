//! Taking a grant back before it is used.
//!
//! Promises: whoever may decide a task, and did not ask for it, may take its grant back; it is on record; from the commit on
//! no redeem releases it. What was used already cannot be taken back, and that is said.

use std::sync::Arc;

use serde_json::json;

use super::{
    Channel, Fault, Full, Person, Refusal, Service, Shared, Status, TaskChanged, TaskView,
    eligible::{self, reason},
    log, view,
};
use crate::store::{
    Tx,
    revoke::{self, TakenBack},
    task, vote,
};

/// Why a grant was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokedWhy {
    /// A reviewer did.
    Reviewer,
    /// Somebody who approved left the group they stood for.
    Membership,
    /// The key that signed it is revoked.
    Key,
    /// The service was put back from a backup.
    Restored,
    /// The standing approval it was given under ended.
    Standing,
}

impl RevokedWhy {
    /// The word that stands in the store and in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reviewer => "reviewer",
            Self::Membership => "membership",
            Self::Key => "key",
            Self::Restored => "restored",
            Self::Standing => "standing",
        }
    }

    /// Reads the word; `None` where it is none.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Reviewer, Self::Membership, Self::Key, Self::Restored, Self::Standing]
            .into_iter()
            .find(|why| why.as_str() == word)
    }
}

/// A grant that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Why.
    pub why: RevokedWhy,
    /// Who, where a person did.
    pub by: Option<Person>,
    /// Their reason, masked.
    pub reason: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

impl Service {
    /// Takes the grant of a task back.
    ///
    /// # Errors
    /// [`Refusal`]; where the grant is used or over, [`Refusal::NothingToRevoke`].
    pub async fn revoke(
        &self,
        who: &Person,
        channel: Channel,
        id: &str,
        why: &str,
    ) -> Result<TaskView, Refusal> {
        let revoked = Revoked {
            why: RevokedWhy::Reviewer,
            by: Some(who.clone()),
            reason: reason(why)?,
            at_ms: self.now_ms(),
        };
        let (shared, id) = (self.shared.clone(), id.to_owned());
        let work = async move |tx: &mut Tx| take_back(tx, &shared, &id, channel, revoked).await;
        let full = self.shared.store.write(move |tx| Box::pin(work(tx))).await??;
        self.anchored().await?;
        Ok(full.view)
    }
}

async fn take_back(
    tx: &mut Tx,
    shared: &Arc<Shared>,
    id: &str,
    channel: Channel,
    revoked: Revoked,
) -> Result<Result<Full, Refusal>, Fault> {
    let Some(row) = task::get(&mut tx.sql, id).await? else {
        return Ok(Err(Refusal::Unknown { id: id.to_owned() }));
    };
    let Some(who) = &revoked.by else { return Ok(Err(Refusal::NothingToRevoke)) };
    if let Err(refusal) = eligible::check(tx, shared, who, channel, &row, revoked.at_ms).await? {
        return Ok(Err(refusal));
    }
    let grants = vote::grants(&mut tx.sql, &view::array(&[id])?).await?;
    let live = |grant: &&vote::Grant| row.status == Status::Approved && grant.approved_until > revoked.at_ms;
    let Some(grant) = grants.first().filter(live) else { return Ok(Err(Refusal::NothingToRevoke)) };
    let by = eligible::named(who, channel.as_str(), &revoked.reason);
    match one(tx, &row, grant, &revoked, Some(by)).await? {
        TakenBack::Yes => {
            let full = view::one(&mut tx.sql, id).await?;
            full.map(Ok).ok_or_else(|| Fault::Corrupt("a task vanished".to_owned()))
        }
        TakenBack::UsedOrGone => Ok(Err(Refusal::NothingToRevoke)),
    }
}

/// Takes one grant back, on record, if it was not used.
pub(super) async fn one(
    tx: &mut Tx,
    row: &task::Row,
    grant: &vote::Grant,
    revoked: &Revoked,
    by: Option<serde_json::Map<String, serde_json::Value>>,
) -> Result<TakenBack, Fault> {
    let done = revoke::grant(&mut tx.sql, &grant.jti, revoked).await?;
    match done {
        TakenBack::UsedOrGone => {}
        TakenBack::Yes => {
            let mut members = log::about(row);
            members.insert("jti".to_owned(), grant.jti.as_str().into());
            members.insert("reason_code".to_owned(), revoked.why.as_str().into());
            members.extend(by.map(|by| ("approvers".to_owned(), json!([by]))));
            log::record(&mut tx.sql, "approval.revoked", revoked.at_ms, members).await?;
            task::bump(&mut tx.sql, &row.id).await?;
            tx.changed(TaskChanged { id: row.id.clone(), status: row.status });
        }
    }
    Ok(done)
}

/// Takes back the unused grants that a revoked key signed, and says so in the log.
pub(crate) async fn withdraw_signed_by(
    tx: &mut Tx,
    kid: &str,
    grants: &[vote::Grant],
    now: i64,
) -> Result<(), Fault> {
    let members = log::object(json!({"kid": kid, "grants": grants.len()}));
    log::record(&mut tx.sql, "admin.key_revoked", now, members).await?;
    for grant in grants {
        let row = task::get(&mut tx.sql, &grant.task).await?;
        let row = row.ok_or_else(|| Fault::Corrupt(format!("grant `{}` has no task", grant.jti)))?;
        let revoked = Revoked { why: RevokedWhy::Key, by: None, reason: String::new(), at_ms: now };
        one(tx, &row, grant, &revoked, None).await?;
    }
    Ok(())
}
