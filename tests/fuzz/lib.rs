//! What every target does with its input: read it as a request, decode it, and see that the answer is one.
//!
//! A target fails on a panic, on an overflow, on more than its seconds or its memory, and on an answer that no input may
//! get: known and without a member, or undecodable and yet a read.

mod bytes;
pub mod configuration;
mod service;
pub mod session;

use countersign_core::action::{Class, Decoded, Decoders};
use countersign_core::call::{Body, Call, Destinations, HeaderMap, Scheme};

/// Decodes a request and checks what no decoder may say.
pub fn decode(method: &str, authority: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) {
    let head = [(":method", method), (":authority", authority), (":path", path)];
    let pairs = head.iter().chain(headers).map(|(name, value)| (*name, value.as_bytes()));
    let none: [&str; 0] = [];
    let Ok(destinations) = Destinations::new(Scheme::Https, none) else { return };
    let Ok(call) = Call::read(HeaderMap::from_pairs(pairs), &destinations) else { return };
    let decoders = Decoders::default();
    for body in [body.map_or(Body::Absent, Body::Read), Body::Unread] {
        decoders.is_plain_read(&call, body);
        match decoders.decode(&call, body) {
            Decoded::Known(members) => assert!(!members.is_empty(), "known, and nothing is"),
            Decoded::Undecodable(opaque) => {
                assert_ne!(opaque.action.class, Class::ReadOnly, "undecodable, and a read");
            }
            Decoded::NeedsBody => assert_eq!(body, Body::Unread, "needs a body that is there"),
            Decoded::Contradiction(_) => {}
        }
    }
}

/// Reads `METHOD PATH`, `AUTHORITY`, header lines, an empty line and a body, as the seeds are written.
pub fn request(input: &[u8]) {
    let end = input.windows(2).position(|two| two == b"\n\n");
    let (head, body) = match end {
        Some(end) => (input.get(..end).unwrap_or_default(), input.get(end + 2..)),
        None => (input, None),
    };
    let Ok(head) = std::str::from_utf8(head) else { return };
    let mut lines = head.lines();
    let (Some((method, path)), Some(authority)) =
        (lines.next().and_then(|line| line.split_once(' ')), lines.next())
    else {
        return;
    };
    let headers: Vec<(String, &str)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()))
        .collect();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    decode(method, authority, path, &headers, body);
}
