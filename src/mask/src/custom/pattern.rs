//! Patterns of a policy: a small regular language, read once into positions that a text is walked along with.
//!
//! There are literals, `.`, classes (`[A-Z]`, `[^;]`, `\d`, `\w`, `\s` and their opposites), groups, `|`, `?`, `*`, `+`,
//! `{n}`, `{n,}`, `{n,m}`, `^` and `$` (the ends of a value or of a line), `\b`, `\B`, and `(?i)` in front. Classes are
//! of bytes: Unicode classes are not offered, a letter beyond ASCII stands for itself, and `.` is one of its bytes.
//! There are no back references and no looking around, so every pattern is walked in time linear in the text, and there
//! is nothing for a `?` after a repetition to decide: the longest counts.
//!
//! The positions are those of Glushkov (1961): one for each byte of the pattern with its repetitions written out. What
//! would need too many is refused.

use core::fmt;

/// Most positions of one pattern.
pub(super) const MOST_POSITIONS: usize = 128;
/// Most ways from one position to another: what a byte of text costs at worst.
const MOST_WAYS: usize = 1024;
/// Deepest nesting of groups.
const DEEPEST: usize = 16;
/// Most pieces that are built, those that take no place among them.
const MOST_PIECES: usize = 4096;

/// Why a pattern is none. What it says ends in how to mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadPattern(&'static str);

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

const TOO_LONG: BadPattern = BadPattern(
    "it is longer than 128 characters with its repetitions written out: repeat less, or with `*` or `+`",
);

/// A pattern, ready to be looked for.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub(super) positions: Vec<Position>,
    /// Where a match begins.
    pub(super) first: Vec<u8>,
    /// The bytes that one can begin with.
    pub(super) begins: Class,
}

/// One place in a pattern.
#[derive(Clone, Debug)]
pub(super) struct Position {
    pub(super) takes: Takes,
    /// What may come next.
    pub(super) next: Vec<u8>,
    /// Whether a match may end here.
    pub(super) ends: bool,
}

/// What a position asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// A byte of these.
    Byte(Class),
    /// No byte, but that the place is of this sort.
    Place(Place),
}

/// A sort of place between two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Start,
    End,
    Border,
    NoBorder,
}

impl Place {
    /// Whether the place between these bytes (NUL where there is none) is of this sort.
    pub(super) fn holds(self, before: u8, after: u8) -> bool {
        let border = is_word(before) != is_word(after);
        match self {
            Self::Start => matches!(before, 0 | b'\n'),
            Self::End => matches!(after, 0 | b'\n' | b'\r'),
            Self::Border => border,
            Self::NoBorder => !border,
        }
    }
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Class([u32; 8]);

impl Class {
    fn of(wanted: &dyn Fn(u8) -> bool) -> Self {
        let mut class = Self::default();
        for byte in (0..=u8::MAX).filter(|byte| wanted(*byte)) {
            class.add(byte);
        }
        class
    }

    fn add(&mut self, byte: u8) {
        if let Some(word) = self.0.get_mut(usize::from(byte >> 5)) {
            *word |= 1 << (byte & 31);
        }
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte >> 5)).is_some_and(|word| word >> (byte & 31) & 1 == 1)
    }

    fn with(mut self, other: Self) -> Self {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
        self
    }

    fn opposite(self) -> Self {
        Self(self.0.map(|word| !word))
    }
}

/// A part of a pattern as it is written.
#[derive(Debug)]
enum Part {
    Takes(Takes),
    /// One after the other.
    Row(Vec<Part>),
    /// One of these.
    Either(Vec<Part>),
    /// So often; without an end where there is no most.
    Repeat(Box<Part>, usize, Option<usize>),
}

/// Positions in which a part of the pattern may begin and end, and whether it may be empty.
#[derive(Debug)]
struct Built {
    first: Vec<u8>,
    last: Vec<u8>,
    empty: bool,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`BadPattern`], in words that say how to mend it.
    pub fn new(text: &str) -> Result<Self, BadPattern> {
        let (text, any_case) = text.strip_prefix("(?i)").map_or((text, false), |text| (text, true));
        let mut reader = Reader { text: text.as_bytes(), at: 0, any_case, depth: 0 };
        let whole = reader.either()?;
        if reader.at < reader.text.len() {
            return Err(BadPattern("a `)` closes nothing: write `\\)` for the character"));
        }
        let mut builder = Builder { positions: Vec::new(), pieces: 0 };
        let built = builder.build(&whole)?;
        let mut positions = builder.positions;
        for last in &built.last {
            if let Some(position) = positions.get_mut(usize::from(*last)) {
                position.ends = true;
            }
        }
        if positions.iter().map(|position| position.next.len()).sum::<usize>() > MOST_WAYS {
            return Err(BadPattern(
                "too many of its parts can be left out or repeated in a row: say which of them must be there",
            ));
        }
        let mut pattern = Self { positions, first: built.first, begins: Class::default() };
        // What is reached without reading anything.
        let mut open = pattern.first.clone();
        let mut i = 0;
        let mut empty = built.empty;
        while let Some(position) = open.get(i).and_then(|p| pattern.positions.get(usize::from(*p))) {
            match position.takes {
                Takes::Byte(class) => pattern.begins = pattern.begins.with(class),
                Takes::Place(_) => {
                    empty |= position.ends;
                    open = union(open, &position.next);
                }
            }
            i += 1;
        }
        if empty {
            return Err(BadPattern(
                "it also matches nothing at all: write `+` for `*`, or name what must be there",
            ));
        }
        Ok(pattern)
    }
}

/// What is in either list, once, in order of the first.
fn union(mut all: Vec<u8>, more: &[u8]) -> Vec<u8> {
    for one in more {
        if !all.contains(one) {
            all.push(*one);
        }
    }
    all
}

struct Builder {
    positions: Vec<Position>,
    pieces: usize,
}

impl Builder {
    fn build(&mut self, part: &Part) -> Result<Built, BadPattern> {
        self.pieces += 1;
        if self.pieces > MOST_PIECES {
            return Err(TOO_LONG);
        }
        match part {
            Part::Takes(takes) => {
                let number = self.positions.len();
                let number = u8::try_from(number).ok().filter(|_| number < MOST_POSITIONS).ok_or(TOO_LONG)?;
                self.positions.push(Position { takes: *takes, next: Vec::new(), ends: false });
                Ok(Built { first: vec![number], last: vec![number], empty: false })
            }
            Part::Row(parts) => {
                let mut row = Built::EMPTY;
                for part in parts {
                    let next = self.build(part)?;
                    row = self.join(row, next);
                }
                Ok(row)
            }
            Part::Either(parts) => {
                let mut any = Built { empty: false, ..Built::EMPTY };
                for part in parts {
                    let one = self.build(part)?;
                    any.first = union(any.first, &one.first);
                    any.last = union(any.last, &one.last);
                    any.empty |= one.empty;
                }
                Ok(any)
            }
            Part::Repeat(part, least, most) => {
                let mut row = Built::EMPTY;
                for number in 0..most.unwrap_or(least + usize::from(*least == 0)) {
                    let mut one = self.build(part)?;
                    one.empty |= number >= *least;
                    if most.is_none() && number + 1 >= *least {
                        self.connect(&one.last, &one.first);
                    }
                    row = self.join(row, one);
                }
                Ok(row)
            }
        }
    }

    fn join(&mut self, a: Built, b: Built) -> Built {
        self.connect(&a.last, &b.first);
        let first = if a.empty { union(a.first, &b.first) } else { a.first };
        let last = if b.empty { union(b.last, &a.last) } else { b.last };
        Built { first, last, empty: a.empty && b.empty }
    }

    fn connect(&mut self, from: &[u8], to: &[u8]) {
        for number in from {
            if let Some(position) = self.positions.get_mut(usize::from(*number)) {
                position.next = union(core::mem::take(&mut position.next), to);
            }
        }
    }
}

impl Built {
    const EMPTY: Self = Self { first: Vec::new(), last: Vec::new(), empty: true };
}

/// A pattern as it is read.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    any_case: bool,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek();
        self.at += usize::from(byte.is_some());
        byte
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn either(&mut self) -> Result<Part, BadPattern> {
        let mut all = vec![self.row()?];
        while self.eat(b'|') {
            all.push(self.row()?);
        }
        Ok(Part::Either(all))
    }

    fn row(&mut self) -> Result<Part, BadPattern> {
        let mut parts = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| !matches!(byte, b'|' | b')')) {
            let part = self.one()?;
            // A letter beyond ASCII is one thing to repeat.
            let part = if byte >= 0x80 { self.letter(part) } else { part };
            parts.push(self.repeated(part)?);
        }
        Ok(Part::Row(parts))
    }

    /// The rest of the letter that begins with `first`.
    fn letter(&mut self, first: Part) -> Part {
        let mut parts = vec![first];
        while let Some(byte) = self.peek().filter(|byte| (0x80..0xc0).contains(byte)) {
            self.at += 1;
            parts.push(Part::Takes(Takes::Byte(Class::of(&|b| b == byte))));
        }
        Part::Row(parts)
    }

    fn one(&mut self) -> Result<Part, BadPattern> {
        let takes = match self.next().unwrap_or(0) {
            b'(' => {
                if self.peek() == Some(b'?') && self.text.get(self.at..self.at + 2) != Some(b"?:") {
                    return Err(BadPattern(
                        "`(?` opens nothing that is offered here: write `(...)`, or `(?i)` in front of all",
                    ));
                }
                self.at += if self.peek() == Some(b'?') { 2 } else { 0 };
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(BadPattern("its groups nest more than 16 deep: write them side by side"));
                }
                let inside = self.either()?;
                self.depth -= 1;
                return if self.eat(b')') {
                    Ok(inside)
                } else {
                    Err(BadPattern("a `(` is never closed: write `\\(` for the character"))
                };
            }
            b'[' => Takes::Byte(self.class()?),
            b'.' => Takes::Byte(Class::of(&|b| b != b'\n')),
            b'^' => Takes::Place(Place::Start),
            b'$' => Takes::Place(Place::End),
            b'\\' => self.escaped()?,
            b'*' | b'+' | b'?' | b'{' => {
                return Err(BadPattern(
                    "a repetition repeats nothing: write `\\` before the character, or something to repeat",
                ));
            }
            byte => Takes::Byte(self.cased(byte)),
        };
        Ok(Part::Takes(takes))
    }

    /// The byte, in both cases where they do not count.
    fn cased(&self, byte: u8) -> Class {
        let any = self.any_case;
        Class::of(&|b| b == byte || (any && b.eq_ignore_ascii_case(&byte)))
    }

    fn escaped(&mut self) -> Result<Takes, BadPattern> {
        let byte = self.next().ok_or(BadPattern("it ends in `\\`: write `\\\\` for the character"))?;
        let class = match byte {
            b'b' => return Ok(Takes::Place(Place::Border)),
            b'B' => return Ok(Takes::Place(Place::NoBorder)),
            b'd' | b'D' => Class::of(&|b| b.is_ascii_digit()),
            b'w' | b'W' => Class::of(&is_word),
            b's' | b'S' => Class::of(&|b| b.is_ascii_whitespace()),
            b'n' => Class::of(&|b| b == b'\n'),
            b'r' => Class::of(&|b| b == b'\r'),
            b't' => Class::of(&|b| b == b'\t'),
            b'p' | b'P' => {
                return Err(BadPattern(
                    "`\\p` is not offered: classes are of ASCII, write the letters that you mean",
                ));
            }
            byte if byte.is_ascii_alphanumeric() || !byte.is_ascii() => {
                return Err(BadPattern(
                    "a `\\` stands before a character that it gives no meaning: leave it out",
                ));
            }
            byte => self.cased(byte),
        };
        Ok(Takes::Byte(if byte.is_ascii_uppercase() { class.opposite() } else { class }))
    }

    fn class(&mut self) -> Result<Class, BadPattern> {
        const OPEN: BadPattern = BadPattern("a `[` is never closed: write `\\[` for the character");
        let opposite = self.eat(b'^');
        let mut class = Class::default();
        let mut some = false;
        loop {
            let byte = self.next().ok_or(OPEN)?;
            if byte == b']' && some {
                return Ok(if opposite { class.opposite() } else { class });
            }
            some = true;
            let one = self.member(byte)?;
            let range = self.peek() == Some(b'-') && self.text.get(self.at + 1).is_some_and(|b| *b != b']');
            let Some(from) = one.1.filter(|_| range) else {
                class = class.with(one.0);
                continue;
            };
            self.at += 1;
            let last = self.next().ok_or(OPEN)?;
            let to = self.member(last)?.1.filter(|to| from <= *to);
            let to = to.ok_or(BadPattern(
                "a range in `[...]` has no beginning and end in order: write `\\-` for the character",
            ))?;
            for byte in from..=to {
                class = class.with(self.cased(byte));
            }
        }
    }

    /// What a member of a class stands for, and the one byte that it is.
    fn member(&mut self, byte: u8) -> Result<(Class, Option<u8>), BadPattern> {
        match byte {
            b'\\' => {
                let single = self.peek().filter(u8::is_ascii_punctuation);
                match self.escaped()? {
                    Takes::Byte(class) => Ok((class, single)),
                    Takes::Place(_) => Err(BadPattern("`\\b` is no character: write it outside of `[...]`")),
                }
            }
            byte if byte.is_ascii() => Ok((self.cased(byte), Some(byte))),
            _ => Err(BadPattern(
                "`[...]` has a letter beyond ASCII: write `(ä|ö)` for it, Unicode classes are not offered",
            )),
        }
    }

    fn repeated(&mut self, part: Part) -> Result<Part, BadPattern> {
        let (least, most) = match self.peek() {
            Some(b'?') => (0, Some(1)),
            Some(b'*') => (0, None),
            Some(b'+') => (1, None),
            Some(b'{') => {
                self.at += 1;
                let counts = self.counts();
                counts.ok_or(BadPattern(
                    "a `{` counts nothing: write `{2}`, `{2,}` or `{2,4}`, or `\\{` for the character",
                ))?
            }
            Some(_) | None => return Ok(part),
        };
        self.at += 1;
        if matches!(self.peek(), Some(b'?' | b'*' | b'+' | b'{')) {
            return Err(BadPattern(
                "a repetition is repeated: write one of the two, the longest match counts in any case",
            ));
        }
        if matches!(part, Part::Takes(Takes::Place(_))) {
            return Err(BadPattern("a place (`^`, `$`, `\\b`) is repeated: write it once"));
        }
        Ok(Part::Repeat(Box::new(part), least, most))
    }

    /// The counts of `{n}`, `{n,}`, `{n,m}`, up to the `}`.
    fn counts(&mut self) -> Option<(usize, Option<usize>)> {
        let least = self.number()?;
        let most = if !self.eat(b',') {
            Some(least)
        } else if self.peek() == Some(b'}') {
            None
        } else {
            Some(self.number()?)
        };
        let good = self.peek() == Some(b'}') && most.is_none_or(|most| most >= least && most > 0);
        good.then_some((least, most))
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = None;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            self.at += 1;
            // Far above what is allowed it need not be exact.
            number = Some((number.unwrap_or(0) * 10 + usize::from(digit - b'0')).min(9999));
        }
        number
    }
}
