//! A Merkle tree that only grows (RFC 9162, section 2.1): leaves are hashed after a 0 byte, nodes after a 1 byte.
//!
//! It keeps the roots of the full subtrees and nothing else, so a log of a million records costs twenty hashes.

use sha2::{Digest as _, Sha256};

/// A node's hash.
pub(crate) type Hash = [u8; 32];

/// The tree so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    size: u64,
    /// Roots of full subtrees, largest first: one for each bit set in `size`.
    full: Vec<Hash>,
}

impl Tree {
    /// How many leaves it has.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub(crate) fn push(&mut self, leaf: &[u8]) {
        let mut hash = Sha256::new_with_prefix([0]).chain_update(leaf).finalize().into();
        // Each trailing one of the size is a full subtree as large as what has grown so far.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.full.pop() {
                hash = node(&left, &hash);
            }
        }
        self.full.push(hash);
        self.size += 1;
    }

    /// The root; of the empty tree, the hash of nothing.
    pub(crate) fn root(&self) -> Hash {
        let mut roots = self.full.iter().rev();
        let Some(smallest) = roots.next() else { return Sha256::digest([]).into() };
        roots.fold(*smallest, |right, left| node(left, &right))
    }
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9162's recursive definition, as slow as it is plain.
    fn by_definition(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => Sha256::new_with_prefix([0]).chain_update(leaf).finalize().into(),
            more => {
                let (left, right) = more.split_at(more.len().next_power_of_two() / 2);
                node(&by_definition(left), &by_definition(right))
            }
        }
    }

    #[test]
    fn the_root_is_the_one_of_rfc_9162_at_every_size() {
        let mut tree = Tree::default();
        let mut leaves: Vec<Vec<u8>> = Vec::new();
        for n in 0..70_u8 {
            assert_eq!(tree.root(), by_definition(&leaves), "{n} leaves");
            assert_eq!(tree.size(), u64::from(n));
            leaves.push(vec![n; usize::from(n)]);
            tree.push(leaves.last().unwrap());
        }
    }
}
