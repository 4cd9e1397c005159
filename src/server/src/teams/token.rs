//! The token with which Microsoft's Bot Connector proves that a call is its own (RFC 7519, RS256 and nothing else).
//!
//! Rules: "Authenticate requests from the Bot Connector service to your bot", learn.microsoft.com, `bot-service/rest-api/`
//! `bot-framework-rest-connector-authentication`. Keys come from [`super::keys`], never from the token: `jku`, `jwk` and `x5c`
//! in a header are not looked at, and a header with `crit` is refused. The signature is checked before any claim is believed.
//!
//! Pure: the time, the keys and what is expected are arguments. RSA itself is `ring`'s, which TLS brings anyway.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;

/// Who signs for the Bot Connector.
pub(crate) const ISSUER: &str = "https://api.botframework.com";
/// How far clocks may differ, seconds.
pub(crate) const SKEW_S: i64 = 5 * 60;
/// The longest token that is looked at; theirs have about 1,300 characters.
const LONGEST: usize = 8 * 1024;

/// One published key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// How tokens name it.
    pub(crate) kid: String,
    /// The modulus.
    pub(crate) n: Vec<u8>,
    /// The exponent.
    pub(crate) e: Vec<u8>,
    /// The channels it may sign for.
    pub(crate) endorsements: Vec<String>,
}

/// Why a token proves nothing. The words are for the log; a caller only learns that it is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Bad {
    /// There is none.
    #[error("there is no bearer token")]
    Missing,
    /// It is no compact JWS of a JWT.
    #[error("the token does not read: {0}")]
    Shape(&'static str),
    /// Another algorithm than the one that is published.
    #[error("the token is not signed with RS256")]
    Algorithm,
    /// A key that is not published.
    #[error("the token names a key that is not published")]
    UnknownKey,
    /// Somebody else signed, or something was changed.
    #[error("the token's signature is not by the key that it names")]
    Signature,
    /// Not by the Bot Connector.
    #[error("the token's issuer is not the Bot Connector")]
    Issuer,
    /// For another bot.
    #[error("the token is for another bot than `app_id`")]
    Audience,
    /// Too late.
    #[error("the token has expired")]
    Expired,
    /// Too early.
    #[error("the token is not valid yet")]
    NotYet,
    /// The key may sign for other channels only.
    #[error("the token's key does not endorse channel `msteams`")]
    Endorsement,
}

/// A token before its signature is checked: only its key's name may be used.
pub(crate) struct Unproven<'t> {
    /// The key it names.
    pub(crate) kid: String,
    signed: &'t str,
    claims: &'t str,
    signature: Vec<u8>,
}

/// What a token whose signature and claims hold says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proven {
    /// Where the bot may answer.
    pub(crate) service_url: String,
    /// Until when the token is good, Unix seconds.
    pub(crate) exp: i64,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    exp: i64,
    nbf: i64,
    /// Written in lower case by the service, whatever its pages say.
    serviceurl: String,
}

impl<'t> Unproven<'t> {
    /// Reads the value of an `Authorization` header.
    pub(crate) fn read(header: Option<&'t str>) -> Result<Self, Bad> {
        let token = header.and_then(|header| header.strip_prefix("Bearer ")).ok_or(Bad::Missing)?;
        if token.len() > LONGEST {
            return Err(Bad::Shape("it is too long"));
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Bad::Shape("it has no dots"))?;
        let (head, claims) = signed.split_once('.').ok_or(Bad::Shape("it has one dot"))?;
        if claims.contains('.') {
            return Err(Bad::Shape("it has more than two dots"));
        }
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Bad::Shape("it is not of base64url"));
        let head: Header =
            serde_json::from_slice(&bytes(head)?).map_err(|_| Bad::Shape("its header is no object with `alg`"))?;
        // Compared, not interpreted: `none`, HS256 with the public key and their like end here.
        if head.alg != "RS256" {
            return Err(Bad::Algorithm);
        }
        if head.crit.is_some() {
            return Err(Bad::Shape("its header has `crit`"));
        }
        let kid = head.kid.ok_or(Bad::UnknownKey)?;
        Ok(Self { kid, signed, claims, signature: bytes(signature)? })
    }

    /// Checks signature and claims.
    pub(crate) fn prove(self, key: &Key, app_id: &str, now_s: i64) -> Result<Proven, Bad> {
        if key.kid != self.kid {
            return Err(Bad::UnknownKey);
        }
        RsaPublicKeyComponents { n: &key.n, e: &key.e }
            .verify(&RSA_PKCS1_2048_8192_SHA256, self.signed.as_bytes(), &self.signature)
            .map_err(|_| Bad::Signature)?;
        let claims =
            URL_SAFE_NO_PAD.decode(self.claims).map_err(|_| Bad::Shape("its claims are not of base64url"))?;
        let claims: Claims =
            serde_json::from_slice(&claims).map_err(|_| Bad::Shape("its claims lack one that is needed"))?;
        if claims.iss != ISSUER {
            return Err(Bad::Issuer);
        }
        if claims.aud != app_id {
            return Err(Bad::Audience);
        }
        if claims.exp.saturating_add(SKEW_S) <= now_s {
            return Err(Bad::Expired);
        }
        if claims.nbf.saturating_sub(SKEW_S) > now_s {
            return Err(Bad::NotYet);
        }
        if !key.endorsements.iter().any(|channel| channel == "msteams") {
            return Err(Bad::Endorsement);
        }
        Ok(Proven { service_url: claims.serviceurl, exp: claims.exp })
    }
}

/// Reads a key set; what is no RSA key is left out.
///
/// # Errors
/// A sentence, where it is no key set.
pub(crate) fn keys(body: &[u8]) -> Result<Vec<Key>, String> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Published>,
    }
    #[derive(Deserialize)]
    struct Published {
        kty: String,
        kid: Option<String>,
        n: Option<String>,
        e: Option<String>,
        #[serde(default)]
        endorsements: Vec<String>,
    }
    let set: Set = serde_json::from_slice(body).map_err(|_| "what is published is no key set".to_owned())?;
    let key = |one: Published| {
        let bytes = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?.trim_end_matches('=')).ok();
        (one.kty == "RSA").then_some(())?;
        Some(Key { kid: one.kid?, n: bytes(one.n)?, e: bytes(one.e)?, endorsements: one.endorsements })
    };
    Ok(set.keys.into_iter().filter_map(key).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, claims: &str) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("Bearer {}.{}.{}", encode(header), encode(claims), encode("signature"))
    }

    #[test]
    fn only_rs256_gets_as_far_as_a_key() {
        for (header, expected) in [
            (r#"{"alg":"none","kid":"k"}"#, Bad::Algorithm),
            (r#"{"alg":"HS256","kid":"k"}"#, Bad::Algorithm),
            (r#"{"alg":"rs256","kid":"k"}"#, Bad::Algorithm),
            (r#"{"alg":"RS512","kid":"k"}"#, Bad::Algorithm),
            (r#"{"alg":"PS256","kid":"k"}"#, Bad::Algorithm),
            (r#"{"alg":"RS256"}"#, Bad::UnknownKey),
            (r#"{"alg":"RS256","kid":"k","crit":["exp"]}"#, Bad::Shape("its header has `crit`")),
            (r#"{"kid":"k"}"#, Bad::Shape("its header is no object with `alg`")),
            (r#"{"alg":"RS256","alg":"none","kid":"k"}"#, Bad::Shape("its header is no object with `alg`")),
        ] {
            assert_eq!(Unproven::read(Some(&token(header, "{}"))).err(), Some(expected), "{header}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused_before_anything_is_decoded() {
        for bad in ["", "Bearer", "bearer a.b.c", "Basic a.b.c", "Bearer a", "Bearer a.b", "Bearer a.b.c.d"] {
            assert!(Unproven::read(Some(bad)).is_err(), "{bad}");
        }
        assert_eq!(Unproven::read(None).err(), Some(Bad::Missing));
        let long = format!("Bearer {}", "a".repeat(LONGEST + 1));
        assert_eq!(Unproven::read(Some(&long)).err(), Some(Bad::Shape("it is too long")));
    }

    #[test]
    fn a_signature_by_nobody_proves_nothing() {
        let text = token(r#"{"alg":"RS256","kid":"k"}"#, "{}");
        let key = Key { kid: "k".into(), n: vec![0xc1; 256], e: vec![1, 0, 1], endorsements: Vec::new() };
        assert_eq!(Unproven::read(Some(&text)).ok().unwrap().prove(&key, "app", 0), Err(Bad::Signature));
    }

    #[test]
    fn a_key_set_keeps_its_rsa_keys_and_their_endorsements() {
        let set = br#"{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB","endorsements":["msteams"]},
            {"kty":"EC","kid":"b"},{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#;
        let keys = keys(set).unwrap();
        assert_eq!(keys.len(), 1);
        assert_eq!((keys[0].kid.as_str(), keys[0].endorsements.as_slice()), ("a", &["msteams".to_owned()][..]));
        assert!(super::keys(b"<html>").is_err());
    }
}
