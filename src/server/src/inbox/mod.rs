//! The web inbox: pages a reviewer reads and three buttons, served as plain HTML.
//!
//! Promises: every page works without JavaScript (forms, POST, redirect); GET and HEAD change nothing; a page that is
//! out of date cannot decide and shows what changed; whatever an agent wrote is inert, escaped and never a link. The
//! script in `assets/` only keeps the list fresh, counts down and moves the focus. It keeps no state of its own and
//! decides nothing: that is the service's business.

mod act;
mod after;
mod alike;
mod assets;
mod changes;
mod decide;
mod detail;
mod filter;
mod form;
mod link;
mod list;
mod numbers;
mod row;
mod settings;
mod standing;
pub mod times;

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::map_response,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};

use crate::{
    approver::{self, problem::Trouble},
    login::{self, Reviewer},
    service::Service,
};

/// What a browser may do with our pages: load our own style, font, script and images, talk to us, send forms to us, and be
/// framed by nobody.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The inbox, the login and their assets.
pub fn router(service: Service) -> Router {
    let pages = Router::new()
        .route("/", get(async || Redirect::to("/inbox")))
        .route("/inbox", get(list::waiting))
        .route("/inbox/mine", get(list::mine))
        .route("/inbox/decided", get(list::decided))
        .route("/inbox/unknown", get(list::unknown))
        .route("/inbox/rows/{tab}", get(list::rows))
        .route("/inbox/alike/{group}", get(alike::page).post(alike::decide))
        .route("/agents", get(numbers::agents))
        .route("/agents/{agent}", get(numbers::agent))
        .route("/rules", get(numbers::rules))
        .route("/rules/{policy}/{rule}", get(numbers::rule))
        .route("/settings", get(settings::page))
        .route("/settings/notifications", post(settings::notifications))
        .route("/settings/sessions/end", post(settings::end_session))
        .route("/inbox/standing", get(standing::page))
        .route("/inbox/standing/{id}/revoke", post(standing::revoke))
        .route("/inbox/events", get(events))
        .route("/r/{id}", get(detail::page))
        .route("/r/{id}/decide", post(decide::decide))
        .route("/r/{id}/look", post(act::look))
        .route("/r/{id}/outcome", post(act::outcome))
        .route("/r/{id}/revoke", post(act::revoke))
        .merge(login::router())
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(map_response(async |mut answer: Response| {
            answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            answer
        }))
        .with_state(service);
    pages.merge(assets::router()).layer(map_response(guarded))
}

/// What a page says to a browser.
pub(crate) async fn guarded(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// Renders a page.
pub fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(fault) => {
            tracing::error!(%fault, "a page did not render");
            (StatusCode::INTERNAL_SERVER_ERROR, "the page could not be shown").into_response()
        }
    }
}

/// Which list a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Waiting,
    Mine,
    Decided,
    Unknown,
    Standing,
    Agents,
    Rules,
    Settings,
}

/// What stands around every page of a logged-in reviewer.
pub(crate) struct Frame {
    tab: Tab,
    name: String,
    groups: String,
    csrf: String,
    waiting: usize,
}

impl Frame {
    async fn of(service: &Service, reviewer: &Reviewer, tab: Tab) -> Result<Self, Trouble> {
        let waiting = service.waiting_count(&reviewer.person).await?;
        let looks = service.to_look_at(&reviewer.person).await?.len();
        Ok(Self::around(reviewer, tab, waiting + looks))
    }

    fn around(reviewer: &Reviewer, tab: Tab, waiting: usize) -> Self {
        let person = &reviewer.person;
        Self {
            tab,
            name: approver::text::inert_short(person.email.as_deref().unwrap_or(&person.name), 64)
                .to_string(),
            groups: person.groups.join(", "),
            csrf: reviewer.csrf.clone(),
            waiting,
        }
    }
}

/// A reviewer at a page; without a session, the way to the login and back.
pub(crate) struct Reader(pub(crate) Reviewer);

impl FromRequestParts<Service> for Reader {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Response> {
        match Reviewer::find(service, &parts.headers).await {
            Ok(Some(reviewer)) => Ok(Self(reviewer)),
            Ok(None) if parts.method != Method::GET && parts.method != Method::HEAD => {
                Err(Shown(Trouble::NotLoggedIn).into_response())
            }
            Ok(None) if parts.uri.path().starts_with("/inbox/rows/") => {
                Err(StatusCode::UNAUTHORIZED.into_response())
            }
            Ok(None) => {
                let back =
                    parts.uri.path_and_query().map_or_else(|| parts.uri.path(), |whole| whole.as_str());
                let to = match login::leads_back(back, parts.uri.path()) {
                    Some(back) => format!("/login?next={back}"),
                    None => "/login".to_owned(),
                };
                Err(Redirect::to(&to).into_response())
            }
            Err(fault) => Err(Shown(fault.into()).into_response()),
        }
    }
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice {
    title: String,
    text: String,
    href: &'static str,
    link: &'static str,
}

/// A trouble as a page, for people.
#[derive(Debug)]
pub struct Shown(pub Trouble);

impl<T: Into<Trouble>> From<T> for Shown {
    fn from(trouble: T) -> Self {
        Self(trouble.into())
    }
}

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let problem = self.0.problem();
        if let Trouble::Failed(why) = &self.0 {
            tracing::error!(%why, "the inbox failed");
        }
        let (href, link) = match self.0 {
            Trouble::NotLoggedIn | Trouble::LoginClosed => ("/login", "Log in"),
            Trouble::Elsewhere
            | Trouble::Forged
            | Trouble::Malformed(_)
            | Trouble::TooLarge { .. }
            | Trouble::TooMany(_)
            | Trouble::Duplicate(_)
            | Trouble::Refused(_)
            | Trouble::Failed(_) => ("/inbox", "Back to the inbox"),
        };
        let text = sentence_case(&problem.detail.unwrap_or_default());
        html(self.0.status(), &Notice { title: problem.title, text, href, link })
    }
}

/// A sentence as it stands on a page: first letter large, full stop at the end.
pub(crate) fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}

async fn events(State(service): State<Service>, reviewer: Reviewer) -> Response {
    approver::events(service, reviewer)
}
