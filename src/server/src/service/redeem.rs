//! Redeem: use a grant up, once, and store the record of the release in the same transaction (protocol 1.6).

use std::sync::Arc;

use countersign_wire::{
    clock::rfc3339_s,
    evaluation::{AnswerContext, AnswerV1, Detail, Redeem, RedeemAnswer},
    grant::GrantClaims,
    json::{Limits, strict},
    names,
    record::Record,
    sealed::{Envelope, Sealed},
};
use serde_json::json;

use super::{
    Asked, Fault, Revoked, RevokedWhy, Service, Shared, Status, TaskChanged,
    caller::{Admitted, Post},
    decide::same_entity,
    grant::{self, Redeemed},
    log, outcome,
    people::{self, Stands},
    revoke, standing,
};
use crate::{
    ids,
    keys::kid,
    secrets::Kept,
    store::{
        Tx, key,
        leaf::{self, Kept as Leaf},
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
        let answer = self.take_redeem(post, body).await;
        self.metrics().redeemed(match &answer {
            Ok(answer) if answer.decision => "released",
            Ok(_) => "refused",
            Err(_) => "not_taken",
        });
        answer
    }

    async fn take_redeem(&self, post: Post, body: &[u8]) -> Result<RedeemAnswer, Asked> {
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
        let secrets = match self.secrets(&post, &ask).await {
            Ok(secrets) => secrets,
            Err(fault) => {
                tracing::error!(%fault, "the secrets of a redeem could not be looked up");
                return Ok(refusal(Detail::AuditUnwritable));
            }
        };
        let attempt = Attempt { shared: self.shared.clone(), post, ask, secrets, now: self.now_ms() };
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

    /// Reads the secrets of the request before anything is used up. None where the redeem cannot succeed anyway.
    async fn secrets(&self, post: &Post, ask: &Redeem) -> Result<Vec<Kept>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        let known = vote::grant_by_id(&mut sql, &ask.context.approval.id).await?;
        let may_win = |grant: &Grant| {
            let fresh = grant.used < grant.max_uses || grant.nonce.as_ref() == Some(&ask.context.v1.nonce);
            grant.client == post.caller().client && grant.state == ask.context.approval.state && fresh
        };
        let Some(grant) = known.filter(may_win) else { return Ok(Vec::new()) };
        let Some(row) = task::get(&mut sql, &grant.task).await? else { return Ok(Vec::new()) };
        drop(sql);
        let names = row.submission.context.v1.secrets;
        Ok(self.shared.config.secrets.read(names).await.unwrap_or_else(|unreadable| {
            tracing::error!(task = %row.id, "{unreadable}");
            Vec::new()
        }))
    }
}

struct Attempt {
    shared: Arc<Shared>,
    post: Post,
    ask: Redeem,
    /// All that the request uses, or none where one cannot be read.
    secrets: Vec<Kept>,
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
            Ok(won) => self.receipt(won)?,
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
            Leaf::At(leaf) => leaf,
            Leaf::Taken | Leaf::NoChain | Leaf::Unlinked => return Ok(Err(Detail::AuditUnwritable)),
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
        let read =
            |secrets: &[String]| secrets.iter().all(|name| self.secrets.iter().any(|one| one.name == *name));
        let all_read = read(&row.submission.context.v1.secrets);
        if grant.nonce.as_ref() == Some(&self.ask.context.v1.nonce) {
            // The first answer was lost on its way; the same call gets it again.
            if grant.record_leaf != Some(leaf) {
                return Ok(Err(Detail::AlreadyRedeemed));
            }
            if !all_read {
                return Ok(Err(Detail::SecretUnavailable));
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
        match people::of_grant(&mut tx.sql, &self.shared.directory(), &row.submission, &claims, self.now)
            .await?
        {
            Stands::Yes => {}
            Stands::No => {
                let why = RevokedWhy::Membership;
                let gone = Revoked { why, by: None, reason: String::new(), at_ms: self.now };
                revoke::one(tx, &row, &grant, &gone, None).await?;
                return Ok(Err(Detail::Revoked));
            }
        }
        if !all_read {
            return Ok(Err(Detail::SecretUnavailable));
        }
        match vote::use_up(&mut tx.sql, &grant.jti, &self.ask.context.v1.nonce, leaf).await? {
            Use::Spent => Ok(Err(Detail::AlreadyRedeemed)),
            Use::Counted => {
                outcome::given(tx, &row.id, self.now).await?;
                task::bump(&mut tx.sql, &row.id).await?;
                self.note_secrets(tx, &row, &grant).await?;
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

    /// That values were handed out, to whom and for what; never the values.
    async fn note_secrets(&self, tx: &mut Tx, row: &task::Row, grant: &Grant) -> Result<(), Fault> {
        if self.secrets.is_empty() {
            return Ok(());
        }
        let mut members = log::about(row);
        let handed: Vec<_> =
            self.secrets.iter().map(|one| json!({"name": one.name, "version": one.version})).collect();
        members.insert("jti".to_owned(), grant.jti.clone().into());
        members.insert("client".to_owned(), grant.client.clone().into());
        members.insert("secrets".to_owned(), handed.into());
        log::record(&mut tx.sql, "secret.sealed", self.now, members).await.map(drop)
    }

    fn seal(&self, jti: &str) -> Result<Vec<Sealed>, Fault> {
        let keyid = &self.post.caller().keyid;
        let keys = self.shared.config.clients.iter().flat_map(|client| &client.keys);
        let key = keys.clone().find(|key| key.keyid == *keyid);
        let key = key.ok_or_else(|| Fault::Corrupt(format!("key `{keyid}`")))?;
        let request_digest = &self.ask.context.request_digest;
        let envelope = Envelope { key: &key.secret, jti, request_digest };
        let seal = |one: &Kept| {
            envelope
                .seal(&one.name, &one.version, &one.value, ids::random()?)
                .map_err(|fault| Fault::Corrupt(format!("secret `{}`: {fault}", one.name)))
        };
        self.secrets.iter().map(seal).collect()
    }

    fn receipt(&self, won: Won) -> Result<RedeemAnswer, Fault> {
        let secrets = self.seal(&won.grant.jti)?;
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
        Ok(RedeemAnswer {
            decision: true,
            context: Some(AnswerContext {
                approval: Some(approval),
                v1: Some(AnswerV1 { receipt: Some(receipt), detail: None, secrets }),
                ..AnswerContext::default()
            }),
        })
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
        Detail::AuditUnwritable | Detail::SecretUnavailable | Detail::Unknown => {
            ("approval_unavailable", "retry")
        }
    };
    RedeemAnswer {
        decision: false,
        context: Some(AnswerContext {
            reason: Some(reason.to_owned()),
            next_action: Some(next.to_owned()),
            v1: Some(AnswerV1 { detail: Some(detail), ..AnswerV1::default() }),
            ..AnswerContext::default()
        }),
    }
}
