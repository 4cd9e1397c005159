//! Which channels are told of a task.

use std::{collections::BTreeMap, sync::Arc};

use countersign_wire::submission::Submission;

use super::{Channel, ChannelAt, Route};
use crate::{
    clock::{Clock, System},
    service::StartError,
};

/// The channels, and who is told by which.
#[derive(Clone)]
pub(crate) struct Routes {
    channels: Arc<BTreeMap<String, Channel>>,
    notify: Arc<Vec<Route>>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Routes({:?}, {:?})", self.channels.keys(), self.notify)
    }
}

impl Default for Routes {
    fn default() -> Self {
        Self { channels: Arc::default(), notify: Arc::default(), clock: Arc::new(System) }
    }
}

impl Routes {
    /// Checks what was typed.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) fn compile(
        typed: BTreeMap<String, ChannelAt>,
        notify: Vec<Route>,
    ) -> Result<Self, StartError> {
        let mut channels = BTreeMap::new();
        for (name, at) in typed {
            let channel =
                Channel::compile(&name, at).map_err(|why| StartError(format!("channel `{name}`: {why}")))?;
            channels.insert(name, channel);
        }
        for (place, route) in (1..).zip(&notify) {
            if route.channels.is_empty() {
                return Err(StartError(format!("`notify`, route {place}: `channels` is empty")));
            }
            if let Some(stranger) = route.channels.iter().find(|name| !channels.contains_key(*name)) {
                return Err(StartError(format!(
                    "`notify`, route {place}: no channel is called `{stranger}`"
                )));
            }
        }
        Ok(Self { channels: Arc::new(channels), notify: Arc::new(notify), clock: Arc::new(System) })
    }

    /// The same by another clock.
    pub(crate) fn at(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The channels by name.
    pub(crate) fn channels(&self) -> Arc<BTreeMap<String, Channel>> {
        self.channels.clone()
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Whether nobody is ever told.
    pub(crate) fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// The channels of the first route that fits; every channel where there are no routes at all.
    pub(super) fn channels_of(&self, submission: &Submission) -> Vec<&str> {
        if self.notify.is_empty() {
            return self.channels.keys().map(String::as_str).collect();
        }
        let route = self.notify.iter().find(|route| route.fits(submission));
        route.map(|route| route.channels.iter().map(String::as_str).collect()).unwrap_or_default()
    }
}
