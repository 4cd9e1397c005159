//! Linking a Slack account to the person who is signed in here, by "Sign in with Slack".
//!
//! Promises: it begins in the person's own session and ends there: what Slack sends back counts only in the session that it
//! was asked for, within ten minutes, and only after a press on a page of ours that names both accounts. So a link that
//! somebody else prepared links nothing, in either direction. Who the Slack account is comes from an ID token that Slack
//! signed for this app and this attempt; guests, bots and other workspaces are refused. GET changes nothing.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use countersign_wire::{
    digest::{b64url, tagged},
    sealed::Plain,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PROVIDER, Running, Slack, api, config::SignIn, people};
use crate::{
    approver::{problem::Trouble, text::inert_short},
    chat::{self, Account},
    ids,
    inbox::{Reader, Shown, html},
    jwt::{self, Algorithm, Keys},
    login::{Acting, Reviewer},
    outward::Outward,
    service::Service,
    store::chat::{Linked, Unlinked},
};

/// What seals are for.
const ASKED: &str = "slack-link-asked-v1";
const PROVEN: &str = "slack-link-proven-v1";
/// How long an attempt may take, milliseconds.
const ATTEMPT_MS: i64 = 10 * 60 * 1000;
/// How far Slack's clock may be from ours, in seconds.
const SKEW_S: i64 = 60;

/// What goes to Slack as `state`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    nonce: String,
    session: String,
    until: i64,
}

/// What the page of the question holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proven {
    user: String,
    name: String,
    session: String,
    until: i64,
}

/// A session's name in a seal: its form token, which nobody else knows, by its digest.
fn session(reviewer: &Reviewer) -> String {
    tagged("countersign-slack-link-v1\0", reviewer.csrf.as_bytes())
}

fn slack(service: &Service) -> Result<Slack, Trouble> {
    Slack::of(service).ok_or_else(|| Trouble::Malformed("Slack is not configured here".to_owned()))
}

fn sign_in(slack: &Running) -> Result<&SignIn, Trouble> {
    let none = || Trouble::Malformed("linking with Slack is not configured here".to_owned());
    slack.settings.sign_in.as_ref().ok_or_else(none)
}

fn back_to(slack: &Running) -> String {
    format!("{}/settings/slack/return", slack.service.config().issuer())
}

/// `GET /settings/slack/link`: on to Slack.
pub(super) async fn start(State(service): State<Service>, reader: Reader) -> Result<Response, Shown> {
    let Reader(reviewer) = reader;
    let slack = slack(&service)?;
    let to = sign_in(&slack)?;
    let asked = Asked {
        nonce: b64url(&ids::random::<16>()?),
        session: session(&reviewer),
        until: service.now_ms() + ATTEMPT_MS,
    };
    let query = api::encoded(&[
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("client_id", &to.client_id),
        ("team", &slack.settings.team_id),
        ("state", &chat::seal(&slack.key(), ASKED, &asked)),
        ("nonce", &asked.nonce),
        ("redirect_uri", &back_to(&slack)),
    ]);
    Ok(Redirect::to(&format!("{}?{query}", to.authorize)).into_response())
}

/// What Slack sends the browser back with.
#[derive(Deserialize)]
pub(super) struct Returned {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

#[derive(Template)]
#[template(path = "slack_link.html")]
struct Page {
    name: String,
    user: String,
    team: String,
    person: String,
    csrf: String,
    proof: String,
}

/// `GET /settings/slack/return`: asks whether that is meant. Nothing is linked yet.
pub(super) async fn back(
    State(service): State<Service>,
    reader: Reader,
    Query(returned): Query<Returned>,
) -> Result<Response, Shown> {
    let Reader(reviewer) = reader;
    let slack = slack(&service)?;
    let now = service.now_ms();
    let asked: Option<Asked> = chat::open(&slack.key(), ASKED, &returned.state);
    let asked =
        asked.filter(|asked| asked.session == session(&reviewer) && now < asked.until).ok_or_else(|| {
            Trouble::Malformed(
                "this was not begun in this session, or too long ago; begin it under Settings".to_owned(),
            )
        })?;
    if returned.code.is_empty() {
        return Err(Trouble::Malformed("Slack did not sign you in, so nothing is linked".to_owned()).into());
    }
    let user = proven(&slack, &returned.code, &asked.nonce).await.map_err(|why| {
        tracing::warn!(%why, "a Slack account was not linked");
        Trouble::Malformed(why)
    })?;
    let member =
        people::member(&slack, &user).await.map_err(|stranger| Trouble::Malformed(stranger.to_string()))?;
    let name = inert_short(&member.name, 64).to_string();
    let proof = Proven {
        user: user.clone(),
        name: name.clone(),
        session: session(&reviewer),
        until: now + ATTEMPT_MS,
    };
    let page = Page {
        name,
        user,
        team: slack.settings.team_id.clone(),
        person: inert_short(reviewer.person.email.as_deref().unwrap_or(&reviewer.person.name), 64)
            .to_string(),
        csrf: reviewer.csrf.clone(),
        proof: chat::seal(&slack.key(), PROVEN, &proof),
    };
    Ok(html(StatusCode::OK, &page))
}

/// The form of the question.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmed {
    csrf: String,
    proof: String,
}

/// `POST /settings/slack/confirm`: links.
pub(super) async fn confirm(
    State(service): State<Service>,
    Acting(reviewer): Acting,
    Form(form): Form<Confirmed>,
) -> Result<Response, Shown> {
    reviewer.check_token(&form.csrf)?;
    let slack = slack(&service)?;
    let proven: Option<Proven> = chat::open(&slack.key(), PROVEN, &form.proof);
    let proven = proven
        .filter(|proven| proven.session == session(&reviewer) && service.now_ms() < proven.until)
        .ok_or_else(|| {
            Trouble::Malformed("this was not asked in this session, or too long ago".to_owned())
        })?;
    let account = Account { provider: PROVIDER, tenant: &slack.settings.team_id, external_id: &proven.user };
    match chat::link(&service, account, &reviewer.person, &proven.name).await? {
        Linked::Yes => Ok(Redirect::to("/settings").into_response()),
        Linked::Taken => Err(Trouble::Malformed(
            "this Slack account is linked to somebody else here; they must unlink it first, under Settings"
                .to_owned(),
        )
        .into()),
    }
}

/// The form that ends a link.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ended {
    csrf: String,
    user: String,
}

/// `POST /settings/slack/unlink`
pub(super) async fn unlink(
    State(service): State<Service>,
    Acting(reviewer): Acting,
    _headers: HeaderMap,
    Form(form): Form<Ended>,
) -> Result<Response, Shown> {
    reviewer.check_token(&form.csrf)?;
    let slack = slack(&service)?;
    let account = Account { provider: PROVIDER, tenant: &slack.settings.team_id, external_id: &form.user };
    match chat::unlink(&service, account, &reviewer.person).await? {
        Unlinked::Yes => Ok(Redirect::to("/settings").into_response()),
        Unlinked::Nothing => Err(Trouble::Malformed("no such account of yours is linked".to_owned()).into()),
    }
}

/// The user behind a code, as Slack signs it for this app, this workspace and this attempt.
async fn proven(slack: &Running, code: &str, nonce: &str) -> Result<String, String> {
    let to = slack.settings.sign_in.as_ref().ok_or("linking with Slack is not configured here")?;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", to.client_id.as_str()),
        ("client_secret", to.client_secret.expose()),
        ("code", code),
        ("redirect_uri", &back_to(slack)),
    ];
    let said = slack.settings.api.form(None, "openid.connect.token", &fields).await;
    let said = said.map_err(|failed| failed.why().to_owned())?;
    let token = said.json.get("id_token").and_then(Value::as_str).map(|token| Plain::from(token.to_owned()));
    let token = token.ok_or("Slack sent no ID token")?;
    let keys = keys(&to.keys).await?;
    let believed = jwt::verify(token.expose(), &keys, &[Algorithm::RS256])
        .map_err(|why| format!("Slack's ID token is not believed: {why}"))?;
    let now = slack.service.now_ms() / 1000;
    let text = |name: &str| believed.claims.get(name).and_then(Value::as_str);
    let whole = |name: &str| believed.claims.get(name).and_then(Value::as_i64);
    let audience = match believed.claims.get("aud") {
        Some(Value::Array(all)) if all.len() == 1 => all.first().and_then(Value::as_str),
        other => other.and_then(Value::as_str),
    };
    if text("iss") != Some(&to.issuer) || audience != Some(&to.client_id) {
        return Err("Slack's ID token is for another app".to_owned());
    }
    if whole("exp").is_none_or(|end| end + SKEW_S <= now)
        || whole("iat").is_none_or(|begin| begin - SKEW_S > now)
    {
        return Err("Slack's ID token is not of now; is this machine's clock right?".to_owned());
    }
    if text("nonce") != Some(nonce) {
        return Err("Slack's ID token is of another attempt".to_owned());
    }
    if text("https://slack.com/team_id") != Some(&slack.settings.team_id) {
        return Err("that is an account of another workspace".to_owned());
    }
    let user = text("https://slack.com/user_id").filter(|user| people::is_user(user));
    user.map(str::to_owned).ok_or_else(|| "Slack's ID token names no user".to_owned())
}

/// The keys that Slack signs with. Linking is rare, so they are not kept.
async fn keys(at: &str) -> Result<Keys, String> {
    let outward = Outward::new(std::time::Duration::from_secs(5), None)?;
    let request = ureq::http::Request::get(at).body(Vec::new()).map_err(|error| error.to_string())?;
    let answer = outward.call(request).await.map_err(|unreached| unreached.to_string())?;
    match answer.status {
        200 => Keys::read(&answer.body),
        status => Err(format!("Slack's keys do not come: status {status}")),
    }
}
