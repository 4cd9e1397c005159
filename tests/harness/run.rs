//! The one runtime behind the parts, and how a test waits for what happens in them.

use std::future::Future;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// Open files.
const ENOUGH: u64 = 20_000;

static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();

fn runtime() -> Result<&'static Runtime> {
    RUNTIME
        .get_or_init(|| {
            raise_limit();
            Builder::new_multi_thread().worker_threads(2).enable_all().build().ok()
        })
        .as_ref()
        .context("this machine gives us no threads")
}

/// A thousand held requests need more open files than most machines allow unasked. Whoever we start inherits it.
fn raise_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum.map_or(Some(ENOUGH), |maximum| Some(maximum.min(ENOUGH)));
    setrlimit(Resource::Nofile, limit).ok();
}

/// Runs a future to its end. Not to be called from within another.
///
/// # Errors
/// When there is no runtime, or the future fails.
pub fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    runtime()?.block_on(future)
}

/// Starts a future that goes on by itself.
///
/// # Errors
/// When there is no runtime.
pub fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Result<JoinHandle<T>> {
    Ok(runtime()?.spawn(future))
}

/// Waits until `look` finds something.
///
/// # Errors
/// When it has found nothing after `patience`; `what` then says what was missed.
pub fn within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if start.elapsed() > patience {
            bail!("waited {patience:?} in vain for {what}");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Waits, ten seconds at most, until `holds`.
///
/// # Errors
/// When it does not hold by then.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) -> Result<()> {
    within(Duration::from_secs(10), what, || holds().then_some(()))
}
