//! From a held request to a decision, all of it in Slack.

use axum::http::StatusCode;
use countersign_server::service::Status;
use serde_json::{Value, json};

use super::{CHANNEL, Workspace, user};
use crate::support::{security_alone, submission};

/// All words of a message, in reading order.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text}\n"),
        Value::Array(items) => items.iter().map(words).collect(),
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !["type", "block_id"].contains(&name.as_str()))
            .map(|(_, value)| words(value))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

fn buttons(body: &Value) -> Vec<String> {
    let blocks = body["blocks"].as_array().unwrap().iter();
    let elements = blocks
        .filter(|block| block["type"] == "actions")
        .flat_map(|block| block["elements"].as_array().unwrap());
    elements.map(|one| one["action_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_request_is_approved_in_slack_and_its_card_says_so() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    let card = it.card(&id).await.body;
    assert_eq!((&card["channel"], &card["unfurl_links"]), (&json!(CHANNEL), &json!(false)));
    assert_eq!(buttons(&card), ["approve", "deny", "ask", "open"]);
    assert!(words(&card).contains("report-bot for alice@example.com"), "{card:#}");

    let view = it.window(&id, "approve", "U0CAROL").await;
    assert_eq!(
        it.inbox.service.task(&id).await.unwrap().unwrap().status,
        Status::Pending,
        "a press decides nothing"
    );
    let code = it.inbox.service.task(&id).await.unwrap().unwrap().code;
    let sent = it.interact(&Workspace::filled(&view, "U0CAROL", "DPA-114 is signed", Some(&code))).await;
    assert_eq!(sent.expect(StatusCode::OK).json, json!({"response_action": "clear"}));

    let task = it.inbox.service.task(&id).await.unwrap().unwrap();
    assert_eq!(task.status, Status::Approved);
    let vote = task.votes.first().unwrap();
    assert_eq!(
        (vote.person.sub.as_str(), vote.channel.as_str(), vote.reason.as_str()),
        ("carol", "slack", "DPA-114 is signed")
    );
    let over = it.slack.until("chat.update", |body| words(body).contains("Approved by carol")).await.body;
    assert_eq!(buttons(&over), ["open"], "the buttons are gone");
    assert!(words(&over).contains("DPA-114 is signed") && !words(&over).contains("48210"), "{over:#}");
    assert_eq!((&over["channel"], &over["ts"]), (&json!(CHANNEL), &json!("1700000000.000001")));
    let aside =
        it.slack.until("chat.postMessage", |body| body["thread_ts"] == "1700000000.000001").await.body;
    assert!(words(&aside).contains("Approved by carol"), "{aside:#}");
}

#[tokio::test]
async fn a_request_is_denied_in_slack() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    it.decide("carol", &id, "deny", "no DPA").await;
    assert_eq!(it.inbox.service.task(&id).await.unwrap().unwrap().status, Status::Denied);
    let over = it.slack.until("chat.update", |body| words(body).contains("Denied by carol")).await.body;
    assert_eq!(buttons(&over), ["open"]);
}

#[tokio::test]
async fn a_question_is_asked_and_its_answer_comes_into_the_card() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    it.decide("carol", &id, "ask", "Which vendor?").await;
    let asked = it.slack.until("chat.update", |body| words(body).contains("Which vendor?")).await.body;
    assert_eq!(buttons(&asked), ["approve", "deny", "ask", "open"], "others may still decide");
    it.inbox
        .report(&id, "context", &json!({"justification": "ACME <!channel>"}))
        .await
        .expect(StatusCode::OK);
    let answered = it.slack.until("chat.update", |body| words(body).contains("ACME")).await.body;
    assert!(words(&answered).contains("ACME &lt;!channel&gt;"), "{answered:#}");
    it.decide("carol", &id, "approve", "fine").await;
    assert_eq!(it.inbox.service.task(&id).await.unwrap().unwrap().status, Status::Approved);
}

#[tokio::test]
async fn two_of_two_groups_decide_and_the_card_counts() {
    let it = Workspace::new().await;
    let id = it.inbox.task(|_| ()).await;
    it.decide("bob", &id, "approve", "data is fine").await;
    let one = it.slack.until("chat.update", |body| words(body).contains("1 of 2 approved")).await.body;
    assert_eq!(buttons(&one), ["approve", "deny", "ask", "open"]);
    assert_eq!(it.inbox.service.task(&id).await.unwrap().unwrap().status, Status::Pending);
    it.decide("carol", &id, "approve", "security is fine").await;
    assert_eq!(it.inbox.service.task(&id).await.unwrap().unwrap().status, Status::Approved);
    let over = it.slack.until("chat.update", |body| words(body).contains("Approved by carol")).await.body;
    assert!(words(&over).contains("Approved by bob"), "{over:#}");
}

#[tokio::test]
async fn a_decision_in_the_web_inbox_ends_the_card_as_well() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    it.card(&id).await;
    let carol = it.inbox.session("carol").await;
    it.inbox.press(&carol, &id, "deny", "not from here").await.expect(StatusCode::SEE_OTHER);
    let over = it.slack.until("chat.update", |body| words(body).contains("Denied by carol")).await.body;
    assert_eq!(buttons(&over), ["open"]);
}

#[tokio::test]
async fn a_withdrawn_request_says_so() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    it.card(&id).await;
    it.inbox.report(&id, "cancel", &json!({"reason": "client_disconnected"})).await.expect(StatusCode::OK);
    let over = it.slack.until("chat.update", |body| words(body).contains("withdrew it")).await.body;
    assert_eq!(buttons(&over), ["open"]);
}

#[tokio::test]
async fn high_risk_wants_the_code_typed_and_the_right_one() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    let view = it.window(&id, "approve", "U0CAROL").await;
    for (code, field) in [(None, "code"), (Some(" "), "code"), (Some("MAPLE-43"), "code")] {
        let answer =
            it.interact(&Workspace::filled(&view, "U0CAROL", "because", code)).await.expect(StatusCode::OK);
        assert_eq!(answer.json["response_action"], "errors", "{}", answer.text);
        assert!(answer.json["errors"][field].is_string(), "{}", answer.text);
    }
    assert_eq!(it.inbox.service.task(&id).await.unwrap().unwrap().status, Status::Pending);
    let view = it.window(&id, "deny", "U0CAROL").await;
    it.interact(&Workspace::filled(&view, "U0CAROL", "no", None)).await.expect(StatusCode::OK);
    assert_eq!(
        it.inbox.service.task(&id).await.unwrap().unwrap().status,
        Status::Denied,
        "a denial needs none"
    );
}

#[tokio::test]
async fn a_window_without_a_reason_decides_nothing() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    let view = it.window(&id, "deny", "U0CAROL").await;
    for reason in ["", "  \n", &"x".repeat(1001)] {
        let answer =
            it.interact(&Workspace::filled(&view, "U0CAROL", reason, None)).await.expect(StatusCode::OK);
        assert!(answer.json["errors"]["reason"].is_string(), "{}", answer.text);
    }
    assert_eq!(it.inbox.service.task(&id).await.unwrap().unwrap().status, Status::Pending);
}

#[tokio::test]
async fn a_window_that_is_sent_twice_decides_once() {
    let it = Workspace::new().await;
    let id = it.inbox.task(|_| ()).await;
    let view = it.window(&id, "approve", "U0BOB").await;
    let code = it.inbox.service.task(&id).await.unwrap().unwrap().code;
    let payload = Workspace::filled(&view, "U0BOB", "fine", Some(&code));
    it.interact(&payload).await.expect(StatusCode::OK);
    let once = it.inbox.state().await;
    // Slack signs a retry anew, with another time.
    let body = super::form(&payload);
    let again =
        it.signed("/slack/interactions", &body, 5, |request| request.header("x-slack-retry-num", "1")).await;
    assert_eq!(again.expect(StatusCode::OK).json, json!({"response_action": "clear"}));
    assert_eq!(it.inbox.state().await, once);
}

#[tokio::test]
async fn a_window_that_comes_too_late_says_what_changed() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    let view = it.window(&id, "approve", "U0CAROL").await;
    it.decide("dave", &id, "deny", "I was faster").await;
    let before = it.inbox.state().await;
    let code = it.inbox.service.task(&id).await.unwrap().unwrap().code;
    let late = it
        .interact(&Workspace::filled(&view, "U0CAROL", "because", Some(&code)))
        .await
        .expect(StatusCode::OK);
    assert_eq!(late.json["response_action"], "update", "{}", late.text);
    let said = words(&late.json);
    assert!(said.contains("already denied") && said.contains("I was faster"), "{said}");
    assert!(late.json["view"]["submit"].is_null(), "there is nothing left to send");
    assert_eq!(it.inbox.state().await, before);
}

#[tokio::test]
async fn the_home_tab_shows_the_queue_and_its_buttons_decide_as_well() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    it.home("U0CAROL").await.expect(StatusCode::OK);
    let home = it.slack.until("views.publish", |body| body["user_id"] == "U0CAROL").await.body;
    assert!(words(&home).contains("1 request waits for you"), "{home:#}");
    let blocks = home["view"]["blocks"].as_array().unwrap();
    let actions = blocks.iter().find(|block| block["elements"][0]["action_id"] == "approve").unwrap();
    let mut payload = it.press(&id, "deny", "U0CAROL").await;
    payload["actions"][0]["block_id"] = actions["block_id"].clone();
    payload["container"] = json!({"type": "view", "view_id": "V1"});
    payload.as_object_mut().unwrap().remove("response_url");
    it.interact(&payload).await.expect(StatusCode::OK);
    let opened = it.slack.call("views.open", 0).await.body;
    it.interact(&Workspace::filled(&opened["view"], "U0CAROL", "no", None)).await.expect(StatusCode::OK);
    assert_eq!(it.inbox.service.task(&id).await.unwrap().unwrap().status, Status::Denied);
    it.slack.until("views.publish", |body| words(body).contains("Nothing waits for you")).await;
}

#[tokio::test]
async fn who_may_not_decide_is_told_so_alone_and_gets_no_window() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    for (name, why) in [
        ("erin", "none of the groups"),
        ("bob", "none of the groups"),
        ("alice", "somebody else must decide"),
    ] {
        let before = it.slack.calls("hook").len();
        it.interact(&it.press(&id, "approve", &user(name)).await).await.expect(StatusCode::OK);
        let told = it.slack.call("hook", before).await.body;
        assert_eq!((&told["response_type"], &told["replace_original"]), (&json!("ephemeral"), &json!(false)));
        assert!(words(&told).contains(why), "{name}: {told:#}");
    }
    assert!(it.slack.calls("views.open").is_empty());
}

#[tokio::test]
async fn a_press_on_an_old_card_opens_no_window() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    let mut payload = it.press(&id, "approve", "U0CAROL").await;
    payload["actions"][0]["block_id"] = "countersign.other".into();
    it.interact(&payload).await.expect(StatusCode::OK);
    assert!(words(&it.slack.call("hook", 0).await.body).contains("out of date"));
    assert!(it.slack.calls("views.open").is_empty());
}

#[tokio::test]
async fn slack_that_is_busy_gets_the_card_later_and_once() {
    let it = Workspace::new().await;
    it.slack.instead(
        "chat.postMessage",
        (429, vec![("retry-after", "1".to_owned())], json!({"ok": false, "error": "ratelimited"})),
    );
    it.slack.instead("chat.postMessage", (500, vec![], json!({})));
    let begun = std::time::Instant::now();
    let id = it.inbox.submit(&submission(security_alone)).await;
    let second = it.slack.call("chat.postMessage", 1).await;
    assert!(begun.elapsed() >= std::time::Duration::from_secs(1), "Retry-After is kept");
    assert_eq!(second.body["metadata"]["event_payload"]["id"], id);
    it.slack.call("chat.postMessage", 2).await;
    it.decide("carol", &id, "deny", "no").await;
    it.slack.until("chat.update", |body| words(body).contains("Denied")).await;
    let cards = it.slack.calls("chat.postMessage");
    assert_eq!(
        cards.iter().filter(|call| call.body["thread_ts"].is_null()).count(),
        3,
        "one card, at the third attempt"
    );
}

#[tokio::test]
async fn a_request_that_runs_out_says_so_and_was_reminded_of_before() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    it.card(&id).await;
    let task = it.inbox.service.task(&id).await.unwrap().unwrap();
    let left = (task.expires_at_ms - it.inbox.service.now_ms()) / 1000;
    it.inbox.elapse(left - 200);
    // A worker sleeps by the machine's clock, which nobody has moved: another change wakes it.
    it.inbox.task(security_alone).await;
    let reminded = it.slack.until("chat.postMessage", |body| words(body).contains("Still waits")).await.body;
    assert_eq!(reminded["thread_ts"], "1700000000.000001");
    it.inbox.elapse(left + 60);
    let over =
        it.slack.until("chat.update", |body| words(body).contains("Nobody decided in time")).await.body;
    assert_eq!(buttons(&over), ["open"]);
}

#[tokio::test]
async fn a_card_that_somebody_deleted_is_posted_again_as_long_as_it_waits() {
    let it = Workspace::new().await;
    let id = it.inbox.task(|_| ()).await;
    it.card(&id).await;
    it.slack.instead("chat.update", (200, vec![], json!({"ok": false, "error": "message_not_found"})));
    it.decide("bob", &id, "approve", "fine").await;
    let again = it.slack.until("chat.postMessage", |body| words(body).contains("1 of 2 approved")).await.body;
    assert!(again["thread_ts"].is_null(), "{again:#}");
    it.decide("carol", &id, "deny", "no").await;
    let over = it.slack.until("chat.update", |body| words(body).contains("Denied by carol")).await.body;
    assert_ne!(over["ts"], "1700000000.000001", "it is the new card that is kept up to date");
}

#[tokio::test]
async fn what_slack_will_never_take_is_given_up_with_how_to_mend_it() {
    let it = Workspace::bare("").await;
    it.slack.instead("chat.postMessage", (200, vec![], json!({"ok": false, "error": "not_in_channel"})));
    it.inbox.task(security_alone).await;
    it.inbox.quiet().await;
    let dead = it.inbox.service.dead_deliveries().await.unwrap();
    let why = &dead.first().unwrap().why;
    assert!(why.contains("not_in_channel") && why.contains("/invite @countersign"), "{why}");
}
