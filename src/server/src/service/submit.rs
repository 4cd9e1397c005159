//! Taking a request for approval: join the task that is already there, or make one.

use std::time::Duration;

use countersign_mask::{Finding, MOST_FINDINGS, residual, text};
use countersign_wire::{
    clock::parse_rfc3339,
    json::{Limits, jcs_of, strict},
    names,
    submission::{Masked, Submission},
};
use serde_json::{Value, json};

use super::{
    Asked, Fault, Full, Service, Shared, Status, TaskChanged,
    caller::{Admitted, Post},
    check, demand, find, limits, log,
    standing::{self, Spent},
    view,
};
use crate::{
    ids,
    store::{
        Tx, facet, kin,
        task::{self, Same},
    },
};

/// A submission that was read, checked and masked again.
struct Ready {
    submission: Submission,
    actor: String,
    display_digest: String,
    expires_at: i64,
    grant_seconds: i64,
    /// What the filter should have masked and did not.
    leaks: Vec<String>,
}

/// How long a task lives where the filter does not say, and at most.
const LIFE_MS: i64 = 15 * 60 * 1000;
const MAX_LIFE_MS: i64 = 24 * 60 * 60 * 1000;

impl Service {
    /// Takes `POST /access/v1/requests`.
    ///
    /// # Errors
    /// [`Asked`], where it is refused.
    pub async fn submit(&self, post: Post, body: &[u8]) -> Result<Full, Asked> {
        let now = self.now_ms();
        let ready = self.read_submission(&post, body, now)?;
        let submission = ready.submission.clone();
        let subject = &submission.subject.id;
        self.shared.rates.take(&post.caller().client, subject, now).map_err(Asked::TooMany)?;
        let shared = self.shared.clone();
        let full = self
            .shared
            .store
            .write(move |tx| Box::pin(async move { Box::pin(take(tx, &shared, &post, ready, now)).await }))
            .await??;
        if full.row.status == Status::Pending {
            self.shared.leases.open(&full.row.id, &submission, Duration::ZERO);
        }
        Ok(full)
    }

    fn read_submission(&self, post: &Post, body: &[u8], now: i64) -> Result<Ready, Asked> {
        let limits = Limits { size: names::MAX_ANSWER, depth: names::MAX_DEPTH };
        let value = strict(body, &limits).map_err(|fault| Asked::Malformed(fault.to_string()))?;
        let mut submission: Submission =
            serde_json::from_value(value).map_err(|error| Asked::Malformed(error.to_string()))?;
        let caller = post.caller();
        if submission.client.id != caller.client {
            let (keyid, client) = (caller.keyid.clone(), submission.client.id);
            return Err(Asked::WrongClient { keyid, client });
        }
        check::submission(&submission, &self.directory())?;
        let v1 = &submission.context.v1;
        let secrets = &self.shared.config.secrets;
        secrets
            .check(&v1.secrets, &caller.client, &v1.destination.authority)
            .map_err(Asked::NotRequestable)?;
        let display_digest = submission.display_digest();
        if display_digest != submission.context.v1.payload.display_digest {
            return Err(Asked::DigestMismatch);
        }
        let time = |name: &str, text: &str| {
            parse_rfc3339(text).ok_or_else(|| Asked::Malformed(format!("`{name}` is not an RFC 3339 time")))
        };
        if time("denial.expires_at", &submission.denial.expires_at)? + names::SKEW_S * 1000 < now {
            return Err(Asked::ExpiredDenial);
        }
        let access = submission.requested_access.as_ref();
        let until = match access.and_then(|access| access.requested_until.as_deref()) {
            None => now + LIFE_MS,
            Some(until) => time("requested_access.requested_until", until)?,
        };
        if until <= now {
            return Err(Asked::ExpiredDenial);
        }
        let usual = i64::try_from(self.shared.config.grant.as_secs()).unwrap_or(names::MAX_GRANT_S);
        let wanted = access.and_then(|access| access.grant_seconds);
        let grant_seconds = wanted.unwrap_or(usual).clamp(1, names::MAX_GRANT_S);
        let leaks = mask_again(&mut submission);
        Ok(Ready {
            actor: String::from_utf8(jcs_of(&submission.client.actor)).unwrap_or_default(),
            display_digest,
            expires_at: until.min(now + MAX_LIFE_MS),
            grant_seconds,
            leaks,
            submission,
        })
    }
}

/// Masks what the filter left and does not say that the policy lets stay; returns what that was. The digest stays the
/// filter's: a reviewer sees less than it covers, never more. What the agent says of itself is masked here for the first
/// time.
fn mask_again(submission: &mut Submission) -> Vec<String> {
    let v1 = &mut submission.context.v1;
    let mut leaks = Vec::new();
    let lineage = v1.lineage.iter_mut();
    let datasets = lineage.flat_map(|lineage| lineage.inputs.iter_mut().chain(&mut lineage.outputs));
    let shown = [&mut v1.payload.masked_excerpt, &mut v1.destination.path];
    let members = v1.batch.iter_mut().flat_map(|batch| &mut batch.members);
    let members = members.flat_map(|one| [&mut one.operation, &mut one.resource.id]);
    let texts = shown.into_iter().chain(datasets.map(|set| &mut set.name)).chain(members);
    let mut again = Vec::new();
    for text in texts {
        again.extend(mask_text(text, &v1.payload.allowed, &mut leaks));
    }
    for value in submission.action.properties.values_mut() {
        again.extend(mask_value(value, &v1.payload.allowed, &mut leaks));
    }
    v1.payload.masked.extend(again);
    if let Some(why) = &mut submission.context.business_justification {
        *why = masked(why);
    }
    leaks
}

/// Masks `shown` where a detector still finds something that is not `allowed`.
fn mask_text(shown: &mut String, allowed: &[Masked], leaks: &mut Vec<String>) -> Vec<Masked> {
    let found = residual(shown).findings;
    let known = |finding: &Finding| {
        allowed.iter().any(|one| one.path == finding.path && one.detector == finding.detector)
    };
    // Beyond what is listed nobody can say.
    if found.len() < MOST_FINDINGS && found.iter().all(known) {
        return Vec::new();
    }
    leaks.extend(found.iter().map(|finding| finding.detector.clone().into_owned()));
    *shown = masked(shown);
    let again = |finding: Finding| Masked {
        path: finding.path,
        detector: finding.detector.into_owned(),
        kind: Some(finding.kind.as_str().to_owned()),
        count: None,
        at: None,
    };
    found.into_iter().map(again).collect()
}

/// The same for a property of the action: JSON, looked at as the text that it is, so that names tell of their values.
fn mask_value(value: &mut Value, allowed: &[Masked], leaks: &mut Vec<String>) -> Vec<Masked> {
    if let Value::String(text) = value {
        return mask_text(text, allowed, leaks);
    }
    let mut text = value.to_string();
    let again = mask_text(&mut text, allowed, leaks);
    if !again.is_empty() {
        *value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    }
    again
}

/// `raw` as it may be shown and kept.
pub(super) fn masked(raw: &str) -> String {
    let (shown, _) = text(raw);
    let shown: &str = shown.as_ref();
    if residual(shown).is_empty() { shown.to_owned() } else { "[withheld]".to_owned() }
}

async fn take(
    tx: &mut Tx,
    shared: &Shared,
    post: &Post,
    ready: Ready,
    now: i64,
) -> Result<Result<Full, Asked>, Fault> {
    match post.admit(tx, now).await? {
        Err(refused) => return Ok(Err(refused)),
        Ok(Admitted::Again(Some(id))) => {
            let full = view::one(&mut tx.sql, &id).await?;
            return Ok(full.ok_or(Asked::UnknownTask(id)));
        }
        Ok(Admitted::Again(None) | Admitted::Fresh) => {}
    }
    let submission = &ready.submission;
    let client = post.caller().client.clone();
    let same = Same {
        client: &client,
        subject_type: &submission.subject.kind,
        subject_id: &submission.subject.id,
        actor: &ready.actor,
        request_digest: &submission.context.request_digest,
        display_digest: &ready.display_digest,
    };
    let memory = i64::try_from(shared.config.deny_memory.as_millis()).unwrap_or(i64::MAX);
    if let Some(known) = task::same(&mut tx.sql, &same, now, now - memory).await? {
        post.made(tx, &known.id, known.expires_at).await?;
        let full = view::load(&mut tx.sql, vec![known]).await?.pop();
        return full.map(Ok).ok_or_else(|| Fault::Corrupt("a task vanished".to_owned()));
    }
    let kin = standing::kin(&client, submission);
    // What nobody may approve is not approved by what somebody agreed to before, either.
    let demands = demand::demands(&shared.config.demands, submission);
    let stands = match demands.whole(submission) {
        Ok(()) => standing::find(tx, shared, &kin, submission, now).await?,
        Err(_) => None,
    };
    if stands.is_none()
        && let Err(full) =
            limits::room(&mut tx.sql, &shared.config.limits, &kin, same.subject_id, now).await?
    {
        return Ok(Err(full));
    }
    let row = task::Row {
        id: ids::id("arq_", now)?,
        client: client.clone(),
        status: Status::Pending,
        version: 1,
        request_digest: submission.context.request_digest.clone(),
        display_digest: ready.display_digest.clone(),
        code: match &submission.context.v1.code {
            Some(code) => code.clone(),
            None => ids::code()?,
        },
        submission: ready.submission.clone(),
        grant_seconds: ready.grant_seconds,
        created_at: now,
        expires_at: ready.expires_at,
        decided_at: None,
        description: None,
        denial: None,
        question: None,
        outcome: None,
        record_leaf: None,
    };
    task::insert(&mut tx.sql, &row, &same).await?;
    kin::insert(&mut tx.sql, &row.id, &kin).await?;
    facet::insert(&mut tx.sql, &row.id, &find::facet_of(&row.submission, &row.code), now).await?;
    post.made(tx, &row.id, row.expires_at).await?;
    if let Some(stands) = stands
        && standing::spend(tx, shared, &stands, &row, now).await? == Spent::No
    {
        return Err(Fault::Corrupt(format!("standing approval `{}` changed under its own use", stands.id)));
    }
    if !ready.leaks.is_empty() {
        tracing::error!(task = %row.id, detectors = ?ready.leaks, "a filter left something unmasked; it was masked here");
        let mut members = log::about(&row);
        members.insert("reason_code".to_owned(), "unmasked-content".into());
        members.insert("detectors".to_owned(), json!(ready.leaks));
        log::record(&mut tx.sql, "verify.failed", now, members).await?;
    }
    let full = view::one(&mut tx.sql, &row.id).await?;
    tx.changed(TaskChanged { id: row.id, status: full.as_ref().map_or(row.status, |full| full.row.status) });
    full.map(Ok).ok_or_else(|| Fault::Corrupt("a task vanished".to_owned()))
}
