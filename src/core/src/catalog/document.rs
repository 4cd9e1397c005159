//! What a catalog says, as people write it: services, and their operations.
//!
//! The same format serves the catalogs that come with the filter and those an operator adds to a policy. Everything is
//! checked once, by [`Pattern::new`]; a mistake is one sentence that names the service and the operation.

use serde::{Deserialize, Serialize};

use super::{Access, Basis};
use crate::action::{Class, Reversible};

/// A service and what it can be asked to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceDoc {
    /// The provider's own name, as its audit log has it: `iam.amazonaws.com`, `api.github.com`.
    pub service: String,
    /// Where it is reached: a host, `*.` and a suffix of one, or `aws:` and an endpoint prefix.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Whether its paths are so distinctive that they mean this service on any host that no catalog knows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anywhere: bool,
    /// Its operations.
    pub operations: Vec<OperationDoc>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationDoc {
    /// `METHODS PATH`, or `call NAME`; see [`Pattern`].
    pub on: String,
    /// The operation in the service's own words.
    pub name: String,
    /// What kind of action it is.
    pub class: Class,
    /// The access level, in the words of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Whether it can be undone.
    #[serde(default, skip_serializing_if = "Reversible::is_unknown")]
    pub reversible: Reversible,
    /// What it works on: a template of `{parameter}` and `{/json/pointer}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What a reviewer needs to see: names of parameters or members, or JSON pointers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// Where the judgement comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Basis>,
}

/// Why a catalog does not load.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("catalog of `{service}`: {sentence}")]
pub struct CatalogError {
    /// The service it is about.
    pub service: String,
    /// What is wrong, and where.
    pub sentence: String,
}

/// When an operation is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// By its name alone: an `X-Amz-Target`, an `Action`, a gRPC method.
    Call(String),
    /// By method, path and query.
    Path { methods: Methods, segments: Vec<Segment>, query: Vec<(String, Option<String>)> },
}

/// A segment of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    /// Exactly this.
    Literal(String),
    /// One segment, which ends so; the empty text is no demand.
    One { parameter: String, suffix: String },
    /// One segment or more, the last of which ends so.
    Rest { parameter: String, suffix: String },
}

/// A set of methods, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Methods(pub(super) u8);

impl Methods {
    const NAMES: [&'static str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "LIST"];
    const ALL: Self = Self(0xff);

    /// The set of one method; every method without a bit of its own shares the last.
    pub(super) fn of(method: &str) -> Self {
        Self(1 << Self::NAMES.iter().position(|name| *name == method).unwrap_or(7))
    }

    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn read(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::ALL);
        }
        let mut set = 0;
        for name in text.split(',') {
            if !Self::NAMES.contains(&name)
                && !matches!(name, "OPTIONS" | "PROPFIND" | "MKCOL" | "LOCK" | "UNLOCK" | "COPY" | "MOVE")
            {
                return None;
            }
            set |= Self::of(name).0;
        }
        // Whoever may GET may ask for the head alone.
        if set & Self::of("GET").0 != 0 {
            set |= Self::of("HEAD").0;
        }
        Some(Self(set))
    }
}

impl Pattern {
    /// Reads `POST,PUT /v1/{kind}/{name...}:verb?key&key=value` or `call NAME`.
    ///
    /// # Errors
    /// A sentence about the text.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let bad = |why: &str| Err(format!("bad `on` `{text}`: {why}"));
        let Some((methods, target)) = text.split_once(' ') else {
            return bad("it is `METHODS PATH` or `call NAME`");
        };
        if methods == "call" {
            return if target.is_empty() || target.contains(' ') {
                bad("a call has one name")
            } else {
                Ok(Self::Call(target.to_owned()))
            };
        }
        let Some(methods) = Methods::read(methods) else {
            return bad("a method is `*` or a list of upper-case methods joined by commas");
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let Some(path) = path.strip_prefix('/') else { return bad("the path starts with `/`") };
        let mut segments = Vec::new();
        for part in path.split('/') {
            match segment(part) {
                Some(segment) => segments.push(segment),
                None => {
                    return bad(
                        "a segment is text, `{parameter}` or `{parameter...}`, either with text after it",
                    );
                }
            }
        }
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let query = pairs.map(|pair| match pair.split_once('=') {
            Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
            None => (pair.to_owned(), None),
        });
        Ok(Self::Path { methods, segments, query: query.collect() })
    }
}

fn segment(part: &str) -> Option<Segment> {
    let Some(inner) = part.strip_prefix('{') else {
        return (!part.contains(['{', '}'])).then(|| Segment::Literal(part.to_owned()));
    };
    let (parameter, suffix) = inner.split_once('}')?;
    if suffix.contains(['{', '}']) {
        return None;
    }
    let suffix = suffix.to_owned();
    Some(match parameter.strip_suffix("...") {
        Some(parameter) => Segment::Rest { parameter: parameter.to_owned(), suffix },
        None => Segment::One { parameter: parameter.to_owned(), suffix },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_an_operation_answers_to_is_read_in_every_form() {
        let one = |parameter: &str, suffix: &str| Segment::One {
            parameter: parameter.into(),
            suffix: suffix.into(),
        };
        let read = Pattern::new("GET,POST /v1/{kind}/{id}:cancel?acl&list-type=2").unwrap();
        let Pattern::Path { methods, segments, query } = read else { panic!("no path") };
        assert!(methods.meets(Methods::of("HEAD")) && methods.meets(Methods::of("POST")));
        assert!(!methods.meets(Methods::of("DELETE")));
        assert_eq!(segments, [Segment::Literal("v1".into()), one("kind", ""), one("id", ":cancel")]);
        assert_eq!(query, [("acl".to_owned(), None), ("list-type".to_owned(), Some("2".to_owned()))]);
        assert_eq!(Pattern::new("call CreateRole"), Ok(Pattern::Call("CreateRole".into())));
    }

    #[test]
    fn a_mistake_is_a_sentence_that_quotes_what_was_written() {
        for text in ["", "GET", "get /x", "GET x", "call", "call a b", "GET /a{b}", "GET /{a}{b}", "GET /{a"]
        {
            let sentence = Pattern::new(text).unwrap_err();
            assert!(sentence.contains(&format!("`{text}`")), "{sentence}");
        }
    }
}
