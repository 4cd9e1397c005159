//! The words around a number, that say what it is.
//!
//! Some 50 bytes before it, the rest of its clause after it. Where a name and a colon stand before the number
//! (`id: 123, ssn: 456`), only that name counts. What it cannot know: the name of the field that the text came from;
//! `plausible` has that.

use crate::bytes::{at, part, rest};
use crate::keys::is_letter;
use crate::marks::{stand_in, stand_in_across};

/// Bytes looked at before and after a number.
const BEFORE: usize = 56;
const AFTER: usize = 24;

/// Bytes that count as right before it.
const RIGHT_BEFORE: usize = 16;

/// Most words that are looked at.
const WORDS: usize = 24;

/// The surroundings of a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Near<'a> {
    text: &'a str,
    start: usize,
    /// Where words begin, the last first behind the number.
    words: [usize; WORDS],
    count: usize,
    /// The first letters of those, see [`letter`].
    letters: u32,
}

/// A bit for the first letter of a word: one each for the Latin ones, one for all others.
const fn letter(b: u8) -> u32 {
    match b {
        b'a'..=b'z' => 1 << (b - b'a'),
        _ => 1 << 26,
    }
}

/// The first letters of `words`.
pub(crate) const fn letters(words: &str) -> u32 {
    let mut bytes = words.as_bytes();
    let (mut letters, mut first) = (0, true);
    while let Some((&b, rest)) = bytes.split_first() {
        if first {
            letters |= letter(b);
        }
        first = b == b'|';
        bytes = rest;
    }
    letters
}

impl<'a> Near<'a> {
    /// What stands around `start..end`.
    pub(crate) fn new(text: &'a str, start: usize, end: usize) -> Self {
        let mut near = Self { text, start, words: [0; WORDS], count: 0, letters: 0 };
        near.read(end, behind(text, end));
        near.read(clause(text, start), start);
        near
    }

    /// Notes the words in `from..to`. What stands in for something is no word.
    fn read(&mut self, from: usize, to: usize) {
        let from = stand_in_across(self.text, from).unwrap_or(from);
        let mut previous = self.text.get(..from).and_then(|before| before.chars().next_back()).unwrap_or(' ');
        let mut masked = from;
        for (offset, c) in part(self.text, from..to).char_indices() {
            let i = from + offset;
            if c == '[' {
                masked = i + stand_in(rest(self.text, i)).unwrap_or(0);
            }
            // Scripts from Hebrew on put particles before words, or nothing between them.
            let begins = !c.is_ascii_digit()
                && i >= masked
                && ((is_letter(c) && !is_letter(previous))
                    || (previous.is_ascii_lowercase() && c.is_ascii_uppercase())
                    || c >= '\u{590}');
            previous = c;
            let place = self.words.get_mut(self.count).filter(|_| begins);
            if let Some(place) = place {
                *place = i;
                self.count += 1;
                self.letters |= letter(u8::try_from(fold(c)).unwrap_or(0));
            }
        }
    }

    /// Whether one of `words` (lower case without accents, `|` between) stands near: at the beginning of a word, and one
    /// of up to three letters as a word of its own.
    pub(crate) fn says(&self, words: &str) -> bool {
        self.find(words, usize::MAX)
    }

    /// Whether a word with one of these first letters stands near, which is quicker to tell.
    pub(crate) fn may_say(&self, letters: u32) -> bool {
        self.letters & letters != 0
    }

    /// Whether one of `words` stands right before the number, perhaps with `no.` or the like between.
    pub(crate) fn is_called(&self, words: &str) -> bool {
        self.find(words, RIGHT_BEFORE)
    }

    /// Whether one of `words` stands at most `most` bytes before the number, or behind it if that is all the same.
    fn find(&self, words: &str, most: usize) -> bool {
        let mut words = if self.count == 0 { "" } else { words };
        while let Some(&first) = words.as_bytes().first() {
            let end = words.bytes().position(|b| b == b'|').unwrap_or(words.len());
            if self.letters & letter(first) != 0 {
                let word = part(words, 0..end);
                let starts = self.words.get(..self.count).unwrap_or_default();
                // Two letters say little: they must stand right before it.
                let short = word.bytes().filter(|b| *b != b' ').count() <= 2;
                let most = if short { RIGHT_BEFORE } else { most };
                let near = |start: &usize| {
                    most == usize::MAX || self.start.checked_sub(*start).is_some_and(|before| before <= most)
                };
                if starts
                    .iter()
                    .filter(|start| near(start))
                    .any(|start| begins_with(rest(self.text, *start), word))
                {
                    return true;
                }
            }
            words = part(words, (end + 1).min(words.len())..words.len());
        }
        false
    }
}

/// Whether `text` begins with `word`, whose blanks stand for any punctuation or none.
fn begins_with(text: &str, word: &str) -> bool {
    let mut left = text.chars();
    let mut last = ' ';
    for wanted in word.chars() {
        if wanted == ' ' {
            while left.clone().next().is_some_and(|c| !is_letter(c)) {
                left.next();
            }
        } else {
            let Some(c) = left.next() else { return false };
            if fold(c) != wanted {
                return false;
            }
            last = c;
        }
    }
    let next = left.next().unwrap_or(' ');
    let goes_on = next.is_ascii_lowercase() || (next.is_ascii_uppercase() && last.is_ascii_uppercase());
    word.len() > 3 || !goes_on
}

/// Lower case, without the accents of Latin letters.
pub(crate) fn fold(c: char) -> char {
    // From U+00C0 and from U+0100 on.
    const LATIN: &[u8; 64] = b"aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo/ouuuuypy";
    const MORE: &[u8; 128] = b"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkk\
        llllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
    let code = u32::from(c);
    let from = |table: &[u8], first: u32| {
        let place = usize::try_from(code - first).unwrap_or(usize::MAX);
        table.get(place).copied().map_or(c, char::from)
    };
    match c {
        '\u{c0}'..='\u{ff}' => from(LATIN, 0xc0),
        '\u{100}'..='\u{17f}' => from(MORE, 0x100),
        'А'..='Я' | 'Α'..='Ω' => char::from_u32(code + 32).unwrap_or(c),
        'Ѐ'..='Џ' => char::from_u32(code + 80).unwrap_or(c),
        'ё' => 'е',
        c => c.to_ascii_lowercase(),
    }
}

/// Where the clause that leads to `start` begins. In `name=value` the name has no blanks.
fn clause(text: &str, start: usize) -> usize {
    let assigned = at(text, start.saturating_sub(1)) == b'=';
    let (mut named, mut letters, mut lines) = (false, false, 0);
    let mut i = start;
    while i > 0 && start - i < BEFORE {
        match at(text, i - 1) {
            b':' | b'=' | b'>' if !letters || !named => named = true,
            b'\n' if lines > 0 || (named && letters) => break,
            b'\n' => lines += 1,
            b' ' if assigned && letters => break,
            b',' | b';' | b'&' | b'|' | b'{' | b'}' | b'<' | b'"' | b'\t' | b'?' if named && letters => break,
            byte => letters |= named && (byte.is_ascii_alphanumeric() || byte >= 0x80),
        }
        i -= 1;
    }
    text.ceil_char_boundary(i)
}

/// Where the clause ends that goes on at `end`.
fn behind(text: &str, end: usize) -> usize {
    let mut i = end;
    while i - end < AFTER {
        match at(text, i) {
            0
            | b'\n'
            | b'\r'
            | b','
            | b';'
            | b':'
            | b'='
            | b'&'
            | b'|'
            | b'"'
            | b'<'
            | b'{'
            | b'['
            | b'\t'
            | b'0'..=b'9' => break,
            b'.' if at(text, i + 1) == b' ' => break,
            _ => i += 1,
        }
    }
    text.floor_char_boundary(i)
}
