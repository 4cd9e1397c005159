//! What crosses the network between the filter, the approval service and an auditor.
//!
//! One home for every byte that two sides must compute alike: the request binding, what a reviewer is shown, grants and
//! receipts, RFC 9421 signatures, audit records, and who counts as which person. Aligned with the AuthZEN *Access
//! Request and Approval Profile*, draft 1; the mapping lives in [`submission`] and [`task`] and nowhere else.
//!
//! Promises: no I/O, no clock, no randomness, no log; never panics on any input; whatever is read from a peer is read
//! with the limits of [`json::Limits`]. It decides nothing: what a verified grant is worth is the core's business.

pub mod binding;
pub mod clock;
pub mod digest;
pub mod evaluation;
pub mod grant;
pub mod json;
pub mod jws;
pub mod masking;
pub mod names;
pub mod outcome;
pub mod parties;
pub mod people;
pub mod problem;
pub mod record;
pub mod scope;
pub mod sealed;
pub mod signature;
pub mod submission;
pub mod task;
