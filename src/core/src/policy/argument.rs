//! Comparisons on members of a body.
//!
//! For a rule that guards, a member counts in every spelling that some server accepts: names in any case, numbers
//! written as text; what cannot be compared is [`Fit::Unknown`]. For a rule that releases, only the exact member counts.

use serde_json::Value;

use super::{ArgumentDoc, fit::Fit, pattern::Glob, pattern::Reading};
use crate::action::Document;

/// A compiled comparison.
#[derive(Debug)]
pub(super) struct Argument {
    pointer: Vec<String>,
    comparison: Comparison,
    /// The pointer as written, for explanations.
    pub(super) written: String,
}

#[derive(Debug)]
enum Comparison {
    OneOf(Vec<Value>),
    GreaterThan(f64),
    LessThan(f64),
    Matches(Glob),
    Exists,
    Missing,
}

impl Argument {
    /// Compiles a comparison; the error is a sentence about it.
    pub(super) fn new(document: &ArgumentDoc) -> Result<Self, String> {
        let ArgumentDoc { pointer: written, equals, one_of, greater_than, less_than, matches, exists } =
            document;
        let pointer = tokens(written).ok_or_else(|| {
            format!("bad pointer `{written}`: a JSON Pointer starts with `/`, and `~` is written `~0`")
        })?;
        let glob = match matches {
            Some(text) => Some(Glob::new(text).map_err(|bad| format!("bad pattern `{text}`: {bad}"))?),
            None => None,
        };
        let mut written_ones = [
            equals.clone().map(|value| Comparison::OneOf(vec![value])),
            one_of.clone().map(Comparison::OneOf),
            greater_than.map(Comparison::GreaterThan),
            less_than.map(Comparison::LessThan),
            glob.map(Comparison::Matches),
            exists.map(|exists| if exists { Comparison::Exists } else { Comparison::Missing }),
        ]
        .into_iter()
        .flatten();
        let one = "write exactly one of `equals`, `one_of`, `greater_than`, `less_than`, `matches`, `exists`";
        match (written_ones.next(), written_ones.next()) {
            (Some(comparison), None) => Ok(Self { pointer, comparison, written: written.clone() }),
            _ => Err(format!("the argument `{written}` has no comparison, or several: {one}")),
        }
    }

    /// Whether the document has such a member.
    pub(super) fn fit(&self, document: &Document, reading: Reading) -> Fit {
        let value = match document {
            Document::Read(value) => value,
            Document::Absent => &Value::Null,
            Document::Opaque => return Fit::Unknown,
        };
        let mut found = Vec::new();
        find(value, &self.pointer, reading, &mut found);
        match (&self.comparison, found.is_empty()) {
            (Comparison::Exists, empty) => Fit::of(!empty),
            (Comparison::Missing, empty) => Fit::of(empty),
            (_, true) => Fit::No,
            (comparison, false) => {
                let fits = found.into_iter().map(|value| comparison.fit(value, reading));
                match reading {
                    // One member that fits is enough to guard, each must to release.
                    Reading::Guarding => fits.fold(Fit::No, Fit::or),
                    Reading::Releasing => fits.fold(Fit::Yes, Fit::and),
                }
            }
        }
    }
}

impl Comparison {
    fn fit(&self, value: &Value, reading: Reading) -> Fit {
        match self {
            Self::OneOf(wanted) => {
                wanted.iter().map(|wanted| equal(wanted, value, reading)).fold(Fit::No, Fit::or)
            }
            Self::GreaterThan(bound) => number(value, reading, |number| number > *bound),
            Self::LessThan(bound) => number(value, reading, |number| number < *bound),
            Self::Matches(glob) => match (text(value), reading) {
                (Some(text), Reading::Guarding) => Fit::of(glob.matches(&text, reading)),
                (None, Reading::Guarding) => Fit::Unknown,
                (_, Reading::Releasing) => {
                    Fit::of(value.as_str().is_some_and(|text| glob.matches(text, reading)))
                }
            },
            // Seen to before any value is looked at.
            Self::Exists => Fit::Yes,
            Self::Missing => Fit::No,
        }
    }
}

fn equal(wanted: &Value, value: &Value, reading: Reading) -> Fit {
    // Numbers that are written differently and are the same: `1` and `1.0`.
    let same = |(a, b): (f64, f64)| a.total_cmp(&b).is_eq();
    if wanted == value || wanted.as_f64().zip(value.as_f64()).is_some_and(same) {
        return Fit::Yes;
    }
    match (reading, text(wanted), text(value)) {
        (Reading::Guarding, Some(wanted), Some(value)) => Fit::of(wanted.eq_ignore_ascii_case(value.trim())),
        (Reading::Guarding, Some(_), None) => Fit::Unknown,
        (Reading::Guarding, None, _) | (Reading::Releasing, _, _) => Fit::No,
    }
}

fn number(value: &Value, reading: Reading, holds: impl Fn(f64) -> bool) -> Fit {
    let number = match (value, reading) {
        (Value::Number(number), _) => number.as_f64(),
        (Value::String(text), Reading::Guarding) => {
            text.trim().parse().ok().filter(|number: &f64| !number.is_nan())
        }
        _ => None,
    };
    match (number, reading) {
        (Some(number), _) => Fit::of(holds(number)),
        (None, Reading::Guarding) => Fit::Unknown,
        (None, Reading::Releasing) => Fit::No,
    }
}

/// A scalar as text; `None` for a list or an object.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => Some("null".to_owned()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// The tokens of a JSON Pointer.
pub(super) fn tokens(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let token = |text: &str| {
        let broken = text.replace("~0", "").replace("~1", "").contains('~');
        (!broken).then(|| text.replace("~1", "/").replace("~0", "~"))
    };
    pointer.strip_prefix('/')?.split('/').map(token).collect()
}

/// Every value that a pointer leads to; a `*` leads to each member or item.
fn find<'v>(value: &'v Value, pointer: &[String], reading: Reading, found: &mut Vec<&'v Value>) {
    let Some((token, rest)) = pointer.split_first() else {
        found.push(value);
        return;
    };
    let named = |name: &str| match reading {
        Reading::Guarding => name.eq_ignore_ascii_case(token),
        Reading::Releasing => name == token,
    };
    match value {
        Value::Object(members) => {
            for (_, member) in members.iter().filter(|(name, _)| token == "*" || named(name)) {
                find(member, rest, reading, found);
            }
        }
        Value::Array(items) if token == "*" => items.iter().for_each(|item| find(item, rest, reading, found)),
        Value::Array(items) => {
            if let Some(item) = token.parse::<usize>().ok().and_then(|place| items.get(place)) {
                find(item, rest, reading, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
