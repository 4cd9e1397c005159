//! SQL statements, wherever in a text they stand: literals are masked by the column they are for.
//!
//! A forward reader of tokens, not a parser: it knows the column lists of `INSERT`, `REPLACE`, `MERGE` and `COPY` and counts
//! the values that follow; else a literal belongs to the name before its operator (`email = 'x'`, `IN ('x', 'y')`, `PASSWORD
//! 'x'`, `p_email => 'x'`), or to the one after it (`'x' = email`, `'x' AS email`). It takes the quotes of every dialect:
//! doubled, escaped by `\`, `N''`, `$tag$`, `"x"` as a value, and `` `x` ``, `[x]`, `"x"` as names. Words, numbers that no
//! telling column holds, names of tables and columns stay. Beyond the end of a statement, or where a quote never closes,
//! nothing is read as SQL; the detectors read it all in any case.
//!
//! What it cannot know: which column a value is for where a statement lists none and none of the values tells.

mod statement;

use crate::bytes::{at, before, part, run, run_back};
use crate::masker::Look;
use crate::structure::cells::{Cells, line_end};
use crate::structure::rows::Columns;
use statement::Statement;

/// First words of statements, and what must follow: one of these, or anything where there are none.
const STARTS: &[(&str, &[&str])] = &[
    ("insert", &["into", "overwrite", "ignore", "or", "all", "low_priority", "delayed"]),
    ("replace", &["into"]),
    ("upsert", &["into"]),
    ("merge", &["into"]),
    ("update", &[]),
    ("delete", &["from"]),
    ("select", &[]),
    ("where", &[]),
    ("exec", &[]),
    ("execute", &[]),
    ("call", &[]),
    ("copy", &[]),
    ("unload", &[]),
    ("set", &["password", "session", "global", "role"]),
    ("create", OBJECTS),
    ("alter", OBJECTS),
    ("values", &[]),
    ("grant", &[]),
    ("attach", &[]),
    ("pragma", &[]),
    ("with", &[]),
];

/// The first letters of [`STARTS`].
const INITIALS: &[u8] = b"irumdswecavgp";

/// What statements create whose options are secret.
const OBJECTS: &[&str] = &[
    "user",
    "login",
    "role",
    "or",
    "secret",
    "persistent",
    "temporary",
    "credential",
    "database",
    "storage",
    "server",
    "stage",
    "external",
    "foreign",
    "connection",
    "subscription",
    "certificate",
    "master",
    "symmetric",
    "application",
    "security",
    "notification",
    "catalog",
    "api",
];

/// Reads the statements in the line at `start`, and answers where to go on: a later line, or the end of a statement.
pub(super) fn line(cells: &mut Cells<'_>, start: usize) -> usize {
    let text = cells.text;
    let end = line_end(text, start);
    let mut word = false;
    for (offset, byte) in part(text, start..end).bytes().enumerate() {
        let letter = byte | 0x20;
        let begins = !word && INITIALS.contains(&letter);
        if begins && starts(text, start + offset) {
            return Statement::new(cells, start + offset).read();
        }
        word = byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-' | b'.' | b'$' | b'@' | b'/')
            || byte >= 0x80;
    }
    end + 1
}

/// The columns that the placeholders of `statement` stand for, if that is what it is: `VALUES ($1, $2)`, `email = ?`.
pub(super) fn parameters(look: Look<'_>, statement: &str) -> Option<Columns<'static>> {
    let start = run(statement, 0, 64, |b| b.is_ascii_whitespace());
    if !starts(statement, start) {
        return None;
    }
    let mut cells = Cells::new(statement, look);
    let mut columns = Statement::new(&mut cells, start).parameters();
    columns.settle();
    (columns.len() > 0).then_some(columns)
}

/// Whether a statement begins at `i`. Its first word is in capitals or in small letters; `Update` begins a sentence. A word
/// that sentences use must be in capitals or begin a line, a string or a parenthesis.
fn starts(text: &str, i: usize) -> bool {
    let word = part(text, i..run(text, i, 10, |b| b.is_ascii_alphabetic()));
    let gap = i + word.len();
    let ends = at(text, gap).is_ascii_whitespace() || (at(text, gap) == b'(' && word.len() > 3);
    if !ends || at(text, i).is_ascii_uppercase() != at(text, i + 1).is_ascii_uppercase() {
        return false;
    }
    let start = run(text, gap, 64, |b| b.is_ascii_whitespace());
    let second = part(text, start..run(text, start, 16, |b| b.is_ascii_alphabetic() || b == b'_'));
    let alone = at(text, i).is_ascii_uppercase() || {
        let gap = run_back(text, i, 64, |b| matches!(b, b' ' | b'\t'));
        matches!(before(text, gap), 0 | b'\n' | b'"' | b'\'' | b'`' | b'(' | b';' | b'=' | b'>')
    };
    STARTS.iter().any(|(first, seconds)| {
        word.eq_ignore_ascii_case(first)
            && if seconds.is_empty() {
                alone
            } else {
                seconds.iter().any(|one| second.eq_ignore_ascii_case(one))
            }
    })
}
