//! Bytes that may hold secrets, in a type that cannot speak.

use core::fmt;

/// Content that nothing has masked yet.
///
/// It has no `Serialize` and no `Display`, and its `Debug` prints a length: it cannot reach a log, a record or a task by
/// accident. [`Raw::expose`] is the one way to the bytes, named so that every use can be found.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Raw(Vec<u8>);

impl Raw {
    /// Takes content in.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes themselves. Whoever calls this answers for where they go.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what arrived later.
    pub fn extend(&mut self, more: &[u8]) {
        self.0.extend_from_slice(more);
    }
}

impl From<Vec<u8>> for Raw {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({} bytes)", self.0.len())
    }
}
