//! `slack:` of `server.yaml`: what was typed, and what it means.
//!
//! Secrets stand in an environment variable or a private file, never in the document; they have a type that cannot be
//! printed.

use std::{sync::Arc, time::Duration};

use countersign_wire::sealed::Plain;
use serde::Deserialize;

use super::api::Api;
use crate::{
    config::document::SecretFrom,
    outward::{is_this_machine, safe},
    secrets,
    service::StartError,
};

/// Where Slack is.
const API: &str = "https://slack.com/api";
/// Where people sign in with Slack.
const SIGN_IN: &str = "https://slack.com/openid/connect/authorize";
/// Where Slack's signing keys are.
const KEYS: &str = "https://slack.com/openid/connect/keys";
/// Who signs ID tokens.
const ISSUER: &str = "https://slack.com";
/// Where presses are answered.
const ANSWERS: &str = "https://hooks.slack.com/";
/// How long a call may take: a window must be open within three seconds of a press.
const TIMEOUT: Duration = Duration::from_millis(2_500);

/// An app of Slack.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlackAt {
    /// The app's id, `A…`: calls of other apps are refused.
    pub app_id: String,
    /// The workspace's id, `T…`: people of others are refused.
    pub team_id: String,
    /// The bot token, `xoxb-…`.
    pub bot_token: SecretFrom,
    /// The signing secret: needed where Slack calls this service.
    pub signing_secret: Option<SecretFrom>,
    /// The app-level token, `xapp-…`: Socket Mode, where Slack cannot call this service.
    pub app_token: Option<SecretFrom>,
    /// The client id, for "Sign in with Slack", by which people link their accounts.
    pub client_id: Option<String>,
    /// Its secret.
    pub client_secret: Option<SecretFrom>,
    /// Another address of Slack's API: for tests.
    pub api: Option<String>,
}

/// What it means.
#[derive(Clone)]
pub(crate) struct Settings(Arc<Set>);

pub(crate) struct Set {
    pub(crate) app_id: String,
    pub(crate) team_id: String,
    pub(crate) bot_token: Plain,
    pub(crate) signing_secret: Option<Plain>,
    pub(crate) app_token: Option<Plain>,
    pub(crate) sign_in: Option<SignIn>,
    /// Where an answer to a press may go.
    pub(crate) answers: String,
    pub(crate) api: Api,
}

/// How people sign in with Slack.
pub(crate) struct SignIn {
    pub(crate) client_id: String,
    pub(crate) client_secret: Plain,
    pub(crate) authorize: String,
    pub(crate) keys: String,
    pub(crate) issuer: String,
}

impl std::ops::Deref for Settings {
    type Target = Set;

    fn deref(&self) -> &Set {
        &self.0
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slack")
            .field("app_id", &self.app_id)
            .field("team_id", &self.team_id)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Checks what was typed, and that the secrets are there.
    pub(crate) fn compile(typed: SlackAt) -> Result<Self, StartError> {
        Self::read(typed).map(|set| Self(Arc::new(set))).map_err(|why| StartError(format!("`slack`: {why}")))
    }

    fn read(typed: SlackAt) -> Result<Set, String> {
        for (name, id, first) in [("app_id", &typed.app_id, 'A'), ("team_id", &typed.team_id, 'T')] {
            if !id.starts_with(first)
                || id.len() < 3
                || !id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            {
                return Err(format!("`{name}` (`{id}`) is not an id such as `{first}0123ABCD`"));
            }
        }
        let secret = |name: &str, from: &SecretFrom, first: &str| {
            let value = secrets::plain(from).map_err(|why| format!("`{name}`: {why}"))?;
            if value.expose().starts_with(first) {
                Ok(value)
            } else {
                Err(format!("`{name}` does not begin with `{first}`: it is another token"))
            }
        };
        let optional = |name: &str, from: &Option<SecretFrom>, first: &str| {
            from.as_ref().map(|from| secret(name, from, first)).transpose()
        };
        let sign_in = match (typed.client_id, &typed.client_secret) {
            (None, None) => None,
            (Some(id), Some(from)) => Some((id, secret("client_secret", from, "")?)),
            _ => return Err("`client_id` and `client_secret` go together".to_owned()),
        };
        let base = typed.api.as_deref().unwrap_or(API).trim_end_matches('/').to_owned();
        safe(&base)?;
        // Elsewhere than at Slack only a stand-in on this machine is believed: its tokens go there.
        let stand_in = base
            .strip_prefix("http://")
            .and_then(|rest| rest.split('/').next())
            .filter(|host| is_this_machine(host));
        let at = |path: &str, slack: &str| match stand_in {
            Some(host) => format!("http://{host}{path}"),
            None => slack.to_owned(),
        };
        if stand_in.is_none() && base != API && !base.ends_with(".slack.com/api") {
            return Err(format!("`api` (`{base}`) is neither Slack nor on this machine"));
        }
        let set = Set {
            bot_token: secret("bot_token", &typed.bot_token, "xoxb-")?,
            signing_secret: optional("signing_secret", &typed.signing_secret, "")?,
            app_token: optional("app_token", &typed.app_token, "xapp-")?,
            sign_in: sign_in.map(|(client_id, client_secret)| SignIn {
                client_id,
                client_secret,
                authorize: at("/openid/connect/authorize", SIGN_IN),
                keys: at("/openid/connect/keys", KEYS),
                issuer: at("", ISSUER),
            }),
            answers: at("/", ANSWERS),
            api: Api::new(&base, TIMEOUT)?,
            app_id: typed.app_id,
            team_id: typed.team_id,
        };
        if set.signing_secret.is_none() && set.app_token.is_none() {
            return Err("neither `signing_secret` nor `app_token` is there, so no press would arrive: configure the first where \
                        Slack can call this service, and the second (Socket Mode) where it cannot"
                .to_owned());
        }
        Ok(set)
    }
}

/// A channel that gets cards.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlackChannelAt {
    /// The channel's id, such as `C0123ABCD`.
    pub channel: String,
}

/// Checks a channel's id: a name may be given to another channel, an id stays.
pub(crate) fn channel(typed: &SlackChannelAt) -> Result<String, String> {
    let id = &typed.channel;
    let good = id.len() >= 3
        && id.starts_with(['C', 'G', 'D'])
        && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if good {
        Ok(id.clone())
    } else {
        Err(format!(
            "`{id}` is not a channel's id such as `C0123ABCD`; it stands at the end of the channel's link"
        ))
    }
}
