//! The filter in a real Envoy. What is asserted is what left the proxy and what the agent was told, never the order of
//! calls inside.

#![expect(clippy::indexing_slicing, reason = "JSON is read by name, which gives null where there is nothing")]

mod anonymised;
mod answers;
mod bypass;
mod canary;
mod closed;
mod configuration;
mod corpus;
mod dies;
mod forged;
mod grants;
mod hostile;
mod intact;
mod keys;
mod lease;
mod leaving;
mod limits;
mod long;
mod many;
mod people;
mod real;
mod requester;
mod scoped;
mod secrets;
mod shared;
mod standin;
mod third_party;
mod threats;
mod unknown;
