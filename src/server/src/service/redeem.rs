//! Redeem: use a grant up, once, and store the record of the release in the same transaction (protocol 1.6).

use std::sync::Arc;

use countersign_wire::{
    clock::rfc3339_s,
    evaluation::{AnswerContext, AnswerV1, Detail, Redeem, RedeemAnswer},
    grant::GrantClaims,
    json::{Limits, strict},
    names,
    record::Record,
};
use serde_json::json;

use super::{
    Asked, Fault, Revoked, RevokedWhy, Service, Shared, Status, TaskChanged,
    caller::{Admitted, Post},
    decide::same_entity,
    grant::{self, Redeemed},
    outcome,
    people::{self, Standing},
    revoke,
    standing::{self, Stands},
};
use crate::{
    keys::kid,
    store::{
        Tx, key,
        leaf::{self, Kept},
        outcome::Noted,
        task,
        vote::{self, Grant, Use},
    },
};

impl Service {
    /// Takes `POST /access/v1/evaluation`. A well-formed call always gets an answer; only `decision: true` with a
    /// receipt releases.
    ///
    /// # Errors
    /// [`Asked`], where the call is not well-formed or was replayed.
    pub async fn redeem(&self, post: Post, body: &[u8]) -> Result<RedeemAnswer, Asked> {
        let limits = Limits { size: names::MAX_ANSWER, depth: names::MAX_DEPTH };
        let value = strict(body, &limits).map_err(|fault| Asked::Malformed(fault.to_string()))?;
        let ask: Redeem =
            serde_json::from_value(value).map_err(|error| Asked::Malformed(error.to_string()))?;
        let nonce = &ask.context.v1.nonce;
        if !(22..=64).contains(&nonce.len())
            || !nonce.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        {
            return Err(Asked::Malformed("`nonce` is not 128 random bits in base64url".to_owned()));
        }
        let attempt = Attempt { shared: self.shared.clone(), post, ask, now: self.now_ms() };
        match self.shared.store.write(move |tx| Box::pin(async move { attempt.run(tx).await })).await {
            // Only what no copy of the database can forget is let out.
            Ok(Ok(answer)) if answer.decision => match self.anchored().await {
                Ok(()) => Ok(answer),
                Err(fault) => {
                    tracing::error!(%fault, "a redeem could not be anchored");
                    Ok(refusal(Detail::AuditUnwritable))
                }
            },
            Ok(answer) => answer,
            Err(Fault::Closing) => Err(Asked::Fault(Fault::Closing)),
            // Nothing is known to be on disk, so nothing may leave; the same nonce may ask again.
            Err(fault @ (Fault::Store(_) | Fault::Corrupt(_))) => {
                tracing::error!(%fault, "a redeem could not be stored");
                Ok(refusal(Detail::AuditUnwritable))
            }
        }
    }
}

struct Attempt {
    shared: Arc<Shared>,
    post: Post,
    ask: Redeem,
    now: i64,
}

/// A grant that was used by this nonce, now or before.
struct Won {
    grant: Grant,
    record: countersign_wire::submission::RecordRef,
}

impl Attempt {
    async fn run(self, tx: &mut Tx) -> Result<Result<RedeemAnswer, Asked>, Fault> {
        match self.post.admit(tx, self.now).await? {
            Err(refused) => return Ok(Err(refused)),
            // A repeat is told the same by the grant's own nonce.
            Ok(Admitted::Fresh | Admitted::Again(_)) => {}
        }
        Ok(Ok(match self.decide(tx).await? {
            Ok(won) => self.receipt(won),
            Err(detail) => refusal(detail),
        }))
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Result<Won, Detail>, Fault> {
        let client = &self.post.caller().client;
        // First the record: whatever is decided about the grant, that somebody was about to release stays known.
        let Ok(record) = Record::from_value(self.ask.context.v1.record.clone(), 0) else {
            return Ok(Err(Detail::AuditUnwritable));
        };
        let leaf = match leaf::put(&mut tx.sql, client, &record, self.now).await? {
            Kept::At(leaf) => leaf,
            Kept::Taken | Kept::NoChain | Kept::Unlinked => return Ok(Err(Detail::AuditUnwritable)),
        };
        let known = vote::grant_by_id(&mut tx.sql, &self.ask.context.approval.id).await?;
        let Some(grant) = known.filter(|grant| grant.client == *client) else {
            return Ok(Err(Detail::NotApproved));
        };
        let Some(row) = task::get(&mut tx.sql, &grant.task).await? else {
            return Ok(Err(Detail::NotApproved));
        };
        if self.now >= grant.approved_until {
            return Ok(Err(Detail::Expired));
        }
        if let Err(detail) = self.same_request(&row, &grant, &record) {
            return Ok(Err(detail));
        }
        if grant.nonce.as_ref() == Some(&self.ask.context.v1.nonce) {
            // The first answer was lost on its way; the same call gets it again.
            if grant.record_leaf != Some(leaf) {
                return Ok(Err(Detail::AlreadyRedeemed));
            }
            return Ok(match outcome::given(tx, &row.id, self.now).await? {
                Noted::UnderWay => Ok(Won { grant, record: record.name().clone() }),
                // People were told that nobody knows; what they say must stay true.
                Noted::UnknownBefore => Err(Detail::AlreadyRedeemed),
            });
        }
        if row.status != Status::Approved {
            return Ok(Err(Detail::NotApproved));
        }
        if grant.used >= grant.max_uses {
            return Ok(Err(Detail::AlreadyRedeemed));
        }
        if grant.revoked_at.is_some() {
            return Ok(Err(Detail::Revoked));
        }
        let kid = kid(&grant.state).ok_or_else(|| Fault::Corrupt(format!("grant `{}`", grant.jti)))?;
        match key::standing(&mut tx.sql, &kid).await? {
            key::Standing::Good => {}
            key::Standing::Revoked => {
                let revoked =
                    Revoked { why: RevokedWhy::Key, by: None, reason: String::new(), at_ms: self.now };
                revoke::one(tx, &row, &grant, &revoked, None).await?;
                return Ok(Err(Detail::Revoked));
            }
        }
        let claims = claims(&grant)?;
        match standing::at_redeem(tx, &self.shared, &claims, &row.submission, self.now).await? {
            Stands::Yes => {}
            Stands::No => return Ok(Err(Detail::Revoked)),
        }
        match people::of_grant(&mut tx.sql, &self.shared.directory(), &row.submission, &claims).await? {
            Standing::Good => {}
            Standing::Gone => {
                let why = RevokedWhy::Membership;
                let gone = Revoked { why, by: None, reason: String::new(), at_ms: self.now };
                revoke::one(tx, &row, &grant, &gone, None).await?;
                return Ok(Err(Detail::Revoked));
            }
        }
        match vote::use_up(&mut tx.sql, &grant.jti, &self.ask.context.v1.nonce, leaf).await? {
            Use::Spent => Ok(Err(Detail::AlreadyRedeemed)),
            Use::Counted => {
                outcome::given(tx, &row.id, self.now).await?;
                task::bump(&mut tx.sql, &row.id).await?;
                tx.changed(TaskChanged { id: row.id, status: row.status });
                Ok(Ok(Won { grant, record: record.name().clone() }))
            }
        }
    }

    /// Whether what is redeemed is what was granted, and the record says so too.
    fn same_request(&self, row: &task::Row, grant: &Grant, record: &Record) -> Result<(), Detail> {
        let (ask, submission) = (&self.ask, &row.submission);
        let same = ask.context.request_digest == row.request_digest
            && same_entity(&ask.subject, &submission.subject)
            && same_entity(&ask.resource, &submission.resource)
            && ask.action.name == submission.action.name
            && ask.context.approval.state == grant.state;
        let recorded = record.event() == "action.releasing"
            && record.text("tid") == Some(&row.id)
            && record.text("jti") == Some(&grant.jti)
            && record.text("request_digest") == Some(&row.request_digest);
        if same && recorded { Ok(()) } else { Err(Detail::DigestMismatch) }
    }

    fn receipt(&self, won: Won) -> RedeemAnswer {
        let receipt = grant::receipt(
            &self.shared.keys().current,
            Redeemed {
                issuer: &self.shared.config.issuer,
                client: &won.grant.client,
                jti: &won.grant.jti,
                request_digest: &self.ask.context.request_digest,
                nonce: &self.ask.context.v1.nonce,
                audit: won.record,
                iat: self.now / 1000,
            },
        );
        let approval = json!({"id": won.grant.jti, "approved_until": rfc3339_s(won.grant.approved_until)});
        RedeemAnswer {
            decision: true,
            context: Some(AnswerContext {
                approval: Some(approval),
                v1: Some(AnswerV1 { receipt: Some(receipt), detail: None }),
                ..AnswerContext::default()
            }),
        }
    }
}

fn claims(grant: &Grant) -> Result<GrantClaims, Fault> {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let payload = grant.state.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
    claims.ok_or_else(|| Fault::Corrupt(format!("grant `{}`", grant.jti)))
}

fn refusal(detail: Detail) -> RedeemAnswer {
    let (reason, next) = match detail {
        Detail::AlreadyRedeemed | Detail::Revoked | Detail::Expired => ("approval_expired", "request"),
        Detail::DigestMismatch | Detail::NotApproved => ("approval_invalid", "request"),
        Detail::AuditUnwritable | Detail::Unknown => ("approval_unavailable", "retry"),
    };
    RedeemAnswer {
        decision: false,
        context: Some(AnswerContext {
            reason: Some(reason.to_owned()),
            next_action: Some(next.to_owned()),
            v1: Some(AnswerV1 { receipt: None, detail: Some(detail) }),
            ..AnswerContext::default()
        }),
    }
}
