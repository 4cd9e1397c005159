//! What a filter tells about a task it has: outcome, cancel, an answer to a question; and records.

use countersign_wire::{
    json::{Limits, strict},
    names,
    outcome::{Cancel, CancelReason, ContextAnswer, OutcomeReport, OutcomeState},
    record::Record,
    submission::RecordRef as Name,
};
use serde::de::DeserializeOwned;

use super::{
    Answer, Asked, Fault, Full, OutcomeView, Service, Status, TaskChanged,
    caller::{Admitted, Caller, Post},
    log, outcome,
    submit::masked,
    view,
};
use crate::store::{
    Tx,
    leaf::{self, Kept},
    task::{self, Swap},
    vote,
};

/// The most a call with records may hold, in bytes.
pub(crate) const MAX_RECORDS: usize = 1024 * 1024;

/// What a filter has to tell about a task.
#[derive(Debug)]
enum News {
    Outcome(OutcomeReport),
    Cancel(Cancel),
    Context(ContextAnswer),
}

impl Service {
    /// Takes `POST …/outcome`.
    ///
    /// # Errors
    /// [`Asked`], where it is refused.
    pub async fn outcome(&self, post: Post, id: &str, body: &[u8]) -> Result<Full, Asked> {
        self.tell(post, id, News::Outcome(read(body)?)).await
    }

    /// Takes `POST …/cancel`. A task that ended stays as it is.
    ///
    /// # Errors
    /// As [`Service::outcome`].
    pub async fn cancel(&self, post: Post, id: &str, body: &[u8]) -> Result<Full, Asked> {
        self.tell(post, id, News::Cancel(read(body)?)).await
    }

    /// Takes `POST …/context`: the answer to a question. Approvals given before it do not count any more, since those
    /// reviewers saw less.
    ///
    /// # Errors
    /// As [`Service::outcome`].
    pub async fn answer(&self, post: Post, id: &str, body: &[u8]) -> Result<Full, Asked> {
        let answer: ContextAnswer = read(body)?;
        if answer.justification.chars().count() > names::MAX_JUSTIFICATION {
            let most = names::MAX_JUSTIFICATION;
            return Err(Asked::Malformed(format!("the justification is longer than {most} characters")));
        }
        self.tell(post, id, News::Context(answer)).await
    }

    async fn tell(&self, post: Post, id: &str, news: News) -> Result<Full, Asked> {
        let (now, id) = (self.now_ms(), id.to_owned());
        self.shared
            .store
            .write(move |tx| Box::pin(async move { take(tx, &post, &id, news, now).await }))
            .await?
    }

    /// Takes `POST /audit/v1/records`: JSON Lines. Returns the names of what is stored, up to the first record that
    /// contradicts what is stored already.
    ///
    /// # Errors
    /// [`Asked`], where nothing was stored.
    pub async fn records(&self, post: Post, body: &[u8]) -> Result<Vec<Name>, Asked> {
        let mut records = Vec::new();
        let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        for (at, line) in (0_u64..).zip(lines) {
            records.push(Record::read(line, at).map_err(|fault| Asked::Malformed(fault.to_string()))?);
        }
        if records.is_empty() {
            return Err(Asked::Malformed("no record was sent".to_owned()));
        }
        let now = self.now_ms();
        self.shared
            .store
            .write(move |tx| Box::pin(async move { store(tx, &post, records, now).await }))
            .await?
    }

    /// Of `ids`, those that no longer wait for anybody, at most 500. A hint to ask for them; it proves nothing.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub(crate) async fn ready(&self, caller: &Caller, ids: &[String]) -> Result<Vec<String>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        let waiting =
            task::still_waiting(&mut sql, &caller.client, &view::array(ids)?, self.now_ms()).await?;
        self.shared.leases.heard(&waiting);
        let waiting: std::collections::HashSet<String> = waiting.into_iter().collect();
        Ok(ids.iter().filter(|id| !waiting.contains(*id)).take(500).cloned().collect())
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Asked> {
    let limits = Limits { size: names::MAX_ANSWER, depth: names::MAX_DEPTH };
    let value = strict(body, &limits).map_err(|fault| Asked::Malformed(fault.to_string()))?;
    serde_json::from_value(value).map_err(|error| Asked::Malformed(error.to_string()))
}

async fn store(
    tx: &mut Tx,
    post: &Post,
    records: Vec<Record>,
    now: i64,
) -> Result<Result<Vec<Name>, Asked>, Fault> {
    if let Err(refused) = post.admit(tx, now).await? {
        return Ok(Err(refused));
    }
    let mut accepted = Vec::with_capacity(records.len());
    for record in records {
        match keep(tx, post, &record, now).await? {
            Ok(_) => accepted.push(record.name().clone()),
            Err(refused) if accepted.is_empty() => return Ok(Err(refused)),
            Err(_) => break,
        }
    }
    Ok(Ok(accepted))
}

async fn keep(tx: &mut Tx, post: &Post, record: &Record, now: i64) -> Result<Result<i64, Asked>, Fault> {
    let refused = match leaf::put(&mut tx.sql, &post.caller().client, record, now).await? {
        Kept::At(leaf) => return Ok(Ok(leaf)),
        Kept::Taken => "another record has this place in its chain",
        Kept::NoChain => "its chain was not opened by this client",
        Kept::Unlinked => "it does not link to its neighbours in the chain",
    };
    let name = record.name();
    Ok(Err(Asked::RecordRefused(format!("record {} of chain `{}`: {refused}", name.seq, name.chain))))
}

async fn take(
    tx: &mut Tx,
    post: &Post,
    id: &str,
    news: News,
    now: i64,
) -> Result<Result<Full, Asked>, Fault> {
    let admitted = match post.admit(tx, now).await? {
        Ok(admitted) => admitted,
        Err(refused) => return Ok(Err(refused)),
    };
    let row = task::get(&mut tx.sql, id).await?.filter(|row| row.client == post.caller().client);
    let Some(row) = row else { return Ok(Err(Asked::UnknownTask(id.to_owned()))) };
    let effect = match (admitted, news) {
        // It was done the first time.
        (Admitted::Again(Some(_)), _) => Ok(()),
        (_, News::Outcome(report)) => report_outcome(tx, post, &row, &report, now).await?,
        (_, News::Cancel(cancel)) => withdraw(tx, &row, &cancel, now).await?,
        (_, News::Context(answer)) => take_answer(tx, &row, &answer, now).await?,
    };
    if let Err(refused) = effect {
        return Ok(Err(refused));
    }
    post.made(tx, id, row.expires_at).await?;
    let full =
        view::one(&mut tx.sql, id).await?.ok_or_else(|| Fault::Corrupt("a task vanished".to_owned()))?;
    tx.changed(TaskChanged { id: id.to_owned(), status: full.row.status });
    Ok(Ok(full))
}

async fn report_outcome(
    tx: &mut Tx,
    post: &Post,
    row: &task::Row,
    report: &OutcomeReport,
    now: i64,
) -> Result<Result<(), Asked>, Fault> {
    let Ok(record) = Record::from_value(report.record.clone(), 0) else {
        return Ok(Err(Asked::Malformed("`record` is not an audit record".to_owned())));
    };
    let leaf = match keep(tx, post, &record, now).await? {
        Ok(leaf) => leaf,
        Err(refused) => return Ok(Err(refused)),
    };
    match report.state {
        OutcomeState::ReleaseAbandoned => {
            // Another attempt gave up, not the one that was released.
            let used = vote::grants(&mut tx.sql, &view::array(&[&row.id])?).await?;
            if used.iter().any(|grant| grant.used > 0 && grant.record_leaf != Some(leaf)) {
                return Ok(Ok(()));
            }
        }
        OutcomeState::Completed | OutcomeState::UpstreamError | OutcomeState::Unknown => {}
    }
    let outcome = OutcomeView {
        state: report.state.as_str().to_owned(),
        status: report.status,
        request_bytes: report.request_bytes,
        response_bytes: report.response_bytes,
        duration_ms: Some(report.duration_ms),
        at_ms: now,
    };
    task::report(&mut tx.sql, &row.id, &outcome).await?;
    outcome::reported(tx, row, report.state, now).await?;
    Ok(Ok(()))
}

async fn withdraw(
    tx: &mut Tx,
    row: &task::Row,
    cancel: &Cancel,
    now: i64,
) -> Result<Result<(), Asked>, Fault> {
    if row.status != Status::Pending {
        return Ok(Ok(()));
    }
    let (code, told) = match cancel.reason {
        CancelReason::ClientDisconnected => ("client_disconnected", "withdrawn: the client went away"),
        CancelReason::PolicyChanged => ("policy_changed", "withdrawn: the policy changed"),
        CancelReason::Operator => ("operator", "withdrawn by an operator"),
    };
    call_off(tx, row, code, told, now).await.map(Ok)
}

async fn call_off(tx: &mut Tx, row: &task::Row, code: &str, told: &str, now: i64) -> Result<(), Fault> {
    let mut members = log::about(row);
    members.insert("reason_code".to_owned(), code.into());
    let leaf = log::record(&mut tx.sql, "approval.cancelled", now, members).await?;
    finish(tx, row, End { status: Status::Cancelled, told, leaf, now }).await
}

/// Withdraws a task whose filter went silent, if it still waits.
pub(super) async fn lapse(tx: &mut Tx, id: &str, now: i64) -> Result<(), Fault> {
    let Some(row) = task::get(&mut tx.sql, id).await?.filter(|row| row.status == Status::Pending) else {
        return Ok(());
    };
    call_off(tx, &row, "lease_over", "withdrawn: the proxy that held it went silent", now).await?;
    tx.changed(TaskChanged { id: row.id, status: Status::Cancelled });
    Ok(())
}

/// How a task ends without a decision.
pub(super) struct End<'e> {
    pub(super) status: Status,
    pub(super) told: &'e str,
    pub(super) leaf: i64,
    pub(super) now: i64,
}

pub(super) async fn finish(tx: &mut Tx, row: &task::Row, end: End<'_>) -> Result<(), Fault> {
    let End { status, told, leaf, now } = end;
    let end = task::End { status, description: Some(told), denial: None, record_leaf: Some(leaf), now };
    match task::end(&mut tx.sql, row, &end).await? {
        Swap::Done => Ok(()),
        Swap::Lost => Err(Fault::Corrupt("a task changed inside its own transaction".to_owned())),
    }
}

/// Ends the tasks whose time ran out; returns how many.
pub(super) async fn expire(tx: &mut Tx, now: i64) -> Result<usize, Fault> {
    let overdue = task::overdue(&mut tx.sql, now).await?;
    for row in &overdue {
        let leaf = log::record(&mut tx.sql, "approval.expired", now, log::about(row)).await?;
        let told = "nobody decided in time";
        finish(tx, row, End { status: Status::Expired, told, leaf, now }).await?;
        tx.changed(TaskChanged { id: row.id.clone(), status: Status::Expired });
    }
    Ok(overdue.len())
}

async fn take_answer(
    tx: &mut Tx,
    row: &task::Row,
    answer: &ContextAnswer,
    now: i64,
) -> Result<Result<(), Asked>, Fault> {
    let (Some(question), Status::Pending) = (&row.question, row.status) else {
        return Ok(Err(Asked::InvalidState(format!("no question is open on task `{}`", row.id))));
    };
    let answer = Answer { question: question.text.clone(), text: masked(&answer.justification), at_ms: now };
    vote::put_answer(&mut tx.sql, &row.id, &answer).await?;
    vote::clear(&mut tx.sql, &row.id).await?;
    log::record(&mut tx.sql, "approval.context_answered", now, log::about(row)).await?;
    match task::ask(&mut tx.sql, row, None).await? {
        Swap::Done => Ok(Ok(())),
        Swap::Lost => Err(Fault::Corrupt("a task changed inside its own transaction".to_owned())),
    }
}
