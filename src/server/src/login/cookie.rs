//! The session cookie: read from a request, set at login, cleared at logout.
//!
//! Over https it has the `__Host-` prefix, which pins it to this host, path `/` and `Secure`. Over plain http (only
//! `--dev` on loopback) browsers refuse that prefix, so the bare name is used there and nowhere else.

use axum::http::{HeaderMap, header::COOKIE};

use crate::config::{Config, Mode};

/// How the reader reached the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TLS, here or at a proxy before us.
    Https,
    /// Plain, on loopback.
    Http,
}

/// Our cookies.
#[derive(Clone, Copy)]
enum Cookie {
    Session,
    SignIn,
}

impl Transport {
    /// How readers reach a service of this configuration: in the clear only under `--dev`, which is loopback only and
    /// may still call itself by an https name towards filters, and where the service calls itself by a name of this machine.
    pub fn of(config: &Config) -> Self {
        match config.mode() {
            Mode::Production if config.issuer().starts_with("https://") => Self::Https,
            Mode::Dev | Mode::Production => Self::Http,
        }
    }

    fn cookie(self, what: Cookie) -> &'static str {
        match (self, what) {
            (Self::Https, Cookie::Session) => "__Host-countersign_session",
            (Self::Http, Cookie::Session) => "countersign_session",
            (Self::Https, Cookie::SignIn) => "__Host-countersign_sign_in",
            (Self::Http, Cookie::SignIn) => "countersign_sign_in",
        }
    }

    /// The `Set-Cookie` value that starts a session of at most eight hours.
    pub fn set(self, token: &str) -> String {
        self.keep(Cookie::Session, token, 28_800)
    }

    /// The `Set-Cookie` value that ends it.
    pub fn clear(self) -> String {
        self.keep(Cookie::Session, "", 0)
    }

    /// The `Set-Cookie` value that ties a sign-in to this browser for `seconds`.
    pub(super) fn sign_in(self, token: &str, seconds: i64) -> String {
        self.keep(Cookie::SignIn, token, seconds)
    }

    fn keep(self, what: Cookie, value: &str, seconds: i64) -> String {
        let (name, secure) = (self.cookie(what), self.secure());
        // Lax, not Strict: the way back from the identity provider starts on its page, and must bring the cookie.
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
    }

    fn secure(self) -> &'static str {
        match self {
            Self::Https => "; Secure",
            Self::Http => "",
        }
    }

    /// The token in a request's cookies; `None` where there is none, or more than one: a second cookie of our name was
    /// planted by somebody else.
    pub fn read(self, headers: &HeaderMap) -> Option<&str> {
        self.find(Cookie::Session, headers)
    }

    /// What ties sign-ins to this browser.
    pub(super) fn browser(self, headers: &HeaderMap) -> Option<&str> {
        self.find(Cookie::SignIn, headers)
    }

    fn find(self, what: Cookie, headers: &HeaderMap) -> Option<&str> {
        let mut found = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.cookie(what))
            .map(|(_, token)| token);
        match (found.next(), found.next()) {
            (Some(token), None) if !token.is_empty() => Some(token),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header::COOKIE};

    use super::Transport;

    fn cookies(text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(text))])
    }

    #[test]
    fn over_https_the_cookie_is_pinned_to_this_host() {
        let set = Transport::Https.set("t");
        assert!(set.starts_with("__Host-countersign_session=t; Path=/; HttpOnly; SameSite=Lax"), "{set}");
        assert!(set.ends_with("; Secure") && !set.contains("Domain"), "{set}");
    }

    #[test]
    fn a_bare_cookie_is_no_session_over_https() {
        assert_eq!(Transport::Https.read(&cookies("countersign_session=t")), None);
        assert_eq!(Transport::Http.read(&cookies("a=b; countersign_session=t; c=d")), Some("t"));
    }

    #[test]
    fn two_session_cookies_are_none() {
        assert_eq!(Transport::Http.read(&cookies("countersign_session=a; countersign_session=b")), None);
    }

    #[test]
    fn a_cleared_cookie_is_none() {
        assert_eq!(Transport::Http.read(&cookies("countersign_session=")), None);
        assert!(Transport::Https.clear().contains("Max-Age=0"));
    }
}
