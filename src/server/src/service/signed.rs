//! Whether a call was signed by a filter we know (RFC 9421, protocol 1.8).

use countersign_wire::{
    digest::content_digest,
    signature::{Claimed, Covered},
};

use super::{Asked, Caller, Post, Service};
use crate::{config::ClientKey, store::access::Seen};

/// How far the signature's time may be from ours, milliseconds.
const WINDOW_MS: i64 = 60 * 1000;

/// A call as it arrived.
#[derive(Clone, Copy, Debug)]
pub struct Call<'c> {
    /// Upper case.
    pub method: &'c str,
    /// `:authority`, or `host`.
    pub authority: &'c str,
    /// As sent.
    pub path: &'c str,
    /// With its `?`; empty where there is none.
    pub query: &'c str,
    /// `Signature-Input`.
    pub input: &'c str,
    /// `Signature`.
    pub signature: &'c str,
    /// `Content-Digest`.
    pub content_digest: Option<&'c str>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<&'c str>,
    /// As sent.
    pub body: &'c [u8],
}

impl Service {
    /// Whether a call names a key that is known here; it proves nothing yet.
    ///
    /// # Errors
    /// [`Asked::Unauthenticated`].
    pub fn knows(&self, call: &Call<'_>) -> Result<(), Asked> {
        let bad = |_| Asked::Unauthenticated("the signature is missing or does not verify");
        let claimed = Claimed::read(call.input).map_err(bad)?;
        self.key(&claimed.keyid).map(drop).ok_or(Asked::Unauthenticated("the signing key is not known"))
    }

    /// Verifies a call that reads.
    ///
    /// # Errors
    /// [`Asked::Unauthenticated`] or [`Asked::Replayed`].
    pub async fn authenticate(&self, call: &Call<'_>) -> Result<Caller, Asked> {
        let covered = Covered {
            method: call.method,
            authority: call.authority,
            path: call.path,
            query: call.query,
            content_digest: None,
            idempotency_key: None,
        };
        let caller = self.verify(call, covered)?;
        // A call that changes something spends its nonce in the transaction that does so.
        match self.shared.store.spend(&caller.keyid, &caller.nonce, self.now_ms()).await? {
            Seen::New => Ok(caller),
            Seen::Before => Err(Asked::Replayed),
        }
    }

    /// Verifies a call that changes something.
    ///
    /// # Errors
    /// As [`Service::authenticate`].
    pub fn authenticate_post(&self, call: &Call<'_>) -> Result<Post, Asked> {
        let Some(key) = call.idempotency_key.filter(|key| is_quoted(key)) else {
            return Err(Asked::Unauthenticated("an Idempotency-Key in quotes is missing"));
        };
        let body_digest = content_digest(call.body);
        if call.content_digest != Some(body_digest.as_str()) {
            return Err(Asked::Unauthenticated("Content-Digest is missing or is not the body's"));
        }
        let covered = Covered {
            method: call.method,
            authority: call.authority,
            path: call.path,
            query: call.query,
            content_digest: Some(&body_digest),
            idempotency_key: Some(key),
        };
        let caller = self.verify(call, covered)?;
        Ok(Post { caller, path: call.path.to_owned(), key: key.to_owned(), body_digest })
    }

    fn verify(&self, call: &Call<'_>, covered: Covered<'_>) -> Result<Caller, Asked> {
        let authority = call.authority.to_ascii_lowercase();
        if !self.shared.config.authorities.contains(&authority) {
            return Err(Asked::Unauthenticated("the authority is not a name of this service"));
        }
        let bad = |_| Asked::Unauthenticated("the signature is missing or does not verify");
        let claimed = Claimed::read(call.input).map_err(bad)?;
        let Some((client, key)) = self.key(&claimed.keyid) else {
            return Err(Asked::Unauthenticated("the signing key is not known"));
        };
        let covered = Covered { authority: &authority, ..covered };
        claimed.verify(call.signature, &covered, &key.secret).map_err(bad)?;
        let now = self.now_ms();
        let created = claimed.created.saturating_mul(1000);
        if now.saturating_sub(created).saturating_abs() > WINDOW_MS {
            return Err(Asked::Unauthenticated("the signature was not made within a minute of now"));
        }
        match self.shared.nonces.note(&claimed.keyid, &claimed.nonce, now) {
            Seen::New => Ok(Caller { client: client.to_owned(), keyid: claimed.keyid, nonce: claimed.nonce }),
            Seen::Before => Err(Asked::Replayed),
        }
    }

    fn key(&self, keyid: &str) -> Option<(&str, &ClientKey)> {
        self.shared.config.clients.iter().find_map(|client| {
            client.keys.iter().find(|key| key.keyid == keyid).map(|key| (client.id.as_str(), key))
        })
    }
}

/// Whether `text` is an sf-string without escapes, 1 to 128 characters.
fn is_quoted(text: &str) -> bool {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.is_some_and(|inner| {
        (1..=128).contains(&inner.len())
            && inner.bytes().all(|b| (0x21..0x7f).contains(&b) && b != b'"' && b != b'\\')
    })
}
