//! A POST that only asks, on a host that no catalog knows: `POST /v1/things/search`, `/things:batchGet`, `/api/getUser`.
//!
//! Clients post what does not fit into a URL, and a person must not be woken for a search. A POST counts as a read where
//! all of this holds: the last segment of the path is a verb that reads, as a word alone or the first word of a name (RPC
//! over HTTP, as Slack and Dropbox have it) or a custom verb (Google's AIP-136); nothing else in path or query acts or
//! keeps secrets; no override names another method; and the body is absent, a form or JSON whose members name no act and
//! hold no statement that writes. Verbs that are half a write are left out: `read` marks as read, `verify` uses a code up,
//! `filter` and `view` may create one. It cannot know a server whose search writes.

use serde_json::{Map, Value};

use super::{Class, Document, tool::effect_of_statement, words};
use crate::call::Call;

/// Whether a POST only asks, where nothing in its path and query acts and no override names another method.
pub(super) fn only_asks(call: &Call, document: &Document) -> bool {
    let Some(last) = call.segments().rev().find(|segment| !segment.is_empty()) else { return false };
    words::asks(last)
        && !call.segments().any(|segment| words::class_of_collection(segment) == Class::CredentialAccess)
        && match document {
            Document::Absent => true,
            Document::Read(Value::Object(members)) => harmless(members, takes_statement(last)),
            Document::Read(Value::Array(items)) => items.iter().all(|item| match item {
                Value::Object(members) => harmless(members, takes_statement(last)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
                Value::Array(_) => false,
            }),
            Document::Opaque
            | Document::Read(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => false,
        }
}

/// Whether a text sent there may be a program: what cannot be read as one that reads is then no read.
fn takes_statement(last: &str) -> bool {
    words::takes_a_statement(last)
}

/// Whether no member names an act or holds a statement that writes.
fn harmless(members: &Map<String, Value>, statement: bool) -> bool {
    members.iter().all(|(name, value)| {
        let empty = matches!(value, Value::Null | Value::Bool(false));
        let text = value.as_str();
        let acts = text.is_some_and(|text| acts_as_a_statement(name, text, statement));
        empty || !words::names_an_act(name, text) && !acts
    })
}

fn acts_as_a_statement(name: &str, text: &str, statement: bool) -> bool {
    let program =
        matches!(name, "sql" | "query" | "statement" | "stmt" | "cypher" | "script" | "q" | "command");
    match effect_of_statement(text) {
        Some(class) => (program || statement) && class != Class::ReadOnly,
        // A language nobody here knows, or only words to search for.
        None => program && statement && (words::has_an_act(text) || text.contains(['(', ';', '{', '|'])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        action::{Decoded, Decoders},
        call::{Body, sample::call},
    };

    fn class_of(path: &str, body: &str) -> Class {
        let call = call("POST", "a.example", path, &[("content-type", "application/json")]);
        match Decoders::default().decode(&call, Body::Read(body.as_bytes())) {
            Decoded::Known(members) => members[0].action.class,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_post_whose_last_word_reads_only_asks() {
        for path in [
            "/v1/things/search",
            "/v1/things/_search",
            "/v1/things/42/query",
            "/v1/things:batchGet",
            "/api/getUser",
            "/api/users.list",
            "/api/listFolder",
            "/v1/things:searchLinks",
            "/v1/things:batchGetItems",
            "/v1/estimate",
            "/v1/things/count/",
            "/v1/roles/search",
        ] {
            assert_eq!(class_of(path, r#"{"filter":{"a":1},"limit":3}"#), Class::ReadOnly, "{path}");
        }
    }

    #[test]
    fn what_may_be_half_a_write_is_no_question() {
        for path in [
            "/v1/messages/read",
            "/v1/otp/verify",
            "/v1/filter",
            "/v1/searches",
            "/v1/searchIndexes",
            "/v1/list_items",
            "/v1/things:batchTranslateText",
            "/v1/search/rebuild",
            "/delete/search",
            "/v1/secrets/search",
            "/v1/api_keys/list",
            "/v1/getAndSet",
            "/v1/getSecret",
            "/v1/get-started",
            "/v1/search?action=delete",
            "/v1/search?_method=DELETE",
        ] {
            assert_ne!(class_of(path, r#"{"a":1}"#), Class::ReadOnly, "{path}");
        }
    }

    #[test]
    fn a_body_that_acts_is_no_question() {
        for body in [
            r#"{"delete":["a"]}"#,
            r#"{"operations":[{"op":"remove"}]}"#,
            r#"{"action":"delete"}"#,
            r#"{"query":"DELETE FROM t"}"#,
            r#"{"query":"for x in c remove x in c"}"#,
            r#"{"query":"g.V().drop()"}"#,
            r#"{"_method":"DELETE"}"#,
            r#"[{"delete":1}]"#,
            "7",
        ] {
            assert_ne!(class_of("/v1/query", body), Class::ReadOnly, "{body}");
        }
        for body in
            [r#"{"query":"SELECT 1"}"#, r#"{"query":{"match":{}}}"#, r#"{"delete":false}"#, "[{}]", "{}"]
        {
            assert_eq!(class_of("/v1/query", body), Class::ReadOnly, "{body}");
        }
        assert_eq!(class_of("/v1/search", r#"{"query":"how to delete (a user)"}"#), Class::ReadOnly);
    }
}
