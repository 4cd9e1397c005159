//! Who asks: the workload, the agent, the human it acts for, who owns the agent, and who started the run.
//!
//! [`Sources`] are asked in the order of the policy; each part of a [`Requester`] comes from the first source that has
//! it, owners and starters from every one: whoever any source names may not review. They make no human known: that is
//! somebody the agent acts for. A source is what the proxy itself has proved or was configured with, never a header of the agent. A part that is
//! there but unreadable refuses: a damaged identity is not a missing one.

mod document;
mod sources;

use crate::call::Leaving;
use countersign_wire::parties::{Actor, Entity};

pub use document::{HumanDoc, JwtDoc, JwtHuman, MtlsDoc, ProxyDoc, RequesterDoc, SourceDoc, StaticDoc};
pub use sources::Sources;

/// What the host knows about a request and about itself.
pub trait Facts {
    /// A property of the request or the proxy; `None` where there is none.
    fn property(&self, path: &[&str]) -> Option<Vec<u8>>;
    /// A variable of the proxy's own environment.
    fn environment(&self, name: &str) -> Option<String>;
    /// What the proxy would send upstream at this moment; `None` where it does not say, and then nothing is released.
    fn leaving(&self) -> Option<Leaving> {
        None
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requester {
    /// The workload.
    pub subject: Entity,
    /// The agent, with everyone it acts for.
    pub actor: Actor,
    /// Whether one of those it acts for is a human that a source vouches for.
    pub known_human: Human,
    /// Where the subject comes from.
    pub source: Source,
}

/// Whether the human behind an agent is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Human {
    /// A source named one.
    Known,
    /// None did: nobody can be excluded as the initiator, so more than one reviewer is asked.
    Unknown,
}

/// Which source named the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The certificate of the connection.
    Mtls,
    /// A token that Envoy's `jwt_authn` validated.
    Jwt,
    /// The proxy's own identity.
    Proxy,
    /// The policy document.
    Static,
}

impl Source {
    /// The word in documents and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mtls => "mtls",
            Self::Jwt => "jwt",
            Self::Proxy => "proxy",
            Self::Static => "static",
        }
    }
}

/// Why nobody can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRequester {
    /// No source named a subject.
    #[error("no configured source names the requester")]
    Unnamed,
    /// A source gave what is no identity: not UTF-8, with control characters, or too long.
    #[error("a source names the requester unreadably")]
    Unreadable,
    /// The token's `act` chain, the owners, or those who started the run, are more than [`MAX_HOPS`].
    #[error("the chain of actors is longer than 8, or it has more than 8 owners or starters")]
    TooManyHops,
}

/// The most hops of an `act` chain that are read, and the most owners and starters.
pub const MAX_HOPS: usize = 8;

#[cfg(test)]
mod tests;
