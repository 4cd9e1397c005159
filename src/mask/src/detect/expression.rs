//! Whether what stands without quotes after a telling name is a value at all: source code writes `token: u32`,
//! `password = self.password`, `csrf: session.csrf`, `=> Class::CredentialAccess`, and none of it is a secret.
//!
//! A secret that looks like code would be shown; so the shapes are narrow, and none of them has a digit that counts.

use crate::bytes::{at, before, part, rest};
use crate::keys::{Key, classify};
use crate::looks;

/// Whether `value`, which lies at `start` after `name`, is code.
pub(super) fn is(text: &str, start: usize, value: &str, name: &str) -> bool {
    let next = at(text, start + value.len());
    let closes = matches!(next, b',' | b')' | b';' | b']' | b'}');
    let letters = value.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    looks::code(value)
        || value.len() == 1
        // `password = 2` numbers a field of a message.
        || (value.len() == 2 && value.bytes().all(|b| b.is_ascii_digit()))
        || ["::", "->", "!["].iter().any(|sign| value.contains(sign))
        || variable(value)
        // `const TOKEN: HeaderName = ..`, `pub secret: Hidden`
        || (letters && (name.starts_with("pub ") || rest(text, start + value.len()).starts_with(" = ")))
        || path(value)
        // `Option<String>`
        || (next == b'<' && letters && value.starts_with(|c: char| c.is_ascii_uppercase()))
        // `password=password)`, `csrf: csrf_token,`
        || (closes && (letters || value.ends_with('?')) && (same(name, value) || (value.contains('_') && classify(value) != Key::Plain)))
        || number_type(value)
        || (letters && closes && type_name(value))
        || style(text, start, value)
        // `def f(password=None):`
        || looks::harmless(value.trim_end_matches([')', ':', ';']))
        // `self.token = token`
        || (letters && before(text, start) == b' ' && matches!(next, b'\n' | b'\r' | 0) && same(name, value))
        // `{file: x}`, `|b| ..`
        || (value.starts_with(['{', '|']) && value.ends_with(':'))
        || (value.ends_with('-') && rest(text, start + value.len()).starts_with('>'))
}

/// Whether a value in quotes is its own name, as forms are labelled with.
pub(super) fn is_label(name: &str, value: &str) -> bool {
    value.len() > 2
        && value.starts_with(|c: char| c.is_ascii_uppercase())
        && value.bytes().all(|b| b.is_ascii_lowercase() || b == b' ' || b.is_ascii_uppercase())
        && same(name, value)
}

/// `.pw-input:focus{outline:none}`
fn style(text: &str, start: usize, value: &str) -> bool {
    const STATES: &[&str] = &[
        "focus",
        "hover",
        "active",
        "before",
        "after",
        "visited",
        "disabled",
        "checked",
        "placeholder",
        "not(",
        "root",
    ];
    let state = STATES.iter().find(|state| value.starts_with(**state)).map_or(0, |state| state.len());
    state > 0
        && before(text, start) == b':'
        && matches!(at(text, start + state), b'{' | b',' | b':' | b' ' | b'.' | b'[')
}

/// `$token`, `$self`, `$_POST[`
pub(super) fn variable(value: &str) -> bool {
    value.strip_prefix('$').map(|name| name.trim_end_matches('[')).is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-'))
    })
}

/// `session.csrf`, `self.password`, `cfg.Password`, `user?.token`
fn path(value: &str) -> bool {
    let name = |piece: &str| {
        let piece = piece.trim_end_matches(['?', '!']);
        !piece.is_empty() && piece.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
    };
    value.contains('.') && value.starts_with(|c: char| c.is_ascii_lowercase()) && value.split('.').all(name)
}

/// `SecretStr`, `JwtToken`: words with capitals and nothing between.
fn type_name(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_uppercase())
        && value.bytes().filter(u8::is_ascii_uppercase).count() > 1
        && value.bytes().filter(u8::is_ascii_lowercase).count() > 2
}

/// `u32`, `f64`, `usize`
fn number_type(value: &str) -> bool {
    value.starts_with(['u', 'i', 'f'])
        && matches!(part(value, 1..value.len()), "8" | "16" | "32" | "64" | "128" | "size" | "nt32" | "nt64")
}

/// Whether a name ends in what is also its value, however both are written.
fn same(name: &str, value: &str) -> bool {
    let mut letters = name.bytes().rev().filter(u8::is_ascii_alphabetic);
    value
        .bytes()
        .rev()
        .filter(u8::is_ascii_alphabetic)
        .all(|b| letters.next().is_some_and(|other| other.eq_ignore_ascii_case(&b)))
}
