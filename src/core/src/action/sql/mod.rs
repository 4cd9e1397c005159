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

use std::borrow::Cow;

use serde_json::Value;

use self::{
    effect::Effect,
    endpoints::{Language, Says},
    wrapper::{Finder, Found, Named},
};
use super::{
    Action, Basis, Class, Decoded, Decoder, Document, Member, Obscurity, Protocol, Resource, Reversible,
    graphql, http,
    index::Head,
    json,
    media::Media,
    overrides::{Others, Overrides},
    payload::Payload,
    rest, words,
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
    // Most calls have no parameter of such a name, and never ask what their path says.
    let mut known = None;
    let mut takes = || *known.get_or_insert_with(|| endpoints::says(call) > Says::Nothing);
    let mut found = false;
    http::each_pair(query, |name, value| {
        found |= match wrapper::named(name) {
            Named::Statement => effect::looks_like(value) || takes(),
            Named::Query => !value.is_empty() && takes(),
            Named::Program | Named::No => false,
        };
    });
    found
}

/// What the statements of a document do, where its operation takes SQL: for the decoders of clouds, which know that.
pub(super) fn inspect(call: &Call, document: &Value) -> Option<Action> {
    let mut finder = Finder::new(endpoints::language(call), endpoints::says(call));
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
    let mut finder = Finder::new(Language::Verbs, Says::Nothing);
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
        let content = match Payload::of(call, body) {
            Payload::Absent => None,
            Payload::Unread => return Decoded::NeedsBody,
            Payload::Opaque(_) if endpoints::says(call) < Says::Statements => return other(head, body),
            Payload::Opaque(why) => return http::undecodable(call, body, why),
            Payload::Read(content) => Some(content),
        };
        let (bytes, readings) = match content {
            Some(content) => (content.bytes, content.readings),
            None => (Cow::Borrowed([].as_slice()), Vec::new()),
        };
        let Ok(text) = std::str::from_utf8(&bytes) else {
            // Bytes of another protocol, on a path that only resembles one that takes statements.
            return match endpoints::says(call) {
                Says::Statements => http::undecodable(call, body, Obscurity::Charset),
                Says::Perhaps | Says::Nothing => other(head, body),
            };
        };
        let kind = kind(head, text);
        let documents = match kind {
            Kind::Nothing => vec![Document::Absent],
            Kind::Text => vec![Document::Opaque],
            Kind::Other if has_statement(call) => vec![Document::Opaque],
            Kind::Other => return http::Http.decode(head, body),
            // A server may read what a strict reader does not, where the URL holds the statement.
            Kind::Document if readings.is_empty() && has_statement(call) => vec![Document::Opaque],
            Kind::Document if readings.is_empty() => return http::undecodable(call, body, Obscurity::Json),
            Kind::Document | Kind::Form => readings.into_iter().map(Document::Read).collect(),
        };
        let mut members = Vec::new();
        for document in documents {
            let Some(action) = said(head, &kind, text, &document) else { return other(head, body) };
            members.push(Member::whole(action, document));
        }
        Decoded::Known(members)
    }
}

/// What one reading of a call does; `None` where it holds no statement, or others may know its endpoint better.
fn said(head: &Head<'_>, kind: &Kind, text: &str, document: &Document) -> Option<Action> {
    let call = head.call;
    let says = endpoints::says(call);
    let value = match document {
        Document::Read(value) => Some(value),
        Document::Absent | Document::Opaque => None,
    };
    if value.is_some_and(json::is_message) {
        return None;
    }
    if let Some(value) = value.filter(|_| clouds::is_one(call.host())) {
        return inspect(call, value);
    }
    let mut finder = Finder::new(endpoints::language(call), endpoints::says(call));
    // A catalog's read in another language, PromQL or Lucene's: only what begins as a statement of SQL is one there.
    let other = rest::reads(head, document);
    let prefix = parameters(call, &mut finder, text, other);
    match (kind, value) {
        (Kind::Document, Some(value)) => finder.value(value, says == Says::Statements),
        (Kind::Form, _) => http::each_pair(text, |name, value| {
            let named = wrapper::named(name);
            if named != Named::No && (!other || effect::looks_like(value)) {
                finder.text(value, named);
            }
        }),
        // The statement itself, where the URL does not hold it already.
        (Kind::Text, _) if !prefix => finder.text(text, Named::Query),
        (Kind::Other, _) => finder.beside(Class::DataWrite),
        (Kind::Document | Kind::Text | Kind::Nothing, _) => {}
    }
    let Found { effect, named, alike, beside } = finder.done();
    let Some(mut effect) = effect else { return pages(head, says, value).then(|| paging(head)) };
    // A question in words, or in a language that is not this one.
    let doubtful = says < Says::Statements && !named && (!alike || wrapper::is_saved(value));
    if doubtful && beside == Class::ReadOnly {
        return None;
    }
    effect.at_least(beside);
    if says < Says::Statements {
        let before = call.segments().rev().skip(1);
        effect.at_least(before.map(words::class_of_segment).max().unwrap_or(Class::ReadOnly));
    }
    Some(hardened(call, action(call, effect, value)))
}

/// A call without a statement, as it is read where no path says that it may have one.
fn other(head: &Head<'_>, body: Body<'_>) -> Decoded {
    match head.media {
        Media::Json | Media::GraphQl => json::Json.decode(head, body),
        Media::None
        | Media::Lines
        | Media::Grpc
        | Media::Form
        | Media::Multipart
        | Media::Yaml
        | Media::Xml
        | Media::Other
        | Media::Several => http::Http.decode(head, body),
    }
}

/// Whether a call only pages through a result: it names a cursor and nothing else that acts.
fn pages(head: &Head<'_>, says: Says, document: Option<&Value>) -> bool {
    let cursor = document.and_then(Value::as_object).is_some_and(|members| {
        members.get("cursor").is_some_and(Value::is_string) && wrapper::is_only(members)
    });
    cursor && says == Says::Statements && Overrides::of(head.call, Body::Absent) == Overrides::NONE
}

fn paging(head: &Head<'_>) -> Action {
    let action = http::action(head.call, Body::Absent);
    Action { class: Class::ReadOnly, basis: Basis::Grammar, ..action }
}

/// What a body is.
enum Kind {
    Nothing,
    Document,
    Form,
    Text,
    Other,
}

/// What a body is by its first character, which servers believe, and its content type.
fn kind(head: &Head<'_>, text: &str) -> Kind {
    let start = text.trim_start();
    match head.media {
        _ if start.is_empty() => Kind::Nothing,
        Media::Grpc | Media::Multipart | Media::Several | Media::GraphQl | Media::Yaml | Media::Xml => {
            Kind::Other
        }
        _ if start.starts_with(['{', '[']) => Kind::Document,
        Media::Form if start.split('&').all(|pair| pair.contains('=')) && !start.contains(' ') => Kind::Form,
        Media::Json | Media::Lines | Media::Form | Media::None | Media::Other => Kind::Text,
    }
}

/// Statements in the URL. ClickHouse runs what the parameter and then the body say as one text.
fn parameters(call: &Call, finder: &mut Finder, body: &str, other: bool) -> bool {
    let mut found = false;
    let is_document = body.trim_start().starts_with(['{', '[']);
    http::each_pair(call.query().trim_start_matches('?'), |name, value| {
        let named = wrapper::named(name);
        let foreign = graphql::looks_like(value) || other && !effect::looks_like(value);
        if named == Named::No || value.is_empty() || foreign {
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
