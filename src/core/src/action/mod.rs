//! What a call does: which service, which operation, which class, on what resource.
//!
//! A decoder is chosen by an index over what the operator declared, the host, the path shape and the content type, never
//! by trying all. It promises that whatever it cannot read is [`Decoded::Undecodable`], which is never judged safer than
//! what can be read, and that of two readings the stricter one counts. Decoders know the grammar of a protocol; what the
//! operations of a service do, and grammar does not say, is data in [`crate::catalog`].

mod asking;
mod aws;
mod azure;
mod batch;
mod class;
mod elastic;
mod git;
mod google;
mod graphql;
mod grpc;
mod http;
mod index;
mod json;
mod jsonrpc;
mod kubernetes;
mod media;
mod oci;
mod overrides;
mod payload;
mod redis;
mod rest;
mod segments;
mod signin;
mod soap;
mod sql;
mod tool;
mod words;

pub use class::Class;
pub(crate) use http::{Tunnel, tunnel};
pub use index::{Decoders, Endpoint, Head};
pub(crate) use overrides::{Others, Overrides};
pub(crate) use payload::{plain_body, undone};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Body;
pub use crate::catalog::{Access, Basis};
pub use countersign_wire::submission::Dataset;

/// The protocol an action was decoded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Plain HTTP.
    Http,
    /// gRPC and gRPC-Web.
    Grpc,
    /// JSON-RPC 2.0 other than MCP.
    JsonRpc,
    /// Model Context Protocol.
    Mcp,
    /// GraphQL over HTTP.
    GraphQl,
    /// SQL, and languages like it, over HTTP.
    Sql,
    /// The Kubernetes API.
    Kubernetes,
    /// Git's smart HTTP protocol.
    Git,
    /// OCI registries and container engines.
    Oci,
}

impl Protocol {
    /// The word in documents and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Grpc => "grpc",
            Self::JsonRpc => "jsonrpc",
            Self::Mcp => "mcp",
            Self::GraphQl => "graphql",
            Self::Sql => "sql",
            Self::Kubernetes => "kubernetes",
            Self::Git => "git",
            Self::Oci => "oci",
        }
    }
}

/// Whether what an action does can be undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reversible {
    /// It can.
    Yes,
    /// It cannot.
    No,
    /// Nobody here can tell.
    #[default]
    Unknown,
}

impl Reversible {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::Unknown];

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's `skip_serializing_if` passes a reference")]
    pub(crate) fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

/// What an action works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// What kind of thing, such as `url` or `tool`.
    pub kind: String,
    /// Its name. Taken from the request: mask it before anybody sees it.
    pub id: String,
}

/// What a call does.
#[derive(Clone, PartialEq, Serialize)]
pub struct Action {
    /// How it was written.
    pub protocol: Protocol,
    /// Whose operation it is: a host, or a gRPC service.
    pub service: String,
    /// The operation in the protocol's own words, such as `POST`, `tools/call` or `DeleteUser`.
    pub operation: String,
    /// The kind of privileged action, or [`Class::ReadOnly`].
    pub class: Class,
    /// On what.
    pub resource: Resource,
    /// The arguments, as far as the protocol tells them apart. Unmasked: only `mask` may show them.
    pub arguments: Value,
    /// Whether it can be undone.
    pub reversible: Reversible,
    /// The access level, in the words of a catalog.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Where the class comes from.
    pub basis: Basis,
    /// What data it reads, as far as the request itself tells. Unmasked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<Dataset>,
    /// What data it writes, as far as the request itself tells. Unmasked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<Dataset>,
    /// What it does one by one, where that is more than one thing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<Piece>,
}

impl Action {
    /// An action of which no more than this is known.
    pub(crate) fn plain(
        protocol: Protocol,
        service: impl Into<String>,
        operation: impl Into<String>,
        class: Class,
        resource: Resource,
    ) -> Self {
        Self {
            protocol,
            service: service.into(),
            operation: operation.into(),
            class,
            resource,
            arguments: Value::Null,
            reversible: Reversible::Unknown,
            access: None,
            basis: Basis::Grammar,
            reads: Vec::new(),
            writes: Vec::new(),
            pieces: Vec::new(),
        }
    }
}

impl Resource {
    /// A thing of a kind.
    pub(crate) fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self { kind: kind.into(), id: id.into() }
    }
}

impl std::fmt::Debug for Action {
    /// Without arguments and resource: they come from the request, unmasked.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { protocol, service, operation, class, .. } = self;
        write!(f, "Action({} {service} {operation} {})", protocol.as_str(), class.as_str())
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Read(_) => "Read",
            Self::Absent => "Absent",
            Self::Opaque => "Opaque",
        })
    }
}

/// One action of a call, and the document that rules may look into.
#[derive(Clone, Debug)]
pub struct Member {
    /// What it does.
    pub action: Action,
    /// What JSON Pointers of rules are resolved in.
    pub document: Document,
    /// Whether the call does more than this.
    pub part: Part,
}

impl Member {
    /// All that a call does, by one reading of it.
    pub(crate) fn whole(action: Action, document: Document) -> Self {
        Self { action, document, part: Part::Whole }
    }

    /// One of the requests of a batch, by one reading of it.
    pub(crate) fn of_batch(action: Action, document: Document, reading: usize) -> Self {
        Self { action, document, part: Part::OfBatch { reading } }
    }
}

/// Whether an action is all that a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It is, by one reading of the call.
    Whole,
    /// It is one of the requests of a batch.
    OfBatch {
        /// By which reading of the call: the requests of another are not other requests.
        reading: usize,
    },
}

/// One of several things that an action does at once, such as a field of a GraphQL mutation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Its name.
    pub name: String,
    /// What it does.
    pub class: Class,
    /// How often.
    pub count: u64,
}

/// What JSON Pointers of rules are resolved in.
#[derive(Clone)]
pub enum Document {
    /// The parsed body, or one member of a batch.
    Read(Value),
    /// There is no body.
    Absent,
    /// A body there is that is no document, or not read yet.
    Opaque,
}

/// What a decoder made of a call.
#[derive(Clone, Debug)]
pub enum Decoded {
    /// What the call does: one action, or all of a batch, never none.
    Known(Vec<Member>),
    /// Only the body can tell.
    NeedsBody,
    /// The call cannot be read in its own protocol. It is judged as a write.
    Undecodable(Undecodable),
    /// Two parts of the call contradict each other. It is refused.
    Contradiction(Contradiction),
}

/// A call that cannot be read, as what it will be shown.
#[derive(Clone, Debug)]
pub struct Undecodable {
    /// A write of unknown kind.
    pub action: Action,
    /// Why.
    pub why: Obscurity,
}

/// Why a call cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obscurity {
    /// The body is no JSON that two readers read alike.
    #[error("the body is not JSON that two readers would read alike")]
    Json,
    /// The body is JSON but no message of the protocol.
    #[error("the body is no message of the protocol its path or headers announce")]
    Message,
    /// The body has a content encoding that is not read here, or is not whole.
    #[error("the body has a content encoding that cannot be decoded")]
    Encoding,
    /// The text has a charset that is not read here, or is not of the one it names.
    #[error("the body is no text of the charset it names")]
    Charset,
    /// The body is a multipart that readers cut differently.
    #[error("the body is no multipart that two readers would cut alike")]
    Multipart,
    /// The content type is not the protocol's, or there are several.
    #[error("the content type is not the one of the protocol")]
    ContentType,
    /// The body is larger than a decoder reads.
    #[error("the body is too large to decode")]
    TooLarge,
}

/// Two parts of a call that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// `Mcp-Method` or `Mcp-Name` is not what the body says.
    #[error("`mcp-method` or `mcp-name` differs from the body")]
    Headers,
}

impl Contradiction {
    /// The word for records and answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Headers => "header_mismatch",
        }
    }
}

/// Reads one protocol.
pub trait Decoder {
    /// What the call does. Total: it never panics and never reads more than its limits.
    fn decode(&self, head: &Head<'_>, body: Body<'_>) -> Decoded;
}

#[cfg(test)]
mod tests;
