//! What an approval binds: taken raw, and leaving only as a keyed digest (protocol 1.4).

use std::{borrow::Cow, collections::BTreeMap};

use countersign_wire::{
    binding::{Binding, BoundPolicy, JCS_JSONRPC, SELECTING_HEADERS, SELECTING_PREFIXES},
    digest::content_digest,
    json::JsonFault,
    parties::{ActionName, Entity, PolicyRef},
};

use super::Unaskable;
use crate::{
    action::Protocol,
    call::Call,
    jsonrpc,
    placeholder::{self, Template},
    policy::Terms,
};

/// The part of a body that does not change from retry to retry: what is bound, and what a reviewer is shown. The two must be
/// of the same bytes, or a retry would find its approval given for another display.
pub(super) struct Stable<'b> {
    pub(super) bytes: Cow<'b, [u8]>,
    form: Option<&'static str>,
}

impl<'b> Stable<'b> {
    pub(super) fn of(body: &'b [u8], protocol: Protocol) -> Result<Self, Unaskable> {
        match protocol {
            Protocol::JsonRpc | Protocol::Mcp if !body.is_empty() => {
                match jsonrpc::stable_form(body) {
                    Ok(bytes) => Ok(Self { bytes: Cow::Owned(bytes), form: Some(JCS_JSONRPC) }),
                    // Compressed, or in another charset: bound byte for byte, and shown by size and type only.
                    Err(JsonFault::Malformed) => Ok(Self { bytes: Cow::Borrowed(body), form: None }),
                    Err(fault) => Err(Unaskable::Body(fault)),
                }
            }
            Protocol::Http
            | Protocol::Grpc
            | Protocol::GraphQl
            | Protocol::JsonRpc
            | Protocol::Mcp
            | Protocol::Sql
            | Protocol::Kubernetes
            | Protocol::Git
            | Protocol::Oci => Ok(Self { bytes: Cow::Borrowed(body), form: None }),
        }
    }
}

/// What a digest binds besides the call itself.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) terms: &'a Terms,
    pub(super) subject: &'a Entity,
    pub(super) resource: &'a Entity,
    pub(super) action: &'a ActionName,
    pub(super) policy: &'a PolicyRef,
}

pub(super) fn bind(call: &Call, stable: &Stable<'_>, named: Named<'_>) -> Result<Binding, Unaskable> {
    let Named { terms, subject, resource, action, policy } = named;
    let mut headers = BTreeMap::new();
    let begun = |name: &&str| SELECTING_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    let of_prefix = call.headers().iter().map(|(name, _)| name).filter(begun);
    let listed = terms.bind_headers.iter().map(String::as_str);
    for header in SELECTING_HEADERS.into_iter().chain(of_prefix).chain(listed) {
        if let Some(value) = header_text(call, header)? {
            headers.insert(header.to_owned(), value);
        }
    }
    Ok(Binding {
        v: 1,
        method: call.method().to_owned(),
        scheme: call.scheme().as_str().to_owned(),
        authority: call.authority().to_owned(),
        path: call.raw_path().to_owned(),
        query: call.query().to_owned(),
        content_type: header_text(call, "content-type")?.unwrap_or_default(),
        content_digest: content_digest(&stable.bytes),
        content_form: stable.form.map(str::to_owned),
        headers,
        secrets: names_of(&placeholder::in_head(call.headers())?),
        subject: subject.bound(),
        action: action.bound(),
        resource: resource.bound(),
        policy: BoundPolicy {
            id: policy.id.clone(),
            rule: policy.rule.clone(),
            rule_digest: policy.rule_digest.clone(),
            commit: None,
        },
    })
}

/// The names of the secrets, each once, in order.
pub(super) fn names_of(templates: &[Template]) -> Vec<String> {
    let mut names: Vec<String> = templates.iter().flat_map(Template::names).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

fn header_text(call: &Call, name: &str) -> Result<Option<String>, Unaskable> {
    let Some(value) = call.headers().joined(name) else { return Ok(None) };
    match String::from_utf8(value) {
        Ok(text) if !text.chars().any(|c| c.is_control() && c != '\t') => Ok(Some(text)),
        _ => Err(Unaskable::Header(name.to_owned())),
    }
}
