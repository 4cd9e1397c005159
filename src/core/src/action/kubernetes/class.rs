//! What a verb on a resource of Kubernetes does, in classes, by what the built-in resources are for. It cannot know what a
//! custom resource makes its controller do.

use super::path::Path;
use crate::action::{Class, words};

/// What a request does to an object, in the words of RBAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    List,
    Watch,
    Create,
    Update,
    Patch,
    Delete,
    DeleteCollection,
    /// Opens a connection through the API server, whatever the method.
    Connect,
    /// A method that the API does not have.
    Unknown,
}

impl Verb {
    pub(super) fn of(method: &str, path: &Path<'_>, watches: bool) -> Self {
        if connects(path) {
            return Self::Connect;
        }
        match method {
            "GET" | "HEAD" if path.watch || watches => Self::Watch,
            "GET" | "HEAD" if path.name.is_empty() => Self::List,
            "GET" | "HEAD" | "OPTIONS" => Self::Get,
            "POST" => Self::Create,
            "PUT" => Self::Update,
            "PATCH" => Self::Patch,
            "DELETE" if path.name.is_empty() => Self::DeleteCollection,
            "DELETE" => Self::Delete,
            _ => Self::Unknown,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
            Self::Connect => "connect",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn reads(self) -> bool {
        match self {
            Self::Get | Self::List | Self::Watch => true,
            Self::Create
            | Self::Update
            | Self::Patch
            | Self::Delete
            | Self::DeleteCollection
            | Self::Connect
            | Self::Unknown => false,
        }
    }
}

/// Whether the path opens a connection into a pod, a service, a node or a virtual machine.
fn connects(path: &Path<'_>) -> bool {
    path.proxy
        || matches!(
            path.sub,
            "exec" | "attach" | "portforward" | "proxy" | "console" | "vnc" | "ssh" | "usbredir" | "vsock"
        )
}

/// Groups whose objects say who may do what, or what may run.
const ACCESS_GROUPS: [&str; 11] = [
    "rbac.authorization.k8s.io",
    "admissionregistration.k8s.io",
    "authorization.openshift.io",
    "user.openshift.io",
    "oauth.openshift.io",
    "security.openshift.io",
    "kyverno.io",
    "constraints.gatekeeper.sh",
    "templates.gatekeeper.sh",
    "iam.cnrm.cloud.google.com",
    "iam.aws.upbound.io",
];

/// Resources of any other group that say it.
const ACCESS: [&str; 13] = [
    "certificatesigningrequests",
    "serviceaccounts",
    "podsecuritypolicies",
    "securitycontextconstraints",
    "authorizationpolicies",
    "requestauthentications",
    "peerauthentications",
    "globalrolebindings",
    "clusterroletemplatebindings",
    "projectroletemplatebindings",
    "globalroles",
    "roletemplates",
    "appprojects",
];

/// Resources that are secrets, or make them.
const SECRETS: [&str; 12] = [
    "secrets",
    "sealedsecrets",
    "externalsecrets",
    "clusterexternalsecrets",
    "secretstores",
    "clustersecretstores",
    "secretproviderclasses",
    "vaultstaticsecrets",
    "vaultdynamicsecrets",
    "oauthaccesstokens",
    "oauthauthorizetokens",
    "pushsecrets",
];

/// Resources that hold a secret in clear, so that reading one is an access to it.
const READABLE_SECRETS: [&str; 3] = ["secrets", "oauthaccesstokens", "oauthauthorizetokens"];

/// Resources with which data goes when they are deleted.
const DATA: [&str; 6] = [
    "namespaces",
    "persistentvolumeclaims",
    "persistentvolumes",
    "volumesnapshots",
    "volumesnapshotcontents",
    "projects",
];

/// The class of a verb on what a path names.
pub(super) fn class(verb: Verb, path: &Path<'_>) -> Class {
    let secret = |known: &[&str]| known.contains(&path.resource);
    match verb {
        Verb::Get | Verb::List | Verb::Watch => {
            if secret(&READABLE_SECRETS) {
                Class::CredentialAccess
            } else {
                Class::ReadOnly
            }
        }
        Verb::Connect => Class::InfraChange,
        Verb::Create if asks(path) => Class::ReadOnly,
        Verb::Create | Verb::Update | Verb::Patch | Verb::Delete | Verb::DeleteCollection | Verb::Unknown => {
            of_write(verb, path)
        }
    }
}

fn of_write(verb: Verb, path: &Path<'_>) -> Class {
    if path.sub == "token" || SECRETS.contains(&path.resource) {
        return Class::CredentialAccess;
    }
    if ACCESS.contains(&path.resource) || ACCESS_GROUPS.contains(&path.group) {
        return Class::PrivilegeChange;
    }
    let deletes = matches!(verb, Verb::Delete | Verb::DeleteCollection);
    if deletes && DATA.contains(&path.resource) {
        return Class::DataDelete;
    }
    match (path.group, path.resource) {
        ("apiextensions.k8s.io", _) => Class::SchemaChange,
        // What controllers write all the time about themselves.
        ("" | "events.k8s.io", "events") | ("coordination.k8s.io", _) => Class::DataWrite,
        // A resource of somebody's own says by its name what it is about, if anything does.
        (group, resource) if !is_built_in(group) => {
            let about = words::class_of_collection(resource);
            if about >= Class::CredentialAccess { about } else { Class::InfraChange }
        }
        _ => Class::InfraChange,
    }
}

/// A create that only asks: who am I, what may I do, is this token good. Nothing is stored.
fn asks(path: &Path<'_>) -> bool {
    path.name.is_empty()
        && match path.group {
            "authentication.k8s.io" => matches!(path.resource, "tokenreviews" | "selfsubjectreviews"),
            "authorization.k8s.io" => matches!(
                path.resource,
                "subjectaccessreviews"
                    | "localsubjectaccessreviews"
                    | "selfsubjectaccessreviews"
                    | "selfsubjectrulesreviews"
            ),
            "authorization.openshift.io" => matches!(
                path.resource,
                "subjectaccessreviews"
                    | "localsubjectaccessreviews"
                    | "resourceaccessreviews"
                    | "localresourceaccessreviews"
                    | "selfsubjectrulesreviews"
                    | "subjectrulesreviews"
            ),
            "security.openshift.io" => matches!(
                path.resource,
                "podsecuritypolicyreviews"
                    | "podsecuritypolicyselfsubjectreviews"
                    | "podsecuritypolicysubjectreviews"
            ),
            _ => false,
        }
}

/// Whether a group is Kubernetes' own, whose server is known to honour `dryRun`. Behind others may stand any server.
pub(super) fn is_built_in(group: &str) -> bool {
    !group.contains('.') || group.ends_with(".k8s.io")
}
