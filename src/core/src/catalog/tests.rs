use serde_json::json;

use super::*;
use crate::action::{Class, Reversible};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn catalog(services: serde_json::Value) -> Catalog {
    let services: Vec<ServiceDoc> = serde_json::from_value(services).unwrap();
    Catalog::new(&CatalogDoc { packs: Some(Vec::new()), services }).unwrap()
}

fn shop() -> Catalog {
    catalog(json!([
        {"service": "shop.example.com", "hosts": ["shop.example.com", "*.shop.example.com"], "operations": [
            {"on": "GET /v1/orders/{id}", "name": "shop.orders.get", "class": "read_only"},
            {"on": "POST /v1/orders/{id}:refund", "name": "shop.orders.refund", "class": "communication", "reversible": "no",
             "resource": "orders/{id}", "arguments": ["/amount"], "access": "write", "source": "scope"},
            {"on": "POST /v1/orders/search", "name": "Search", "class": "read_only"},
            {"on": "POST /v1/orders/{id}", "name": "Change", "class": "data_write"},
            {"on": "PUT /v1/files/{path...}", "name": "Put", "class": "data_write", "resource": "{path}"},
            {"on": "PUT /v1/files/{path...}?acl", "name": "PutAcl", "class": "privilege_change"},
            {"on": "POST /v1/files/{path...}:publish", "name": "Publish", "class": "code_change", "resource": "{path}"},
            {"on": "call GetOrder", "name": "GetOrder", "class": "read_only"}]},
        {"service": "any", "anywhere": true, "operations": [
            {"on": "POST /_search", "name": "Search", "class": "read_only"}]}
    ]))
}

fn found(host: &str, method: &str, path: &str, query: &str) -> Option<(String, Class)> {
    let segments: Vec<&str> = path.split('/').collect();
    shop().by_path(host, method, &segments, query).map(|found| (found.name(), found.class()))
}

fn named(name: &str, class: Class) -> (String, Class) {
    (name.to_owned(), class)
}

#[test]
fn an_operation_is_found_by_method_and_path() {
    let at = "shop.example.com";
    assert_eq!(found(at, "GET", "v1/orders/7", ""), Some(named("shop.orders.get", Class::ReadOnly)));
    assert_eq!(found(at, "HEAD", "v1/orders/7", ""), Some(named("shop.orders.get", Class::ReadOnly)));
    assert_eq!(found(at, "POST", "v1/orders/7", ""), Some(named("Change", Class::DataWrite)));
    assert_eq!(found(at, "POST", "v1/orders/search", ""), Some(named("Search", Class::ReadOnly)));
    assert_eq!(
        found(at, "POST", "v1/orders/7:refund", ""),
        Some(named("shop.orders.refund", Class::Communication))
    );
    assert_eq!(found(at, "DELETE", "v1/orders/7", ""), None);
    assert_eq!(found(at, "POST", "v1/orders", ""), None);
    assert_eq!(found(at, "POST", "v1/orders/7/x", ""), None);
    assert_eq!(
        found("eu.shop.example.com", "GET", "v1/orders/7", ""),
        Some(named("shop.orders.get", Class::ReadOnly))
    );
    assert_eq!(found("shop.example.org", "GET", "v1/orders/7", ""), None);
    assert_eq!(found("ashop.example.com", "GET", "v1/orders/7", ""), None);
}

#[test]
fn a_parameter_of_several_segments_takes_them_all_and_a_query_key_is_more_particular() {
    let at = "shop.example.com";
    assert_eq!(found(at, "PUT", "v1/files/a/b/c", ""), Some(named("Put", Class::DataWrite)));
    assert_eq!(
        found(at, "PUT", "v1/files/a/b/c", "?x=1&%61cl"),
        Some(named("PutAcl", Class::PrivilegeChange))
    );
    assert_eq!(found(at, "POST", "v1/files/a/b:publish", ""), Some(named("Publish", Class::CodeChange)));
    assert_eq!(found(at, "PUT", "v1/files", ""), None);
    let shop = shop();
    let operation = shop.by_path(at, "POST", &["v1", "files", "a", "b:publish"], "").unwrap();
    assert_eq!(operation.parameter("path"), Some("a/b"));
}

#[test]
fn what_a_document_says_of_an_operation_is_what_is_found() {
    let shop = shop();
    let refund = shop.by_path("shop.example.com", "POST", &["v1", "orders", "7:refund"], "").unwrap();
    assert_eq!((refund.service(), refund.reversible()), ("shop.example.com", Reversible::No));
    assert_eq!((refund.access(), refund.basis()), (Some(Access::Write), Basis::Scope));
    assert_eq!((refund.resource(), refund.parameter("id")), (Some("orders/{id}"), Some("7")));
    assert_eq!(refund.arguments().collect::<Vec<_>>(), ["/amount"]);
    let get = shop.by_name("shop.example.com", "GetOrder").unwrap();
    assert_eq!((get.name(), get.class(), get.access()), ("GetOrder".to_owned(), Class::ReadOnly, None));
    assert!(shop.by_name("shop.example.com", "GetOrders").is_none());
    assert_eq!(shop.anywhere("POST", &["_search"], "").map(|found| found.class()), Some(Class::ReadOnly));
    assert!(shop.anywhere("POST", &["_count"], "").is_none());
}

#[test]
fn of_two_services_at_one_host_the_stricter_word_counts() {
    let operation = |class: &str| json!({"on": "POST /x", "name": class, "class": class});
    let services = |a: &str, b: &str| {
        json!([{"service": "a", "hosts": ["h.example"], "operations": [operation(a)]},
               {"service": "b", "hosts": ["h.example"], "operations": [operation(b)]}])
    };
    for (a, b) in [("read_only", "data_delete"), ("data_delete", "read_only")] {
        let catalog = catalog(services(a, b));
        let found = catalog.by_path("h.example", "POST", &["x"], "").unwrap();
        assert_eq!((found.class(), found.name().as_str()), (Class::DataDelete, "data_delete"));
    }
}

#[test]
fn the_same_documents_give_the_same_bytes_in_any_order() {
    let service = |name: &str| ServiceDoc {
        service: name.to_owned(),
        hosts: vec![format!("{name}.example")],
        anywhere: false,
        operations: vec![OperationDoc {
            on: "GET /{x}".to_owned(),
            name: "Get".to_owned(),
            class: Class::ReadOnly,
            access: None,
            reversible: Reversible::Unknown,
            resource: None,
            arguments: Vec::new(),
            source: None,
        }],
    };
    assert_eq!(pack(&[service("a"), service("b")]), pack(&[service("b"), service("a")]));
}

#[test]
fn damaged_bytes_find_nothing_and_never_panic() {
    let services: Vec<ServiceDoc> = serde_json::from_value(json!([
        {"service": "s", "hosts": ["s.example"], "operations": [
            {"on": "GET /a/{b}/{c...}", "name": "N", "class": "read_only"}, {"on": "call X", "name": "X", "class": "read_only"}]}]))
    .unwrap();
    let whole = pack(&services).unwrap();
    for place in 0..whole.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[place] = value;
            let Some(pack) = Pack::read(bytes) else { continue };
            let catalog = Catalog::of(Some(Arc::new(pack)), Vec::new());
            if let Some(found) = catalog.by_path("s.example", "GET", &["a", "b", "c"], "?x") {
                let _ = (found.name(), found.class(), found.resource(), found.arguments().count());
            }
            let _ = catalog.by_name("s.example", "X").map(|found| found.name());
        }
        if let Some(pack) = Pack::read(whole[..place].to_vec()) {
            panic!("{place} of {} bytes are a pack of {} hosts", whole.len(), pack.hosts());
        }
    }
}

#[test]
fn a_document_with_a_mistake_is_refused_with_its_service() {
    let refused = |service: serde_json::Value| {
        let services = vec![serde_json::from_value(service).unwrap()];
        Catalog::new(&CatalogDoc { packs: None, services }).unwrap_err().to_string()
    };
    let no_host = refused(json!({"service": "s", "operations": []}));
    assert!(no_host.contains("catalog of `s`") && no_host.contains("hosts"), "{no_host}");
    let bad = refused(
        json!({"service": "s", "hosts": ["h"], "operations": [{"on": "FETCH /x", "name": "n", "class": "read_only"}]}),
    );
    assert!(bad.contains("`FETCH /x`"), "{bad}");
    let unknown = Catalog::new(&CatalogDoc { packs: Some(vec!["none".into()]), services: Vec::new() });
    assert!(unknown.unwrap_err().to_string().contains("tools"));
}

#[test]
fn every_pack_that_comes_with_the_filter_can_be_read() {
    for (name, named) in NAMES.iter().zip(packs::all()) {
        let pack = named.read().unwrap_or_else(|| panic!("the pack `{name}` cannot be read"));
        assert!(pack.hosts() > 5, "`{name}` has {} hosts", pack.hosts());
    }
}

#[test]
fn a_pressed_pack_that_is_damaged_is_none() {
    for bytes in [&b""[..], b"CSC2", &[0xff; 64], &[0; 64]] {
        assert!(press::unpressed(bytes).is_none());
        assert!(pressed(bytes).is_none());
    }
}
