//! The parts that tests, demo and bench play with: a real Envoy, an upstream that remembers every byte, agents that speak
//! exactly as told, a stand-in approval service that can misbehave in every way, and the real one.
//!
//! Everything listens on 127.0.0.1 and a free port, starts in parallel with anything else, and ends when its value is
//! dropped or this process dies. Nothing here panics: what cannot be done is an error, so that a test says so with `?`.

#![expect(
    clippy::indexing_slicing,
    reason = "JSON is read by name, which gives null where there is nothing, and written only where an object was made"
)]

pub mod agent;
pub mod backend;
pub mod envoy;
pub mod faults;
mod http1;
pub mod judge;
pub mod masking;
pub mod message;
pub mod module;
pub mod place;
pub mod process;
pub mod rows;
mod run;
pub mod service;
pub mod setting;
pub mod upstream;

pub use run::{block_on, eventually, spawn, within};
