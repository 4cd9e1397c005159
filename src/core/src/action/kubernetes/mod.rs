//! The Kubernetes API, of any cluster and any group (kubernetes.io/docs/reference/using-api/api-concepts).
//!
//! Reads the path and the query: verb, group, resource, namespace, name, subresource. The body is read only for the name
//! of what is created, for a reviewer's arguments, and for `dryRun` of a delete; it never makes a class stricter or milder
//! otherwise: the API server refuses a body whose kind is not the path's. It promises that whatever opens a connection
//! into a pod or node is no read, whatever the method; that reading a secret is an access to a credential; and that a dry
//! run (`dryRun=All`) is a read only where the server is known to honour it: a built-in group, a create, update or patch
//! with exactly this query, or a delete whose options say so. The options in the body of a delete replace those of its
//! query, so a query beside a body counts for nothing.
//!
//! It cannot know what controllers and webhooks do in answer to a change, nor which server stands behind an aggregated
//! group, nor whether the host is a cluster at all: the paths are taken for the API's on every host.

mod class;
mod path;

use serde_json::{Map, Value};

use super::{
    Action, Class, Decoded, Decoder, Document, Member, Protocol, Resource, Reversible, http, index::Head,
    overrides::Overrides, payload::Payload,
};
use crate::call::{Body, Call};
use class::Verb;
use path::Path;

/// Reads calls of the Kubernetes API.
pub(super) struct Kubernetes;

/// Whether the path is one of the API.
pub(super) fn claims(call: &Call) -> bool {
    path::with(call, |_| ()).is_some()
}

/// Whether the head alone says that a call without a body is no read; `None` where it is no call of the API.
pub(super) fn class_of_head(call: &Call) -> Option<Class> {
    path::with(call, |path| {
        let query = Query::of(call);
        class::class(Verb::of(call.method(), &path, query.watches), &path)
    })
}

/// Members of a body that a reviewer needs: who gets which right, how many, in what order a delete goes.
const TELLING: [&str; 8] = [
    "roleRef",
    "subjects",
    "rules",
    "aggregationRule",
    "webhooks",
    "propagationPolicy",
    "dryRun",
    "preconditions",
];

/// Parameters of the query that a reviewer needs.
const PARAMETERS: [&str; 8] = [
    "command",
    "container",
    "labelSelector",
    "fieldSelector",
    "path",
    "dryRun",
    "ports",
    "propagationPolicy",
];

impl Decoder for Kubernetes {
    fn decode(&self, head: &Head<'_>, body: Body<'_>) -> Decoded {
        path::with(head.call, |path| decode(head, body, &path))
            .unwrap_or_else(|| http::Http.decode(head, body))
    }
}

fn decode(head: &Head<'_>, body: Body<'_>, path: &Path<'_>) -> Decoded {
    let call = head.call;
    let body = match body {
        Body::Read([]) => Body::Absent,
        body => body,
    };
    let query = Query::of(call);
    let verb = Verb::of(call.method(), path, query.watches);
    if body == Body::Unread {
        return Decoded::NeedsBody;
    }
    // No client sends a body with a read; what a server makes of one nobody knows.
    if verb.reads() && body != Body::Absent {
        return http::Http.decode(head, body);
    }
    let member = |document| Member::whole(action(call, body, path, &query, verb, &document), document);
    Decoded::Known(documents(call, body).into_iter().map(member).collect())
}

/// What the call does, by one reading of its body.
fn action(
    call: &Call,
    body: Body<'_>,
    path: &Path<'_>,
    query: &Query,
    verb: Verb,
    document: &Document,
) -> Action {
    let mut class = class::class(verb, path);
    if is_dry(verb, path, query, body, document) {
        class = Class::ReadOnly;
    }
    if Overrides::of(call, Body::Absent) != Overrides::NONE {
        class = class.max(http::class(call, Body::Absent).0);
    }
    let members = match document {
        Document::Read(Value::Object(members)) => Some(members),
        Document::Read(_) | Document::Absent | Document::Opaque => None,
    };
    let operation =
        if path.sub.is_empty() { verb.as_str().to_owned() } else { [verb.as_str(), " ", path.sub].concat() };
    Action {
        arguments: arguments(call, members),
        reversible: reversible(verb, class),
        ..Action::plain(Protocol::Kubernetes, call.host(), operation, class, resource(path, members))
    }
}

/// The body as the documents that it may be.
fn documents(call: &Call, body: Body<'_>) -> Vec<Document> {
    match Payload::of(call, body) {
        Payload::Absent => vec![Document::Absent],
        Payload::Read(content) if !content.readings.is_empty() => {
            content.readings.into_iter().map(Document::Read).collect()
        }
        Payload::Unread | Payload::Opaque(_) | Payload::Read(_) => vec![Document::Opaque],
    }
}

/// What the query says that matters here.
struct Query {
    watches: bool,
    dry: Dry,
}

/// What is said about a dry run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dry {
    Unsaid,
    All,
    Unclear,
}

impl Query {
    fn of(call: &Call) -> Self {
        let mut query = Self { watches: false, dry: Dry::Unsaid };
        http::each_pair(call.query().trim_start_matches('?'), |name, value| match name {
            "watch" => query.watches |= matches!(value, "true" | "1" | "True" | ""),
            "dryRun" if value == "All" && query.dry == Dry::Unsaid => query.dry = Dry::All,
            "dryRun" => query.dry = Dry::Unclear,
            _ => {}
        });
        query
    }
}

fn is_dry(verb: Verb, path: &Path<'_>, query: &Query, body: Body<'_>, document: &Document) -> bool {
    if !class::is_built_in(path.group) || path.sub == "token" || path.more {
        return false;
    }
    match (verb, document) {
        (Verb::Create | Verb::Update | Verb::Patch, _) => query.dry == Dry::All,
        (Verb::Delete | Verb::DeleteCollection, _) if body == Body::Absent => query.dry == Dry::All,
        (Verb::Delete | Verb::DeleteCollection, Document::Read(options)) => {
            let all = |value: &Value| {
                value.as_array().is_some_and(|v| matches!(v.as_slice(), [Value::String(s)] if s == "All"))
            };
            options.get("dryRun").is_some_and(all)
        }
        (
            Verb::Get
            | Verb::List
            | Verb::Watch
            | Verb::Delete
            | Verb::DeleteCollection
            | Verb::Connect
            | Verb::Unknown,
            _,
        ) => false,
    }
}

fn reversible(verb: Verb, class: Class) -> Reversible {
    match (verb, class) {
        (Verb::Delete | Verb::DeleteCollection, Class::DataDelete) => Reversible::No,
        _ => Reversible::Unknown,
    }
}

/// `namespace/kind/name`, without what the path does not name; the name of a new object is in its body.
fn resource(path: &Path<'_>, members: Option<&Map<String, Value>>) -> Resource {
    let kind = if path.group.is_empty() {
        path.resource.to_owned()
    } else {
        [path.resource, ".", path.group].concat()
    };
    let metadata = members.and_then(|members| members.get("metadata"));
    let new = metadata.and_then(|metadata| metadata.get("name")).and_then(Value::as_str);
    let name = if path.name.is_empty() { new.unwrap_or_default() } else { path.name };
    let parts = [path.namespace, path.resource, name];
    let id = parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/");
    Resource::new(kind, id)
}

fn arguments(call: &Call, members: Option<&Map<String, Value>>) -> Value {
    let mut found = Map::new();
    http::each_pair(call.query().trim_start_matches('?'), |name, value| {
        if !PARAMETERS.contains(&name) {
            return;
        }
        let value = Value::String(value.to_owned());
        match found.get_mut(name) {
            None => {
                found.insert(name.to_owned(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    });
    for name in TELLING {
        if let Some(value) = members.and_then(|members| members.get(name)) {
            found.insert(name.to_owned(), value.clone());
        }
    }
    let replicas = members.and_then(|members| members.get("spec")?.get("replicas"));
    if let Some(replicas) = replicas {
        found.insert("replicas".to_owned(), replicas.clone());
    }
    if found.is_empty() { Value::Null } else { Value::Object(found) }
}

#[cfg(test)]
mod tests;
