//! Bodies of several items, as search and document stores take them: Elasticsearch's and OpenSearch's `_bulk` and `_msearch`,
//! Algolia's `batch`, CouchDB's `_bulk_docs`. Where the path says nothing of what is done, each item does.
//!
//! `_bulk` is lines of JSON: an action (`index`, `create`, `update`, `delete`), then, but for a delete, a document (Elastic,
//! "Bulk API"). The strictest item decides; what cannot be read may be a delete. It
//! reads the item's names only, never its document, and cannot know what pipelines of the server do with it.

use serde_json::Value;

use super::{Class, Decoded, Decoder, Document, http, index::Head, payload};
use crate::call::{Body, Call};

/// Reads bodies of several items.
pub(super) struct Elastic;

/// The most lines of a body that are looked at; a longer one may hold anything.
const MOST: usize = 20_000;

/// What the items of a body are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Items {
    /// Searches, one a line after its head: they read, whatever they say.
    Searches,
    /// Lines of an action and its document.
    Lines,
    /// Members of one document.
    Members,
}

fn items(call: &Call) -> Option<Items> {
    let path = call.path().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    match (call.method(), last) {
        ("POST" | "PUT", "_bulk") => Some(Items::Lines),
        ("POST", "_bulk_docs") => Some(Items::Members),
        ("POST", "batch") if path.starts_with("/1/indexes/") => Some(Items::Members),
        ("POST" | "GET", "_msearch") => Some(Items::Searches),
        ("POST" | "GET", "template") if path.ends_with("/_msearch/template") => Some(Items::Searches),
        _ => None,
    }
}

/// Whether the path takes such a body.
pub(super) fn claims(call: &Call) -> bool {
    items(call).is_some()
}

impl Decoder for Elastic {
    fn decode(&self, head: &Head<'_>, body: Body<'_>) -> Decoded {
        let Some(items) = items(head.call) else { return http::Http.decode(head, body) };
        let bytes = match payload::plain_of(head.call, head.media, body) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Decoded::NeedsBody,
            Err(why) => return http::undecodable(head.call, body, why),
        };
        let document = if bytes.is_empty() { Document::Absent } else { Document::Opaque };
        let mut action = http::meaning(head, body, &document);
        action.class = action.class.max(match items {
            Items::Searches => Class::ReadOnly,
            Items::Lines => of_lines(&bytes),
            Items::Members => of_members(&bytes),
        });
        http::known(action, document)
    }
}

/// The class of one document whose items carry their verb in a member. An escape may spell any.
fn of_members(bytes: &[u8]) -> Class {
    const DELETES: [&[u8]; 5] = [b"\"_deleted\"", b"\"deleteObject\"", b"\"delete\"", b"\"clear\"", b"\\u"];
    let any = DELETES.iter().any(|needle| bytes.windows(needle.len()).any(|window| window == *needle));
    if any { Class::DataDelete } else { Class::DataWrite }
}

/// The strictest action of lines of JSON.
fn of_lines(bytes: &[u8]) -> Class {
    let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    for _ in 0..MOST {
        let Some(line) = lines.next() else { return Class::DataWrite };
        match verb(line) {
            Some(Verb::Writes) => {
                lines.next();
            }
            Some(Verb::Deletes) | None => return Class::DataDelete,
        }
    }
    Class::DataDelete
}

enum Verb {
    Writes,
    Deletes,
}

/// The verb of an action line: the one member of its object.
fn verb(line: &[u8]) -> Option<Verb> {
    let Ok(Value::Object(members)) = serde_json::from_slice(line) else { return None };
    let mut names = members.keys();
    match (names.next().map(String::as_str), names.next()) {
        (Some("index" | "create" | "update"), None) => Some(Verb::Writes),
        (Some("delete"), None) => Some(Verb::Deletes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_strictest_item_of_a_bulk_decides() {
        let index = "{\"index\":{\"_index\":\"a\"}}\n{\"delete\":{}}\n";
        for (body, class) in [
            (index.to_owned(), Class::DataWrite),
            (index.replace('\n', "\r\n"), Class::DataWrite),
            ([index, "{\"delete\":{\"_id\":\"1\"}}\n"].concat(), Class::DataDelete),
            ([index, "{\"\\u0064elete\":{}}\n"].concat(), Class::DataDelete),
            ("{\"update\":{}}\n{}\nnonsense".to_owned(), Class::DataDelete),
            ("{\"index\":{},\"delete\":{}}\n{}".to_owned(), Class::DataDelete),
            (String::new(), Class::DataWrite),
        ] {
            assert_eq!(of_lines(body.as_bytes()), class, "{body}");
        }
    }
}
