//! Digests and the one keyed digest, in the spellings of the protocol.

use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// SHA-256 of a body in RFC 9530 form, `sha-256=:…:`.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// `"sha-256:" + b64url(SHA-256(prefix || bytes))`; `prefix` separates one kind of document from another.
pub fn tagged(prefix: &str, bytes: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(prefix.as_bytes());
    hash.update(bytes);
    format!("sha-256:{}", URL_SAFE_NO_PAD.encode(hash.finalize()))
}

/// Lower-case hexadecimal of `SHA-256(prefix || bytes)`.
pub fn tagged_hex(prefix: &str, bytes: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(prefix.as_bytes());
    hash.update(bytes);
    hex(&hash.finalize())
}

/// The part after `sha-256:` of a tagged digest as 64 hexadecimal digits; `None` where `digest` is none. A policy
/// without git is known by this instead of a commit.
pub fn tagged_as_hex(digest: &str) -> Option<String> {
    let raw = URL_SAFE_NO_PAD.decode(digest.strip_prefix("sha-256:")?).ok()?;
    (raw.len() == 32).then(|| hex(&raw))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |n: u8| DIGITS.get(usize::from(n)).copied().unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// Reads hexadecimal digits of either case; `None` where there is anything else or an odd number of them.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()));
    let digits = digits.collect::<Option<Vec<u8>>>()?;
    if digits.len() % 2 == 1 {
        return None;
    }
    Some(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

/// URL-safe base64 without padding.
pub fn b64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A secret of 32 bytes. It cannot be printed or serialised.
///
/// Kept zero-padded to SHA-256's block of 64 bytes: that is how RFC 2104 uses a shorter key, and the padded form needs
/// no fallible constructor.
#[derive(Clone)]
pub struct Secret([u8; 64]);

impl Secret {
    /// Takes the secret's bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        let mut block = [0; 64];
        for (to, from) in block.iter_mut().zip(bytes) {
            *to = from;
        }
        Self(block)
    }

    /// Reads 64 hexadecimal digits, white space around them ignored; `None` where they are anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        unhex(text.trim()).and_then(|bytes| bytes.try_into().ok()).map(Self::new)
    }

    /// HMAC-SHA-256 over the parts, one after the other.
    pub fn hmac(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.keyed(parts).finalize().into_bytes().into()
    }

    /// Whether `mac` is the HMAC-SHA-256 over the parts; compared in constant time.
    pub fn verifies(&self, parts: &[&[u8]], mac: &[u8]) -> bool {
        self.keyed(parts).verify_slice(mac).is_ok()
    }

    /// HKDF-SHA-256 (RFC 5869) of this secret: 32 bytes, one block. `info` is its parts, one after the other.
    pub fn derive(&self, salt: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        // HMAC takes a key over its block by its digest (RFC 2104).
        let mut block = Zeroizing::new([0; 64]);
        let digest = Sha256::digest(salt);
        let salt = if salt.len() > block.len() { &*digest } else { salt };
        for (to, from) in block.iter_mut().zip(salt) {
            *to = *from;
        }
        let mut extract = Hmac::<Sha256>::new(&(*block).into());
        extract.update(self.0.get(..32).unwrap_or_default());
        let mut expand = Zeroizing::new([0; 64]);
        for (to, from) in expand.iter_mut().zip(extract.finalize().into_bytes()) {
            *to = from;
        }
        let mut expand = Hmac::<Sha256>::new(&(*expand).into());
        for part in info.iter().copied().chain([&[1][..]]) {
            expand.update(part);
        }
        Zeroizing::new(expand.finalize().into_bytes().into())
    }

    fn keyed(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.0.into());
        for part in parts {
            mac.update(part);
        }
        mac
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(32 bytes)")
    }
}

/// The key that binds requests, known to filters only: without it nobody can recover a low-entropy body from its
/// digest (protocol 1.4).
#[derive(Clone, Debug)]
pub struct BindingKey {
    kid: String,
    secret: Secret,
}

impl BindingKey {
    /// A key and the id it goes by.
    pub fn new(kid: String, secret: Secret) -> Self {
        Self { kid, secret }
    }

    /// `"hmac-sha-256:" + kid + ":" + b64url(HMAC(key, "countersign-request-v1\0" || canonical))`.
    pub fn request_digest(&self, canonical: &[u8]) -> String {
        let mac = self.secret.hmac(&[b"countersign-request-v1\0", canonical]);
        format!("hmac-sha-256:{}:{}", self.kid, b64url(&mac))
    }

    /// The same for what a standing approval is for, under a prefix of its own.
    pub fn scope_digest(&self, canonical: &[u8]) -> String {
        let mac = self.secret.hmac(&[b"countersign-scope-v1\0", canonical]);
        format!("hmac-sha-256:{}:{}", self.kid, b64url(&mac))
    }

    /// The secret itself, to derive keys for other uses from: whoever derives one names its use.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn hexadecimal_goes_both_ways() {
        assert_eq!(hex(&[0, 15, 255]), "000fff");
        assert_eq!(unhex("000fFf"), Some(vec![0, 15, 255]));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("zz"), None);
    }

    #[test]
    fn a_secret_cannot_be_printed() {
        let secret = Secret::new([0x41; 32]);
        assert!(!format!("{secret:?}").contains('A'));
        assert!(!format!("{:?}", BindingKey::new("k".into(), secret)).contains("AAAA"));
    }

    #[test]
    fn keys_are_derived_as_rfc_5869_says() {
        // Checked against Python's `cryptography`; the third salt is longer than a block.
        for (salt, info, key) in [
            (
                &b"salt"[..],
                &[&b"in"[..], b"fo"][..],
                "20818451610896c07e77bc9ea5f06a4db922b2c726adda1af6c0a779dfe0446a",
            ),
            (b"", &[], "27488977d7c845fa17e618b4e225651a0a417521175396f455da2c465679eea8"),
            (&[7; 65], &[b"info"], "fbc503c74e0003051b0da2f7b426280ac43d84135141a27f8afb84d4e9a6e065"),
        ] {
            assert_eq!(hex(&*Secret::new([0x0b; 32]).derive(salt, info)), key);
        }
    }

    #[test]
    fn a_mac_verifies_only_over_the_same_bytes() {
        let secret = Secret::new([7; 32]);
        let mac = secret.hmac(&[b"ab", b"c"]);
        assert!(secret.verifies(&[b"abc"], &mac));
        assert!(!secret.verifies(&[b"abd"], &mac));
        assert!(!secret.verifies(&[b"abc"], mac.get(..31).unwrap_or_default()));
    }
}
