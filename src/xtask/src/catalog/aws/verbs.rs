//! The words of AWS's names: verb first, in camel case.

use countersign_core::action::Reversible;

/// Whether a name reads, where nothing but the name is known.
pub(super) fn reads(name: &str) -> bool {
    let words = words(name);
    let mut words = words.iter().map(String::as_str);
    let first = match words.next() {
        Some("batch" | "admin" | "bulk") => words.next(),
        first => first,
    };
    first.is_some_and(|verb| READS.contains(&verb))
}

/// Whether what an operation does can be undone, as far as its verb tells.
pub(super) fn reversible(name: &str) -> Reversible {
    let words = words(name);
    let first = words
        .iter()
        .map(String::as_str)
        .find(|word| !matches!(*word, "batch" | "admin" | "bulk" | "schedule"));
    match first {
        Some(
            "delete" | "terminate" | "purge" | "remove" | "destroy" | "send" | "publish" | "export"
            | "purchase" | "revoke" | "redact",
        ) => Reversible::No,
        Some(
            "create" | "tag" | "untag" | "start" | "stop" | "attach" | "detach" | "associate"
            | "disassociate" | "enable" | "disable" | "add" | "register" | "deregister" | "subscribe"
            | "activate" | "deactivate" | "pause" | "resume" | "authorize",
        ) => Reversible::Yes,
        _ => Reversible::Unknown,
    }
}

/// Verbs with which AWS names reads.
const READS: [&str; 24] = [
    "get", "list", "describe", "search", "query", "scan", "head", "lookup", "check", "validate", "estimate",
    "preview", "count", "discover", "view", "filter", "compare", "resolve", "detect", "select", "simulate",
    "is", "retrieve", "read",
];

/// The words of a name, in lower case: split before a capital that starts a word.
pub(super) fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    for (place, letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(place + 1);
        let starts = letter.is_ascii_uppercase()
            && (before.is_none_or(|before| !before.is_ascii_uppercase())
                || after.is_some_and(char::is_ascii_lowercase));
        match words.last_mut() {
            Some(word) if !starts => word.push(letter.to_ascii_lowercase()),
            _ => words.push(letter.to_ascii_lowercase().to_string()),
        }
    }
    words
}
