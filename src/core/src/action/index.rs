//! Which decoder reads a call.

use super::{Decoded, Protocol};
use crate::call::{Body, Call};

/// An endpoint whose protocol an operator declares.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What is spoken there.
    pub protocol: Protocol,
}

/// Every decoder, and the index over them.
#[derive(Clone, Debug, Default)]
pub struct Decoders {
    endpoints: Vec<Endpoint>,
}

impl Decoders {
    /// What the call does.
    pub fn decode(&self, _call: &Call, _body: Body<'_>) -> Decoded {
        Decoded::NeedsBody
    }
}
