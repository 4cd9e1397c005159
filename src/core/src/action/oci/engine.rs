//! The engine's API: a table of its verbs, after the Docker Engine API and Podman's libpod API. It cannot know what a
//! container runs or a build does.

use super::Meaning;
use crate::action::Class::{
    self, CodeChange, CredentialAccess, DataDelete, DataExport, DataWrite, InfraChange, ReadOnly,
};

/// The first segments of an engine's own paths.
const COLLECTIONS: [&str; 20] = [
    "auth",
    "build",
    "commit",
    "configs",
    "containers",
    "distribution",
    "events",
    "exec",
    "images",
    "info",
    "networks",
    "nodes",
    "plugins",
    "secrets",
    "services",
    "session",
    "swarm",
    "system",
    "tasks",
    "volumes",
];

/// Whether the path may be one of an engine: it starts with its version, or names a container, an image or an exec.
pub(super) fn may_be(path: &str) -> bool {
    let Some(path) = path.strip_prefix('/') else { return false };
    path.starts_with("containers/")
        || path.starts_with("images/")
        || path.starts_with("exec/")
        || is_versioned(path)
        || path.starts_with("libpod/")
}

/// `v1.43/...`, as Docker has it, and `v4.0.0/...`, as Podman has; others have `/v1.0/`.
fn is_versioned(path: &str) -> bool {
    let Some(version) = path.strip_prefix('v').and_then(|rest| rest.split('/').next()) else { return false };
    let digits = version.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let docker = version.strip_prefix("1.").is_some_and(|minor| minor.len() == 2);
    digits && (docker || version.split('.').count() == 3)
}

/// Method, path and class. `*` is any one segment, `**` one or more. The first that fits counts.
const TABLE: [(&str, &[&str], Class); 64] = [
    ("GET", &["containers", "*", "export"], DataExport),
    ("GET", &["images", "*", "get"], DataExport),
    ("GET", &["images", "get"], DataExport),
    ("GET", &["images", "export"], DataExport),
    ("GET", &["containers", "*", "attach", "ws"], InfraChange),
    ("GET", &["swarm", "unlockkey"], CredentialAccess),
    ("GET", &["volumes", "*", "export"], DataExport),
    ("POST", &["containers", "*", "wait"], ReadOnly),
    ("POST", &["auth"], ReadOnly),
    ("POST", &["session"], ReadOnly),
    ("POST", &["containers", "create"], InfraChange),
    ("POST", &["containers", "prune"], DataDelete),
    ("POST", &["images", "prune"], DataDelete),
    ("POST", &["volumes", "prune"], DataDelete),
    ("POST", &["networks", "prune"], InfraChange),
    ("POST", &["system", "prune"], DataDelete),
    ("POST", &["build", "prune"], DataDelete),
    ("POST", &["containers", "*", "exec"], InfraChange),
    ("POST", &["containers", "*", "*"], InfraChange),
    ("PUT", &["containers", "*", "archive"], DataWrite),
    ("DELETE", &["containers", "*"], DataDelete),
    ("POST", &["exec", "*", "start"], InfraChange),
    ("POST", &["exec", "*", "resize"], InfraChange),
    ("POST", &["images", "create"], InfraChange),
    ("POST", &["images", "pull"], InfraChange),
    ("POST", &["images", "load"], InfraChange),
    ("POST", &["images", "import"], InfraChange),
    ("POST", &["images", "**", "push"], CodeChange),
    ("POST", &["images", "**", "tag"], CodeChange),
    ("POST", &["images", "**", "untag"], CodeChange),
    ("DELETE", &["images", "**"], DataDelete),
    ("POST", &["build"], CodeChange),
    ("POST", &["commit"], CodeChange),
    ("POST", &["volumes", "create"], InfraChange),
    ("PUT", &["volumes", "*"], InfraChange),
    ("DELETE", &["volumes", "*"], DataDelete),
    ("POST", &["networks", "create"], InfraChange),
    ("POST", &["networks", "*", "*"], InfraChange),
    ("DELETE", &["networks", "*"], InfraChange),
    ("POST", &["secrets", "create"], CredentialAccess),
    ("POST", &["secrets", "*", "update"], CredentialAccess),
    ("DELETE", &["secrets", "*"], CredentialAccess),
    ("GET", &["secrets", "**"], ReadOnly),
    ("GET", &["secrets"], ReadOnly),
    ("POST", &["configs", "**"], InfraChange),
    ("DELETE", &["configs", "*"], InfraChange),
    ("POST", &["swarm", "*"], InfraChange),
    ("POST", &["services", "**"], InfraChange),
    ("DELETE", &["services", "*"], InfraChange),
    ("POST", &["nodes", "**"], InfraChange),
    ("DELETE", &["nodes", "*"], InfraChange),
    ("POST", &["plugins", "**"], InfraChange),
    ("DELETE", &["plugins", "*"], InfraChange),
    ("POST", &["pods", "**"], InfraChange),
    ("DELETE", &["pods", "*"], DataDelete),
    ("POST", &["play", "kube"], InfraChange),
    ("DELETE", &["play", "kube"], InfraChange),
    ("POST", &["kube", "*"], InfraChange),
    ("POST", &["manifests", "*", "registry", "*"], CodeChange),
    ("POST", &["manifests", "**"], CodeChange),
    ("PUT", &["manifests", "**"], CodeChange),
    ("DELETE", &["manifests", "*"], DataDelete),
    ("GET", &["**"], ReadOnly),
    ("*", &["**"], InfraChange),
];

/// The verbs that tell an engine's container or exec where no version does.
const VERBS: [&str; 24] = [
    "archive", "attach", "changes", "exec", "export", "json", "kill", "logs", "pause", "rename", "resize",
    "restart", "start", "stats", "stop", "top", "unpause", "update", "wait", "create", "prune", "get",
    "history", "push",
];

pub(super) fn meaning(method: &str, segments: &[&str]) -> Option<Meaning> {
    let (versioned, own) = match segments {
        [version, rest @ ..] if is_versioned(version) => (true, rest),
        rest => (false, rest),
    };
    let (podman, own) = match own {
        ["libpod", rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let first = own.first()?;
    let last = own.last()?;
    let own_path = podman || COLLECTIONS.contains(first);
    let told =
        (versioned || podman || matches!(*first, "containers" | "exec" | "images") && VERBS.contains(last))
            && own_path;
    if !told {
        return None;
    }
    let method = if method == "HEAD" { "GET" } else { method };
    let (_, pattern, class) = TABLE
        .iter()
        .find(|(wanted, pattern, _)| (*wanted == method || *wanted == "*") && fits(pattern, own))?;
    // The verb of the path where there is one, else what it is about.
    let operation = pattern.iter().rev().find(|part| !part.starts_with('*')).copied().unwrap_or("engine");
    let id = own.get(1).filter(|id| **id != operation).copied().unwrap_or_default();
    let kind = COLLECTIONS.iter().find(|known| *known == first).copied().unwrap_or("engine");
    Some(Meaning { operation, class: *class, kind, id: id.to_owned() })
}

/// Whether segments fit a pattern; `**` stands at most once and takes all it can.
fn fits(pattern: &[&str], segments: &[&str]) -> bool {
    match pattern {
        [] => segments.is_empty(),
        ["**", rest @ ..] => segments
            .len()
            .checked_sub(rest.len())
            .filter(|taken| *taken > 0)
            .and_then(|taken| segments.get(taken..))
            .is_some_and(|segments| fits(rest, segments)),
        [first, rest @ ..] => segments
            .split_first()
            .is_some_and(|(segment, segments)| (*first == "*" || first == segment) && fits(rest, segments)),
    }
}
