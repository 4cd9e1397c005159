//! SQL over HTTP, and languages like it: the effect of the statement decides.
//!
//! [`endpoints`] knows the paths that take statements, [`wrapper`] the members that hold them, [`lexer`] the quotes and
//! comments of every server, [`effect`] what a statement does. All statements of a request count, and the strictest decides.
//! A path shape, or a member whose name says SQL, makes a POST a read, and only where every statement is one; a header of the
//! agent never does. What cannot be read as a statement is a write. It cannot know what a stored routine, a view or a rule
//! does on the server. The makers' pages are named in [`endpoints`].

mod clouds;
mod effect;
mod endpoints;
mod heads;
mod lexer;
mod lineage;
mod scan;
mod statement;
mod steps;
mod wrapper;

pub(super) use clouds::runs_statement;

use serde_json::Value;

use self::{
    effect::Effect,
    endpoints::{Language, Says},
    wrapper::{Finder, Found, Named},
};
use super::{
    Action, Basis, Class, Decoded, Decoder, Document, Obscurity, Protocol, Resource, Reversible, graphql,
    http,
    index::Head,
    json::{self, LIMITS},
    media::Media,
    overrides::{Others, Overrides},
    words,
};
use crate::call::{Body, Call};

/// Reads statements at endpoints that take them.
pub(super) struct Sql;

/// Whether the call may hold a statement by its path, or by the name of a parameter of its query.
pub(super) fn claims(call: &Call) -> bool {
    let says = || if clouds::is_one(call.host()) { Says::Nothing } else { endpoints::says(call) };
    match call.method() {
        "POST" | "QUERY" => says() > Says::Nothing || clouds::is_statement_of_google(call),
        // Most have neither query nor body, and are no business of this decoder's.
        "GET" => {
            has_statement(call) || call.headers().get("content-type").is_some() && says() > Says::Nothing
        }
        _ => false,
    }
}

/// Whether the query of the URL may hold a statement. Allocates only for what is escaped.
pub(super) fn has_statement(call: &Call) -> bool {
    let query = call.query().trim_start_matches('?');
    if query.is_empty() || clouds::is_one(call.host()) {
        return false;
    }
    let takes = endpoints::says(call) > Says::Nothing;
    let mut found = false;
    http::each_pair(query, |name, value| {
        found |= match wrapper::named(name) {
            Named::Statement => takes || effect::looks_like(value),
            Named::Query => takes && !value.is_empty(),
            Named::Program | Named::No => false,
        };
    });
    found
}

/// What the statements of a document do, where its operation takes SQL: for the decoders of clouds, which know that.
pub(super) fn inspect(call: &Call, document: &Value) -> Option<Action> {
    let mut finder = Finder::new(endpoints::language(call));
    finder.value(document, false);
    let Found { effect, beside, .. } = finder.done();
    let job = clouds::job(document);
    let mut effect = effect.or_else(|| job.map(Effect::of_class))?;
    effect.at_least(beside.max(job.unwrap_or(Class::ReadOnly)));
    Some(hardened(call, action(call, effect, Some(document))))
}

/// What a statement does that stands in another message; `None` where the text starts as none does.
pub(super) fn class_of_text(text: &str) -> Option<Class> {
    effect::looks_like(text).then(|| effect::of(text).class)
}

/// What the statements of a document do at an endpoint of which nothing is known: only where a member's name says SQL,
/// each is a read, and nothing else stands beside them.
pub(super) fn inspect_unknown(call: &Call, document: &Value) -> Option<Action> {
    let Value::Object(members) = document else { return None };
    if call.method() != "POST" || clouds::is_one(call.host()) {
        return None;
    }
    let mut finder = Finder::new(Language::Verbs);
    finder.value(document, false);
    let Found { effect, named, alike, beside } = finder.done();
    let mut effect = effect?;
    effect.at_least(beside);
    let reads = effect.class == Class::ReadOnly;
    let tables = !effect.reads.is_empty();
    if !alike
        || reads
            && (!(named || tables)
                || !wrapper::is_only(members)
                || http::verbs_of_path(call) > Class::ReadOnly)
    {
        return None;
    }
    Some(hardened(call, action(call, effect, Some(document))))
}

impl Decoder for Sql {
    fn decode(&self, head: &Head<'_>, body: Body<'_>) -> Decoded {
        let call = head.call;
        let bytes = match body {
            Body::Absent => [].as_slice(),
            Body::Unread => return Decoded::NeedsBody,
            Body::Read(_) if head.encoded => return http::undecodable(call, body, Obscurity::Encoding),
            Body::Read(bytes) if bytes.len() > LIMITS.size => {
                return http::undecodable(call, body, Obscurity::TooLarge);
            }
            Body::Read(bytes) => bytes,
        };
        let Ok(text) = std::str::from_utf8(bytes) else {
            return http::undecodable(call, body, Obscurity::Json);
        };
        let text = text.trim_start_matches('\u{feff}');
        let says = endpoints::says(call);
        let mut finder = Finder::new(endpoints::language(call));
        let prefix = parameters(call, &mut finder, text);
        let document = match content(head, text) {
            Content::Nothing => Document::Absent,
            Content::Document => match countersign_wire::json::strict(text.trim().as_bytes(), &LIMITS) {
                Ok(value) if is_message(&value) => return other(head, body),
                Ok(value) if clouds::is_one(call.host()) => {
                    return match inspect(call, &value) {
                        Some(action) => http::known(action, Document::Read(value)),
                        None => other(head, body),
                    };
                }
                Ok(value) => {
                    finder.value(&value, says == Says::Statements);
                    Document::Read(value)
                }
                // A server may read what a strict reader does not.
                Err(_) if prefix => Document::Opaque,
                Err(_) => return http::undecodable(call, body, Obscurity::Json),
            },
            Content::Form => {
                http::each_pair(text, |name, value| {
                    let named = wrapper::named(name);
                    if named != Named::No {
                        finder.text(value, named);
                    }
                });
                Document::Read(http::form(bytes))
            }
            // The statement itself, where the URL does not hold it already.
            Content::Text => {
                if !prefix {
                    finder.text(text, Named::Query);
                }
                Document::Opaque
            }
            Content::Other if prefix => {
                finder.beside(Class::DataWrite);
                Document::Opaque
            }
            Content::Other => return http::Http.decode(head, body),
        };
        let Found { effect, named, alike, beside } = finder.done();
        let value = match &document {
            Document::Read(value) => Some(value),
            Document::Absent | Document::Opaque => None,
        };
        let Some(mut effect) = effect else {
            return if pages(head, says, value) { paging(head, document) } else { other(head, body) };
        };
        // A question in words, or in a language that is not this one: others may know the endpoint better.
        let doubtful = says < Says::Statements && !named && (!alike || wrapper::is_saved(value));
        if doubtful && beside == Class::ReadOnly {
            return other(head, body);
        }
        effect.at_least(beside);
        if says < Says::Statements {
            let before = call.segments().rev().skip(1);
            effect.at_least(before.map(words::class_of_segment).max().unwrap_or(Class::ReadOnly));
        }
        let action = hardened(call, action(call, effect, value));
        http::known(action, document)
    }
}

/// A call without a statement, as it is read where no path says that it may have one.
fn other(head: &Head<'_>, body: Body<'_>) -> Decoded {
    match head.media {
        Media::Json | Media::GraphQl => json::Json.decode(head, body),
        Media::None | Media::Grpc | Media::Form | Media::Multipart | Media::Other | Media::Several => {
            http::Http.decode(head, body)
        }
    }
}

/// Whether a document is a message of a protocol that is spoken on any path: JSON-RPC, or GraphQL.
fn is_message(document: &Value) -> bool {
    let is_one = |value: &Value| {
        value.get("jsonrpc").is_some()
            || value.get("query").and_then(Value::as_str).is_some_and(graphql::looks_like)
    };
    match document {
        Value::Array(items) => items.iter().any(is_one),
        value => is_one(value),
    }
}

/// Whether a call only pages through a result: it names a cursor and nothing else that acts.
fn pages(head: &Head<'_>, says: Says, document: Option<&Value>) -> bool {
    let cursor = document.and_then(Value::as_object).is_some_and(|members| {
        members.get("cursor").is_some_and(Value::is_string) && wrapper::is_only(members)
    });
    cursor && says == Says::Statements && Overrides::of(head.call, Body::Absent) == Overrides::NONE
}

fn paging(head: &Head<'_>, document: Document) -> Decoded {
    let mut action = http::action(head.call, Body::Absent);
    action.class = Class::ReadOnly;
    action.basis = Basis::Grammar;
    http::known(action, document)
}

/// What a body is.
enum Content {
    Nothing,
    Document,
    Form,
    Text,
    Other,
}

/// What a body is by its first character, which servers believe, and its content type.
fn content(head: &Head<'_>, text: &str) -> Content {
    let start = text.trim_start();
    match head.media {
        _ if start.is_empty() => Content::Nothing,
        Media::Grpc | Media::Multipart | Media::Several | Media::GraphQl => Content::Other,
        _ if start.starts_with(['{', '[']) => Content::Document,
        Media::Form if start.split('&').all(|pair| pair.contains('=')) && !start.contains(' ') => {
            Content::Form
        }
        Media::Json | Media::Form | Media::None | Media::Other => Content::Text,
    }
}

/// Statements in the URL. ClickHouse runs what the parameter and then the body say as one text.
fn parameters(call: &Call, finder: &mut Finder, body: &str) -> bool {
    let mut found = false;
    let is_document = body.trim_start().starts_with(['{', '[']);
    http::each_pair(call.query().trim_start_matches('?'), |name, value| {
        let named = wrapper::named(name);
        if named == Named::No || value.is_empty() || graphql::looks_like(value) {
            return;
        }
        found = true;
        finder.text(value, named);
        if !body.trim().is_empty() && !is_document {
            finder.text(&format!("{value}\n{body}"), named);
        }
    });
    found
}

/// The stricter of the statement's reading and what overrides of the method say.
fn hardened(call: &Call, mut action: Action) -> Action {
    let Overrides { methods, others } = Overrides::of(call, Body::Absent);
    for method in methods.iter().filter(|method| !http::is_safe(method) && *method != "POST") {
        action.class = action.class.max(http::class_of_method(call, method));
    }
    if others == Others::Unknown {
        action.class = action.class.max(Class::DataWrite);
    }
    action
}

/// The longest statement that is shown beside the action.
const LONGEST: usize = 200;

fn action(call: &Call, effect: Effect, document: Option<&Value>) -> Action {
    let Effect { class, operation, reads, writes, .. } = effect;
    let place = lineage::Place::of(call, document);
    let resource = match writes.first().or(reads.first()) {
        Some(table) => Resource::new("table", place.name(table)),
        None => Resource::new("url", call.url()),
    };
    let operation: String = operation.chars().take(LONGEST).collect();
    Action {
        reads: reads.iter().map(|table| place.dataset(table)).collect(),
        writes: writes.iter().map(|table| place.dataset(table)).collect(),
        // What is deleted or has left is not called back.
        reversible: if matches!(class, Class::DataDelete | Class::DataExport) {
            Reversible::No
        } else {
            Reversible::Unknown
        },
        ..Action::plain(Protocol::Sql, call.host(), operation, class, resource)
    }
}

#[cfg(test)]
mod tests;
