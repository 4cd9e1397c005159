//! Fresh values, drawn from one seed that the shell gives at start.
//!
//! The seed is 32 bytes of the host's randomness; each value is HMAC-SHA-256 of a counter under it, so no host call is
//! needed per value and a test with a fixed seed is a replay. A seed must never be used by two VMs.

use countersign_wire::{
    clock::UnixMs,
    digest::{Secret, b64url, hex},
};

/// A source of fresh values. It cannot be cloned: two copies would draw the same ones.
#[derive(Debug)]
pub struct Entropy {
    seed: Secret,
    drawn: u64,
}

impl Entropy {
    /// From the host's randomness.
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed: Secret::new(seed), drawn: 0 }
    }

    fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        self.seed.hmac(&[b"countersign-entropy-v1\0", &self.drawn.to_le_bytes()])
    }

    fn bytes16(&mut self) -> [u8; 16] {
        let drawn = self.draw();
        std::array::from_fn(|i| drawn.get(i).copied().unwrap_or_default())
    }

    /// 128 fresh bits in base64url: 22 characters that a quoted string holds as they are.
    pub fn nonce(&mut self) -> String {
        b64url(&self.bytes16())
    }

    /// A random UUID (RFC 9562 version 4).
    pub fn uuid4(&mut self) -> String {
        uuid(self.bytes16(), 0x40)
    }

    /// A UUID that sorts by time (RFC 9562 version 7).
    pub fn uuid7(&mut self, at: UnixMs) -> String {
        let stamp = u64::try_from(at).unwrap_or_default().to_be_bytes();
        let mut bytes = self.bytes16();
        for (to, from) in bytes.iter_mut().zip(stamp.iter().skip(2)) {
            *to = *from;
        }
        uuid(bytes, 0x70)
    }

    /// A word and a number that people can say to each other, such as `MAPLE-42`.
    pub fn code(&mut self) -> String {
        let [word, number, ..] = self.draw();
        let word = WORDS.get(usize::from(word) % WORDS.len()).copied().unwrap_or("MAPLE");
        format!("{word}-{}", 10 + number % 90)
    }
}

fn uuid(mut bytes: [u8; 16], version: u8) -> String {
    if let Some(byte) = bytes.get_mut(6) {
        *byte = (*byte & 0x0f) | version;
    }
    if let Some(byte) = bytes.get_mut(8) {
        *byte = (*byte & 0x3f) | 0x80;
    }
    let digits = hex(&bytes);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// Easy to say, hard to confuse; three to eight letters.
const WORDS: [&str; 64] = [
    "ACORN", "ALMOND", "AMBER", "ANCHOR", "APPLE", "ASPEN", "BAMBOO", "BASIL", "BEACON", "BIRCH", "BRONZE",
    "CANYON", "CEDAR", "CHERRY", "CLOVER", "COBALT", "COPPER", "CORAL", "CRANE", "DAISY", "EAGLE", "EMBER",
    "FALCON", "FERN", "FLINT", "FOREST", "GARNET", "GINGER", "GRANITE", "HARBOR", "HAZEL", "HERON", "INDIGO",
    "IVORY", "JASPER", "JUNIPER", "LANTERN", "LAUREL", "LEMON", "LILAC", "LOTUS", "MAPLE", "MARBLE",
    "MEADOW", "NUTMEG", "OLIVE", "ONYX", "ORCHID", "OTTER", "PEBBLE", "PEPPER", "POPLAR", "QUARTZ", "RAVEN",
    "RIVER", "SADDLE", "SAFFRON", "SIERRA", "SPRUCE", "TIMBER", "TOPAZ", "TULIP", "VIOLET", "WILLOW",
];

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_wire::record::is_uuid;

    #[test]
    fn no_two_draws_are_alike_and_a_seed_is_a_replay() {
        let mut one = Entropy::new([1; 32]);
        let mut two = Entropy::new([1; 32]);
        let first: Vec<String> = (0..50).map(|_| one.nonce()).collect();
        assert_eq!(first, (0..50).map(|_| two.nonce()).collect::<Vec<_>>());
        let mut sorted = first.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), 50);
        assert_ne!(Entropy::new([2; 32]).nonce(), Entropy::new([1; 32]).nonce());
    }

    #[test]
    fn uuids_are_of_their_version_and_sort_by_time() {
        let mut entropy = Entropy::new([3; 32]);
        let four = entropy.uuid4();
        assert!(is_uuid(&four) && four.get(14..15) == Some("4"), "{four}");
        let early = entropy.uuid7(1_795_241_040_000);
        assert!(is_uuid(&early) && early.get(14..15) == Some("7"), "{early}");
        assert!(early < entropy.uuid7(1_795_241_040_001));
    }

    #[test]
    fn codes_are_as_the_schema_wants_them() {
        let mut entropy = Entropy::new([4; 32]);
        for _ in 0..500 {
            let code = entropy.code();
            let (word, number) = code.split_once('-').unwrap();
            assert!((3..=8).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase()), "{code}");
            assert!(number.len() == 2 && number.parse::<u8>().is_ok(), "{code}");
        }
    }
}
