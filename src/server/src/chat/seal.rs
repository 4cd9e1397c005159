//! Seals: JSON that leaves this service and comes back through somebody else's hands.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_wire::digest::{Secret, b64url};
use serde::{Serialize, de::DeserializeOwned};

/// `value` and its seal for `purpose`: opened with the same purpose only. It is not secret.
pub(crate) fn seal(key: &Secret, purpose: &str, value: &impl Serialize) -> String {
    // A type of ours always is JSON; were it not, what is sealed opens as nothing.
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mac = key.hmac(&[purpose.as_bytes(), b"\0", &body]);
    format!("{}.{}", b64url(&body), b64url(&mac))
}

/// What was sealed; `None` where it was not sealed by this service, or for something else.
pub(crate) fn open<T: DeserializeOwned>(key: &Secret, purpose: &str, text: &str) -> Option<T> {
    let (body, mac) = text.split_once('.')?;
    let (body, mac) = (URL_SAFE_NO_PAD.decode(body).ok()?, URL_SAFE_NO_PAD.decode(mac).ok()?);
    if !key.verifies(&[purpose.as_bytes(), b"\0", &body], &mac) {
        return None;
    }
    serde_json::from_slice(&body).ok()
}

#[cfg(test)]
mod tests {
    use super::{open, seal};
    use countersign_wire::digest::Secret;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_key_only() {
        let (key, other) = (Secret::new([1; 32]), Secret::new([2; 32]));
        let sealed = seal(&key, "modal", &["a", "b"]);
        assert_eq!(open::<Vec<String>>(&key, "modal", &sealed).unwrap(), ["a", "b"]);
        assert_eq!(open::<Vec<String>>(&key, "link", &sealed), None);
        assert_eq!(open::<Vec<String>>(&other, "modal", &sealed), None);
    }

    #[test]
    fn no_changed_character_opens() {
        let key = Secret::new([1; 32]);
        let sealed = seal(&key, "modal", &"arq_1");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            if let Some(byte) = changed.get_mut(at) {
                *byte = if *byte == b'A' { b'B' } else { b'A' };
            }
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(open::<String>(&key, "modal", &changed), None, "{changed}");
        }
        assert_eq!(open::<String>(&key, "modal", ""), None);
        assert_eq!(open::<String>(&key, "modal", "."), None);
    }
}
