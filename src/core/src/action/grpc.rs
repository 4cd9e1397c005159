//! gRPC and gRPC-Web: `POST /package.Service/Method` (gRPC over HTTP/2, "Request-Headers").
//!
//! The path tells service and method; the message is protobuf that only its schema explains, and is not read. A method
//! is judged by its name: one that does not read by name is a write. A path that is not of this form is judged as plain
//! HTTP: a content type alone makes no call a gRPC call.

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
        let class = known.as_ref().map_or_else(|| words::class_of_name(method), Operation::class).max(floor);
        let basis = known.map_or(Basis::Words, |operation| operation.basis());
        http::known(
            Action { basis, ..Action::plain(Protocol::Grpc, service, method, class, resource) },
            document,
        )
    }
}

/// Service and method of a gRPC path: a dotted service and a method that starts with a capital.
fn named(call: &Call) -> Option<(&str, &str)> {
    let (service, method) = call.path().strip_prefix('/')?.split_once('/')?;
    let word = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let dotted = service.contains('.') && service.split('.').all(|part| !part.is_empty() && word(part));
    let capital = method.starts_with(|c: char| c.is_ascii_uppercase()) && word(method);
    (call.method() == "POST" && call.query().is_empty() && dotted && capital).then_some((service, method))
}
