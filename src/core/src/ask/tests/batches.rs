//! Promises of what a reviewer is shown of a batch.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{config, *};
use countersign_wire::submission::Batch;

/// A requester, and a call to `authority` and `path` with a body.
fn sent(authority: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Result<Submission, Unaskable> {
    let config = config("02", &json!({}), &json!({"match": {"host": "**"}}));
    let requester = Requester {
        subject: Entity::new("workload", "spiffe://td/sa/b"),
        actor: countersign_wire::parties::Actor { id: "bot".into(), ..Default::default() },
        known_human: Human::Unknown,
        source: Source::Mtls,
    };
    let call = call("POST", authority, path, headers);
    let body = body.as_bytes();
    let judgement = config.policy.judge(&call, Body::Read(body), &mut || Ok(requester.clone()));
    let Judgement::Hold(held) = judgement else { panic!("{judgement:?}") };
    let case = Case { call: &call, body, held: &held, requester: &requester, told: None };
    let now = Now { mono_ms: 0, unix_ms: 1_700_000_000_000 };
    Ask::compose(case, Surroundings::default(), &config, &mut Entropy::new([1; 32]), now)
        .map(|ask| ask.submission)
}

fn batch(authority: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Batch> {
    sent(authority, path, headers, body).unwrap().context.v1.batch
}

/// Class, resource and count of each.
fn said(batch: &Batch) -> Vec<(&str, &str, u64)> {
    batch.members.iter().map(|one| (one.class.as_str(), one.resource.id.as_str(), one.count)).collect()
}

fn tool(id: usize, name: &str) -> String {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": name, "arguments": {}}})
        .to_string()
}

#[test]
fn a_json_rpc_batch_lists_every_call_and_is_approved_as_its_strictest() {
    let body = format!("[{},{},{}]", tool(1, "get_user"), tool(2, "delete_user"), tool(3, "delete_user"));
    let sent = sent("mcp.test", "/mcp", &[JSON], &body).unwrap();
    assert_eq!((sent.action.name.as_str(), sent.resource.id.as_str()), ("data_delete", "delete_user"));
    let batch = sent.context.v1.batch.clone().unwrap();
    assert_eq!(batch.total, 3);
    assert_eq!(said(&batch), [("read_only", "get_user", 1), ("data_delete", "delete_user", 2)]);
    let digest = sent.display_digest();
    let mut less = sent;
    less.context.v1.batch.as_mut().unwrap().members.pop();
    assert_ne!(less.display_digest(), digest, "who approves it has seen the list");
}

#[test]
fn the_aliases_of_a_mutation_and_a_list_of_requests_are_listed_field_by_field() {
    let mutation = r#"{"query":"mutation { a: deleteUser(id: 1) { ok } b: deleteUser(id: 2) { ok } c: addRole(x: 1) }"}"#;
    let one = batch("api.test", "/graphql", &[JSON], mutation).unwrap();
    let fields: Vec<_> = one.members.iter().map(|one| (one.resource.id.as_str(), one.count)).collect();
    assert_eq!((one.total, fields), (3, vec![("deleteUser", 2), ("addRole", 1)]));
    let list = format!(r#"[{mutation},{{"query":"{{ me {{ id }} }}"}}]"#);
    let several = batch("api.test", "/graphql", &[JSON], &list).unwrap();
    assert_eq!((several.total, several.members.len()), (4, 3), "{several:?}");
    assert!(
        batch("api.test", "/graphql", &[JSON], r#"{"query":"mutation { deleteUser(id: 1) }"}"#).is_none()
    );
}

#[test]
fn a_batch_of_http_requests_lists_them_in_each_of_its_forms() {
    let graph = r#"{"requests":[{"id":"1","method":"GET","url":"/me/messages"},{"id":"2","method":"DELETE","url":"/users/x"}]}"#;
    let found = batch("graph.microsoft.com", "/v1.0/$batch", &[JSON], graph).unwrap();
    assert_eq!((found.total, found.members.len()), (2, 2));
    let parts = "--b\r\nContent-Type: application/http\r\n\r\nGET /storage/v1/b/x/o/y HTTP/1.1\r\n\r\n\r\n--b\r\nContent-Type: application/http\r\n\r\nDELETE /storage/v1/b/x/o/y HTTP/1.1\r\n\r\n\r\n--b--\r\n";
    let mixed = [("content-type", "multipart/mixed; boundary=b")];
    let found = batch("storage.googleapis.com", "/batch/storage/v1", &mixed, parts).unwrap();
    let classes: Vec<_> = found.members.iter().map(|one| one.class.as_str()).collect();
    assert_eq!((found.total, classes), (2, vec!["read_only", "data_delete"]));
}

#[test]
fn what_is_listed_is_masked_like_all_that_people_see() {
    let body = format!("[{},{}]", tool(1, "delete_user"), tool(2, "mail bob@example.com now"));
    let found = batch("mcp.test", "/mcp", &[JSON], &body).unwrap();
    assert!(found.members.iter().any(|one| one.resource.id.contains("[email")), "{found:?}");
    assert!(!format!("{found:?}").contains("bob@"));
}

#[test]
fn a_batch_of_more_than_can_be_listed_is_refused_and_never_shown_in_part() {
    let list = |n: usize| {
        let all: Vec<String> = (0..n).map(|n| tool(n, &format!("delete_user_{n}"))).collect();
        format!("[{}]", all.join(","))
    };
    assert_eq!(batch("mcp.test", "/mcp", &[JSON], &list(50)).unwrap().members.len(), 50);
    let refused = sent("mcp.test", "/mcp", &[JSON], &list(51)).unwrap_err();
    assert_eq!(refused, Unaskable::BatchTooLong { found: 51, most: 50 });
    assert!(refused.to_string().contains("51 different things"));
    let long: Vec<String> = (0..40).map(|n| tool(n, &format!("delete_{n}_{}", "user_".repeat(90)))).collect();
    let refused = sent("mcp.test", "/mcp", &[JSON], &format!("[{}]", long.join(",")));
    assert!(matches!(refused, Err(Unaskable::BatchTooLong { .. })), "{refused:?}");
}
