//! The Google pack, out of the discovery documents that Google's Python client ships.
//!
//! Every API in every version, versions of one path merged. Reads that their path grammar shows to be reads are left
//! out. A service's hosts are its own and the one for mutual TLS; regional hosts, `www.googleapis.com` and the prefixes
//! of uploads are the decoder's to undo.

use std::collections::BTreeMap;

use anyhow::Result;
use countersign_core::{
    action::{Class, Reversible},
    catalog::{Access, Basis, OperationDoc, ServiceDoc},
};
use serde_json::Value;

use super::{
    Builder,
    fetch::{self, Archive, Package, Registry},
    grammar::Grammar,
    judge::{self, Facts},
};

pub(super) const BUILDER: Builder = Builder {
    pack: "google",
    packages: &[Package {
        registry: Registry::Pypi,
        name: "google-api-python-client",
        version: "2.202.0",
        file: "google_api_python_client-2.202.0-py3-none-any.whl",
        sha256: "aaa90064c9bb642ff1d065b22ca8958a2cb6e345909cefe70d0e5452fc50e08b",
        licence: "Apache-2.0",
    }],
    wanted: |path| {
        path.contains("/discovery_cache/documents/")
            && fetch::has_extension(path, &["json"])
            && !path.ends_with("/index.json")
    },
    build,
};

/// Operations of one host by `on`.
type Operations = BTreeMap<String, OperationDoc>;

fn build(archives: &[Archive]) -> Result<Vec<ServiceDoc>> {
    let mut services: BTreeMap<String, Operations> = BTreeMap::new();
    for (_, bytes) in archives.iter().flat_map(Archive::files) {
        let document: Value = serde_json::from_slice(bytes)?;
        let service = host(&document);
        let operations = services.entry(service.clone()).or_default();
        walk(&document, &document, &service, operations);
    }
    let grammar = Grammar::new()?;
    let documents = services.into_iter().map(|(service, operations)| ServiceDoc {
        operations: operations
            .into_values()
            .filter(|operation| !follows(&grammar, &service, operation))
            .collect(),
        hosts: vec![service.clone()],
        service,
        anywhere: false,
    });
    Ok(documents.filter(|document| !document.operations.is_empty()).collect())
}

/// Whether the decoder's grammar says of an operation what the pack would.
fn follows(grammar: &Grammar, service: &str, operation: &OperationDoc) -> bool {
    grammar.reads(service, &operation.on).is_some_and(|action| {
        let named = action.operation == operation.name
            || action.class == Class::ReadOnly && operation.on.starts_with("GET ");
        action.class == operation.class && named
    })
}

/// The host that an API is named by: its own, or the one it would have where it is served by the common one.
fn host(document: &Value) -> String {
    let root = document["rootUrl"].as_str().unwrap_or_default();
    let host = root.trim_start_matches("https://").trim_end_matches('/');
    match (host, document["name"].as_str()) {
        ("www.googleapis.com", Some(name)) => format!("{name}.googleapis.com"),
        (host, _) => host.to_owned(),
    }
}

fn walk(node: &Value, document: &Value, service: &str, operations: &mut Operations) {
    for method in node["methods"].as_object().into_iter().flat_map(|methods| methods.values()) {
        take(method, document, service, operations);
    }
    for inner in node["resources"].as_object().into_iter().flat_map(|resources| resources.values()) {
        walk(inner, document, service, operations);
    }
}

fn take(method: &Value, document: &Value, service: &str, operations: &mut Operations) {
    let text = |node: &Value| node.as_str().unwrap_or_default().to_owned();
    let (verb, name) = (text(&method["httpMethod"]), text(&method["id"]));
    let path = method["flatPath"].as_str().or(method["path"].as_str()).unwrap_or_default();
    let path = template(&format!("/{}{path}", document["servicePath"].as_str().unwrap_or_default()));
    let read_scope =
        method["scopes"].as_array().into_iter().flatten().filter_map(Value::as_str).any(only_reads);
    let facts = Facts { method: &verb, name: &name, path: &path, read_scope, write: write(service) };
    let class = class(&facts);
    let source = if read_scope && class == Class::ReadOnly { Basis::Scope } else { Basis::Name };
    let access = access(&facts, class);
    let operation = OperationDoc {
        on: format!("{verb} {path}"),
        name,
        class,
        access,
        reversible: Reversible::Unknown,
        resource: None,
        arguments: Vec::new(),
        source: Some(source),
    };
    // Versions that differ: the stricter one counts.
    if operations.get(&operation.on).is_none_or(|known| known.class < operation.class) {
        operations.insert(operation.on.clone(), operation);
    }
}

/// What Google's own IAM methods do, which their names say the same in every API.
fn class(facts: &Facts<'_>) -> Class {
    match facts.name.rsplit('.').next().unwrap_or_default() {
        "setIamPolicy" => Class::PrivilegeChange,
        "getIamPolicy" | "testIamPermissions" => Class::ReadOnly,
        _ => judge::class(facts),
    }
}

fn access(facts: &Facts<'_>, class: Class) -> Option<Access> {
    match facts.name.rsplit('.').next().unwrap_or_default() {
        "setIamPolicy" => Some(Access::Permissions),
        _ if class == Class::ReadOnly => Some(Access::Read),
        _ => None,
    }
}

/// A path with every parameter as `{p}` and its version as `{v}`.
fn template(path: &str) -> String {
    let mut version = false;
    let segments = path.trim_start_matches('/').split('/').map(|segment| {
        if !version && is_version(segment) {
            version = true;
            return "{v}".to_owned();
        }
        let (name, verb) = segment.split_once(':').map_or((segment, ""), |(name, verb)| (name, verb));
        let name = if name.starts_with('{') { "{p}" } else { name };
        if verb.is_empty() { name.to_owned() } else { format!("{name}:{verb}") }
    });
    segments.fold(String::new(), |path, segment| path + "/" + &segment)
}

/// `v1`, `v1beta3`, `v1.4`, `v202501alpha`, `alpha`, `beta`.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    number || matches!(segment, "alpha" | "beta")
}

fn only_reads(scope: &str) -> bool {
    [".readonly", ".read", ".read-only", "viewonly", "_readonly", "-readonly"]
        .iter()
        .any(|end| scope.ends_with(end))
}

/// What a write is to a service where nothing more is known.
fn write(service: &str) -> Class {
    match service.split('.').next().unwrap_or_default() {
        "accessapproval"
        | "accesscontextmanager"
        | "admin"
        | "cloudidentity"
        | "cloudresourcemanager"
        | "iam"
        | "iamcredentials"
        | "iap"
        | "identitytoolkit"
        | "oauth2"
        | "orgpolicy"
        | "sts" => Class::PrivilegeChange,
        "chat" | "fcm" | "gmail" | "cloudchannel" | "paymentsresellersubscription" | "reseller" => {
            Class::Communication
        }
        "artifactregistry" | "cloudfunctions" | "clouddeploy" | "developerconnect" | "sourcerepo" => {
            Class::CodeChange
        }
        _ => Class::InfraChange,
    }
}
