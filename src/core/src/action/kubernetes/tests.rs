use super::*;
use crate::{
    action::{Class::*, Decoders},
    call::sample::call,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const JSON: (&str, &str) = ("content-type", "application/json");

fn action(method: &str, path: &str, body: &str) -> Action {
    let headers: &[(&str, &str)] = if body.is_empty() { &[] } else { &[JSON] };
    let call = call(method, "10.0.0.1:6443", path, headers);
    match Decoders::default().decode(&call, Body::Read(body.as_bytes())) {
        Decoded::Known(members) => {
            members.into_iter().map(|member| member.action).max_by_key(|action| action.class).unwrap()
        }
        other => panic!("{method} {path}: {other:?}"),
    }
}

#[test]
fn what_kubectl_and_its_like_send_has_its_class() {
    for (method, path, body, class) in [
        ("GET", "/api/v1/namespaces/prod/pods?limit=500", "", ReadOnly),
        ("GET", "/api/v1/namespaces/prod/pods/web/log?follow=true", "", ReadOnly),
        ("GET", "/apis/apps/v1/deployments?watch=true", "", ReadOnly),
        ("GET", "/apis/metrics.k8s.io/v1beta1/nodes", "", ReadOnly),
        ("GET", "/api/v1/namespaces/prod/pods/export", "", ReadOnly),
        ("POST", "/apis/apps/v1/namespaces/prod/deployments", r#"{"metadata":{"name":"web"}}"#, InfraChange),
        (
            "PATCH",
            "/apis/apps/v1/namespaces/prod/deployments/web/scale",
            r#"{"spec":{"replicas":0}}"#,
            InfraChange,
        ),
        ("DELETE", "/api/v1/namespaces/prod/pods/web", "", InfraChange),
        ("DELETE", "/api/v1/namespaces/prod", "", DataDelete),
        ("DELETE", "/api/v1/namespaces/prod/persistentvolumeclaims", "", DataDelete),
        ("POST", "/api/v1/namespaces/prod/pods/web/exec?command=sh", "", InfraChange),
        ("GET", "/api/v1/namespaces/prod/pods/web/exec?command=sh", "", InfraChange),
        ("GET", "/api/v1/namespaces/prod/services/web:80/proxy/admin", "", InfraChange),
        ("GET", "/api/v1/nodes/n1/proxy/run", "", InfraChange),
        ("GET", "/api/v1/proxy/nodes/n1/x", "", InfraChange),
        ("GET", "/api/v1/namespaces/prod/secrets/db", "", CredentialAccess),
        ("GET", "/api/v1/secrets?watch=1", "", CredentialAccess),
        ("GET", "/api/v1/watch/namespaces/prod/secrets", "", CredentialAccess),
        ("POST", "/api/v1/namespaces/prod/serviceaccounts/ci/token", "{}", CredentialAccess),
        ("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "{}", PrivilegeChange),
        ("PUT", "/apis/certificates.k8s.io/v1/certificatesigningrequests/x/approval", "{}", PrivilegeChange),
        ("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "{}", SchemaChange),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "{}", ReadOnly),
        ("POST", "/apis/authentication.k8s.io/v1/tokenreviews", "{}", ReadOnly),
        ("POST", "/apis/authorization.k8s.io/v1/somethingelse", "{}", InfraChange),
        ("PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/x", "{}", DataWrite),
        ("POST", "/apis/argoproj.io/v1alpha1/namespaces/argo/workflows", "{}", InfraChange),
        ("POST", "/apis/iam.acme.io/v1/namespaces/a/user-roles", "{}", PrivilegeChange),
        ("POST", "/k8s/clusters/c-m-1/api/v1/namespaces/a/secrets", "{}", CredentialAccess),
        ("BREW", "/apis/apps/v1/namespaces/prod/deployments", "", InfraChange),
    ] {
        assert_eq!(action(method, path, body).class, class, "{method} {path}");
    }
}

#[test]
fn a_dry_run_is_a_read_only_where_the_server_honours_it() {
    let all = r#"{"kind":"DeleteOptions","dryRun":["All"]}"#;
    for (method, path, body, class) in [
        ("POST", "/apis/apps/v1/namespaces/a/deployments?dryRun=All", "{}", ReadOnly),
        (
            "PATCH",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/x?dryRun=All&fieldManager=k",
            "{}",
            ReadOnly,
        ),
        ("POST", "/apis/apps/v1/namespaces/a/deployments?dryRun=all", "{}", InfraChange),
        ("POST", "/apis/apps/v1/namespaces/a/deployments?dryRun=All&dryRun=", "{}", InfraChange),
        ("POST", "/apis/apps/v1/namespaces/a/deployments?dryrun=All", "{}", InfraChange),
        ("POST", "/apis/acme.io/v1/namespaces/a/widgets?dryRun=All", "{}", InfraChange),
        ("POST", "/api/v1/namespaces/a/pods/x/exec?dryRun=All", "", InfraChange),
        ("POST", "/api/v1/namespaces/a/serviceaccounts/x/token?dryRun=All", "{}", CredentialAccess),
        ("DELETE", "/apis/apps/v1/namespaces/a/deployments/x?dryRun=All", "", ReadOnly),
        (
            "DELETE",
            "/apis/apps/v1/namespaces/a/deployments/x?dryRun=All",
            r#"{"kind":"DeleteOptions"}"#,
            InfraChange,
        ),
        ("DELETE", "/apis/apps/v1/namespaces/a/deployments/x", all, ReadOnly),
        (
            "DELETE",
            "/apis/apps/v1/namespaces/a/deployments/x",
            r#"{"dryRun":["All"],"dryRun":[]}"#,
            InfraChange,
        ),
        ("GET", "/api/v1/secrets?dryRun=All", "", CredentialAccess),
    ] {
        assert_eq!(action(method, path, body).class, class, "{method} {path} {body}");
    }
}

#[test]
fn an_object_is_named_by_namespace_kind_and_name() {
    let body = r#"{"metadata":{"name":"web"},"spec":{"replicas":3}}"#;
    let created = action("POST", "/apis/apps/v1/namespaces/prod/deployments", body);
    assert_eq!(
        (created.operation.as_str(), created.resource.id.as_str()),
        ("create", "prod/deployments/web")
    );
    assert_eq!(created.resource.kind, "deployments.apps");
    assert_eq!(created.arguments, serde_json::json!({"replicas": 3}));
    let exec =
        action("POST", "/api/v1/namespaces/prod/pods/web/exec?command=sh&command=-c&container=app", "");
    assert_eq!((exec.operation.as_str(), exec.resource.id.as_str()), ("connect exec", "prod/pods/web"));
    assert_eq!(exec.arguments, serde_json::json!({"command": ["sh", "-c"], "container": "app"}));
}

#[test]
fn a_header_of_the_agent_makes_no_call_of_the_api_milder() {
    for (name, value) in
        [("x-http-method-override", "GET"), ("accept", "application/json;as=PartialObjectMetadata")]
    {
        let call = call("DELETE", "k.example", "/apis/apps/v1/namespaces/a/deployments/x", &[(name, value)]);
        let Decoded::Known(members) = Decoders::default().decode(&call, Body::Absent) else { panic!() };
        assert_ne!(members[0].action.class, ReadOnly, "{name}");
    }
    let call = call("GET", "k.example", "/api/v1/namespaces/a/pods", &[("x-http-method-override", "DELETE")]);
    let Decoded::Known(members) = Decoders::default().decode(&call, Body::Absent) else { panic!() };
    assert_eq!(members[0].action.class, DataDelete);
}

#[test]
fn a_plain_read_of_the_fast_path_opens_no_connection_and_no_secret() {
    let plain =
        |path: &str| Decoders::default().is_plain_read(&call("GET", "k.example", path, &[]), Body::Absent);
    assert!(plain("/api/v1/namespaces/a/pods/x"));
    for path in [
        "/api/v1/namespaces/a/pods/x/portforward?ports=1",
        "/api/v1/nodes/n/proxy/x",
        "/api/v1/namespaces/a/secrets",
        "/apis/oauth.openshift.io/v1/oauthaccesstokens",
    ] {
        assert!(!plain(path), "{path}");
    }
}
