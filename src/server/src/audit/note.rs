//! Signed heads: a C2SP checkpoint in a C2SP signed note, Ed25519.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_wire::jws::Issuer;
use sha2::{Digest as _, Sha256};

use super::tree::Tree;

/// The origin of a log whose issuer is `issuer`: its URL without the scheme, and `/audit`.
pub(crate) fn origin(issuer: &str) -> String {
    let name = issuer.split_once("://").map_or(issuer, |(_, name)| name);
    format!("{name}/audit")
}

/// The signed head of `tree`.
pub(crate) fn checkpoint(origin: &str, tree: &Tree, key: &Issuer) -> String {
    let text = format!("{origin}\n{}\n{}\n", tree.size(), STANDARD.encode(tree.root()));
    let signature = key.sign_bytes(text.as_bytes());
    let mut signed = key_hash(origin, &public(key));
    signed.extend_from_slice(&signature);
    format!("{text}\n\u{2014} {origin} {}\n", STANDARD.encode(signed))
}

/// The first four bytes that name a key in a note; 1 stands for Ed25519.
fn key_hash(name: &str, public: &[u8]) -> Vec<u8> {
    let digest = Sha256::new().chain_update(name).chain_update([b'\n', 1]).chain_update(public).finalize();
    digest.iter().take(4).copied().collect()
}

fn public(key: &Issuer) -> Vec<u8> {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    // A JWK that was just written reads.
    URL_SAFE_NO_PAD.decode(key.jwk().x).unwrap_or_default()
}

/// The size a note speaks of; `None` where it is none.
pub(crate) fn size(note: &str) -> Option<u64> {
    note.lines().nth(1)?.parse().ok()
}

/// The root a note speaks of.
pub(crate) fn root(note: &str) -> Option<Vec<u8>> {
    STANDARD.decode(note.lines().nth(2)?).ok()
}

/// RFC 8037's key, for vectors.
#[cfg(test)]
pub(crate) fn vector_key() -> Issuer {
    let seed =
        countersign_wire::digest::unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
            .unwrap();
    Issuer::from_seed(&seed.try_into().unwrap())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_checkpoint_comes_out_byte_for_byte() {
        let mut tree = Tree::default();
        for line in include_str!("../../tests/vectors/chain.jsonl").lines() {
            tree.push(line.as_bytes());
        }
        let note = checkpoint(&origin("https://approvals.example.com"), &tree, &vector_key());
        assert_eq!(note, include_str!("../../tests/vectors/checkpoint.txt"));
        assert_eq!(size(&note), Some(5));
        assert_eq!(root(&note), Some(tree.root().to_vec()));
    }
}
