//! Patterns: hosts by label, paths by segment, and plain globs for everything else.
//!
//! `*` stays within a label or segment, `**` crosses them. A rule that guards is matched as generously as a lenient
//! server would read a request (case and a final `/` do not matter), one that releases to the letter.

mod glob;
mod host;
mod path;

pub use glob::Glob;
pub(super) use host::HostKey;
pub use host::HostPattern;
pub use path::PathPattern;

/// For whom a pattern is matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A rule that guards: case and a final `/` do not matter.
    Guarding,
    /// A rule that releases: to the letter.
    Releasing,
}

/// Why a pattern is none: the end of a sentence that starts with the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// Nothing is written.
    #[error("it is empty")]
    Empty,
    /// Two dots in a row, or one at either end.
    #[error("a label is empty")]
    EmptyLabel,
    /// A character that no host name has.
    #[error("a host name has letters, digits, `-` and `_` only; write a port under `destination`")]
    HostCharacter,
    /// `*` alone matches one label only.
    #[error("write `**` for any host, `*` is one label")]
    LoneStar,
    /// `**` within a host or a segment.
    #[error("`**` must be the first label, or a segment of its own")]
    MisplacedStars,
    /// The path does not start with `/`.
    #[error("a path starts with `/`")]
    NotAPath,
    /// An empty segment, or `.` or `..`.
    #[error("a segment is empty or has only dots")]
    BadSegment,
    /// A query, a fragment, an escape, a parameter.
    #[error("a path pattern is written decoded, without `?`, `#`, `%`, `;` and `\\`")]
    PathCharacter,
    /// A brace that does not name a parameter.
    #[error("a parameter is written `{{name}}`")]
    BadParameter,
}
