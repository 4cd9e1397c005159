//! Whether Slack is set up as it must be, looked at by calling it: for `countersign doctor slack`.

use serde_json::Value;

use super::{api::Failed, config::Settings};
use crate::config::Config;

/// What the app needs, and what for.
const SCOPES: [(&str, &str); 2] =
    [("chat:write", "to post cards"), ("users:read", "to tell guests from members")];

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is as it must be.
    Good(String),
    /// It works, but somebody should know.
    Notice(String),
    /// It does not work, and how to mend it.
    Bad(String),
}

/// Looks at the app, its scopes, its ways in, and every channel of `channels`.
pub async fn slack(config: &Config, channels: &[(String, String)]) -> Vec<Found> {
    let Some(settings) = &config.slack else {
        return vec![Found::Notice("`slack` is not configured, so there is nothing to look at".to_owned())];
    };
    let mut found = who(settings).await;
    found.extend(ways_in(settings).await);
    for (name, id) in channels {
        found.push(channel(settings, name, id).await);
    }
    found
}

async fn who(settings: &Settings) -> Vec<Found> {
    let said = match settings.api.form(Some(&settings.bot_token), "auth.test", &[]).await {
        Ok(said) => said,
        Err(failed) => return vec![Found::Bad(failed.why().to_owned())],
    };
    let text = |name: &str| said.json.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut found = Vec::new();
    found.push(if text("team_id") == settings.team_id {
        Found::Good(format!("the bot token is of the workspace `{}`", settings.team_id))
    } else {
        let other: String = text("team_id").chars().filter(char::is_ascii_alphanumeric).take(32).collect();
        Found::Bad(format!(
            "the bot token is of the workspace `{other}`, and `team_id` says `{}`: presses would be refused; correct one of them",
            settings.team_id
        ))
    });
    let granted =
        said.headers.get("x-oauth-scopes").and_then(|scopes| scopes.to_str().ok()).unwrap_or_default();
    let granted: Vec<&str> = granted.split(',').map(str::trim).collect();
    for (scope, what) in SCOPES {
        found.push(if granted.contains(&scope) {
            Found::Good(format!("the app may `{scope}`"))
        } else {
            Found::Bad(format!(
                "the app lacks the scope `{scope}` ({what}): add it under OAuth & Permissions and install the app again"
            ))
        });
    }
    found
}

async fn ways_in(settings: &Settings) -> Vec<Found> {
    let mut found = Vec::new();
    if settings.signing_secret.is_some() {
        found.push(Found::Good(
            "a signing secret is there; Slack must be able to call `/slack/interactions` and `/slack/events` of this service"
                .to_owned(),
        ));
    }
    if let Some(token) = &settings.app_token {
        found.push(match settings.api.form(Some(token), "apps.connections.open", &[]).await {
            Ok(_) => Found::Good("Socket Mode works".to_owned()),
            Err(Failed::Never { error, .. }) if error == "missing_scope" => Found::Bad(
                "the app token lacks the scope `connections:write`: make another one under Basic Information, App-Level Tokens"
                    .to_owned(),
            ),
            Err(failed) => Found::Bad(format!("Socket Mode does not work: {}", failed.why())),
        });
    }
    found.push(match settings.sign_in {
        Some(_) => Found::Good("people can link their accounts".to_owned()),
        None => Found::Notice(
            "`client_id` and `client_secret` are not configured, so nobody can link a Slack account, and nobody who has not can decide \
             there"
                .to_owned(),
        ),
    });
    found
}

/// A channel is looked at with a message that is scheduled nowhere: only `conversations.info` tells, where its scope is there.
async fn channel(settings: &Settings, name: &str, id: &str) -> Found {
    let fields = [("channel", id)];
    match settings.api.form(Some(&settings.bot_token), "conversations.info", &fields).await {
        Ok(said) => {
            let flag = |name: &str| {
                said.json.get("channel").and_then(|channel| channel.get(name)).and_then(Value::as_bool)
            };
            if flag("is_archived") == Some(true) {
                Found::Bad(format!("channel `{name}`: `{id}` is archived; take another one"))
            } else if flag("is_member") == Some(true) || flag("is_im") == Some(true) {
                Found::Good(format!("channel `{name}`: the app is in `{id}`"))
            } else {
                Found::Bad(format!(
                    "channel `{name}`: the app is not in `{id}`; write `/invite @countersign` there"
                ))
            }
        }
        Err(Failed::Never { error, .. }) if error == "missing_scope" => Found::Notice(format!(
            "channel `{name}`: whether the app is in `{id}` cannot be told without the scope `channels:read` (`groups:read` for a \
             private channel); it need not have it"
        )),
        Err(failed) => Found::Bad(format!("channel `{name}`: {}", failed.why())),
    }
}
