//! A task with everything kept about it.

use std::collections::HashMap;

use crate::store::Sql;
use countersign_wire::{
    clock::{rfc3339_ms, rfc3339_s},
    task as answer,
};

use super::{
    Agreed, Alike, ApprovalView, Demands, Fault, RecordRef, Status, TaskView, UnderStanding, VoteView, quorum,
};
use crate::store::{glass, kin, leaf, outcome, revoke, standing, task, vote};

/// A task and its grant.
#[derive(Clone, Debug)]
pub struct Full {
    pub(crate) row: task::Row,
    pub(crate) grant: Option<vote::Grant>,
    pub(crate) view: TaskView,
}

/// Loads what belongs to `rows`, in their order.
pub(crate) async fn load(sql: &mut Sql, rows: Vec<task::Row>) -> Result<Vec<Full>, Fault> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let ids = array(&ids)?;
    let votes = vote::of(sql, &ids).await?;
    let answers = vote::answers(sql, &ids).await?;
    let grants = vote::grants(sql, &ids).await?;
    let mut glasses: HashMap<String, super::Glass> =
        glass::of(sql, &ids).await?.into_iter().map(|row| (row.task, row.glass)).collect();
    let leaves: Vec<i64> = rows.iter().filter_map(|row| row.record_leaf).collect();
    let records = leaf::names(sql, &array(&leaves)?).await?;
    let agreed = standing::agreements(sql, &ids).await?;
    let mut groups = kin::groups(sql, &ids).await?;
    let used = standing::uses_by(sql, &ids).await?;
    let mut fates: HashMap<_, _> = outcome::of(sql, &ids).await?.into_iter().collect();
    let mut earlier: HashMap<_, _> = outcome::earlier(sql, &ids).await?.into_iter().collect();
    let mut revoked: HashMap<_, _> = revoke::of(sql, &ids).await?.into_iter().collect();
    let mut votes = by_task(votes, |vote| vote.task.clone());
    let mut answers = by_task(answers, |(task, _)| task.clone());
    let mut grants: HashMap<String, vote::Grant> =
        grants.into_iter().map(|grant| (grant.task.clone(), grant)).collect();
    let mut records: HashMap<i64, RecordRef> =
        records.into_iter().map(|record| (record.leaf, record)).collect();
    let full = |row: task::Row| {
        let votes = votes.remove(&row.id).unwrap_or_default();
        let grant = grants.remove(&row.id);
        let tally = quorum::tally(&votes, &row.submission);
        let view = TaskView {
            id: row.id.clone(),
            status: row.status,
            needs_context: row.question.clone(),
            version: row.version,
            created_at_ms: row.created_at,
            expires_at_ms: row.expires_at,
            decided_at_ms: row.decided_at,
            submission: row.submission.clone(),
            display_digest: row.display_digest.clone(),
            code: row.code.clone(),
            client: row.client.clone(),
            votes: votes.iter().map(|vote| shown(vote, &tally, &agreed)).collect(),
            answers: answers.remove(&row.id).into_iter().flatten().map(|(_, answer)| answer).collect(),
            approval: grant.as_ref().map(|grant| ApprovalView {
                jti: grant.jti.clone(),
                approved_until_ms: grant.approved_until,
                used: grant.used,
            }),
            outcome: row.outcome.clone(),
            glass: glasses.remove(&row.id),
            fate: fates.remove(&row.id),
            // Only who still decides must know.
            earlier: earlier.remove(&row.id).filter(|_| row.status == Status::Pending),
            revoked: revoked.remove(&row.id),
            record: row.record_leaf.and_then(|leaf| records.remove(&leaf)),
            waiter: None,
            progress: tally.progress,
            alike: groups.remove(&row.id).map(|(group, waiting)| Alike { group, waiting }),
            standing: used
                .iter()
                .find(|one| one.task == row.id)
                .map(|one| UnderStanding { id: one.standing.clone(), number: one.number }),
            demands: Demands::default(),
        };
        Full { row, grant, view }
    };
    Ok(rows.into_iter().map(full).collect())
}

/// Sorts rows to the tasks they belong to, keeping their order.
fn by_task<T>(rows: Vec<T>, task: impl Fn(&T) -> String) -> HashMap<String, Vec<T>> {
    let mut sorted: HashMap<String, Vec<T>> = HashMap::new();
    for row in rows {
        sorted.entry(task(&row)).or_default().push(row);
    }
    sorted
}

/// Loads one task.
pub(crate) async fn one(sql: &mut Sql, id: &str) -> Result<Option<Full>, Fault> {
    let Some(row) = task::get(&mut *sql, id).await? else { return Ok(None) };
    Ok(load(sql, vec![row]).await?.pop())
}

/// A JSON array, as SQLite's `json_each` reads it.
pub(crate) fn array(items: &[impl serde::Serialize]) -> Result<String, Fault> {
    serde_json::to_string(items).map_err(|error| Fault::Store(error.to_string()))
}

fn shown(vote: &vote::Row, tally: &quorum::Tally, agreed: &[standing::Agreement]) -> VoteView {
    let own = |one: &&standing::Agreement| {
        one.task == vote.task && one.iss == vote.who.iss && one.sub == vote.who.sub
    };
    let counted = tally.approvers.iter().find(|entry| entry.iss == vote.who.iss && entry.sub == vote.who.sub);
    VoteView {
        person: vote.who.clone(),
        group: counted
            .map(|entry| entry.group.clone())
            .or_else(|| vote.groups.first().cloned())
            .unwrap_or_default(),
        choice: vote.choice,
        reason: vote.reason.clone(),
        channel: vote.channel.clone(),
        at_ms: vote.at,
        again: agreed.iter().find(own).map(|one| Agreed { uses: one.uses, until_ms: one.until }),
    }
}

impl Full {
    /// The task as a filter sees it (protocol 1.5): no reviewer's name, no payload.
    pub(crate) fn answer(&self, issuer: &str) -> answer::TaskAnswer {
        let (row, progress) = (&self.row, &self.view.progress);
        let status = match row.status {
            Status::Pending => answer::Status::Pending,
            Status::Approved => answer::Status::Approved,
            Status::Denied => answer::Status::Denied,
            Status::Expired => answer::Status::Expired,
            Status::Cancelled => answer::Status::Cancelled,
        };
        let endpoint = format!("{issuer}{}/{}", countersign_wire::names::REQUESTS_PATH, row.id);
        let step_name = match (&row.question, row.status) {
            (Some(_), Status::Pending) => Some("needs_context".to_owned()),
            _ => progress.awaiting.first().cloned(),
        };
        let display = answer::DisplayV1 {
            question: row.question.as_ref().map(|question| question.text.clone()),
            code: Some(row.code.clone()),
        };
        answer::TaskAnswer {
            task: answer::Task {
                id: row.id.clone(),
                status,
                expires_at: Some(rfc3339_s(row.expires_at)),
                progress: Some(answer::Progress {
                    current_step: progress.approved,
                    total_steps: progress.required,
                    step_name,
                    awaiting: progress.awaiting.clone(),
                }),
                links: Some(answer::Links {
                    ticket: Some(format!("{issuer}/r/{}", row.id)),
                    cancel: Some(format!("{endpoint}/cancel")),
                }),
                status_endpoint: Some(endpoint),
                display: Some(answer::Display { description: row.description.clone(), v1: Some(display) }),
                result: self.result(),
            },
        }
    }

    fn result(&self) -> Option<answer::Outcome> {
        let approval = self.grant.as_ref().map(|grant| answer::Approval {
            id: grant.jti.clone(),
            approved_at: Some(rfc3339_ms(grant.approved_at)),
            approved_until: Some(rfc3339_s(grant.approved_until)),
            state: grant.state.clone(),
            extra: serde_json::Map::new(),
        });
        let denial = self.row.denial.clone().map(|state| answer::Denial { state: Some(state) });
        let mode = approval.is_some().then(|| "reevaluate".to_owned());
        (approval.is_some() || denial.is_some()).then_some(answer::Outcome { mode, approval, denial })
    }
}
