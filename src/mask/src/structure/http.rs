//! Messages inside text: HTTP requests and answers (RFC 9112), parts of multipart bodies and batches (RFC 2046, RFC 7578),
//! mail (RFC 5322): a start line, header lines, an empty line, a body.
//!
//! A header's value belongs to its name, folded lines to the line they continue. A body is read as its `Content-Type` and
//! `Content-Transfer-Encoding` say and belongs to the field that `Content-Disposition` names; whatever else it holds, for
//! instance further parts, is found like anything else in a text. Header blocks without a start line are told by a header
//! that nothing else has.
//!
//! What it cannot know: where a body ends that is followed by other text. It is read up to the next boundary or message.

use core::ops::Range;

use crate::bytes::{at, part, rest, run, starts_with_any_case};
use crate::keys::{Key, Noun, classify, noun};
use crate::kind::Kind;
use crate::structure::cells::{Cells, Spelling, line_end};

/// Headers that no other list of names and values has.
const TELLING: &[&str] = &[
    "accept",
    "authorization",
    "content-disposition",
    "content-length",
    "content-transfer-encoding",
    "content-type",
    "cookie",
    "host",
    "mime-version",
    "proxy-authorization",
    "received",
    "referer",
    "set-cookie",
    "user-agent",
    ":authority",
    ":method",
    ":path",
];

/// What the headers of a message say of its body.
#[derive(Default)]
struct Head<'a> {
    /// The field that the body is the value of.
    field: &'a str,
    media_type: &'a str,
    encoding: &'a str,
}

/// Masks the headers and the body of the message that begins at the line at `start`, and answers where to go on.
pub(super) fn read(cells: &mut Cells<'_>, start: usize) -> Option<usize> {
    let text = cells.text;
    let first = part(text, start..line_end(text, start));
    let mut i = start;
    let delimiter = boundary(text, start).then(|| first.trim_end());
    if delimiter.is_some() || is_start_line(first) {
        i += first.len() + 1;
    } else if !is_telling(part(text, header(text, start)?.0)) {
        return None;
    }
    let mut head = Head::default();
    let mut body = None;
    while i < text.len() && body.is_none() {
        let end = line_end(text, i);
        if part(text, i..end).trim().is_empty() {
            body = Some((end + 1).min(text.len()));
        } else if let Some((name, value)) = header(text, i) {
            i = value.end + 1;
            head.see(cells, part(text, name), value);
        } else {
            break;
        }
    }
    Some(body.map_or(i, |body| head.body(cells, body, delimiter)).max(start + 1))
}

/// Whether `line` begins a message: `GET /x HTTP/1.1`, `HTTP/1.1 200 OK`.
fn is_start_line(line: &str) -> bool {
    let method = run(line, 0, 16, |b| b.is_ascii_uppercase());
    line.starts_with("HTTP/")
        || (at(line, method) == b' ' && method > 2 && line.trim_end().contains(" HTTP/"))
}

/// Whether a boundary and the headers of a part begin at the line at `start`.
fn boundary(text: &str, start: usize) -> bool {
    let line = part(text, start..line_end(text, start)).trim_end();
    line.len() > 2
        && line.starts_with("--")
        && !line.contains(' ')
        && starts_with_any_case(rest(text, line_end(text, start) + 1), "content-")
}

/// The name and the value of the header at `start`, with the lines that continue it.
fn header(text: &str, start: usize) -> Option<(Range<usize>, Range<usize>)> {
    let pseudo = usize::from(at(text, start) == b':');
    let colon = run(text, start + pseudo, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if colon == start + pseudo || at(text, colon) != b':' {
        return None;
    }
    let value = run(text, colon + 1, 64, |b| matches!(b, b' ' | b'\t'));
    let mut end = line_end(text, value.min(text.len()));
    while matches!(at(text, end + 1), b' ' | b'\t')
        && !part(text, end + 1..line_end(text, end + 1)).trim().is_empty()
    {
        end = line_end(text, end + 1);
    }
    Some((start..colon, value.min(end)..end))
}

fn is_telling(name: &str) -> bool {
    TELLING.iter().any(|one| name.eq_ignore_ascii_case(one))
}

/// What a header's name says. A header called a key or a session is one, however short; one that is called as somebody is, or
/// that holds mailboxes (RFC 5322), may hold a person's name.
pub(crate) fn header_key(name: &str) -> Key {
    const MAILBOXES: &[&str] = &["from", "to", "cc", "bcc", "sender", "reply-to"];
    let end = name.len().saturating_sub("-name".len());
    let whose = name.get(..end).filter(|_| rest(name, end).eq_ignore_ascii_case("-name")).unwrap_or(name);
    let somebody = || noun(whose) == Noun::Person && !name.eq_ignore_ascii_case("user-agent");
    match classify(name) {
        Key::Perhaps => Key::SECRET,
        Key::Plain | Key::Name
            if somebody() || MAILBOXES.iter().any(|one| name.eq_ignore_ascii_case(one)) =>
        {
            Key::Maybe(Kind::Name)
        }
        key @ (Key::Plain | Key::Authorization | Key::Cookie | Key::Name | Key::Maybe(_) | Key::Holds(_)) => {
            key
        }
    }
}

impl<'a> Head<'a> {
    fn see(&mut self, cells: &mut Cells<'a>, name: &'a str, value: Range<usize>) {
        let text = cells.text;
        let said = part(text, value.clone()).trim_end();
        if name.eq_ignore_ascii_case("content-disposition") {
            self.field = parameter(said, "name").unwrap_or("");
        } else if name.eq_ignore_ascii_case("content-type") {
            self.media_type = said;
        } else if name.eq_ignore_ascii_case("content-transfer-encoding") {
            self.encoding = said;
        } else {
            let key = header_key(name);
            if key != Key::Plain || said.starts_with(['{', '[', '<', '"']) {
                cells.add("", (name, key), value.start..value.start + said.len(), Spelling::Raw);
            }
        }
    }

    /// Masks the body at `start`, if more is known of it than that it is text, and answers where to go on.
    fn body(&self, cells: &mut Cells<'a>, start: usize, delimiter: Option<&str>) -> usize {
        let text = cells.text;
        let key = classify(self.field);
        let encoded =
            ["base64", "quoted-printable"].iter().find(|name| self.encoding.eq_ignore_ascii_case(name));
        let structured = self.media_type.contains("json") || self.media_type.contains("form-urlencoded");
        if delimiter.is_none() && encoded.is_none() && !structured {
            return start;
        }
        let mut end = start;
        while end < text.len() {
            let line = part(text, end..line_end(text, end));
            if delimiter.map_or_else(
                || is_start_line(line) || boundary(text, end),
                |delimiter| line.starts_with(delimiter),
            ) {
                break;
            }
            end += line.len() + 1;
        }
        let end = end.min(text.len());
        let shown = part(text, start..end).trim();
        let first = start + part(text, start..end).find(shown).unwrap_or(0);
        let range = first..first + shown.len();
        match encoded {
            Some(&"base64") => cells.wrapped((self.field, key), range),
            Some(_) => cells.add("", (self.field, key), range, Spelling::QuotedPrintable),
            None if key == Key::Plain && self.field.is_empty() && !structured => return start,
            None => cells.add("", (self.field, key), range, Spelling::Raw),
        }
        end
    }
}

/// The parameter `name` of a header's value: `form-data; name="x"`.
pub(crate) fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    value.split(';').skip(1).find_map(|parameter| {
        let (one, value) = parameter.split_once('=')?;
        one.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}
