//! What an agent is told to send.

use crate::message::Fields;

/// How an HTTP/1.1 body is marked off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// By `content-length`, which a GET without a body leaves out.
    Length,
    /// In chunks.
    Chunked,
}

/// A request to send.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// `:authority` or `host`.
    pub authority: String,
    /// Path and query, as they are to be sent.
    pub target: String,
    /// Header fields.
    pub headers: Fields,
    /// The body.
    pub body: Vec<u8>,
    /// Trailer fields.
    pub trailers: Fields,
    /// How the body is marked off in HTTP/1.1; trailers need chunks.
    pub framing: Framing,
}

impl Request {
    /// A request without a body.
    pub fn new(method: &str, authority: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            authority: authority.to_owned(),
            target: target.to_owned(),
            headers: Fields::default(),
            body: Vec::new(),
            trailers: Fields::default(),
            framing: Framing::Length,
        }
    }

    /// A GET.
    pub fn get(authority: &str, target: &str) -> Self {
        Self::new("GET", authority, target)
    }

    /// A POST of JSON.
    pub fn post(authority: &str, target: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", authority, target).header("content-type", "application/json").body(body)
    }

    /// A call of the MCP tool `name`.
    pub fn tool(authority: &str, name: &str, arguments: &serde_json::Value) -> Self {
        let call = serde_json::json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call",
            "params": {"name": name, "arguments": arguments}});
        Self::post(authority, "/mcp", call.to_string())
            .header("accept", "application/json, text/event-stream")
    }

    /// A unary gRPC call of `/package.Service/Method` with one message.
    pub fn grpc(authority: &str, method: &str, message: &[u8]) -> Self {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
        Self::new("POST", authority, method)
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body([&[0], length.as_slice(), message].concat())
    }

    /// The same with a header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The same with a body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same with a trailer field.
    #[must_use]
    pub fn trailer(mut self, name: &str, value: &str) -> Self {
        self.trailers.push(name, value);
        self.framing = Framing::Chunked;
        self
    }

    /// The same in chunks.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.framing = Framing::Chunked;
        self
    }
}
