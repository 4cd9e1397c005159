//! Grants, denials and receipts: the claims, and the signature under them.

use countersign_wire::{
    grant::{Approver, BreakGlass, Decision, GrantClaims, GrantPolicy, GrantQuorum, ReceiptClaims, Release},
    jws::Issuer,
    names,
    submission::RecordRef,
};

use crate::store::task;

/// A decision about to be signed.
pub(super) struct Decided<'d> {
    pub(super) row: &'d task::Row,
    pub(super) jti: String,
    pub(super) decision: Decision,
    pub(super) approvers: Vec<Approver>,
    /// Unix seconds.
    pub(super) iat: i64,
    /// Unix seconds.
    pub(super) exp: i64,
    /// Whether one person decided alone.
    pub(super) break_glass: Option<BreakGlass>,
}

/// The claims of a decision.
pub(super) fn claims(issuer: &str, decided: Decided<'_>) -> GrantClaims {
    let Decided { row, jti, decision, approvers, iat, exp, break_glass } = decided;
    let (submission, v1) = (&row.submission, &row.submission.context.v1);
    let policy = &v1.policy;
    GrantClaims {
        iss: issuer.to_owned(),
        aud: row.client.clone(),
        iat,
        nbf: iat,
        exp,
        jti,
        tid: row.id.clone(),
        decision,
        request_digest: row.request_digest.clone(),
        display_digest: row.display_digest.clone(),
        masking: v1.payload.masking.clone(),
        max_uses: 1,
        binding_context_members: vec![names::REQUEST_DIGEST.to_owned()],
        subject: submission.subject.bound(),
        action: submission.action.bound(),
        resource: submission.resource.bound(),
        actor: submission.client.actor.clone(),
        policy: GrantPolicy {
            id: policy.id.clone(),
            rule: policy.rule.clone(),
            commit: policy.commit.clone(),
            rule_digest: policy.rule_digest.clone(),
            digest: policy.digest.clone(),
        },
        quorum: GrantQuorum {
            required: v1.quorum.required,
            groups: v1.quorum.groups.clone(),
            distinct: true,
            ways: v1.quorum.ways.clone(),
        },
        approvers,
        break_glass,
        release: Release { secrets: v1.secrets.clone() },
        standing: None,
    }
}

/// Signs a decision.
pub(super) fn sign(key: &Issuer, claims: &GrantClaims) -> String {
    key.sign(names::GRANT_TYP, claims)
}

/// What a receipt confirms.
pub(super) struct Redeemed<'r> {
    pub(super) issuer: &'r str,
    pub(super) client: &'r str,
    pub(super) jti: &'r str,
    pub(super) request_digest: &'r str,
    pub(super) nonce: &'r str,
    pub(super) audit: RecordRef,
    /// Unix seconds.
    pub(super) iat: i64,
}

/// Signs a receipt, good for 30 s.
pub(super) fn receipt(key: &Issuer, redeemed: Redeemed<'_>) -> String {
    let claims = ReceiptClaims {
        iss: redeemed.issuer.to_owned(),
        aud: redeemed.client.to_owned(),
        iat: redeemed.iat,
        exp: redeemed.iat + names::MAX_RECEIPT_S,
        jti: redeemed.jti.to_owned(),
        request_digest: redeemed.request_digest.to_owned(),
        nonce: redeemed.nonce.to_owned(),
        audit: redeemed.audit,
    };
    key.sign(names::RECEIPT_TYP, &claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{audit::note::vector_key, service::Status};

    const ISSUER: &str = "https://approvals.example.com";

    #[test]
    fn the_published_grant_comes_out_byte_for_byte() {
        let vector: GrantClaims =
            serde_json::from_str(include_str!("../../tests/vectors/approval_claims.json")).unwrap();
        let body = include_str!("../../tests/vectors/approval-request.body").trim_end();
        let submission: countersign_wire::submission::Submission = serde_json::from_str(body).unwrap();
        let row = task::Row {
            id: vector.tid.clone(),
            client: submission.client.id.clone(),
            status: Status::Pending,
            version: 1,
            request_digest: submission.context.request_digest.clone(),
            display_digest: submission.display_digest(),
            code: String::new(),
            submission,
            grant_seconds: 300,
            created_at: 0,
            expires_at: 0,
            decided_at: None,
            description: None,
            denial: None,
            question: None,
            outcome: None,
            record_leaf: None,
        };
        let decided = Decided {
            row: &row,
            jti: vector.jti.clone(),
            decision: Decision::Approved,
            approvers: vector.approvers.clone(),
            iat: vector.iat,
            exp: vector.iat + row.grant_seconds,
            break_glass: None,
        };
        let claims = claims(ISSUER, decided);
        assert_eq!(claims, vector);
        let expected = include_str!("../../tests/vectors/approval.jws").trim_end();
        assert_eq!(sign(&vector_key(), &claims), expected);
    }

    #[test]
    fn the_published_receipt_comes_out_byte_for_byte() {
        let vector: ReceiptClaims =
            serde_json::from_str(include_str!("../../tests/vectors/receipt_claims.json")).unwrap();
        let redeemed = Redeemed {
            issuer: ISSUER,
            client: &vector.aud,
            jti: &vector.jti,
            request_digest: &vector.request_digest,
            nonce: &vector.nonce,
            audit: vector.audit.clone(),
            iat: vector.iat,
        };
        let expected = include_str!("../../tests/vectors/receipt.jws").trim_end();
        assert_eq!(receipt(&vector_key(), redeemed), expected);
    }
}
