//! Threats, row 14: what is not Slack's, not of now, not of this app or workspace, or not by somebody who may, is refused and
//! changes nothing. The database is compared before and after.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use super::{APP, SECRET, TEAM, Workspace, form, sign};
use crate::support::security_alone;

/// A workspace with a request, and a window of carol's that would approve it.
async fn ready() -> (Workspace, String, Value) {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    let view = it.window(&id, "approve", "U0CAROL").await;
    let code = it.inbox.service.task(&id).await.unwrap().unwrap().code;
    it.inbox.quiet().await;
    (it, id, Workspace::filled(&view, "U0CAROL", "because", Some(&code)))
}

fn request(at: &str, signature: &str, body: &str) -> Request<Body> {
    Request::post("/slack/interactions")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-slack-request-timestamp", at)
        .header("x-slack-signature", signature)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

#[tokio::test]
async fn a_call_that_slack_did_not_sign_now_changes_nothing() {
    let (it, _, payload) = ready().await;
    let before = it.inbox.state().await;
    let body = form(&payload);
    let now = it.inbox.service.now_ms() / 1000;
    let good = sign(SECRET, now, &body);
    for (what, at, signature, body) in [
        ("another secret", now, sign("00000000000000000000000000000000", now, &body), body.clone()),
        ("another time", now - 1, good.clone(), body.clone()),
        ("another body", now, good.clone(), body.replace("because", "whatever")),
        ("no version", now, good.replace("v0=", ""), body.clone()),
        ("half a signature", now, good.chars().take(35).collect(), body.clone()),
        ("too old", now - 301, sign(SECRET, now - 301, &body), body.clone()),
        ("of the future", now + 302, sign(SECRET, now + 302, &body), body.clone()),
    ] {
        let reply = it.inbox.send(request(&at.to_string(), &signature, &body)).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{what}");
        assert_eq!(it.inbox.state().await, before, "{what}");
    }
    let unsigned = Request::post("/slack/interactions")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body.clone()))
        .unwrap();
    assert_eq!(it.inbox.send(unsigned).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(it.inbox.state().await, before);
    // And the same call, signed: the test would not say anything if it were refused, too.
    let reply = it.inbox.send(request(&now.to_string(), &good, &body)).await.expect(StatusCode::OK);
    assert_eq!(reply.json, json!({"response_action": "clear"}));
}

#[tokio::test]
async fn a_recorded_call_is_not_taken_twice() {
    let it = Workspace::new().await;
    let id = it.inbox.task(|_| ()).await;
    let view = it.window(&id, "ask", "U0CAROL").await;
    let body = form(&Workspace::filled(&view, "U0CAROL", "why?", None));
    let at = it.inbox.service.now_ms() / 1000;
    it.inbox.send(request(&at.to_string(), &sign(SECRET, at, &body), &body)).await.expect(StatusCode::OK);
    it.inbox.report(&id, "context", &json!({"justification": "because"})).await.expect(StatusCode::OK);
    it.inbox.quiet().await;
    let before = it.inbox.state().await;
    // Capital digits are the same signature.
    let signature = sign(SECRET, at, &body);
    for again in [signature.clone(), signature.to_uppercase().replace("V0=", "v0=")] {
        let reply = it.inbox.send(request(&at.to_string(), &again, &body)).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        assert_eq!(it.inbox.state().await, before);
    }
}

#[tokio::test]
async fn another_app_or_workspace_decides_nothing() {
    let (it, _, payload) = ready().await;
    let before = it.inbox.state().await;
    for (pointer, value) in [
        ("/api_app_id", json!("A0OTHER")),
        ("/api_app_id", Value::Null),
        ("/team/id", json!("T0OTHER")),
        ("/team", Value::Null),
    ] {
        let mut other = payload.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        assert_eq!(it.interact(&other).await.status, StatusCode::FORBIDDEN, "{pointer}");
        assert_eq!(it.inbox.state().await, before, "{pointer}");
    }
    for (name, value) in [("api_app_id", "A0OTHER"), ("team_id", "T0OTHER")] {
        let mut event = json!({"type": "event_callback", "api_app_id": APP, "team_id": TEAM,
            "event": {"type": "app_home_opened", "user": "U0CAROL", "tab": "home"}});
        event[name] = value.into();
        let reply = it.signed("/slack/events", &event.to_string(), 0, |request| request).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert_eq!(it.inbox.state().await, before);
}

#[tokio::test]
async fn guests_bots_strangers_and_people_of_other_workspaces_decide_nothing() {
    for (who, said) in [
        ("a guest", json!({"is_restricted": true})),
        ("a guest of one channel", json!({"is_ultra_restricted": true})),
        ("a bot", json!({"is_bot": true})),
        ("somebody who left", json!({"deleted": true})),
        ("somebody of a shared channel", json!({"team_id": "T0OTHER"})),
        ("a stranger", json!({"is_stranger": true})),
        ("somebody of whom Slack does not say", json!({"is_restricted": null})),
    ] {
        // What Slack said a moment ago is remembered, so nobody is asked before the change.
        let it = Workspace::new().await;
        it.inbox.elapse(40);
        it.slack.user("U0CAROL", &said);
        let id = it.inbox.task(security_alone).await;
        let press = it.press(&id, "approve", "U0CAROL").await;
        it.inbox.quiet().await;
        let before = it.inbox.state().await;
        it.interact(&press).await.expect(StatusCode::OK);
        it.slack.call("hook", 0).await;
        assert!(it.slack.calls("views.open").is_empty(), "{who}");
        assert_eq!(it.inbox.state().await, before, "{who}");
    }
}

#[tokio::test]
async fn a_window_of_somebody_who_became_a_guest_meanwhile_decides_nothing() {
    let (it, _, payload) = ready().await;
    it.inbox.elapse(40);
    it.slack.user("U0CAROL", &json!({"is_restricted": true}));
    let before = it.inbox.state().await;
    let reply = it.interact(&payload).await.expect(StatusCode::OK);
    assert_eq!(reply.json["response_action"], "update");
    assert!(reply.text.contains("Guests of this workspace"), "{}", reply.text);
    assert_eq!(it.inbox.state().await, before);
}

#[tokio::test]
async fn where_slack_does_not_say_who_somebody_is_nobody_decides() {
    let (it, _, payload) = ready().await;
    it.inbox.elapse(40);
    let before = it.inbox.state().await;
    for (status, answer) in
        [(500, json!({})), (200, json!({"ok": false, "error": "missing_scope"})), (200, json!("?"))]
    {
        it.slack.instead("users.info", (status, vec![], answer));
        let mut payload = payload.clone();
        payload["trigger_id"] = status.to_string().into();
        let reply = it.interact(&payload).await;
        if reply.status == StatusCode::OK {
            assert_eq!(reply.json["response_action"], "update", "{}", reply.text);
        }
        assert_eq!(it.inbox.state().await, before);
    }
}

#[tokio::test]
async fn who_is_not_linked_gets_the_way_to_link_and_no_window() {
    let it = Workspace::bare("").await;
    let id = it.inbox.task(security_alone).await;
    let press = it.press(&id, "approve", "U0CAROL").await;
    it.inbox.quiet().await;
    let before = it.inbox.state().await;
    it.interact(&press).await.expect(StatusCode::OK);
    let told = it.slack.call("hook", 0).await.body.to_string();
    assert!(told.contains("not linked") && told.contains("/settings/slack/link"), "{told}");
    assert!(it.slack.calls("views.open").is_empty() && it.slack.calls("users.info").is_empty());
    assert_eq!(it.inbox.state().await, before);
}

#[tokio::test]
async fn a_window_that_was_not_opened_for_its_sender_decides_nothing() {
    let (it, id, payload) = ready().await;
    let deny = it.window(&id, "deny", "U0DAVE").await;
    let before = it.inbox.state().await;
    let metadata = |of: &Value| of["private_metadata"].as_str().unwrap().to_owned();
    let own = metadata(&payload["view"]);
    let (body, mac) = own.split_once('.').unwrap();
    let (other, _) = { metadata(&deny) }.split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    for (what, forged) in [
        ("somebody else's window", metadata(&deny)),
        ("somebody else's request under this seal", format!("{other}.{mac}")),
        ("no seal", body.to_owned()),
        ("an empty seal", format!("{body}.")),
        ("nothing", String::new()),
        ("plain words", json!({"tid": id, "choice": "approve", "user": "U0CAROL"}).to_string()),
    ] {
        let mut changed = payload.clone();
        changed["view"]["private_metadata"] = forged.into();
        let reply = it.interact(&changed).await.expect(StatusCode::OK);
        assert_eq!(reply.json["response_action"], "update", "{what}: {}", reply.text);
        assert_eq!(it.inbox.state().await, before, "{what}");
    }
    // The same window, sent by somebody else who may decide.
    let mut stolen = payload.clone();
    stolen["user"]["id"] = "U0DAVE".into();
    it.interact(&stolen).await.expect(StatusCode::OK);
    assert_eq!(it.inbox.state().await, before);
}

#[tokio::test]
async fn the_requester_decides_nothing_by_slack_either() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    it.interact(&it.press(&id, "approve", "U0ALICE").await).await.expect(StatusCode::OK);
    let told = it.slack.call("hook", 0).await.body.to_string();
    assert!(told.contains("somebody else must decide"), "{told}");
    assert!(it.slack.calls("views.open").is_empty());
}

#[tokio::test]
async fn an_answer_goes_to_slack_and_nowhere_else() {
    let it = Workspace::new().await;
    let id = it.inbox.task(security_alone).await;
    let trap = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}/hooks/1", trap.local_addr().unwrap());
    for url in
        [elsewhere.clone(), elsewhere.replace("127.0.0.1", "localhost"), "file:///etc/passwd".to_owned()]
    {
        let mut press = it.press(&id, "approve", "U0ERIN").await;
        press["response_url"] = url.into();
        it.interact(&press).await.expect(StatusCode::OK);
    }
    let reached = tokio::time::timeout(std::time::Duration::from_millis(500), trap.accept()).await;
    assert!(reached.is_err(), "somebody else was called");
}

#[tokio::test]
async fn what_is_signed_and_makes_no_sense_is_refused_in_order() {
    let it = Workspace::new().await;
    let before = it.inbox.state().await;
    for body in [
        "",
        "payload=",
        "payload=%7B",
        "payload=[]",
        "payload=null",
        "other=1",
        "payload=%7B%7D&payload=%7B%7D",
    ] {
        let reply = it.signed("/slack/interactions", body, 0, |request| request).await;
        assert!(reply.status.is_client_error(), "{body}: {}", reply.status);
    }
    let reply = it.signed("/slack/interactions", &"x".repeat(600 * 1024), 0, |request| request).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    for kind in ["block_actions", "view_closed", "shortcut", "view_submission"] {
        let odd = json!({"type": kind, "api_app_id": APP, "team": {"id": TEAM}});
        it.interact(&odd).await.expect(StatusCode::OK);
    }
    assert_eq!(it.inbox.state().await, before);
}

#[tokio::test]
async fn slack_learns_that_this_is_us_only_where_it_signed_the_question() {
    let it = Workspace::bare("").await;
    let challenge =
        json!({"type": "url_verification", "challenge": "3eZbrw1aB", "token": "deprecated"}).to_string();
    let reply = it.signed("/slack/events", &challenge, 0, |request| request).await.expect(StatusCode::OK);
    assert_eq!(reply.json, json!({"challenge": "3eZbrw1aB"}));
    let unsigned = Request::post("/slack/events").header("content-type", "application/json");
    let reply = it.inbox.send(unsigned.body(Body::from(challenge)).unwrap()).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
}
