//! gRPC and gRPC-Web: `POST /package.Service/Method` (gRPC over HTTP/2, "Request-Headers"); and what speaks the same methods
//! in JSON or bare protobuf, Connect (connectrpc.com, "Protocol reference") and Twirp (`/twirp/package.Service/Method`).
//!
//! The path tells service and method; the message is protobuf that only its schema explains, and is not read. A method
//! is judged by the catalog, else by its name: one that does not read by name is a write. A service named `Query` reads:
//! Cosmos chains keep what writes in another, `Msg`. A path that is not of this form is judged as plain HTTP: a content type
//! alone makes no call a gRPC call.

use super::{
    Action, Basis, Class, Decoded, Decoder, Document, Protocol, Resource, http, index::Head,
    overrides::Overrides, words,
};
use crate::{
    call::{Body, Call},
    catalog::Operation,
};

/// Reads gRPC.
pub(super) struct Grpc;

impl Decoder for Grpc {
    fn decode(&self, head: &Head<'_>, body: Body<'_>) -> Decoded {
        let call = head.call;
        let document = if body == Body::Absent { Document::Absent } else { Document::Opaque };
        let Some((service, method)) = named(call) else {
            return http::known(http::action(call, Body::Absent), document);
        };
        let overridden = Overrides::of(call, Body::Absent) != Overrides::NONE;
        let floor = if overridden { http::class(call, Body::Absent).0 } else { Class::ReadOnly };
        let resource = Resource::new("grpc", format!("{}/{service}/{method}", call.authority()));
        let full = call.path().strip_prefix('/').unwrap_or_default();
        let known = head.catalog.by_name(call.host(), full).or_else(|| head.catalog.anywhere_by_name(full));
        let class = known.as_ref().map_or_else(|| by_name(service, method), Operation::class).max(floor);
        let basis = known.map_or(Basis::Words, |operation| operation.basis());
        http::known(
            Action { basis, ..Action::plain(Protocol::Grpc, service, method, class, resource) },
            document,
        )
    }
}

/// The class of a call whose path is that of a gRPC method, and its content JSON or bare protobuf.
pub(super) fn class(head: &Head<'_>) -> Option<Class> {
    let (service, method) = named(head.call)?;
    let full = head.call.path().trim_start_matches("/twirp").trim_start_matches('/');
    let known = head.catalog.by_name(head.call.host(), full).or_else(|| head.catalog.anywhere_by_name(full));
    Some(known.as_ref().map_or_else(|| by_name(service, method), Operation::class))
}

fn by_name(service: &str, method: &str) -> Class {
    let named = words::class_of_method(method);
    let queries = service.ends_with(".Query") && !words::has_an_act(method);
    if queries && named < Class::CredentialAccess { Class::ReadOnly } else { named }
}

/// Service and method of a gRPC path: a dotted service and a method that starts with a capital.
fn named(call: &Call) -> Option<(&str, &str)> {
    let path = call.path().strip_prefix('/')?;
    let (service, method) = path.strip_prefix("twirp/").unwrap_or(path).split_once('/')?;
    let word = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let dotted = service.contains('.') && service.split('.').all(|part| !part.is_empty() && word(part));
    let capital = method.starts_with(|c: char| c.is_ascii_uppercase()) && word(method);
    (call.method() == "POST" && call.query().is_empty() && dotted && capital).then_some((service, method))
}
