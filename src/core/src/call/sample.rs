//! Calls for tests.

use super::{Call, CallFault, Destinations, HeaderMap};

/// A call of `method` to `https://` + `authority` + `path`.
pub(crate) fn call(method: &str, authority: &str, path: &str, headers: &[(&str, &str)]) -> Call {
    read(method, authority, path, headers).unwrap()
}

/// The same, where it may be none.
pub(crate) fn read(
    method: &str,
    authority: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Call, CallFault> {
    let head = [(":method", method), (":authority", authority), (":path", path), (":scheme", "ftp")];
    let destinations = Destinations::new(super::Scheme::Https, ["plain.example"]).unwrap();
    Call::read(HeaderMap::from_pairs(head.iter().chain(headers).copied()), &destinations)
}

/// Pairs in the encoding of a proxy-wasm host.
pub(crate) fn abi(pairs: &[(&str, &str)]) -> Vec<u8> {
    let number = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
    let mut bytes = number(pairs.len()).to_vec();
    for (name, value) in pairs {
        bytes.extend(number(name.len()));
        bytes.extend(number(value.len()));
    }
    for (name, value) in pairs {
        bytes.extend(name.as_bytes());
        bytes.push(0);
        bytes.extend(value.as_bytes());
        bytes.push(0);
    }
    bytes
}
