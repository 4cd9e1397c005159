//! Google's APIs: what a request means, by the grammar that all of them share and the catalog's exceptions.
//!
//! The host says which service is asked ([`place`]), regional, mutual-TLS and `www.googleapis.com` forms included; the
//! path names collections and resources in turn and may end in a custom verb (API Improvement Proposals 121 to 136). So a
//! name, a resource and a class follow for every operation: GET reads, DELETE deletes, others change the service. The
//! catalog holds what the grammar says wrongly: POSTs that read, and operations on rights, secrets, code, messages,
//! exports. What may be another method by an override header, which these APIs honour, is read as each, and the strictest
//! counts. Statements decide where SQL is sent ([`statement`]).
//!
//! It cannot know what a mask of fields leaves unchanged, or whom a policy document names.

mod lineage;
mod place;
mod statement;

use std::borrow::Cow;

use self::place::Place;
use super::{
    Action, Basis, Class, Document, Protocol, Resource,
    index::Head,
    overrides::{Others, Overrides},
    rest,
};
use crate::{
    call::{Body, Call},
    catalog::{Catalog, Operation},
};

/// Whether a call is for one of Google's APIs. Allocates nothing.
pub(super) fn claims(call: &Call) -> bool {
    call.host().strip_suffix("googleapis.com").is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The class of a call by its head alone, read as its own method.
pub(super) fn class(catalog: &Catalog, call: &Call) -> Class {
    let segments = super::segments::Segments::of(call);
    Place::of(catalog, call, &segments.texts()).class(catalog, call, call.method())
}

/// What a call to one of Google's APIs means.
pub(super) fn meaning(head: &Head<'_>, body: Body<'_>, document: &Document) -> Action {
    let call = head.call;
    let segments = super::segments::Segments::of(call);
    let texts = segments.texts();
    let place = Place::of(head.catalog, call, &texts);
    let known = place.find(head.catalog, call, call.method());
    let mut action = match &known {
        Some(operation) => {
            Action { resource: resource(&place, operation, call), ..rest::action(operation, call, document) }
        }
        None => Action::plain(
            Protocol::Http,
            place.service.as_ref(),
            place.name(call.method()),
            place.grammar(call, call.method()),
            Resource::new(place.kind().to_owned(), place.resource()),
        ),
    };
    if let Some(found) = statement::of(&place, call, document) {
        action =
            Action { service: action.service, operation: action.operation, basis: Basis::Grammar, ..found };
    }
    let Overrides { methods, others } = Overrides::of(call, body);
    for method in methods {
        action.class = action.class.max(place.class(head.catalog, call, &method));
    }
    if others == Others::Unknown {
        action.class = action.class.max(Class::DataWrite);
    }
    lineage::add(&mut action, &place, document);
    action
}

/// What an operation works on: what its catalog says, else the path.
fn resource(place: &Place<'_>, operation: &Operation<'_, '_>, call: &Call) -> Resource {
    match operation.resource() {
        Some(_) => rest::action(operation, call, &Document::Absent).resource,
        None => Resource::new(place.kind().to_owned(), place.resource()),
    }
}

impl Place<'_> {
    fn find<'c>(&self, catalog: &'c Catalog, call: &Call, method: &str) -> Option<Operation<'c, '_>> {
        catalog.by_path(&self.service, method, &self.segments, call.query())
    }

    fn class(&self, catalog: &Catalog, call: &Call, method: &str) -> Class {
        let known = self.find(catalog, call, method);
        known.map_or_else(|| self.grammar(call, method), |operation| operation.class())
    }

    /// The class that the grammar gives.
    fn grammar(&self, call: &Call, method: &str) -> Class {
        if self.is_store {
            return place::of_store(call, method, self.segments.len());
        }
        match (self.verb(), method) {
            ("setIamPolicy", _) => Class::PrivilegeChange,
            ("getIamPolicy" | "testIamPermissions", _) | (_, "GET" | "HEAD" | "OPTIONS") => Class::ReadOnly,
            (_, "DELETE") => Class::DataDelete,
            _ => Class::InfraChange,
        }
    }
}

/// The name of a service from its first label.
fn service(label: &str) -> Cow<'static, str> {
    Cow::Owned(format!("{label}.googleapis.com"))
}

#[cfg(test)]
mod tests;
