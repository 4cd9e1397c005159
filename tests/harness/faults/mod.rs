//! Faults under load: a real Envoy with two workers, the real service on its database, agents that send 200 requests a second,
//! reviewers who decide, and everything between them failing in turn.
//!
//! What is promised at the end of [`run`] is found by joining four sources that know nothing of each other: what arrived
//! upstream, what the agents were told, the service's database, and the records that Envoy printed. It measures
//! too, but on a machine that does other work: latencies are to be compared with each other and nothing else.

mod check;
mod crowd;
pub mod figures;
pub mod history;
mod ledger;
pub mod link;
mod load;
pub mod long;
mod parts;
mod story;

pub use story::{Plan, judged, run};
