//! Whether a condition fits, in four values: what is not known is not guessed.

use serde::Serialize;

/// Whether a condition fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// It fits.
    Yes,
    /// It does not.
    No,
    /// The body will tell.
    Unread,
    /// Nothing will tell: it counts against the call.
    Unknown,
}

impl Fit {
    pub(super) fn of(fits: bool) -> Self {
        if fits { Self::Yes } else { Self::No }
    }

    /// Both fit.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unread, _) | (_, Self::Unread) => Self::Unread,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    /// Either fits.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unread, _) | (_, Self::Unread) => Self::Unread,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::No, Self::No) => Self::No,
        }
    }
}
