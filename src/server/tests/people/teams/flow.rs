//! From a request to a card, from a press to a decision, and back to every card.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::cloud::{BEARER, Cloud, OTHER_ROOM, ROOM, SECRET, oid};
use crate::support::{security_alone, v1};

fn path(room: &str) -> String {
    format!("/emea/v3/conversations/{}/activities", room.replace(':', "%3a").replace('@', "%40"))
}

/// One data owner is enough, and it can be undone.
fn owners_alone(value: &mut Value) {
    v1(value)["quorum"] = json!({"required": 1, "groups": ["data-owners"], "distinct": true, "veto": true});
    value["action"]["properties"]["reversible"] = "yes".into();
}

fn undoable(value: &mut Value) {
    value["action"]["properties"]["reversible"] = "yes".into();
}

async fn status(cloud: &Cloud, id: &str) -> &'static str {
    cloud.inbox.service.task(id).await.unwrap().unwrap().status.as_str()
}

/// The first card of a request.
async fn first(cloud: &Cloud, id: &str) -> Value {
    cloud.card(|call| call.method == Method::POST && call.body.contains(id)).await.card()
}

#[tokio::test]
async fn a_request_is_shown_in_every_conversation_and_approved_by_a_press() {
    let cloud = Cloud::new().await;
    cloud.link(&oid(1), "bob").await;
    let id = cloud.inbox.task(owners_alone).await;
    for room in [ROOM, OTHER_ROOM] {
        let call = cloud.card(|call| call.method == Method::POST && call.path == path(room)).await;
        assert_eq!(call.authorization, format!("Bearer {BEARER}"));
        assert_eq!(call.json()["type"], "message");
        assert!(call.body.contains(&id) && call.body.len() < 28 * 1024);
    }
    let card = first(&cloud, &id).await;
    let reply =
        cloud.send(&cloud.press(&card, "approve", &oid(1), &json!({"reason": "DPA-114 is signed"}))).await;
    let reply = reply.expect(StatusCode::OK).json;
    assert_eq!(
        (&reply["statusCode"], &reply["type"]),
        (&json!(200), &json!("application/vnd.microsoft.card.adaptive"))
    );
    assert!(reply["value"].to_string().contains("Approved, not sent yet"), "{reply}");
    assert!(!reply["value"].to_string().contains("Action.Execute"), "a decided card has no buttons: {reply}");
    let task = cloud.inbox.service.task(&id).await.unwrap().unwrap();
    assert_eq!(task.status.as_str(), "approved");
    let vote = task.votes.first().unwrap();
    assert_eq!((vote.person.name.as_str(), vote.channel.as_str()), ("bob", "teams"));
    assert_eq!(vote.reason, "DPA-114 is signed");
    for room in [ROOM, OTHER_ROOM] {
        let call = cloud
            .card(|call| {
                call.method == Method::PUT
                    && call.path.starts_with(&path(room))
                    && call.body.contains("Approved")
            })
            .await;
        assert!(call.path.starts_with(&format!("{}/1%3a", path(room))), "{}", call.path);
        assert!(call.body.contains("DPA-114 is signed") && !call.body.contains("Action.Execute"));
    }
    assert!(!format!("{:?}", cloud.cards()).contains(SECRET), "the secret goes to the login alone");
}

#[tokio::test]
async fn a_press_denies_and_says_why() {
    let cloud = Cloud::new().await;
    cloud.link(&oid(1), "bob").await;
    let id = cloud.inbox.task(owners_alone).await;
    let card = first(&cloud, &id).await;
    cloud
        .send(&cloud.press(&card, "deny", &oid(1), &json!({"reason": "no DPA"})))
        .await
        .expect(StatusCode::OK);
    assert_eq!(status(&cloud, &id).await, "denied");
    cloud.card(|call| call.method == Method::PUT && call.body.contains("no DPA")).await;
}

#[tokio::test]
async fn two_people_make_a_quorum_and_the_card_counts() {
    let cloud = Cloud::new().await;
    cloud.link(&oid(1), "bob").await;
    cloud.link(&oid(2), "carol").await;
    let id = cloud.inbox.task(undoable).await;
    let card = first(&cloud, &id).await;
    let yes = json!({"reason": "fine"});
    let reply = cloud.send(&cloud.press(&card, "approve", &oid(1), &yes)).await.expect(StatusCode::OK);
    assert!(reply.text.contains("1 of 2 approved"), "{}", reply.text);
    assert_eq!(status(&cloud, &id).await, "pending");
    cloud.card(|call| call.method == Method::PUT && call.body.contains("1 of 2 approved")).await;
    cloud.send(&cloud.press(&card, "approve", &oid(2), &yes)).await.expect(StatusCode::OK);
    assert_eq!(status(&cloud, &id).await, "approved");
}

#[tokio::test]
async fn a_question_goes_to_the_requester_and_a_card_from_before_the_answer_decides_nothing() {
    let cloud = Cloud::new().await;
    cloud.link(&oid(1), "bob").await;
    let id = cloud.inbox.task(owners_alone).await;
    let before = first(&cloud, &id).await;
    let ask = cloud.press(&before, "context", &oid(1), &json!({"reason": "which customers?"}));
    let reply = cloud.send(&ask).await.expect(StatusCode::OK);
    assert!(
        reply.text.contains("Waits for an answer") && reply.text.contains("which customers?"),
        "{}",
        reply.text
    );
    cloud.inbox.report(&id, "context", &json!({"justification": "those of Q3"})).await.expect(StatusCode::OK);
    let after =
        cloud.card(|call| call.method == Method::PUT && call.body.contains("those of Q3")).await.card();
    let stale = cloud.press(&before, "approve", &oid(1), &json!({"reason": "ok"}));
    let reply = cloud.send(&stale).await.expect(StatusCode::OK);
    assert!(reply.text.contains("out of date") && reply.text.contains("those of Q3"), "{}", reply.text);
    assert_eq!(status(&cloud, &id).await, "pending");
    cloud
        .send(&cloud.press(&after, "approve", &oid(1), &json!({"reason": "ok"})))
        .await
        .expect(StatusCode::OK);
    assert_eq!(status(&cloud, &id).await, "approved");
}

#[tokio::test]
async fn what_cannot_be_undone_needs_the_code_typed() {
    let cloud = Cloud::new().await;
    cloud.link(&oid(2), "carol").await;
    let id = cloud.inbox.task(security_alone).await;
    let card = first(&cloud, &id).await;
    for (code, words) in [("", "type the code"), ("RIVER-01", "not this task's")] {
        let press = cloud.press(&card, "approve", &oid(2), &json!({"reason": "ok", "code": code}));
        let reply = cloud.send(&press).await.expect(StatusCode::OK).json;
        assert_eq!(reply["type"], "application/vnd.microsoft.activity.message");
        assert!(reply["value"].as_str().unwrap().contains(words), "{reply}");
        assert_eq!(status(&cloud, &id).await, "pending");
    }
    let press = cloud.press(&card, "approve", &oid(2), &json!({"reason": "ok", "code": "maple-42"}));
    cloud.send(&press).await.expect(StatusCode::OK);
    assert_eq!(status(&cloud, &id).await, "approved");
}

#[tokio::test]
async fn a_conversation_that_the_bot_was_never_in_gets_its_card_once_the_bot_is_there() {
    let cloud = Cloud::unheard().await;
    let id = cloud.inbox.task(owners_alone).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(cloud.calls().is_empty(), "nobody knows where to send it: {:?}", cloud.calls());
    let hello = cloud.activity("message", |it| it["text"] = "<at>countersign</at> hello".into());
    cloud.send(&hello).await.expect(StatusCode::OK);
    let told = cloud.card(|call| call.body.contains("Requests that wait")).await;
    assert!(told.body.contains(ROOM) && told.body.contains("/settings"), "{}", told.body);
    first(&cloud, &id).await;
}

#[tokio::test]
async fn a_card_that_somebody_deleted_is_posted_again_while_people_are_wanted() {
    let cloud = Cloud::new().await;
    cloud.link(&oid(1), "bob").await;
    let id = cloud.inbox.task(|it| v1(it)["quorum"]["groups"] = json!(["data-owners", "security"])).await;
    let card = first(&cloud, &id).await;
    cloud.card(|call| call.method == Method::POST && call.path == path(OTHER_ROOM)).await;
    for _ in 0..2 {
        cloud.trouble(404, "0");
    }
    cloud
        .send(&cloud.press(&card, "context", &oid(1), &json!({"reason": "why?"})))
        .await
        .expect(StatusCode::OK);
    cloud.card(|call| call.method == Method::POST && call.body.contains("Waits for an answer")).await;
}

#[tokio::test]
async fn a_connector_that_wants_a_pause_gets_it_and_then_the_card() {
    let cloud = Cloud::new().await;
    cloud.trouble(429, "1");
    let id = cloud.inbox.task(owners_alone).await;
    first(&cloud, &id).await;
    cloud.card(|call| call.method == Method::POST && call.path == path(ROOM)).await;
}
