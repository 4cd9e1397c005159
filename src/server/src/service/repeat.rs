//! What reviewers see of standing approvals, and taking one back.

use countersign_wire::{grant::Approver, submission::Submission};

use super::{
    Again, Channel, Choice, Fault, Person, Refusal, Service, eligible, sign_in,
    standing::{self as rules, Why},
    view,
};
use crate::store::{standing, task};

/// A standing approval as a reviewer may see it.
#[derive(Clone, Debug)]
pub struct StandingView {
    /// Its id.
    pub id: String,
    /// The request that people decided.
    pub first: super::TaskView,
    /// Who agreed.
    pub approvers: Vec<Approver>,
    /// How often it may be used, the first request included.
    pub uses: i64,
    /// How often it was.
    pub used: i64,
    /// Since when, Unix milliseconds.
    pub since_ms: i64,
    /// Until when, Unix milliseconds.
    pub until_ms: i64,
    /// Where it stands.
    pub state: StandingState,
    /// Why it ended before its time: `revoked`, `denied`, `not_eligible`, `rule_changed`.
    pub ended_why: Option<String>,
    /// Who ended it.
    pub ended_by: Option<String>,
    /// When it ended before its time, Unix milliseconds.
    pub ended_at_ms: Option<i64>,
    /// The requests that used it, the first left out: id and moment.
    pub requests: Vec<StandingUse>,
}

/// One use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingUse {
    /// The request.
    pub task: String,
    /// Which use it was; the first request is the first.
    pub number: i64,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// Whether a standing approval may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandingState {
    /// It may.
    Active,
    /// Nothing is left of it.
    UsedUp,
    /// Its time is over.
    Expired,
    /// It ended before.
    Ended,
}

/// Whether what a reviewer agrees to beyond the one request is within what its rule allows.
pub(super) fn within(again: Option<Again>, choice: Choice, submission: &Submission) -> Result<(), Refusal> {
    let Some(Again { uses, seconds }) = again else { return Ok(()) };
    match (choice, rules::offered(submission)) {
        (Choice::Approve, Some(bound))
            if (2..=bound.uses).contains(&uses) && (1..=bound.seconds).contains(&seconds) =>
        {
            Ok(())
        }
        (Choice::Approve, Some(bound)) => Err(Refusal::TooWide { uses: bound.uses, seconds: bound.seconds }),
        (Choice::Approve, None) | (Choice::Deny | Choice::Ask | Choice::BreakGlass, _) => {
            Err(Refusal::OneByOne)
        }
    }
}

/// The most that are listed.
const MOST: u32 = 500;

impl Service {
    /// Standing approvals, newest first, at most 500.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn standing(&self) -> Result<Vec<StandingView>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        let rows = standing::list(&mut sql, MOST).await?;
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let uses = standing::uses_of(&mut sql, &view::array(&ids)?).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(first) = task::get(&mut sql, &row.task).await? else { continue };
            let Some(first) = view::load(&mut sql, vec![first]).await?.pop() else { continue };
            let requests = uses
                .iter()
                .filter(|used| used.standing == row.id)
                .map(|used| StandingUse { task: used.task.clone(), number: used.number, at_ms: used.at })
                .collect();
            all.push(shown(row, first.view, requests, self.now_ms()));
        }
        Ok(all)
    }

    /// Takes a standing approval back, at once: its grants that were not used are worth nothing from now on. Whoever is in
    /// one of the groups of its quorum may.
    ///
    /// # Errors
    /// [`Refusal`]; nothing was changed.
    pub async fn revoke_standing(
        &self,
        who: &Person,
        channel: Channel,
        id: &str,
        reason: &str,
    ) -> Result<(), Refusal> {
        let reason = eligible::reason(reason)?;
        let (who, id, now, shared) = (who.clone(), id.to_owned(), self.now_ms(), self.shared.clone());
        self.shared
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let Some(row) = standing::get(&mut tx.sql, &id).await? else {
                        return Ok(Err(Refusal::Unknown { id }));
                    };
                    let first = task::get(&mut tx.sql, &row.task).await?;
                    let groups =
                        first.map(|first| first.submission.context.v1.quorum.groups).unwrap_or_default();
                    let account = (who.iss.as_str(), who.sub.as_str());
                    let directory = shared.directory();
                    if sign_in::groups_of(&mut tx.sql, &directory, account, &groups, now).await?.is_empty() {
                        return Ok(Err(Refusal::NotEligible { groups }));
                    }
                    let named = eligible::named(&who, channel.as_str(), &reason).into();
                    rules::end(tx, &row, Why::Revoked, Some((who.name, named)), now).await?;
                    Ok(Ok(()))
                })
            })
            .await??;
        self.anchored().await?;
        Ok(())
    }
}

fn shown(row: standing::Row, first: super::TaskView, requests: Vec<StandingUse>, now: i64) -> StandingView {
    let state = if row.ended.is_some() {
        StandingState::Ended
    } else if row.used >= row.uses {
        StandingState::UsedUp
    } else if row.until <= now {
        StandingState::Expired
    } else {
        StandingState::Active
    };
    let (why, by, at) = match row.ended {
        Some(ended) => (Some(ended.why), ended.by, Some(ended.at)),
        None => (None, None, None),
    };
    StandingView {
        id: row.id,
        first,
        approvers: row.approvers,
        uses: row.uses,
        used: row.used,
        since_ms: row.since,
        until_ms: row.until,
        state,
        ended_why: why,
        ended_by: by,
        ended_at_ms: at,
        requests,
    }
}
