//! Linking begins and ends in the session of the person who links, and links nobody else.

use axum::http::StatusCode;
use serde_json::json;

use super::{Workspace, decoded, user};
use crate::support::security_alone;

#[tokio::test]
async fn a_link_is_made_once_meant_and_can_be_ended() {
    let it = Workspace::bare("").await;
    let carol = it.inbox.session("carol").await;
    it.link("carol").await;
    let person = it.inbox.person("carol");
    let links = countersign_server::chat::links(&it.inbox.service, &person).await.unwrap();
    let link = links.first().unwrap();
    assert_eq!(
        (link.provider.as_str(), link.tenant.as_str(), link.external_id.as_str()),
        ("slack", super::TEAM, "U0CAROL")
    );

    let id = it.inbox.task(security_alone).await;
    it.window(&id, "approve", "U0CAROL").await;
    let ended = [("csrf", carol.csrf.as_str()), ("user", "U0CAROL")];
    it.inbox.form(&carol, "/settings/slack/unlink", &ended).await.expect(StatusCode::SEE_OTHER);
    assert!(countersign_server::chat::links(&it.inbox.service, &person).await.unwrap().is_empty());
    it.interact(&it.press(&id, "deny", "U0CAROL").await).await.expect(StatusCode::OK);
    assert!(it.slack.call("hook", 0).await.body.to_string().contains("not linked"));
}

#[tokio::test]
async fn the_settings_page_leads_to_the_link_and_ends_it() {
    let it = Workspace::bare("").await;
    let carol = it.inbox.session("carol").await;
    let page = it.inbox.page(&carol, "/settings").await.expect(StatusCode::OK);
    assert!(
        page.text.contains("href=\"/settings/slack/link\"") && page.text.contains("No account is linked")
    );
    it.link("carol").await;
    let page = it.inbox.page(&carol, "/settings").await.expect(StatusCode::OK);
    let fields = page.hidden_fields("action=\"/settings/slack/unlink\"");
    it.inbox.form(&carol, "/settings/slack/unlink", &fields).await.expect(StatusCode::SEE_OTHER);
    let page = it.inbox.page(&carol, "/settings").await.expect(StatusCode::OK);
    assert!(page.text.contains("No account is linked"), "{}", page.text);
}

/// Where a directory knows no addresses, those that people signed in with count.
#[tokio::test]
async fn an_address_that_was_known_when_they_linked_keeps_them_from_their_own_request() {
    use countersign_server::config::{Account, Directory, Reviewer};
    let it = Workspace::bare("").await;
    it.link("bob").await;
    let own = |value: &mut serde_json::Value| {
        value["client"]["actor"]["act"]["sub"] = "Bob+agents@example.com".into();
        crate::support::v1(value)["quorum"] =
            json!({"required": 1, "groups": ["data-owners"], "distinct": true, "veto": true});
    };
    let known = it.inbox.service.directory();
    let accounts = |name: &str| {
        let person = known.people().iter().find(|person| person.name == name).unwrap();
        let bare = person.accounts.iter().map(|account| Account { email: None, ..account.clone() });
        Reviewer { name: name.to_owned(), accounts: bare.collect() }
    };
    let bare = Directory::new(vec![accounts("bob")], known.groups().clone());
    it.inbox.service.replace_directory(bare);
    let id = it.inbox.task(own).await;
    it.interact(&it.press(&id, "approve", "U0BOB").await).await.expect(StatusCode::OK);
    let told = it.slack.call("hook", 0).await.body.to_string();
    assert!(told.contains("somebody else must decide"), "{told}");
    assert!(it.slack.calls("views.open").is_empty());
}

/// Mallory signs in with Slack as herself and gets bob to open the link that leads back here.
#[tokio::test]
async fn a_link_that_a_stranger_sends_links_nobody() {
    let it = Workspace::bare("").await;
    it.slack.user("U0MALLORY", &json!({"real_name": "bob"}));
    let (mallory, bob) = (it.inbox.session("erin").await, it.inbox.session("bob").await);
    let (state, nonce) = it.begun(&mallory).await;
    let link = format!("/settings/slack/return?code=U0MALLORY.{nonce}&state={state}");
    let before = it.inbox.state().await;
    let reply = it.inbox.page(&bob, &link).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);

    // Nor does the form that her own session shows, posted from bob's browser with bob's own token.
    let page = it.inbox.page(&mallory, &link).await.expect(StatusCode::OK);
    let fields = page.hidden_fields("action=\"/settings/slack/confirm\"");
    let proof = fields.iter().find(|(name, _)| *name == "proof").unwrap().1;
    for csrf in [bob.csrf.as_str(), mallory.csrf.as_str(), ""] {
        let reply = it.inbox.form(&bob, "/settings/slack/confirm", &[("csrf", csrf), ("proof", proof)]).await;
        assert!(reply.status.is_client_error(), "{csrf}: {}", reply.status);
    }
    // Nor from another site, even with everything right.
    let own = [("csrf", mallory.csrf.as_str()), ("proof", proof)];
    let elsewhere = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let reply = it.inbox.form_with(&mallory, "/settings/slack/confirm", &own, &elsewhere).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert_eq!(it.inbox.state().await, before, "nothing was linked");
}

#[tokio::test]
async fn to_come_back_from_slack_links_nothing_by_itself() {
    let it = Workspace::bare("").await;
    let carol = it.inbox.session("carol").await;
    let (state, nonce) = it.begun(&carol).await;
    let before = it.inbox.state().await;
    let page =
        it.inbox.page(&carol, &format!("/settings/slack/return?code=U0CAROL.{nonce}&state={state}")).await;
    let page = page.expect(StatusCode::OK);
    assert!(page.text.contains("U0CAROL") && page.text.contains("Link it"), "both accounts are named");
    assert_eq!(it.inbox.state().await, before);
}

#[tokio::test]
async fn an_id_token_that_is_not_for_this_app_workspace_and_attempt_links_nothing() {
    let it = Workspace::bare("").await;
    let carol = it.inbox.session("carol").await;
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("3333.4444")),
        ("aud", json!(["1111.2222", "3333.4444"])),
        ("exp", json!(1_600_000_000)),
        ("exp", json!(null)),
        ("iat", json!(4_000_000_000_i64)),
        ("nonce", json!("of another attempt")),
        ("nonce", json!(null)),
        ("https://slack.com/team_id", json!("T0OTHER")),
        ("https://slack.com/user_id", json!(null)),
        ("https://slack.com/user_id", json!("U0CAROL&user=U0BOB")),
    ] {
        let (state, nonce) = it.begun(&carol).await;
        it.slack.claim(name, value.clone());
        let reply = it
            .inbox
            .page(&carol, &format!("/settings/slack/return?code=U0CAROL.{nonce}&state={state}"))
            .await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{name} {value}: {}", reply.text);
    }
    let (state, nonce) = it.begun(&carol).await;
    for (code, state) in [
        (String::new(), state.clone()),
        (format!("U0CAROL.{nonce}"), "x.y".to_owned()),
        (format!("U0CAROL.{nonce}"), String::new()),
    ] {
        let reply = it.inbox.page(&carol, &format!("/settings/slack/return?code={code}&state={state}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{code} {state}");
    }
}

#[tokio::test]
async fn a_guest_or_bot_is_not_linked() {
    let it = Workspace::bare("").await;
    let carol = it.inbox.session("carol").await;
    for (id, change) in [
        ("U0GUEST", json!({"is_restricted": true})),
        ("U0BOT", json!({"is_bot": true})),
        ("U0FAR", json!({"team_id": "T0OTHER"})),
    ] {
        it.slack.user(id, &change);
        let (state, nonce) = it.begun(&carol).await;
        let reply =
            it.inbox.page(&carol, &format!("/settings/slack/return?code={id}.{nonce}&state={state}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{id}: {}", reply.text);
    }
}

#[tokio::test]
async fn an_account_is_nobody_elses_until_its_owner_lets_go_of_it() {
    let it = Workspace::bare("").await;
    it.link("carol").await;
    let dave = it.inbox.session("dave").await;
    let (state, nonce) = it.begun(&dave).await;
    let page = it
        .inbox
        .page(&dave, &format!("/settings/slack/return?code={}.{nonce}&state={state}", user("carol")))
        .await;
    let page = page.expect(StatusCode::OK);
    let fields = page.hidden_fields("action=\"/settings/slack/confirm\"");
    let reply = it.inbox.form(&dave, "/settings/slack/confirm", &fields).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert!(reply.text.contains("linked to somebody else"), "{}", reply.text);
    let ended = [("csrf", dave.csrf.as_str()), ("user", "U0CAROL")];
    let reply = it.inbox.form(&dave, "/settings/slack/unlink", &ended).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "nobody ends another's link");
}

#[tokio::test]
async fn nobody_links_without_a_session() {
    let it = Workspace::bare("").await;
    for path in ["/settings/slack/link", "/settings/slack/return?code=a&state=b"] {
        let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        let reply = it.inbox.send(request).await.expect(StatusCode::SEE_OTHER);
        assert!(reply.location().starts_with("/login"), "{}", reply.location());
    }
    assert_eq!(decoded("a%20b+c"), "a b c");
}
