//! The header map of one call: the bytes as the host gave them, and an index into them.
//!
//! One allocation for the index, none per header. Names are lower case (Envoy's are; [`HeaderMap::from_pairs`] makes
//! them so). Values are bytes: what is not UTF-8 has no text.

use super::CallFault;
use countersign_wire::names;

/// Header names and values in order, pseudo-headers included.
#[derive(Clone, Default)]
pub struct HeaderMap {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

/// Where one header lies in the bytes.
#[derive(Clone, Copy)]
struct Entry {
    name: (usize, usize),
    value: (usize, usize),
}

impl HeaderMap {
    /// Reads the encoding in which a proxy-wasm host hands over a map: `u32` count, then for each pair the `u32`
    /// lengths of name and value (little endian), then each name and value followed by a zero byte.
    ///
    /// # Errors
    /// [`CallFault::Garbled`] where lengths and bytes do not agree.
    pub fn from_abi(bytes: Vec<u8>) -> Result<Self, CallFault> {
        let entries = abi_entries(&bytes).ok_or(CallFault::Garbled)?;
        Ok(Self { bytes, entries })
    }

    /// A map of these pairs, names lower-cased.
    pub fn from_pairs<N: AsRef<[u8]>, V: AsRef<[u8]>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut map = Self::default();
        for (name, value) in pairs {
            map.push(name.as_ref(), value.as_ref());
        }
        map
    }

    /// Appends one header.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        let name_start = self.bytes.len();
        self.bytes.extend(name.iter().map(u8::to_ascii_lowercase));
        let name_end = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.entries.push(Entry { name: (name_start, name_end), value: (name_end, self.bytes.len()) });
    }

    /// Every header in order. A name that is not UTF-8 is given as the empty string: no rule names it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries.iter().map(|entry| (self.name(*entry), self.value(*entry)))
    }

    /// Every header in order, names as bytes.
    pub fn iter_bytes(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.entries.iter().map(|entry| (self.slice(entry.name), self.value(*entry)))
    }

    /// The first value of `name` (lower case).
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.get_all(name).next()
    }

    /// The first value of `name` as text; `None` where there is none or it is not UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Every value of `name` (lower case), in order.
    pub fn get_all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a [u8]> + use<'a, 'n> {
        let named = move |entry: &&Entry| self.slice(entry.name) == name.as_bytes();
        self.entries.iter().filter(named).map(|entry| self.value(*entry))
    }

    /// The values of `name` joined by `, ` as RFC 9110 section 5.3 allows; `None` where the header is absent.
    pub fn joined(&self, name: &str) -> Option<Vec<u8>> {
        let mut values = self.get_all(name);
        let mut joined = values.next()?.to_vec();
        for value in values {
            joined.extend_from_slice(b", ");
            joined.extend_from_slice(value);
        }
        Some(joined)
    }

    /// Forgets every header whose name `drops` answers with [`Keep::No`]; the shell must strip the same from the wire.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> Keep) {
        let Self { bytes, entries } = self;
        entries.retain(|entry| {
            let name = bytes.get(entry.name.0..entry.name.1).unwrap_or_default();
            match keep(std::str::from_utf8(name).unwrap_or_default()) {
                Keep::Yes => true,
                Keep::No => false,
            }
        });
    }

    /// How many headers there are, pseudo-headers included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of all names and values.
    pub fn size(&self) -> usize {
        let length = |(start, end): (usize, usize)| end.saturating_sub(start);
        self.entries.iter().map(|entry| length(entry.name) + length(entry.value)).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Everything in which a header may stand, to look through at once: also what was forgotten since.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn slice(&self, (start, end): (usize, usize)) -> &[u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }

    fn name(&self, entry: Entry) -> &str {
        std::str::from_utf8(self.slice(entry.name)).unwrap_or_default()
    }

    fn value(&self, entry: Entry) -> &[u8] {
        self.slice(entry.value)
    }
}

/// Whether a header stays in the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// It stays.
    Yes,
    /// It goes.
    No,
}

/// Whether an agent may not say this header: the product's own, and those that redirect a request inside the proxy.
pub(crate) fn is_forbidden(name: &str) -> bool {
    name.starts_with(names::NAMESPACE)
        || name.starts_with("x-envoy-")
        || name == "x-original-url"
        || name == "x-rewrite-url"
}

impl std::fmt::Debug for HeaderMap {
    /// Names only: values may hold credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

fn abi_entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let count = number_at(bytes, 0)?;
    let mut place = count.checked_mul(8)?.checked_add(4)?;
    if place > bytes.len() {
        return None;
    }
    let mut entries = Vec::with_capacity(count);
    for index in 0..count {
        let sizes = 4 + index * 8;
        let name = (place, place.checked_add(number_at(bytes, sizes)?)?);
        let value = (name.1 + 1, name.1.checked_add(1)?.checked_add(number_at(bytes, sizes + 4)?)?);
        if value.1 >= bytes.len() {
            return None;
        }
        place = value.1 + 1;
        entries.push(Entry { name, value });
    }
    Some(entries)
}

fn number_at(bytes: &[u8], place: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(place..place.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(four)).ok()
}
