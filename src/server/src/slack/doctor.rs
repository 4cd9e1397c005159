//! Whether Slack is set up as it must be, looked at by calling it: for `countersign doctor slack`.

use serde_json::Value;

use super::{api::Failed, config::Settings};
use crate::doctor::{Finding, Setting};

/// What the app needs, and what for.
const SCOPES: [(&str, &str); 2] =
    [("chat:write", "to post cards"), ("users:read", "to tell guests from members")];

/// Looks at the app, its scopes, its ways in, and every channel that gets cards.
pub(crate) async fn examine(setting: Setting<'_>) -> Vec<Finding> {
    let Some(settings) = &setting.config.slack else {
        return vec![Finding::fail("`slack` is not configured", "add it; `server.example.yaml` shows how")];
    };
    let mut found = who(settings).await;
    found.extend(ways_in(settings).await);
    for (name, channel) in setting.config.routes.channels().iter() {
        if let Some(room) = channel.slack() {
            found.push(room_of(settings, name, room.id()).await);
        }
    }
    found
}

async fn who(settings: &Settings) -> Vec<Finding> {
    let said = match settings.api.form(Some(&settings.bot_token), "auth.test", &[]).await {
        Ok(said) => said,
        Err(failed) => return vec![wrong("the bot token", &failed)],
    };
    let text = |name: &str| said.json.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut found = Vec::new();
    found.push(if text("team_id") == settings.team_id {
        Finding::ok(format!("the bot token is of the workspace `{}`", settings.team_id))
    } else {
        let other: String = text("team_id").chars().filter(char::is_ascii_alphanumeric).take(32).collect();
        Finding::fail(
            format!("the bot token is of the workspace `{other}`, and `team_id` says `{}`", settings.team_id),
            "correct one of them: presses would be refused",
        )
    });
    let granted = said.headers.get("x-oauth-scopes").and_then(|scopes| scopes.to_str().ok());
    let granted: Vec<&str> = granted.unwrap_or_default().split(',').map(str::trim).collect();
    for (scope, what) in SCOPES {
        found.push(if granted.contains(&scope) {
            Finding::ok(format!("the app has the scope `{scope}`"))
        } else {
            Finding::fail(
                format!("the app lacks the scope `{scope}` ({what})"),
                "add it under OAuth & Permissions, Bot Token Scopes, and install the app again",
            )
        });
    }
    found
}

/// What a refused call means, as a finding.
fn wrong(what: &str, failed: &Failed) -> Finding {
    match failed {
        Failed::Later { why, .. } => Finding::fail(
            format!("{what}: {why}"),
            "see that this machine reaches https://slack.com without a proxy, and look again",
        ),
        Failed::Never { why, .. } => {
            let (happened, mend) =
                why.split_once(": ").unwrap_or((why, "look it up in Slack's documentation"));
            Finding::fail(format!("{what}: {happened}"), mend)
        }
    }
}

async fn ways_in(settings: &Settings) -> Vec<Finding> {
    let mut found = Vec::new();
    if settings.signing_secret.is_some() {
        // Whether it is the right one shows when Slack calls: it cannot be asked.
        found.push(Finding::ok(
            "a signing secret is there; Slack must reach `/slack/interactions` and `/slack/events` of this service",
        ));
    }
    if let Some(token) = &settings.app_token {
        found.push(match settings.api.form(Some(token), "apps.connections.open", &[]).await {
            Ok(_) => Finding::ok("Socket Mode opens a connection"),
            Err(Failed::Never { error, .. }) if error == "missing_scope" => Finding::fail(
                "the app token lacks the scope `connections:write`",
                "make another one with it under Basic Information, App-Level Tokens",
            ),
            Err(failed) => wrong("Socket Mode", &failed),
        });
    }
    found.push(match settings.sign_in {
        Some(_) => Finding::ok("people can link their accounts"),
        None => Finding::warn(
            "nobody can link a Slack account, and nobody who has not can decide in Slack",
            "configure `client_id` and `client_secret`",
        ),
    });
    found
}

/// Whether the app is in a channel. The scope that tells is not needed for anything else, so it may be missing.
async fn room_of(settings: &Settings, name: &str, id: &str) -> Finding {
    let fields = [("channel", id)];
    match settings.api.form(Some(&settings.bot_token), "conversations.info", &fields).await {
        Ok(said) => {
            let channel = said.json.get("channel");
            let flag = |name: &str| channel.and_then(|channel| channel.get(name)).and_then(Value::as_bool);
            if flag("is_archived") == Some(true) {
                Finding::fail(format!("channel `{name}`: `{id}` is archived"), "take another one")
            } else if flag("is_member") == Some(true) || flag("is_im") == Some(true) {
                Finding::ok(format!("channel `{name}`: the app is in `{id}`"))
            } else {
                Finding::fail(
                    format!("channel `{name}`: the app is not in `{id}`"),
                    "write `/invite @countersign` in that channel",
                )
            }
        }
        Err(Failed::Never { error, .. }) if error == "missing_scope" => Finding::warn(
            format!("channel `{name}`: whether the app is in `{id}` cannot be told"),
            "give the app the scope `channels:read` (`groups:read` for a private channel), or see that it is in it",
        ),
        Err(failed) => wrong(&format!("channel `{name}`"), &failed),
    }
}
