//! JSON that two readers cannot read differently, and its one canonical spelling (RFC 8785).
//!
//! What comes from a peer or is bound by a digest passes [`strict`]: UTF-8, one document, no duplicate member names, no
//! lone surrogates, bounded size and depth, and every number written so that an IEEE double says exactly the same. The
//! last matters for binding: where one reader rounds and another does not, an approved body and a sent one could differ.

use serde::{
    Serialize,
    de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value, map::Entry};

/// How much a document may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes.
    pub size: usize,
    /// Nesting of arrays and objects.
    pub depth: usize,
}

impl Limits {
    /// What the filter reads of an answer (protocol part 4, HTTP).
    pub const ANSWER: Self = Self { size: crate::names::MAX_ANSWER, depth: crate::names::MAX_DEPTH };
}

/// Why a document was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonFault {
    /// Over the size limit.
    #[error("the document is larger than {0} bytes")]
    TooLarge(usize),
    /// Nested too deeply, or an array or object too many.
    #[error("the document nests deeper than {0} levels")]
    TooDeep(usize),
    /// A member name occurs twice in one object.
    #[error("a member name occurs twice in one object")]
    Duplicate,
    /// A number that readers may round differently.
    #[error("a number is not exactly an IEEE double")]
    Inexact,
    /// Not JSON, or not UTF-8, or more than one document.
    #[error("not one JSON document in UTF-8")]
    Malformed,
}

/// Which member counts where a name occurs twice in one object. A third time is refused in every reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// None: the document is refused.
    Refused,
    /// The first, as some readers have it.
    First,
    /// The last, as most readers have it.
    Last,
}

/// Reads `bytes` as exactly one document within `limits`.
///
/// # Errors
/// The first [`JsonFault`] found; nothing of the document is in it.
pub fn strict(bytes: &[u8], limits: &Limits) -> Result<Value, JsonFault> {
    reading(bytes, limits, Repeated::Refused)
}

/// Reads `bytes` as [`strict`] does, except for names that occur twice: this is how one kind of reader sees them. For
/// judging only; nothing that is bound or comes from a peer is read like this.
///
/// # Errors
/// As [`strict`].
pub fn reading(bytes: &[u8], limits: &Limits, repeated: Repeated) -> Result<Value, JsonFault> {
    if bytes.len() > limits.size {
        return Err(JsonFault::TooLarge(limits.size));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: limits.depth, repeated }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| match error.to_string() {
            text if text.starts_with(DUPLICATE) => JsonFault::Duplicate,
            text if text.starts_with(TOO_DEEP) => JsonFault::TooDeep(limits.depth),
            _ => JsonFault::Malformed,
        })?;
    if numbers_are_exact(bytes) { Ok(value) } else { Err(JsonFault::Inexact) }
}

/// The canonical bytes of a value.
pub fn jcs(value: &Value) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).unwrap_or_default()
}

/// The canonical bytes of anything that serialises to JSON. What cannot (a map with keys that are no strings) gives no
/// bytes at all, which no peer's digest equals.
pub fn jcs_of(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_value(value).map(|value| jcs(&value)).unwrap_or_default()
}

const DUPLICATE: &str = "duplicate member";
const TOO_DEEP: &str = "too deep";

/// The most names of one object that may occur twice.
const MOST_TWICE: usize = 8;

/// Builds a `Value`; `depth` is what is left.
struct Strict {
    depth: usize,
    repeated: Repeated,
}

impl Strict {
    fn inner<E: serde::de::Error>(&self) -> Result<Strict, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Strict { depth, ..*self }),
            None => Err(E::custom(TOO_DEEP)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.inner()?)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        let mut twice: Vec<String> = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            let member = members.next_value_seed(self.inner()?)?;
            match object.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(member);
                }
                Entry::Occupied(mut place) => {
                    let name = place.key();
                    let again = twice.len() >= MOST_TWICE || twice.contains(name);
                    if again || self.repeated == Repeated::Refused {
                        return Err(A::Error::custom(DUPLICATE));
                    }
                    twice.push(name.clone());
                    if self.repeated == Repeated::Last {
                        place.insert(member);
                    }
                }
            }
        }
        Ok(Value::Object(object))
    }
}

/// Whether each number token of a *valid* document has exactly the value of the double it reads as.
fn numbers_are_exact(document: &[u8]) -> bool {
    let mut rest = document;
    while let Some((&byte, after)) = rest.split_first() {
        match byte {
            b'"' => rest = after_string(after),
            b'-' | b'0'..=b'9' => {
                let end =
                    rest.iter().position(|b| !matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'));
                let (token, next) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, &[]));
                if !is_exact(token) {
                    return false;
                }
                rest = next;
            }
            _ => rest = after,
        }
    }
    true
}

/// What follows the closing quote of a string whose opening one is already read.
fn after_string(mut rest: &[u8]) -> &[u8] {
    while let Some((&byte, after)) = rest.split_first() {
        match byte {
            b'"' => return after,
            b'\\' => rest = after.get(1..).unwrap_or_default(),
            _ => rest = after,
        }
    }
    rest
}

fn is_exact(token: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(token) else { return false };
    let Ok(double) = text.parse::<f64>() else { return false };
    // The shortest text that reads back as the same double: equal decimals mean that nothing was rounded away.
    let shortest = format!("{double:e}");
    double.is_finite() && Decimal::of(text) == Decimal::of(&shortest)
}

/// A decimal number without leading or trailing zeros: `0.digits * 10^exponent`.
#[derive(PartialEq)]
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    fn of(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent: i64 = exponent.parse().ok()?;
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let leading = all.iter().take_while(|digit| **digit == b'0').count();
        let trailing = all.iter().rev().take_while(|digit| **digit == b'0').count();
        let digits = all.get(leading..all.len().saturating_sub(trailing)).unwrap_or_default().to_vec();
        if digits.is_empty() {
            return Some(Self { negative: false, digits, exponent: 0 });
        }
        let point = i64::try_from(whole.len()).ok()?.checked_sub(i64::try_from(leading).ok()?)?;
        Some(Self { negative, digits, exponent: exponent.checked_add(point)? })
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn read(text: &str) -> Result<Value, JsonFault> {
        strict(text.as_bytes(), &Limits { size: 200, depth: 4 })
    }

    #[test]
    fn duplicate_names_are_refused_at_every_depth_and_spelling() {
        assert_eq!(read(r#"{"a":1,"a":2}"#), Err(JsonFault::Duplicate));
        assert_eq!(read(r#"[{"x":{"a":1,"\u0061":2}}]"#), Err(JsonFault::Duplicate));
        assert!(read(r#"{"a":{"a":1},"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn each_kind_of_reader_has_its_own_reading_of_a_repeated_name() {
        let limits = Limits { size: 200, depth: 4 };
        let of = |text: &str, repeated| reading(text.as_bytes(), &limits, repeated);
        let twice = r#"{"x":[{"a":1,"\u0061":2}]}"#;
        assert_eq!(of(twice, Repeated::First), Ok(serde_json::json!({"x": [{"a": 1}]})));
        assert_eq!(of(twice, Repeated::Last), Ok(serde_json::json!({"x": [{"a": 2}]})));
        assert_eq!(of(twice, Repeated::Refused), Err(JsonFault::Duplicate));
        assert_eq!(of(r#"{"a":1,"a":2,"a":1}"#, Repeated::Last), Err(JsonFault::Duplicate));
    }

    #[test]
    fn limits_hold() {
        assert_eq!(read("[[[[[1]]]]]"), Err(JsonFault::TooDeep(4)));
        assert!(read("[[[[1]]]]").is_ok());
        assert_eq!(read(&format!("\"{}\"", "x".repeat(300))), Err(JsonFault::TooLarge(200)));
    }

    #[test]
    fn only_one_document_in_utf8_is_read() {
        for bad in ["", "{} {}", "{", "nul", r#""\ud800""#, "\u{feff}{}", "01", "1e999"] {
            assert_eq!(read(bad), Err(JsonFault::Malformed), "{bad}");
        }
        assert_eq!(strict(b"\"\xff\"", &Limits::ANSWER), Err(JsonFault::Malformed));
    }

    #[test]
    fn a_number_that_readers_round_differently_is_refused() {
        for good in
            ["0", "-0", "1", "1.0", "1e2", "100", "0.1", "1.5e-7", "9007199254740992", "-12.500", "1E+2"]
        {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in [
            "9007199254740993",
            "0.1000000000000000055",
            "1.00000000000000001",
            "123456789012345678901234567890",
        ] {
            assert_eq!(read(bad), Err(JsonFault::Inexact), "{bad}");
        }
        assert!(read(r#"{"in a string":"9007199254740993 \" 1.00000000000000001"}"#).is_ok());
    }

    #[test]
    fn the_canonical_form_sorts_and_spells_numbers_as_rfc_8785_says() {
        let value =
            read(r#"{"b":[1.0,1e21,0.000001],"a":"\u20ac$\u000F\nA'\u0042\"\\\"/","\u00f6":null}"#).unwrap();
        assert_eq!(
            String::from_utf8(jcs(&value)).unwrap(),
            "{\"a\":\"€$\\u000f\\nA'B\\\"\\\\\\\"/\",\"b\":[1,1e+21,0.000001],\"ö\":null}"
        );
    }
}
