//! Names that a document has again and again: what they say, and that they hold nothing themselves, is asked once.
//!
//! A name is compared byte for byte with what was seen; a place in the cache proves nothing.

use crate::keys::{Key, Said, inside};
use crate::masked::Masked;
use crate::masker::Look;
use crate::structure::value;

const PLACES: usize = 64;

/// Names that held nothing to mask, with the names they stood under.
#[derive(Debug, Default)]
pub(super) struct Seen(Vec<(String, String, Said)>);

impl Seen {
    /// What `name` says inside of `parent`, and the name masked if it must be.
    pub(super) fn name(&mut self, parent: &str, name: &str, look: Look<'_>) -> (Said, Option<Masked>) {
        let mix = |sum: usize, byte: u8| sum.wrapping_mul(31).wrapping_add(usize::from(byte));
        let place = name.bytes().fold(parent.len(), mix) % PLACES;
        if let Some((around, one, said)) = self.0.get(place)
            && one == name
            && around == parent
        {
            return (*said, None);
        }
        let said = inside(parent, name);
        let masked = value::mask(Key::Plain, name, look);
        if masked.is_none() {
            if self.0.is_empty() {
                self.0.resize_with(PLACES, || (String::new(), String::new(), Said::NOTHING));
            }
            if let Some(place) = self.0.get_mut(place) {
                *place = (parent.to_owned(), name.to_owned(), said);
            }
        }
        (said, masked)
    }
}
