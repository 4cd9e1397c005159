//! What of a JSON Web Token (RFC 7519) helps a reviewer and opens nothing: who issued it for whom, for how long and for
//! what. `[secret/jwt/alg:RS256/iss:id.example.com/exp:1767225600]`.
//!
//! The claims are an allow-list, and a value is shown only where it is a short name or a time that no detector knows. The
//! subject, names, addresses and the signature never are. A token that is encrypted, or whose claims cannot be read, is
//! `[secret]` like any other. No blank and no character that another format would escape is in it.

use crate::bytes::{at, before, rest, run};
use crate::detect::{Scan, scan, wrapped};
use crate::looks;
use crate::marks::LONGEST;
use crate::masker::{Look, Masker};

/// The claims that are shown, `alg` from the header. What is true of all tokens of a client is no secret of one.
const SHOWN: &[&str] = &["alg", "iss", "aud", "azp", "client_id", "scope", "scp", "iat", "exp"];

/// Most words of one claim.
const WORDS: usize = 3;

/// What stands for a signed token, if `value` is one that can be read.
pub(crate) fn view(value: &str) -> Option<String> {
    let (header, more) = value.trim().strip_prefix("eyJ")?.split_once('.')?;
    let (body, signature) = more.split_once('.')?;
    if signature.contains('.') {
        return None;
    }
    // The first two letters of a header are `{"`; without them the rest is base64 at another place.
    let header = wrapped::decode(&["eyJ", header].concat())?;
    let body = wrapped::decode(body)?;
    let mut out = "[secret/jwt".to_owned();
    for name in SHOWN {
        let document = if *name == "alg" { &header } else { &body };
        for word in claim(document, name).split(' ').take(WORDS) {
            // Of an address only the host, of a scope's address only its last part.
            let host = word.split_once("://").map_or(word, |(_, address)| {
                let name = if name.starts_with("sc") {
                    address.rsplit('/').next()
                } else {
                    address.split('/').next()
                };
                name.unwrap_or("")
            });
            if is_good(name, host) && out.len() + name.len() + host.len() + 1 < LONGEST {
                for piece in ["/", name, ":", host] {
                    out.push_str(piece);
                }
            }
        }
    }
    out.push(']');
    Some(out)
}

/// Whether `text` is what [`view`] writes after `[secret/`, without the bracket at its end.
pub(crate) fn is_view(text: &str) -> bool {
    let mut parts = text.split('/');
    parts.next() == Some("jwt")
        && parts.all(|part| {
            part.split_once(':').is_some_and(|(name, value)| SHOWN.contains(&name) && is_good(name, value))
        })
}

/// The text of the claim `name`, or the first in its list, or its digits.
fn claim<'a>(document: &'a str, name: &str) -> &'a str {
    let quoted = |i: usize| before(document, i) == b'"' && at(document, i + name.len()) == b'"';
    let Some((start, _)) = document.match_indices(name).find(|(i, _)| quoted(*i)) else { return "" };
    let start = start + name.len() + 1;
    let value = run(document, start, 16, |b| b.is_ascii_whitespace() || matches!(b, b':' | b'['));
    let value = rest(document, value);
    match value.strip_prefix('"') {
        Some(text) => text.split('"').next().unwrap_or(""),
        None => value.split(|c: char| !c.is_ascii_digit()).next().unwrap_or(""),
    }
}

/// Whether `value` may be shown: a time, or a name that looks like nothing else.
fn is_good(name: &str, value: &str) -> bool {
    if matches!(name, "iat" | "exp") {
        return value.len() == 10 && value.bytes().all(|b| b.is_ascii_digit());
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'*' | b'-');
    (1..=48).contains(&value.len())
        && value.bytes().all(plain)
        && value.bytes().any(|b| b.is_ascii_alphabetic())
        && !looks::random(value)
        && scan(Scan { text: value, look: Look::new(Masker::plain()) }).is_empty()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    /// `{"alg":"RS256"}`, and `{"iss":"https://id.corp.example/","sub":"bob@corp.example","aud":["orders"],"exp":1767225600,
    /// "scope":"read:orders https://www.corp.example/auth/drive"}`.
    const TOKEN: [&str; 3] = [
        "eyJhbGciOiJSUzI1NiJ9",
        "eyJpc3MiOiJodHRwczovL2lkLmNvcnAuZXhhbXBsZS8iLCJzdWIiOiJib2JAY29ycC5leGFtcGxlIiwiYXVkIjpbIm9yZGVycyJdLCJleHAiOjE3NjcyMjU2MDAsInNjb3BlIjoicmVhZDpvcmRlcnMgaHR0cHM6Ly93d3cuY29ycC5leGFtcGxlL2F1dGgvZHJpdmUifQ",
        "c2lnbmF0dXJl",
    ];

    #[test]
    fn of_a_token_the_issuer_and_the_like_are_shown_and_the_subject_is_not() {
        let shown = view(&TOKEN.join(".")).unwrap_or_default();
        assert_eq!(
            shown,
            "[secret/jwt/alg:RS256/iss:id.corp.example/aud:orders/scope:read:orders/scope:drive/exp:1767225600]"
        );
        assert!(is_view(shown.trim_start_matches("[secret/").trim_end_matches(']')));
    }

    #[test]
    fn what_a_token_does_not_say_plainly_is_not_shown() {
        for text in [
            "jwt/sub:bob",
            "jwt/aud:",
            "jwt/aud:nVLWkM6YCrELqocD2Eo4C0",
            "jwt/exp:1",
            "jwt/aud:12345678",
            "x",
        ] {
            assert!(!is_view(text), "{text}");
        }
        let [header, _, signature] = TOKEN;
        assert_eq!(view(&[header, "AAAA", signature].join(".")), None);
        assert_eq!(view(&[header, header, header, header, header].join(".")), None);
    }
}
