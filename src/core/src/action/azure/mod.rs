//! Azure Resource Manager: what a request means, by the grammar that every resource provider follows.
//!
//! A path is a scope (`/subscriptions/S/resourceGroups/G`, a management group, a resource), then `providers/NAMESPACE` and
//! types and names in turn; a POST ends in an action. From that follow a name as the activity log has it
//! (`Microsoft.Compute/virtualMachines/start/action`), a resource, and a class: GET reads, PUT and PATCH change
//! infrastructure, an action does what its name says, and what hands out keys opens secrets. Paths are compared in lower
//! case, as Azure compares them. The catalog holds what the grammar says wrongly.
//!
//! It cannot know what a template of a deployment holds, or which members a PATCH changes. It follows the REST API
//! reference and the list of resource provider operations of Microsoft.

use super::{
    Action, Class, Document, Protocol, Resource,
    index::Head,
    overrides::{Others, Overrides},
    rest,
    segments::Segments,
};
use crate::{
    call::{Body, Call},
    catalog::{Catalog, Operation},
};

/// The host by which the catalog knows every cloud's Resource Manager.
const KEY: &str = "management.azure.com";

/// Whether a call is for Azure Resource Manager.
pub(super) fn claims(call: &Call) -> bool {
    matches!(
        call.host(),
        KEY | "management.chinacloudapi.cn" | "management.usgovcloudapi.net" | "management.microsoftazure.de"
    )
}

/// The class of a call by its head alone, read as its own method.
pub(super) fn class(catalog: &Catalog, call: &Call) -> Class {
    Path::of(call).class(catalog, call, call.method())
}

/// What a call to Azure Resource Manager means.
pub(super) fn meaning(head: &Head<'_>, body: Body<'_>, document: &Document) -> Action {
    let call = head.call;
    let path = Path::of(call);
    let resource = Resource::new(path.kind(), call.path().to_owned());
    let mut action = match path.find(head.catalog, call, call.method()) {
        Some(found) => Action { resource, ..rest::action(&found, call, document) },
        None => Action::plain(Protocol::Http, KEY, "", path.grammar(call.method()), resource),
    };
    action.operation = path.name(call, call.method());
    let Overrides { methods, others } = Overrides::of(call, body);
    for method in methods {
        action.class = action.class.max(path.class(head.catalog, call, &method));
    }
    if others == Others::Unknown {
        action.class = action.class.max(Class::InfraChange);
    }
    action
}

/// A path in lower case.
struct Path(Vec<String>);

impl Path {
    fn of(call: &Call) -> Self {
        Self(Segments::of(call).texts().iter().map(|segment| segment.to_ascii_lowercase()).collect())
    }

    fn find<'c>(&self, catalog: &'c Catalog, call: &Call, method: &str) -> Option<Operation<'c, '_>> {
        let segments: Vec<&str> = self.0.iter().map(String::as_str).collect();
        catalog.by_path(KEY, method, &segments, call.query())
    }

    fn class(&self, catalog: &Catalog, call: &Call, method: &str) -> Class {
        self.find(catalog, call, method).map_or_else(|| self.grammar(method), |found| found.class())
    }

    /// Where the last provider's types begin.
    fn types(&self) -> Option<usize> {
        self.0.iter().rposition(|segment| segment == "providers").map(|place| place + 2)
    }

    /// The action at the end of a POST: what stands where a type would, behind a provider or a scope.
    fn action(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    fn grammar(&self, method: &str) -> Class {
        match method {
            "GET" | "HEAD" | "OPTIONS" => Class::ReadOnly,
            "DELETE" => Class::DataDelete,
            "POST" => of_action(self.action()),
            _ => Class::InfraChange,
        }
    }

    /// The kind of the resource: namespace and types, as the path spells them.
    fn kind(&self) -> String {
        let Some(start) = self.types() else { return "resource".to_owned() };
        let mut kind = self.0.get(start - 1).cloned().unwrap_or_default();
        for kind_of in self.0.get(start..).unwrap_or_default().iter().step_by(2) {
            kind.push('/');
            kind.push_str(kind_of);
        }
        kind
    }

    /// The operation as the activity log names it.
    fn name(&self, call: &Call, method: &str) -> String {
        let segments: Vec<&str> = call.segments().collect();
        let start = self.types().filter(|start| *start <= segments.len());
        let mut name = match start {
            Some(start) => segments.get(start - 1).copied().unwrap_or_default().to_owned(),
            None => "Microsoft.Resources".to_owned(),
        };
        for part in segments.get(start.unwrap_or(0)..).unwrap_or_default().iter().step_by(2) {
            name.push('/');
            name.push_str(part);
        }
        name.push_str(match method {
            "GET" | "HEAD" => "/read",
            "DELETE" => "/delete",
            "POST" => "/action",
            _ => "/write",
        });
        name
    }
}

/// The class of a provider's action by its name, in lower case.
fn of_action(name: &str) -> Class {
    const SECRETS: [&str; 8] =
        ["key", "secret", "credential", "connectionstring", "token", "sas", "password", "publishxml"];
    const READS: [&str; 21] = [
        "list",
        "get",
        "check",
        "validate",
        "query",
        "search",
        "whatif",
        "preview",
        "calculate",
        "describe",
        "find",
        "resolve",
        "count",
        "fetch",
        "test",
        "read",
        "show",
        "estimate",
        "lookup",
        "nexthop",
        "exporttemplate",
    ];
    // `checkKeyAvailability` asks; `listKeys` hands out.
    if SECRETS.iter().any(|word| name.contains(word))
        && !name.starts_with("check")
        && !name.starts_with("validate")
    {
        return Class::CredentialAccess;
    }
    if READS.iter().any(|verb| name.starts_with(verb)) {
        return Class::ReadOnly;
    }
    let takes = ["export", "download", "backup"].iter().any(|verb| name.starts_with(verb));
    if takes { Class::DataExport } else { Class::InfraChange }
}

#[cfg(test)]
mod tests;
