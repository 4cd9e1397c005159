//! Compact JWS with Ed25519 and nothing else (RFC 7515, RFC 8037, RFC 9864's algorithm name).
//!
//! The header is compared, not interpreted: exactly `alg`, `kid`, `typ` with the expected values. There is no algorithm
//! to choose, no embedded key, no critical extension, so there is nothing for a forger to steer.

use crate::{
    digest::b64url,
    json::{Limits, jcs_of, strict},
    names,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsFault {
    /// Over 8 KiB.
    #[error("the token is larger than 8 KiB")]
    TooLarge,
    /// Not three parts of canonical base64url.
    #[error("the token is not three parts of unpadded base64url")]
    Malformed,
    /// The header is not exactly `{alg, kid, typ}` as expected.
    #[error("the token's header is not exactly the expected one")]
    Header,
    /// The key is not one of ours.
    #[error("the token names a key that is not trusted")]
    UnknownKey,
    /// The signature does not verify.
    #[error("the token's signature does not verify")]
    Signature,
    /// The claims are not strict JSON of the expected shape.
    #[error("the token's claims are not of the expected shape")]
    Claims,
}

/// A key set as it is published (RFC 7517).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwksDocument {
    /// The keys.
    pub keys: Vec<Jwk>,
}

/// One Ed25519 public key (RFC 8037).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Jwk {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// The public key, base64url.
    pub x: String,
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// `Ed25519`, if present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// `sig`, if present.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
}

/// Why a key set cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwksFault {
    /// Nothing to verify with.
    #[error("the key set is empty")]
    Empty,
    /// Not an Ed25519 signature key.
    #[error("key `{0}` is not an Ed25519 signature key (kty OKP, crv Ed25519)")]
    Kind(String),
    /// Not a point.
    #[error("key `{0}`: x is not an Ed25519 public key in base64url")]
    Point(String),
    /// Misnamed.
    #[error("key `{0}`: kid is not the key's RFC 7638 thumbprint `{1}`")]
    Thumbprint(String, String),
    /// Twice.
    #[error("key `{0}` occurs twice")]
    Duplicate(String),
}

/// Keys that have been checked.
#[derive(Clone, Debug)]
pub struct Jwks(Vec<(String, VerifyingKey)>);

impl TryFrom<&JwksDocument> for Jwks {
    type Error = JwksFault;

    fn try_from(document: &JwksDocument) -> Result<Self, JwksFault> {
        let mut keys: Vec<(String, VerifyingKey)> = Vec::new();
        for jwk in &document.keys {
            let kid = jwk.kid.clone();
            let fits = |value: &Option<String>, wanted| value.as_deref().is_none_or(|value| value == wanted);
            if jwk.kty != "OKP"
                || jwk.crv != "Ed25519"
                || !fits(&jwk.alg, "Ed25519")
                || !fits(&jwk.usage, "sig")
            {
                return Err(JwksFault::Kind(kid));
            }
            let point = URL_SAFE_NO_PAD.decode(&jwk.x).ok().and_then(|x| <[u8; 32]>::try_from(x).ok());
            let key = point.and_then(|point| VerifyingKey::from_bytes(&point).ok());
            let key = key.filter(|key| !key.is_weak()).ok_or_else(|| JwksFault::Point(kid.clone()))?;
            let expected = thumbprint(&key);
            if kid != expected {
                return Err(JwksFault::Thumbprint(kid, expected));
            }
            if keys.iter().any(|(known, _)| *known == kid) {
                return Err(JwksFault::Duplicate(kid));
            }
            keys.push((kid, key));
        }
        if keys.is_empty() { Err(JwksFault::Empty) } else { Ok(Self(keys)) }
    }
}

impl Jwks {
    /// Verifies a compact JWS and returns its claims as strict JSON. Nothing of the claims is read before the signature
    /// holds.
    ///
    /// # Errors
    /// The first check that fails, in the order of protocol 1.5.
    pub fn verify(&self, token: &str, typ: &str) -> Result<Value, JwsFault> {
        if token.len() > names::MAX_JWS {
            return Err(JwsFault::TooLarge);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JwsFault::Malformed);
        };
        // The engine refuses padding and trailing bits, so each byte string has one spelling.
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsFault::Malformed);
        let (header_bytes, claims_bytes) = (decode(header)?, decode(claims)?);
        let signature_bytes = <[u8; 64]>::try_from(decode(signature)?).map_err(|_| JwsFault::Malformed)?;

        let limits = Limits { size: names::MAX_JWS, depth: names::MAX_DEPTH };
        let header_value = strict(&header_bytes, &limits).map_err(|_| JwsFault::Header)?;
        let kid = exact_header(&header_value, typ).ok_or(JwsFault::Header)?;
        let (_, key) = self.0.iter().find(|(known, _)| known == kid).ok_or(JwsFault::UnknownKey)?;
        let signed = token.get(..header.len() + 1 + claims.len()).ok_or(JwsFault::Malformed)?;
        key.verify_strict(signed.as_bytes(), &Signature::from_bytes(&signature_bytes))
            .map_err(|_| JwsFault::Signature)?;
        strict(&claims_bytes, &limits).map_err(|_| JwsFault::Claims)
    }
}

/// The kid of a header that is exactly `{alg, kid, typ}`.
fn exact_header<'v>(header: &'v Value, typ: &str) -> Option<&'v str> {
    let members = header.as_object()?;
    let is = |name: &str, wanted: &str| members.get(name).and_then(Value::as_str) == Some(wanted);
    (members.len() == 3 && is("alg", "Ed25519") && is("typ", typ)).then_some(())?;
    members.get("kid")?.as_str()
}

/// The RFC 7638 thumbprint of an Ed25519 key.
pub fn thumbprint(key: &VerifyingKey) -> String {
    let members = json!({"crv": "Ed25519", "kty": "OKP", "x": b64url(key.as_bytes())});
    b64url(&Sha256::digest(jcs_of(&members)))
}

/// A key that signs. It cannot be printed.
#[derive(Clone)]
pub struct Issuer {
    key: SigningKey,
    kid: String,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issuer({})", self.kid)
    }
}

impl Issuer {
    /// From the 32 bytes of an Ed25519 seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let kid = thumbprint(&key.verifying_key());
        Self { key, kid }
    }

    /// The key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half as it is published.
    pub fn jwk(&self) -> Jwk {
        Jwk {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            x: b64url(self.key.verifying_key().as_bytes()),
            kid: self.kid.clone(),
            alg: Some("Ed25519".into()),
            usage: Some("sig".into()),
        }
    }

    /// Signs raw bytes; for signed notes.
    pub fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }

    /// A compact JWS over the canonical form of `claims`.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> String {
        let header = jcs_of(&json!({"alg": "Ed25519", "kid": self.kid, "typ": typ}));
        let signed = format!("{}.{}", b64url(&header), b64url(&jcs_of(claims)));
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", b64url(&signature.to_bytes()))
    }
}
