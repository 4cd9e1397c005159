//! Operations that a catalog knows: what a found one says becomes the action.
//!
//! The catalog of the host decides the class, also where that is milder than the HTTP method; the methods that a call may
//! really be (override headers and fields) are looked up as well, and the strictest reading counts. A path that the
//! catalog of its host does not know is read as plain HTTP: a catalog is never complete.
//!
//! Parameters of templates are the path's, then the query's, then top-level members of the body. It cannot know whether
//! the service does what its description says.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{
    Action, Class, Document, Protocol, Resource, http, index::Head, media::Media, overrides::Overrides,
    segments::Segments,
};
use crate::{
    call::{Body, Call},
    catalog::{Catalog, Operation},
};

/// The most bytes of an argument that a reviewer is shown beside the action; the masked body shows the rest.
const LONGEST_ARGUMENT: usize = 200;

/// The most bytes of a form whose fields are looked at for what an operation demands of the query.
const LONGEST_FORM: usize = 64 * 1024;

/// The class of a call by the catalog of its host, or of its shape, read as its own method; `None` where no catalog
/// knows it.
pub(super) fn class(catalog: &Catalog, call: &Call) -> Option<Class> {
    let segments = Segments::of(call);
    let class = find(catalog, call, call.method(), &segments.texts(), call.query())?.class();
    Some(class.max(floor(catalog, call)))
}

fn find<'c, 'p>(
    catalog: &'c Catalog,
    call: &Call,
    method: &str,
    segments: &[&'p str],
    query: &str,
) -> Option<Operation<'c, 'p>> {
    let host = host(call);
    if catalog.knows(host) {
        catalog.by_path(host, method, segments, query)
    } else {
        catalog.anywhere(method, segments, query)
    }
}

/// The host under which catalogs know a call. Vault keeps its secrets below paths that each installation chooses, so
/// that no path tells it: its port does, and what such a host is usually called.
fn host(call: &Call) -> &str {
    let first = call.host().split('.').next().unwrap_or_default();
    let named = first.split('-').any(|word| matches!(word, "vault" | "openbao" | "bao"));
    if (named || call.port() == 8200) && call.path().starts_with("/v1/") { VAULT } else { call.host() }
}

/// A host of Vault's, as its catalog has it.
const VAULT: &str = "cluster.vault.hashicorp.cloud";

/// What a verb in the query makes of a call at a host that only its path is known by: `?action=delete` is not what the
/// service of that path has, so another one may be meant.
fn floor(catalog: &Catalog, call: &Call) -> Class {
    if catalog.knows(host(call)) { Class::ReadOnly } else { http::class_of_query(call) }
}

/// What an operation's demands on the query are held against: a form's fields are parameters as those of the query are.
fn parameters<'a>(head: &Head<'a>, body: Body<'_>) -> Cow<'a, str> {
    match body {
        Body::Read(form) if head.media == Media::Form && form.len() <= LONGEST_FORM => {
            Cow::Owned([head.call.query(), "&", &String::from_utf8_lossy(form)].concat())
        }
        Body::Read(_) | Body::Unread | Body::Absent => Cow::Borrowed(head.call.query()),
    }
}

/// What the catalogs make of a call; `None` where they do not know it.
pub(super) fn decode(
    catalog: &Catalog,
    head: &Head<'_>,
    body: Body<'_>,
    document: &Document,
) -> Option<Action> {
    let call = head.call;
    let segments = Segments::of(call);
    let texts = segments.texts();
    let query = parameters(head, body);
    let own = find(catalog, call, call.method(), &texts, &query)?;
    let mut action = action(&own, call, document);
    action.class = action.class.max(floor(catalog, call));
    for method in Overrides::of(call, body).methods {
        let class = match find(catalog, call, &method, &texts, &query) {
            Some(other) => other.class(),
            None => http::class_of_method(call, &method),
        };
        action.class = action.class.max(class);
    }
    Some(action)
}

/// The action that an operation is.
pub(super) fn action(operation: &Operation<'_, '_>, call: &Call, document: &Document) -> Action {
    let members = match document {
        Document::Read(Value::Object(members)) => Some(members),
        Document::Read(_) | Document::Absent | Document::Opaque => None,
    };
    let find = |name: &str| value_of(operation, call, members, name);
    let resource = match operation.resource() {
        Some(template) => Resource::new("resource", filled(template, &find)),
        None => Resource::new("url", call.url()),
    };
    let mut arguments = Map::new();
    for name in operation.arguments() {
        if let Some(value) = find(name) {
            arguments.insert(name.trim_start_matches('/').to_owned(), shortened(value));
        }
    }
    Action {
        reversible: operation.reversible(),
        access: operation.access(),
        basis: operation.basis(),
        arguments: if arguments.is_empty() { Value::Null } else { Value::Object(arguments) },
        ..Action::plain(Protocol::Http, operation.service(), operation.name(), operation.class(), resource)
    }
}

/// The value of a parameter: of the path, the query, or the body.
fn value_of(
    operation: &Operation<'_, '_>,
    call: &Call,
    members: Option<&Map<String, Value>>,
    name: &str,
) -> Option<Value> {
    if let Some(rest) = name.strip_prefix('/') {
        let mut tokens = rest.split('/').map(|token| token.replace("~1", "/").replace("~0", "~"));
        let mut value = members?.get(&tokens.next()?)?;
        for token in tokens {
            value = match value {
                Value::Object(members) => members.get(&token)?,
                Value::Array(items) => items.get(token.parse::<usize>().ok()?)?,
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
            };
        }
        return Some(value.clone());
    }
    if let Some(text) = operation.parameter(name) {
        return Some(Value::String(text.to_owned()));
    }
    let mut found = None;
    http::each_pair(call.query().trim_start_matches('?'), |key, value| {
        if key == name && found.is_none() {
            found = Some(Value::String(value.to_owned()));
        }
    });
    found.or_else(|| members?.get(name).cloned())
}

/// A template with its parameters filled in; what the request does not say is `*`.
fn filled(template: &str, find: &dyn Fn(&str) -> Option<Value>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else { break };
        match find(name) {
            Some(Value::String(text)) => out.push_str(&text),
            Some(Value::Number(number)) => out.push_str(&number.to_string()),
            Some(Value::Bool(truth)) => out.push_str(if truth { "true" } else { "false" }),
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => out.push('*'),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn shortened(value: Value) -> Value {
    match value {
        Value::String(mut text) if text.len() > LONGEST_ARGUMENT => {
            let end =
                (0..=LONGEST_ARGUMENT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
            text.truncate(end);
            text.push('…');
            Value::String(text)
        }
        value => value,
    }
}
