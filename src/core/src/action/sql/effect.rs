//! What an SQL text does: the strictest class among its statements, the statement's word, and the tables read and written.
//!
//! A statement is judged by its first word and by what stands within it; no tree is built. Every reading of quotes and
//! comments under which the text may differ is judged, and the strictest counts; a reading that cannot be read to its end
//! counts as far as its statements are complete. It promises that a text without a statement it knows is a write. It cannot
//! know what a view, a stored routine or a trigger does behind its name.

use super::{
    heads,
    lexer::{self, Kind, Token},
    statement::statement,
};
use crate::action::Class;

/// The longest text that is read.
const MAX: usize = 256 * 1024;

/// What a text does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::action) struct Effect {
    /// The strictest class of its statements.
    pub(in crate::action) class: Class,
    /// The first words of that statement, in capitals.
    pub(in crate::action) operation: String,
    /// The tables it reads, as they are spelled there.
    pub(in crate::action) reads: Vec<String>,
    /// The tables it writes.
    pub(in crate::action) writes: Vec<String>,
    /// Whether it was understood.
    pub(in crate::action) known: bool,
}

impl Effect {
    pub(super) fn none() -> Self {
        Self {
            class: Class::ReadOnly,
            operation: String::new(),
            reads: Vec::new(),
            writes: Vec::new(),
            known: false,
        }
    }

    /// A text that cannot be read.
    pub(in crate::action) fn unknown() -> Self {
        Self { class: Class::DataWrite, ..Self::none() }
    }

    /// A request that does this without a statement.
    pub(super) fn of_class(class: Class) -> Self {
        Self { class, known: true, ..Self::none() }
    }

    /// Adds what another text does beside this one.
    pub(in crate::action) fn join(&mut self, other: Self) {
        if self.operation.is_empty() || other.class > self.class {
            self.operation = other.operation;
        }
        self.class = self.class.max(other.class);
        self.known |= other.known;
        other.reads.into_iter().for_each(|name| add(&mut self.reads, name));
        other.writes.into_iter().for_each(|name| add(&mut self.writes, name));
    }

    /// Raises the class.
    pub(super) fn at_least(&mut self, class: Class) {
        self.class = self.class.max(class);
    }

    pub(super) fn read(&mut self, name: String) {
        add(&mut self.reads, name);
    }

    pub(super) fn written(&mut self, name: String) {
        add(&mut self.writes, name);
    }
}

/// The most tables that are named.
const MAX_TABLES: usize = 64;

fn add(list: &mut Vec<String>, name: String) {
    if !name.is_empty() && list.len() < MAX_TABLES && !list.contains(&name) {
        list.push(name);
    }
}

/// What a text does.
pub(in crate::action) fn of(text: &str) -> Effect {
    if text.len() > MAX {
        return Effect::unknown();
    }
    within(text, 0)
}

/// Whether a text starts as a statement does, in any reading.
pub(in crate::action) fn looks_like(text: &str) -> bool {
    let start = text.get(..text.len().min(4096)).unwrap_or(text);
    lexer::readings(start).any(|reading| {
        let tokens = lexer::tokens(start, reading);
        let rest = after_open(&tokens.list);
        matches!(rest, [word, _, ..] if word.kind == Kind::Word && heads::head(word.text).is_some())
    })
}

pub(super) fn within(text: &str, depth: u8) -> Effect {
    let mut all = Effect::none();
    let mut understood = false;
    for reading in lexer::readings(text) {
        let tokens = lexer::tokens(text, reading);
        let (effect, whole) = reading_of(&tokens.list, tokens.whole, depth);
        understood |= whole;
        if whole || effect.class > Class::ReadOnly {
            all.join(effect);
        }
    }
    if understood { all } else { Effect { class: all.class.max(Class::DataWrite), known: false, ..all } }
}

/// What the statements of one reading do, and whether each of them can be one.
pub(super) fn reading_of(tokens: &[Token<'_>], whole: bool, depth: u8) -> (Effect, bool) {
    let mut all = Effect::none();
    let mut possible = whole;
    let mut statements = 0;
    let mut pieces = tokens.split(|token| token.is_mark(";")).peekable();
    while let Some(piece) = pieces.next() {
        // The last one of a text that breaks off is no statement.
        if piece.is_empty() || !whole && pieces.peek().is_none() {
            continue;
        }
        let balance = piece
            .iter()
            .fold(0i32, |open, token| open + i32::from(token.is_mark("(")) - i32::from(token.is_mark(")")));
        let starts = piece.first().is_some_and(|first| {
            first.is_name()
                || first.is_mark("(")
                || first.is_mark("{")
                || first.is_mark(".")
                || first.is_mark("@")
        });
        if balance != 0 || !starts {
            possible = false;
            // A block that a semicolon divides is no less one for it.
            if !starts {
                continue;
            }
        }
        statements += 1;
        let mut effect = statement(piece, depth);
        if templated(piece) {
            effect.at_least(Class::DataWrite);
        }
        all.join(effect);
    }
    (all, possible && statements > 0)
}

/// Whether a template fills in what only its server knows.
fn templated(tokens: &[Token<'_>]) -> bool {
    tokens.windows(2).any(|two| match two {
        [open, next] => open.is_mark("{") && (next.is_mark("{") || next.is_mark("%")),
        _ => false,
    })
}

/// The tokens after leading parentheses.
pub(super) fn after_open<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    let open = tokens.iter().take_while(|token| token.is_mark("(")).count();
    tokens.get(open..).unwrap_or_default()
}
