//! The packs that come with the filter, compressed: [`NAMES`] says what there is, `catalogs/MANIFEST.json` from what each
//! was made.

use std::sync::{Arc, OnceLock};

use super::{press, table::Pack};

/// The names of all packs, in the order in which they are asked: what people wrote goes before what was generated.
pub const NAMES: [&str; 5] = ["tools", "aws", "google", "azure", "vendors"];

/// A name that no pack has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such pack; there are {}", NAMES.join(", "))]
pub struct UnknownPack;

const PACKED: [&[u8]; NAMES.len()] = [
    include_bytes!("../../catalogs/tools.pack"),
    include_bytes!("../../catalogs/aws.pack"),
    include_bytes!("../../catalogs/google.pack"),
    include_bytes!("../../catalogs/azure.pack"),
    include_bytes!("../../catalogs/vendors.pack"),
];

/// A pack by its place in [`NAMES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named(usize);

pub(super) fn all() -> impl Iterator<Item = Named> {
    (0..NAMES.len()).map(Named)
}

pub(super) fn named(name: &str) -> Result<Named, UnknownPack> {
    NAMES.iter().position(|known| *known == name).map(Named).ok_or(UnknownPack)
}

impl Named {
    /// The pack, unpressed once: every policy of a worker shares it. Our own tests see that each can be read.
    pub(super) fn read(self) -> Option<Arc<Pack>> {
        static READ: [OnceLock<Option<Arc<Pack>>>; NAMES.len()] = [const { OnceLock::new() }; NAMES.len()];
        let unpress = || Pack::read(press::unpressed(PACKED.get(self.0)?)?).map(Arc::new);
        READ.get(self.0)?.get_or_init(unpress).clone()
    }
}
