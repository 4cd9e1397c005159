//! Check digits: what tells a number from any other of its length.

/// A rule that the digits of a match must keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Check {
    /// None.
    #[default]
    None,
    /// ISO/IEC 7812-1, annex B: payment cards, many identity numbers.
    Luhn,
    /// ISO/IEC 7064, MOD 97-10, over letters and digits as they stand: legal entities, many account numbers.
    Mod97,
    /// Verhoeff's scheme: Aadhaar.
    Verhoeff,
    /// The last digit weighs 1, those before it 2, 3, 4 and so on, and the sum is a multiple of 11. An `X` at the end is
    /// ten: ISBN-10.
    Mod11,
}

impl Check {
    /// Every check, and its word.
    pub const ALL: [(&'static str, Self); 5] = [
        ("luhn", Self::Luhn),
        ("mod97", Self::Mod97),
        ("verhoeff", Self::Verhoeff),
        ("mod11", Self::Mod11),
        ("none", Self::None),
    ];

    /// Whether what is written in `text` keeps the rule. Anything but letters and digits does not count.
    pub(super) fn holds(self, text: &str) -> bool {
        let digits = || text.bytes().filter(u8::is_ascii_digit).map(|b| u32::from(b - b'0'));
        match self {
            Self::None => true,
            Self::Luhn => luhn(digits().rev()),
            Self::Mod97 => {
                let values = text.chars().filter_map(|c| c.to_digit(36));
                values.fold(0, |sum, v| (if v < 10 { sum * 10 + v } else { sum * 100 + v }) % 97) == 1
            }
            Self::Verhoeff => verhoeff(digits().rev()),
            Self::Mod11 => {
                let ten = text.ends_with(['X', 'x']).then_some(10);
                let weighed = ten.into_iter().chain(digits().rev()).zip(1..);
                let (count, sum) =
                    weighed.fold((0, 0), |(n, sum), (d, weight)| (n + 1, (sum + d * weight) % 11));
                count > 1 && sum == 0
            }
        }
    }
}

/// Digits from the last to the first.
fn luhn(digits: impl Iterator<Item = u32>) -> bool {
    let weighed = digits.enumerate().map(|(n, d)| match (n % 2, d) {
        (0, d) => d,
        (_, d) if d > 4 => d * 2 - 9,
        (_, d) => d * 2,
    });
    let (count, sum) = weighed.fold((0, 0), |(n, sum), d| (n + 1, (sum + d) % 10));
    count > 1 && sum == 0
}

/// Digits from the last to the first. The sum runs in the dihedral group of order ten, a digit permuted as often as its
/// place says (J. Verhoeff, Error Detecting Decimal Codes, 1969).
fn verhoeff(digits: impl Iterator<Item = u32>) -> bool {
    const PERMUTED: &[u8; 10] = b"1576283094";
    let mut sum = 0;
    let mut count = 0;
    for (place, mut digit) in digits.enumerate() {
        for _ in 0..place % 8 {
            let index = usize::try_from(digit).unwrap_or(0);
            digit = PERMUTED.get(index).map_or(0, |b| u32::from(b - b'0'));
        }
        // Five turns, and five turns of the mirrored figure.
        sum = match (sum < 5, digit < 5) {
            (true, true) => (sum + digit) % 5,
            (true, false) => 5 + (sum + digit) % 5,
            (false, true) => 5 + (sum + 5 - digit) % 5,
            (false, false) => (sum + 5 - digit % 5) % 5,
        };
        count += 1;
    }
    count > 1 && sum == 0
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn published_numbers_keep_their_rule_and_a_wrong_digit_breaks_it() {
        for (check, good, bad) in [
            (Check::Luhn, "7992 7398 713", "79927398710"),
            (Check::Verhoeff, "2363", "2364"),
            (Check::Verhoeff, "123451", "123541"),
            (Check::Mod97, "79444", "79445"),
            (Check::Mod97, "5493001KJTIIGC8Y1R12", "5493001KJTIIGC8Y1R13"),
            (Check::Mod11, "0-306-40615-2", "0-306-40615-3"),
            (Check::Mod11, "0-8044-2957-X", "0-8044-2957-1"),
        ] {
            assert!(check.holds(good), "{check:?} {good}");
            assert!(!check.holds(bad), "{check:?} {bad}");
        }
        assert!(Check::None.holds("anything"));
    }
}
