//! What a person may see: the types this crate hands out.

use core::fmt;

use serde::{Serialize, Serializer};

use crate::report::Report;

/// Text that this crate has masked. There is no other way to make one, so whatever asks for this type cannot be given
/// raw content.
///
/// Whoever reads one back from the network reads a plain `String` and masks it again: see [`crate::residual`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MaskedText(String);

impl MaskedText {
    /// Only for text that came out of the masking pipeline of this crate.
    pub(crate) fn seal(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the text away.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl AsRef<str> for MaskedText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MaskedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for MaskedText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// How much of a payload the reviewer really sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Understood {
    /// All of it, masked where needed.
    Whole,
    /// Not all of it: the beginning, or without what is no text; masked where needed.
    Cut,
    /// Nothing but its size and type.
    NotUnderstood {
        /// The reason.
        why: Why,
    },
}

/// Why a payload is shown by size and type only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It has a content encoding other than identity.
    Compressed,
    /// Its media type is an image, an archive or another binary kind, or it holds NUL bytes.
    Binary,
    /// It is not UTF-8, or says that it is in a charset that is not read.
    NotUtf8,
    /// It is larger than this crate looks into.
    TooLarge,
    /// It nests deeper than this crate follows.
    TooDeep,
    /// It is not what its type says.
    Malformed,
    /// Its type has no reading that could be written again.
    Format,
    /// It is a stream.
    Stream,
    /// A part of it has no reading: it nests too deeply, or is binary in another encoding.
    Part,
    /// Scanning the masked text again still found something: a fault of this crate, so nothing is shown.
    Unsettled,
}

impl Why {
    /// The words a reviewer reads.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compressed => "compressed or encoded",
            Self::Binary => "binary",
            Self::NotUtf8 => "not UTF-8 text",
            Self::TooLarge => "too large",
            Self::TooDeep => "nested too deeply",
            Self::Malformed => "not well-formed",
            Self::Format => "of a type that cannot be rewritten",
            Self::Stream => "a stream",
            Self::Part => "not readable in every part",
            Self::Unsettled => "could not be masked safely",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A payload as a reviewer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The media type without parameters, lower-case; empty when the call named none or no well-formed one.
    pub media_type: String,
    /// Size of the payload in bytes, as sent.
    pub size: u64,
    /// Whether the excerpt shows less than the whole payload. Also true when nothing is shown.
    pub truncated: bool,
    /// The masked text, at most the asked number of bytes. When the payload is not understood: one fixed sentence.
    pub excerpt: MaskedText,
    /// What was masked, in the whole payload, also past the end of the excerpt.
    pub report: Report,
    /// How much of the payload that is.
    pub understood: Understood,
}
