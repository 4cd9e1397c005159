//! Tokens that are known by their middle: Telegram bots (`123456789:AA...`), Azure client secrets (`abc8Q~...`), Terraform
//! Cloud (`..atlasv1..`), Mailchimp (`..-us12`), Discord bots, and `.pgpass` lines (libpq's manual, 34.16).
//!
//! Each row names what stands in the middle and what must stand on both sides, after the providers' documentation.

use crate::bytes::{at, before, ends_word, part, rest, run, run_back};
use crate::detect::Scan;
use crate::detect::alphabet::Alphabet;
use crate::kind::Kind;
use crate::looks;
use crate::marks::Marks;

/// One side: its alphabet, and how many characters of it at least and at most.
type Side = (Alphabet, usize, usize);

const LOWER: Alphabet = Alphabet::LOWER_HEX;
const ANY: usize = 400;

const MIDDLES: &[(&str, Side, Side, &str)] = &[
    (":A", (Alphabet::DIGITS, 8, 10), (Alphabet::URL, 32, 39), "telegram_token"),
    ("Q~", (Alphabet::URL.with(b"~."), 4, 4), (Alphabet::URL.with(b"~."), 31, 40), "azure_client_secret"),
    (".atlasv1.", (Alphabet::ALNUM, 14, 14), (Alphabet::URL.with(b"="), 60, 100), "terraform_token"),
    ("-us", (LOWER, 32, 32), (Alphabet::DIGITS, 1, 2), "mailchimp_key"),
    (":APA91b", (Alphabet::URL, 11, 22), (Alphabet::URL, 120, ANY), "firebase_token"),
    (".acc-", (Alphabet::ALNUM.with(b"_."), 12, 60), (Alphabet::WIDE, 40, ANY), "authress_key"),
    (".acc_", (Alphabet::ALNUM.with(b"_."), 12, 60), (Alphabet::WIDE, 40, ANY), "authress_key"),
    (":", (LOWER, 24, 24), (LOWER, 64, 64), "ghost_key"),
    (":", (Alphabet::DIGITS.with(b"/"), 14, 40), (LOWER, 32, 32), "asana_token"),
    (":", (Alphabet::ALNUM.with(b"-"), 11, 11), (Alphabet::ALNUM, 54, 54), "rancher_token"),
    (".", (Alphabet::ALNUM, 17, 17), (LOWER, 64, 64), "airtable_token"),
    (".", (LOWER, 32, 32), (Alphabet::ALNUM, 16, 16), "zhipu_key"),
    ("!", (Alphabet::ALNUM, 15, 18), (Alphabet::URL.with(b"."), 80, 120), "salesforce_token"),
    ("_mmk", (Alphabet::ALNUM.with(b"_"), 36, 36), (Alphabet::ALNUM, 0, 0), "maxmind_key"),
];

/// `i` is at the middle's punctuation.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let (range, detector) = MIDDLES
        .iter()
        .find_map(|(middle, left, right, detector)| {
            let offset = usize::from(middle.starts_with('Q'));
            let from = i.checked_sub(offset)?;
            if !rest(text, from).starts_with(middle) {
                return None;
            }
            let start = left.0.run_back(text, from, left.2 + 1);
            let end = right.0.run(text, from + middle.len(), right.2 + 1);
            let fits = (left.1..=left.2).contains(&(from - start))
                && (right.1..=right.2).contains(&(end - from - middle.len()))
                && ends_word(text, end)
                && !before(text, start).is_ascii_alphanumeric();
            // The sixth character is told apart from a word's by the digit before it.
            let good = offset == 0 || before(text, from).is_ascii_digit();
            (fits && good && !is_same(part(text, from + middle.len()..end)))
                .then_some((start..end, *detector))
        })
        .or_else(|| discord(text, i))?;
    let end = range.end;
    marks.add(range, Kind::Secret, detector);
    Some(end)
}

/// One character again and again.
fn is_same(text: &str) -> bool {
    text.len() > 8 && text.bytes().all(|b| text.bytes().next() == Some(b))
}

/// `base64(id).six.27 or more` (Discord's developer documentation, "Reference").
fn discord(text: &str, i: usize) -> Option<(core::ops::Range<usize>, &'static str)> {
    if at(text, i) != b'.' || at(text, i + 7) != b'.' {
        return None;
    }
    let start = Alphabet::URL.run_back(text, i, 29);
    let end = Alphabet::URL.run(text, i + 8, 48);
    let six = Alphabet::URL.run(text, i + 1, 7) == i + 7;
    let good = six && (23..=28).contains(&(i - start)) && (27..=40).contains(&(end - i - 8));
    (good && looks::random(part(text, start..i))).then_some((start..end, "discord_token"))
}

/// `host:5432:database:user:password` on a line of its own. `i` is at the first colon.
pub(super) fn pgpass(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let port = run(text, i + 1, 6, |b| b.is_ascii_digit() || b == b'*');
    // Two digits are a part of a time, or of a network card's address.
    if at(text, port) != b':' || (port < i + 4 && at(text, i + 1) != b'*') {
        return None;
    }
    let start = run_back(text, i, 128, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'*' | b'_' | b'/')
    });
    let alone = matches!(before(text, start), 0 | b'\n' | b'\r' | b'"' | b'\'');
    let field = |from: usize| {
        let end =
            run(text, from, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'*' | b'.'));
        (at(text, end) == b':' && end > from).then_some(end + 1)
    };
    let password = field(port + 1).and_then(field).filter(|_| alone && start < i)?;
    let end = run(text, password, 256, |b| !b.is_ascii_whitespace() && !matches!(b, b'"' | b'\''));
    if end == password || looks::harmless(part(text, password..end)) {
        return None;
    }
    marks.add(password..end, Kind::Secret, "pgpass");
    Some(end)
}
