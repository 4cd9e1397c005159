//! What the filter makes of a call without any catalog: what it gets right by itself need not be in a pack.

use anyhow::Result;
use countersign_core::{
    action::{Action, Decoded, Decoders},
    call::{Body, Call, Destinations, HeaderMap},
    catalog::{Catalog, CatalogDoc},
};

/// The filter without catalogs.
pub(super) struct Grammar(Decoders);

impl Grammar {
    pub(super) fn new() -> Result<Self> {
        let none = CatalogDoc { packs: Some(Vec::new()), services: Vec::new() };
        Ok(Self(Decoders::new(Vec::new(), Catalog::new(&none)?)))
    }

    /// What a call of `METHOD PATH`, a template, is taken for at a host.
    pub(super) fn reads(&self, host: &str, on: &str) -> Option<Action> {
        let (method, template) = on.split_once(' ')?;
        let path = filled(template);
        let pairs = [(":method", method), (":authority", host), (":path", &path)];
        let call = Call::read(HeaderMap::from_pairs(pairs), &Destinations::default()).ok()?;
        match self.0.decode(&call, Body::Absent) {
            Decoded::Known(members) => members.into_iter().next().map(|member| member.action),
            Decoded::NeedsBody | Decoded::Undecodable(_) | Decoded::Contradiction(_) => None,
        }
    }
}

/// A template with something in the place of each parameter.
fn filled(template: &str) -> String {
    template.replace("{v}", "v1").replace("{p}", "x1")
}
