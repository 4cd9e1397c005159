//! Telephone numbers: international ones with a country code that exists (ITU-T E.164), national ones in a shape that
//! nothing else has, and any other digits where words nearby say telephone.
//!
//! What it cannot know: digits alone, without a sign, groups or words.

use crate::bytes::{at, before, rest, run, starts_with_any_case};
use crate::detect::Scan;
use crate::detect::number::Near;
use crate::detect::number::dial::{Dial, is_count};
use crate::detect::number::glyph::glyph;
use crate::detect::number::run::{ends, goes_on};
use crate::kind::Kind;
use crate::marks::Marks;

/// Country codes with how many digits may follow. Of three digits, see [`country`].
const COUNTRIES: &[(u16, usize, usize)] = &[
    (1, 10, 10),
    (7, 10, 10),
    (20, 8, 10),
    (27, 9, 9),
    (30, 10, 10),
    (31, 9, 9),
    (32, 8, 9),
    (33, 9, 9),
    (34, 9, 9),
    (36, 8, 9),
    (39, 8, 11),
    (40, 9, 9),
    (41, 9, 9),
    (43, 7, 13),
    (44, 9, 10),
    (45, 8, 8),
    (46, 7, 10),
    (47, 8, 8),
    (48, 9, 9),
    (49, 6, 12),
    (51, 8, 9),
    (52, 10, 11),
    (53, 6, 8),
    (54, 10, 11),
    (55, 10, 11),
    (56, 8, 9),
    (57, 8, 10),
    (58, 10, 10),
    (60, 8, 10),
    (61, 9, 9),
    (62, 7, 12),
    (63, 8, 10),
    (64, 8, 10),
    (65, 8, 8),
    (66, 8, 9),
    (81, 9, 10),
    (82, 8, 10),
    (84, 8, 10),
    (86, 10, 11),
    (90, 10, 10),
    (91, 10, 10),
    (92, 9, 10),
    (93, 9, 9),
    (94, 9, 9),
    (95, 7, 10),
    (98, 10, 10),
];

/// Three digits: from, to.
const LONG: &[(u16, u16)] = &[
    (211, 213),
    (216, 216),
    (218, 218),
    (220, 258),
    (260, 269),
    (290, 291),
    (297, 299),
    (350, 359),
    (370, 383),
    (385, 387),
    (389, 389),
    (420, 421),
    (423, 423),
    (500, 509),
    (590, 599),
    (670, 692),
    (800, 800),
    (808, 808),
    (850, 856),
    (870, 883),
    (886, 888),
    (960, 979),
    (992, 998),
];

/// Words that say telephone.
const WORDS: &str = "phone|telephone|tel|cell phone|cell no|cell number|cell is|my cell|mobile|mob|fax|whatsapp|viber|sms|msisdn|hotline|dial|call me|call us|call him|\
    call her|call back|callback|reach me|reach us|contact no|contact number|phones|☎|📞|📱|\
    telefon|telefono|telefone|telefoon|telemovel|celular|movil|portable|handy|mobil|mobiel|gsm|puhelin|puh|matkapuh|tlf|tfn|durchwahl|\
    rufnummer|ruf|numero de tel|cellulare|komorka|komorkowy|komorkow|cep|tel no|mobilni|телефон|тел|моб|сотов|факс|тлф|τηλ|κινητο|\
    电话|電話|手机|手機|携帯|연락처|전화|휴대|핸드폰|โทร|มือถือ|điện thoại|dien thoai|sdt|sđt|फोन|फ़ोन|मोबाइल|هاتف|جوال|موبايل|تلفن|טלפון|נייד|\
    telepon|telpon|nomor hp|hp|no hp|telepono|simu|nomor telepon|ফোন|தொலைபேசி|тэл|հեռ";

/// Words that say it only of digits in groups.
const HINTS: &str = "call|ring|cell|text|text me|reach|contact|office|desk|home|work|direct|switchboard|ext|appel|appelez|ruf|anruf|rufen|llame|\
    llamar|chiama|ligue|bel|zadzwon|позвон|звон|message on my|registered|number is|numbers are|kontakt";

/// Words right before digits that are none.
const OTHERS: &str = "order|invoice|ticket|ref|reference|case|transaction|tx|batch|row|rows|version|build|line|port|pid|total|amount|sum|\
    usd|eur|gbp|account|acct|isbn|ean|sku|zip|id|uid|issue|pr|commit|page|item|seq|epoch|timestamp|ts|time|size|bytes|card|iban|\
    code|pin|otp|price|error|status|date|year";

pub(crate) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let (first, previous) = (glyph(text, i).0, before(text, i));
    // `a/1`, `1/2`
    let path = previous == b'/' && before(text, i - 1).is_ascii_alphanumeric();
    let may = match first {
        b'0'..=b'9' => !goes_on(text, i) && !path,
        b'+' => {
            at(text, i + 1) != b' '
                && !previous.is_ascii_alphanumeric()
                && !matches!(previous, b'_' | b'@' | b'.')
        }
        b'(' => !goes_on(text, i) && (!previous.is_ascii_alphanumeric() || at(text, i) == b'%'),
        _ => false,
    };
    if !may {
        return None;
    }
    let dial = Dial::read(text, i);
    let blanks = dial.groups.iter().any(|group| group.gap == b' ');
    let listed = blanks && previous == b' ' && before(text, i - 1).is_ascii_hexdigit();
    let count = abroad(&dial, previous == b'+', listed)
        .or_else(|| unmistakable(&dial, listed))
        .or_else(|| called(text, i, &dial, marks))?;
    let end = dial.groups(count).last()?.end;
    let end = extension(text, end).unwrap_or(end);
    // `030 1234567-office`
    let word = at(text, end) == b'-' && at(text, end + 1).is_ascii_alphabetic();
    if !ends(text, end) && !word {
        return None;
    }
    marks.add(i..end, Kind::Phone, "phone");
    Some(end)
}

/// How many groups an international number takes, `joined` to another plus sign or not. The longest that its country allows; where groups show that it was
/// written to be read, also one that the country does not.
fn abroad(dial: &Dial, joined: bool, listed: bool) -> Option<usize> {
    // Six pairs are a hardware address.
    let pairs = dial.count == 6 && dial.groups(6).iter().all(|group| group.digits == 2);
    let zeros = !dial.plus && !pairs && !listed && dial.digits(dial.count).starts_with(b"00");
    if !dial.plus && !zeros {
        return None;
    }
    let fits = |count: &usize, strict: bool| {
        let groups = dial.groups(*count);
        let Some(digits) = dial.digits(*count).get(if zeros { 2 } else { 0 }..) else { return false };
        country(digits).is_some_and(|(width, least, most)| {
            // The code is a group of its own, or inside the first.
            let first = groups.first().map_or(0, |group| group.digits);
            if zeros && first != 2 && first < width + 2 {
                return false;
            }
            let national = digits.get(width..).unwrap_or_default();
            let national = if national.starts_with(b"0") { national.len() - 1 } else { national.len() };
            if strict {
                (least..=most).contains(&national) && !(zeros && groups.len() == 1)
            } else {
                dial.plus && !joined && (5..=12).contains(&national) && groups.len() > 1 && !is_count(groups)
            }
        })
    };
    let counts = || (1..=dial.count).rev();
    counts().find(|count| fits(count, true)).or_else(|| counts().find(|count| fits(count, false)))
}

/// The width of the country code that `digits` begin with, and how many may follow it.
fn country(digits: &[u8]) -> Option<(usize, usize, usize)> {
    let head = |width: usize| {
        digits.iter().take(width).fold(0_u16, |n, &digit| n * 10 + u16::from(digit.wrapping_sub(b'0')))
    };
    let short = |width: usize| {
        COUNTRIES.iter().find(|(code, ..)| *code == head(width)).map(|&(_, least, most)| (width, least, most))
    };
    let long = || LONG.iter().any(|&(from, to)| (from..=to).contains(&head(3))).then_some((3, 6, 10));
    let given = digits.first().is_some_and(|digit| *digit != b'0');
    short(1).or_else(|| short(2)).or_else(long).filter(|_| given)
}

/// How many groups a national number takes that looks like nothing else. `listed`: another number stands right before.
fn unmistakable(dial: &Dial, listed: bool) -> Option<usize> {
    if dial.is_date() || dial.plus {
        return None;
    }
    (2..=dial.count).rev().find(|&count| {
        let (groups, digits) = (dial.groups(count), dial.digits(count));
        let total = digits.len();
        let sizes = |wanted: &[usize]| groups.iter().map(|group| group.digits).eq(wanted.iter().copied());
        let size = |n: usize| groups.get(n).map_or(0, |group| group.digits);
        let digit = |n: usize| digits.get(n).copied().unwrap_or(0);
        // `(212) 555-0147`, `(08) 9601 8442`, `8 (495) 123-45-67`
        let year = size(0) == 4 && matches!(digits.first_chunk(), Some(b"19" | b"20"));
        let closed = groups.get(dial.bracket).is_some_and(|group| group.gap == b')');
        let bracket = match dial.bracket {
            1 => (2..=5).contains(&size(0)) && (8..=11).contains(&total) && !year,
            2 => size(0) == 1 && (2..=5).contains(&size(1)) && (9..=12).contains(&total),
            _ => false,
        } && closed;
        // `212-555-0147`, `1.212.555.0147` (North America); elsewhere blanks are as good.
        let lead = usize::from(sizes(&[1, 3, 3, 4]) && digit(0) == b'1');
        let america = (lead == 1 || sizes(&[3, 3, 4]))
            && digit(lead) >= b'2'
            && digit(lead + 3) >= b'2'
            && groups.iter().skip(1).all(|group| matches!(group.gap, b'-' | b'.'));
        // `020 7946 0164`, `0171/2345678`, `01 23 45 67 89`, `0 532 123 45 67`
        let first = usize::from(size(0) == 1);
        let trunk = digit(0) == b'0'
            && digit(1) != b'0'
            && (2..=5).contains(&size(first))
            && (9..=11).contains(&total)
            && groups.iter().skip(1).all(|group| group.digits > 1)
            && (first == 0 || groups.get(1).is_some_and(|group| matches!(group.gap, b' ' | b'-')))
            && !(first == 1 && (count < 4 || size(1) != 3))
            // Not one number of many in a row.
            && !listed
            && !dial.groups.get(count).is_some_and(|next| next.digits > 0 && next.gap == b' ')
            && !(sizes(&[5, 4]) && groups.iter().skip(1).all(|group| group.gap == b'-'))
            && !groups.iter().skip(1).any(|group| group.gap == b'.' && groups.len() == 2);
        bracket || america || trunk
    })
}

/// How far from one number of a list the next may stand.
const BESIDE: usize = 24;

/// How many groups are a number because words nearby say so.
fn called(text: &str, i: usize, dial: &Dial, marks: &Marks) -> Option<usize> {
    let count = (1..=dial.count).rev().find(|&count| {
        let groups = dial.groups(count);
        // A digit alone behind a blank is the next word.
        let alone = groups.last().is_some_and(|last| last.digits == 1 && last.gap == b' ');
        let versions = groups.iter().any(|group| group.gap == b'.' && group.digits < 2);
        (6..=15).contains(&dial.digits(count).len()) && !(alone && count > 2) && !versions
    })?;
    let groups = dial.groups(count);
    // `4779.75`
    let amount = matches!(groups, [_, cents] if cents.gap == b'.' && cents.digits < 4);
    if dial.is_date() || amount {
        return None;
    }
    let near = Near::new(text, i, groups.last()?.end);
    if near.is_called(OTHERS) {
        return None;
    }
    let written = dial.digits(count).len() > 6
        && ((count > 1 && !is_count(groups)) || dial.digits(count).starts_with(b"0"));
    let another = || marks.last_end(Kind::Phone).is_some_and(|end| i.saturating_sub(end) <= BESIDE);
    let said = near.says(WORDS) || (written && (another() || near.says(HINTS)));
    said.then_some(count)
}

/// Where the extension ends that follows at `end`: `x771`, `ext. 12`, `доб. 12`, `#12`.
fn extension(text: &str, end: usize) -> Option<usize> {
    let word = run(text, end, 2, |b| matches!(b, b' ' | b','));
    let names = ["extension", "ext", "x", "#", "доб", "poste", "interno", "int", "dw", "anexo", "ramal"];
    let name = names.into_iter().find(|name| starts_with_any_case(rest(text, word), name))?;
    let digits = run(text, word + name.len(), 3, |b| matches!(b, b' ' | b'.' | b':'));
    let end = run(text, digits, 7, |b| b.is_ascii_digit());
    (1..=6).contains(&(end - digits)).then_some(end)
}
