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

use serde_json::{Value, json};

use self::{
    effect::Effect,
    endpoints::{Language, Says},
    wrapper::{Finder, Found, Named},
};
use super::{
    Action, Class, Decoded, Decoder, Document, Obscurity, Protocol, Resource, http,
    index::Head,
    json::LIMITS,
    media::Media,
    overrides::{Others, Overrides},
};
use crate::call::{Body, Call};

/// Reads statements at endpoints that take them.
pub(super) struct Sql;

/// Whether the path is one that takes statements, so that only its body can tell what the call does.
pub(super) fn claims(call: &Call) -> bool {
    let takes = matches!(call.method(), "POST" | "GET" | "PUT" | "QUERY");
    takes
        && if clouds::is_one(call.host()) {
            clouds::is_statement_of_google(call)
        } else {
            endpoints::says(call) > Says::Nothing
        }
}

/// Whether a query of the URL may hold a statement. Allocates only for what is escaped.
pub(super) fn has_statement(call: &Call) -> bool {
    let query = call.query().trim_start_matches('?');
    let mut found = false;
    if !query.is_empty() && endpoints::says(call) > Says::Nothing {
        http::each_pair(query, |name, value| found |= wrapper::named(name) != Named::No && !value.is_empty());
    }
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
        let mut finder = Finder::new(endpoints::language(call));
        let prefix = parameters(call, &mut finder, text);
        let document = match content(head, text) {
            Content::Nothing => Document::Absent,
            Content::Document => match countersign_wire::json::strict(text.trim().as_bytes(), &LIMITS) {
                Ok(value) if clouds::is_one(call.host()) => {
                    return match inspect(call, &value) {
                        Some(action) => http::known(action, Document::Read(value)),
                        None => plain(head, body, Document::Read(value)),
                    };
                }
                Ok(value) => {
                    finder.value(&value, endpoints::says(call) == Says::Statements);
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
            Content::Other => return http::Http.decode(head, body),
        };
        let Found { effect, named, beside, .. } = finder.done();
        let Some(mut effect) = effect else { return plain(head, body, document) };
        effect.at_least(beside);
        let unsure = endpoints::says(call) == Says::Perhaps && !named && effect.reads.is_empty();
        if unsure && effect.class == Class::ReadOnly && !matches!(call.path(), "/" | "") && !effect.known {
            return plain(head, body, document);
        }
        let value = match &document {
            Document::Read(value) => Some(value),
            Document::Absent | Document::Opaque => None,
        };
        let action = hardened(call, action(call, effect, value));
        http::known(action, document)
    }
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
        if named == Named::No || value.is_empty() {
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

/// A call without a statement: what plain HTTP says; paging through a result reads.
fn plain(head: &Head<'_>, body: Body<'_>, document: Document) -> Decoded {
    let mut action = http::meaning(head, body, &document);
    if let Document::Read(Value::Object(members)) = &document {
        let pages = members.get("cursor").is_some_and(Value::is_string) && wrapper::is_only(members);
        if pages
            && endpoints::says(head.call) == Says::Statements
            && Overrides::of(head.call, body) == Overrides::NONE
        {
            action.class = Class::ReadOnly;
        }
    }
    http::known(action, document)
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
        arguments: json!({"statement": operation}),
        ..Action::plain(Protocol::Sql, call.host(), operation, class, resource)
    }
}

#[cfg(test)]
mod tests;
