//! One HTTP request as the filter saw it.
//!
//! [`Call::read`] normalises: host lower case and without its default port, path decoded for matching, the raw one kept
//! for binding. It promises that a call it returns has a readable method and authority, and that every spelling on which
//! two servers may disagree is named by [`Call::ambiguity`]. It will not guess what an ambiguous call means, and it
//! never takes the scheme from the agent: [`Destinations`] says it (protocol part 4).

mod authority;
mod destinations;
mod headers;
mod leaving;
mod path;

pub use destinations::{BadHost, Destinations, Scheme};
pub(crate) use headers::is_forbidden;
pub use headers::{HeaderMap, Keep};
pub use leaving::Leaving;
pub(crate) use path::{unescape, unescape_path};

use authority::Authority;

/// What is known of a call's body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Body<'a> {
    /// The request has none.
    Absent,
    /// There is one, not read yet.
    Unread,
    /// All of it.
    Read(&'a [u8]),
}

impl std::fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Unread => f.write_str("Unread"),
            Self::Read(bytes) => write!(f, "Read({} bytes)", bytes.len()),
        }
    }
}

/// Why a request is no call at all. The filter refuses it whatever the policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallFault {
    /// The host's header map does not parse.
    #[error("the header map of the host is garbled")]
    Garbled,
    /// No method, more than one, or one that is no token.
    #[error("the request has no readable method")]
    Method,
    /// No authority, more than one, or one that is not UTF-8 or has control bytes.
    #[error("the request has no readable authority")]
    Authority,
    /// No path, more than one, or one that is not UTF-8 or has control bytes.
    #[error("the request has no readable path")]
    Path,
}

impl CallFault {
    /// The word for records and answers.
    pub fn code(self) -> &'static str {
        "unreadable_request"
    }
}

/// A spelling on which two servers may disagree (protocol part 4). On a guarded host such a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ambiguity {
    /// The method has lower-case letters.
    #[error("the method has lower-case letters")]
    MethodCase,
    /// The `host` header names another authority.
    #[error("`:authority` and `host` differ")]
    TwoAuthorities,
    /// The authority carries a user name or password.
    #[error("the authority carries user information")]
    UserInfo,
    /// The host is no DNS name and no canonical IP address.
    #[error("the host is no plain DNS name or IP address")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("the port is no number from 1 to 65535")]
    Port,
    /// The path does not start with `/`.
    #[error("the path does not start with `/`")]
    NotAPath,
    /// A `.` or `..` segment, raw or escaped.
    #[error("the path has a dot segment")]
    DotSegment,
    /// An escaped `/`.
    #[error("the path has an escaped `/`")]
    EscapedSlash,
    /// A backslash, raw or escaped.
    #[error("the path has a backslash")]
    Backslash,
    /// An empty segment.
    #[error("the path has an empty segment")]
    EmptySegment,
    /// An escaped percent sign.
    #[error("the path has an escaped `%`")]
    EscapedPercent,
    /// A `;` in a segment.
    #[error("the path has a `;`")]
    PathParameter,
    /// An escape that is none.
    #[error("the path has a broken escape")]
    BrokenEscape,
    /// Escaped bytes that are control characters.
    #[error("the path has an escaped control character")]
    EscapedControl,
    /// Escaped bytes that are not UTF-8.
    #[error("the path does not decode to UTF-8")]
    EscapedBytes,
    /// A `#`, which no request target has.
    #[error("the path has a `#`")]
    Fragment,
}

/// One HTTP request.
#[derive(Clone)]
pub struct Call {
    method: String,
    scheme: Scheme,
    authority: Authority,
    target: path::Target,
    ambiguity: Option<Ambiguity>,
    headers: HeaderMap,
}

impl std::fmt::Debug for Call {
    /// Method and authority only: path, query and header values may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Call({} {})", self.method, self.authority())
    }
}

impl Call {
    /// Reads a request head.
    ///
    /// # Errors
    /// [`CallFault`] where method, authority or path cannot be read at all.
    pub fn read(headers: HeaderMap, destinations: &Destinations) -> Result<Self, CallFault> {
        let method = single(&headers, ":method").ok_or(CallFault::Method)?;
        if method.is_empty() || !method.bytes().all(is_token) {
            return Err(CallFault::Method);
        }
        let method = method.to_owned();
        let spelled = match single(&headers, ":authority") {
            Some(authority) => authority,
            None if headers.get(":authority").is_none() => {
                single(&headers, "host").ok_or(CallFault::Authority)?
            }
            None => return Err(CallFault::Authority),
        };
        if spelled.is_empty() || has_controls(spelled) {
            return Err(CallFault::Authority);
        }
        let (authority, scheme, authority_fault) = Authority::read(spelled, destinations);
        let two = second_authority(&headers, &authority, destinations);
        let target = match single(&headers, ":path") {
            Some(path) if !has_controls(path) => path,
            None if method == "CONNECT" && headers.get(":path").is_none() => "",
            _ => return Err(CallFault::Path),
        };
        let is_connect = method == "CONNECT";
        let (target, path_fault) = path::Target::read(target, is_connect);
        let case = method.bytes().any(|b| b.is_ascii_lowercase()).then_some(Ambiguity::MethodCase);
        let ambiguity = authority_fault.or(two).or(case).or(path_fault);
        Ok(Self { method, scheme, authority, target, ambiguity, headers })
    }

    /// The method as sent.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The scheme by which the destination is reached, from configuration.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Host and port in lower case, the scheme's default port dropped. This is what is bound.
    pub fn authority(&self) -> &str {
        &self.authority.text
    }

    /// The host for matching: lower case, no port, no final dot; an IPv6 address in brackets and its shortest form.
    pub fn host(&self) -> &str {
        self.authority.host()
    }

    /// The port, the scheme's default where none is written.
    pub fn port(&self) -> u16 {
        self.authority.port
    }

    /// The path exactly as sent, without the query; empty for CONNECT. This is what is bound.
    pub fn raw_path(&self) -> &str {
        self.target.raw_path()
    }

    /// The path for matching: escapes decoded, dot segments resolved, empty segments dropped.
    pub fn path(&self) -> &str {
        self.target.path()
    }

    /// The query as sent with its `?`, or the empty string.
    pub fn query(&self) -> &str {
        self.target.query()
    }

    /// The headers, pseudo-headers included.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The first spelling found on which two servers may disagree.
    pub fn ambiguity(&self) -> Option<Ambiguity> {
        self.ambiguity
    }

    /// `scheme://authority/path`, without the query, which may hold secrets.
    pub fn url(&self) -> String {
        format!("{}://{}{}", self.scheme.as_str(), self.authority(), self.raw_path())
    }

    /// The values of the path for matching, split at `/`.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.path().strip_prefix('/').unwrap_or(self.path()).split('/')
    }
}

/// An authority that is reached over TLS, in the spelling in which a call's is compared; `None` where it is no plain host or
/// address, with or without a port.
pub(crate) fn plain_authority(spelled: &str) -> Option<String> {
    let (authority, _, fault) = Authority::read(spelled, &Destinations::default());
    let whole = authority.host().len() == authority.text.split(':').next().map_or(0, str::len);
    let bracketed = authority.text.starts_with('[');
    (fault.is_none() && (whole || bracketed)).then_some(authority.text)
}

/// The one value of a header as text; `None` where it is absent, repeated with another value, or not UTF-8.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let first = values.next()?;
    if values.any(|value| value != first) {
        return None;
    }
    std::str::from_utf8(first).ok()
}

/// Whether `host` stands beside `:authority` and names something else.
fn second_authority(
    headers: &HeaderMap,
    first: &Authority,
    destinations: &Destinations,
) -> Option<Ambiguity> {
    let differs = |host: &[u8]| match std::str::from_utf8(host) {
        Ok(host) => {
            let (other, _, _) = Authority::read(host, destinations);
            other.host() != first.host() || other.port != first.port
        }
        Err(_) => true,
    };
    headers.get_all("host").any(differs).then_some(Ambiguity::TwoAuthorities)
}

fn has_controls(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_control() || b == b' ')
}

/// A token character of RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
