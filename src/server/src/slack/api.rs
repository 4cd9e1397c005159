//! Slack's Web API: one call at a time, with the app's token, and what its answers mean for whoever tries again.
//!
//! Promises: the token goes to the configured address of Slack and nowhere else, and into no log; an answer of `429` says
//! when to come again; an error that will not go away by itself is told apart from one that may, in a sentence that says how to
//! mend it.

use std::time::Duration;

use countersign_wire::sealed::Plain;
use serde_json::Value;
use ureq::http::{HeaderMap, Request};

use crate::outward::Outward;

/// How to call Slack.
#[derive(Clone)]
pub(crate) struct Api {
    outward: Outward,
    base: String,
}

/// Why a call did nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// It may work later.
    Later {
        /// A sentence.
        why: String,
        /// When Slack says so.
        after: Option<Duration>,
    },
    /// It will not, until somebody mends it.
    Never {
        /// Slack's word.
        error: String,
        /// A sentence that says how.
        why: String,
    },
}

impl Failed {
    /// The sentence.
    pub(crate) fn why(&self) -> &str {
        match self {
            Self::Later { why, .. } | Self::Never { why, .. } => why,
        }
    }
}

/// What Slack answered.
#[derive(Debug)]
pub(crate) struct Said {
    /// The document.
    pub(crate) json: Value,
    /// The headers.
    pub(crate) headers: HeaderMap,
}

impl Api {
    /// Calls of `base`, such as `https://slack.com/api`, that end after `timeout`.
    ///
    /// # Errors
    /// A sentence.
    pub(crate) fn new(base: &str, timeout: Duration) -> Result<Self, String> {
        Ok(Self { outward: Outward::new(timeout, None)?, base: base.trim_end_matches('/').to_owned() })
    }

    /// Calls a method that takes JSON.
    pub(crate) async fn call(&self, token: &Plain, method: &str, body: &Value) -> Result<Said, Failed> {
        let kind = "application/json; charset=utf-8";
        self.send(Some(token), method, kind, body.to_string().into_bytes()).await
    }

    /// Calls a method that takes a form only.
    pub(crate) async fn form(
        &self,
        token: Option<&Plain>,
        method: &str,
        fields: &[(&str, &str)],
    ) -> Result<Said, Failed> {
        self.send(token, method, "application/x-www-form-urlencoded", encoded(fields).into_bytes()).await
    }

    async fn send(
        &self,
        token: Option<&Plain>,
        method: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Result<Said, Failed> {
        let mut request = Request::post(format!("{}/{method}", self.base)).header("content-type", kind);
        if let Some(token) = token {
            request = request.header("authorization", Plain::joined(&["Bearer ", token.expose()]).expose());
        }
        let request = request.body(body).map_err(|_| Failed::Never {
            error: "request".to_owned(),
            why: "the token for Slack holds characters that no header can hold".to_owned(),
        })?;
        let answer = self
            .outward
            .call(request)
            .await
            .map_err(|unreached| Failed::Later { why: unreached.to_string(), after: None })?;
        match answer.status {
            429 => {
                let seconds = answer.headers.get("retry-after").and_then(|text| text.to_str().ok());
                let seconds = seconds.and_then(|text| text.parse().ok()).unwrap_or(30);
                return Err(Failed::Later {
                    why: format!("Slack wants `{method}` to wait for {seconds} s"),
                    after: Some(Duration::from_secs(seconds)),
                });
            }
            200..=299 => {}
            status => {
                let why = format!("Slack answered `{method}` with status {status}");
                return Err(Failed::Later { why, after: None });
            }
        }
        let json: Value = serde_json::from_slice(&answer.body).map_err(|_| Failed::Later {
            why: format!("what Slack answered to `{method}` is no JSON"),
            after: None,
        })?;
        if json.get("ok").and_then(Value::as_bool) == Some(true) {
            return Ok(Said { json, headers: answer.headers });
        }
        let error = json.get("error").and_then(Value::as_str).unwrap_or("unknown");
        Err(failed(method, error, json.get("needed").and_then(Value::as_str)))
    }

    /// Answers through the address that came with a press; the caller has checked where it leads.
    pub(crate) async fn respond(&self, url: &str, body: &Value) -> Result<(), Failed> {
        let later = |why: String| Failed::Later { why, after: None };
        let request = Request::post(url)
            .header("content-type", "application/json; charset=utf-8")
            .body(body.to_string().into_bytes())
            .map_err(|_| later("the address to answer at is none".to_owned()))?;
        let answer = self.outward.call(request).await.map_err(|unreached| later(unreached.to_string()))?;
        match answer.status {
            200..=299 => Ok(()),
            status => Err(later(format!("Slack took no answer to a press: status {status}"))),
        }
    }
}

/// What an error of Slack's means: <https://docs.slack.dev/reference/methods/chat.postMessage#errors>.
fn failed(method: &str, error: &str, needed: Option<&str>) -> Failed {
    let error: String =
        error.chars().filter(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c)).take(64).collect();
    let why = match error.as_str() {
        "channel_not_found" => {
            "Slack knows no such channel: use its id (such as C0123ABCD, at the end of the channel's link), and invite the app \
             where it is private"
        }
        "not_in_channel" => "the app is not in the channel: write `/invite @countersign` in it",
        "is_archived" => "the channel is archived: take another one",
        "invalid_auth" | "not_authed" | "token_revoked" | "token_expired" | "account_inactive" => {
            "Slack does not take the token: install the app again and configure its new bot token (`xoxb-…`)"
        }
        "missing_scope" => {
            "the app lacks a scope: add it under OAuth & Permissions and install the app again"
        }
        "not_allowed_token_type" => {
            "the token is of another kind: `bot_token` begins with `xoxb-`, `app_token` with `xapp-`"
        }
        "restricted_action" | "restricted_action_read_only_channel" => {
            "a setting of the workspace keeps the app from posting there: ask its owner to allow it"
        }
        "msg_too_long" | "invalid_blocks" | "invalid_arguments" | "msg_blocks_too_long" => {
            "Slack does not take the card; please report this as a fault of countersign"
        }
        "message_not_found" | "cant_update_message" => "the message is gone: somebody deleted it",
        "user_not_found" | "users_not_found" | "user_not_visible" => "Slack knows no such user here",
        "expired_trigger_id" | "exchanged_trigger_id" | "invalid_trigger_id" => {
            "the window came too late for Slack (3 s): press the button again"
        }
        // Slack's own trouble.
        "internal_error"
        | "fatal_error"
        | "service_unavailable"
        | "request_timeout"
        | "team_added_to_org"
        | "ratelimited"
        | "rate_limited"
        | "unknown" => {
            return Failed::Later { why: format!("Slack answered `{method}` with `{error}`"), after: None };
        }
        _ => "it is an error that does not go away by itself",
    };
    let needed = needed.map_or(String::new(), |scope| {
        let scope: String =
            scope.chars().filter(|c| c.is_ascii_alphanumeric() || "_:.,".contains(*c)).take(64).collect();
        format!(" (it wants `{scope}`)")
    });
    let why = format!("Slack answered `{method}` with `{error}`{needed}: {why}");
    Failed::Never { error, why }
}

/// Fields as a form.
pub(super) fn encoded(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| {
        text.bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect::<String>()
    };
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_must_mend_is_not_tried_again_and_says_how() {
        for error in
            ["channel_not_found", "not_in_channel", "invalid_auth", "missing_scope", "is_archived", "news"]
        {
            let failed = failed("chat.postMessage", error, None);
            assert!(matches!(&failed, Failed::Never { error: word, .. } if word == error), "{failed:?}");
            assert!(failed.why().contains(error), "{failed:?}");
        }
        for error in ["internal_error", "ratelimited", "fatal_error", ""] {
            assert!(matches!(
                failed("x", if error.is_empty() { "unknown" } else { error }, None),
                Failed::Later { .. }
            ));
        }
        let scope = failed("users.info", "missing_scope", Some("users:read"));
        assert!(scope.why().contains("(it wants `users:read`)"), "{scope:?}");
    }

    #[test]
    fn an_error_cannot_speak_to_the_operator_s_terminal() {
        let failed = failed("x", "\u{1b}[2Jgone\n", Some("\u{202e}a`"));
        assert!(!failed.why().contains('\u{1b}') && !failed.why().contains('\u{202e}'), "{failed:?}");
    }
}
