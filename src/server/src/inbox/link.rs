//! Addresses of our own pages, with names in them that somebody else chose.

use std::fmt::Write as _;

/// A name as one part of a path or a query: nothing in it ends or leaves the part.
pub(super) fn part(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap_or_default();
        }
    }
    out
}

/// A path with a query of what is not empty.
pub(super) fn query(path: &str, pairs: &[(&str, &str)]) -> String {
    let set: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", part(value)))
        .collect();
    if set.is_empty() { path.to_owned() } else { format!("{path}?{}", set.join("&")) }
}

/// The page of an agent.
pub(super) fn agent(name: &str) -> String {
    format!("/agents/{}", part(name))
}

/// The page of a rule.
pub(super) fn rule(policy: &str, rule: &str) -> String {
    format!("/rules/{}/{}", part(policy), part(rule))
}

#[cfg(test)]
mod tests {
    use super::{agent, rule};

    #[test]
    fn a_name_never_leaves_its_part_of_the_address() {
        assert_eq!(agent("../x?y#z\"<"), "/agents/%2E%2E%2Fx%3Fy%23z%22%3C");
        assert_eq!(rule("a/b", "c d"), "/rules/a%2Fb/c%20d");
    }
}
