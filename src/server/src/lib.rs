//! The approval service of countersign: it takes requests from filters, shows them to people, and signs what they decide.

pub mod config;
pub mod service;

mod http;
pub use http::serve;
