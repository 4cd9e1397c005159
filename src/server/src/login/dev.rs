//! The development login: `--dev`, loopback peers and loopback host names only, no password.
//!
//! It exists so that a person can try the product in a minute and tests can drive it; whoever can open a socket on this
//! machine may be any of the configured reviewers, which is what `--dev` means. GET shows the page and changes nothing;
//! POST opens a session. Without `--dev` neither opens anything.

use std::net::SocketAddr;

use askama::Template;
use axum::{
    Form, Json,
    body::Bytes,
    extract::{ConnectInfo, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::{Deserialize, Serialize};

use super::{Loopback, Source, Transport, authority, flow, is_loopback, source, token};
use crate::{
    approver::problem::Trouble,
    inbox::html,
    service::{Channel, Person, Service},
};

/// Whom the page offers first, and where it leads.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Preference {
    #[serde(rename = "as")]
    name: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct Page {
    reviewers: Vec<Offer>,
    next: String,
    message: Option<&'static str>,
}

struct Offer {
    name: String,
    groups: String,
    preferred: bool,
}

/// The page of `GET /login`.
pub(crate) fn page(
    State(service): State<Service>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Query(preference): Query<Preference>,
    uri: &Uri,
    headers: &HeaderMap,
) -> Response {
    if open(&service, peer, uri, headers).is_err() {
        return html(
            StatusCode::FORBIDDEN,
            &Page { reviewers: Vec::new(), next: String::new(), message: Some(CLOSED) },
        );
    }
    html(StatusCode::OK, &offers(&service, &preference))
}

const CLOSED: &str = "The development login is open only with --dev, and only to this machine.";

fn offers(service: &Service, preference: &Preference) -> Page {
    let reviewers = service
        .dev_reviewers()
        .into_iter()
        .map(|person| Offer {
            preferred: preference.name.as_ref() == Some(&person.name),
            groups: person.groups.join(", "),
            name: person.name,
        })
        .collect();
    let next = preference.next.as_deref().and_then(flow::next).unwrap_or_default().to_owned();
    Page { reviewers, next, message: None }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    name: String,
    #[serde(default)]
    next: String,
}

/// What a program gets.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// The bearer token.
    session: String,
    /// What a form must send back.
    csrf: String,
}

/// `POST /login/dev`: a form from our own page, or JSON from a program.
pub(crate) async fn open_session(
    State(service): State<Service>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Trouble> {
    open(&service, peer, &uri, &headers)?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let json = kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json");
    let from = source(&headers, authority(&uri, &headers));
    match (json, from) {
        (_, Source::OurPage) | (true, Source::Program) => {}
        (true | false, Source::Elsewhere) | (false, Source::Program) => return Err(Trouble::Elsewhere),
    }
    let ask: Ask = if json {
        serde_json::from_slice(&body)
            .map_err(|fault| Trouble::Malformed(format!("the body is not a login: {fault}")))?
    } else {
        let form = axum::http::Request::post("/")
            .header(header::CONTENT_TYPE, kind)
            .body(axum::body::Body::from(body));
        let form = form.map_err(|fault| Trouble::Malformed(fault.to_string()))?;
        let form = <Form<Ask> as axum::extract::FromRequest<()>>::from_request(form, &()).await;
        form.map_err(|fault| Trouble::Malformed(format!("the form is not a login: {fault}")))?.0
    };
    let Some(person) = service.dev_reviewers().into_iter().find(|person| person.name == ask.name) else {
        return Err(Trouble::Malformed(format!(
            "there is no reviewer `{}`",
            crate::approver::text::inert_short(&ask.name, 64)
        )));
    };
    let to = flow::next(&ask.next).unwrap_or("/inbox");
    enter(&service, &headers, &person, if json { Way::Program } else { Way::Browser(to) }).await
}

#[derive(Clone, Copy)]
enum Way<'a> {
    Program,
    Browser(&'a str),
}

/// Opens a fresh session; one that the browser still held ends, so that a planted session id is never kept.
async fn enter(
    service: &Service,
    headers: &HeaderMap,
    person: &Person,
    way: Way<'_>,
) -> Result<Response, Trouble> {
    if let Some((old, _)) = token(service, headers) {
        service.close_session(old).await?;
    }
    let channel = match way {
        Way::Program => Channel::Api,
        Way::Browser(_) => Channel::Web,
    };
    let opened = service.open_session(person, channel).await?;
    let cookie = Transport::of(service.config()).set(&opened.token);
    let cookie = HeaderValue::try_from(cookie).map_err(|fault| Trouble::Failed(fault.to_string()))?;
    let mut answer = match way {
        Way::Program => Json(Opened { session: opened.token, csrf: opened.csrf }).into_response(),
        Way::Browser(to) => Redirect::to(to).into_response(),
    };
    answer.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(answer)
}

/// Whether the development login may be used by this peer, under this name of ours.
fn open(service: &Service, peer: SocketAddr, uri: &Uri, headers: &HeaderMap) -> Result<(), Trouble> {
    let named = authority(uri, headers).map_or(Loopback::No, is_loopback);
    if service.dev_reviewers().is_empty() || !peer.ip().is_loopback() || named == Loopback::No {
        return Err(Trouble::LoginClosed);
    }
    Ok(())
}
