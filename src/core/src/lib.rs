//! The decisions of the countersign filter.
//!
//! Promises: no I/O, no clock, no randomness, no log: time and facts arrive as arguments, so that every decision can be
//! replayed. Nothing here panics on any input.

pub mod action;
pub mod call;
pub mod policy;
pub mod requester;
