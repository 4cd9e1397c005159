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

impl Transport {
    /// How readers reach a service of this configuration: in the clear only under `--dev`, which is loopback only and
    /// may still call itself by an https name towards filters.
    pub fn of(config: &Config) -> Self {
        match config.mode() {
            Mode::Dev => Self::Http,
            Mode::Production => Self::Https,
        }
    }

    fn cookie(self) -> &'static str {
        match self {
            Self::Https => "__Host-countersign_session",
            Self::Http => "countersign_session",
        }
    }

    /// The `Set-Cookie` value that starts a session of at most eight hours.
    pub fn set(self, token: &str) -> String {
        format!("{}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=28800{}", self.cookie(), self.secure())
    }

    /// The `Set-Cookie` value that ends it.
    pub fn clear(self) -> String {
        format!("{}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{}", self.cookie(), self.secure())
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
        let mut found = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.cookie())
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
