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

use crate::bytes::{at, rest, starts_word};
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
    Detector { begins: Begins::Word, find: flag::place },
    Detector { begins: Begins::Word, find: pem::part_of_file },
    Detector { begins: Begins::Word, find: nearby::find },
    Detector { begins: Begins::Word, find: escaped::hexadecimal },
    Detector { begins: Begins::Word, find: allowed::find },
    Detector { begins: Begins::Word, find: scheme::find },
    Detector { begins: Begins::Word, find: token::find },
    Detector { begins: Begins::Word, find: jwt::find },
    Detector { begins: Begins::Word, find: seed::wif },
    Detector { begins: Begins::Word, find: seed::phrase },
    Detector { begins: Begins::Word, find: ip::find },
    Detector { begins: Begins::At(b":"), find: ip::find },
    Detector { begins: Begins::At(b"+(%"), find: number::phone },
    Detector { begins: Begins::Word, find: iban::find },
    Detector { begins: Begins::Word, find: card::find },
    Detector { begins: Begins::Word, find: number::find },
    Detector { begins: Begins::Word, find: number::phone },
    Detector { begins: Begins::Word, find: wallet::find },
    Detector { begins: Begins::Word, find: nearby::before_its_name },
    Detector { begins: Begins::Word, find: wrapped::find },
];

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
        let next = if (word && starts_word(scan.text, i)) || (!word && byte.is_ascii_punctuation()) {
            asked(byte).find_map(|detector| (detector.find)(scan, i, &mut marks))
        } else {
            None
        };
        i = next.unwrap_or(0).max(i + 1);
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

/// The detectors that can begin at each byte, one bit for each.
static BEGIN: [u64; 128] = begin();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, where a wrong index is an error")]
#[expect(clippy::cast_possible_truncation, reason = "there are 128 places")]
const fn begin() -> [u64; 128] {
    let mut begin = [0; 128];
    let mut place = 0;
    while place < DETECTORS.len() {
        let mut byte = 0;
        while byte < 128 {
            let begins = match DETECTORS[place].begins {
                Begins::Word => (byte as u8).is_ascii_alphanumeric(),
                Begins::At(bytes) => {
                    let mut i = 0;
                    while i < bytes.len() && bytes[i] as usize != byte {
                        i += 1;
                    }
                    i < bytes.len()
                }
            };
            if begins {
                begin[byte] |= 1 << place;
            }
            byte += 1;
        }
        place += 1;
    }
    begin
}

/// The detectors that can begin at `byte`, in order.
fn asked(byte: u8) -> impl Iterator<Item = &'static Detector> {
    let mut left = BEGIN.get(usize::from(byte)).copied().unwrap_or(0);
    core::iter::from_fn(move || {
        let place = usize::try_from(left.trailing_zeros()).ok()?;
        left &= left.wrapping_sub(1);
        DETECTORS.get(place)
    })
}
