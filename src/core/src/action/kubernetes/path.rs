//! The paths of the Kubernetes API, and of gateways that hand them on.
//!
//! `/api/v1/...` is the core group, `/apis/GROUP/VERSION/...` every other one. The core group's paths count only where they
//! name one of its resources: other servers have an `/api/v1/`, too.

use crate::action::segments::Segments;
use crate::call::Call;

/// What a path of the API names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Path<'a> {
    /// The API group; empty for the core group.
    pub(super) group: &'a str,
    /// Empty where the path names no namespace.
    pub(super) namespace: &'a str,
    /// The plural of the resource; empty for discovery.
    pub(super) resource: &'a str,
    /// Empty for a collection.
    pub(super) name: &'a str,
    /// Empty for the object itself.
    pub(super) sub: &'a str,
    /// Whether it is one of the old paths `/watch/...`.
    pub(super) watch: bool,
    /// Whether it is one of the old paths `/proxy/...`.
    pub(super) proxy: bool,
    /// Whether there are segments after the subresource.
    pub(super) more: bool,
}

/// The resources of the core group.
const CORE: [&str; 19] = [
    "bindings",
    "componentstatuses",
    "configmaps",
    "endpoints",
    "events",
    "limitranges",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "podtemplates",
    "proxy",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "serviceaccounts",
    "services",
    "watch",
];

/// What gateways put before the paths of a cluster: Rancher, OpenShift's console, Loft, kcp, Google's Connect gateway, the
/// GitLab agent, Portainer. `*` is any segment.
const GATEWAYS: [&[&str]; 8] = [
    &["k8s", "clusters", "*"],
    &["api", "kubernetes"],
    &["kubernetes", "cluster", "*"],
    &["kubernetes", "project", "*", "virtualcluster", "*"],
    &["clusters", "*"],
    &["*", "projects", "*", "locations", "*", "*", "*"],
    &["k8s-proxy"],
    &["api", "endpoints", "*", "kubernetes"],
];

/// Whether the path may be one of the API: a look without allocation.
pub(super) fn may_be(call: &Call) -> bool {
    let path = call.path();
    path.contains("/apis/") || path.contains("/api/v1/")
}

/// Calls `take` with what the path names; `None` where it is none of the API.
pub(super) fn with<T>(call: &Call, take: impl FnOnce(Path<'_>) -> T) -> Option<T> {
    if !may_be(call) {
        return None;
    }
    let segments = Segments::of(call);
    read(&segments.texts()).map(take)
}

fn read<'a>(segments: &[&'a str]) -> Option<Path<'a>> {
    let own = after_gateway(segments);
    match own {
        ["api", "v1", first, ..] if CORE.contains(first) => {
            let path = named("", own.get(2..)?)?;
            // A namespaced path names a resource of the core group, else it is another server's.
            (path.resource == "namespaces" || CORE.contains(&path.resource)).then_some(path)
        }
        ["apis", group, version, rest @ ..] if is_group(group) && is_version(version) => named(group, rest),
        _ => None,
    }
}

fn after_gateway<'s, 'a>(segments: &'s [&'a str]) -> &'s [&'a str] {
    let starts = |prefix: &&&[&str]| {
        prefix.len() < segments.len()
            && prefix.iter().zip(segments).all(|(wanted, segment)| *wanted == "*" || wanted == segment)
            && segments.get(prefix.len()).is_some_and(|next| matches!(*next, "api" | "apis"))
    };
    GATEWAYS.iter().find(starts).and_then(|prefix| segments.get(prefix.len()..)).unwrap_or(segments)
}

fn named<'a>(group: &'a str, rest: &[&'a str]) -> Option<Path<'a>> {
    let mut path = Path { group, ..Path::default() };
    let rest = match rest {
        ["watch", rest @ ..] => {
            path.watch = true;
            rest
        }
        ["proxy", rest @ ..] if group.is_empty() => {
            path.proxy = true;
            rest
        }
        rest => rest,
    };
    let own = match rest {
        // The namespace itself, and its own subresources.
        ["namespaces", _] | ["namespaces", _, "status" | "finalize"] if group.is_empty() => rest,
        ["namespaces", namespace, own @ ..] if !own.is_empty() => {
            path.namespace = namespace;
            own
        }
        rest => rest,
    };
    let at = |place: usize| own.get(place).copied().unwrap_or_default();
    path.resource = at(0);
    path.name = at(1);
    path.sub = at(2);
    path.more = own.len() > 3;
    Some(path)
}

/// A group: one of those without a domain, or a domain.
fn is_group(text: &str) -> bool {
    matches!(text, "apps" | "batch" | "autoscaling" | "policy" | "extensions" | "events")
        || (text.contains('.')
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-'))
}

/// `v1`, `v2beta1`.
fn is_version(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('v') else { return false };
    let major = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let stage = major.strip_prefix("alpha").or(major.strip_prefix("beta"));
    major.len() < rest.len()
        && (major.is_empty()
            || stage.is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit())))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn path(text: &str) -> Option<Path<'_>> {
        read(&text.split('/').collect::<Vec<_>>())
    }

    #[test]
    fn every_form_of_path_is_read() {
        let core = Path { resource: "pods", name: "web", namespace: "prod", sub: "log", ..Path::default() };
        assert_eq!(path("api/v1/namespaces/prod/pods/web/log"), Some(core));
        let apps = Path { group: "apps", namespace: "prod", resource: "deployments", ..Path::default() };
        assert_eq!(path("apis/apps/v1/namespaces/prod/deployments"), Some(apps));
        let space = Path { resource: "namespaces", name: "prod", ..Path::default() };
        assert_eq!(path("api/v1/namespaces/prod"), Some(space));
        assert_eq!(path("api/v1/namespaces/prod/finalize"), Some(Path { sub: "finalize", ..space }));
        let own =
            Path { group: "acme.io", resource: "widgets", name: "x", namespace: "a", ..Path::default() };
        assert_eq!(path("apis/acme.io/v1beta2/namespaces/a/widgets/x"), Some(own));
        assert_eq!(path("k8s/clusters/c-1/apis/acme.io/v1beta2/namespaces/a/widgets/x"), Some(own));
        let all = Path { resource: "pods", watch: true, ..Path::default() };
        assert_eq!(path("api/v1/watch/pods"), Some(all));
        let proxied = path("api/v1/namespaces/a/services/https:web:443/proxy/x/y").unwrap();
        assert_eq!((proxied.sub, proxied.more), ("proxy", true));
    }

    #[test]
    fn another_servers_paths_are_not_read() {
        for text in [
            "api/v1/users",
            "api/v1/namespaces/default/workflows",
            "api/v1",
            "api/v2/pods",
            "apis/acme.io/widgets/x",
            "apis/proj/v1/x",
            "apis/acme.io/v1gamma1/x",
            "x/api/v1/pods",
        ] {
            assert_eq!(path(text), None, "{text}");
        }
    }
}
