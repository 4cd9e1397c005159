//! Redeem: the AuthZEN re-evaluation that uses a grant up and makes the record durable (protocol 1.6 and part 4).

use crate::{
    json::{Limits, strict},
    parties::{ActionName, Entity},
    sealed::Sealed,
    task::Approval,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of `POST /access/v1/evaluation`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Redeem {
    /// As submitted.
    pub subject: Entity,
    /// As submitted.
    pub action: ActionName,
    /// As submitted.
    pub resource: Entity,
    /// Exactly three members.
    pub context: RedeemContext,
}

/// `context` of a redeem.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedeemContext {
    /// The request.
    #[serde(rename = "urn:countersign:request_digest")]
    pub request_digest: String,
    /// `result.approval` of the task, unchanged.
    pub approval: Approval,
    /// Fresh bits and the record.
    #[serde(rename = "urn:countersign:v1")]
    pub v1: RedeemV1,
}

/// Fresh bits and the record.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedeemV1 {
    /// 128 random bits, base64url.
    pub nonce: String,
    /// The complete record `action.releasing`.
    pub record: Value,
}

/// The answer to a redeem.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RedeemAnswer {
    /// Whether the grant was used up for this caller.
    pub decision: bool,
    /// Receipt or reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<AnswerContext>,
}

/// `context` of the answer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AnswerContext {
    /// The grant that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Value>,
    /// AuthZEN's reason, such as `approval_expired`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the agent can do, such as `request`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_action: Option<String>,
    /// Ours.
    #[serde(rename = "urn:countersign:v1", default, skip_serializing_if = "Option::is_none")]
    pub v1: Option<AnswerV1>,
}

/// Receipt or detail.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AnswerV1 {
    /// The signed receipt; only with `decision: true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// Why not; only with `decision: false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
    /// The secrets that the request uses, sealed for this grant; only with `decision: true`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Sealed>,
}

/// Why a redeem did not release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Used before, by another nonce.
    AlreadyRedeemed,
    /// Taken back.
    Revoked,
    /// Too late.
    Expired,
    /// Another request.
    DigestMismatch,
    /// Never granted.
    NotApproved,
    /// The record could not be stored.
    AuditUnwritable,
    /// A secret could not be read. The grant was not used up; the same nonce may ask again.
    SecretUnavailable,
    /// A word we do not know: no release.
    #[serde(other)]
    Unknown,
}

impl RedeemAnswer {
    /// Reads an answer's body; `None` where it is none.
    pub fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_value(strict(body, &Limits::ANSWER).ok()?).ok()
    }

    /// The sealed secrets of the answer, whatever it decides.
    pub fn secrets(&self) -> &[Sealed] {
        let v1 = self.context.as_ref().and_then(|context| context.v1.as_ref());
        v1.map(|v1| v1.secrets.as_slice()).unwrap_or_default()
    }

    /// The receipt of a positive answer.
    ///
    /// # Errors
    /// Why there is none; [`Detail::Unknown`] where the answer does not say.
    pub fn receipt(&self) -> Result<&str, Detail> {
        let v1 = self.context.as_ref().and_then(|context| context.v1.as_ref());
        if !self.decision {
            return Err(v1.and_then(|v1| v1.detail).unwrap_or(Detail::Unknown));
        }
        v1.and_then(|v1| v1.receipt.as_deref()).ok_or(Detail::Unknown)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn receipt(body: &str) -> Result<String, Detail> {
        RedeemAnswer::read(body.as_bytes()).unwrap().receipt().map(str::to_owned)
    }

    #[test]
    fn a_yes_without_a_receipt_is_no_yes() {
        assert_eq!(receipt(r#"{"decision":true}"#), Err(Detail::Unknown));
        assert_eq!(
            receipt(r#"{"decision":true,"context":{"urn:countersign:v1":{"receipt":"r"}}}"#),
            Ok("r".into())
        );
        assert_eq!(
            receipt(r#"{"decision":false,"context":{"urn:countersign:v1":{"receipt":"r"}}}"#),
            Err(Detail::Unknown)
        );
    }

    #[test]
    fn sealed_secrets_are_read_and_without_any_there_is_no_member() {
        let body = r#"{"decision":true,"context":{"urn:countersign:v1":{"receipt":"r","secrets":[{"name":"a","jwe":"j"}]}}}"#;
        let answer = RedeemAnswer::read(body.as_bytes()).unwrap();
        assert_eq!(answer.secrets(), [Sealed { name: "a".into(), jwe: "j".into() }]);
        assert_eq!(serde_json::to_string(&answer).unwrap(), body);
        assert!(RedeemAnswer::read(br#"{"decision":true}"#).unwrap().secrets().is_empty());
        assert!(!serde_json::to_string(&AnswerV1::default()).unwrap().contains("secrets"));
    }

    #[test]
    fn details_are_read_and_unknown_ones_release_nothing() {
        let no = |detail: &str| {
            format!(r#"{{"decision":false,"context":{{"urn:countersign:v1":{{"detail":"{detail}"}}}}}}"#)
        };
        assert_eq!(receipt(&no("already_redeemed")), Err(Detail::AlreadyRedeemed));
        assert_eq!(receipt(&no("secret_unavailable")), Err(Detail::SecretUnavailable));
        assert_eq!(receipt(&no("mood")), Err(Detail::Unknown));
        assert!(RedeemAnswer::read(br#"{"decision":"true"}"#).is_none());
        assert!(RedeemAnswer::read(br#"{"decision":false,"decision":true}"#).is_none());
    }
}
