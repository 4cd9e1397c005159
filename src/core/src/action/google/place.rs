//! Where a call to Google's APIs goes: the service, and the parts of the path.
//!
//! Hosts are `SERVICE.googleapis.com`, `SERVICE.mtls.googleapis.com`, `SERVICE.REGION.rep.googleapis.com`,
//! `REGION-SERVICE.googleapis.com`, and `www.googleapis.com`, whose paths begin with the service. Uploads and downloads
//! have the path of their operation behind `/upload`, `/resumable/upload` or `/download`. Cloud Storage also speaks an
//! XML API with the bucket in the host or at the start of the path.

use std::borrow::Cow;

use super::service;
use crate::{action::Class, call::Call, catalog::Catalog};

/// What of a call says what it means.
pub(super) struct Place<'p> {
    /// The service, as `SERVICE.googleapis.com`.
    pub(super) service: Cow<'p, str>,
    /// The path without what stands before the API's own.
    pub(super) segments: Vec<&'p str>,
    /// Where in `segments` resources begin: after the version.
    start: usize,
    /// Whether it is Cloud Storage's XML API.
    pub(super) is_store: bool,
}

/// Segments of `/projects/P/global/firewalls/F` that are no collection with a name behind it.
const ALONE: [&str; 2] = ["global", "aggregated"];

impl<'p> Place<'p> {
    pub(super) fn of(catalog: &Catalog, call: &'p Call, path: &[&'p str]) -> Self {
        let mut segments = path;
        // Without a version behind it, `/download` is an operation's own path.
        let versioned = |segment: &&str| {
            segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        while let ["upload" | "download" | "resumable", after @ ..] = segments
            && after.iter().take(3).any(versioned)
        {
            segments = after;
        }
        let label = call.host().strip_suffix(".googleapis.com").unwrap_or_default();
        let label = label.split('.').next().unwrap_or_default();
        let behind = call.host().strip_suffix(".storage.googleapis.com").is_some();
        let service = match (label, segments.first()) {
            _ if behind => service("storage"),
            ("" | "www" | "content" | "clients6" | "batch", Some(first)) => service(first),
            (label, _) => named(catalog, label, call.host()),
        };
        let start = segments.iter().position(|segment| is_version(segment)).map_or(0, |version| version + 1);
        let is_store = service == "storage.googleapis.com"
            && (behind || start == 0 || !matches!(segments.first(), Some(&"storage" | &"b" | &"v1" | &"v2")));
        Self { service, segments: segments.to_vec(), start, is_store }
    }

    /// The custom verb at the end of the path, or nothing.
    pub(super) fn verb(&self) -> &'p str {
        let last = self.segments.last().copied().unwrap_or_default();
        let custom = last.rsplit_once(':').map(|(_, verb)| verb).filter(|_| !self.is_store);
        custom.unwrap_or(match last {
            "setIamPolicy" | "getIamPolicy" | "testIamPermissions" => last,
            _ => "",
        })
    }

    /// Collections and names of resources in turn; a name may be missing.
    fn steps(&self) -> impl Iterator<Item = (&'p str, Option<&'p str>)> {
        let mut rest = self.segments.get(self.start..).unwrap_or_default().iter().copied();
        std::iter::from_fn(move || {
            let collection = rest.next()?;
            Some((plain(collection), if ALONE.contains(&collection) { None } else { rest.next() }))
        })
    }

    /// The operation's name as discovery documents have it, where they follow the grammar.
    pub(super) fn name(&self, method: &str) -> String {
        let mut name = self.service.split('.').next().unwrap_or_default().to_owned();
        let mut whole = true;
        for (collection, id) in self.steps() {
            name.push('.');
            name.push_str(collection);
            whole = id.is_some();
        }
        name.push('.');
        name.push_str(match (self.verb(), method, whole) {
            ("", "GET" | "HEAD", true) => "get",
            ("", "GET" | "HEAD", false) => "list",
            ("", "POST", _) => "create",
            ("", "PATCH", _) => "patch",
            ("", "PUT", _) => "update",
            ("", "DELETE", _) => "delete",
            ("", method, _) => method,
            (verb, _, _) => verb,
        });
        name
    }

    /// The kind of the resource: the last collection.
    pub(super) fn kind(&self) -> &'p str {
        self.steps().last().map_or("url", |(collection, _)| collection)
    }

    /// The full resource name: `//SERVICE/` and the path behind the version.
    pub(super) fn resource(&self) -> String {
        let mut text = format!("//{}", self.service);
        let own = self.segments.get(self.start..).unwrap_or_default();
        for (place, segment) in own.iter().enumerate() {
            text.push('/');
            text.push_str(if place + 1 == own.len() && !self.is_store { plain(segment) } else { segment });
        }
        text
    }

    /// The name of a resource in a collection of the path, such as `projects`.
    pub(super) fn in_collection(&self, wanted: &str) -> Option<&'p str> {
        self.steps().find(|(collection, _)| *collection == wanted).and_then(|(_, id)| id).map(plain)
    }
}

/// A segment without its custom verb.
fn plain(segment: &str) -> &str {
    segment.split_once(':').map_or(segment, |(name, _)| name)
}

/// The service of a label of a host: the label, or what stands behind a region before it.
fn named<'p>(catalog: &Catalog, label: &'p str, host: &'p str) -> Cow<'p, str> {
    let whole = service(label);
    let tail = label.rsplit_once('-').map(|(_, tail)| service(tail));
    match tail {
        Some(tail) if !catalog.knows(&whole) && catalog.knows(&tail) => tail,
        _ if host.split('.').count() == 3 => Cow::Borrowed(host),
        _ => whole,
    }
}

/// `v1`, `v1beta3`, `v1.4`, `alpha`, `beta`.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    number || matches!(segment, "alpha" | "beta")
}

/// The class of a request to Cloud Storage's XML API, which is S3's with fewer operations.
pub(super) fn of_store(call: &Call, method: &str, segments: usize) -> Class {
    let asks = |name: &str| {
        call.query().trim_start_matches('?').split('&').any(|pair| pair.split('=').next() == Some(name))
    };
    match method {
        "GET" | "HEAD" | "OPTIONS" => Class::ReadOnly,
        _ if asks("acl") => Class::PrivilegeChange,
        "DELETE" => Class::DataDelete,
        _ if segments < 2 && call.host() == "storage.googleapis.com" => Class::InfraChange,
        _ => Class::DataWrite,
    }
}
