//! One statement: its tokens in order, and what a literal among them is for.

use core::ops::Range;
use std::borrow::Cow;

use crate::bytes::{at, before, part, rest, run};
use crate::keys::{Key, Noun, classify, inside, noun};
use crate::kind::Kind;
use crate::looks;
use crate::marks::stand_in;
use crate::structure::cells::{Cells, Spelling, closing, line_end};
use crate::structure::csv;
use crate::structure::rows::{Columns, name_in};

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

/// Functions that take a secret, and which of their arguments it is (PostgreSQL's pgcrypto, MySQL, SQL Server).
const FUNCTIONS: &[(&str, usize)] = &[
    ("pgp_sym_encrypt", 1),
    ("pgp_sym_decrypt", 1),
    ("aes_encrypt", 1),
    ("aes_decrypt", 1),
    ("hmac", 1),
    ("crypt", 0),
    ("encryptbypassphrase", 0),
    ("decryptbypassphrase", 0),
];

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

pub(super) struct Statement<'c, 'a> {
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
    /// A secret argument: the depth it is at, and how many commas come before it.
    argument: Option<(usize, usize)>,
    identified: Identified,
    /// Whether the next name is a table's, and whether a table so far is of persons.
    table: bool,
    person: bool,
    /// What a short name like `key` is inside of.
    within: &'static str,
    /// The columns that placeholders stand for.
    parameters: Columns<'a>,
}

/// How far `IDENTIFIED BY word` has been read, which needs no quotes in Oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Identified {
    No,
    Yes,
    By,
}

impl<'c, 'a> Statement<'c, 'a> {
    pub(super) fn new(cells: &'c mut Cells<'a>, i: usize) -> Self {
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
            argument: None,
            identified: Identified::No,
            table: false,
            person: false,
            within: "",
            parameters: Columns::default(),
        }
    }

    /// Reads to the end of the statement and answers where that is.
    pub(super) fn read(&mut self) -> usize {
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
                b'[' if stand_in(rest(text, i)).is_some() => {
                    self.i = i + stand_in(rest(text, i)).unwrap_or(1);
                    self.passed();
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
                b'?' => self.placeholder(),
                b'$' | b':' if at(text, i + 1).is_ascii_digit() => {
                    self.placeholder();
                    self.i = run(text, i + 1, 3, |b| b.is_ascii_digit());
                }
                b'%' if at(text, i + 1) == b's' => {
                    self.placeholder();
                    self.i += 1;
                }
                b'$' => self.dollar(i),
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
                    if let Some((depth, before)) = &mut self.argument
                        && *depth == self.depth
                    {
                        self.argument = before.checked_sub(1).map(|before| (self.depth, before));
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

    /// The columns that its placeholders stand for.
    pub(super) fn parameters(mut self) -> Columns<'static> {
        self.read();
        self.parameters.into_owned()
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
        self.argument = self.argument.filter(|(depth, _)| *depth <= self.depth);
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

    /// Notes what a placeholder stands for.
    fn placeholder(&mut self) {
        let (name, _) = self.meant();
        self.parameters.add(name);
        self.previous = Previous::Other;
    }

    /// What a literal at the cursor is for.
    fn meant(&mut self) -> (Cow<'a, str>, Key) {
        if self.argument == Some((self.depth, 0)) {
            return (Cow::Borrowed("password"), Key::SECRET);
        }
        match (self.target, self.previous) {
            (Target::Values(depth), _) if self.depth >= depth => self.columns.at(self.place),
            (_, previous)
                if previous == Previous::Column || (previous == Previous::Listed && self.list > 0) =>
            {
                (
                    Cow::Borrowed(self.column),
                    *self.key.get_or_insert_with(|| inside(self.within, self.column).key),
                )
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
        // `UPDATE customers SET name = 'x'`
        if meant.1 == Key::Name && self.person && looks::person(shown, 1) {
            meant.1 = Key::Holds(Kind::Name);
        }
        self.cells.add_hidden(self.place(), (&meant.0, meant.1), range, spelling);
        self.passed();
    }

    /// A literal, or what stands in for one, is behind the cursor.
    fn passed(&mut self) {
        self.previous = Previous::Other;
        if self.identified == Identified::By {
            self.identified = Identified::Yes;
        }
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
        match self.identified {
            Identified::By if !is("password") && !is("random") => {
                self.identified = Identified::Yes;
                self.cells.add("", ("password", Key::SECRET), start..end, Spelling::Raw);
                return;
            }
            Identified::Yes if is("by") || is("replace") => self.identified = Identified::By,
            Identified::No | Identified::Yes | Identified::By => {}
        }
        self.table |= ["update", "into", "from", "join"].iter().any(|one| is(one));
        if is("pragma") || is("attach") {
            self.within = "secret";
        }
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
            self.identified = Identified::Yes;
            self.operator();
        } else {
            self.name(word);
        }
    }

    /// A name: of a function, a column, a table, a keyword that nothing else knows.
    fn name(&mut self, name: &'a str) {
        let text = self.text;
        let is = |word: &&str| name.eq_ignore_ascii_case(word);
        if self.table && !["update", "from", "join", "only", "table", "ignore"].iter().any(is) {
            self.table = false;
            self.person |= noun(name) == Noun::Person;
        }
        let after = at(text, run(text, self.i, 16, |b| b == b' '));
        let counted = matches!(self.target, Target::Values(depth) if self.depth >= depth);
        let ends = ["from", "on", "returning", "where", "set", "as", "when"].iter().any(is);
        if after == b'('
            && let Some((_, place)) = FUNCTIONS.iter().find(|(function, _)| is(function))
        {
            self.argument = Some((self.depth + 1, *place));
        }
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
