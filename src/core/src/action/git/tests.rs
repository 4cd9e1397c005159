use super::{packet::tests::line, *};
use crate::{
    action::{Class::*, Decoders},
    call::sample::call,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn decode(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Decoded {
    Decoders::default().decode(&call(method, "git.example.org", path, headers), Body::Read(body))
}

fn class(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Class {
    match decode(method, path, headers, body) {
        Decoded::Known(members) => members.iter().map(|member| member.action.class).max().unwrap(),
        Decoded::Undecodable(unclear) => unclear.action.class,
        other => panic!("{other:?}"),
    }
}

const LFS: (&str, &str) = ("content-type", "application/vnd.git-lfs+json");

#[test]
fn what_git_sends_has_its_class() {
    let push = [
        line(&format!("{} {} refs/heads/main\0 report-status", "a".repeat(40), "b".repeat(40))),
        "0000PACK".into(),
    ]
    .concat();
    let (fetch, gzip) =
        (("content-type", "application/x-git-upload-pack-request"), ("content-encoding", "gzip"));
    for (method, path, headers, body, expected) in [
        ("GET", "/a/b.git/info/refs?service=git-upload-pack", &[][..], &b""[..], ReadOnly),
        ("GET", "/a/b.git/info/refs?service=git-receive-pack", &[], b"", ReadOnly),
        ("GET", "/a/b.git/objects/info/packs", &[], b"", ReadOnly),
        ("POST", "/a/b.git/git-upload-pack", &[fetch], b"0014command=ls-refs\n0000", ReadOnly),
        ("POST", "/a/b/git-upload-pack", &[fetch, gzip], b"\x1f\x8b", ReadOnly),
        ("POST", "/a/b.git/git-receive-pack", &[], b"0000", ReadOnly),
        ("POST", "/a/b.git/git-receive-pack", &[], b"00000000", CodeChange),
        ("POST", "/a/b.git/git-receive-pack", &[], push.as_bytes(), CodeChange),
        ("POST", "/org/p/_git/r/git-receive-pack", &[], b"nonsense", CodeChange),
        ("POST", "/a/b.git/git-receive-pack", &[gzip], b"0000", CodeChange),
        (
            "POST",
            "/a/b.git/info/lfs/objects/batch",
            &[LFS],
            br#"{"operation":"download","objects":[]}"#,
            ReadOnly,
        ),
        (
            "POST",
            "/a/b.git/info/lfs/objects/batch",
            &[LFS],
            br#"{"operation":"upload","objects":[]}"#,
            CodeChange,
        ),
        (
            "POST",
            "/a/b.git/info/lfs/objects/batch",
            &[LFS],
            br#"{"operation":"download","operation":"upload"}"#,
            CodeChange,
        ),
        ("POST", "/a/b.git/info/lfs/locks/verify", &[LFS], b"{}", ReadOnly),
        ("POST", "/a/b.git/info/lfs/locks", &[LFS], br#"{"path":"x"}"#, DataWrite),
        ("POST", "/a/b.git/info/lfs/locks/7/unlock", &[LFS], b"{}", DataWrite),
    ] {
        assert_eq!(class(method, path, headers, body), expected, "{method} {path}");
    }
}

#[test]
fn each_ref_of_a_push_is_an_action_of_its_own() {
    let (a, zero) = ("a".repeat(40), "0".repeat(40));
    let body = [
        line(&format!("{zero} {a} refs/heads/new\0 report-status")),
        line(&format!("{a} {zero} refs/heads/old")),
        "0000".into(),
    ]
    .concat();
    let Decoded::Known(members) = decode("POST", "/org/repo.git/git-receive-pack", &[], body.as_bytes())
    else {
        panic!()
    };
    let told: Vec<_> =
        members.iter().map(|m| (m.action.operation.as_str(), m.action.resource.id.as_str())).collect();
    assert_eq!(
        told,
        [("create ref", "org/repo.git refs/heads/new"), ("delete ref", "org/repo.git refs/heads/old")]
    );
}

#[test]
fn a_push_is_never_judged_unread() {
    let call = call("POST", "git.example.org", "/a/b/git-receive-pack", &[]);
    assert!(matches!(Decoders::default().decode(&call, Body::Unread), Decoded::NeedsBody));
    assert_eq!(class("POST", "/a/b/git-receive-pack", &[], b""), CodeChange);
}
