//! Signed tokens of others: an identity provider's ID tokens and logout tokens, a chat's calls.
//!
//! Promises: the algorithm is one that the caller named before it saw the token, and it must fit the key; `none` and the
//! keyed digests do not exist here, so a public key is never taken for a shared secret; a key that the token itself brings
//! along (`jwk`, `jku`, `x5c`) is never looked at; an extension that must be understood (`crit`) is refused. What the claims
//! mean, and whether they are in time, is the caller's business: time is an argument in this service.
//!
//! The arithmetic is ring's, which TLS brings along anyway. The token crates would bring a second and third
//! implementation of the same curves, and read the machine's clock by themselves.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The largest token that is looked at, in bytes.
const LARGEST: usize = 64 * 1024;

/// How a token may be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// RSA with PKCS #1 v1.5 and SHA-256: what everybody uses.
    RS256,
    /// The same with SHA-384.
    RS384,
    /// The same with SHA-512.
    RS512,
    /// RSA-PSS with SHA-256.
    PS256,
    /// ECDSA on P-256.
    ES256,
    /// ECDSA on P-384.
    ES384,
    /// Ed25519.
    EdDSA,
}

impl Algorithm {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "RS256" => Self::RS256,
            "RS384" => Self::RS384,
            "RS512" => Self::RS512,
            "PS256" => Self::PS256,
            "ES256" => Self::ES256,
            "ES384" => Self::ES384,
            "EdDSA" => Self::EdDSA,
            _ => return None,
        })
    }

    /// The word in tokens and metadata.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
        }
    }
}

/// Why a token is not believed: a sentence without anything of the token's content but its key id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unbelieved {
    /// It is no signed token at all.
    #[error("it is not a signed token")]
    Shape,
    /// Signed in a way that was not agreed.
    #[error("it is signed by `{0}`, which is not allowed here")]
    Algorithm(String),
    /// A key that the issuer does not publish: it may have been published since.
    #[error("its key is not among those that the issuer publishes")]
    Key,
    /// The signature is somebody else's.
    #[error("its signature does not verify")]
    Signature,
    /// It asks for something that is not understood.
    #[error("it demands extensions (`crit`) that are not understood")]
    Critical,
}

/// A token whose signature verified.
#[derive(Debug)]
pub(crate) struct Believed {
    /// What it calls itself: `JWT`, `logout+jwt`; in lower case, without `application/`.
    pub(crate) kind: Option<String>,
    /// What it says.
    pub(crate) claims: Map<String, Value>,
    /// What the issuer said of the key beside the key itself.
    pub(crate) key: Map<String, Value>,
}

/// The public keys of an issuer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(Vec<Key>);

#[derive(Clone, Debug)]
struct Key {
    kid: Option<String>,
    only: Option<Algorithm>,
    public: Public,
    extra: Map<String, Value>,
}

#[derive(Clone, Debug)]
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl Keys {
    /// Reads a JWK set. Keys that are not for signatures, or of a kind not known here, are left out.
    ///
    /// # Errors
    /// A sentence, where it is none.
    pub(crate) fn read(document: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Map<String, Value>>,
        }
        let set: Set = serde_json::from_slice(document).map_err(|_| "it is no JWK set".to_owned())?;
        Ok(Self(set.keys.into_iter().filter_map(key).collect()))
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

fn key(jwk: Map<String, Value>) -> Option<Key> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
    if text("use").is_some_and(|what| what != "sig") {
        return None;
    }
    let point = |size: usize| {
        let (x, y) = (bytes("x")?, bytes("y")?);
        (x.len() == size && y.len() == size).then(|| [&[4], x.as_slice(), y.as_slice()].concat())
    };
    let public = match (text("kty")?, text("crv")) {
        ("RSA", _) => Public::Rsa { n: bytes("n")?, e: bytes("e")? },
        ("EC", Some("P-256")) => Public::P256(point(32)?),
        ("EC", Some("P-384")) => Public::P384(point(48)?),
        ("OKP", Some("Ed25519")) => Public::Ed25519(bytes("x")?),
        _ => return None,
    };
    // A key that names an algorithm we do not know is for that one, and no other.
    let only = match text("alg") {
        None => None,
        Some(word) => Some(Algorithm::parse(word)?),
    };
    Some(Key { kid: text("kid").map(str::to_owned), only, public, extra: jwk })
}

/// Verifies a compact token against `keys`; its algorithm must be one of `allowed`.
///
/// # Errors
/// [`Unbelieved`]; on [`Unbelieved::Key`] newer keys may help.
pub(crate) fn verify(token: &str, keys: &Keys, allowed: &[Algorithm]) -> Result<Believed, Unbelieved> {
    #[derive(Deserialize)]
    struct Header {
        alg: String,
        kid: Option<String>,
        typ: Option<String>,
        crit: Option<Value>,
    }
    if token.len() > LARGEST {
        return Err(Unbelieved::Shape);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Unbelieved::Shape)?;
    let (header, payload) = signed.split_once('.').ok_or(Unbelieved::Shape)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Unbelieved::Shape);
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| Unbelieved::Shape)?;
    let (payload, signature) = (decode(payload)?, decode(signature)?);
    if header.crit.is_some() {
        return Err(Unbelieved::Critical);
    }
    let algorithm = Algorithm::parse(&header.alg).filter(|algorithm| allowed.contains(algorithm));
    let algorithm = algorithm.ok_or_else(|| {
        Unbelieved::Algorithm(crate::approver::text::inert_short(&header.alg, 32).to_string())
    })?;
    let fits = |key: &&Key| {
        key.only.is_none_or(|only| only == algorithm) && key.public.fits(algorithm)
            // A token without a key id is tried with every key: the set is short.
            && header.kid.as_ref().is_none_or(|kid| key.kid.as_ref() == Some(kid))
    };
    let mut candidates = keys.0.iter().filter(fits).peekable();
    if candidates.peek().is_none() {
        return Err(Unbelieved::Key);
    }
    let key = candidates
        .find(|key| key.public.verifies(algorithm, signed.as_bytes(), &signature))
        .ok_or(Unbelieved::Signature)?;
    let claims = serde_json::from_slice(&payload).map_err(|_| Unbelieved::Shape)?;
    let kind = header.typ.map(|kind| {
        let kind = kind.to_ascii_lowercase();
        kind.strip_prefix("application/").map(str::to_owned).unwrap_or(kind)
    });
    Ok(Believed { kind, claims, key: key.extra.clone() })
}

impl Public {
    fn fits(&self, algorithm: Algorithm) -> bool {
        match algorithm {
            Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512 | Algorithm::PS256 => {
                matches!(self, Self::Rsa { .. })
            }
            Algorithm::ES256 => matches!(self, Self::P256(_)),
            Algorithm::ES384 => matches!(self, Self::P384(_)),
            Algorithm::EdDSA => matches!(self, Self::Ed25519(_)),
        }
    }

    fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let rsa = |how: &signature::RsaParameters| match self {
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }.verify(how, message, signature).is_ok(),
            Self::P256(_) | Self::P384(_) | Self::Ed25519(_) => false,
        };
        let other = |how: &'static dyn signature::VerificationAlgorithm| match self {
            Self::Rsa { .. } => false,
            Self::P256(key) | Self::P384(key) | Self::Ed25519(key) => {
                UnparsedPublicKey::new(how, key).verify(message, signature).is_ok()
            }
        };
        match algorithm {
            Algorithm::RS256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::RS384 => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            Algorithm::RS512 => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            Algorithm::PS256 => rsa(&signature::RSA_PSS_2048_8192_SHA256),
            Algorithm::ES256 => other(&signature::ECDSA_P256_SHA256_FIXED),
            Algorithm::ES384 => other(&signature::ECDSA_P384_SHA384_FIXED),
            Algorithm::EdDSA => other(&signature::ED25519),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::{Algorithm, Keys, Unbelieved, verify};

    /// RFC 7515, appendix A.2 (RS256) and A.3 (ES256).
    const RSA: &str = r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#;
    const EC: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    const PAYLOAD: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const RS256: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    const ES256: &str =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    fn keys(jwks: &[&str]) -> Keys {
        Keys::read(format!(r#"{{"keys":[{}]}}"#, jwks.join(",")).as_bytes()).unwrap()
    }

    fn token(header: &str, signature: &str) -> String {
        format!("{}.{PAYLOAD}.{signature}", URL_SAFE_NO_PAD.encode(header))
    }

    const ALL: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

    #[test]
    fn the_signatures_of_rfc_7515_verify() {
        for (key, header, signature) in
            [(RSA, r#"{"alg":"RS256"}"#, RS256), (EC, r#"{"alg":"ES256"}"#, ES256)]
        {
            let believed = verify(&token(header, signature), &keys(&[EC, RSA]), &ALL).unwrap();
            assert_eq!(believed.claims["iss"], "joe", "{key}");
        }
    }

    #[test]
    fn what_was_changed_does_not_verify() {
        let good = token(r#"{"alg":"RS256"}"#, RS256);
        for (from, to) in [("eyJpc3Mi", "eyJpc3Mj"), ("cC4hiUPo", "cC4hiUPp")] {
            let bad = good.replacen(from, to, 1);
            assert!(verify(&bad, &keys(&[RSA]), &ALL).is_err(), "{to}");
        }
    }

    #[test]
    fn no_algorithm_is_believed_that_was_not_named_before() {
        for (alg, signature) in
            [("none", ""), ("None", ""), ("HS256", RS256), ("RS256", ES256), ("rs256", RS256), ("", RS256)]
        {
            let forged = token(&format!(r#"{{"alg":"{alg}"}}"#), signature);
            assert!(verify(&forged, &keys(&[RSA, EC]), &[Algorithm::ES256]).is_err(), "{alg}");
            let why = verify(&forged, &keys(&[RSA, EC]), &ALL).unwrap_err();
            assert!(matches!(why, Unbelieved::Algorithm(_) | Unbelieved::Signature), "{alg}: {why}");
        }
    }

    #[test]
    fn a_key_is_used_only_for_what_it_is_for() {
        let with = |jwk: &str, more: &str| jwk.replacen('{', &format!("{{{more},"), 1);
        let good = token(r#"{"alg":"RS256"}"#, RS256);
        assert!(verify(&good, &keys(&[&with(RSA, r#""kid":"a","use":"sig","alg":"RS256""#)]), &ALL).is_ok());
        for other in [r#""use":"enc""#, r#""alg":"PS256""#, r#""alg":"RSA-OAEP""#] {
            let why = verify(&good, &keys(&[&with(RSA, other)]), &ALL).unwrap_err();
            assert_eq!(why, Unbelieved::Key, "{other}");
        }
        let named = token(r#"{"alg":"RS256","kid":"a"}"#, RS256);
        let why = verify(&named, &keys(&[&with(RSA, r#""kid":"b""#)]), &ALL).unwrap_err();
        assert_eq!(why, Unbelieved::Key);
    }

    #[test]
    fn a_key_that_the_token_brings_along_is_not_looked_at_and_crit_is_refused() {
        let own = token(&format!(r#"{{"alg":"RS256","jwk":{RSA}}}"#), RS256);
        assert_eq!(verify(&own, &keys(&[EC]), &ALL).unwrap_err(), Unbelieved::Key);
        let critical = token(r#"{"alg":"RS256","crit":["b64"],"b64":false}"#, RS256);
        assert_eq!(verify(&critical, &keys(&[RSA]), &ALL).unwrap_err(), Unbelieved::Critical);
    }

    #[test]
    fn what_is_no_token_is_none() {
        for text in ["", ".", "..", "a.b.c", "e30.e30", "e30.e30.e30.e30.e30"] {
            assert!(verify(text, &keys(&[RSA]), &ALL).is_err(), "{text}");
        }
    }
}
