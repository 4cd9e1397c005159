//! The words of an SQL text, in one reading of its quotes and comments.
//!
//! SQL has no one lexical grammar: a backslash, a `#`, a `$$`, a bracket or a nested comment means one thing to one server
//! and another to the next, so that a statement can hide from a filter that reads only one way. A [`Reading`] is one such
//! grammar; [`readings`] gives those under which a text may differ. It follows ISO 9075-2 part 5 and the manuals of
//! PostgreSQL (4.1), MySQL (9.1, 9.7), BigQuery, Spark, Snowflake, ClickHouse, SQL Server, SQLite and Oracle. It promises
//! one pass without copying; it cannot know which server stands behind a host, which is why all readings count.

/// One reading of quotes and comments: a set of the bits below.
pub(super) type Reading = u16;

/// A backslash escapes in `'...'`.
const ESCAPE: Reading = 1;
/// A backslash escapes in `"..."`.
const ESCAPE_DOUBLE: Reading = 2;
/// `#` starts a comment.
const HASH: Reading = 4;
/// `--` starts a comment only before white space.
const DASH_SPACE: Reading = 8;
/// What stands in `/*! ... */` is run.
const BANG: Reading = 16;
/// Comments nest.
const NEST: Reading = 32;
/// `[...]` quotes a name.
const BRACKET: Reading = 64;
/// `$tag$ ... $tag$` quotes.
const DOLLAR: Reading = 128;
/// `'''...'''` quotes, and `r'...'` has no escapes.
const TRIPLE: Reading = 256;
/// `//` starts a comment.
const SLASH: Reading = 512;
/// A backslash escapes in `E'...'`.
const E_STRING: Reading = 1024;
/// `q'[...]'` quotes.
const Q_STRING: Reading = 2048;
/// A carriage return alone ends a line.
const CR_LINE: Reading = 4096;

/// A backslash escapes in `` `...` ``.
const ESCAPE_BACK: Reading = 8192;

/// The grammars of the servers.
const SERVERS: [Reading; 13] = [
    // ISO SQL: Trino, Presto, Athena, Druid, Dremio, Db2.
    CR_LINE,
    // PostgreSQL, DuckDB, CockroachDB, Materialize, CrateDB.
    NEST | DOLLAR | E_STRING | CR_LINE,
    // Redshift, Vertica, and PostgreSQL with standard_conforming_strings off.
    NEST | DOLLAR | E_STRING | ESCAPE | CR_LINE,
    // MySQL, MariaDB, SingleStore.
    ESCAPE | ESCAPE_DOUBLE | HASH | DASH_SPACE | BANG,
    // MySQL with NO_BACKSLASH_ESCAPES.
    HASH | DASH_SPACE | BANG,
    // Hive, Doris, StarRocks, Drill.
    ESCAPE | ESCAPE_DOUBLE,
    // Spark, Databricks.
    ESCAPE | ESCAPE_DOUBLE | NEST | TRIPLE | CR_LINE,
    // BigQuery.
    ESCAPE | ESCAPE_DOUBLE | ESCAPE_BACK | HASH | TRIPLE | CR_LINE,
    // Snowflake.
    ESCAPE | DOLLAR | SLASH,
    // ClickHouse.
    ESCAPE | ESCAPE_DOUBLE | ESCAPE_BACK | HASH | DOLLAR | NEST,
    // SQL Server.
    BRACKET | NEST,
    // SQLite.
    BRACKET,
    // Oracle; Cassandra and Cypher, which have `//`.
    Q_STRING | SLASH,
];

/// The readings under which a text may say different things: most texts have one.
pub(super) fn readings(text: &str) -> impl Iterator<Item = Reading> {
    let has = |needle: &str| text.contains(needle);
    let dash =
        || text.match_indices("--").any(|(at, _)| !is_dash_comment(text.get(at..).unwrap_or_default()));
    let mut open = 0;
    let mut mark = |met: bool, bits: Reading| open |= if met { bits } else { 0 };
    mark(has("\\"), ESCAPE | ESCAPE_DOUBLE | ESCAPE_BACK | E_STRING);
    mark(has("\\") || has("'''") || has("\"\"\""), TRIPLE);
    mark(has("#"), HASH);
    mark(dash(), DASH_SPACE);
    mark(has("/*!") || has("/*M!"), BANG);
    mark(text.matches("/*").nth(1).is_some(), NEST);
    mark(has("["), BRACKET);
    mark(has("$"), DOLLAR);
    mark(has("//"), SLASH);
    mark(has("q'") || has("Q'"), Q_STRING);
    mark(has("\r"), CR_LINE);
    let kept = SERVERS.map(|server| server & open);
    kept.into_iter().enumerate().filter_map(move |(place, reading)| {
        let seen = kept.iter().take(place).any(|other| *other == reading);
        (!seen).then_some(reading)
    })
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a plain name.
    Word,
    /// A name in quotes; where `"` quotes a string, that string.
    Name,
    /// A string.
    Text,
    /// A number.
    Number,
    /// Any other character.
    Mark,
}

/// A token: what it is, and its text without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
}

impl Token<'_> {
    /// Whether this is the keyword.
    pub(super) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether this is one of the keywords, which stand in `list` in capitals between spaces.
    pub(super) fn is_of(&self, list: &str) -> bool {
        self.kind == Kind::Word && listed(list, self.text)
    }

    /// Whether this is the mark.
    pub(super) fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }

    /// Whether this may name a table.
    pub(super) fn is_name(&self) -> bool {
        match self.kind {
            Kind::Word | Kind::Name => true,
            Kind::Text | Kind::Number | Kind::Mark => false,
        }
    }
}

/// Whether `word` is one of the words of `list`, which stand between spaces.
pub(super) fn listed(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one.eq_ignore_ascii_case(word))
}

/// The most tokens of a text that is read.
const MAX: usize = 1 << 16;

/// The tokens of a text in one reading.
pub(super) struct Tokens<'a> {
    /// As far as the text can be read.
    pub(super) list: Vec<Token<'a>>,
    /// Whether that is all of it: every quote closed and no character that the grammar does not have.
    pub(super) whole: bool,
}

/// Reads a text.
pub(super) fn tokens(text: &str, reading: Reading) -> Tokens<'_> {
    let mut lexer = Lexer { rest: text, reading, run: false };
    let mut list = Vec::new();
    loop {
        match lexer.next() {
            Step::Token(_) if list.len() >= MAX => return Tokens { list, whole: false },
            Step::Token(token) => list.push(token),
            Step::End => return Tokens { list, whole: true },
            Step::Broken => return Tokens { list, whole: false },
        }
    }
}

enum Step<'a> {
    Token(Token<'a>),
    End,
    Broken,
}

struct Lexer<'a> {
    rest: &'a str,
    reading: Reading,
    /// Within `/*! ... */`.
    run: bool,
}

impl<'a> Lexer<'a> {
    fn has(&self, bits: Reading) -> bool {
        self.reading & bits != 0
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// The first bytes of the rest as a token.
    fn take(&mut self, kind: Kind, bytes: usize) -> Step<'a> {
        let (text, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        Step::Token(Token { kind, text })
    }

    fn next(&mut self) -> Step<'a> {
        if self.skip_blank().is_none() {
            return Step::Broken;
        }
        let Some(first) = self.rest.chars().next() else { return Step::End };
        match first {
            '\'' | '"' | '`' => self.quoted(first, ""),
            '[' if self.has(BRACKET) => self.until(Kind::Name, "]", 1),
            '$' if self.has(DOLLAR) => match dollar_tag(self.rest) {
                Some(tag) => self.until(Kind::Text, tag, tag.len()),
                None => self.word(first),
            },
            '0'..='9' => self.word(first),
            // Nobody's grammar has a backslash or a control character outside quotes.
            '\\' | '\0'..='\u{1f}' => Step::Broken,
            _ if is_part(first) => self.word(first),
            _ => self.take(Kind::Mark, first.len_utf8()),
        }
    }

    /// Skips white space and comments; `None` where a comment has no end.
    fn skip_blank(&mut self) -> Option<()> {
        loop {
            self.rest = self.rest.trim_start_matches(is_blank);
            let line = self.rest.starts_with("--") && (!self.has(DASH_SPACE) || is_dash_comment(self.rest))
                || self.has(HASH) && self.rest.starts_with('#')
                || self.has(SLASH) && self.rest.starts_with("//");
            if line {
                let ends: &[char] = if self.has(CR_LINE) { &['\n', '\r'] } else { &['\n'] };
                self.skip(self.rest.find(ends).unwrap_or(self.rest.len()));
            } else if self.run && self.rest.starts_with("*/") {
                self.run = false;
                self.skip(2);
            } else if self.has(BANG) && (self.rest.starts_with("/*!") || self.rest.starts_with("/*M!")) {
                self.run = true;
                let from = self.rest.find('!').map_or(0, |at| at + 1);
                self.skip(from);
                self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                self.rest = after_comment(comment, self.has(NEST))?;
            } else {
                return Some(());
            }
        }
    }

    /// A word or a number, or the string it is the prefix of.
    fn word(&mut self, first: char) -> Step<'a> {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let word = self.rest.get(..end).unwrap_or_default();
        let after = self.rest.get(end..).unwrap_or_default();
        if let Some(quote @ ('\'' | '"')) = after.chars().next()
            && listed("E R B RB BR N X U Q NQ", word)
        {
            self.rest = after;
            return self.quoted(quote, word);
        }
        self.take(if first.is_ascii_digit() { Kind::Number } else { Kind::Word }, end)
    }

    /// A token in quotes, whose prefix has been read.
    fn quoted(&mut self, quote: char, prefix: &str) -> Step<'a> {
        let kind = if quote == '\'' { Kind::Text } else { Kind::Name };
        let is = |one: &str| prefix.eq_ignore_ascii_case(one);
        if self.has(Q_STRING) && (is("Q") || is("NQ")) {
            return self.q_string();
        }
        let raw = self.has(TRIPLE) && prefix.contains(['r', 'R']);
        let escapes = match quote {
            '\'' => self.has(ESCAPE) || self.has(E_STRING) && is("E"),
            '"' => self.has(ESCAPE_DOUBLE),
            _ => self.has(ESCAPE_BACK),
        } && !raw;
        let triple = match quote {
            '\'' => "'''",
            '"' => "\"\"\"",
            _ => "```",
        };
        if self.has(TRIPLE) && quote != '`' && self.rest.starts_with(triple) {
            return self.closing(kind, triple, escapes, 3);
        }
        let single = triple.get(..1).unwrap_or_default();
        self.closing(kind, single, escapes, 1)
    }

    /// A token up to a closing quote that is neither escaped nor, where it is single, doubled.
    fn closing(&mut self, kind: Kind, quote: &str, escapes: bool, open: usize) -> Step<'a> {
        let first = quote.chars().next().unwrap_or('\'');
        let mut at = open;
        loop {
            let rest = self.rest.get(at..).unwrap_or_default();
            let Some(found) = rest.find(|c| c == first || escapes && c == '\\') else { return Step::Broken };
            let here = rest.get(found..).unwrap_or_default();
            if here.starts_with('\\') {
                let next = here.chars().nth(1).map_or(0, char::len_utf8);
                at += found + 1 + next;
            } else if !here.starts_with(quote) {
                at += found + 1;
            } else if open == 1 && here.get(1..).is_some_and(|next| next.starts_with(first)) {
                at += found + 2;
            } else {
                let text = self.rest.get(open..at + found).unwrap_or_default();
                self.skip(at + found + open);
                return Step::Token(Token { kind, text });
            }
        }
    }

    /// A token up to a mark that has no escape.
    fn until(&mut self, kind: Kind, end: &str, open: usize) -> Step<'a> {
        let body = self.rest.get(open..).unwrap_or_default();
        let Some((text, rest)) = body.split_once(end) else { return Step::Broken };
        self.rest = rest;
        Step::Token(Token { kind, text })
    }

    /// Oracle's `q'[...]'`, at its quote.
    fn q_string(&mut self) -> Step<'a> {
        let open = self.rest.chars().nth(1).unwrap_or('\'');
        let close = match open {
            '[' => ']',
            '(' => ')',
            '{' => '}',
            '<' => '>',
            other => other,
        };
        let from = 1 + open.len_utf8();
        let body = self.rest.get(from..).unwrap_or_default();
        let ends =
            |(at, _): &(usize, &str)| body.get(at + close.len_utf8()..).is_some_and(|r| r.starts_with('\''));
        let mut buffer = [0; 4];
        let close: &str = close.encode_utf8(&mut buffer);
        let Some((at, _)) = body.match_indices(close).find(ends) else { return Step::Broken };
        let text = body.get(..at).unwrap_or_default();
        self.skip(from + at + close.len() + 1);
        Step::Token(Token { kind: Kind::Text, text })
    }
}

/// What follows a comment whose start has been read.
fn after_comment(text: &str, nests: bool) -> Option<&str> {
    let mut rest = text;
    let mut depth = 1usize;
    loop {
        let at = rest.find(['*', '/'])?;
        let here = rest.get(at..)?;
        if here.starts_with("*/") {
            depth -= 1;
            rest = here.get(2..)?;
            if depth == 0 {
                return Some(rest);
            }
        } else if nests && here.starts_with("/*") {
            depth += 1;
            rest = here.get(2..)?;
        } else {
            rest = here.get(1..)?;
        }
    }
}

/// `$$` or `$tag$` at the start of a text.
fn dollar_tag(text: &str) -> Option<&str> {
    let end = text.get(1..)?.find('$')?.checked_add(2)?;
    let tag = text.get(..end)?;
    let inner = tag.trim_matches('$');
    let is_tag = inner.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !inner.starts_with(|c: char| c.is_ascii_digit());
    is_tag.then_some(tag)
}

/// Whether MySQL reads `--` here as a comment.
fn is_dash_comment(text: &str) -> bool {
    text.chars().nth(2).is_none_or(|c| c.is_ascii_whitespace() || c.is_ascii_control())
}

/// White space of any server, Unicode's and what is not seen included.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{180e}')
}

/// Part of a word.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii() && !is_blank(c)
}
