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

use core::ops::Range;
use std::borrow::Cow;

use crate::bytes::{at, before, part, rest, run, run_back};
use crate::keys::{Key, classify};
use crate::kind::Kind;
use crate::structure::cells::{Cells, Spelling, closing, line_end};
use crate::structure::csv;
use crate::structure::rows::{Columns, name_in};

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
];

/// The first letters of [`STARTS`], a bit for each.
const INITIALS: u32 = {
    let (mut letters, mut left): (u32, &[u8]) = (0, b"irumdswecav");
    while let Some((letter, rest)) = left.split_first() {
        letters |= 1 << (*letter - b'a');
        left = rest;
    }
    letters
};

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

/// Words between a column and its literal that change nothing.
const TRANSPARENT: &[&str] = &[
    "not",
    "like",
    "ilike",
    "rlike",
    "regexp",
    "similar",
    "to",
    "in",
    "between",
    "and",
    "by",
    "any",
    "some",
    "all",
    "date",
    "timestamp",
    "time",
    "binary",
];

/// Reads the statements in the line at `start`, and answers where to go on: a later line, or the end of a statement.
pub(super) fn line(cells: &mut Cells<'_>, start: usize) -> usize {
    let text = cells.text;
    let end = line_end(text, start);
    let mut word = false;
    for (offset, byte) in part(text, start..end).bytes().enumerate() {
        let begins = !word && byte.is_ascii_alphabetic() && INITIALS >> ((byte | 0x20) - b'a') & 1 == 1;
        if begins && starts(text, start + offset) {
            return Statement::new(cells, start + offset).read();
        }
        word = byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-' | b'.' | b'$' | b'@' | b'/')
            || byte >= 0x80;
    }
    end + 1
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

/// What stood before the cursor, as far as it matters to a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Previous {
    /// A name, an operator, or a word between the two: a literal belongs to the name.
    Column,
    /// A parenthesis, a comma: it does within a list that an operator began.
    Listed,
    Other,
}

/// Whether a column list or its values are being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    None,
    /// The next parenthesis may hold column names.
    Awaited,
    /// Values are counted at this depth.
    Values(usize),
}

struct Statement<'c, 'a> {
    cells: &'c mut Cells<'a>,
    text: &'a str,
    i: usize,
    depth: usize,
    previous: Previous,
    column: &'a str,
    /// What the column says, once a literal has asked.
    key: Option<Key>,
    /// One more than the depth at which an operator awaits its values.
    list: usize,
    target: Target,
    columns: Columns<'a>,
    place: usize,
    /// The literals of a row without column names.
    row: Vec<(Range<usize>, Spelling)>,
    copies: bool,
}

impl<'c, 'a> Statement<'c, 'a> {
    fn new(cells: &'c mut Cells<'a>, i: usize) -> Self {
        Self {
            text: cells.text,
            cells,
            i,
            depth: 0,
            previous: Previous::Other,
            column: "",
            key: None,
            list: 0,
            target: Target::None,
            columns: Columns::default(),
            place: 0,
            row: Vec::new(),
            copies: false,
        }
    }

    /// Reads to the end of the statement and answers where that is.
    fn read(mut self) -> usize {
        let text = self.text;
        while self.i < text.len() {
            let i = self.i;
            self.i += 1;
            match at(text, i) {
                b';' => {
                    if self.copies {
                        return csv::rows(self.cells, line_end(text, i) + 1, b'\t', &mut self.columns);
                    }
                    return i + 1;
                }
                b'-' if at(text, i + 1) == b'-' => self.i = line_end(text, i),
                b'/' if at(text, i + 1) == b'*' => {
                    self.i = rest(text, i).find("*/").map_or(text.len(), |length| i + length + 2);
                }
                b'\'' => {
                    let Some(end) = closing(text, i + 1, b'\'') else { return text.len() };
                    self.literal(i + 1..end, Spelling::Quoted('\''), end + 1);
                }
                quote @ (b'"' | b'`') => {
                    let Some(end) = closing(text, i + 1, quote) else { return text.len() };
                    let awaited = self.previous == Previous::Column && self.list > 0
                        || matches!(self.target, Target::Values(_));
                    if quote == b'"' && awaited && at(text, end + 1) != b'.' && before(text, i) != b'.' {
                        self.literal(i + 1..end, Spelling::Quoted('"'), end + 1);
                    } else {
                        self.i = end + 1;
                        self.name(part(text, i + 1..end));
                    }
                }
                b'[' => {
                    let end = run(text, i + 1, 128, |b| {
                        b.is_ascii_alphanumeric() || matches!(b, b'_' | b' ' | b'$') || b >= 0x80
                    });
                    if at(text, end) == b']' && end > i + 1 {
                        self.i = end + 1;
                        self.name(part(text, i + 1..end));
                    }
                }
                b'$' if !at(text, i + 1).is_ascii_digit() => self.dollar(i),
                b'0'..=b'9' => self.number(i),
                b'(' => self.open(),
                b')' => self.close(),
                b',' => {
                    if self.target == Target::Values(self.depth) {
                        self.place += 1;
                    }
                    if self.depth < self.list {
                        self.list = 0;
                    }
                    self.previous = Previous::Listed;
                }
                b'=' | b'<' | b'>' | b'!' | b'~' => self.operator(),
                b if b.is_ascii_alphabetic() || matches!(b, b'_' | b'@' | b'#') || b >= 0x80 => self.word(i),
                _ => {}
            }
        }
        self.i
    }

    fn operator(&mut self) {
        self.previous = Previous::Column;
        self.list = self.depth + 1;
    }

    fn open(&mut self) {
        self.depth += 1;
        if self.target == Target::Awaited {
            self.target = Target::None;
            self.column_list();
        } else if self.target == Target::Values(self.depth) {
            self.place = 0;
            self.row.clear();
        }
        self.previous = if self.previous == Previous::Column { Previous::Column } else { Previous::Listed };
    }

    fn close(&mut self) {
        if self.target == Target::Values(self.depth) && self.columns.len() == 0 {
            let text = self.text;
            if let Some(place) = name_in(self.row.iter().map(|(cell, _)| part(text, cell.clone())))
                && let Some((cell, spelling)) = self.row.drain(..).nth(place)
            {
                self.cells.add(".rows[*]", ("", Key::Holds(Kind::Name)), cell, spelling);
            }
        }
        self.depth = self.depth.saturating_sub(1);
        self.previous = Previous::Other;
    }

    /// The names in the parenthesis at the cursor, if nothing else is there.
    fn column_list(&mut self) {
        let text = self.text;
        let name = |b: u8| {
            b.is_ascii_alphanumeric()
                || matches!(
                    b,
                    b'_' | b'$' | b'.' | b' ' | b'"' | b'`' | b'[' | b']' | b',' | b'\n' | b'\r' | b'\t'
                )
                || b >= 0x80
        };
        let end = run(text, self.i, 1 << 14, name);
        let inside = part(text, self.i..end);
        if at(text, end) != b')'
            || inside.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("select"))
        {
            return;
        }
        let mut columns = Columns::default();
        for column in inside.split(',') {
            let column = column.trim().trim_matches(['"', '`', '[', ']']);
            columns.add(column.rsplit('.').next().unwrap_or(column));
        }
        columns.settle();
        self.columns = columns;
        self.i = end;
    }

    /// What a literal at the cursor is for.
    fn meant(&mut self) -> (Cow<'a, str>, Key) {
        match (self.target, self.previous) {
            (Target::Values(depth), _) if self.depth >= depth => self.columns.at(self.place),
            (_, previous)
                if previous == Previous::Column || (previous == Previous::Listed && self.list > 0) =>
            {
                (Cow::Borrowed(self.column), *self.key.get_or_insert_with(|| classify(self.column)))
            }
            (_, Previous::Column | Previous::Listed | Previous::Other) => (Cow::Borrowed(""), Key::Plain),
        }
    }

    fn place(&self) -> &'static str {
        match self.target {
            Target::Values(depth) if self.depth >= depth => ".rows[*]",
            Target::Values(_) | Target::Awaited | Target::None => "",
        }
    }

    /// The literal whose content is in `range`; the text goes on at `end`.
    fn literal(&mut self, range: Range<usize>, spelling: Spelling, end: usize) {
        self.i = end;
        let shown = part(self.text, range.clone());
        if let Target::Values(depth) = self.target
            && self.depth >= depth
        {
            self.columns.see(self.place, shown);
            if self.columns.len() == 0 {
                self.row.push((range.clone(), spelling));
            }
        }
        let mut meant = self.meant();
        if meant.1 == Key::Plain {
            meant = self.behind().unwrap_or(meant);
        }
        self.cells.add_hidden(self.place(), (&meant.0, meant.1), range, spelling);
        self.previous = Previous::Other;
    }

    /// The name behind a literal: `'x' = email`, `'x' AS email`.
    fn behind(&self) -> Option<(Cow<'a, str>, Key)> {
        let text = self.text;
        let start = run(text, self.i, 16, |b| b == b' ');
        let gap = match (at(text, start), at(text, start + 1) | 32, at(text, start + 2)) {
            (b'=', _, _) => start + 1,
            (b'a' | b'A', b's', b' ') => start + 3,
            _ => return None,
        };
        let from = run(text, gap, 16, |b| matches!(b, b' ' | b'"' | b'`' | b'['));
        let name = part(
            text,
            from..run(text, from, 128, |b| {
                b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.') || b >= 0x80
            }),
        );
        let name = name.rsplit('.').next()?;
        (!name.is_empty()).then(|| (Cow::Borrowed(name), classify(name)))
    }

    fn number(&mut self, start: usize) {
        let end = run(self.text, start, 256, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'));
        self.i = end;
        let meant = self.meant();
        if (meant.1 != Key::Plain || self.cells.says(&meant.0)) && end - start > 2 {
            self.cells.add(self.place(), (&meant.0, meant.1), start..end, Spelling::Raw);
        }
        self.previous = Previous::Other;
    }

    /// `$tag$text$tag$` of PostgreSQL, or a variable.
    fn dollar(&mut self, start: usize) {
        let text = self.text;
        let tag_end = run(text, start + 1, 64, |b| b.is_ascii_alphanumeric() || b == b'_') + 1;
        let tag = part(text, start..tag_end);
        if !tag.ends_with('$') || self.cells.dollars {
            return;
        }
        match rest(text, tag_end).find(tag) {
            Some(length) => {
                self.literal(tag_end..tag_end + length, Spelling::Raw, tag_end + length + tag.len());
            }
            None => self.cells.dollars = true,
        }
    }

    fn word(&mut self, start: usize) {
        let text = self.text;
        let end = run(text, start, usize::MAX, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'@' | b'#') || b >= 0x80
        });
        let word = part(text, start..end);
        self.i = end;
        if at(text, end) == b'\'' {
            // `N'x'`, `E'x'`, `_utf8'x'` say of what kind the string is; `don't` is prose.
            if word.len() > 2 && !word.starts_with('_') {
                self.i = run(text, end + 1, 8, |b| b.is_ascii_alphabetic());
            }
            return;
        }
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        if TRANSPARENT.iter().any(|other| is(other)) {
            // `SELECT email FROM t WHERE a AND 'x' ...`: a word alone awaits nothing.
            if self.previous != Previous::Listed {
                self.operator();
            }
        } else if is("into") || is("insert") || is("copy") {
            self.target = Target::Awaited;
        } else if is("values")
            || is("value") && self.target == Target::Awaited
            || (is("select") && self.columns.len() > 0 && self.target == Target::None)
        {
            self.target = Target::Values(self.depth + usize::from(!is("select")));
            self.place = 0;
        } else if is("stdin") && self.columns.len() > 0 {
            self.copies = true;
        } else if is("for") {
            // `SET PASSWORD FOR 'user' = 'x'`
            self.previous = Previous::Other;
        } else if is("identified") {
            (self.column, self.key) = ("password", None);
            self.operator();
        } else {
            self.name(word);
        }
    }

    /// A name: of a function, a column, a table, a keyword that nothing else knows.
    fn name(&mut self, name: &'a str) {
        let text = self.text;
        let after = at(text, run(text, self.i, 16, |b| b == b' '));
        let counted = matches!(self.target, Target::Values(depth) if self.depth >= depth);
        let ends = ["from", "on", "returning", "where", "set", "as", "when"]
            .iter()
            .any(|word| name.eq_ignore_ascii_case(word));
        if counted && !ends {
            return;
        }
        if ends && (matches!(self.target, Target::Values(_)) || name.eq_ignore_ascii_case("set")) {
            self.target = Target::None;
        }
        if after == b'(' && self.target != Target::Awaited && classify(name) == Key::Plain {
            // The values of a function are those of the column it is compared with.
            return;
        }
        (self.column, self.key) = (name, None);
        self.list = 0;
        self.previous = Previous::Column;
    }
}
