//! The one Merkle log over all chains: the root of its leaves (RFC 9162) and its signed head (C2SP checkpoint).

pub(crate) mod note;
pub(crate) mod tree;
