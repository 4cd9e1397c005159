//! The approval service of countersign: it takes requests from filters, shows them to people, and signs what they decide.
//!
//! [`service`] is the service itself; around it stand the faces: [`access`](mod@access) for filters, the approver API and
//! the inbox for people. It gets masked text only; the filter's core is no dependency of this crate.

mod access;
pub mod admin;
pub mod approver;
mod audit;
pub mod chat;
pub mod clock;
pub mod config;
pub mod deliver;
pub mod doctor;
mod http;
mod ids;
pub mod inbox;
mod jwt;
mod keys;
pub mod login;
pub mod observe;
mod outward;
mod secrets;
pub mod service;
mod slack;
mod store;
mod teams;

pub use http::{router, serve, serve_observers};
