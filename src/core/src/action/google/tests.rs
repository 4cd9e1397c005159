use crate::action::{Action, Class, Decoded, Decoders};
use crate::call::{Body, Call, Destinations, HeaderMap};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn asked(method: &str, authority: &str, path: &str, body: Option<&str>) -> Action {
    let mut pairs = vec![(":method", method), (":authority", authority), (":path", path)];
    if body.is_some() {
        pairs.push(("content-type", "application/json"));
    }
    let call = Call::read(HeaderMap::from_pairs(pairs), &Destinations::default()).unwrap();
    let body = body.map_or(Body::Absent, |text| Body::Read(text.as_bytes()));
    match Decoders::default().decode(&call, body) {
        Decoded::Known(members) => members.into_iter().next().unwrap().action,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_operation_has_the_name_of_its_discovery_document_and_the_full_name_of_its_resource() {
    let action = asked("POST", "pubsub.googleapis.com", "/v1/projects/p/topics/t:publish", Some("{}"));
    assert_eq!(action.operation, "pubsub.projects.topics.publish");
    assert_eq!(action.resource.id, "//pubsub.googleapis.com/projects/p/topics/t");
    assert_eq!(action.service, "pubsub.googleapis.com");
    assert!(action.class > Class::ReadOnly);
    assert_eq!(action.writes.first().map(|set| set.name.as_str()), Some("topic:p:t"));
}

#[test]
fn a_policy_is_a_privilege_and_asking_for_it_is_none() {
    let on = |verb: &str| {
        asked("POST", "cloudresourcemanager.googleapis.com", &format!("/v3/projects/p:{verb}"), Some("{}"))
            .class
    };
    assert_eq!(on("setIamPolicy"), Class::PrivilegeChange);
    assert_eq!(on("getIamPolicy"), Class::ReadOnly);
    assert_eq!(on("testIamPermissions"), Class::ReadOnly);
}

#[test]
fn every_form_of_a_host_is_the_same_service() {
    let path = "/v1/projects/p/locations/l/endpoints/e:predict";
    for host in [
        "aiplatform.googleapis.com",
        "us-central1-aiplatform.googleapis.com",
        "aiplatform.mtls.googleapis.com",
        "aiplatform.us-central1.rep.googleapis.com",
    ] {
        let action = asked("POST", host, path, Some("{}"));
        assert_eq!(
            (action.service.as_str(), action.class),
            ("aiplatform.googleapis.com", Class::ReadOnly),
            "{host}"
        );
    }
}

#[test]
fn an_upload_is_what_its_operation_is() {
    for path in [
        "/upload/storage/v1/b/x/o?uploadType=media&name=y",
        "/resumable/upload/storage/v1/b/x/o",
        "/storage/v1/b/x/o/y/compose",
    ] {
        let action = asked("POST", "storage.googleapis.com", path, None);
        assert!(action.class > Class::ReadOnly, "{path}");
        assert_eq!(action.writes.first().map(|set| set.namespace.as_str()), Some("gs://x"), "{path}");
    }
    assert!(asked("POST", "www.googleapis.com", "/upload/drive/v3/files", None).class > Class::ReadOnly);
}

#[test]
fn what_a_statement_does_decides() {
    let path = "/bigquery/v2/projects/p/queries";
    let class = |sql: &str| {
        asked("POST", "bigquery.googleapis.com", path, Some(&format!(r#"{{"query":"{sql}"}}"#))).class
    };
    assert_eq!(class("SELECT 1 FROM d.t"), Class::ReadOnly);
    assert_eq!(class("DELETE FROM d.t WHERE TRUE"), Class::DataDelete);
    let job = |part: &str| {
        asked("POST", "bigquery.googleapis.com", "/bigquery/v2/projects/p/jobs", Some(part)).class
    };
    assert_eq!(job(r#"{"configuration":{"extract":{"destinationUris":["gs://x/y"]}}}"#), Class::DataExport);
    assert_eq!(job(r#"{"configuration":{"query":{"query":"SELECT 1 FROM d.t"}}}"#), Class::ReadOnly);
    assert!(job(r#"{"configuration":{"load":{}}}"#) > Class::ReadOnly);
}

#[test]
fn the_store_s_own_api_is_read_by_method_and_query() {
    let class = |method: &str, path: &str| asked(method, "storage.googleapis.com", path, None).class;
    assert_eq!(class("GET", "/bucket/object"), Class::ReadOnly);
    assert_eq!(class("PUT", "/bucket/object"), Class::DataWrite);
    assert_eq!(class("PUT", "/bucket/object?acl"), Class::PrivilegeChange);
    assert_eq!(class("DELETE", "/bucket/object"), Class::DataDelete);
}
