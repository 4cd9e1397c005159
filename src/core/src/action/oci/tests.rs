use super::*;
use crate::{
    action::{Class::*, Decoders},
    call::sample::call,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn class(method: &str, host: &str, path: &str, body: &[u8]) -> Class {
    match Decoders::default().decode(&call(method, host, path, &[]), Body::Read(body)) {
        Decoded::Known(members) => members[0].action.class,
        Decoded::Undecodable(unclear) => unclear.action.class,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_registry_is_read_by_pulls_and_changed_by_pushes() {
    for (method, path, expected) in [
        ("GET", "/v2/", ReadOnly),
        ("GET", "/v2/_catalog", ReadOnly),
        ("HEAD", "/v2/library/alpine/manifests/latest", ReadOnly),
        ("GET", "/v2/a/b/c/blobs/sha256:00", ReadOnly),
        ("GET", "/v2/a/delete/tags/list", ReadOnly),
        ("GET", "/v2/a/referrers/sha256:00?artifactType=x", ReadOnly),
        ("POST", "/v2/a/b/blobs/uploads/", CodeChange),
        ("POST", "/v2/a/b/blobs/uploads/?mount=sha256:00&from=c", CodeChange),
        ("PATCH", "/v2/a/b/blobs/uploads/0-1-2", CodeChange),
        ("PUT", "/v2/a/b/blobs/uploads/0-1-2?digest=sha256:00", CodeChange),
        ("PUT", "/v2/a/b/manifests/v1", CodeChange),
        ("DELETE", "/v2/a/b/manifests/sha256:00", DataDelete),
        ("POST", "/v2/users/delete", DataDelete),
    ] {
        assert_eq!(class(method, "registry.example.org:5000", path, b""), expected, "{method} {path}");
    }
}

#[test]
fn an_image_is_named_with_its_tag_or_digest() {
    let id = |path: &str| meaning(&call("PUT", "r.example", path, &[])).unwrap().id;
    assert_eq!(id("/v2/a/b/manifests/v1"), "a/b:v1");
    assert_eq!(id("/v2/a/b/manifests/sha256:00"), "a/b@sha256:00");
}

#[test]
fn an_engine_is_read_by_lists_and_changed_by_its_verbs() {
    for (method, path, expected) in [
        ("GET", "/_ping", ReadOnly),
        ("GET", "/v1.43/containers/json?all=1", ReadOnly),
        ("GET", "/v1.43/containers/web/logs", ReadOnly),
        ("GET", "/v1.43/secrets", ReadOnly),
        ("POST", "/v1.43/containers/web/wait", ReadOnly),
        ("POST", "/v1.43/auth", ReadOnly),
        ("POST", "/v1.43/containers/create?name=x", InfraChange),
        ("POST", "/containers/web/exec", InfraChange),
        ("POST", "/exec/0a/start", InfraChange),
        ("POST", "/v1.43/build?t=x", CodeChange),
        ("POST", "/v1.43/images/r.example/a/b/push", CodeChange),
        ("POST", "/v1.43/images/create?fromImage=alpine", InfraChange),
        ("DELETE", "/v1.43/images/r.example/a", DataDelete),
        ("DELETE", "/v1.43/volumes/db", DataDelete),
        ("GET", "/v1.43/containers/web/export", DataExport),
        ("POST", "/v1.43/secrets/create", CredentialAccess),
        ("GET", "/v1.43/swarm/unlockkey", CredentialAccess),
        ("POST", "/v5.0.0/libpod/containers/create", InfraChange),
        ("GET", "/v5.0.0/libpod/containers/json", ReadOnly),
        ("POST", "/v1.43/swarm/init", InfraChange),
        ("BREW", "/v1.43/containers/web", InfraChange),
    ] {
        assert_eq!(class(method, "127.0.0.1:2375", path, b""), expected, "{method} {path}");
    }
}

#[test]
fn a_path_of_another_api_is_none_of_an_engines() {
    for path in ["/v1/containers", "/images/cat.png", "/v1.0/me/messages", "/containers/cat", "/v2/droplets"]
    {
        assert!(!claims(&call("GET", "a.example", path, &[]), false), "{path}");
    }
}
