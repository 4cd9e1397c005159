//! Whether a call is Slack's, decided on its raw bytes before anything of it is read.
//!
//! Promises: nothing is parsed that is not signed with this app's secret within the last five minutes; the comparison
//! takes the same time whatever is wrong. That a signature counts once is the store's business ([`crate::chat::once`]).
//! <https://docs.slack.dev/authentication/verifying-requests-from-slack>

use axum::http::{HeaderMap, HeaderName};
use countersign_wire::{
    digest::{hex, unhex},
    sealed::Plain,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// How far the time of a call may be from ours, in seconds.
pub(super) const AGE: i64 = 300;

/// When a call was signed and the signature: together they name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Unix seconds.
    pub(super) at: i64,
    /// 64 hexadecimal digits.
    pub(super) signature: String,
}

/// Why a call is not believed. The caller is told none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unsigned {
    /// A header is missing, doubled or of another shape.
    #[error("it has no signature of the form `v0=…` with one time")]
    Shape,
    /// Signed too long ago, or in the future.
    #[error("it was signed more than five minutes from now; is this machine's clock right?")]
    Old,
    /// Signed by somebody else, or changed since.
    #[error("its signature is not made with this app's signing secret")]
    Wrong,
}

const TIMESTAMP: HeaderName = HeaderName::from_static("x-slack-request-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("x-slack-signature");

/// Checks a call's signature.
pub(super) fn verify(
    secret: &Plain,
    headers: &HeaderMap,
    body: &[u8],
    now_s: i64,
) -> Result<Stamp, Unsigned> {
    let timestamp = only(headers, &TIMESTAMP).ok_or(Unsigned::Shape)?;
    let signature = only(headers, &SIGNATURE).and_then(|text| text.strip_prefix("v0="));
    let mac = signature.filter(|digits| digits.len() == 64).and_then(unhex).ok_or(Unsigned::Shape)?;
    // As written it is what was signed: no sign, no blank, no leading zero.
    let at: i64 = timestamp.parse().map_err(|_| Unsigned::Shape)?;
    if at.to_string() != timestamp {
        return Err(Unsigned::Shape);
    }
    if now_s.abs_diff(at) > AGE.unsigned_abs() {
        return Err(Unsigned::Old);
    }
    let mut keyed =
        Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).map_err(|_| Unsigned::Wrong)?;
    for part in [b"v0:", timestamp.as_bytes(), b":", body] {
        keyed.update(part);
    }
    keyed.verify_slice(&mac).map_err(|_| Unsigned::Wrong)?;
    Ok(Stamp { at, signature: hex(&mac) })
}

/// The value of a header that is there once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Slack's own example, from its page on verifying requests.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const AT: i64 = 1_531_420_618;
    const SIGNED: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&\
                        channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&\
                        response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F\
                        96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

    fn call(timestamp: &str, signature: &str, body: &str, now: i64) -> Result<Stamp, Unsigned> {
        let mut headers = HeaderMap::new();
        headers.insert(TIMESTAMP, timestamp.parse().unwrap());
        headers.insert(SIGNATURE, signature.parse().unwrap());
        verify(&Plain::from(SECRET.to_owned()), &headers, body.as_bytes(), now)
    }

    #[test]
    fn slack_s_own_example_verifies() {
        let stamp = call("1531420618", SIGNED, BODY, AT).unwrap();
        assert_eq!((stamp.at, format!("v0={}", stamp.signature)), (AT, SIGNED.to_owned()));
    }

    #[test]
    fn a_call_is_believed_for_five_minutes_either_way() {
        for near in [-300, 300] {
            assert!(call("1531420618", SIGNED, BODY, AT + near).is_ok(), "{near}");
        }
        for far in [-301, 301, 86_400] {
            assert_eq!(call("1531420618", SIGNED, BODY, AT + far), Err(Unsigned::Old), "{far}");
        }
    }

    #[test]
    fn no_changed_call_verifies() {
        let other = SIGNED.replace("a2114", "a2115");
        for (timestamp, signature, body) in [
            ("1531420619", SIGNED, BODY),
            ("1531420618", other.as_str(), BODY),
            ("1531420618", SIGNED, "payload={}"),
            ("1531420618", SIGNED, ""),
        ] {
            assert_eq!(call(timestamp, signature, body, AT), Err(Unsigned::Wrong), "{timestamp} {signature}");
        }
    }

    #[test]
    fn a_signature_of_another_shape_is_none() {
        let unversioned = SIGNED.replace("v0=", "");
        let next = SIGNED.replace("v0=", "v1=");
        for (timestamp, signature) in [
            ("+1531420618", SIGNED),
            ("01531420618", SIGNED),
            ("1531420618.0", SIGNED),
            ("", SIGNED),
            ("-1", SIGNED),
            ("99999999999999999999", SIGNED),
            ("1531420618", unversioned.as_str()),
            ("1531420618", next.as_str()),
            ("1531420618", "v0="),
            ("1531420618", "v0=a2114d57"),
            ("1531420618", ""),
        ] {
            let refused = call(timestamp, signature, BODY, AT);
            assert!(matches!(refused, Err(Unsigned::Shape | Unsigned::Old)), "{timestamp} {signature}");
        }
        let none = verify(&Plain::from(SECRET.to_owned()), &HeaderMap::new(), BODY.as_bytes(), AT);
        assert_eq!(none, Err(Unsigned::Shape));
    }

    #[test]
    fn a_header_that_comes_twice_is_believed_in_neither() {
        let mut headers = HeaderMap::new();
        headers.insert(TIMESTAMP, "1531420618".parse().unwrap());
        for signature in [SIGNED, "v0=00"] {
            headers.append(SIGNATURE, signature.parse().unwrap());
        }
        let refused = verify(&Plain::from(SECRET.to_owned()), &headers, BODY.as_bytes(), AT);
        assert_eq!(refused, Err(Unsigned::Shape));
    }
}
