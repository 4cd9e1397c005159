//! Grants and receipts: the claims that the approval service signs (protocol 1.5, 1.6).

use crate::{
    jws::{Jwks, JwsFault},
    masking::Masking,
    names,
    parties::{ActionName, Actor, Entity},
    people::Way,
    submission::RecordRef,
};
use serde::{Deserialize, Serialize};

/// The claims of a signed decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrantClaims {
    /// The approval service, as the filter is configured to know it.
    pub iss: String,
    /// The filter's client id.
    pub aud: String,
    /// Seconds since the epoch.
    pub iat: i64,
    /// Not before.
    pub nbf: i64,
    /// Not at or after.
    pub exp: i64,
    /// The grant's own id.
    pub jti: String,
    /// The task it decides.
    pub tid: String,
    /// What was decided.
    pub decision: Decision,
    /// What it is good for.
    pub request_digest: String,
    /// What the reviewers saw.
    pub display_digest: String,
    /// How what they saw was masked, as it was submitted; other services may leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masking: Option<Masking>,
    /// How often it may be used: 1.
    pub max_uses: u32,
    /// Exactly the request digest.
    pub binding_context_members: Vec<String>,
    /// Who asked.
    pub subject: Entity,
    /// What for.
    pub action: ActionName,
    /// On what.
    pub resource: Entity,
    /// Through which agent and for whom.
    pub actor: Actor,
    /// Under which rule.
    pub policy: GrantPolicy,
    /// What was required.
    pub quorum: GrantQuorum,
    /// Who agreed.
    pub approvers: Vec<Approver>,
    /// What is released with it.
    pub release: Release,
    /// That one person decided alone, in an emergency, and by when a second one must look at it. A filter takes it only
    /// under a rule of its own policy that allows it; one that does not know the claim finds too few approvers.
    #[serde(rename = "urn:countersign:break_glass", default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlass>,
    /// Where nobody was asked for this very request: the standing approval it was given under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
}

/// What a grant says that was given by breaking the glass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakGlass {
    /// By when a second human must have looked at it, seconds since the epoch.
    pub review_by: i64,
}

/// The standing approval that a grant was given under. The approvers of such a grant are those who agreed to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Its id.
    pub id: String,
    /// Which use this is; the request that was decided by people is the first.
    #[serde(rename = "use")]
    pub number: u32,
    /// How many uses were agreed to, the first included.
    pub uses: u32,
    /// When the last of them agreed, in seconds since the epoch.
    pub since: i64,
    /// Not at or after, in seconds since the epoch.
    pub until: i64,
    /// The task that people decided.
    pub first: String,
    /// What it is for: the digest in the submission's `urn:countersign:scoped`.
    pub scope: String,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// The call may leave, once.
    Approved,
    /// It may not.
    Denied,
}

/// The rule a grant was given under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantPolicy {
    /// Policy name.
    pub id: String,
    /// Rule name.
    pub rule: String,
    /// Commit.
    pub commit: String,
    /// Digest of the compiled rule.
    pub rule_digest: String,
    /// Digest of the document.
    pub digest: String,
}

/// What was required of the reviewers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantQuorum {
    /// Distinct people.
    pub required: u8,
    /// Groups.
    pub groups: Vec<String>,
    /// Always true.
    pub distinct: bool,
    /// As it was submitted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<Way>,
}

/// One reviewer's yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approver {
    /// Who vouches for the person.
    pub iss: String,
    /// The person.
    pub sub: String,
    /// Blocks and collapses, never authorises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The one group this vote counts for.
    pub group: String,
    /// Where the decision was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Seconds since the epoch.
    pub at: i64,
}

/// What is released with the grant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Names of secrets.
    #[serde(default)]
    pub secrets: Vec<String>,
}

/// The claims of a receipt: this grant was used up, and this record is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptClaims {
    /// The approval service.
    pub iss: String,
    /// The filter's client id.
    pub aud: String,
    /// Seconds since the epoch.
    pub iat: i64,
    /// At most 30 s later.
    pub exp: i64,
    /// The grant's id.
    pub jti: String,
    /// The request.
    pub request_digest: String,
    /// The filter's own fresh bits.
    pub nonce: String,
    /// The record that is now durable.
    pub audit: RecordRef,
}

impl Jwks {
    /// Verifies the signature of a grant and reads its claims; what they are worth is not decided here.
    ///
    /// # Errors
    /// As [`Jwks::verify`], and [`JwsFault::Claims`] where they are of another shape.
    pub fn grant(&self, token: &str) -> Result<GrantClaims, JwsFault> {
        serde_json::from_value(self.verify(token, names::GRANT_TYP)?).map_err(|_| JwsFault::Claims)
    }

    /// Verifies the signature of a receipt and reads its claims.
    ///
    /// # Errors
    /// As [`Jwks::grant`].
    pub fn receipt(&self, token: &str) -> Result<ReceiptClaims, JwsFault> {
        serde_json::from_value(self.verify(token, names::RECEIPT_TYP)?).map_err(|_| JwsFault::Claims)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{
        digest::{b64url, unhex},
        jws::{Issuer, JwksDocument, JwksFault},
    };
    use serde_json::{Value, json};

    /// RFC 8037, appendix A.1.
    fn issuer() -> Issuer {
        let seed = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        Issuer::from_seed(&seed.try_into().unwrap())
    }

    fn document() -> JwksDocument {
        serde_json::from_str(include_str!("../vectors/jwks.json")).unwrap()
    }

    fn jwks() -> Jwks {
        Jwks::try_from(&document()).unwrap()
    }

    const GRANT: &str = include_str!("../vectors/approval.jws");

    #[test]
    fn the_published_grant_verifies_and_is_signed_byte_for_byte() {
        let claims: GrantClaims =
            serde_json::from_str(include_str!("../vectors/approval_claims.json")).unwrap();
        assert_eq!(jwks().grant(GRANT.trim_end()).unwrap(), claims);
        assert_eq!(issuer().sign(names::GRANT_TYP, &claims), GRANT.trim_end());
    }

    #[test]
    fn the_published_receipt_verifies_and_is_signed_byte_for_byte() {
        let token = include_str!("../vectors/receipt.jws").trim_end();
        let claims: ReceiptClaims =
            serde_json::from_str(include_str!("../vectors/receipt_claims.json")).unwrap();
        assert_eq!(jwks().receipt(token).unwrap(), claims);
        assert_eq!(issuer().sign(names::RECEIPT_TYP, &claims), token);
    }

    fn resigned(header: &Value, claims: &str) -> String {
        let signed = format!("{}.{}", b64url(header.to_string().as_bytes()), b64url(claims.as_bytes()));
        format!("{signed}.{}", b64url(&issuer().sign_bytes(signed.as_bytes())))
    }

    #[test]
    fn a_forged_header_verifies_nothing_even_where_the_signature_does() {
        let claims = include_str!("../vectors/approval_claims.json");
        let kid = issuer().kid().to_owned();
        let good = json!({"alg": "Ed25519", "kid": kid, "typ": names::GRANT_TYP});
        assert!(jwks().grant(&resigned(&good, claims)).is_ok());
        let with = |name: &str, value: Value| {
            let mut header = good.clone();
            header.as_object_mut().unwrap().insert(name.into(), value);
            header
        };
        for header in [
            with("alg", json!("none")),
            with("alg", json!("HS256")),
            with("alg", json!("EdDSA")),
            with("alg", json!("ed25519")),
            with("alg", json!(["Ed25519"])),
            with("typ", json!("JWT")),
            with("typ", json!(names::RECEIPT_TYP)),
            with("typ", json!("COUNTERSIGN-APPROVAL+JWT")),
            with("crit", json!(["b64"])),
            with("b64", json!(false)),
            with("jwk", json!(issuer().jwk())),
            with("jku", json!("https://evil.example/jwks")),
            with("x5u", json!("https://evil.example/cert")),
            json!({"alg": "Ed25519", "typ": names::GRANT_TYP}),
            json!([]),
        ] {
            assert_eq!(jwks().grant(&resigned(&header, claims)), Err(JwsFault::Header), "{header}");
        }
        let stranger = with("kid", json!("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4K"));
        assert_eq!(jwks().grant(&resigned(&stranger, claims)), Err(JwsFault::UnknownKey));
    }

    #[test]
    fn a_token_has_one_spelling() {
        let token = GRANT.trim_end();
        for (n, bad) in [
            format!("{token}="),
            format!("{token}."),
            format!(" {token}"),
            token.replace('.', ""),
            format!("{token}AAAA"),
            // The last character's unused bits set: the same bytes to a lax decoder.
            format!("{}B", token.strip_suffix('A').unwrap()),
        ]
        .iter()
        .enumerate()
        {
            assert_eq!(jwks().grant(bad), Err(JwsFault::Malformed), "{n}");
        }
        let flipped = token.replacen("eyJhY3Rpb24", "eyJhY3Rpb25", 1);
        assert!(jwks().grant(&flipped).is_err());
        assert_eq!(jwks().grant(&"a".repeat(9000)), Err(JwsFault::TooLarge));
    }

    #[test]
    fn duplicate_claims_are_refused() {
        let header = json!({"alg": "Ed25519", "kid": issuer().kid(), "typ": names::GRANT_TYP});
        let claims =
            include_str!("../vectors/approval_claims.json").replacen('{', r#"{"decision":"denied","#, 1);
        assert_eq!(jwks().grant(&resigned(&header, &claims)), Err(JwsFault::Claims));
    }

    #[test]
    fn a_key_set_is_checked_before_it_is_trusted() {
        let change = |f: fn(&mut crate::jws::Jwk)| {
            let mut keys = document();
            f(keys.keys.first_mut().unwrap());
            Jwks::try_from(&keys).unwrap_err()
        };
        assert!(matches!(change(|k| k.alg = Some("EdDSA".into())), JwksFault::Kind(_)));
        assert!(matches!(change(|k| k.kty = "RSA".into()), JwksFault::Kind(_)));
        assert!(matches!(change(|k| k.usage = Some("enc".into())), JwksFault::Kind(_)));
        assert!(matches!(change(|k| k.kid = "mine".into()), JwksFault::Thumbprint(..)));
        assert!(matches!(change(|k| k.x = "AAAA".into()), JwksFault::Point(_)));
        // The identity point: every signature of zeros would verify under a lax verifier.
        assert!(matches!(change(|k| k.x = format!("AQ{}", "A".repeat(41))), JwksFault::Point(_)));
        let mut twice = document();
        twice.keys.extend(document().keys);
        assert!(matches!(Jwks::try_from(&twice).unwrap_err(), JwksFault::Duplicate(_)));
        assert_eq!(Jwks::try_from(&JwksDocument { keys: vec![] }).unwrap_err(), JwksFault::Empty);
    }
}
