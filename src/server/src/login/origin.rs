//! Where a POST came from: the second lock beside the form token.
//!
//! A browser says so in `Sec-Fetch-Site` and `Origin`, and a page cannot forge either. Our own pages send
//! `Referrer-Policy: no-referrer`, which turns the `Origin` of their forms into `null`, so `null` is accepted when
//! `Sec-Fetch-Site` vouches for it, and only then.

use axum::http::{
    HeaderMap,
    header::{HOST, HeaderName, ORIGIN},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What the request says of where it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// One of our own pages.
    OurPage,
    /// A program: no browser header at all.
    Program,
    /// Another site, or a browser that does not say.
    Elsewhere,
}

/// Reads `Sec-Fetch-Site` and `Origin`; `authority` is the request's own host.
pub fn source(headers: &HeaderMap, authority: Option<&str>) -> Source {
    let text = |name: &HeaderName| {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Said::Nothing,
            (Some(value), None) => value.to_str().map_or(Said::Garbage, Said::This),
            (Some(_), Some(_)) => Said::Garbage,
        }
    };
    let same = |origin: &str| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        host.is_some() && host == authority
    };
    match (text(&SEC_FETCH_SITE), text(&ORIGIN)) {
        (Said::Nothing, Said::Nothing) => Source::Program,
        (Said::This("same-origin"), Said::Nothing | Said::This("null")) => Source::OurPage,
        (Said::This("same-origin") | Said::Nothing, Said::This(origin)) if same(origin) => Source::OurPage,
        _ => Source::Elsewhere,
    }
}

enum Said<'a> {
    Nothing,
    This(&'a str),
    Garbage,
}

/// The host a request was sent to: HTTP/2's authority, else the `Host` header.
pub fn authority<'a>(uri: &'a axum::http::Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    uri.authority()
        .map(axum::http::uri::Authority::as_str)
        .or_else(|| headers.get(HOST).and_then(|host| host.to_str().ok()))
}

/// Whether a host is a name of this machine itself. The development login asks this too, because a page elsewhere can
/// make its own name resolve to 127.0.0.1 (DNS rebinding) and then looks like our own page.
pub fn is_loopback(authority: &str) -> Loopback {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    if matches!(host, "localhost" | "127.0.0.1" | "[::1]") { Loopback::Yes } else { Loopback::No }
}

/// Whether a host is this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loopback {
    /// It is.
    Yes,
    /// It may not be.
    No,
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::{Loopback, Source, is_loopback, source};

    fn said(pairs: &[(&'static str, &'static str)]) -> Source {
        let headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        source(&headers, Some("inbox.example:8443"))
    }

    #[test]
    fn our_own_forms_are_ours_although_their_origin_is_null() {
        assert_eq!(said(&[("sec-fetch-site", "same-origin"), ("origin", "null")]), Source::OurPage);
        assert_eq!(said(&[("sec-fetch-site", "same-origin")]), Source::OurPage);
        assert_eq!(said(&[("origin", "https://inbox.example:8443")]), Source::OurPage);
    }

    #[test]
    fn another_site_is_elsewhere_whatever_else_it_says() {
        for pairs in [
            &[("sec-fetch-site", "cross-site"), ("origin", "https://inbox.example:8443")][..],
            &[("sec-fetch-site", "same-site"), ("origin", "null")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("origin", "https://inbox.example:8443.evil.example")],
            &[("origin", "https://inbox.example")],
            &[("origin", "inbox.example:8443")],
        ] {
            assert_eq!(said(pairs), Source::Elsewhere, "{pairs:?}");
        }
    }

    #[test]
    fn a_program_sends_neither() {
        assert_eq!(said(&[]), Source::Program);
    }

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for ours in ["127.0.0.1:8080", "localhost", "localhost:1", "[::1]:9"] {
            assert_eq!(is_loopback(ours), Loopback::Yes, "{ours}");
        }
        for other in ["evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "", "10.0.0.1"]
        {
            assert_eq!(is_loopback(other), Loopback::No, "{other}");
        }
    }
}
