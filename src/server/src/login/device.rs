//! A session for a command line (RFC 8628): it shows a code, and somebody who is signed in at a browser says yes to it.
//!
//! Promises: nothing happens by opening the page, only by its button, with the form's token and from our own page; the page
//! says which machine asks, in words that the machine itself chose and that are marked so; codes are guessed by nobody: eight
//! letters, ten minutes, and few tries for whoever is signed in.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use askama::Template;
use axum::{
    Form, Json,
    extract::{ConnectInfo, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::{Acting, Shown, token as session_token};
use crate::{
    approver::{problem::Trouble, text::inert_short},
    inbox::{self, Reader, html},
    service::{Answered, Machine, Person, Polled, Service},
};

/// How many codes one person may try within a minute.
const TRIES: u32 = 10;

/// Whether a text has the shape of a user code.
pub(super) fn is_user_code(text: &str) -> bool {
    text.len() == 9
        && text
            .bytes()
            .enumerate()
            .all(|(place, b)| if place == 4 { b == b'-' } else { b.is_ascii_uppercase() })
}

/// A code as people type it.
fn typed(text: &str) -> String {
    let letters: String =
        text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase()).take(8).collect();
    match letters.split_at_checked(4) {
        Some((first, second)) => format!("{first}-{second}"),
        None => letters,
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asks {
    /// What the machine calls itself.
    #[serde(default)]
    machine: String,
}

/// `POST /login/device`: a command line asks.
pub(super) async fn begin(
    State(service): State<Service>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Form(asks): Form<Asks>,
) -> Result<Response, Trouble> {
    let machine = inert_short(asks.machine.trim(), 80).to_string();
    let Some((device_code, user_code)) = service.device_asks(&machine, &peer.ip().to_string()).await? else {
        let busy = json!({"error": "slow_down", "error_description": "too many command lines ask at once"});
        return Ok((StatusCode::TOO_MANY_REQUESTS, Json(busy)).into_response());
    };
    let page = format!("{}/login/device", service.config().issuer());
    Ok(Json(json!({
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={user_code}"),
        "expires_in": crate::service::DEVICE_LIFE_MS / 1000,
        "interval": 5,
    }))
    .into_response())
}

#[derive(Template)]
#[template(path = "device.html")]
struct Page {
    csrf: String,
    who: String,
    machine: Option<Machine>,
    message: Option<&'static str>,
    done: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Code {
    #[serde(default)]
    user_code: String,
}

/// `GET /login/device`: which machine asks. Changes nothing.
pub(super) async fn page(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Query(code): Query<Code>,
) -> Result<Response, inbox::Shown> {
    let code = typed(&code.user_code);
    let mut page = Page {
        csrf: reviewer.csrf.clone(),
        who: inert_short(reviewer.person.email.as_deref().unwrap_or(&reviewer.person.name), 64).to_string(),
        machine: None,
        message: None,
        done: false,
    };
    if code.is_empty() {
        return Ok(html(StatusCode::OK, &page));
    }
    match attempts(&reviewer.person, service.now_ms()) {
        Tries::Over => page.message = Some("Too many codes were tried. Wait a minute."),
        Tries::Left => {
            page.machine = service.machine(&code).await?;
            if page.machine.is_none() {
                page.message =
                    Some("No command line waits under this code. Codes are good for ten minutes, and once.");
            }
        }
    }
    Ok(html(StatusCode::OK, &page))
}

enum Tries {
    Left,
    Over,
}

/// Counts the codes that somebody tries, minute by minute.
fn attempts(who: &Person, now: i64) -> Tries {
    static TRIED: Mutex<Option<(i64, HashMap<String, u32>)>> = Mutex::new(None);
    let mut tried = TRIED.lock().unwrap_or_else(PoisonError::into_inner);
    let minute = now / 60_000;
    let (of, counts) = tried.get_or_insert_with(|| (minute, HashMap::new()));
    if *of != minute {
        (*of, *counts) = (minute, HashMap::new());
    }
    let count = counts.entry(format!("{} {}", who.iss, who.sub)).or_default();
    *count = count.saturating_add(1);
    if *count > TRIES { Tries::Over } else { Tries::Left }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    csrf: String,
    user_code: String,
    answer: Word,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Allow,
    Deny,
}

/// `POST /login/device/answer`
pub(super) async fn answer(
    State(service): State<Service>,
    Acting(reviewer): Acting,
    headers: axum::http::HeaderMap,
    Form(said): Form<Said>,
) -> Result<Response, inbox::Shown> {
    reviewer.check_token(&said.csrf)?;
    // A command line cannot let another one in: only a browser shows what asks.
    let Some((token, Shown::Cookie)) = session_token(&service, &headers) else {
        return Err(Trouble::Elsewhere.into());
    };
    let answer = match said.answer {
        Word::Allow => Answered::Allowed,
        Word::Deny => Answered::Denied,
    };
    let waited = service.answer_machine(&typed(&said.user_code), answer, &reviewer.person, token).await?;
    let message = match (waited, answer) {
        (false, _) => "No command line waits under this code any more.",
        (true, Answered::Allowed) => "Done. The command line goes on by itself; you can close this page.",
        (true, Answered::Denied) => "It was turned away. Nobody got a session.",
    };
    let page = Page {
        csrf: reviewer.csrf.clone(),
        who: String::new(),
        machine: None,
        message: Some(message),
        done: true,
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Debug, Deserialize)]
pub(super) struct Polls {
    #[serde(default)]
    grant_type: String,
    #[serde(default)]
    device_code: String,
}

/// `POST /login/device/token`: a command line asks whether somebody said yes.
pub(super) async fn token(
    State(service): State<Service>,
    Form(polls): Form<Polls>,
) -> Result<Response, Trouble> {
    let no = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response();
    if polls.grant_type != "urn:ietf:params:oauth:grant-type:device_code" {
        return Ok(no("unsupported_grant_type"));
    }
    Ok(match service.device_polls(&polls.device_code).await? {
        Polled::Pending => no("authorization_pending"),
        Polled::SlowDown => no("slow_down"),
        Polled::Denied => no("access_denied"),
        Polled::Expired => no("expired_token"),
        Polled::Opened(opened) => {
            Json(json!({"access_token": opened.token, "token_type": "Bearer", "expires_in": 28_800}))
                .into_response()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{is_user_code, typed};

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for text in ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk "] {
            assert_eq!(typed(text), "BCDF-GHJK");
        }
        assert!(is_user_code("BCDF-GHJK"));
        assert!(!is_user_code("BCDFGHJKL") && !is_user_code("bcdf-ghjk") && !is_user_code(""));
    }
}
