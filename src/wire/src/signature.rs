//! RFC 9421 signatures from the filter to the service, HMAC-SHA-256, label `pep` (protocol 1.8 and part 4).

use crate::digest::Secret;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt::Write;

/// The label, the tag and the algorithm, which never vary.
const LABEL: &str = "pep";
const TAG: &str = "countersign-pep";
const ALG: &str = "hmac-sha256";

/// The parts of a request that are covered.
#[derive(Clone, Copy, Debug)]
pub struct Covered<'a> {
    /// Upper case.
    pub method: &'a str,
    /// As put into `:authority`.
    pub authority: &'a str,
    /// Without the query.
    pub path: &'a str,
    /// With its leading `?`; empty where there is none.
    pub query: &'a str,
    /// `Content-Digest` over the bytes sent; requests with a body only.
    pub content_digest: Option<&'a str>,
    /// The `Idempotency-Key` header's value, quotes included; requests with a body only.
    pub idempotency_key: Option<&'a str>,
}

impl Covered<'_> {
    /// Component names and values in the order the protocol lists them.
    fn components(&self) -> Vec<(&'static str, &str)> {
        let mut list = vec![("@method", self.method), ("@authority", self.authority), ("@path", self.path)];
        if !self.query.is_empty() {
            list.push(("@query", self.query));
        }
        list.extend(self.content_digest.map(|value| ("content-digest", value)));
        list.extend(self.idempotency_key.map(|value| ("idempotency-key", value)));
        list
    }
}

/// A key shared by a filter and the service.
#[derive(Clone, Debug)]
pub struct PepKey {
    /// The id it goes by.
    pub keyid: String,
    /// The secret.
    pub secret: Secret,
}

/// The two header values of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// `Signature-Input`.
    pub input: String,
    /// `Signature`.
    pub signature: String,
}

impl PepKey {
    /// Signs a request. `created` is in seconds; `nonce` must be fresh and of characters that a quoted string holds
    /// without escapes.
    pub fn sign(&self, covered: &Covered<'_>, created: i64, nonce: &str) -> Signed {
        let components = covered.components();
        let names: Vec<String> = components.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let keyid = &self.keyid;
        let parameters = format!(
            "({});created={created};nonce=\"{nonce}\";keyid=\"{keyid}\";alg=\"{ALG}\";tag=\"{TAG}\"",
            names.join(" ")
        );
        let mac = self.secret.hmac(&[base(&components, &parameters).as_bytes()]);
        Signed {
            input: format!("{LABEL}={parameters}"),
            signature: format!("{LABEL}=:{}:", STANDARD.encode(mac)),
        }
    }
}

fn base(components: &[(&str, &str)], parameters: &str) -> String {
    let mut text = String::new();
    for (name, value) in components {
        // Writing into a String cannot fail.
        writeln!(text, "\"{name}\": {value}").unwrap_or_default();
    }
    text.push_str("\"@signature-params\": ");
    text.push_str(parameters);
    text
}

/// Why a signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// Not of the protocol's shape.
    #[error("the Signature-Input header is not of the protocol's shape")]
    Malformed,
    /// Other components than the protocol asks for this request.
    #[error("the signature does not cover exactly the components the protocol names")]
    Coverage,
    /// The MAC does not match.
    #[error("the signature does not verify")]
    Mac,
}

/// A `Signature-Input` that was read but not yet verified: it says which key to look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Component names, in order.
    pub components: Vec<String>,
    /// Seconds since the epoch.
    pub created: i64,
    /// Must be new.
    pub nonce: String,
    /// Which key.
    pub keyid: String,
    parameters: String,
}

impl Claimed {
    /// Reads a `Signature-Input` header.
    ///
    /// # Errors
    /// [`SignatureFault::Malformed`] where anything is missing, repeated, unknown or wrong.
    pub fn read(input: &str) -> Result<Self, SignatureFault> {
        let malformed = SignatureFault::Malformed;
        let parameters = input.trim().strip_prefix("pep=").ok_or(malformed)?;
        let (list, rest) = parameters.strip_prefix('(').and_then(|p| p.split_once(')')).ok_or(malformed)?;
        let unquote = |text: &str| {
            let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'))?;
            let plain = inner.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\');
            plain.then(|| inner.to_owned())
        };
        let components = list.split(' ').map(unquote).collect::<Option<Vec<_>>>().ok_or(malformed)?;
        let (mut created, mut nonce, mut keyid, mut alg, mut tag) = (None, None, None, None, None);
        for parameter in rest.strip_prefix(';').ok_or(malformed)?.split(';') {
            let (name, value) = parameter.split_once('=').ok_or(malformed)?;
            let slot = match name {
                "created" => {
                    if created.replace(value.parse::<i64>().map_err(|_| malformed)?).is_some() {
                        return Err(malformed);
                    }
                    continue;
                }
                "nonce" => &mut nonce,
                "keyid" => &mut keyid,
                "alg" => &mut alg,
                "tag" => &mut tag,
                _ => return Err(malformed),
            };
            if slot.replace(unquote(value).ok_or(malformed)?).is_some() {
                return Err(malformed);
            }
        }
        match (created, nonce, keyid, alg.as_deref(), tag.as_deref()) {
            (Some(created), Some(nonce), Some(keyid), Some(ALG), Some(TAG))
                if (8..=128).contains(&nonce.len()) && !keyid.is_empty() =>
            {
                Ok(Self { components, created, nonce, keyid, parameters: parameters.to_owned() })
            }
            _ => Err(malformed),
        }
    }

    /// Verifies the `Signature` header over what the request really is. The components must be exactly those the
    /// protocol asks for it, so that nothing a signer left out is taken as signed.
    ///
    /// # Errors
    /// [`SignatureFault::Coverage`] or [`SignatureFault::Mac`].
    pub fn verify(
        &self,
        signature: &str,
        covered: &Covered<'_>,
        secret: &Secret,
    ) -> Result<(), SignatureFault> {
        let components = covered.components();
        let mut wanted: Vec<&str> = components.iter().map(|(name, _)| *name).collect();
        let mut claimed: Vec<&str> = self.components.iter().map(String::as_str).collect();
        wanted.sort_unstable();
        claimed.sort_unstable();
        if wanted != claimed {
            return Err(SignatureFault::Coverage);
        }
        let in_order: Vec<(&str, &str)> = self
            .components
            .iter()
            .filter_map(|name| components.iter().find(|(known, _)| known == name))
            .copied()
            .collect();
        let mac = signature.trim().strip_prefix("pep=:").and_then(|s| s.strip_suffix(':'));
        let mac = mac.and_then(|mac| STANDARD.decode(mac).ok()).ok_or(SignatureFault::Malformed)?;
        if secret.verifies(&[base(&in_order, &self.parameters).as_bytes()], &mac) {
            Ok(())
        } else {
            Err(SignatureFault::Mac)
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::digest::content_digest;

    fn key() -> PepKey {
        let secret = Secret::new(std::array::from_fn(|i| u8::try_from(i).unwrap()));
        PepKey { keyid: "pep-prod-eu1-2026q4".into(), secret }
    }

    fn post(digest: &str) -> Covered<'_> {
        Covered {
            method: "POST",
            authority: "approvals.example.com",
            path: "/access/v1/requests",
            query: "",
            content_digest: Some(digest),
            idempotency_key: Some("\"9a6f2c1e-5b7d-4c1a-8e21-0f0e0d0c0b0a\""),
        }
    }

    #[test]
    fn the_published_post_vector_comes_out_byte_for_byte() {
        let digest = content_digest(include_str!("../vectors/approval-request.body").trim_end().as_bytes());
        let signed = key().sign(&post(&digest), 1_795_240_980, "b3k2u7fEw0");
        let vector = include_str!("../vectors/rfc9421.txt");
        assert!(vector.contains(&format!("\nSignature-Input: {}\n", signed.input)), "{}", signed.input);
        assert!(vector.contains(&format!("\nSignature: {}\n", signed.signature)), "{}", signed.signature);
        let claimed = Claimed::read(&signed.input).unwrap();
        assert_eq!(claimed.verify(&signed.signature, &post(&digest), &key().secret), Ok(()));
    }

    #[test]
    fn the_published_get_vector_comes_out_byte_for_byte() {
        let path = "/access/v1/requests/arq_01KAJ5S0A7B8C9D0E1F2G3H4J5";
        let (content_digest, idempotency_key) = (None, None);
        let get = Covered { method: "GET", path, content_digest, idempotency_key, ..post("") };
        let signed = key().sign(&get, 1_795_240_990, "k7d1m0qz4A");
        let vector = include_str!("../vectors/rfc9421-get.txt");
        assert!(vector.contains(&format!("\nSignature-Input: {}\n", signed.input)), "{}", signed.input);
        assert!(vector.contains(&format!("\nSignature: {}\n", signed.signature)), "{}", signed.signature);
    }

    #[test]
    fn a_signature_is_good_for_its_request_only() {
        let digest = content_digest(b"{}");
        let covered = post(&digest);
        let signed = key().sign(&covered, 1, "nonce-nonce");
        let claimed = Claimed::read(&signed.input).unwrap();
        let verify = |covered: Covered<'_>| claimed.verify(&signed.signature, &covered, &key().secret);
        assert_eq!(verify(covered), Ok(()));
        assert_eq!(verify(Covered { method: "PUT", ..covered }), Err(SignatureFault::Mac));
        assert_eq!(verify(Covered { authority: "evil.example", ..covered }), Err(SignatureFault::Mac));
        assert_eq!(verify(Covered { path: "/access/v1/evaluation", ..covered }), Err(SignatureFault::Mac));
        assert_eq!(verify(Covered { query: "?a", ..covered }), Err(SignatureFault::Coverage));
        assert_eq!(verify(Covered { content_digest: None, ..covered }), Err(SignatureFault::Coverage));
        let other = Secret::new([9; 32]);
        assert_eq!(claimed.verify(&signed.signature, &covered, &other), Err(SignatureFault::Mac));
    }

    #[test]
    fn an_input_of_another_shape_is_refused() {
        let good = key().sign(&post("d"), 1, "nonce-nonce").input;
        assert!(Claimed::read(&good).is_ok());
        for bad in [
            good.replace("pep=", "sig1="),
            good.replace("hmac-sha256", "none"),
            good.replace("countersign-pep", "other"),
            good.replace("created=1", "created=x"),
            good.replace("created=1", "created=1;created=2"),
            good.replace("nonce-nonce", "short"),
            good.replace(";nonce=\"nonce-nonce\"", ""),
            format!("{good};expires=5"),
            good.replace("\"@method\" ", "@method "),
            String::new(),
        ] {
            assert_eq!(Claimed::read(&bad), Err(SignatureFault::Malformed), "{bad}");
        }
    }
}
