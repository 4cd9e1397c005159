//! Calls that the service itself makes: to Vault, identity providers, chats, webhooks.
//!
//! Promises: an address is `https`, or `http` on this machine; redirects are never followed, since they would take a
//! credential elsewhere; every call ends, and no answer is read beyond a bound. No proxy of the environment is used.

use std::{fs, sync::Arc, time::Duration};

use ureq::{
    Agent,
    http::{Request, header::HeaderMap},
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

/// How to reach others, and no further.
#[derive(Clone)]
pub(crate) struct Outward {
    agent: Agent,
    largest: u64,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body, up to the bound.
    pub(crate) body: Vec<u8>,
}

/// Why nothing came back: a sentence for the operator, without the address's query or any credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unreached(pub(crate) String);

/// The largest answer read where nothing else is said.
const LARGEST: u64 = 1024 * 1024;

impl Outward {
    /// Calls that end after `timeout`, and trust the authorities of the PEM file `ca`, or Mozilla's.
    ///
    /// # Errors
    /// A sentence, where `ca` is no such file.
    pub(crate) fn new(timeout: Duration, ca: Option<&str>) -> Result<Self, String> {
        let roots = ca.map_or(Ok(RootCerts::WebPki), authorities)?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(timeout))
            .max_redirects(0)
            .proxy(None)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.into(), largest: LARGEST })
    }

    /// One call. Blocks; see [`Outward::call`].
    ///
    /// # Errors
    /// [`Unreached`], where no whole answer came.
    pub(crate) fn call_now(&self, request: Request<Vec<u8>>) -> Result<Answer, Unreached> {
        let place = place(request.uri());
        let mut answer = self
            .agent
            .run(request)
            .map_err(|error| Unreached(format!("`{place}` does not answer: {error}")))?;
        let status = answer.status().as_u16();
        let headers = std::mem::take(answer.headers_mut());
        let body = answer.body_mut().with_config().limit(self.largest).read_to_vec();
        let body =
            body.map_err(|error| Unreached(format!("the answer of `{place}` does not arrive: {error}")))?;
        Ok(Answer { status, headers, body })
    }

    /// One call, without holding up anything else.
    ///
    /// # Errors
    /// As [`Outward::call_now`].
    pub(crate) async fn call(&self, request: Request<Vec<u8>>) -> Result<Answer, Unreached> {
        let outward = self.clone();
        tokio::task::spawn_blocking(move || outward.call_now(request))
            .await
            .map_err(|_| Unreached("the call was interrupted".to_owned()))?
    }
}

/// Scheme and host: a path or a query may hold a credential.
fn place(uri: &ureq::http::Uri) -> String {
    format!("{}://{}", uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |a| a.as_str()))
}

/// Checks an address that credentials are sent to: `https`, or `http` on this machine.
///
/// # Errors
/// A sentence.
pub(crate) fn safe(address: &str) -> Result<(), String> {
    let host = |rest: &str| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
    let host = match (address.strip_prefix("https://"), address.strip_prefix("http://")) {
        (Some(rest), _) => host(rest),
        (None, Some(rest)) if is_this_machine(&host(rest)) => host(rest),
        (None, Some(_)) => {
            return Err(format!(
                "address `{address}`: what is sent would go over the network in the clear; use `https`"
            ));
        }
        (None, None) => return Err(format!("address `{address}` is no http or https URL")),
    };
    if host.is_empty() || host.contains('@') {
        return Err(format!("address `{address}` must have a host, and no user in it"));
    }
    Ok(())
}

/// The certificates of a PEM file, as roots of trust.
///
/// # Errors
/// A sentence.
pub(crate) fn authorities(path: &str) -> Result<RootCerts, String> {
    let pem = fs::read(path).map_err(|error| format!("cannot read ca `{path}`: {error}"))?;
    let mut all = Vec::new();
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => all.push(certificate),
            Ok(_) => {}
            Err(_) => return Err(format!("ca `{path}` is not of PEM")),
        }
    }
    if all.is_empty() {
        Err(format!("ca `{path}` holds no certificate"))
    } else {
        Ok(RootCerts::Specific(Arc::new(all)))
    }
}

/// Whether `host`, perhaps with a port, is this machine.
pub(crate) fn is_this_machine(host: &str) -> bool {
    let port = |rest: &str| {
        rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
    };
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| host.strip_prefix(name).is_some_and(port))
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn nothing_is_sent_in_the_clear_but_to_this_machine() {
        for good in
            ["https://idp.example.com", "http://127.0.0.1:8700/x", "http://localhost", "https://a/b?c"]
        {
            assert_eq!(safe(good), Ok(()), "{good}");
        }
        for bad in [
            "http://idp.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost@evil.example",
            "https://user@evil.example/",
            "https://",
            "ftp://localhost",
            "idp.example.com",
        ] {
            assert!(safe(bad).is_err(), "{bad}");
        }
    }
}
