//! Host and port of a call, in one spelling.

use std::net::Ipv6Addr;

use super::{Ambiguity, Destinations, Scheme};

/// A normalised authority.
#[derive(Clone, Debug)]
pub(super) struct Authority {
    /// Lower case, default port dropped: what is bound.
    pub(super) text: String,
    /// How many bytes of `text` are the host for matching.
    host: usize,
    /// The port, written or default.
    pub(super) port: u16,
}

impl Authority {
    /// Reads what the agent wrote. An ambiguous spelling still gives a host, the best reading there is, so that rules
    /// can say whether the host is guarded.
    pub(super) fn read(spelled: &str, destinations: &Destinations) -> (Self, Scheme, Option<Ambiguity>) {
        let (spelled, user) = match spelled.rsplit_once('@') {
            Some((_, rest)) => (rest, Some(Ambiguity::UserInfo)),
            None => (spelled, None),
        };
        let (host, port, port_fault) = split_port(spelled);
        let (mut text, matched, host_fault) = plain_host(host);
        let scheme = destinations.scheme_of(text.get(..matched).unwrap_or_default());
        let port = port.unwrap_or_else(|| scheme.default_port());
        if port != scheme.default_port() {
            text.push(':');
            text.push_str(&port.to_string());
        }
        (Self { text, host: matched, port }, scheme, user.or(host_fault).or(port_fault))
    }

    /// The host for matching.
    pub(super) fn host(&self) -> &str {
        self.text.get(..self.host).unwrap_or_default()
    }
}

/// Whether an authority writes a port.
pub(super) fn has_port(spelled: &str) -> bool {
    split_port(spelled).0.len() != spelled.len()
}

/// The host in one spelling, how many bytes of it are for matching, and what is wrong with it.
fn plain_host(spelled: &str) -> (String, usize, Option<Ambiguity>) {
    let bracketed = spelled.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(address) = bracketed.and_then(|inner| inner.parse::<Ipv6Addr>().ok()) {
        let text = format!("[{address}]");
        let length = text.len();
        return (text, length, None);
    }
    let text = spelled.to_ascii_lowercase();
    let matched = text.strip_suffix('.').unwrap_or(&text);
    let (length, fault) = (matched.len(), (!is_plain_host(matched)).then_some(Ambiguity::Host));
    (text, length, fault)
}

/// Host, port and what is wrong with the port.
fn split_port(spelled: &str) -> (&str, Option<u16>, Option<Ambiguity>) {
    let after_bracket = spelled.rfind(']').map_or(0, |place| place + 1);
    let Some(colon) =
        spelled.get(after_bracket..).and_then(|rest| rest.rfind(':')).map(|at| at + after_bracket)
    else {
        return (spelled, None, None);
    };
    let (host, port) = spelled.split_at_checked(colon).unwrap_or((spelled, ""));
    let digits = port.strip_prefix(':').unwrap_or_default();
    let canonical =
        !digits.is_empty() && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    match digits.parse::<u16>() {
        Ok(port) if canonical => (host, Some(port), None),
        _ => (host, None, Some(Ambiguity::Port)),
    }
}

/// A DNS name of letters, digits, `-` and `_`, or a canonical IPv4 address. A name whose last label is a number is an
/// address to some resolvers and a name to others, so only the canonical address passes (WHATWG URL, "ends in a number").
fn is_plain_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if host.len() > 253 || !host.split('.').all(label) {
        return false;
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
    !numeric || is_canonical_v4(host)
}

fn is_canonical_v4(host: &str) -> bool {
    let octet = |part: &str| (part == "0" || !part.starts_with('0')) && part.parse::<u8>().is_ok();
    host.split('.').count() == 4 && host.split('.').all(octet)
}
