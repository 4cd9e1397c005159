//! HTTP messages as the parts exchange them: headers in order, values as bytes, nothing interpreted.

use std::fmt;

/// Header or trailer fields in order, names in lower case.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, Vec<u8>)>);

impl Fields {
    /// The first value of `name`, when it is text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.bytes(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// The first value of `name`.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
    }

    /// Adds a field.
    pub fn push(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.0.push((name.to_ascii_lowercase(), value.into()));
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn of(map: &http::HeaderMap) -> Self {
        Self(map.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect())
    }

    pub(crate) fn to_map(&self) -> http::HeaderMap {
        let fields = self.0.iter().filter_map(|(name, value)| {
            Some((
                http::HeaderName::from_bytes(name.as_bytes()).ok()?,
                http::HeaderValue::from_bytes(value).ok()?,
            ))
        });
        let mut map = http::HeaderMap::new();
        for (name, value) in fields {
            map.append(name, value);
        }
        map
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(name, value)| (name, String::from_utf8_lossy(value))))
            .finish()
    }
}

/// An answer to an HTTP request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status code; 0 when the connection ended without one.
    pub status: u16,
    /// Header fields.
    pub headers: Fields,
    /// The whole body.
    pub body: Vec<u8>,
    /// Trailer fields.
    pub trailers: Fields,
    /// An upstream over HTTP/1.1 sends chunks of so many bytes, each on its own; 0 for a body of known length.
    pub chunk: usize,
}

impl Answer {
    /// An answer with this status and body, and no fields.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), ..Self::default() }
    }

    /// The same with a header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The same in chunks of so many bytes.
    #[must_use]
    pub fn chunked(mut self, bytes: usize) -> Self {
        self.chunk = bytes;
        self
    }

    /// The body as text, whatever it is.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is not.
    pub fn json(&self) -> anyhow::Result<serde_json::Value> {
        use anyhow::Context;
        serde_json::from_slice(&self.body)
            .with_context(|| format!("{} {}: not JSON", self.status, self.text()))
    }

    /// The gRPC status: in the trailers, or in the headers of an answer without a body.
    pub fn grpc_status(&self) -> Option<u32> {
        self.trailers.get("grpc-status").or_else(|| self.headers.get("grpc-status"))?.parse().ok()
    }
}
