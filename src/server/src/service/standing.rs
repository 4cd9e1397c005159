//! Standing approvals: people who decided one request agreed to the same again, so often and until then.
//!
//! Promises: everyone of the quorum agreed, and the narrowest of what they agreed to counts; a use is a task of its own with
//! a grant of its own for its own request, recorded and redeemed like any other; what arrives in parallel never gets more
//! uses than were agreed to; one that ended is not used again, and its grants that were not used are worth nothing. It ends
//! by hand, by its time, when a reviewer denies the same again, when one who agreed may no longer decide it, and when the
//! text of the rule changes.
//!
//! What "the same" is the filter says by a keyed digest over raw names, and the service compares what it can read on top:
//! two requests that only look alike because of masking do not match. It is never used where what became of an earlier use,
//! or of the same request, is not known.

use countersign_wire::{
    grant::{Approver, Decision, GrantClaims, Standing},
    json::jcs_of,
    people::Separation,
    submission::{ScopedAsk, Submission},
};
use serde_json::{Value, json};

use super::{
    Fault, Revoked, RevokedWhy, Shared, Status,
    grant::{self, Decided},
    log,
    people::{self, How, Stands},
    revoke, view,
};
use crate::{
    ids,
    store::{
        Tx,
        kin::Kin,
        outcome,
        standing::{self, Agreement, Ended, Ending, Row, Unknown, Used},
        task::{self, Swap},
        vote,
    },
};

/// What a reviewer agrees to beyond the one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Again {
    /// How often, this request included.
    pub uses: u32,
    /// For how many seconds from now.
    pub seconds: i64,
}

/// What the filter says may be agreed to.
pub(super) fn offered(submission: &Submission) -> Option<&ScopedAsk> {
    // A rule that wants somebody else each time wants to be asked each time.
    let alternate = submission.context.v1.quorum.separation.contains(&Separation::LastApprover);
    let access = submission.requested_access.as_ref().filter(|_| !alternate);
    access.and_then(|access| access.scoped.as_ref())
}

/// Why one ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Revoked,
    Denied,
    NotEligible,
    RuleChanged,
}

impl Why {
    fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Denied => "denied",
            Self::NotEligible => "not_eligible",
            Self::RuleChanged => "rule_changed",
        }
    }
}

/// What a task has in common with others.
pub(super) fn kin(client: &str, submission: &Submission) -> Kin {
    let v1 = &submission.context.v1;
    let operation = |name: &str| submission.action.properties.get(name).cloned().unwrap_or(Value::Null);
    let alike = json!({
        "client": client,
        "subject": submission.subject.bound(),
        "actor": submission.client.actor,
        "action": submission.action.name,
        "operation": [operation("method"), operation("protocol"), operation("service"), operation("operation")],
        "resource": submission.resource.bound(),
        "destination": [v1.destination.scheme, v1.destination.authority, v1.destination.path],
        "policy": [v1.policy.id, v1.policy.rule, v1.policy.rule_digest],
    });
    Kin {
        client: client.to_owned(),
        policy: v1.policy.id.clone(),
        rule: v1.policy.rule.clone(),
        alike: format!("alk_{}", countersign_wire::digest::tagged("countersign-alike-v1\0", &jcs_of(&alike)))
            .replace("sha-256:", ""),
        scope: offered(submission).map(|offered| offered.digest.clone()),
    }
}

/// Everything that can be read and must be the same, canonical. The body is not among it.
fn matcher(kin: &Kin, submission: &Submission) -> String {
    let v1 = &submission.context.v1;
    let whole = json!({
        "alike": kin.alike,
        "scope": kin.scope,
        "quorum": v1.quorum,
        "secrets": v1.secrets,
        "media_type": v1.payload.media_type,
    });
    String::from_utf8(jcs_of(&whole)).unwrap_or_default()
}

/// Notes what a reviewer agrees to with their vote; an earlier agreement of theirs is forgotten.
pub(super) async fn agree(
    tx: &mut Tx,
    mine: &vote::Row,
    again: Option<Again>,
    now: i64,
) -> Result<(), Fault> {
    standing::disagree(&mut tx.sql, &mine.task, &mine.who.iss, &mine.who.sub).await?;
    let Some(again) = again else { return Ok(()) };
    let agreed = Agreement {
        task: mine.task.clone(),
        iss: mine.who.iss.clone(),
        sub: mine.who.sub.clone(),
        uses: i64::from(again.uses),
        until: now + again.seconds * 1000,
    };
    standing::agree(&mut tx.sql, &agreed).await
}

/// A task was approved: where all who approved agreed to the same again, that stands from now on.
pub(super) async fn begin(
    tx: &mut Tx,
    row: &task::Row,
    approvers: &[Approver],
    now: i64,
) -> Result<(), Fault> {
    let Some(offered) = offered(&row.submission) else { return Ok(()) };
    let agreed = standing::agreements(&mut tx.sql, &view::array(&[&row.id])?).await?;
    let of = |who: &Approver| agreed.iter().find(|one| one.iss == who.iss && one.sub == who.sub);
    let Some(all) = approvers.iter().map(of).collect::<Option<Vec<&Agreement>>>() else { return Ok(()) };
    let uses = all.iter().map(|one| one.uses).min().unwrap_or_default().min(i64::from(offered.uses));
    let until = all.iter().map(|one| one.until).min().unwrap_or_default();
    // Claims are in whole seconds, and must lie within what was agreed to.
    let since = now / 1000;
    let until = (until / 1000).min(since.saturating_add(offered.seconds));
    if uses < 2 || until <= since {
        return Ok(());
    }
    let kin = kin(&row.client, &row.submission);
    let policy = &row.submission.context.v1.policy;
    let fresh = Row {
        id: ids::id("sta_", now)?,
        task: row.id.clone(),
        client: row.client.clone(),
        policy: policy.id.clone(),
        rule: policy.rule.clone(),
        rule_digest: policy.rule_digest.clone(),
        scope: offered.digest.clone(),
        matcher: matcher(&kin, &row.submission),
        approvers: approvers.to_vec(),
        uses,
        used: 1,
        since: since * 1000,
        until: until * 1000,
        ended: None,
    };
    standing::insert(&mut tx.sql, &fresh).await?;
    let mut members = log::about(row);
    members.insert("standing".to_owned(), told(&fresh));
    members.insert("approvers".to_owned(), json!(approvers));
    log::record(&mut tx.sql, "standing.begun", now, members).await.map(drop)
}

fn told(row: &Row) -> Value {
    json!({"id": row.id, "uses": row.uses, "used": row.used, "since": row.since / 1000, "until": row.until / 1000,
        "first": row.task, "scope": row.scope})
}

/// Looks for a standing approval that a new request may use; those that no longer stand are ended on the way.
pub(super) async fn find(
    tx: &mut Tx,
    shared: &Shared,
    kin: &Kin,
    submission: &Submission,
    now: i64,
) -> Result<Option<Row>, Fault> {
    let policy = &submission.context.v1.policy;
    let named = (kin.client.as_str(), kin.policy.as_str(), kin.rule.as_str());
    for old in standing::of_other_text(&mut tx.sql, named, &policy.rule_digest).await? {
        end(tx, &old, Why::RuleChanged, None, now).await?;
    }
    let (Some(offered), Some(scope)) = (offered(submission), kin.scope.as_deref()) else { return Ok(None) };
    let subject = (submission.subject.kind.as_str(), submission.subject.id.as_str());
    if outcome::open(&mut tx.sql, subject, &submission.context.request_digest).await?.is_some() {
        return Ok(None);
    }
    let own = matcher(kin, submission);
    for row in standing::open_for(&mut tx.sql, &kin.client, scope, now).await? {
        let lasts = (row.until - row.since) / 1000;
        if row.matcher != own || row.uses > i64::from(offered.uses) || lasts > offered.seconds {
            continue;
        }
        match stands(tx, shared, &row.approvers, submission, now).await? {
            Stands::Yes => {}
            Stands::No => {
                end(tx, &row, Why::NotEligible, None, now).await?;
                continue;
            }
        }
        match standing::unknown_outcome(&mut tx.sql, &row).await? {
            Unknown::No => return Ok(Some(row)),
            Unknown::Yes => {}
        }
    }
    Ok(None)
}

/// Whether those who agreed are still in the groups they stood for, still different people, and none of them is among those
/// who ask, by any account known now.
async fn stands(
    tx: &mut Tx,
    shared: &Shared,
    approvers: &[Approver],
    submission: &Submission,
    now: i64,
) -> Result<Stands, Fault> {
    people::of_approvers(&mut tx.sql, &shared.directory(), submission, approvers, How::Together, now).await
}

/// A grant under a standing approval is about to be used: where it no longer stands, it ends here, and the grant is void
/// with it. Any other grant stands by itself.
pub(super) async fn at_redeem(
    tx: &mut Tx,
    shared: &Shared,
    claims: &GrantClaims,
    submission: &Submission,
    now: i64,
) -> Result<Stands, Fault> {
    let Some(claim) = &claims.standing else { return Ok(Stands::Yes) };
    let Some(row) = standing::get(&mut tx.sql, &claim.id).await? else { return Ok(Stands::No) };
    if row.ended.is_some() {
        return Ok(Stands::No);
    }
    match stands(tx, shared, &claims.approvers, submission, now).await? {
        Stands::Yes => Ok(Stands::Yes),
        Stands::No => {
            end(tx, &row, Why::NotEligible, None, now).await?;
            Ok(Stands::No)
        }
    }
}

/// Approves a task that was just made under a standing approval: counts the use, and signs a grant for this very request.
pub(super) async fn spend(
    tx: &mut Tx,
    shared: &Shared,
    standing: &Row,
    row: &task::Row,
    now: i64,
) -> Result<Spent, Fault> {
    let Some(number) = standing::count(&mut tx.sql, &standing.id, now).await? else { return Ok(Spent::No) };
    let used = Used { task: row.id.clone(), standing: standing.id.clone(), number, at: now };
    standing::used(&mut tx.sql, &used).await?;
    let corrupt = |_| Fault::Corrupt(format!("standing approval `{}`: its count", standing.id));
    let claim = Standing {
        id: standing.id.clone(),
        number: u32::try_from(number).map_err(corrupt)?,
        uses: u32::try_from(standing.uses).map_err(corrupt)?,
        since: standing.since / 1000,
        until: standing.until / 1000,
        first: standing.task.clone(),
        scope: standing.scope.clone(),
    };
    let (jti, iat) = (ids::id("apr_", now)?, now / 1000);
    let exp = (iat + row.grant_seconds).min(claim.until);
    let approvers = standing.approvers.clone();
    let decided = Decided {
        row,
        jti: jti.clone(),
        decision: Decision::Approved,
        approvers: approvers.clone(),
        iat,
        exp,
        break_glass: None,
    };
    let mut claims = grant::claims(&shared.config.issuer, decided);
    claims.standing = Some(claim.clone());
    let grant = vote::Grant {
        jti: jti.clone(),
        task: row.id.clone(),
        client: row.client.clone(),
        state: grant::sign(&shared.keys().current, &claims),
        approved_at: now,
        approved_until: exp * 1000,
        max_uses: 1,
        used: 0,
        revoked_at: None,
        nonce: None,
        record_leaf: None,
    };
    let quorum = &row.submission.context.v1.quorum;
    let mut members = log::about(row);
    members.insert("jti".to_owned(), jti.into());
    members.insert("decision".to_owned(), "approved".into());
    members.insert("approvers".to_owned(), json!(approvers));
    members.insert("quorum".to_owned(), json!({"required": quorum.required, "groups": quorum.groups}));
    members.insert("standing".to_owned(), json!(claim));
    let leaf = log::record(&mut tx.sql, "decision.recorded", now, members).await?;
    vote::put_grant(&mut tx.sql, &grant).await?;
    let end =
        task::End { status: Status::Approved, description: None, denial: None, record_leaf: Some(leaf), now };
    match task::end(&mut tx.sql, row, &end).await? {
        Swap::Done => Ok(Spent::Yes),
        Swap::Lost => Err(Fault::Corrupt("a task changed inside its own transaction".to_owned())),
    }
}

/// Whether a use was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    Yes,
    No,
}

/// Ends one, takes back its unused grants, and says so in the record.
pub(super) async fn end(
    tx: &mut Tx,
    row: &Row,
    why: Why,
    by: Option<(String, Value)>,
    now: i64,
) -> Result<(), Fault> {
    let (name, who) = by.unzip();
    let ended = Ended { at: now, why: why.as_str().to_owned(), by: name };
    match standing::end(&mut tx.sql, &row.id, &ended).await? {
        Ending::Before => return Ok(()),
        Ending::Now => {}
    }
    let mut members = match task::get(&mut tx.sql, &row.task).await? {
        Some(first) => log::about(&first),
        None => log::object(json!({"tid": row.task})),
    };
    members.insert("standing".to_owned(), told(row));
    members.insert("reason_code".to_owned(), why.as_str().into());
    members.extend(who.map(|who| ("approvers".to_owned(), json!([who]))));
    log::record(&mut tx.sql, "standing.ended", now, members).await?;
    // The first request's grant stays what its reviewers gave.
    let uses = standing::uses_of(&mut tx.sql, &view::array(&[&row.id])?).await?;
    let tasks: Vec<&str> = uses.iter().map(|used| used.task.as_str()).collect();
    let revoked =
        Revoked { why: RevokedWhy::Standing, by: None, reason: why.as_str().to_owned(), at_ms: now };
    for grant in vote::grants(&mut tx.sql, &view::array(&tasks)?).await? {
        if let Some(task) = task::get(&mut tx.sql, &grant.task).await? {
            revoke::one(tx, &task, &grant, &revoked, None).await?;
        }
    }
    Ok(())
}

/// A reviewer denied a request: nothing of the same kind goes out without being asked for from now on.
pub(super) async fn denied(tx: &mut Tx, row: &task::Row, by: (String, Value), now: i64) -> Result<(), Fault> {
    let Some(offered) = offered(&row.submission) else { return Ok(()) };
    for one in standing::of_scope(&mut tx.sql, &row.client, &offered.digest).await? {
        end(tx, &one, Why::Denied, Some(by.clone()), now).await?;
    }
    Ok(())
}
