//! The time, as an argument: what the shell's clocks said when the event arrived.

use countersign_wire::clock::UnixMs;

/// Two clocks: deadlines run on the one that never jumps, claims and records on the one that people share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds on a clock that only goes forward; its zero means nothing.
    pub mono_ms: u64,
    /// Milliseconds since the Unix epoch.
    pub unix_ms: UnixMs,
}

impl Now {
    /// Whole seconds since the Unix epoch.
    pub fn unix_s(self) -> i64 {
        self.unix_ms.div_euclid(1000)
    }

    /// This moment and `ms` later, on both clocks.
    #[must_use]
    pub fn after(self, ms: u64) -> Self {
        let unix = self.unix_ms.saturating_add(i64::try_from(ms).unwrap_or(i64::MAX));
        Self { mono_ms: self.mono_ms.saturating_add(ms), unix_ms: unix }
    }
}
