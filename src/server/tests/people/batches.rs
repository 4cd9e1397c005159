//! A batch is one card: everything in it is listed, inert and masked, and it is decided as a whole.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::support::{Inbox, submission, v1};

fn member(class: &str, operation: &str, id: &str, count: u64) -> Value {
    json!({"class": class, "operation": operation, "resource": {"type": "tool", "id": id}, "count": count})
}

fn with(batch: Value) -> impl FnOnce(&mut Value) {
    move |value| v1(value)["batch"] = batch
}

#[tokio::test]
async fn a_batch_is_one_card_that_lists_all_of_it_and_counts_the_reads_it_leaves_out() {
    let inbox = Inbox::new().await;
    let members = [
        member("data_delete", "tools/call", "delete_user", 2),
        member("read_only", "tools/call", "get_user <b>Approved by CISO</b>", 1),
        member("communication", "tools/call", "mail lena.hofmann@example.de", 1),
    ];
    let id = inbox.task(with(json!({"total": 9, "members": members, "more_reads": 5}))).await;
    let bob = inbox.session("bob").await;
    let list = inbox.page(&bob, "/inbox").await.expect(StatusCode::OK).text;
    assert!(list.contains("and 8 more in one batch"), "{list}");
    let page = inbox.page(&bob, &format!("/r/{id}")).await.expect(StatusCode::OK).text;
    for said in
        ["9 requests, sent all or none", "2 × data delete", "delete_user", "and 5 more that only read"]
    {
        assert!(page.contains(said), "the page does not say {said}: {page}");
    }
    assert!(!page.contains("<b>Approved") && !page.contains("lena.hofmann"), "{page}");
    let told = inbox.api(&bob, &format!("/approver/v1/requests/{id}")).await.expect(StatusCode::OK);
    let batch = &told.json["batch"];
    assert_eq!((&batch["total"], &batch["members"][0]["count"]), (&json!(9), &json!(2)));
    // A request that is none has none.
    let one = inbox.task(|_| {}).await;
    let page = inbox.page(&bob, &format!("/r/{one}")).await.expect(StatusCode::OK).text;
    assert!(!page.contains("sent all or none"), "{page}");
}

#[tokio::test]
async fn a_batch_that_does_not_add_up_is_not_taken() {
    let inbox = Inbox::new().await;
    let lies = with(json!({"total": 9, "members": [member("data_delete", "tools/call", "delete_user", 2)]}));
    let reply = inbox.offer(&submission(lies)).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
    assert!(reply.text.contains("batch.total"), "{}", reply.text);
}
