//! Check digits and built-in dates, as data: which digits weigh how much, and what the sum must say.
//!
//! Sources: ISO/IEC 7064, ISO/IEC 7812-1 (Luhn), Verhoeff 1969, and what each state publishes on its numbers.

/// One condition on the letters and digits of a number.
#[derive(Clone, Copy, Debug)]
pub(super) enum Check {
    /// The first characters by these weights (base 36), the sum modulo the number; what that says of the next character.
    Sum(&'static str, u32, Rule),
    /// Luhn's sum over all digits, plus this, is a multiple of ten.
    Luhn(u32),
    /// Verhoeff's check over all digits.
    Verhoeff,
    /// ISO 7064 MOD 11,10 from this character on.
    Iso1110(usize),
    /// The last two digits are 97 minus the others modulo 97.
    Rest97,
    /// A date: `d`, `m`, `y` say where its digits lie. In capitals, a day may be 40 more (women, foreigners), a month
    /// by a multiple of ten (other centuries and sexes).
    Date(&'static str),
    /// It begins with none of these.
    Not(&'static str),
    /// It begins with one of these; one that ends in a letter takes all letters there are.
    Begins(&'static str),
    /// It has at least this many digits.
    Digits(usize),
    /// Not all digits are the same.
    Varied,
}

/// What the sum `r` modulo `m` says of the next character. A ten that no digit can say is given by the number in
/// brackets; `X`, `K` and `A` are ten.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    /// There is no next character: `r` is this.
    Only(u32),
    /// It is `r`.
    Is(u32),
    /// It is `m - r`.
    Rest(u32),
    /// It is the last digit of `m - r`.
    RestLast,
    /// It is this letter of the word.
    Letter(&'static str),
}

impl Check {
    /// Whether `number` (digits and capital letters) passes.
    pub(super) fn passes(self, number: &[u8]) -> bool {
        match self {
            Self::Sum(weights, modulus, rule) => {
                let sum: u32 = weights.bytes().zip(number).map(|(weight, &b)| value(weight) * value(b)).sum();
                rule.holds(sum % modulus, modulus, number.get(weights.len()).copied().unwrap_or(0))
            }
            Self::Luhn(more) => luhn(number, more),
            Self::Verhoeff => verhoeff(number),
            Self::Iso1110(from) => {
                let digits = number.get(from..).unwrap_or_default();
                let product = digits.iter().fold(10, |product, &b| {
                    // Before the last step the product has been doubled once too often; the end undoes it.
                    let sum = (value(b) + product) % 10;
                    (if sum == 0 { 10 } else { sum }) * 2 % 11
                });
                product == 2
            }
            Self::Rest97 => {
                let (head, tail) = number.split_at_checked(number.len().wrapping_sub(2)).unwrap_or_default();
                let rest = |first: u64| {
                    let head = head.iter().fold(first, |n, &b| (n * 10 + u64::from(value(b))) % 97);
                    let tail = tail.iter().fold(0, |n, &b| n * 10 + u64::from(value(b)));
                    97 - head == tail
                };
                // Belgians born from 2000 on have a 2 before their nine digits.
                rest(0) || (head.len() == 9 && rest(2))
            }
            Self::Date(mask) => date(mask, number),
            Self::Not(heads) => !begins(heads, number),
            Self::Begins(heads) => begins(heads, number),
            Self::Digits(least) => number.iter().filter(|b| b.is_ascii_digit()).count() >= least,
            Self::Varied => number.iter().any(|b| number.first() != Some(b)),
        }
    }
}

impl Rule {
    fn holds(self, r: u32, m: u32, next: u8) -> bool {
        let says = |wanted: u32, ten: u32| {
            let wanted = if wanted == 10 { ten } else { wanted };
            value(next) == wanted || (wanted == 10 && matches!(next, b'X' | b'K'))
        };
        match self {
            Self::Only(wanted) => r == wanted,
            Self::Is(ten) => says(r, ten),
            Self::Rest(ten) => says((m - r) % m, ten),
            Self::RestLast => says((m - r) % 10, 10),
            Self::Letter(word) => {
                word.as_bytes().get(usize::try_from(r).unwrap_or(usize::MAX)) == Some(&next)
            }
        }
    }
}

/// Digits are themselves, letters go on from ten.
fn value(b: u8) -> u32 {
    u32::from(if b.is_ascii_digit() { b - b'0' } else { b.wrapping_sub(b'A').wrapping_add(10) })
}

fn begins(heads: &str, number: &[u8]) -> bool {
    heads.split(' ').any(|head| {
        let next = number.strip_prefix(head.as_bytes()).and_then(|rest| rest.first());
        next.is_some_and(|next| next.is_ascii_digit() || !head.ends_with(|c: char| c.is_ascii_uppercase()))
    })
}

/// Luhn's check (ISO/IEC 7812-1, annex B) over ASCII digits; letters count by their values' last digit.
pub(crate) fn luhn(number: &[u8], more: u32) -> bool {
    let doubled = |d: u32| if d > 4 { d * 2 - 9 } else { d * 2 };
    let digits = number.iter().rev().map(|&b| value(b) % 10);
    let sum: u32 = digits.enumerate().map(|(n, d)| if n % 2 == 1 { doubled(d) } else { d }).sum();
    (sum + more).is_multiple_of(10)
}

fn verhoeff(number: &[u8]) -> bool {
    // How a digit is exchanged at each next place.
    let exchange =
        |digit: u32| b"1576283094".get(usize::try_from(digit).unwrap_or(0)).map_or(0, |&b| value(b));
    // The product in the group of the pentagon's turns (0 to 4) and flips (5 to 9).
    let product = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b) % 5,
        (false, true) => 5 + (a + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    };
    number
        .iter()
        .rev()
        .enumerate()
        .fold(0, |sum, (place, &b)| product(sum, (0..place % 8).fold(value(b), |digit, _| exchange(digit))))
        == 0
}

fn date(mask: &str, number: &[u8]) -> bool {
    let (mut day, mut month, mut year, mut years) = (0, 0, 0, 0);
    let (mut wide_day, mut wide_month) = (false, false);
    for (what, &b) in mask.bytes().zip(number) {
        let field = match what {
            b'd' | b'D' => &mut day,
            b'm' | b'M' => &mut month,
            b'y' => {
                years += 1;
                &mut year
            }
            _ => continue,
        };
        *field = *field * 10 + value(b);
        wide_day |= what == b'D';
        wide_month |= what == b'M';
    }
    if wide_day && day > 40 {
        // Sweden's coordination numbers add 60.
        day -= if day > 71 { 60 } else { 40 };
    }
    if wide_month && month > 12 {
        // By 20, 40, 60 or 80, or in Czech numbers by 50 or 70.
        month = if (1..=12).contains(&(month % 20)) { 1 } else { (month + 10) % 20 };
    }
    let longest = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    (1..=longest).contains(&day) && (years < 4 || (1880..2100).contains(&year))
}
