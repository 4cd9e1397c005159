//! The threats that no other module tries, from outside: real HTTP at a real Envoy, and where people are concerned the real
//! service. `tests/THREATS.md` says which test stands for which threat.

mod binding;
mod headers;
mod people;
mod readings;
mod reuse;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use anyhow::Result;
use countersign_tests::setting::{Setting, policy};

/// The filter holding for one second: for requests that nobody decides while they are held.
fn hasty() -> Result<Arc<Setting>> {
    static HASTY: Mutex<Weak<Setting>> = Mutex::new(Weak::new());
    let mut slot = HASTY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(setting) = slot.upgrade() {
        return Ok(setting);
    }
    let setting = Arc::new(Setting::start(&policy("3s"), |config| config.workers(2).connect())?);
    *slot = Arc::downgrade(&setting);
    Ok(setting)
}
