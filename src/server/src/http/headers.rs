//! What every answer says to a browser, whoever gives it: errors and time-outs too. A page that needs more says so itself.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

use crate::config::Config;

/// Nothing may be loaded, framed or submitted by what is no page.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// Two years, as browsers' own lists ask for.
const HTTPS_ONLY: &str = "max-age=63072000";

/// Whether people reach the service by https.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    Https,
    Http,
}

impl Reached {
    pub(super) fn of(config: &Config) -> Self {
        if config.issuer().starts_with("https://") { Self::Https } else { Self::Http }
    }
}

/// Adds what is not there yet.
pub(super) fn guard(reached: Reached, mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, NOTHING),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    match reached {
        Reached::Https => {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
        }
        Reached::Http => {}
    }
    answer
}
