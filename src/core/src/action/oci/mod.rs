//! Registries of images and artifacts, and the engines that run them (OCI distribution specification 1.1, Docker Engine
//! API, Podman's libpod API).
//!
//! A registry's path ends in what it names: `manifests/REF`, `blobs/DIGEST`, `blobs/uploads`, `tags/list`,
//! `referrers/DIGEST`. Whatever writes there publishes. An engine's path starts with the version of its API, or names a
//! container, an image and so on with one of its verbs. Neither needs the body for its class: starting, running and
//! building change machines whatever they run.
//!
//! It cannot know what an image holds, nor whether a host is a registry or an engine at all: the paths are taken for
//! theirs on every host that no catalog knows.

mod engine;

use super::{
    Action, Class, Decoded, Decoder, Document, Protocol, Resource, http, index::Head, overrides::Overrides,
    segments::Segments,
};
use crate::call::{Body, Call};

/// Reads calls of registries and engines.
pub(super) struct Oci;

/// What a call does, as far as the path tells.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Meaning {
    operation: &'static str,
    class: Class,
    kind: &'static str,
    id: String,
}

/// Whether the path is one of a registry or an engine. Allocates only where it may be. At a host that a catalog knows may
/// be a registry beside the catalog's API, but no engine.
pub(super) fn claims(call: &Call, known_host: bool) -> bool {
    (!known_host || call.path().starts_with("/v2/")) && meaning(call).is_some()
}

/// The class that the head alone tells; `None` where the path is not of this kind.
pub(super) fn class_of_head(call: &Call) -> Option<Class> {
    meaning(call).map(|meaning| meaning.class)
}

impl Decoder for Oci {
    fn decode(&self, head: &Head<'_>, body: Body<'_>) -> Decoded {
        let call = head.call;
        let body = if body == Body::Read(&[]) { Body::Absent } else { body };
        let Some(meaning) = meaning(call) else { return http::Http.decode(head, body) };
        // The body of a safe method is nothing these servers know.
        if http::is_safe(call.method()) && body != Body::Absent {
            return http::Http.decode(head, body);
        }
        let mut class = meaning.class;
        if Overrides::of(call, Body::Absent) != Overrides::NONE {
            class = class.max(http::class(call, Body::Absent).0);
        }
        let resource = Resource::new(meaning.kind, meaning.id);
        let action = Action::plain(Protocol::Oci, call.host(), meaning.operation, class, resource);
        http::known(action, if body == Body::Absent { Document::Absent } else { Document::Opaque })
    }
}

fn meaning(call: &Call) -> Option<Meaning> {
    let path = call.path();
    if !path.starts_with("/v2/") && !engine::may_be(path) {
        return None;
    }
    let segments = Segments::of(call);
    let texts = segments.texts();
    registry(call.method(), &texts).or_else(|| engine::meaning(call.method(), &texts))
}

fn registry(method: &str, segments: &[&str]) -> Option<Meaning> {
    let ["v2", rest @ ..] = segments else { return None };
    let (name, operation, write) = match rest {
        [name @ .., "blobs", "uploads"] => (name, "blobs/uploads", Class::CodeChange),
        [name @ .., "blobs", "uploads", _] => (name, "blobs/uploads", Class::CodeChange),
        [name @ .., "manifests", _] => (name, "manifests", Class::CodeChange),
        [name @ .., "blobs", digest] if digest.contains(':') => (name, "blobs", Class::CodeChange),
        [name @ .., "tags", "list"] => (name, "tags/list", Class::CodeChange),
        [name @ .., "referrers", digest] if digest.contains(':') => (name, "referrers", Class::CodeChange),
        _ => return None,
    };
    if name.is_empty() {
        return None;
    }
    let class = match (method, operation) {
        ("GET" | "HEAD" | "OPTIONS", _) => Class::ReadOnly,
        // Giving up an upload deletes nothing that was published.
        ("DELETE", "manifests" | "blobs") => Class::DataDelete,
        _ => write,
    };
    let mut id = name.join("/");
    if let ("manifests" | "blobs", Some(reference)) = (operation, rest.last()) {
        id.push(if reference.contains(':') { '@' } else { ':' });
        id.push_str(reference);
    }
    Some(Meaning { operation, class, kind: "image", id })
}

#[cfg(test)]
mod tests;
