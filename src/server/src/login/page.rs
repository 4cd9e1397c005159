//! The pages of signing in: which provider, why a sign-in came to nothing, and why one is needed once more.

use std::net::SocketAddr;

use askama::Template;
use axum::{
    extract::{ConnectInfo, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;

use super::{Reviewer, dev, flow};
use crate::{
    approver::problem::Trouble,
    config::Mode,
    inbox::{self, html, sentence_case},
    service::Service,
};

#[derive(Template)]
#[template(path = "sign-in.html")]
struct Page {
    title: &'static str,
    text: String,
    /// Why nothing came of the last attempt.
    message: Option<String>,
    offers: Vec<Offer>,
}

struct Offer {
    label: String,
    href: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
}

/// `GET /login`
pub(crate) async fn page(
    State(service): State<Service>,
    peer: ConnectInfo<SocketAddr>,
    Query(asked): Query<Asked>,
    preference: Query<dev::Preference>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match service.config().mode() {
        Mode::Dev => dev::page(State(service), peer, preference, &uri, &headers),
        Mode::Production => {
            let next = asked.next.as_deref().and_then(flow::next);
            let offers = service.providers().all().iter().map(|idp| Offer {
                label: idp.settings.label.clone(),
                href: away(&idp.settings.name, next, ""),
            });
            let text = "Your decisions are recorded under the account you sign in with.".to_owned();
            let page = Page { title: "Sign in", text, message: None, offers: offers.collect() };
            html(StatusCode::OK, &page)
        }
    }
}

fn away(provider: &str, next: Option<&str>, again: &str) -> String {
    let next = next.unwrap_or("/inbox");
    let fields = [("next", next), ("again", again)];
    let fields: Vec<_> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    super::provider::with_query(&format!("/login/to/{provider}"), &fields)
}

/// `GET /login/again`: a request needs a fresh sign-in before it may be let out.
pub(super) async fn again(
    State(service): State<Service>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, inbox::Shown> {
    let Some(reviewer) = Reviewer::find(&service, &headers).await? else {
        return Ok(Redirect::to("/login").into_response());
    };
    let next = asked.next.as_deref().and_then(flow::next).filter(|next| next.starts_with("/r/"));
    let Some(next) = next else { return Ok(Redirect::to("/inbox").into_response()) };
    let idp = service.providers().of_issuer(&reviewer.person.iss);
    let idp =
        idp.ok_or_else(|| Trouble::Malformed("you did not sign in with an identity provider".to_owned()))?;
    let text = "What this request would do needs a sign-in that is only minutes old. Nothing was decided. Sign in once more \
                with the same account; you come back to the request.";
    let page = Page {
        title: "Sign in again",
        text: text.to_owned(),
        message: None,
        offers: vec![Offer {
            label: idp.settings.label.clone(),
            href: away(&idp.settings.name, Some(next), "yes"),
        }],
    };
    Ok(html(StatusCode::OK, &page))
}

/// A sign-in came to nothing, and this is why.
pub(super) fn refused(status: StatusCode, why: &str) -> Response {
    let page = Page {
        title: "You are not signed in",
        text: "Nothing was changed.".to_owned(),
        message: Some(sentence_case(why)),
        offers: vec![Offer { label: String::new(), href: "/login".to_owned() }],
    };
    html(status, &page)
}

/// The session here is over; the provider's is next.
pub(super) fn leaving(away: &str) -> Response {
    let page = Page {
        title: "You are logged out here",
        text: "Your identity provider logs you out next.".to_owned(),
        message: None,
        offers: vec![Offer { label: "the identity provider".to_owned(), href: away.to_owned() }],
    };
    let mut answer = html(StatusCode::OK, &page);
    if let Ok(refresh) = HeaderValue::try_from(format!("0; url={away}")) {
        answer.headers_mut().insert(header::REFRESH, refresh);
    }
    answer
}
