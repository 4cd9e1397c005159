//! One Envoy for all tests that need nothing special; each test has host names of its own.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use anyhow::Result;
use countersign_tests::setting::{Setting, policy};

/// How long a test watches that nothing happens.
pub(crate) const A_WHILE: Duration = Duration::from_millis(400);

/// The parts that tests share: the filter on two workers, holding for 20 seconds, with CONNECT allowed.
pub(crate) fn shared() -> Result<Arc<Setting>> {
    static SHARED: Mutex<Weak<Setting>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(setting) = shared.upgrade() {
        return Ok(setting);
    }
    let setting = Arc::new(Setting::start(&policy("20s"), |config| config.workers(2).connect())?);
    *shared = Arc::downgrade(&setting);
    Ok(setting)
}
