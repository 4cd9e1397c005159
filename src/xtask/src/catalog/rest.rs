//! The packs of REST vendors, out of OpenAPI documents and generated clients that package registries publish.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use countersign_core::{
    action::{Class, Reversible},
    catalog::{Basis, OperationDoc, ServiceDoc},
};

use super::{
    fetch::{self, Archive},
    grammar::Grammar,
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
    /// Whether only what a method and plain words tell wrongly is worth its bytes.
    pub(super) thin: bool,
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
    thin: false,
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
            && fetch::has_extension(path, &["json", "py"])
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
pub(super) fn document(vendor: &Vendor, grammar: &Grammar, archives: &[Archive]) -> Result<ServiceDoc> {
    let archive = archives.get(vendor.package).context("no such package")?;
    let mut operations = BTreeMap::new();
    for (path, bytes) in archive.files().filter(|(path, _)| vendor.is_in(path)) {
        for seen in seen(vendor, path, bytes)? {
            if let Some(operation) = operation(vendor, grammar, &seen) {
                operations.entry(operation.on.clone()).or_insert(operation);
            }
        }
    }
    anyhow::ensure!(
        vendor.thin || !operations.is_empty(),
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

fn operation(vendor: &Vendor, grammar: &Grammar, seen: &Seen) -> Option<OperationDoc> {
    let literals: Vec<&str> = seen.path.split('/').filter(|s| !s.is_empty() && !s.starts_with('{')).collect();
    let base = vendor.base.split('/').filter(|s| !s.is_empty() && !s.starts_with('{')).count();
    let called = literals.get(base..).unwrap_or_default().join(".").trim_end_matches(".json").to_owned();
    let by_call = vendor.named != Named::Described;
    let described = match (by_call, vendor.from) {
        (true, _) => called.clone(),
        (false, From::OpenApi) if !says(&seen.name) => called.clone(),
        (false, From::OpenApi | From::Python) => seen.name.clone(),
    };
    let method = if by_call { "POST" } else { seen.method.as_str() };
    let fits = |text: &str| {
        if text.starts_with('/') { seen.path.contains(text) } else { described.starts_with(text) }
    };
    let write = vendor.areas.iter().find(|(text, _)| fits(text)).map_or(vendor.write, |(_, class)| *class);
    let class = judge::class(&Facts {
        method,
        name: &described,
        path: &seen.path,
        read_scope: seen.read_scope,
        write,
    });
    let methods = if vendor.named == Named::Call { "GET,POST" } else { method };
    let on = format!("{methods} {}", seen.path);
    if is_spare(vendor, grammar, &format!("{method} {}", seen.path), class) {
        return None;
    }
    // What describes itself has a name of the vendor's; other names say where the path leads and what is done there.
    let name = if by_call || vendor.from == From::OpenApi && says(&seen.name) {
        described
    } else {
        derived(vendor.service, &literals, verb(&seen.name, &seen.method, vendor.from))
    };
    Some(OperationDoc {
        on,
        name,
        class,
        access: None,
        reversible: Reversible::Unknown,
        resource: None,
        arguments: Vec::new(),
        source: Some(if seen.read_scope && class == Class::ReadOnly { Basis::Scope } else { Basis::Name }),
    })
}

/// Whether an operation need not be in a pack: a read that plain HTTP is read as too; of a thin vendor everything that
/// plain HTTP is read as, or as no more than some write.
fn is_spare(vendor: &Vendor, grammar: &Grammar, on: &str, class: Class) -> bool {
    let host = vendor.hosts.first().copied().unwrap_or("example.com").replace('*', "x1");
    let Some(action) = grammar.reads(&host, on) else { return false };
    let some_write =
        |class: Class| matches!(class, Class::DataWrite | Class::InfraChange | Class::Communication);
    if vendor.thin {
        return action.class == class
            || some_write(action.class) && class == vendor.write && some_write(class);
    }
    on.starts_with("GET ") && class == Class::ReadOnly && action.class == Class::ReadOnly
}

/// The last word of a name that is made here.
fn verb<'n>(name: &'n str, method: &str, from: From) -> &'n str {
    match (from, method) {
        (From::Python, _) => name.rsplit('.').next().unwrap_or(name),
        (From::OpenApi, "GET") => "get",
        (From::OpenApi, "POST") => "post",
        (From::OpenApi, "PUT") => "put",
        (From::OpenApi, "PATCH") => "patch",
        (From::OpenApi, "DELETE") => "delete",
        (From::OpenApi, _) => "call",
    }
}

/// A name as packs write it at no cost: the service, where the path leads, and the verb.
fn derived(service: &str, literals: &[&str], verb: &str) -> String {
    let is_version = |segment: &str| {
        segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let start = service.split('.').next().unwrap_or_default();
    let parts = std::iter::once(start).chain(literals.iter().copied().filter(|literal| !is_version(literal)));
    parts.chain([verb]).collect::<Vec<_>>().join(".")
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
