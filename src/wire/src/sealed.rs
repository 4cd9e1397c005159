//! A secret on its way from the approval service to one filter, for one approval of one request (protocol 1.10): compact JWE
//! (RFC 7516), `dir` with `A256GCM` (RFC 7518, 5.3).
//!
//! The key is derived (HKDF-SHA-256, RFC 5869) from the key that both share, the grant's id and the digest of the request, so
//! what is sealed for one redeem opens for no other, and for nobody who only carries it. The header is authenticated and
//! names the secret and its version: two secrets of one redeem cannot be exchanged on the way. It is compared, not interpreted;
//! there is no algorithm to choose.
//!
//! A value cannot be printed or serialised, and its bytes are overwritten when it is dropped. Only what can stand in an HTTP
//! header is a value at all. This module makes no randomness and decides nothing: who seals brings 96 fresh random bits each
//! time, and what an opened value may be used for is the core's business.

use std::ops::RangeInclusive;

use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    digest::{Secret, b64url},
    json::{Limits, strict},
};

/// How many bytes a value has. A shorter one would be found everywhere in an answer, and guessed besides.
pub const VALUE_BYTES: RangeInclusive<usize> = 8..=4096;
/// The longest version, in bytes.
pub const MAX_VERSION: usize = 64;
/// The most secrets one request may use: so many of the longest still fit one answer.
pub const MAX_SECRETS: usize = 8;

const INFO: &[u8] = b"countersign-secret-v1";
const ALG: &str = "dir";
const ENC: &str = "A256GCM";
const IV_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// Why a value cannot be put into a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Too short or too long.
    #[error("it has {0} bytes; a secret has 8 to 4096")]
    Length(usize),
    /// A line break, another control character, or something that is not ASCII.
    #[error("it has a line break, another control character or a byte that is not ASCII inside")]
    Characters,
    /// White space that a header would lose.
    #[error("it begins or ends with white space")]
    Edges,
}

/// Text that nobody may see, such as a secret's value or a header that holds it.
pub struct Plain(Zeroizing<String>);

impl Plain {
    /// A secret's value: 8 to 4096 visible ASCII characters, blanks inside allowed.
    ///
    /// # Errors
    /// Why these bytes are none. They are overwritten then, too.
    pub fn value(bytes: Vec<u8>) -> Result<Self, Unusable> {
        let text = match String::from_utf8(bytes) {
            Ok(text) => Self::from(text),
            Err(error) => {
                error.into_bytes().zeroize();
                return Err(Unusable::Characters);
            }
        };
        let bytes = text.expose().as_bytes();
        if !VALUE_BYTES.contains(&bytes.len()) {
            return Err(Unusable::Length(bytes.len()));
        }
        if !bytes.iter().all(|b| (b' '..=b'~').contains(b)) {
            return Err(Unusable::Characters);
        }
        if bytes.first() == Some(&b' ') || bytes.last() == Some(&b' ') {
            return Err(Unusable::Edges);
        }
        Ok(text)
    }

    /// These pieces, one after the other. No copy is left behind.
    pub fn joined(pieces: &[&str]) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(pieces.iter().map(|piece| piece.len()).sum()));
        for piece in pieces {
            text.push_str(piece);
        }
        Self(text)
    }

    /// The text itself, for whoever sends it or looks for it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Plain {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl std::fmt::Debug for Plain {
    /// Its length only.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plain({} bytes)", self.0.len())
    }
}

impl PartialEq for Plain {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.expose().as_bytes().ct_eq(other.expose().as_bytes()))
    }
}

impl Eq for Plain {}

/// One sealed secret, as an evaluation answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Which secret.
    pub name: String,
    /// The compact JWE.
    pub jwe: String,
}

/// What was sealed.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    /// Which secret.
    pub name: String,
    /// Which version of it, as its backend counts.
    pub version: String,
    /// Its value.
    pub value: Plain,
}

/// Why something sealed does not open, or something cannot be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// Not a compact JWE of the protocol's shape.
    #[error("it is no compact JWE of the protocol's shape")]
    Malformed,
    /// Another header than the expected one, or another secret's.
    #[error("its header is not exactly the expected one")]
    Header,
    /// The tag does not verify: another key, another request, or changed on the way.
    #[error("it does not decrypt with the key of this grant and request")]
    Tag,
    /// What was inside cannot be put into a header.
    #[error("{0}")]
    Value(#[from] Unusable),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    enc: String,
    name: String,
    version: String,
}

/// Who seals for whom: the key both share, the grant and the request.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// The key that signs the filter's requests.
    pub key: &'a Secret,
    /// The grant's id.
    pub jti: &'a str,
    /// The request's digest.
    pub request_digest: &'a str,
}

impl Envelope<'_> {
    /// Seals a value. `iv` must be fresh and random each time.
    ///
    /// # Errors
    /// [`SealFault::Header`] where name or version are not what a header can hold.
    pub fn seal(
        &self,
        name: &str,
        version: &str,
        value: &Plain,
        iv: [u8; IV_BYTES],
    ) -> Result<Sealed, SealFault> {
        if !is_name(name) || !is_version(version) {
            return Err(SealFault::Header);
        }
        let header = Header {
            alg: ALG.to_owned(),
            enc: ENC.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
        };
        let header = b64url(&serde_json::to_vec(&header).map_err(|_| SealFault::Header)?);
        let mut text = Zeroizing::new(value.expose().as_bytes().to_vec());
        let tag = self
            .cipher()
            .encrypt_inout_detached(&iv.into(), header.as_bytes(), text.as_mut_slice().into())
            .map_err(|_| SealFault::Tag)?;
        let jwe = format!("{header}..{}.{}.{}", b64url(&iv), b64url(&text), b64url(&tag));
        Ok(Sealed { name: name.to_owned(), jwe })
    }

    /// Opens what was sealed for this grant and request.
    ///
    /// # Errors
    /// The first check that fails; then there is no value.
    pub fn open(&self, sealed: &Sealed) -> Result<Opened, SealFault> {
        let mut parts = sealed.jwe.split('.');
        let mut next = || parts.next().ok_or(SealFault::Malformed);
        let (header, key, iv, text, tag) = (next()?, next()?, next()?, next()?, next()?);
        if parts.next().is_some() || !key.is_empty() {
            return Err(SealFault::Malformed);
        }
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| SealFault::Malformed);
        let iv = <[u8; IV_BYTES]>::try_from(decode(iv)?).map_err(|_| SealFault::Malformed)?;
        let tag = <[u8; TAG_BYTES]>::try_from(decode(tag)?).map_err(|_| SealFault::Malformed)?;
        let mut text = Zeroizing::new(decode(text)?);
        if text.len() > *VALUE_BYTES.end() {
            return Err(SealFault::Malformed);
        }
        let Header { alg, enc, name, version } = read_header(&decode(header)?)?;
        if alg != ALG || enc != ENC || name != sealed.name || !is_name(&name) || !is_version(&version) {
            return Err(SealFault::Header);
        }
        self.cipher()
            .decrypt_inout_detached(&iv.into(), header.as_bytes(), text.as_mut_slice().into(), &tag.into())
            .map_err(|_| SealFault::Tag)?;
        let value = Plain::value(std::mem::take(&mut *text))?;
        Ok(Opened { name, version, value })
    }

    fn cipher(&self) -> Aes256Gcm {
        let key = self.key.derive(self.jti.as_bytes(), &[INFO, self.request_digest.as_bytes()]);
        Aes256Gcm::new((&*key).into())
    }
}

fn read_header(bytes: &[u8]) -> Result<Header, SealFault> {
    let limits = Limits { size: 512, depth: 2 };
    let value = strict(bytes, &limits).map_err(|_| SealFault::Header)?;
    serde_json::from_value(value).map_err(|_| SealFault::Header)
}

/// Whether a secret can have this name: 1 to 128 letters, digits, `-`, `_` and `.`.
pub fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=128).contains(&name.len()) && name.bytes().all(plain)
}

/// Whether a secret can have this version: 1 to 64 visible ASCII characters.
pub fn is_version(version: &str) -> bool {
    (1..=MAX_VERSION).contains(&version.len()) && version.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const DIGEST: &str = "hmac-sha-256:bk1:UkCGLkmvayI1RhKGl7vVpBMRLsxA-0IU1BdHapAYkJc";
    const JTI: &str = "apr_01KAJ5T6A7B8C9D0E1F2G3H4J5";
    const VALUE: &str = "sk-live-0123456789abcdef";
    const IV: [u8; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    fn key() -> Secret {
        Secret::new(std::array::from_fn(|i| u8::try_from(i).unwrap()))
    }

    fn envelope(key: &Secret) -> Envelope<'_> {
        Envelope { key, jti: JTI, request_digest: DIGEST }
    }

    fn value(text: &str) -> Result<Plain, Unusable> {
        Plain::value(text.as_bytes().to_vec())
    }

    fn sealed() -> Sealed {
        envelope(&key()).seal("thirdparty-api-key", "7", &value(VALUE).unwrap(), IV).unwrap()
    }

    #[derive(Deserialize)]
    struct Vector {
        key: String,
        jti: String,
        request_digest: String,
        cek: String,
        value: String,
        version: String,
        sealed: Sealed,
    }

    /// Made by `jwcrypto`, see `vectors/secret.py`.
    fn vector() -> Vector {
        serde_json::from_str(include_str!("../vectors/secret.json")).unwrap()
    }

    #[test]
    fn what_another_implementation_sealed_opens() {
        let vector = vector();
        let key = Secret::from_hex(&vector.key).unwrap();
        let envelope = Envelope { key: &key, jti: &vector.jti, request_digest: &vector.request_digest };
        let derived = key.derive(vector.jti.as_bytes(), &[INFO, vector.request_digest.as_bytes()]);
        assert_eq!(crate::digest::hex(&*derived), vector.cek);
        let opened = envelope.open(&vector.sealed).unwrap();
        assert_eq!(opened.value.expose(), vector.value);
        assert_eq!((opened.name, opened.version), (vector.sealed.name, vector.version));
    }

    #[test]
    fn what_is_sealed_is_what_another_implementation_seals_byte_for_byte() {
        let vector = vector();
        let key = Secret::from_hex(&vector.key).unwrap();
        let envelope = Envelope { key: &key, jti: &vector.jti, request_digest: &vector.request_digest };
        let iv = vector.sealed.jwe.split('.').nth(2).unwrap();
        let iv = <[u8; 12]>::try_from(URL_SAFE_NO_PAD.decode(iv).unwrap()).unwrap();
        let sealed = envelope.seal(&vector.sealed.name, &vector.version, &value(&vector.value).unwrap(), iv);
        assert_eq!(sealed, Ok(vector.sealed));
    }

    #[test]
    fn a_secret_comes_out_as_it_went_in() {
        let opened = envelope(&key()).open(&sealed()).unwrap();
        assert_eq!(opened.value.expose(), VALUE);
        assert_eq!((opened.name.as_str(), opened.version.as_str()), ("thirdparty-api-key", "7"));
    }

    #[test]
    fn a_secret_opens_for_its_key_its_grant_and_its_request_only() {
        let (key, other, sealed) = (key(), Secret::new([9; 32]), sealed());
        let envelope = envelope(&key);
        assert!(envelope.open(&sealed).is_ok());
        assert_eq!(Envelope { key: &other, ..envelope }.open(&sealed), Err(SealFault::Tag));
        assert_eq!(Envelope { jti: "apr_2", ..envelope }.open(&sealed), Err(SealFault::Tag));
        assert_eq!(Envelope { request_digest: "d", ..envelope }.open(&sealed), Err(SealFault::Tag));
        let long = "a".repeat(65);
        assert_eq!(Envelope { jti: &long, ..envelope }.open(&sealed), Err(SealFault::Tag));
    }

    #[test]
    fn two_secrets_cannot_be_exchanged_on_the_way() {
        let renamed = Sealed { name: "other".into(), ..sealed() };
        assert_eq!(envelope(&key()).open(&renamed), Err(SealFault::Header));
    }

    #[test]
    fn a_changed_byte_opens_nothing() {
        let sealed = sealed();
        for at in 0..sealed.jwe.len() {
            let mut bytes = sealed.jwe.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = Sealed { jwe: String::from_utf8(bytes).unwrap(), ..sealed.clone() };
            assert!(envelope(&key()).open(&changed).is_err(), "{at}");
        }
    }

    #[test]
    fn what_has_another_shape_opens_nothing() {
        let sealed = sealed();
        let part = |n: usize| sealed.jwe.split('.').nth(n).unwrap().to_owned();
        let (header, iv, text, tag) = (part(0), part(2), part(3), part(4));
        let with = |header: &str| format!("{}..{iv}.{text}.{tag}", b64url(header.as_bytes()));
        for bad in [
            String::new(),
            header.clone(),
            format!("{header}.{iv}.{text}.{tag}"),
            format!("{header}.AAAA.{iv}.{text}.{tag}"),
            format!("{}.", sealed.jwe),
            format!("{header}..{iv}AAAA.{text}.{tag}"),
            format!("{header}..{iv}.{text}.{}", tag.get(..16).unwrap()),
            format!("{header}..{iv}..{tag}"),
            format!("{header}..{iv}.{}.{tag}", "A".repeat(8000)),
            format!("{header}..{iv}.{text}=.{tag}"),
            with(r#"{"alg":"dir","enc":"A256GCM","name":"thirdparty-api-key"}"#),
            with(r#"{"alg":"none","enc":"A256GCM","name":"thirdparty-api-key","version":"7"}"#),
            with(r#"{"alg":"dir","enc":"A128GCM","name":"thirdparty-api-key","version":"7"}"#),
            with(r#"{"alg":"dir","alg":"dir","enc":"A256GCM","name":"thirdparty-api-key","version":"7"}"#),
            with(r#"{"alg":"dir","enc":"A256GCM","name":"thirdparty-api-key","version":"7","zip":"DEF"}"#),
            with(r#"{"alg":"dir","enc":"A256GCM","name":"thirdparty-api-key","version":"8"}"#),
            with("{"),
        ] {
            let bad = Sealed { jwe: bad, ..sealed.clone() };
            assert!(envelope(&key()).open(&bad).is_err(), "{}", bad.jwe);
        }
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_no_value() {
        for good in ["12345678", "with a blank inside", "{\"json\":\"yes\"}", &"x".repeat(4096)] {
            assert!(value(good).is_ok(), "{good}");
        }
        assert_eq!(value("1234567"), Err(Unusable::Length(7)));
        assert_eq!(value(&"x".repeat(4097)), Err(Unusable::Length(4097)));
        for bad in ["12345678\r\nx-evil: 1", "12345678\u{0}", "12345678\t9", "schlüssel-8", "1234567\u{7f}"]
        {
            assert_eq!(value(bad), Err(Unusable::Characters), "{bad:?}");
        }
        assert_eq!(Plain::value(vec![0xff; 9]), Err(Unusable::Characters));
        for bad in [" 12345678", "12345678 "] {
            assert_eq!(value(bad), Err(Unusable::Edges), "{bad:?}");
        }
    }

    #[test]
    fn names_and_versions_that_a_header_cannot_hold_are_not_sealed() {
        let (key, value) = (key(), value(VALUE).unwrap());
        for (name, version) in [("", "1"), ("a b", "1"), ("a", ""), ("a", "x y"), ("a", &"1".repeat(65))] {
            assert_eq!(envelope(&key).seal(name, version, &value, IV), Err(SealFault::Header), "{name}");
        }
    }

    #[test]
    fn a_value_cannot_be_printed() {
        let opened = envelope(&key()).open(&sealed()).unwrap();
        let said = format!("{opened:?} {:?}", Plain::joined(&["Bearer ", VALUE]));
        assert!(!said.contains("sk-live") && said.contains("Plain(24 bytes)"), "{said}");
        assert_eq!(Plain::joined(&["Bearer ", VALUE]).expose(), format!("Bearer {VALUE}"));
    }
}
