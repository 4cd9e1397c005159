//! The packs that come with the filter, compressed: [`NAMES`] says what there is, `catalogs/MANIFEST.json` from what each
//! was made.

use std::sync::{Arc, OnceLock};

use super::table::Pack;

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

/// The most that a pack may be when it is inflated: a bound that only a damaged one meets.
const MOST: usize = 8 * 1024 * 1024;

pub(super) fn all() -> impl Iterator<Item = Arc<Pack>> {
    (0..NAMES.len()).filter_map(at)
}

pub(super) fn named(name: &str) -> Result<Arc<Pack>, UnknownPack> {
    NAMES.iter().position(|known| *known == name).and_then(at).ok_or(UnknownPack)
}

/// The pack at a place, inflated once: every policy of a worker shares it.
fn at(place: usize) -> Option<Arc<Pack>> {
    static INFLATED: [OnceLock<Option<Arc<Pack>>>; NAMES.len()] = [const { OnceLock::new() }; NAMES.len()];
    let inflate = || {
        let packed = PACKED.get(place)?;
        Pack::read(miniz_oxide::inflate::decompress_to_vec_with_limit(packed, MOST).ok()?).map(Arc::new)
    };
    INFLATED.get(place)?.get_or_init(inflate).clone()
}
