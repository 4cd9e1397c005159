//! Numbers that a state, an insurer, a bank or a telephone company gave to somebody.
//!
//! The tables are data: shape, check, how strong that is alone, and the words that must stand near where it is not
//! enough. Add a row, not code. A run of letters and digits is read once; a row is tried only if a group of the run ends
//! where its shape does, and the words around are read only when shape and check hold.
//!
//! What it cannot know: whether bare digits that pass a check and stand alone are somebody's number or a count.

mod check;
mod dial;
pub(crate) mod glyph;
mod near;
mod phone;
pub(crate) mod run;
mod shape;
mod table;
#[cfg(test)]
mod tests;

use crate::bytes::{at, before, run as bytes_run};
use crate::detect::number::check::Check;
use crate::detect::number::shape::{Grouping, Kinds};
use crate::detect::{Scan, card};
use crate::kind::Kind;
use crate::marks::Marks;

pub(crate) use check::luhn;
pub(crate) use near::Near;
use near::letters;
pub(crate) use phone::find as phone;
pub(crate) use run::Run;

/// What it takes to believe that something is the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// Shape and check; letters in capitals.
    Nothing,
    /// Separators where the shape has them, or words.
    Groups,
    /// One of its words near it.
    Words,
}

/// Words right before a number that is none of these.
const COUNTS: &str = "order|invoice|ticket|transaction|tx|batch|row|rows|version|build|line|lines|port|total|amount|sum|usd|eur|gbp|isbn|\
    ean|sku|issue|commit|merge|pull|page|pages|item|items|seq|epoch|timestamp|ts|size|bytes|price|error|status|year|since|until";

/// One kind of number.
#[derive(Debug)]
struct Number {
    kind: Kind,
    detector: &'static str,
    shape: &'static str,
    checks: &'static [Check],
    needs: Needs,
    words: &'static str,
    /// The first letters of the words.
    letters: u32,
}

impl Number {
    const fn new(
        detector: &'static str,
        needs: Needs,
        shape: &'static str,
        checks: &'static [Check],
        words: &'static str,
    ) -> Self {
        Self { kind: Kind::NationalId, detector, shape, checks, needs, words, letters: letters(words) }
    }

    const fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }
}

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if !may_begin(text, i) {
        return None;
    }
    let mut run = Run::read(text, i);
    if let Some(count) = card::digits(&run, text, i) {
        let end = i + run.length(count);
        marks.add(i..end, Kind::Card, "payment_card");
        return Some(card::beside(text, end, marks));
    }
    if run::goes_on(text, i) || !run.has_digit() {
        return None;
    }
    run.keep_ends(text, i);
    let kinds = Kinds::of(&run);
    let (mut around, mut fitted) = (None, None);
    for mould in &table::MOULDS {
        // The first alternative that fits decides.
        if !mould.admits(&kinds) || fitted == Some(mould.place) {
            continue;
        }
        let Some(number) = table::at(mould.place) else { continue };
        let near = &*around.get_or_insert_with(|| Near::new(text, i, i + run.behind()));
        let may_say = near.may_say(number.letters);
        if number.needs == Needs::Words && !may_say {
            continue;
        }
        let Some(fit) = mould.fit(number.shape, &run) else { continue };
        fitted = Some(mould.place);
        let end = i + run.length(fit.count);
        let chars = run.chars.get(..fit.count).unwrap_or_default();
        if !number.checks.iter().all(|check| check.passes(chars)) {
            continue;
        }
        let strong = match number.needs {
            Needs::Nothing => run.is_upper(fit.count),
            Needs::Groups => fit.grouping == Grouping::Whole && run.is_upper(fit.count),
            Needs::Words => false,
        };
        // One of many numbers in a row, with blanks inside as between them.
        let listed = run.gaps.iter().take(fit.count).any(|gap| *gap == b' ')
            && ((at(text, end) == b' ' && at(text, end + 1).is_ascii_digit())
                || (before(text, i) == b' ' && i > 1 && before(text, i - 1).is_ascii_digit()));
        let said = || {
            run.is_number_like(fit.count)
                && may_say
                && near.says(number.words)
                && !(number.needs == Needs::Words && near.is_called(COUNTS))
        };
        if (strong && !listed) || said() {
            marks.add(i..end, number.kind, number.detector);
            return Some(end);
        }
    }
    None
}

/// Whether the word at `i` can begin a number: it has a digit soon, or is short and another group follows.
fn may_begin(text: &str, i: usize) -> bool {
    let letters = bytes_run(text, i, 7, |b| b.is_ascii_alphabetic());
    let next = at(text, letters);
    next.is_ascii_digit()
        || (letters - i <= 3 && matches!(next, b' ' | b'-' | b'.' | b'/' | 0x80..) && {
            let after = at(text, letters + 1);
            after.is_ascii_digit() || after.is_ascii_uppercase() || next >= 0x80
        })
}
