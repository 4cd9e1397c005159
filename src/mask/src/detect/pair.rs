//! Names and values in running text: `password = "x"`, `token: x`, `AccountKey=x;`, `\"secret\":\"x\"`, header lines.
//!
//! The separator is the anchor: the name is read back from it, and only a telling name has its value read.

use core::ops::Range;
use std::borrow::Cow;

use crate::bytes::{at, before, part, rest, run, run_back};
use crate::custom::Own;
use crate::detect::scheme::authorization;
use crate::detect::{Scan, expression, hash, phrase, scheme, service};
use crate::keys::{Key, LONGEST_NAME, classify, inside, is_letter};
use crate::kind::Kind;
use crate::looks;
use crate::marks::{Marks, ends_in_stand_in};
use crate::plausible::judge;
use crate::structure::form;

/// Enough of a bare value to decide on; the rest is only read once it is to be masked, so a text is read once.
const TELLING: usize = 512;

/// Longest string in three quotes that is read.
const BLOCK: usize = 4096;

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if at(text, i) == b',' {
        let (value, kind, detector) = listed(text, i)?;
        marks.add(value.clone(), kind, detector);
        return Some(value.end);
    }
    if let Some((value, kind, detector)) = keyword(text, i) {
        marks.add(value.clone(), kind, detector);
        return Some(value.end);
    }
    // `Token::End`
    if rest(text, i).starts_with("::") && at(text, i + 2).is_ascii_alphabetic() {
        return None;
    }
    let name = name(text, i)?;
    let own = scan.look.under(&name).named.own;
    let name = words(text, i, name);
    let start = separator(text, i);
    let key = match classify(&name) {
        Key::Name if begins_name(text, start) && is_about_person(text, i) => Key::Maybe(Kind::Name),
        key @ (Key::Plain
        | Key::Perhaps
        | Key::Authorization
        | Key::Cookie
        | Key::Name
        | Key::Maybe(_)
        | Key::Holds(_)) => key,
    };
    match own {
        Own::Nothing => {}
        Own::Plain => return None,
        Own::Holds(kind) => {
            let value = value(text, start);
            let shown = part(text, value.clone());
            if looks::harmless(shown) || is_prose(text, start, shown) {
                return None;
            }
            marks.add(value.clone(), kind, "policy_name");
            return Some(value.end);
        }
    }
    match key {
        Key::Plain | Key::Name => {
            let value = quoted(text, start).unwrap_or_else(|| unquoted(text, start, TELLING));
            let shown = part(text, value.clone());
            (value.len() < TELLING && service::opens(&name, shown)).then(|| {
                marks.add(value.clone(), Kind::Secret, "service_key");
                value.end
            })
        }
        Key::Authorization | Key::Cookie => {
            let value = quoted(text, start).unwrap_or_else(|| header(text, i, start));
            let whole = part(text, value.clone());
            if looks::harmless(whole) || is_talk(key, whole) {
                return None;
            }
            if key == Key::Cookie {
                cookies(whole, value.start, marks);
            } else {
                authorization(whole, value.start, marks);
            }
            Some(value.end)
        }
        Key::Holds(_) | Key::Maybe(_) | Key::Perhaps
            if at(text, start) == b'[' && is_quote(at(text, start + 1)) =>
        {
            list(scan, start + 1, key, marks)
        }
        Key::Holds(_) | Key::Maybe(_) | Key::Perhaps => {
            let (value, kind, detector) = if let Some(value) = quoted(text, start) {
                let shown = part(text, value.clone());
                // `label.password = "Password"`
                if expression::is_label(&name, shown) {
                    return None;
                }
                let (kind, detector) = judge(key, shown)?;
                (value, kind, detector)
            } else {
                bare(text, start, key, &name)?
            };
            marks.add(value.clone(), kind, detector);
            Some(value.end)
        }
    }
}

/// Marks the strings of a list under a telling name, the first at `start`: `tokens: ["x", "y"]`.
fn list(scan: Scan<'_>, start: usize, key: Key, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let mut i = start;
    loop {
        let Some(value) = quoted(text, i) else { return Some(i) };
        // It closes as it opened.
        let end = value.end + (value.start - i);
        if let Some((kind, detector)) = judge(key, part(text, value.clone())) {
            marks.add(value, kind, detector);
        }
        let comma = run(text, end, 8, |b| b.is_ascii_whitespace());
        if at(text, comma) != b',' {
            return Some(end);
        }
        i = run(text, comma + 1, 8, |b| b.is_ascii_whitespace());
    }
}

fn is_quote(b: u8) -> bool {
    matches!(b, b'"' | b'\'' | b'\\')
}

/// The value of a header at `start`, its separator at `i`: to the end of the line, or of the quotes the header stands in
/// (`-H 'Authorization: x'`). After a name in quotes of its own, a bare value is a number, `null` or the like.
fn header(text: &str, i: usize, start: usize) -> Range<usize> {
    if matches!(before(text, i), b'"' | b'\'') {
        return unquoted(text, start, usize::MAX);
    }
    let ends: fn(u8) -> bool = match before(text, word_back(text, i).0) {
        b'"' => |b| is_line_end(b) || b == b'"',
        b'\'' => |b| is_line_end(b) || b == b'\'',
        _ => is_line_end,
    };
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let mut end = start + rest.iter().take_while(|&&b| !ends(b)).count();
    // The quote that closes may itself be escaped.
    while end > start && end < text.len() && before(text, end) == b'\\' {
        end -= 1;
    }
    start..end
}

/// A value without quotes at `start`, if it is to be masked.
fn bare(text: &str, start: usize, key: Key, name: &str) -> Option<(Range<usize>, Kind, &'static str)> {
    if let Key::Holds(kind) | Key::Maybe(kind) = key
        && !matches!(kind, Kind::Secret | Kind::Email | Kind::Wallet | Kind::IpAddress)
    {
        return phrase::candidates(text, start, kind).into_iter().find_map(|value| {
            judge(key, part(text, value.clone())).map(|(kind, detector)| (value, kind, detector))
        });
    }
    let mut start = start;
    let mut head = unquoted(text, start, TELLING);
    // `token: Bearer x`
    let scheme = part(text, head.clone());
    let tag = scheme.starts_with("!!");
    if (tag || matches!(scheme.to_ascii_lowercase().as_str(), "bearer" | "basic" | "token"))
        && at(text, head.end) == b' '
    {
        start = head.end + 1;
        head = unquoted(text, start, TELLING);
    }
    let shown = part(text, head.clone());
    let (kind, detector) = judge(key, shown)?;
    if kind == Kind::Secret
        && let Some(hash) = hash::at_start(text, start)
    {
        return Some((hash, kind, "password_hash"));
    }
    let code =
        if kind == Kind::Secret { expression::is(text, start, shown, name) } else { looks::code(shown) };
    if code || is_variable(text, head.end, shown) || is_prose(text, start, shown) {
        return None;
    }
    let whole = if head.len() + 8 > TELLING { unquoted(text, start, usize::MAX) } else { head };
    Some((whole, kind, detector))
}

/// Whether the value at `start` may be a person's name.
fn begins_name(text: &str, start: usize) -> bool {
    let first = at(text, run(text, start, 4, |b| matches!(b, b'\\' | b'"' | b'\'')));
    first.is_ascii_uppercase() || first >= 0x80
}

/// Whether one of the names around the separator at `i` is one that persons have.
fn is_about_person(text: &str, i: usize) -> bool {
    const FAR: usize = 200;
    const MOST: usize = 16;
    let from = text.ceil_char_boundary(i.saturating_sub(FAR));
    let to = text.floor_char_boundary((i + FAR).min(text.len()));
    let around = part(text, from..to);
    around.split([':', '=']).take(MOST).any(|before| {
        let name = before.rsplit(['\n', ',', ';', '|', '&', '\t', '{', '"', '?']).next().unwrap_or("");
        name.len() <= 32 && inside("", name.trim()).is_personal()
    })
}

/// Whether a bare value that ends at `end` is a variable among arguments: `login(token: $token)`.
fn is_variable(text: &str, end: usize, shown: &str) -> bool {
    let name = shown.trim_end_matches([')', '}', ']']);
    (name.len() < shown.len() || at(text, end) == b',')
        && name
            .strip_prefix('$')
            .is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_'))
}

fn is_line_end(b: u8) -> bool {
    matches!(b, b'\n' | b'\r')
}

/// Whether what follows a header's name is a sentence or code: a cookie has a `=` in its first word, credentials have a scheme
/// that is known or no blanks but one.
fn is_talk(key: Key, value: &str) -> bool {
    let first = value.split([' ', ';']).next().unwrap_or("");
    let plain = first.len() < value.trim_end_matches([';', ' ']).len() || looks::code(first);
    match key {
        Key::Cookie => !first.contains('=') && plain && !looks::random(first),
        Key::Authorization => {
            looks::code(first)
                || (value.trim().split(' ').count() > 2 && !scheme::is_known(first) && !value.contains('='))
        }
        Key::Plain | Key::Name | Key::Perhaps | Key::Maybe(_) | Key::Holds(_) => false,
    }
}

/// Marks the values of cookies, `start` being where `line` lies. Names and the attributes of `Set-Cookie` stay.
pub(crate) fn cookies(line: &str, start: usize, marks: &mut Marks) {
    const ATTRIBUTES: &[&str] =
        &["path", "domain", "expires", "max-age", "samesite", "secure", "httponly", "priority"];
    const SETTINGS: &[&str] =
        &["theme", "lang", "language", "locale", "currency", "timezone", "tz", "consent"];
    let mut offset = start;
    for piece in line.split(';') {
        let trimmed = piece.trim();
        let lead = piece.len() - piece.trim_start().len();
        let name = trimmed.split_once('=').map(|(name, _)| name);
        let from = offset + lead + name.map_or(0, |name| name.len() + 1);
        let to = offset + lead + trimmed.len();
        let value = name.map_or(trimmed, |name| part(trimmed, name.len() + 1..trimmed.len()));
        let attribute = ATTRIBUTES.iter().any(|a| name.unwrap_or(trimmed).trim().eq_ignore_ascii_case(a));
        let setting = value.len() <= 16 && name.is_some_and(|name| SETTINGS.contains(&name));
        if !attribute && !setting && !looks::harmless(value) {
            marks.add(from..to, Kind::Secret, "cookie");
        }
        offset += piece.len() + 1;
    }
}

/// The name before the separator at `i`, perhaps in quotes.
fn name(text: &str, i: usize) -> Option<Cow<'_, str>> {
    // `=>`, `:=`, `==`, `::` are one separator; its first character is the anchor.
    if matches!(before(text, i), b'=' | b':') {
        return None;
    }
    let (start, end) = word_back(text, i);
    let word = text.get(start..end)?;
    let nested = before(text, start) == b'[' && start > 1 && before(text, start - 1).is_ascii_alphanumeric();
    if word.is_empty() || (!nested && at(text, end) == b']' && ends_in_stand_in(text, end + 1)) {
        return None;
    }
    // `<add key="password" value="x"/>`, `- name: PASSWORD`, `value: x`
    if word.eq_ignore_ascii_case("value") {
        return sibling(text, start).map(Cow::Borrowed);
    }
    // `var token string = "x"`, `token: str = "x"`, `TOKEN: &str = "x"`, `$token: ID = "x"`
    let (mut other, mut other_end) = word_back(text, start);
    // `Dim token As String = "x"`
    if part(text, other..other_end).eq_ignore_ascii_case("as") {
        (other, other_end) = word_back(text, other);
    }
    if matches!(word, "string" | "String" | "str") || before(text, other) == b'$' {
        return text.get(other..other_end).map(Cow::Borrowed);
    }
    // `$token: ID` says of what type it is.
    let type_begins = run(text, i + 1, 8, |b| matches!(b, b' ' | b'['));
    if before(text, start) == b'$' && at(text, i) == b':' && at(text, type_begins).is_ascii_uppercase() {
        return None;
    }
    form::decode(word)
}

/// `name` before the separator at `i`, with the words before it: in `Date of birth: x` the last one alone says nothing.
fn words<'a>(text: &'a str, i: usize, name: Cow<'a, str>) -> Cow<'a, str> {
    let (mut start, end) = word_back(text, i);
    if part(text, start..end) != name {
        return name;
    }
    for _ in 0..3 {
        let word = run_back(text, start.saturating_sub(1), 24, |b| b.is_ascii_alphabetic() || b >= 0x80);
        if before(text, start) != b' ' || word + 1 >= start || start + LONGEST_NAME < end {
            break;
        }
        start = word;
    }
    Cow::Borrowed(text.get(start..end).unwrap_or_default())
}

/// The word that ends before `i`: letters of any language, digits, `_`, `-`, `.`, `%xx`. Blanks, quotes, brackets and the
/// rest of a separator may stand between.
fn word_back(text: &str, i: usize) -> (usize, usize) {
    let mut end = run_back(text, i, 4, |b| matches!(b, b'?' | b'.' | b'|' | b'+' | b':' | b'&'));
    end = run_back(text, end, 24, |b| matches!(b, b' ' | b'\t'));
    end = run_back(text, end, 8, |b| matches!(b, b'"' | b'\'' | b'`' | b'\\' | b']' | b')' | b':'));
    let part_of_name =
        |b: u8| b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'_' | b'-' | b'.' | b'%');
    let mut start = run_back(text, end, LONGEST_NAME, part_of_name);
    // `\npassword` in text that was escaped once more.
    if before(text, start) == b'\\' && matches!(at(text, start), b'n' | b't' | b'r') {
        start += 1;
    }
    (start, end)
}

/// What a sibling called `name` or `key`, right before `i`, says.
fn sibling(text: &str, i: usize) -> Option<&str> {
    let end = run_back(text, i, 64, |b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b',' | b'\\'));
    let start =
        run_back(text, end, LONGEST_NAME, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    let separator = run_back(text, start, 8, |b| matches!(b, b' ' | b'"' | b'\'' | b'\\' | b'=' | b':'));
    let label = part(text, run_back(text, separator, 8, |b| b.is_ascii_alphabetic())..separator);
    let named = matches!(label.to_ascii_lowercase().as_str(), "name" | "key");
    text.get(start..end).filter(|_| named && separator < start)
}

/// The value of `:token "x"`, as Clojure and its like write it.
fn keyword(text: &str, i: usize) -> Option<(Range<usize>, Kind, &'static str)> {
    if at(text, i) != b':' || !matches!(before(text, i), b' ' | b'{' | b'(' | b'[' | b',' | b'\n') {
        return None;
    }
    let end =
        run(text, i + 1, LONGEST_NAME, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if end == i + 1 || at(text, end) != b' ' {
        return None;
    }
    let value = quoted(text, end + 1)?;
    let (kind, detector) = judge(classify(part(text, i + 1..end)), part(text, value.clone()))?;
    Some((value, kind, detector))
}

/// The value in the second of two quoted strings: `setProperty("token", "x")`. Only what has a digit counts: lists of names
/// look the same.
fn listed(text: &str, i: usize) -> Option<(Range<usize>, Kind, &'static str)> {
    if !matches!(before(text, i), b'"' | b'\'') {
        return None;
    }
    let (start, end) = word_back(text, i);
    if classify(text.get(start..end)?) != Key::SECRET {
        return None;
    }
    let value = quoted(text, run(text, i + 1, 8, |b| b == b' '))?;
    let shown = part(text, value.clone());
    let path = shown.starts_with('/') || shown.contains("://");
    let telling =
        shown.len() >= 8 && shown.bytes().any(|b| b.is_ascii_digit()) && !shown.contains(' ') && !path;
    let (kind, detector) = judge(Key::SECRET, shown).filter(|_| telling)?;
    Some((value, kind, detector))
}

/// Where the value begins after the separator at `i`.
fn separator(text: &str, i: usize) -> usize {
    let end = run(text, i, 6, |b| matches!(b, b'=' | b':' | b'>'));
    let start = run(text, end, 24, |b| matches!(b, b' ' | b'\t'));
    // `N'x'`, `b"x"`: a letter before the quote says of what kind the string is.
    let prefixed = (at(text, start).is_ascii_alphabetic() || matches!(at(text, start), b'@' | b'$'))
        && matches!(at(text, start + 1), b'\'' | b'"');
    start + usize::from(prefixed)
}

/// The value in quotes at `start`, if one is there. Quotes may be escaped any number of times; the same closes as opened.
/// One that never closes runs to the end of the line.
fn quoted(text: &str, start: usize) -> Option<Range<usize>> {
    let quote = run(text, start, 16, |b| b == b'\\');
    if !matches!(at(text, quote), b'"' | b'\'' | b'`') {
        return None;
    }
    let open = part(text, start..quote + 1);
    let begin = quote + 1;
    // `"""x"""` of GraphQL, Python, TOML, also over several lines.
    let inner = begin + 2 * open.len();
    if part(text, begin..inner).strip_prefix(open) == Some(open) {
        let most = text.floor_char_boundary(inner + BLOCK);
        let closes = |i: usize| part(text, i..i + 3 * open.len()).split(open).all(str::is_empty);
        let block = part(text, inner..most);
        let end = block.match_indices(open).map(|(i, _)| inner + i).find(|i| closes(*i)).unwrap_or(most);
        return Some(inner..end.max(inner));
    }
    let mut i = begin;
    while i < text.len() && !is_line_end(at(text, i)) {
        // An escaped quote inside a plainly quoted value does not close it.
        if rest(text, i).starts_with(open) && before(text, i) != b'\\' {
            break;
        }
        i += 1;
    }
    Some(begin..i)
}

/// The value at `start` up to what ends a bare value.
fn unquoted(text: &str, start: usize, most: usize) -> Range<usize> {
    let ends = |b: u8| {
        !(b.is_ascii_whitespace()
            || matches!(b, b'"' | b'\'' | b'`' | b'&' | b';' | b',' | b'<' | b'>' | b'\\'))
    };
    let mut end = text.floor_char_boundary(run(text, start, most, ends));
    let shown = part(text, start..end);
    if !shown.starts_with(['$', '{']) {
        while end > start
            && matches!(before(text, end), b')' | b']' | b'}' | b'.')
            && !ends_in_stand_in(text, end)
        {
            end -= 1;
        }
    }
    start..end
}

/// The value at `start`, in quotes or bare.
pub(super) fn value(text: &str, start: usize) -> Range<usize> {
    quoted(text, start).unwrap_or_else(|| unquoted(text, start, usize::MAX))
}

/// Whether `word`, bare at `start`, is the next word of a sentence (`the token: it expires`) and not a value.
fn is_prose(text: &str, start: usize, word: &str) -> bool {
    let plain = word.chars().all(|c| (is_letter(c) && !c.is_ascii_digit()) || c == '\'');
    let goes_on = at(text, start + word.len()) == b' '
        && rest(text, start + word.len() + 1).starts_with(|c: char| is_letter(c) && !c.is_ascii_digit());
    plain && before(text, start) == b' ' && goes_on
}
