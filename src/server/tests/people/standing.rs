//! What a reviewer agrees to beyond one request, and which requests are alike, on the pages and in the API.

use axum::http::StatusCode;
use countersign_server::service::StandingState;
use serde_json::{Value, json};

use super::support::{Inbox, Reply, Session, security_alone, v1};

const SCOPE: &str = "hmac-sha-256:bk1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Another body of the same request, under a rule that allows five within an hour.
fn often(value: &mut Value, rows: usize) {
    security_alone(value);
    v1(value)["payload"]["masked_excerpt"] = format!("{{\"rows\":{rows}}}").into();
    value["requested_access"]["urn:countersign:scoped"] =
        json!({"uses": 5, "seconds": 3600, "digest": SCOPE});
}

/// Presses approve with what is typed beside it.
async fn approve(inbox: &Inbox, who: &Session, id: &str, more: &[(&str, &str)]) -> Reply {
    let path = format!("/r/{id}");
    let page = inbox.page(who, &path).await.expect(StatusCode::OK);
    let mut fields = page.hidden_fields("id=\"decide\"");
    fields.extend([("reason", "as agreed"), ("choice", "approve")]);
    fields.extend(more);
    inbox.form(who, &format!("{path}/decide"), &fields).await
}

#[tokio::test]
async fn a_reviewer_without_javascript_agrees_to_the_same_again_and_takes_it_back() {
    let inbox = Inbox::new().await;
    let id = inbox.task(|value| often(value, 1)).await;
    let carol = inbox.session("carol").await;
    let page = inbox.page(&carol, &format!("/r/{id}")).await.text;
    for words in [
        "And the same again?",
        "at https://api.thirdparty.example/v2/import by workload spiffe://prod.example/ns/agents/sa/report-bot, agent \
         report-bot acting for alice@example.com, under rule export-guard/pii-export; bodies may differ",
        "at most 5 times, this one included, within 1 h",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    approve(&inbox, &carol, &id, &[("uses", "3"), ("minutes", "")]).await.expect(StatusCode::SEE_OTHER);
    let reply = inbox.offer(&super::support::submission(|value| often(value, 2))).await;
    let used = reply.expect(StatusCode::CREATED).json["task"]["id"].as_str().unwrap().to_owned();
    let page = inbox.page(&carol, &format!("/r/{used}")).await.text;
    assert!(page.contains("nobody was asked for this very request"), "{page}");

    let list = inbox.page(&carol, "/inbox/standing").await.expect(StatusCode::OK);
    assert!(list.text.contains("2 of 3 used") && list.text.contains("no. 2"), "{}", list.text);
    let standing = inbox.service.standing().await.unwrap().remove(0).id;
    let path = format!("/inbox/standing/{standing}/revoke");
    let forged = inbox.form(&carol, &path, &[("csrf", "guess"), ("reason", "no")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(inbox.service.standing().await.unwrap()[0].state, StandingState::Active);
    let fields = [("csrf", carol.csrf.as_str()), ("reason", "enough")];
    let reply = inbox.form(&carol, &path, &fields).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(reply.location(), "/inbox/standing");
    let list = inbox.page(&carol, "/inbox/standing").await.text;
    assert!(list.contains("taken back by carol") && !list.contains("Take back"), "{list}");
    inbox.task(|value| often(value, 3)).await;
}

#[tokio::test]
async fn a_form_that_says_nothing_agrees_to_this_one_only_and_one_that_says_too_much_to_nothing() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let id = inbox.task(|value| often(value, 1)).await;
    let wide = approve(&inbox, &carol, &id, &[("uses", "6"), ("minutes", "5")]).await;
    assert_eq!(wide.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wide.text);
    assert!(wide.text.contains("The rule allows 2 to 5 times"), "{}", wide.text);
    let odd = approve(&inbox, &carol, &id, &[("uses", "-1"), ("minutes", "")]).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST, "{}", odd.text);
    approve(&inbox, &carol, &id, &[("uses", ""), ("minutes", "")]).await.expect(StatusCode::SEE_OTHER);
    assert!(inbox.service.standing().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_api_agrees_lists_and_takes_back() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let id = inbox.task(|value| often(value, 1)).await;
    let shown = inbox.api(&carol, &format!("/approver/v1/requests/{id}")).await.json;
    assert_eq!((&shown["scope"]["uses"], &shown["scope"]["seconds"]), (&json!(5), &json!(3600)));
    let digest = shown["display_digest"].clone();
    let vote = |again: Value| json!({"decision": "approve", "reason": "ok", "display_digest": digest, "again": again});
    let wide = inbox.decide_with(&carol, &id, &vote(json!({"uses": 5, "seconds": 3601}))).await;
    wide.problem(422, "urn:countersign:problem:scope-too-wide");
    let deny = json!({"decision": "deny", "reason": "ok", "display_digest": digest,
        "again": {"uses": 2, "seconds": 60}});
    inbox.decide_with(&carol, &id, &deny).await.problem(422, "urn:countersign:problem:not-scoped");
    let done = inbox.decide_with(&carol, &id, &vote(json!({"uses": 2, "seconds": 60}))).await;
    let done = done.expect(StatusCode::OK).json;
    assert!(done["votes"][0]["again"].as_str().unwrap().starts_with("2 times or until "), "{done}");
    let all = inbox.api(&carol, "/approver/v1/standing").await.expect(StatusCode::OK).json;
    let one = &all["standing"][0];
    assert_eq!(
        (&one["state"], &one["uses"], &one["used"], &one["left"]),
        (&json!("active"), &json!(2), &json!(1), &json!(1))
    );
    assert_eq!(one["first"], id);
    let path = format!("/approver/v1/standing/{}/revoke", one["id"].as_str().unwrap());
    inbox
        .post(&carol, &path, &json!({"reason": ""}))
        .await
        .problem(422, "urn:countersign:problem:reason-required");
    let after = inbox.post(&carol, &path, &json!({"reason": "enough"})).await.expect(StatusCode::OK).json;
    assert_eq!((&after["standing"][0]["state"], &after["standing"][0]["left"]), (&json!("ended"), &json!(0)));
    let none = inbox.post(&carol, "/approver/v1/standing/sta_none/revoke", &json!({"reason": "x"})).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn requests_that_are_alike_are_one_row_with_a_count_and_a_list_of_their_own() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let mut ids = Vec::new();
    for rows in 0..12 {
        ids.push(inbox.task(|value| often(value, rows)).await);
    }
    let other = |value: &mut Value| {
        security_alone(value);
        value["resource"]["id"] = "postgres://db/prod.salaries".into();
    };
    let apart = inbox.task(other).await;
    let list = inbox.page(&carol, "/inbox").await.text;
    assert!(list.contains(">12 alike:</span>"), "{list}");
    assert_eq!(list.matches("<li class=\"row\"").count(), 2, "{list}");
    assert!(list.contains(&apart));
    let group = inbox.api(&carol, &format!("/approver/v1/requests/{}", ids[0])).await.json["alike"].clone();
    assert_eq!(group["waiting"], 12);
    let group = group["group"].as_str().unwrap();
    let moved = inbox.page(&carol, &format!("/inbox?group={group}")).await.expect(StatusCode::SEE_OTHER);
    let own = inbox.page(&carol, moved.location()).await.text;
    assert!(
        ids.iter().all(|id| own.contains(&format!("href=\"/r/{id}\""))) && !own.contains(&apart),
        "{own}"
    );
    let listed = inbox.api(&carol, &format!("/approver/v1/requests?group={group}")).await.json;
    assert_eq!(listed["requests"].as_array().unwrap().len(), 12);
    let page = inbox.page(&carol, &format!("/r/{}", ids[0])).await.text;
    assert!(page.contains("11 other requests wait that differ only in the body"), "{page}");
}
