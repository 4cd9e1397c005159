//! What the bot sends: a token from Entra by client credentials, and activities to the Bot Connector.
//!
//! Promises: the client secret goes to the configured login alone, the token to a [`ServiceUrl`] alone; neither is in any
//! sentence, log or record. A token is used until five minutes before its end, and fetched anew once where it is refused.
//!
//! Shapes: `bot-service/rest-api/bot-framework-rest-connector-api-reference` and `…-authentication`, learn.microsoft.com.

use std::time::Duration;

use countersign_wire::sealed::Plain;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use ureq::http::{Request, header::RETRY_AFTER};

use super::{
    bot::{Bot, ServiceUrl},
    config::reveal,
};
use crate::{
    approver::text::inert_short,
    config::document::SecretFrom,
    outward::{Answer, Outward},
};

/// How long before its end a token is not used any more, milliseconds.
const MARGIN_MS: i64 = 5 * 60 * 1000;
/// The longest wait that we let others impose on us.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Where tokens come from, and what for.
pub(super) struct Login {
    pub(super) address: String,
    pub(super) app_id: String,
    pub(super) secret: SecretFrom,
}

/// The token of the moment.
pub(super) struct Tokens {
    outward: Outward,
    login: Login,
    kept: Mutex<Option<Token>>,
}

struct Token {
    bearer: Plain,
    until_ms: i64,
}

/// Why something was not sent, or did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// It may go better later.
    Later {
        /// A sentence for the operator.
        why: String,
        /// When they told us to come again.
        after: Option<Duration>,
    },
    /// What was to be changed is not there any more.
    Gone,
    /// It cannot arrive before somebody changes something.
    Never {
        /// A sentence that says what.
        why: String,
    },
}

impl Tokens {
    pub(super) fn new(outward: Outward, login: Login) -> Self {
        Self { outward, login, kept: Mutex::new(None) }
    }

    /// The value of an `Authorization` header.
    async fn bearer(&self, now_ms: i64) -> Result<Plain, Unsent> {
        let mut kept = self.kept.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| now_ms < token.until_ms) {
            return Ok(Plain::from(token.bearer.expose().to_owned()));
        }
        let token = self.fetch(now_ms).await?;
        let bearer = Plain::from(token.bearer.expose().to_owned());
        *kept = Some(token);
        Ok(bearer)
    }

    /// Forgets the token: somebody refused it.
    async fn forget(&self) {
        *self.kept.lock().await = None;
    }

    async fn fetch(&self, now_ms: i64) -> Result<Token, Unsent> {
        #[derive(Deserialize)]
        struct Given {
            token_type: String,
            expires_in: i64,
            access_token: String,
        }
        let secret = reveal(&self.login.secret)
            .map_err(|why| Unsent::Later { why: format!("the bot's secret: {why}"), after: None })?;
        let body = Plain::from(format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope={}",
            encoded(&self.login.app_id),
            encoded(secret.expose()),
            encoded("https://api.botframework.com/.default"),
        ));
        let request = Request::post(&self.login.address)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(body.expose().as_bytes().to_vec())
            .map_err(|_| Unsent::Never { why: "`login` is no address".to_owned() })?;
        let answer = self.outward.call(request).await;
        let answer = answer.map_err(|error| Unsent::Later { why: error.to_string(), after: None })?;
        if answer.status != 200 {
            return Err(refused_login(&answer));
        }
        let given: Given = serde_json::from_slice(&answer.body).map_err(|_| Unsent::Later {
            why: "the login answers something that is no token".to_owned(),
            after: None,
        })?;
        if !given.token_type.eq_ignore_ascii_case("bearer") || !is_token(&given.access_token) {
            let why = "the login answers something that is no bearer token".to_owned();
            return Err(Unsent::Later { why, after: None });
        }
        let lives = given.expires_in.clamp(0, 24 * 60 * 60).saturating_mul(1000);
        Ok(Token {
            bearer: Plain::from(format!("Bearer {}", given.access_token)),
            // A token that lives shorter than the margin is used for half of its life.
            until_ms: now_ms + (lives - MARGIN_MS).max(lives / 2),
        })
    }
}

/// Whether it can stand in a header.
fn is_token(text: &str) -> bool {
    (1..=16 * 1024).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// What Entra said, as a sentence: its code, never what we sent.
fn refused_login(answer: &Answer) -> Unsent {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Fault {
        error: String,
        error_description: String,
    }
    let fault: Fault = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = fault.error_description.split(':').next().filter(|code| code.starts_with("AADSTS"));
    let said = inert_short(code.unwrap_or(fault.error.as_str()), 64);
    let why = match (code, fault.error.as_str()) {
        (Some("AADSTS7000215" | "AADSTS7000222"), _) => format!(
            "the login refuses the bot's secret ({said}): it is wrong or has expired; make a new client secret for the app \
             registration"
        ),
        (Some("AADSTS700016" | "AADSTS90002"), _) => {
            format!(
                "the login knows no app `app_id` in `tenant` ({said}): is the bot registered as single-tenant there?"
            )
        }
        _ => format!("the login refuses a token for the bot with {} ({said})", answer.status),
    };
    match answer.status {
        400 | 401 | 403 => Unsent::Later { why, after: Some(Duration::from_mins(1)) },
        _ => Unsent::Later { why, after: after(answer) },
    }
}

/// When they told us to come again.
pub(super) fn after(answer: &Answer) -> Option<Duration> {
    let seconds = answer.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse::<u64>().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

impl Bot {
    /// Posts an activity to a conversation; returns its id there.
    pub(crate) async fn post(
        &self,
        at: &ServiceUrl,
        conversation: &str,
        activity: &Value,
        now_ms: i64,
    ) -> Result<String, Unsent> {
        #[derive(Deserialize)]
        struct Made {
            id: String,
        }
        let url = format!("{}v3/conversations/{}/activities", at.as_str(), encoded(conversation));
        let answer = self.send("POST", &url, activity, now_ms).await?;
        let made: Made = serde_json::from_slice(&answer.body).map_err(|_| Unsent::Later {
            why: "the Bot Connector took the card and does not say under which id".to_owned(),
            after: None,
        })?;
        Ok(made.id)
    }

    /// Replaces an activity.
    pub(crate) async fn replace(
        &self,
        at: &ServiceUrl,
        conversation: &str,
        id: &str,
        activity: &Value,
        now_ms: i64,
    ) -> Result<(), Unsent> {
        let url =
            format!("{}v3/conversations/{}/activities/{}", at.as_str(), encoded(conversation), encoded(id));
        self.send("PUT", &url, activity, now_ms).await.map(drop)
    }

    async fn send(&self, method: &str, url: &str, activity: &Value, now_ms: i64) -> Result<Answer, Unsent> {
        let first = self.try_send(method, url, activity, now_ms).await?;
        if first.status != 401 {
            return judged(first);
        }
        self.tokens.forget().await;
        judged(self.try_send(method, url, activity, now_ms).await?)
    }

    async fn try_send(
        &self,
        method: &str,
        url: &str,
        activity: &Value,
        now_ms: i64,
    ) -> Result<Answer, Unsent> {
        let bearer = self.tokens.bearer(now_ms).await?;
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header("authorization", bearer.expose())
            .header("content-type", "application/json; charset=utf-8")
            .body(activity.to_string().into_bytes())
            .map_err(|_| Unsent::Never { why: "the Bot Connector's address does not read".to_owned() })?;
        let answer = self.outward.call(request).await;
        answer.map_err(|error| Unsent::Later { why: error.to_string(), after: None })
    }

    /// Whether a token can be had now.
    pub(crate) async fn can_log_in(&self, now_ms: i64) -> Result<(), Unsent> {
        self.tokens.forget().await;
        self.tokens.bearer(now_ms).await.map(drop)
    }
}

/// What an answer of the Bot Connector means.
fn judged(answer: Answer) -> Result<Answer, Unsent> {
    #[derive(Deserialize)]
    struct Said {
        error: Fault,
    }
    #[derive(Deserialize)]
    struct Fault {
        code: String,
    }
    let code = serde_json::from_slice::<Said>(&answer.body).ok().map(|said| said.error.code);
    let shown = inert_short(code.as_deref().unwrap_or("no code"), 64);
    let status = answer.status;
    match (status, code.as_deref()) {
        (200..=299, _) => Ok(answer),
        (401, _) => Err(Unsent::Later {
            why: "the Bot Connector refuses the bot's token; is `app_id` the one that the Azure Bot has?"
                .to_owned(),
            after: Some(Duration::from_mins(1)),
        }),
        (403, Some("BotNotInConversationRoster")) => Err(Unsent::Never {
            why: "the bot is not installed in that team; add the app to it (BotNotInConversationRoster)"
                .to_owned(),
        }),
        (404, _) => Err(Unsent::Gone),
        (413, _) => Err(Unsent::Never { why: "the card is too large for Teams".to_owned() }),
        (408 | 412 | 429 | 500..=599, _) => Err(Unsent::Later {
            why: format!("the Bot Connector answers {status} ({shown})"),
            after: after(&answer),
        }),
        _ => {
            Err(Unsent::Never { why: format!("the Bot Connector refuses the card with {status} ({shown})") })
        }
    }
}

/// Percent-encoding of everything but what no URL or form gives a meaning.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => {
                out.push('%');
                out.extend(
                    [byte >> 4, byte & 15]
                        .into_iter()
                        .filter_map(|nibble| char::from_digit(nibble.into(), 16)),
                );
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use ureq::http::HeaderMap;

    use super::*;

    fn answer(status: u16, body: &str, retry: Option<&str>) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(retry) = retry {
            headers.insert(RETRY_AFTER, retry.parse().unwrap());
        }
        Answer { status, headers, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn an_answer_of_the_connector_says_whether_to_come_again() {
        let roster =
            r#"{"error":{"code":"BotNotInConversationRoster","message":"The bot is not part of it."}}"#;
        assert!(
            matches!(judged(answer(403, roster, None)), Err(Unsent::Never { why }) if why.contains("not installed"))
        );
        assert_eq!(judged(answer(404, "", None)).err(), Some(Unsent::Gone));
        let wait = judged(answer(429, "", Some("17")));
        assert!(matches!(wait, Err(Unsent::Later { after: Some(after), .. }) if after.as_secs() == 17));
        assert!(matches!(judged(answer(502, "", Some("Wed"))), Err(Unsent::Later { after: None, .. })));
        assert!(judged(answer(201, r#"{"id":"1"}"#, None)).is_ok());
    }

    #[test]
    fn a_refused_login_says_how_to_mend_it_and_repeats_nothing_we_sent() {
        let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided: s3cr3t"}"#;
        let Unsent::Later { why, .. } = refused_login(&answer(401, body, None)) else { panic!("for ever") };
        assert!(why.contains("new client secret") && why.contains("AADSTS7000215"), "{why}");
        assert!(!why.contains("s3cr3t"), "{why}");
    }

    #[test]
    fn an_id_becomes_one_segment() {
        assert_eq!(encoded("19:a@thread.tacv2;messageid=1/2"), "19%3aa%40thread.tacv2%3bmessageid%3d1%2f2");
    }
}
