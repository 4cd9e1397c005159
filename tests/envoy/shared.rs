//! Two Envoys for all tests that need nothing special; each test has host names of its own.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::Request;
use countersign_tests::backend::State;
use countersign_tests::setting::{Setting, policy};
use countersign_tests::within;

/// How long a test watches that nothing happens.
pub(crate) const A_WHILE: Duration = Duration::from_millis(400);

/// The filter on two workers, holding for 20 seconds: for tests in which somebody decides.
pub(crate) fn shared() -> Result<Arc<Setting>> {
    static SHARED: Slot = Mutex::new(Weak::new());
    get(&SHARED, "20s")
}

/// The same holding for 4 seconds: for tests in which nobody does.
pub(crate) fn brief() -> Result<Arc<Setting>> {
    static BRIEF: Slot = Mutex::new(Weak::new());
    get(&BRIEF, "4s")
}

type Slot = Mutex<Weak<Setting>>;

/// What the slot holds, or a new setting while nobody uses one.
fn get(slot: &Slot, hold: &str) -> Result<Arc<Setting>> {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(setting) = slot.upgrade() {
        return Ok(setting);
    }
    let setting = Arc::new(Setting::start(&policy(hold), |config| config.workers(2).connect())?);
    *slot = Arc::downgrade(&setting);
    Ok(setting)
}

/// An export that must be held, at a host of its own.
pub(crate) fn export(host: &str) -> Request {
    Request::post(host, "/v2/import?mode=full", "{\"dataset\":\"prod.public.customers\",\"rows\":48210}")
}

/// Sends a request to `host` that a reviewer approves, and checks that it arrives, once and whole: what went wrong before
/// has left nothing behind.
pub(crate) fn works(setting: &Setting, host: &str) -> Result<()> {
    let request = export(host);
    let before = setting.upstream.count(host);
    let held = setting.agent().http1(&request)?;
    let undecided =
        || setting.backend.about(host).into_iter().find(|task| matches!(task.state, State::Pending));
    let task = within(Duration::from_secs(15), "a task that is pending", undecided)?;
    setting.backend.approve(&task)?;
    let answer = held.answer()?;
    ensure!(answer.status == 200, "after an approval: {} {}", answer.status, answer.text());
    let arrived = setting.upstream.about(host);
    ensure!(arrived.len() == before + 1, "{} requests arrived, {before} before", arrived.len());
    let body = arrived.last().map(|received| received.body.clone()).unwrap_or_default();
    ensure!(body == request.body, "another body arrived: {}", String::from_utf8_lossy(&body));
    Ok(())
}

/// Why the filter put on record that something about this task did not verify, waiting for it.
pub(crate) fn failed(setting: &Setting, tid: &str) -> Result<String> {
    within(Duration::from_secs(10), "a record `verify.failed`", || {
        let records = setting.envoy.records();
        let about =
            records.iter().find(|record| record["event"] == "verify.failed" && record["tid"] == tid)?;
        about["reason_code"].as_str().map(str::to_owned)
    })
    .with_context(|| format!("of the task `{tid}`"))
}
