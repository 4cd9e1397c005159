//! The token with which Microsoft's Bot Connector proves that a call is its own.
//!
//! Rules: "Authenticate requests from the Bot Connector service to your bot", learn.microsoft.com, `bot-service/rest-api/`
//! `bot-framework-rest-connector-authentication`. RS256 and nothing else; keys come from [`super::keys`], never from the token
//! ([`crate::jwt`] sees to both). The signature is checked before any claim is believed. Pure: the time, the keys and what is
//! expected are arguments.

use serde_json::{Map, Value};

use crate::jwt::{Algorithm, Believed, Keys, Unbelieved, verify};

/// Who signs for the Bot Connector.
pub(crate) const ISSUER: &str = "https://api.botframework.com";
/// How far clocks may differ, seconds.
pub(crate) const SKEW_S: i64 = 5 * 60;
/// The longest token that is looked at; theirs have about 1,300 characters.
const LONGEST: usize = 8 * 1024;

/// Why a token proves nothing. The words are for the log; a caller only learns that it is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Bad {
    /// There is none.
    #[error("there is no bearer token")]
    Missing,
    /// Not by the Bot Connector's keys.
    #[error("the token is not believed: {0}")]
    Unbelieved(#[from] Unbelieved),
    /// A claim that is needed is not there.
    #[error("the token lacks `{0}`")]
    Lacks(&'static str),
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

/// What a token whose signature and claims hold says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proven {
    /// Where the bot may answer.
    pub(crate) service_url: String,
    /// Until when the token is good, Unix seconds.
    pub(crate) exp: i64,
}

/// The token in the value of an `Authorization` header.
pub(crate) fn bearer(header: Option<&str>) -> Result<&str, Bad> {
    let token = header.and_then(|header| header.strip_prefix("Bearer ")).ok_or(Bad::Missing)?;
    if token.len() > LONGEST { Err(Bad::Unbelieved(Unbelieved::Shape)) } else { Ok(token) }
}

/// Checks signature and claims.
pub(crate) fn prove(token: &str, keys: &Keys, app_id: &str, now_s: i64) -> Result<Proven, Bad> {
    let Believed { claims, key, .. } = verify(token, keys, &[Algorithm::RS256])?;
    let exp = number(&claims, "exp")?;
    let nbf = number(&claims, "nbf")?;
    if text(&claims, "iss")? != ISSUER {
        return Err(Bad::Issuer);
    }
    if text(&claims, "aud")? != app_id {
        return Err(Bad::Audience);
    }
    if exp.saturating_add(SKEW_S) <= now_s {
        return Err(Bad::Expired);
    }
    if nbf.saturating_sub(SKEW_S) > now_s {
        return Err(Bad::NotYet);
    }
    let endorsed = key.get("endorsements").and_then(Value::as_array);
    if !endorsed.is_some_and(|channels| channels.iter().any(|channel| channel == "msteams")) {
        return Err(Bad::Endorsement);
    }
    // Written in lower case by the service, whatever its pages say.
    Ok(Proven { service_url: text(&claims, "serviceurl")?.to_owned(), exp })
}

fn text<'c>(claims: &'c Map<String, Value>, name: &'static str) -> Result<&'c str, Bad> {
    claims.get(name).and_then(Value::as_str).ok_or(Bad::Lacks(name))
}

fn number(claims: &Map<String, Value>, name: &'static str) -> Result<i64, Bad> {
    claims.get(name).and_then(Value::as_i64).ok_or(Bad::Lacks(name))
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;

    fn keys() -> Keys {
        Keys::read(br#"{"keys":[{"kty":"RSA","kid":"k","n":"ofgW","e":"AQAB","endorsements":["msteams"]}]}"#)
            .unwrap()
    }

    #[test]
    fn only_rs256_gets_as_far_as_a_key() {
        for alg in ["none", "HS256", "rs256", "RS384", "RS512", "PS256", "ES256", "EdDSA", ""] {
            let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}","kid":"k"}}"#));
            let why = prove(&format!("{header}.e30.AAAA"), &keys(), "app", 0).unwrap_err();
            assert!(matches!(why, Bad::Unbelieved(Unbelieved::Algorithm(_))), "{alg}: {why}");
        }
    }

    #[test]
    fn what_is_no_bearer_token_is_refused() {
        for bad in ["", "Bearer", "bearer a.b.c", "Basic a.b.c"] {
            assert_eq!(bearer(Some(bad)), Err(Bad::Missing), "{bad}");
        }
        assert_eq!(bearer(None), Err(Bad::Missing));
        assert!(bearer(Some(&format!("Bearer {}", "a".repeat(LONGEST + 1)))).is_err());
        assert_eq!(bearer(Some("Bearer a.b.c")), Ok("a.b.c"));
    }
}
