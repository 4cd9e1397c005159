//! Time as an argument: the service asks a [`Clock`], so that tests move it instead of sleeping.

use std::{
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

/// Says what time it is.
pub trait Clock: Send + Sync {
    /// Unix milliseconds.
    fn now_ms(&self) -> i64;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Clock for System {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// The machine's clock, wrong by as many seconds as a file says, read anew each time: for trying out, under `--dev`, what
/// a clock that is wrong or jumps does. A file that is missing or holds no number means right.
#[derive(Clone, Debug)]
pub struct Skewed {
    file: PathBuf,
}

impl Skewed {
    /// A clock whose error stands in `file`.
    pub fn by(file: PathBuf) -> Self {
        Self { file }
    }
}

impl Clock for Skewed {
    fn now_ms(&self) -> i64 {
        let seconds: i64 = std::fs::read_to_string(&self.file)
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or_default();
        System.now_ms().saturating_add(seconds.saturating_mul(1000))
    }
}
