//! What the proxy would send upstream at one moment, as it says itself.

use super::HeaderMap;

/// Head and body as they stand in the proxy's own buffers.
#[derive(Clone)]
pub struct Leaving {
    /// The head, pseudo-headers included.
    pub headers: HeaderMap,
    /// The whole body, empty where there is none.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Leaving {
    /// Lengths only: what leaves may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Leaving({} headers, {} bytes)", self.headers.len(), self.body.len())
    }
}
