//! The packs of REST vendors, out of OpenAPI documents and generated clients that package registries publish.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use countersign_core::{
    action::{Class, Reversible},
    catalog::{Basis, OperationDoc, ServiceDoc},
};

use super::{
    fetch::Archive,
    judge::{self, Facts},
    openapi, python,
};

/// One vendor's service, and where its operations come from.
#[derive(Clone, Copy)]
pub(super) struct Vendor {
    /// The provider's own name of the service.
    pub(super) service: &'static str,
    /// Its hosts.
    pub(super) hosts: &'static [&'static str],
    /// Which package of the pack describes it.
    pub(super) package: usize,
    /// Only files whose path starts so,
    pub(super) under: &'static str,
    /// and has this.
    pub(super) within: &'static str,
    /// Whether its paths are so distinctive that they mean it on any host.
    pub(super) anywhere: bool,
    /// What describes it.
    pub(super) from: From,
    /// What stands before each path; of an OpenAPI document its own base where it is the empty string.
    pub(super) base: &'static str,
    /// Which part of a description names an operation.
    pub(super) named: Named,
    /// The class of a write of which nothing more is known.
    pub(super) write: Class,
    /// The same for a part of the service: a path that has the text, where it starts with `/`, else a name that
    /// starts with it. The first that fits counts.
    pub(super) areas: &'static [(&'static str, Class)],
}

/// What describes a vendor's operations.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// OpenAPI or Swagger documents as JSON.
    OpenApi,
    /// The source of a Python client.
    Python,
}

/// Which part of a description names an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// Its `operationId`, or file and function.
    Described,
    /// Its path: a service of remote calls, where the method says nothing and GET and POST do the same.
    Call,
    /// Its path: as [`Self::Call`], but POST only.
    Post,
}

/// A vendor described by an OpenAPI document, of data, with nothing special.
pub(super) const PLAIN: Vendor = Vendor {
    service: "",
    hosts: &[],
    package: 0,
    under: "",
    within: "",
    anywhere: false,
    from: From::OpenApi,
    base: "",
    named: Named::Described,
    write: Class::DataWrite,
    areas: &[],
};

impl Vendor {
    /// Whether a file of a package describes it.
    pub(super) fn is_in(&self, path: &str) -> bool {
        path.starts_with(self.under)
            && path.contains(self.within)
            && (path.ends_with(".json") || path.ends_with(".py"))
    }
}

/// One operation as any source describes it.
struct Seen {
    method: String,
    path: String,
    name: String,
    read_scope: bool,
}

/// The document of one vendor.
pub(super) fn document(vendor: &Vendor, archives: &[Archive]) -> Result<ServiceDoc> {
    let archive = archives.get(vendor.package).context("no such package")?;
    let mut operations = BTreeMap::new();
    for (path, bytes) in archive.files().filter(|(path, _)| vendor.is_in(path)) {
        for seen in seen(vendor, path, bytes)? {
            if let Some(operation) = operation(vendor, &seen) {
                operations.entry(operation.on.clone()).or_insert(operation);
            }
        }
    }
    anyhow::ensure!(
        !operations.is_empty(),
        "no operation of {} found under `{}`",
        vendor.service,
        vendor.under
    );
    Ok(ServiceDoc {
        service: vendor.service.to_owned(),
        hosts: vendor.hosts.iter().map(|host| (*host).to_owned()).collect(),
        anywhere: vendor.anywhere,
        operations: operations.into_values().collect(),
    })
}

fn seen(vendor: &Vendor, path: &str, bytes: &[u8]) -> Result<Vec<Seen>> {
    match vendor.from {
        From::OpenApi => {
            let document = serde_json::from_slice(bytes).with_context(|| path.to_owned())?;
            let base = (!vendor.base.is_empty()).then_some(vendor.base);
            let described = openapi::operations(&document, base).into_iter();
            Ok(described
                .map(|d| Seen {
                    method: d.method,
                    path: template(&d.path),
                    name: d.name,
                    read_scope: d.read_scope,
                })
                .collect())
        }
        From::Python => {
            let stem = path.rsplit('/').next().and_then(|file| file.strip_suffix(".py")).unwrap_or_default();
            let called = python::operations(stem, &String::from_utf8_lossy(bytes)).into_iter();
            Ok(called
                .map(|c| Seen {
                    method: c.method,
                    path: template(&format!("{}{}", vendor.base, c.path)),
                    name: c.name,
                    read_scope: false,
                })
                .collect())
        }
    }
}

fn operation(vendor: &Vendor, seen: &Seen) -> Option<OperationDoc> {
    let name = match vendor.named {
        Named::Described if says(&seen.name) => seen.name.clone(),
        Named::Described => seen
            .path
            .split('/')
            .filter(|s| !s.is_empty() && !s.starts_with('{'))
            .collect::<Vec<_>>()
            .join("."),
        Named::Call | Named::Post => {
            let segments: Vec<&str> =
                seen.path.split('/').filter(|s| !s.is_empty() && !s.starts_with('{')).collect();
            let base = vendor.base.split('/').filter(|s| !s.is_empty() && !s.starts_with('{')).count();
            segments.get(base..).unwrap_or_default().join(".").trim_end_matches(".json").to_owned()
        }
    };
    let name = if name.is_empty() { seen.method.clone() } else { name };
    let method = if vendor.named == Named::Described { seen.method.as_str() } else { "POST" };
    let area = vendor.areas.iter().find(|(text, _)| {
        if text.starts_with('/') { seen.path.contains(text) } else { name.starts_with(text) }
    });
    let write = area.map_or(vendor.write, |(_, class)| *class);
    let facts = Facts { method, name: &name, path: &seen.path, read_scope: seen.read_scope, write };
    let class = judge::class(&facts);
    if method == "GET" && class == Class::ReadOnly && !judge::alarms(&seen.path) {
        return None;
    }
    let methods = match vendor.named {
        Named::Described | Named::Post => method,
        Named::Call => "GET,POST",
    };
    Some(OperationDoc {
        on: format!("{methods} {}", seen.path),
        name,
        class,
        access: None,
        reversible: Reversible::Unknown,
        resource: None,
        arguments: Vec::new(),
        source: Some(if seen.read_scope && class == Class::ReadOnly { Basis::Scope } else { Basis::Name }),
    })
}

/// Whether a name says more than method and path do.
fn says(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !name.is_empty()
        && !["post", "put", "patch", "delete", "get"].iter().any(|method| {
            lower
                .strip_prefix(method)
                .is_some_and(|rest| rest.starts_with(['_', '-', '/']) || rest.starts_with("v3"))
        })
}

/// A path with every parameter as `{p}`. A segment of which a part is a parameter is one.
fn template(path: &str) -> String {
    let segments = path.trim_matches('/').split('/').filter(|segment| !segment.is_empty());
    segments.fold(String::new(), |path, segment| {
        let (name, verb) = segment.split_once(':').unwrap_or((segment, ""));
        let name = if name.contains(['{', '*']) { "{p}" } else { name };
        let tail = if verb.is_empty() || verb.contains('{') { String::new() } else { format!(":{verb}") };
        format!("{path}/{name}{tail}")
    })
}
