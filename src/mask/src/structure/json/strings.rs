//! JSON's strings and numbers (RFC 8259, 6 and 7), read and written.

use crate::bytes::{at, part};
use crate::display::escape;
use crate::structure::Fault;

pub(super) fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    digits(whole)
        && !leading_zero
        && digits(fraction)
        && digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

/// What a string says. A lone surrogate becomes U+FFFD: it hides nothing and reads as what it is.
pub(super) fn unescape(raw: &str) -> Result<String, Fault> {
    let mut out = String::with_capacity(raw.len());
    let mut left = raw;
    while let Some(slash) = left.find('\\') {
        out.push_str(part(left, 0..slash));
        let escaped = at(left, slash + 1);
        let mut width = 2;
        match escaped {
            b'"' | b'\\' | b'/' => out.push(char::from(escaped)),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let high = unit(left, slash)?;
                width = 6;
                let low = if (0xd800..0xdc00).contains(&high) { unit(left, slash + 6).ok() } else { None };
                let pair = low.filter(|low| (0xdc00..0xe000).contains(low));
                if let Some(low) = pair {
                    width = 12;
                    let code = 0x10000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(low) - 0xdc00);
                    out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                } else {
                    out.push(char::from_u32(u32::from(high)).unwrap_or('\u{fffd}'));
                }
            }
            _ => return Err(Fault::Malformed),
        }
        left = part(left, slash + width..left.len());
    }
    out.push_str(left);
    Ok(out)
}

/// The UTF-16 unit of the `\uXXXX` at `i`.
fn unit(text: &str, i: usize) -> Result<u16, Fault> {
    let digits = part(text, i..i + 6).strip_prefix("\\u").ok_or(Fault::Malformed)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Fault::Malformed);
    }
    u16::from_str_radix(digits, 16).map_err(|_| Fault::Malformed)
}

/// Writes what stands in for a number: a string, or `null` where nothing does.
pub(super) fn quote_number(text: &str, out: &mut String) {
    if text.is_empty() { out.push_str("null") } else { quote(text, out) }
}

/// Writes `text` as a JSON string.
pub(super) fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' => escape(c, out),
            c => out.push(c),
        }
    }
    out.push('"');
}
