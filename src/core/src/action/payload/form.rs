//! `application/x-www-form-urlencoded` (WHATWG URL standard, section 5).
//!
//! A form is an object of texts; a field that occurs twice is a list, and, unless its name says that it is one (`a[]`), also
//! its first value alone and its last alone: servers take any of the three. It cannot know what a server makes of `;`.

use serde_json::{Map, Value};

use super::super::{Obscurity, http::each_pair};

/// The most fields of a form.
const MOST_FIELDS: usize = 4096;

/// Every reading of a form.
pub(super) fn readings(text: &[u8]) -> Result<Vec<Value>, Obscurity> {
    let mut fields = Fields::default();
    each_pair(&String::from_utf8_lossy(text), |name, value| {
        fields.add(name, Value::String(value.to_owned()));
    });
    fields.readings()
}

/// Fields in the order in which they came.
#[derive(Default)]
pub(super) struct Fields {
    all: Map<String, Value>,
    count: usize,
    repeated: bool,
}

impl Fields {
    /// One more field.
    pub(super) fn add(&mut self, name: &str, value: Value) {
        self.count += 1;
        if self.count > MOST_FIELDS {
            return;
        }
        match self.all.get_mut(name) {
            None => {
                self.all.insert(name.to_owned(), value);
            }
            Some(first) => {
                self.repeated |= !name.ends_with("[]");
                match first {
                    Value::Array(values) => values.push(value),
                    first => *first = Value::Array(vec![first.take(), value]),
                }
            }
        }
    }

    /// The lists, and where a server may see no list, the first and the last of each.
    pub(super) fn readings(self) -> Result<Vec<Value>, Obscurity> {
        if self.count > MOST_FIELDS {
            return Err(Obscurity::TooLarge);
        }
        if !self.repeated {
            return Ok(vec![Value::Object(self.all)]);
        }
        let (mut first, mut last) = (self.all.clone(), self.all.clone());
        for (members, end) in [(&mut first, End::First), (&mut last, End::Last)] {
            for (_, value) in members.iter_mut().filter(|(name, _)| !name.ends_with("[]")) {
                let one = match (&*value, end) {
                    (Value::Array(values), End::First) => values.first(),
                    (Value::Array(values), End::Last) => values.last(),
                    (
                        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_),
                        _,
                    ) => None,
                };
                if let Some(one) = one.cloned() {
                    *value = one;
                }
            }
        }
        Ok([self.all, first, last].map(Value::Object).to_vec())
    }
}

#[derive(Clone, Copy)]
enum End {
    First,
    Last,
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_repeated_field_is_a_list_its_first_and_its_last_value() {
        assert_eq!(readings(b"a=1&b+c=%41%2b"), Ok(vec![json!({"a": "1", "b c": "A+"})]));
        assert_eq!(readings(b"a[]=1&a%5b%5d=2"), Ok(vec![json!({"a[]": ["1", "2"]})]));
        let expected = vec![
            json!({"a": ["1", "2", "3"], "b": ""}),
            json!({"a": "1", "b": ""}),
            json!({"a": "3", "b": ""}),
        ];
        assert_eq!(readings(b"a=1&a=2&b&%61=3"), Ok(expected));
    }

    #[test]
    fn a_form_of_very_many_fields_is_too_large() {
        assert_eq!(readings("&a=1".repeat(MOST_FIELDS + 1).as_bytes()), Err(Obscurity::TooLarge));
    }
}
