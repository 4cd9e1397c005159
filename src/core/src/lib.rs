//! The decisions of the countersign filter.
//!
//! Promises: no I/O, no clock, no randomness, no log: time and facts arrive as arguments, so that every decision can be
//! replayed. Nothing here panics on any input.

pub mod action;
pub mod call;
pub mod catalog;
pub mod policy;
pub mod requester;

pub mod anonymise;
pub mod answer;
pub mod ask;
mod batch;
pub mod busy;
pub mod config;
mod display;
pub mod entropy;
pub mod fault;
pub mod journal;
pub mod jsonrpc;
pub mod mcp;
pub mod now;
pub mod permit;
pub mod placeholder;
mod redact;
pub mod replay;
mod scope;
pub mod service;
pub mod session;
pub mod watch;
pub mod worker;
