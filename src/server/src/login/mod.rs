//! Who is asking: human sessions, by cookie for browsers and by bearer token for programs people run.
//!
//! Promises: nobody but a logged-in human gets past [`Reviewer`]; a filter's signature or any other credential is no
//! session. A POST by cookie passes only with the form token and from our own page; by bearer it needs neither, since
//! no browser adds that header by itself. The ways in are an identity provider ([`flow`]) and, under `--dev` on loopback, the
//! development login ([`dev`]); a command line gets a session that somebody at a browser confirms ([`device`]).

pub(crate) mod claims;
mod cookie;
pub(crate) mod dev;
mod device;
mod flow;
mod leave;
mod origin;
mod page;
pub(crate) mod provider;

use axum::{
    Router,
    extract::FromRequestParts,
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
    routing::{get, post},
};
use sha2::{Digest, Sha256};

pub use cookie::Transport;
pub use origin::{Loopback, Source, authority, is_loopback, source};

use crate::{
    approver::problem::Trouble,
    service::{Channel, Fault, Person, Proof, Service},
};

/// The routes of signing in and out.
pub(crate) fn router() -> Router<Service> {
    Router::new()
        .route("/login", get(page::page))
        .route("/login/dev", post(dev::open_session))
        .route("/login/to/{provider}", get(flow::begin))
        .route("/login/callback/{provider}", get(flow::back))
        .route("/login/again", get(page::again))
        .route("/login/device", get(device::page).post(device::begin))
        .route("/login/device/answer", post(device::answer))
        .route("/login/device/token", post(device::token))
        .route("/login/logout/{provider}", post(leave::by_provider))
        .route("/logout", post(leave::close_session))
}

/// Where a page leads back to after the login, as a query may hold it.
pub(crate) fn leads_back<'p>(whole: &'p str, path: &'p str) -> Option<std::borrow::Cow<'p, str>> {
    if path.starts_with("/r/") {
        return Some(path.into());
    }
    // The one page of ours that needs its query.
    flow::next(whole).map(|next| next.replace('?', "%3F").replace('=', "%3D").into())
}

/// A logged-in human.
#[derive(Clone, Debug)]
pub struct Reviewer {
    /// Who.
    pub person: Person,
    /// What a form must send back.
    pub csrf: String,
    /// How the session was shown.
    pub shown: Shown,
    /// When the session ends at the latest, Unix milliseconds.
    pub expires_at_ms: i64,
    /// How and when they were asked who they are.
    pub proof: Proof,
}

/// How a session was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// By cookie: a browser may have been tricked into sending it.
    Cookie,
    /// By bearer token: somebody meant it.
    Bearer,
}

impl Reviewer {
    /// The session of a request, if it has a living one.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn find(service: &Service, headers: &HeaderMap) -> Result<Option<Self>, Fault> {
        let Some((token, shown)) = token(service, headers) else { return Ok(None) };
        let session = service.session(token).await?;
        Ok(session.map(|session| Self {
            person: session.person,
            csrf: session.csrf,
            shown,
            expires_at_ms: session.expires_at_ms,
            proof: session.proof,
        }))
    }

    /// Whether a form's token is this session's; compared by digest, so that time tells nothing.
    ///
    /// # Errors
    /// [`Trouble::Forged`], where it is not.
    pub fn check_token(&self, given: &str) -> Result<(), Trouble> {
        if Sha256::digest(given) == Sha256::digest(&self.csrf) { Ok(()) } else { Err(Trouble::Forged) }
    }

    /// Where decisions of this session come from.
    pub fn channel(&self, headers: &HeaderMap) -> Channel {
        let agent = headers.get(axum::http::header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        match self.shown {
            Shown::Cookie => Channel::Web,
            Shown::Bearer if agent.is_some_and(|agent| agent.starts_with("countersign-cli/")) => Channel::Cli,
            Shown::Bearer => Channel::Api,
        }
    }
}

/// The token of a request and how it came. A bearer header, even a bad one, is never mixed with a cookie.
pub fn token<'a>(service: &Service, headers: &'a HeaderMap) -> Option<(&'a str, Shown)> {
    if let Some(authorization) = headers.get(AUTHORIZATION) {
        let (scheme, token) = authorization.to_str().ok()?.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then_some((token.trim(), Shown::Bearer));
    }
    Transport::of(service.config()).read(headers).map(|token| (token, Shown::Cookie))
}

/// The API's door: a session, or 401 as a problem document.
impl FromRequestParts<Service> for Reviewer {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Trouble> {
        // The approver API looks for the session before anything else, and nobody else puts one there.
        if let Some(found) = parts.extensions.get::<Self>() {
            return Ok(found.clone());
        }
        Self::find(service, &parts.headers).await?.ok_or(Trouble::NotLoggedIn)
    }
}

/// A session that may change something: by bearer, or by cookie from our own page. The form token is checked by the
/// handler, where the form is read.
pub struct Acting(pub Reviewer);

impl FromRequestParts<Service> for Acting {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Trouble> {
        let reviewer = Reviewer::from_request_parts(parts, service).await?;
        let from = source(&parts.headers, authority(&parts.uri, &parts.headers));
        match (reviewer.shown, from) {
            (Shown::Bearer, _) | (Shown::Cookie, Source::OurPage) => Ok(Self(reviewer)),
            (Shown::Cookie, Source::Program | Source::Elsewhere) => Err(Trouble::Elsewhere),
        }
    }
}
