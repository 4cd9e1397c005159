//! What a value looks like, whatever its name: random, a placeholder, or code that fetches it from elsewhere.

use crate::keys::{is_letter, is_no_name, is_type};
use crate::marks::is_masked;

/// How many characters of which sort a value has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shape {
    /// Characters, at most [`LONGEST`].
    pub(crate) length: usize,
    /// Digits of any script.
    pub(crate) digits: usize,
    pub(crate) lower: usize,
    pub(crate) upper: usize,
    /// Characters beyond ASCII that are no digits.
    pub(crate) wide: usize,
    pub(crate) blanks: usize,
}

/// Most characters of a value that are counted: a longer one is no name, number or address.
const LONGEST: usize = 512;

impl Shape {
    pub(crate) fn of(value: &str) -> Self {
        let mut shape = Self::default();
        for c in value.chars().take(LONGEST) {
            shape.length += 1;
            let place = match c {
                ' ' => &mut shape.blanks,
                'a'..='z' => &mut shape.lower,
                'A'..='Z' => &mut shape.upper,
                c if is_digit(c) => &mut shape.digits,
                c if c.is_ascii() => continue,
                _ => &mut shape.wide,
            };
            *place += 1;
        }
        shape
    }

    /// Whether the value, of this shape, has no marks but `marks`.
    pub(crate) fn only(self, value: &str, marks: &str) -> bool {
        self.length < LONGEST && value.chars().all(|c| is_letter(c) || marks.contains(c))
    }
}

/// A digit: of ASCII, Arabic, Persian, Devanagari, Bengali, Thai, or full width.
pub(crate) fn is_digit(c: char) -> bool {
    matches!(c, '0'..='9' | '٠'..='٩' | '۰'..='۹' | '०'..='९' | '০'..='৯' | '๐'..='๙' | '０'..='９')
}

/// Whether a value looks like the name of a person, of at least `least` words: capital letters or another script, and no
/// word that is in names of other things. Scripts that put no space between words need one word only.
pub(crate) fn person(value: &str, least: usize) -> bool {
    const MOST: usize = 6;
    let particle = |word: &str| word.len() <= 4 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'\'');
    let words = || value.split([' ', ',']).filter(|word| !word.is_empty());
    let good = |(place, word): (usize, &str)| {
        let capital = word.starts_with(|c: char| c.is_ascii_uppercase() || !c.is_ascii());
        let spelt = |c: char| (is_letter(c) && !is_digit(c)) || matches!(c, '\'' | '-' | '.');
        (capital || (place > 0 && particle(word))) && word.chars().all(spelt)
    };
    let count = words().take(MOST + 1).count();
    value.len() <= 100
        && (count >= least || value.starts_with(|c| c >= '\u{e00}'))
        && count <= MOST
        && value.chars().filter(|&c| is_letter(c)).count() > 1
        && words().enumerate().all(good)
        && !words().next_back().is_some_and(particle)
        && !words().any(|word| is_no_name(word.trim_end_matches('.')))
}

/// Whether a value looks like the address of a house: words and a short number, or many characters of a script that needs
/// no spaces.
pub(crate) fn house(value: &str) -> bool {
    let Shape { digits, lower, upper, wide, blanks, .. } = Shape::of(value);
    let dense = value.chars().filter(|&c| c >= '\u{2e80}').count();
    let number = value
        .split([' ', ',', '\n'])
        .any(|word| word.chars().take(5).any(is_digit) && word.chars().filter(|&c| is_digit(c)).count() <= 5);
    dense >= 6
        || (dense >= 3 && digits > 0)
        || (blanks > 0 && number && upper + wide > 0 && lower + upper + wide >= 4)
}

/// Whether a value is written as the end of a card's life is: `06/29`, `06/2029`, `06-29`.
pub(crate) fn expiry(value: &str) -> bool {
    let Some((month, year)) = value.split_once(['/', '-']) else { return false };
    let (month, year) = (month.trim(), year.trim());
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let good = |month: &str, year: &str| {
        matches!(month.len(), 1 | 2)
            && matches!(year.len(), 2 | 4)
            && month.parse().is_ok_and(|month: u8| (1..=12).contains(&month))
            && number(month)
            && number(year)
    };
    good(month, year) || (year.len() == 2 && month.len() == 4 && good(year, month))
}

/// Whether a value is long and random enough to be a key. Digests and UUIDs are not: they identify, they do not open.
///
/// Integers only, no logarithm: few repeated characters and frequent changes between letters and digits tell a key from
/// a word as well as entropy does at these lengths, and cost less code.
pub(crate) fn random(value: &str) -> bool {
    let plain = |b: u8| {
        b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-' | b'.' | b'~' | b'%')
    };
    // Base64 has few slashes; paths have many.
    let slashes = value.bytes().filter(|b| *b == b'/').count();
    let word = |piece: &str| piece.len() >= 4 && piece.bytes().all(|b| b.is_ascii_lowercase());
    let path =
        slashes > 0 && (slashes * 12 > value.len() + 24 || value.contains('.') || value.split('/').any(word));
    if value.len() < 16 || path || !value.bytes().all(plain) || is_uuid(value) || is_digest(value) {
        return false;
    }
    let mut distinct = 0_u128;
    let (mut lower, mut upper, mut digits, mut changes) = (0, 0, 0, 0);
    let mut previous = 0_u8;
    for b in value.bytes() {
        distinct |= 1 << (b & 127);
        lower += usize::from(b.is_ascii_lowercase());
        upper += usize::from(b.is_ascii_uppercase());
        digits += usize::from(b.is_ascii_digit());
        changes += usize::from(b.is_ascii_digit() != previous.is_ascii_digit() && previous != 0);
        previous = b;
    }
    let mixed = digits >= 2 && (lower > 0 || upper > 0);
    let jumbled = changes >= 3 || (lower > 3 && upper > 3 && digits > 0);
    mixed && jumbled && distinct.count_ones() >= 9
}

/// `8-4-4-4-12` hexadecimal digits.
pub(crate) fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Hexadecimal of the length of MD5, SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512, with or without the algorithm's name.
pub(crate) fn is_digest(value: &str) -> bool {
    let hex = value.rsplit(':').next().unwrap_or(value);
    matches!(hex.len(), 32 | 40 | 56 | 64 | 96 | 128) && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether there is nothing to hide in a value although its name says secret: already masked, empty, a placeholder, a
/// reference to where the secret lies, or the name of a type.
pub(crate) fn harmless(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "true",
        "false",
        "null",
        "none",
        "nil",
        "undefined",
        "yes",
        "no",
        "string",
        "str",
        "text",
        "required",
        "optional",
        "redacted",
        "uuid",
        "integer",
        "bearer",
        "basic",
        "invalid",
        "expired",
        "incorrect",
        "missing",
        "enabled",
        "disabled",
        "revoked",
        "unset",
        "unknown",
    ];
    let value = value.trim();
    let mut alphanumeric = value.chars().filter(|&c| is_letter(c));
    let Some(first) = alphanumeric.next() else { return true };
    let same = value.len() > 2 && value.chars().all(|c| c == first) && matches!(first, 'x' | 'X' | '0');
    let quoted =
        |open: &str, close: char| value.len() < 256 && value.starts_with(open) && value.ends_with(close);
    // A colour is none.
    let colour = matches!(value.len(), 4 | 7)
        && value.strip_prefix('#').is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    same || colour
        || placeholder(value)
        || is_masked(value)
        || WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
        || quoted("${", '}')
        || quoted("$(", ')')
        || quoted("{{", '}')
        || (quoted("%", '%') && value.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'%' | b'_')))
        || (quoted("<", '>') && !value.contains("</"))
        || quoted("#{", '}')
        || quoted("%(", 's')
        || quoted("^", '$')
        || (quoted("{", '}') && !value.contains([':', '"', ' ']))
        || (value.len() == 2 && value.starts_with('%'))
        || value
            .strip_prefix(':')
            .is_some_and(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        || value.strip_prefix('$').is_some_and(|name| {
            name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
                || name.bytes().all(|b| b.is_ascii_digit())
        })
        || is_type(value)
}

/// Small words inside names of people.
const PARTICLES: &[&str] = &[
    "de", "la", "der", "van", "von", "den", "del", "da", "dos", "das", "du", "le", "bin", "ibn", "binti",
    "al", "el", "di", "y", "e", "af", "av", "ten", "ter", "zu", "do", "des", "della", "lo",
];

/// Whether `word` stands between the words of names.
pub(crate) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

/// Whether `word` may be one of a name: it begins with a capital, or with a letter of a script that has none.
fn is_capital(word: &str) -> bool {
    let good = |c: char| (is_letter(c) && !c.is_ascii_digit()) || matches!(c, '\'' | '.' | '-');
    word.starts_with(|c: char| is_letter(c) && !c.is_ascii_lowercase()) && word.chars().all(good)
}

/// The name that `text` ends with: words with capitals, and small words that names have between them.
pub(crate) fn name_at_end(text: &str) -> &str {
    let mut start = text.len();
    let mut at = text.len();
    for word in text.rsplit(' ') {
        at -= word.len();
        if is_capital(word) {
            start = at;
        } else if !is_particle(word) {
            break;
        }
        at = at.saturating_sub(1);
    }
    text.get(start..).unwrap_or("")
}

/// Whether a value stands for one that a reader is to put there: `YOUR_API_KEY`, `sk_live_xxxxxxxx`, or one character again
/// and again.
pub(crate) fn placeholder(value: &str) -> bool {
    let (mut longest, mut length, mut previous, mut digits, mut crosses) = (0, 0, 0, 0, 0);
    for b in value.bytes() {
        length = if b == previous { length + 1 } else { 1 };
        longest = longest.max(length);
        digits += usize::from(b.is_ascii_digit());
        crosses += usize::from(b == previous && matches!(b, b'x' | b'X' | b'*'));
        previous = b;
    }
    // At least half of it: real keys have runs, too.
    let half = |count: usize, least: usize| count >= least && count * 2 >= value.len();
    let yours = || {
        let lower = value.to_ascii_lowercase();
        lower.contains("your_") || lower.contains("your-")
    };
    half(crosses, 5) || half(longest, 12) || (digits == 0 && value.len() < 64 && yours())
}

/// Whether an unquoted value is an expression of a programming language rather than a value.
pub(crate) fn code(value: &str) -> bool {
    const ROOTS: &[&str] = &[
        "process.env",
        "os.",
        "env.",
        "var.",
        "local.",
        "data.",
        "self.",
        "this.",
        "secrets.",
        "config.",
        "settings.",
        "vault.",
        "args.",
        "ctx.",
        "req.",
        "request.",
        "module.",
        "System.",
        "ConvertTo-",
        "Get-",
        "Read-Host",
        "$(",
        "!vault",
        "!Ref",
        "!Sub",
        "!GetAtt",
        "!ENV",
        "!ImportValue",
    ];
    let called = value.find(['(', '[']).is_some_and(|open| {
        open > 0
            && value
                .bytes()
                .take(open)
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'!'))
    });
    called || ROOTS.iter().any(|root| value.starts_with(root)) || value.ends_with(".strip()")
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn keys_look_random_and_names_digests_and_uuids_do_not() {
        for value in ["nVLWkM6YCrELqocD2Eo4C0Na1ayAKsoP06m", "6php2-onk7a966zuh8ulnp6kl-5itwprebkcplee"] {
            assert!(random(value), "{value}");
        }
        for value in [
            "prod.public.customers",
            "the-quick-brown-fox-jumps",
            "c3cf491e-d2c5-4536-b276-9286cb260ef7",
            "9f2c1e7ab0d34c55e1f0a6b7c8d9e0f112233445",
            "2026-11-21T06:18:00Z",
            "short1A",
        ] {
            assert!(!random(value), "{value}");
        }
    }

    #[test]
    fn placeholders_and_masks_are_harmless_and_passwords_are_not() {
        for value in [
            "",
            "***",
            "${API_KEY}",
            "$DB_PASSWORD",
            "{{ token }}",
            "[secret]",
            "null",
            "XXXXXXXX",
            "<token>",
        ] {
            assert!(harmless(value), "{value}");
        }
        for value in ["hunter2", "[secret]x", "changeme", "$ecret", "0"] {
            assert!(!harmless(value), "{value}");
        }
    }
}
