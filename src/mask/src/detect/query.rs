//! URLs wherever they stand (RFC 3986): the parameters of a query or a fragment by their names, and what follows a telling
//! segment of a path (`/reset-password/x`). Scheme, host, path and harmless parameters stay.

use crate::bytes::{at, before, part, run, run_back};
use crate::detect::Scan;
use crate::keys::{Key, classify};
use crate::kind::Kind;
use crate::looks;
use crate::marks::{Mark, Marks, ends_in_stand_in};
use crate::structure::form;

/// Longest name of a parameter or a segment.
const LONGEST: usize = 256;

/// Segments that a secret follows, besides those that are called like one.
const TELLING: &[&str] = &[
    "reset",
    "password-reset",
    "reset-password",
    "forgot-password",
    "verify",
    "verify-email",
    "confirm-email",
    "accept-invite",
    "magic-login",
    "verification",
    "confirm",
    "confirmation",
    "invite",
    "invitation",
    "invitations",
    "activate",
    "activation",
    "magic",
    "magic-link",
    "unsubscribe",
    "recover",
    "recovery",
];

/// `i` is at the `?` or the `#`. Parameters are decoded and followed like those of a form; all that is read is judged.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let name = run(text, i + 1, LONGEST, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'%' | b'[' | b']' | b'$' | b'~')
    });
    let placed = matches!(before(text, i), 0 | b'/' | b'_' | b'-' | b'.' | b'%' | b'}' | b']' | b'?' | b'#')
        || before(text, i).is_ascii_alphanumeric();
    if !placed || name == i + 1 || at(text, name) != b'=' {
        return None;
    }
    let look = scan.look.inside()?;
    let mut end = run(text, i + 1, usize::MAX, |b| {
        !b.is_ascii_whitespace() && !matches!(b, b'#' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'|')
    });
    while matches!(before(text, end), b'.' | b',' | b';' | b')' | b']' | b'}') && !ends_in_stand_in(text, end)
    {
        end -= 1;
    }
    let end = end.max(name + 1);
    let masked = form::mask(part(text, i + 1..end), look);
    if !masked.found.is_empty() {
        marks.put(Mark::cell(i + 1..end, String::new(), masked));
    }
    Some(end)
}

/// `i` is at the slash before a segment.
pub(super) fn segment(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let wanted: fn(u8) -> bool =
        |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~' | b'%' | b'=' | b'+');
    let end = run(text, i + 1, usize::MAX, wanted);
    let value = part(text, i + 1..end).trim_end_matches('.');
    let ends = !matches!(at(text, end), b'@' | b':');
    // A digest or a UUID names something, except where a door is opened.
    let random = looks::random(value);
    let opens = random || looks::is_uuid(value) || looks::is_digest(value);
    let name = part(text, run_back(text, i, LONGEST, wanted)..i);
    if !(ends && opens && (is_door(name) || (random && telling(name)))) {
        return None;
    }
    marks.add(i + 1..i + 1 + value.len(), Kind::Secret, "secret_field");
    Some(i + 1 + value.len())
}

/// Whether a secret may follow the segment `name` of a path. What follows a person's or an account's name is the id of a
/// resource (`/Contact/0035g00000ABCDeAAH`), which a reviewer must see.
pub(crate) fn telling(name: &str) -> bool {
    is_door(name)
        || matches!(
            classify(name),
            Key::Perhaps | Key::Authorization | Key::Cookie | Key::SECRET | Key::Maybe(Kind::Secret)
        )
}

fn is_door(name: &str) -> bool {
    TELLING.iter().any(|one| name.eq_ignore_ascii_case(one))
}
