//! Settings and lists that span lines: YAML, INI, TOML, properties, `.env`, compose and Ansible files, LDIF.
//!
//! Most of what they hold is `name: value` or `name = value`, which [`crate::detect`]'s pairs read anywhere. This reader
//! adds what only the lines around tell: the names above (`card:` over `number: x`, `[database]` over `key = x`), elements of
//! a list under a telling name, block scalars (`password: |`), and everything under `data` and `stringData` of a Kubernetes
//! Secret (<https://kubernetes.io/docs/concepts/configuration/secret/>). It follows indentation, not YAML: flow collections
//! and values over several lines are left to the detectors, as is every value whose own name tells.

use core::ops::Range;

use crate::bytes::{at, before, part, rest, run};
use crate::keys::{self, Key, LONGEST_NAME, Noun, classify, under};
use crate::kind::Kind;
use crate::looks;
use crate::structure::cells::{Cells, Spelling, closing, line_end};

/// How a Kubernetes Secret says that it is one.
const KIND: &[&str] = &["kind: Secret\n", "kind: Secret\r", "kind: \"Secret\"", "kind: 'Secret'"];

/// Deepest nesting of names that is followed.
const DEEPEST: usize = 16;

/// A name that stands over others.
struct Parent<'a> {
    /// One more than its indentation; a section's is 0.
    indent: usize,
    name: &'a str,
    /// What the name says, once an element of a list has asked.
    key: Option<Key>,
}

/// Lines of the same indentation.
#[derive(Default)]
struct Map {
    indent: usize,
    /// Whether one of them is of a person.
    person: bool,
    /// The value of one called `name`, while nothing says whose it is.
    name: Option<Range<usize>>,
}

/// What the lines so far say of the next.
#[derive(Default)]
pub(super) struct Lines<'a> {
    parents: Vec<Parent<'a>>,
    map: Map,
    /// Where the document ends that the line is in, and whether it is a Kubernetes Secret.
    document: usize,
    secret: bool,
    /// Where a block scalar ends that was masked.
    block: usize,
    /// Whether a line named an entry of a directory (LDIF, RFC 2849).
    entry: bool,
}

/// What attributes of a directory's persons hold whose names say nothing elsewhere (RFC 4519).
const ATTRIBUTES: &[(&str, Key)] = &[
    ("cn", Key::Holds(Kind::Name)),
    ("sn", Key::Holds(Kind::Name)),
    ("gn", Key::Holds(Kind::Name)),
    ("gecos", Key::Holds(Kind::Name)),
    ("street", Key::Holds(Kind::Address)),
    ("mobile", Key::Holds(Kind::Phone)),
    ("pager", Key::Holds(Kind::Phone)),
];

impl<'a> Lines<'a> {
    /// Reads the line at `start`, and adds its value if the lines above say what it is.
    pub(super) fn line(&mut self, cells: &mut Cells<'a>, start: usize) {
        let text = cells.text;
        let end = line_end(text, start);
        if start >= self.document {
            let next = if end < text.len() { rest(text, start + 1).find("\n---") } else { None };
            self.document = next.map_or(text.len(), |length| start + length + 2);
            // A line alone says of nothing that it is under `data`.
            let document = if end < text.len() { part(text, start..self.document) } else { "" };
            self.secret = document.contains("Secret") && KIND.iter().any(|kind| document.contains(kind));
            self.parents.clear();
        }
        let mut i = run(text, start, 256, |b| b == b' ' || b == b'\t');
        let mut element = false;
        while at(text, i) == b'-' && at(text, i + 1) == b' ' {
            element = true;
            i = run(text, i + 1, 64, |b| b == b' ');
        }
        if element || i >= end {
            self.map = Map::default();
        }
        if i >= end || start < self.block || matches!(at(text, i), b'#' | b'/' | b'\r') {
            return;
        }
        if at(text, i) == b'[' && i == start {
            let name = part(text, i..end).trim().trim_matches(['[', ']', '"']);
            self.map = Map::default();
            self.parents.clear();
            self.parents.push(Parent { indent: 0, name, key: None });
            return;
        }
        let indent = i - start + 1;
        while self.parents.last().is_some_and(|parent| parent.indent >= indent) {
            self.parents.pop();
        }
        match member(text, i, end) {
            Some((name, value)) => self.member(cells, indent, name, value..end),
            // An element of a list belongs to the list's name, which may stand as far to the left.
            None if element => {
                let Some(parent) = self.parents.last_mut() else { return };
                let key = *parent.key.get_or_insert_with(|| classify(parent.name));
                if key != Key::Plain {
                    add(cells, ("", key), i..end);
                }
            }
            None => {
                if let Some((name, key, value)) = separated(text, i..end) {
                    add(cells, (name, key), value);
                }
            }
        }
    }

    /// A value, or what stands over the next lines.
    fn member(&mut self, cells: &mut Cells<'a>, indent: usize, name: &'a str, range: Range<usize>) {
        let text = cells.text;
        if name == "dn" {
            self.entry = true;
            distinguished(cells, range);
            return;
        }
        if self.entry
            && let Some((_, key)) = ATTRIBUTES.iter().find(|(one, _)| name.eq_ignore_ascii_case(one))
        {
            return add(cells, (name, *key), range);
        }
        let shown = part(text, range.clone()).trim_end();
        if shown.is_empty() {
            if self.parents.len() < DEEPEST {
                self.parents.push(Parent { indent, name, key: None });
            }
            return;
        }
        self.beside(cells, indent, name, range.clone());
        let block = shown.len() <= 3 && shown.starts_with(['|', '>']);
        let key = match (self.parents.as_slice(), block) {
            ([parent], _) if self.secret && matches!(parent.name, "data" | "stringData") => Key::SECRET,
            ([.., parent], _) => under(parent.name, name),
            ([], true) => classify(name),
            // What its own name tells, its pair tells.
            ([], false) => return,
        };
        if key == Key::Plain {
        } else if block {
            let from = line_end(text, range.start) + 1;
            self.block = block_end(text, from, indent);
            add_all(cells, (name, key), from..self.block);
        } else if self.secret || classify(name) != key {
            add(cells, (name, key), range);
        }
    }
}

impl<'a> Lines<'a> {
    /// A `name` among lines of which another is only of persons is a person's: `name: x` over `email: y`.
    fn beside(&mut self, cells: &mut Cells<'a>, indent: usize, name: &'a str, range: Range<usize>) {
        if self.map.indent != indent {
            self.map = Map { indent, ..Map::default() };
        }
        let said = keys::inside("", name);
        let column = ("name", Key::Holds(Kind::Name));
        if said.key == Key::Name && keys::noun(name) != Noun::Thing {
            if self.map.person {
                add(cells, column, range);
            } else {
                self.map.name = Some(range);
            }
        } else if said.is_personal() {
            self.map.person = true;
            if let Some(range) = self.map.name.take() {
                add(cells, column, range);
            }
        }
    }
}

/// Adds the person's name in a distinguished name: a common name of several words.
fn distinguished(cells: &mut Cells<'_>, range: Range<usize>) {
    let mut at = range.start;
    for part_of_name in part(cells.text, range).split(',') {
        if let Some(name) = part_of_name.strip_prefix("cn=")
            && name.contains(' ')
        {
            cells.add("", ("cn", Key::Holds(Kind::Name)), at + 3..at + part_of_name.len(), Spelling::Raw);
        }
        at += part_of_name.len() + 1;
    }
}

/// Adds the value in `range`, which ends with its line: in quotes, or bare up to a comment.
fn add(cells: &mut Cells<'_>, column: (&str, Key), range: Range<usize>) {
    let text = cells.text;
    let mut start = range.start;
    // `&anchor`, `!!tag`
    while matches!(at(text, start), b'&' | b'!') {
        start = run(text, start, 64, |b| !b.is_ascii_whitespace());
        start = run(text, start, 64, |b| b == b' ');
    }
    let quote = at(text, start);
    if matches!(quote, b'"' | b'\'') {
        if let Some(end) = closing(text, start + 1, quote).filter(|end| *end <= range.end) {
            cells.add("", column, start + 1..end, Spelling::Quoted(char::from(quote)));
        }
        return;
    }
    let bare = part(text, start..range.end);
    let bare = bare.split(" #").next().unwrap_or(bare).trim_end();
    let secret = matches!(column.1, Key::Perhaps | Key::Holds(Kind::Secret));
    if bare.starts_with(['{', '[', '*', '$', '<']) || (secret && (bare.contains(' ') || looks::code(bare))) {
        return;
    }
    cells.add("", column, start..start + bare.len(), Spelling::Raw);
}

/// Adds the block in `range`, without the blanks around it.
fn add_all(cells: &mut Cells<'_>, column: (&str, Key), range: Range<usize>) {
    let block = part(cells.text, range.clone());
    let start = range.start + block.len() - block.trim_start().len();
    cells.add("", column, start..range.start + block.trim_end().len(), Spelling::Raw);
}

/// Where the lines that are indented by at least `indent` end.
fn block_end(text: &str, start: usize, indent: usize) -> usize {
    let mut i = start;
    while i < text.len() {
        let end = line_end(text, i);
        let blanks = run(text, i, indent, |b| b == b' ') - i;
        if blanks < indent && !part(text, i..end).trim().is_empty() {
            break;
        }
        i = end + 1;
    }
    i.min(text.len())
}

/// The name at `i`, and where its value begins.
fn member(text: &str, i: usize, end: usize) -> Option<(&str, usize)> {
    let quote = at(text, i);
    let (name, after) = if matches!(quote, b'"' | b'\'') {
        let close = closing(text, i + 1, quote).filter(|close| *close < end)?;
        (part(text, i + 1..close), close + 1)
    } else {
        let stop = run(text, i, LONGEST_NAME, |b| {
            b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'_' | b'-' | b'.' | b' ' | b'/')
        });
        (part(text, i..stop).trim_end(), stop)
    };
    let after = run(text, after, 32, |b| b == b' ');
    let value = match at(text, after) {
        b':' if matches!(at(text, after + 1), b' ' | b'\n' | b'\r' | 0) => after + 1,
        b'=' => run(text, after, 2, |b| matches!(b, b'=' | b'>')),
        _ => return None,
    };
    let value = run(text, value, 64, |b| b == b' ').min(end);
    (!name.is_empty() && before(text, i) != b'=').then_some((name, value))
}

/// A name and its value with nothing but a blank or a comma between: `ENV API_KEY x`, `  password x1`, `apiToken,x,`.
///
/// Sentences and lists look the same, so without a word that sets names the value must look like one.
fn separated(text: &str, line: Range<usize>) -> Option<(&str, Key, Range<usize>)> {
    const SETS: &[&str] = &["ENV ", "ARG ", "setenv ", "SetEnv ", "set ", "LABEL ", "#define ", "config "];
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let sets = SETS.iter().find(|word| rest(text, line.start).starts_with(**word));
    let start = run(text, line.start + sets.map_or(0, |word| word.len()), 16, |b| b == b' ');
    let stop = run(text, start, LONGEST_NAME, plain);
    let from = run(text, stop, 16, |b| matches!(b, b' ' | b'\t' | b','));
    let value = part(text, from..line.end).trim_end().trim_end_matches(',');
    let comma = part(text, stop..from).contains(',');
    let one = value.len() > 5
        && value.bytes().any(|b| b.is_ascii_digit())
        && !value.bytes().any(|b| matches!(b, b' ' | b':' | b'=' | b','));
    if from == stop || start == stop || !(one || comma || sets.is_some()) || (comma && !looks::random(value))
    {
        return None;
    }
    let name = part(text, start..stop);
    let key = classify(name);
    let telling = match key {
        Key::Holds(Kind::Secret) => true,
        Key::Perhaps | Key::Maybe(_) | Key::Holds(_) => comma || sets.is_some(),
        Key::Plain | Key::Authorization | Key::Cookie | Key::Name => false,
    };
    telling.then(|| (name, key, from..from + value.len()))
}
