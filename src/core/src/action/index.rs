//! Which decoder reads a call: an index over what is spoken at an endpoint and the content type. One decoder reads, the
//! others are not tried.
//!
//! What is spoken is what the operator declared, else what the path shape says. A header of the agent never says it.

use super::{
    Class, Decoded, Decoder, Document, Protocol, aws, azure, batch, elastic, git, google, graphql, grpc,
    http, json, kubernetes, media::Media, oci, rest, soap, sql,
};
use crate::{
    call::{Body, Call},
    catalog::Catalog,
    policy::{HostPattern, PathPattern, Reading},
};

/// An endpoint whose protocol an operator declares.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its host.
    pub host: HostPattern,
    /// Its path; every path where there is none.
    pub path: Option<PathPattern>,
    /// What is spoken there.
    pub protocol: Protocol,
}

/// What is spoken at an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoken {
    /// This.
    Is(Protocol),
    /// Nobody can tell from the path.
    Unknown,
}

/// A call, and what the index knows about it.
pub struct Head<'a> {
    pub(super) call: &'a Call,
    pub(super) media: Media,
    pub(super) spoken: Spoken,
    /// Whether an operator said what is spoken.
    pub(super) declared: bool,
    pub(super) catalog: &'a Catalog,
}

/// Every decoder, and the index over them.
#[derive(Clone, Debug, Default)]
pub struct Decoders {
    endpoints: Vec<Endpoint>,
    catalog: Catalog,
}

impl Decoders {
    /// The decoders, with these endpoints declared and these catalogs in force.
    pub fn new(endpoints: Vec<Endpoint>, catalog: Catalog) -> Self {
        Self { endpoints, catalog }
    }

    /// Whether a call reads and does nothing else, by its head alone. Allocates nothing.
    pub fn is_plain_read(&self, call: &Call, body: Body<'_>) -> bool {
        let no_body = matches!(body, Body::Absent | Body::Read([]));
        if aws::claims(call) {
            return no_body && http::is_plain_read(call) && aws::is_plain_read(&self.catalog, call);
        }
        if google::claims(call) {
            return no_body
                && http::is_plain_read(call)
                && google::class(&self.catalog, call) == Class::ReadOnly;
        }
        if azure::claims(call) {
            return no_body
                && http::is_plain_read(call)
                && azure::class(&self.catalog, call) == Class::ReadOnly;
        }
        no_body
            && http::is_plain_read(call)
            && (call.query().is_empty() || self.spoken(call).0 != Spoken::Is(Protocol::GraphQl))
            && !sql::has_statement(call)
            && rest::class(&self.catalog, call).is_none_or(|class| class == Class::ReadOnly)
            && kubernetes::class_of_head(call).is_none_or(|class| class == Class::ReadOnly)
            && oci::class_of_head(call).is_none_or(|class| class == Class::ReadOnly)
    }

    /// What the call does.
    pub fn decode(&self, call: &Call, body: Body<'_>) -> Decoded {
        let (spoken, declared) = self.spoken(call);
        let head = Head { call, media: Media::of(call), spoken, declared, catalog: &self.catalog };
        match route(&head, body) {
            Route::GraphQlGet => graphql_get(&head, body),
            Route::Aws => aws::Aws.decode(&head, body),
            Route::Batch => batch::decode(&head, body),
            Route::Grpc => grpc::Grpc.decode(&head, body),
            Route::Message => json::Json.decode(&head, body),
            Route::Soap => soap::Soap.decode(&head, body),
            Route::Kubernetes => kubernetes::Kubernetes.decode(&head, body),
            Route::Elastic => elastic::Elastic.decode(&head, body),
            Route::Git => git::Git.decode(&head, body),
            Route::Oci => oci::Oci.decode(&head, body),
            Route::Sql => sql::Sql.decode(&head, body),
            Route::Http => http::Http.decode(&head, body),
        }
    }

    fn spoken(&self, call: &Call) -> (Spoken, bool) {
        let declared = self.endpoints.iter().find(|endpoint| {
            endpoint.host.matches(call.host())
                && endpoint.path.as_ref().is_none_or(|path| path.matches(call.path(), Reading::Releasing))
        });
        match declared {
            Some(endpoint) => (Spoken::Is(endpoint.protocol), true),
            None => (by_shape(call), false),
        }
    }
}

/// The one decoder that reads a call.
enum Route {
    /// A GraphQL request in the query.
    GraphQlGet,
    /// AWS, and object stores that speak S3.
    Aws,
    /// HTTP requests in one.
    Batch,
    Grpc,
    /// SOAP and XML-RPC.
    Soap,
    /// Statements at an endpoint that takes them.
    Sql,
    /// JSON-RPC, MCP, GraphQL, or a JSON document.
    Message,
    /// The Kubernetes API.
    Kubernetes,
    /// Bodies of several items.
    Elastic,
    /// Git over HTTP.
    Git,
    /// A registry or an engine.
    Oci,
    /// Plain HTTP, and every operation that a catalog knows.
    Http,
}

fn route(head: &Head<'_>, body: Body<'_>) -> Route {
    let call = head.call;
    if http::tunnel(call).is_some() {
        return Route::Http;
    }
    if !head.declared && aws::claims(call) {
        return Route::Aws;
    }
    if !head.declared && batch::claims(call) {
        return Route::Batch;
    }
    let no_body = matches!(body, Body::Absent | Body::Read([]));
    let (message, only_http) = match head.spoken {
        Spoken::Is(Protocol::GraphQl) if no_body && http::is_safe(call.method()) => return Route::GraphQlGet,
        Spoken::Is(Protocol::Mcp | Protocol::JsonRpc | Protocol::GraphQl) => (true, false),
        Spoken::Is(Protocol::Http) => (false, true),
        // A host that a catalog knows speaks its own API, whatever its paths resemble.
        Spoken::Unknown if kubernetes::claims(call) && !head.catalog.knows(call.host()) => {
            return Route::Kubernetes;
        }
        Spoken::Unknown if git::claims(call) => return Route::Git,
        Spoken::Unknown if elastic::claims(call) => return Route::Elastic,
        Spoken::Unknown if oci::claims(call, head.catalog.knows(call.host())) => return Route::Oci,
        Spoken::Is(Protocol::Kubernetes) => return Route::Kubernetes,
        Spoken::Is(Protocol::Git) => return Route::Git,
        Spoken::Is(Protocol::Oci) => return Route::Oci,
        Spoken::Is(Protocol::Grpc | Protocol::Sql) | Spoken::Unknown => (false, false),
    };
    if !message && !only_http && soap::claims(call) {
        return Route::Soap;
    }
    if !message && !only_http && sql::claims(call) {
        return Route::Sql;
    }
    match head.media {
        Media::Grpc => Route::Grpc,
        Media::Json | Media::GraphQl if !only_http => Route::Message,
        // With another content type it is a message in a wrapper that its protocol does not have.
        Media::None
        | Media::Lines
        | Media::Form
        | Media::Multipart
        | Media::Yaml
        | Media::Xml
        | Media::Other
        | Media::Several
            if message =>
        {
            Route::Message
        }
        Media::Json
        | Media::Lines
        | Media::GraphQl
        | Media::None
        | Media::Form
        | Media::Multipart
        | Media::Yaml
        | Media::Xml
        | Media::Other
        | Media::Several => Route::Http,
    }
}

/// What the last segment of a path says is spoken there, by convention of MCP's transports, GraphQL over HTTP, and
/// common JSON-RPC servers. The two-endpoint transport of MCP 2024-11-05 posts to `/message?sessionId=...`.
fn by_shape(call: &Call) -> Spoken {
    let path = call.path().strip_suffix('/').unwrap_or(call.path());
    let last = path.rsplit('/').next().unwrap_or_default();
    match last {
        "mcp" | "sse" => Spoken::Is(Protocol::Mcp),
        "message" | "messages" if has_session(call) => Spoken::Is(Protocol::Mcp),
        "rpc" | "jsonrpc" | "json-rpc" | "jsonrpc.php" | "api_jsonrpc.php" | "call_kw" => {
            Spoken::Is(Protocol::JsonRpc)
        }
        _ if has_rpc_nodes(call.host()) => Spoken::Is(Protocol::JsonRpc),
        "graphql" | "graphql.json" | "gql" => Spoken::Is(Protocol::GraphQl),
        _ => Spoken::Unknown,
    }
}

/// Hosts of providers that serve nothing but the JSON-RPC of blockchain nodes, on whatever path.
fn has_rpc_nodes(host: &str) -> bool {
    const HOSTS: [&str; 8] = [
        "infura.io",
        "g.alchemy.com",
        "quiknode.pro",
        "rpc.ankr.com",
        "publicnode.com",
        "cloudflare-eth.com",
        "llamarpc.com",
        "mainnet-beta.solana.com",
    ];
    HOSTS
        .iter()
        .any(|known| host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

fn has_session(call: &Call) -> bool {
    let mut found = false;
    http::each_pair(call.query().trim_start_matches('?'), |name, value| {
        found |= matches!(name, "sessionId" | "session_id") && !value.is_empty();
    });
    found
}

/// A GET to a GraphQL endpoint carries its request in the query.
fn graphql_get(head: &Head<'_>, body: Body<'_>) -> Decoded {
    let http_class = http::class(head.call, body).0;
    match graphql::of_get(head.call) {
        None => http::known(http::action(head.call, body), Document::Absent),
        Some(Ok(mut action)) => {
            action.class = action.class.max(http_class);
            http::known(action, Document::Absent)
        }
        Some(Err(why)) => http::undecodable(head.call, body, why),
    }
}
