//! What `countersign doctor slack` says of a set-up, and the manifest that the documentation shows.

use countersign_server::doctor::{Level, Part, Setting, configured, examine};
use serde_json::{Value, json};

use super::{StandIn, Workspace};

async fn found(it: &Workspace) -> Vec<(Level, String)> {
    let setting = Setting { config: it.inbox.service.config(), state: std::path::Path::new("unused") };
    let report = examine(Part::Slack, setting).await;
    report
        .findings
        .into_iter()
        .map(|one| (one.level, format!("{}: {}", one.what, one.mend.unwrap_or_default())))
        .collect()
}

fn refused(slack: &StandIn, method: &str, error: &str) {
    slack.instead(method, (200, vec![], json!({"ok": false, "error": error})));
}

#[tokio::test]
async fn what_is_set_up_well_is_said_to_be() {
    let it = Workspace::bare("  app_token: {file: KEYS/slack_app}").await;
    it.slack.socket("wss://wss-primary.slack.com/link");
    assert!(configured(it.inbox.service.config()).contains(&Part::Slack));
    let found = found(&it).await;
    assert!(found.iter().all(|(level, _)| *level == Level::Ok), "{found:#?}");
    assert!(found.iter().any(|(_, what)| what.contains("`approvals`")), "{found:#?}");
}

#[tokio::test]
async fn what_is_wrong_is_named_with_how_to_mend_it() {
    let it = Workspace::bare("  app_token: {file: KEYS/slack_app}").await;
    it.slack.socket("wss://wss-primary.slack.com/link");
    refused(&it.slack, "auth.test", "invalid_auth");
    refused(&it.slack, "apps.connections.open", "missing_scope");
    refused(&it.slack, "conversations.info", "channel_not_found");
    let first = found(&it).await;
    for wanted in ["install the app again", "`connections:write`", "Slack knows no such channel"] {
        assert!(
            first.iter().any(|(level, what)| *level == Level::Fail && what.contains(wanted)),
            "{wanted}: {first:#?}"
        );
    }
    it.slack.instead(
        "auth.test",
        (200, vec![("x-oauth-scopes", "chat:write".to_owned())], json!({"ok": true, "team_id": "T0OTHER"})),
    );
    let channel = json!({"ok": true, "channel": {"is_member": false, "is_archived": false}});
    it.slack.instead("conversations.info", (200, vec![], channel));
    let second = found(&it).await;
    for wanted in ["`T0OTHER`", "lacks the scope `users:read`", "/invite @countersign"] {
        assert!(
            second.iter().any(|(level, what)| *level == Level::Fail && what.contains(wanted)),
            "{wanted}: {second:#?}"
        );
    }
    let all = format!("{first:?}{second:?}");
    assert!(!all.contains("xoxb-stand-in") && !all.contains("xapp-1-"), "a token is said: {all}");
}

/// The page names the scopes, addresses and events that the code uses, in a manifest that reads.
#[test]
fn the_manifest_in_the_documentation_is_what_the_service_needs() {
    let page = include_str!("../../../SLACK.md");
    let (_, rest) = page.split_once("```yaml\n# manifest").unwrap();
    let manifest: Value =
        serde_saphyr::from_str(rest.split_once("```").unwrap().0.split_once('\n').unwrap().1).unwrap();
    let at = |pointer: &str| {
        manifest.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}: {manifest:#}")).clone()
    };
    assert_eq!(at("/oauth_config/scopes/bot"), json!(["chat:write", "users:read"]));
    assert_eq!(at("/settings/event_subscriptions/bot_events"), json!(["app_home_opened"]));
    assert_eq!(at("/settings/interactivity/request_url"), "https://approvals.example.com/slack/interactions");
    assert_eq!(at("/settings/event_subscriptions/request_url"), "https://approvals.example.com/slack/events");
    assert_eq!(at("/oauth_config/redirect_urls/0"), "https://approvals.example.com/settings/slack/return");
    assert_eq!(at("/features/app_home/home_tab_enabled"), true);
}
