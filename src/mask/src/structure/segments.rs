//! Records whose parts are told by their place: HL7 v2 (`PID|1||id^^^NAT||Lee^Ann`), X12 (`NM1*IL*1*LEE*ANN`), EDIFACT
//! (`NAD+BY+++Ann Lee+12 High St`), vCards (RFC 6350: `N:Lee;Ann`, `TEL;TYPE=cell:+44..`), and the names of calendar users
//! (RFC 5545: `ATTENDEE;CN=Ann Lee:mailto:..`).
//!
//! The table names the segment, the field and the components that a standard gives to a person. What stands there goes
//! whatever it looks like; cities, countries, codes and types of numbers stay.

use core::ops::Range;

use crate::bytes::{at, before, part, rest, run, starts_with_any_case};
use crate::kind::Kind;
use crate::looks;
use crate::structure::cells::Cells;

/// A segment's start, the field's number after it, a bit for each component that goes, and what it is.
struct Field(&'static str, u8, u16, Kind);

const ALL: u16 = u16::MAX;

/// HL7 v2.5.1 chapters 3 and 6, X12 005010, EDIFACT D.96A.
const FIELDS: &[Field] = &[
    Field("PID|", 2, 1, Kind::NationalId),
    Field("PID|", 3, 1, Kind::NationalId),
    Field("PID|", 4, 1, Kind::NationalId),
    Field("PID|", 5, 0b1_1111, Kind::Name),
    Field("PID|", 6, 0b111, Kind::Name),
    Field("PID|", 7, 1, Kind::BirthDate),
    Field("PID|", 9, 0b111, Kind::Name),
    Field("PID|", 11, 0b1_0011, Kind::Address),
    Field("PID|", 13, 0b1_1110_1001, Kind::Phone),
    Field("PID|", 14, 0b1_1110_1001, Kind::Phone),
    Field("PID|", 18, 1, Kind::BankAccount),
    Field("PID|", 19, 1, Kind::NationalId),
    Field("PID|", 20, 1, Kind::NationalId),
    Field("NK1|", 2, 0b111, Kind::Name),
    Field("NK1|", 4, 0b1_0011, Kind::Address),
    Field("NK1|", 5, 0b1_1110_1001, Kind::Phone),
    Field("NK1|", 6, 0b1_1110_1001, Kind::Phone),
    Field("GT1|", 3, 0b111, Kind::Name),
    Field("GT1|", 5, 0b1_0011, Kind::Address),
    Field("GT1|", 6, 0b1_1110_1001, Kind::Phone),
    Field("GT1|", 8, 1, Kind::BirthDate),
    Field("GT1|", 12, 1, Kind::NationalId),
    Field("IN1|", 16, 0b111, Kind::Name),
    Field("IN1|", 18, 1, Kind::BirthDate),
    Field("IN1|", 19, 0b1_0011, Kind::Address),
    Field("IN1|", 36, 1, Kind::NationalId),
    Field("PV1|", 7, 0b110, Kind::Name),
    Field("PV1|", 8, 0b110, Kind::Name),
    Field("NM1*", 3, ALL, Kind::Name),
    Field("NM1*", 4, ALL, Kind::Name),
    Field("NM1*", 5, ALL, Kind::Name),
    Field("NM1*", 9, ALL, Kind::NationalId),
    Field("N3*", 1, ALL, Kind::Address),
    Field("N3*", 2, ALL, Kind::Address),
    Field("DMG*D8*", 1, ALL, Kind::BirthDate),
    Field("REF*SY*", 1, ALL, Kind::NationalId),
    Field("PER*IC*", 1, ALL, Kind::Name),
    Field("NAD+", 3, ALL, Kind::Name),
    Field("NAD+", 4, ALL, Kind::Name),
    Field("NAD+", 5, ALL, Kind::Address),
    Field("CTA+", 2, 0b10, Kind::Name),
    Field("COM+", 1, 1, Kind::Phone),
    Field("COM+", 2, 1, Kind::Phone),
    Field("N:", 1, 0b111, Kind::Name),
    Field("FN:", 1, ALL, Kind::Name),
    Field("NICKNAME:", 1, ALL, Kind::Name),
    Field("TEL:", 1, ALL, Kind::Phone),
    Field("ADR:", 1, 0b10_0111, Kind::Address),
    Field("LABEL:", 1, ALL, Kind::Address),
    Field("BDAY:", 1, ALL, Kind::BirthDate),
];

/// Which standard a text follows, by the segment it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standard {
    Hl7,
    X12,
    Edifact,
    Card,
}

/// Marks the fields of the message that begins at the line at `start`, and answers whether one does.
pub(super) fn message(cells: &mut Cells<'_>, start: usize) -> Option<usize> {
    let text = cells.text;
    let standard = match at(text, start) {
        b'M' if rest(text, start).starts_with("MSH|") => Standard::Hl7,
        b'P' if rest(text, start).starts_with("PID|") => Standard::Hl7,
        b'I' if rest(text, start).starts_with("ISA*") => Standard::X12,
        b'N' if rest(text, start).starts_with("NM1*") => Standard::X12,
        b'U' if rest(text, start).starts_with("UNB+")
            || rest(text, start).starts_with("UNH+")
            || rest(text, start).starts_with("UNA:") =>
        {
            Standard::Edifact
        }
        b'B' | b'b' if starts_with_any_case(rest(text, start), "BEGIN:V") => Standard::Card,
        b'A' if rest(text, start).starts_with("ATTENDEE;") => Standard::Card,
        b'O' if rest(text, start).starts_with("ORGANIZER;") => Standard::Card,
        _ => return None,
    };
    let mut i = start;
    while i < text.len() {
        let end = standard.segment_end(text, i);
        // Another line than one of capitals before a colon is none of a card's.
        let name = run(text, i, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
        let done = standard == Standard::Card && !matches!(at(text, name), b':' | b';');
        if !done {
            standard.segment(cells, i..end);
        }
        i = if done { i } else { run(text, end, 4, |b| matches!(b, b'\r' | b'\n' | b'~' | b'\'')) };
        if done || i == end {
            break;
        }
    }
    Some(i.max(start + 1))
}

impl Standard {
    /// What stands between fields, components and repetitions.
    fn separators(self) -> (char, char, char) {
        match self {
            Self::Hl7 => ('|', '^', '~'),
            Self::X12 => ('*', ':', '^'),
            Self::Edifact => ('+', ':', '*'),
            Self::Card => (':', ';', ','),
        }
    }

    fn segment_end(self, text: &str, start: usize) -> usize {
        let mut end = start;
        loop {
            let stops: fn(u8) -> bool = match self {
                Self::Hl7 => |b| !matches!(b, b'\r' | b'\n'),
                Self::X12 => |b| !matches!(b, b'\r' | b'\n' | b'~'),
                Self::Edifact => |b| !matches!(b, b'\r' | b'\n' | b'\''),
                Self::Card => |b| b != b'\n',
            };
            end = run(text, end, usize::MAX, stops);
            // `?'` is an apostrophe in EDIFACT; a line that begins with a blank goes on with the one before in a vCard.
            match self {
                Self::Edifact if at(text, end) == b'\'' && before(text, end) == b'?' => end += 1,
                Self::Card if end < text.len() && matches!(at(text, end + 1), b' ' | b'\t') => end += 1,
                Self::Hl7 | Self::X12 | Self::Edifact | Self::Card => return end,
            }
        }
    }

    fn segment(self, cells: &mut Cells<'_>, range: Range<usize>) {
        let text = cells.text;
        let whole = part(text, range.clone()).trim_end();
        let (between, component, again) = self.separators();
        // A vCard's property may be in a group and have parameters: `item1.TEL;TYPE=cell:`.
        let (name, head) = if self == Self::Card {
            let Some((head, _)) = whole.split_once(':') else { return };
            if let Some(i) = head.find(";CN=") {
                let common = rest(head, i + 4);
                let quoted = usize::from(common.starts_with('"'));
                let name =
                    rest(common, quoted).split(if quoted == 1 { '"' } else { ';' }).next().unwrap_or("");
                let start = range.start + i + 4 + quoted;
                if !looks::harmless(name) && !name.contains('@') {
                    cells.mark(start..start + name.len(), Kind::Name, "segment");
                }
            }
            let name = head.split(';').next().unwrap_or(head);
            (name.rsplit('.').next().unwrap_or(name), head.len() + 1)
        } else {
            ("", 0)
        };
        for Field(segment, place, components, kind) in FIELDS {
            let skip = if self == Self::Card {
                let good =
                    segment.strip_suffix(':').is_some_and(|segment| segment.eq_ignore_ascii_case(name));
                good.then_some(head)
            } else {
                whole.starts_with(segment).then_some(segment.len())
            };
            let Some(skip) = skip else { continue };
            let most = if self == Self::Card { 1 } else { usize::MAX };
            let Some((from, field)) = split(rest(whole, skip), between, most).nth(usize::from(*place) - 1)
            else {
                continue;
            };
            for (offset, repetition) in split(field, again, usize::MAX) {
                for (number, (inner, value)) in split(repetition, component, usize::MAX).enumerate() {
                    let wanted = number < 16 && components >> number & 1 == 1;
                    let other = *kind == Kind::Phone && value.contains('@');
                    if wanted && !other && !looks::harmless(value) && value != "\"\"" {
                        let at = range.start + skip + from + offset + inner;
                        cells.mark(at..at + value.len(), *kind, "segment");
                    }
                }
            }
        }
    }
}

/// The pieces of `text`, at most so many, and where each begins.
fn split(text: &str, by: char, most: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.splitn(most, by).map(move |piece| {
        let start = at;
        at += piece.len() + by.len_utf8();
        (start, piece)
    })
}
