//! Masks what a person, a log or a backend must not see.
//!
//! Everything that leaves the filter for a human goes through here first: header values, path, query and body become
//! [`MaskedText`], which nothing else can make, plus a list of [`Finding`]s that say where something was masked and which
//! detector saw it, never the value. Raw content waits in [`Raw`], which cannot be printed.
//!
//! What it promises:
//! - no input makes it panic, recurse without bound, or take more than time proportional to its size; what comes out is at
//!   most twelve times as long, plus a sentence;
//! - JSON stays JSON with the same member names (a name that itself holds a secret excepted), and what has nothing to mask
//!   stays as it was, byte for byte;
//! - masks are whole: cutting to a limit comes after masking, never splits a mask or a character, and is marked;
//! - characters that a screen would hide or obey (controls, bidirectional overrides, zero width) become visible escapes;
//! - masked text is masked again until a further look finds nothing; if it does not come to rest, nothing is shown;
//! - what cannot be read whole as text is shown by size and type only.
//!
//! What it follows: JSON (one document or many, and JSON inside strings), forms, queries and paths, headers and cookies,
//! multipart, XML, YAML, env files and shell text, SQL literals by their column, tables by their header, JWT claims, URLs and
//! connection strings, base64, percent and other encodings, each four wrappings deep at most. Fields are known by their names
//! in many languages; values by vendors' shapes, check sums, and the words near them. A [`Masker`] says what comes in the
//! place of a value ([`Strategy`]) and adds a policy's own detectors ([`Custom`]); [`Proof`] says in numbers what was done.
//!
//! What it will not do: find what only its meaning gives away, such as names and addresses in prose; look into compressed,
//! encrypted or binary content, or more than 16 MiB; and tell a bare number from another one of the same shape.
//!
//! Inside: `structure` takes formats apart, `keys` knows what a field's name says, `detect` is the table of detectors,
//! `marks` and `display` put the text together again.

mod bytes;
mod claims;
mod custom;
mod detect;
mod display;
mod head;
mod keys;
mod kind;
mod looks;
mod marks;
mod masked;
mod masker;
mod payload;
mod plausible;
mod raw;
mod readable;
mod report;
mod shown;
mod strategy;
mod structure;
mod traffic;

pub use custom::{Allowed, BadPattern, Check, Custom, Detector, LEAST_ALLOWED, MOST_DETECTORS, Pattern};
pub use head::{headers, path, query, residual, text};
pub use kind::Kind;
pub use masker::Masker;
pub use payload::payload;
pub use raw::Raw;
pub use report::{DETECTORS, Finding, MOST_FINDINGS, Proof, Report};
pub use shown::{MaskedText, Shown, Understood, Why};
pub use strategy::{MOST_KEPT, PseudonymKey, Strategy};
pub use traffic::{Field, Fields, MOST_FIELDS, Rewritten, What};
