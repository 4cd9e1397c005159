//! The detectors: each knows one thing that must not be shown, and where in a text to look for it.
//!
//! One pass over the text asks, at each place, only the detectors that can begin there. A detector that answers says
//! where to go on, so the text is read once; what a detector reads ahead or back is bounded or consumed.

mod allowed;
mod alphabet;
pub(crate) mod card;
mod email;
mod escaped;
mod expression;
mod flag;
mod hash;
mod iban;
mod ip;
mod jwt;
mod mailbox;
mod middle;
mod nearby;
pub(crate) mod number;
mod pair;
mod pem;
mod phrase;
pub(crate) mod query;
mod scheme;
mod seed;
mod service;
mod shapes;
mod token;
mod url;
mod wallet;
pub(crate) mod wrapped;

use crate::bytes::{at, before, rest, starts_word};
use crate::marks::{Marks, stand_in};
use crate::masker::Look;
use crate::structure;

pub(crate) use pair::cookies;
pub(crate) use scheme::authorization;
pub(crate) use token::whole as whole_token;
pub(crate) use wrapped::{binary, size};

/// A text under scan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scan<'a> {
    pub(crate) text: &'a str,
    pub(crate) look: Look<'a>,
}

/// Where a detector can begin.
enum Begins {
    /// At one of these bytes.
    At(&'static [u8]),
    /// At the first letter or digit of a word.
    Word,
    /// At the first letter or digit of a word if it is one of these, in lower case.
    WordIn(&'static [u8]),
}

/// One detector: marks what must go, and answers where to go on. It may answer without a mark: known to be harmless.
struct Detector {
    begins: Begins,
    find: fn(Scan<'_>, usize, &mut Marks) -> Option<usize>,
}

/// The detectors, in the order they are asked at one place.
const DETECTORS: &[Detector] = &[
    Detector { begins: Begins::At(b"-"), find: pem::find },
    Detector { begins: Begins::At(b"-/<"), find: flag::find },
    Detector { begins: Begins::At(b"%&\\="), find: escaped::find },
    Detector { begins: Begins::At(b"?#"), find: query::find },
    Detector { begins: Begins::At(b"/"), find: url::hook },
    Detector { begins: Begins::At(b"/"), find: query::segment },
    Detector { begins: Begins::At(b":"), find: url::find },
    Detector { begins: Begins::At(b":~.!-_"), find: middle::find },
    Detector { begins: Begins::At(b":"), find: middle::pgpass },
    Detector { begins: Begins::At(b"=:,"), find: pair::find },
    Detector { begins: Begins::At(b"<"), find: mailbox::find },
    Detector { begins: Begins::At(b"${"), find: hash::find },
    Detector { begins: Begins::At(b"@"), find: url::without_scheme },
    Detector { begins: Begins::At(b"@%&\\"), find: email::find },
    Detector { begins: Begins::WordIn(b"ncriwep"), find: flag::place },
    Detector { begins: Begins::WordIn(b"pr"), find: pem::part_of_file },
    Detector { begins: Begins::Word, find: nearby::find },
    Detector { begins: Begins::WordIn(b"0234567"), find: escaped::hexadecimal },
    Detector { begins: Begins::WordIn(b"0123456789abcdefsm"), find: allowed::find },
    Detector { begins: Begins::WordIn(b"abdghnostz"), find: scheme::find },
    Detector { begins: Begins::Word, find: token::find },
    Detector { begins: Begins::WordIn(b"e"), find: jwt::find },
    Detector { begins: Begins::WordIn(b"59klc"), find: seed::wif },
    Detector { begins: Begins::Word, find: seed::phrase },
    Detector { begins: Begins::WordIn(b"0123456789abcdef"), find: ip::find },
    Detector { begins: Begins::At(b":"), find: ip::find },
    Detector { begins: Begins::At(b"+(%"), find: number::phone },
    Detector { begins: Begins::Word, find: iban::find },
    Detector { begins: Begins::WordIn(b"c"), find: card::find },
    Detector { begins: Begins::Word, find: number::find },
    Detector { begins: Begins::Word, find: number::phone },
    Detector { begins: Begins::Word, find: wallet::find },
    Detector { begins: Begins::WordIn(b"0123456789"), find: nearby::before_its_name },
    Detector { begins: Begins::Word, find: wrapped::find },
];

/// The detectors that can begin at each byte: bit `n` is the one at `n`.
static ASKED: [u64; 128] = asked();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, where a wrong index is an error")]
const fn asked() -> [u64; 128] {
    assert!(DETECTORS.len() <= 64, "a bit for each detector");
    let mut asked = [0; 128];
    let mut n = 0;
    while n < DETECTORS.len() {
        let mut byte = 0_u8;
        while byte < 128 {
            let word = byte.is_ascii_alphanumeric();
            let begins = match DETECTORS[n].begins {
                Begins::At(bytes) => has(bytes, byte),
                Begins::Word => word,
                Begins::WordIn(bytes) => word && has(bytes, byte.to_ascii_lowercase()),
            };
            if begins {
                asked[byte as usize] |= 1 << n;
            }
            byte += 1;
        }
        n += 1;
    }
    asked
}

const fn has(mut bytes: &[u8], byte: u8) -> bool {
    while let Some((first, rest)) = bytes.split_first() {
        if *first == byte {
            return true;
        }
        bytes = rest;
    }
    false
}

/// Asks the detectors that can begin with `byte` at `i`, and answers where to go on.
fn ask(scan: Scan<'_>, i: usize, byte: u8, marks: &mut Marks) -> Option<usize> {
    let mut asked = ASKED.get(usize::from(byte)).copied().unwrap_or(0);
    while asked != 0 {
        let detector = DETECTORS.get(usize::try_from(asked.trailing_zeros()).unwrap_or(0))?;
        let next = (detector.find)(scan, i, marks);
        if next.is_some() {
            return next;
        }
        asked &= asked - 1;
    }
    None
}

/// Where a word may begin next, `i` being in one.
fn word_end(text: &str, i: usize) -> usize {
    // The tail of an escape is no part of the word, see `starts_word`.
    let previous = before(text, i);
    if matches!(previous, b'\\' | b'%') || (previous != 0 && before(text, i - 1) == b'%') {
        return i + 1;
    }
    let bytes = text.as_bytes().get(i..).unwrap_or_default();
    i + bytes.iter().take_while(|b| b.is_ascii_alphanumeric()).count()
}

/// Everything in `scan` that must go: the cells of structures within it, and what the detectors see beside them.
pub(crate) fn scan(scan: Scan<'_>) -> Marks {
    let mut marks = Marks::default();
    if is_quiet(scan.text) {
        scan.look.masker.custom.find(scan.text, scan.look.named, &mut marks);
        return marks;
    }
    let mut cells = structure::cells(scan).into_iter().peekable();
    let mut i = 0;
    while i < scan.text.len() {
        if let Some(cell) = cells.next_if(|cell| cell.range.start <= i) {
            i = cell.range.end.max(i);
            marks.put(cell);
            continue;
        }
        let byte = at(scan.text, i);
        // What was masked is not looked into again.
        if let Some(length) = (byte == b'[').then(|| stand_in(rest(scan.text, i))).flatten() {
            i += length;
            continue;
        }
        let word = byte.is_ascii_alphanumeric();
        let next = if !word || starts_word(scan.text, i) { ask(scan, i, byte, &mut marks) } else { None };
        i = match next {
            Some(next) => next.max(i + 1),
            None if word => word_end(scan.text, i),
            None => i + 1,
        };
    }
    cells.for_each(|cell| marks.put(cell));
    scan.look.masker.custom.find(scan.text, scan.look.named, &mut marks);
    marks
}

/// Whether a text is so short and plain that no detector sees anything in it: most values of a record are. Letters without
/// digits or signs are a secret only in words enough for a seed phrase, or enough of them for base64.
fn is_quiet(text: &str) -> bool {
    const TINY: usize = 5;
    const SHORT: usize = 11;
    const PLAIN: usize = 40;
    let small = |b: u8| b.is_ascii_lowercase() || matches!(b, b' ' | b'_' | b'-' | b'.');
    (text.len() <= TINY && text.bytes().all(|b| b.is_ascii_alphanumeric()))
        || (text.len() <= PLAIN && text.bytes().all(small))
        || (text.len() <= SHORT && text.bytes().all(|b| small(b) || b.is_ascii_uppercase()))
}
