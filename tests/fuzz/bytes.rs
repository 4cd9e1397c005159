//! An input as a supply of choices. When it is used up, every choice is the first.

/// Reads an input from its front.
pub struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    /// All of an input.
    pub fn new(input: &'a [u8]) -> Self {
        Self(input)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `below`, which is not 0.
    pub fn below(&mut self, below: usize) -> usize {
        usize::from(self.byte()) % below
    }

    /// A number of any size; small ones are likelier.
    pub fn number(&mut self) -> u64 {
        let size = self.below(9);
        self.take(size).iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// So many bytes, or what is left.
    pub fn take(&mut self, most: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// As many bytes as the next two say.
    pub fn some(&mut self) -> &'a [u8] {
        let size = usize::from(self.byte()) | usize::from(self.byte() & 3) << 8;
        self.take(size)
    }

    /// One of a list.
    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// Changes up to four places of `bytes`.
    pub fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(4) {
            let place = usize::try_from(self.number()).unwrap_or(0) % bytes.len().max(1);
            match self.below(4) {
                0 => bytes.truncate(place),
                1 => bytes.insert(place.min(bytes.len()), self.byte()),
                2 => {
                    let piece = self.some();
                    bytes.splice(place.min(bytes.len())..place.min(bytes.len()), piece.iter().copied());
                }
                _ => {
                    if let Some(byte) = bytes.get_mut(place) {
                        *byte = self.byte();
                    }
                }
            }
        }
    }
}
