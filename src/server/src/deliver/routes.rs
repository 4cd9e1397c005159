//! Which channels are told of a task, and when.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use countersign_wire::submission::Submission;

use super::{
    Apps, Channel, ChannelAt, RouteAt,
    hours::{Hours, Working},
};
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

/// A route that was checked.
#[derive(Debug)]
struct Route {
    at: RouteAt,
    hours: Option<Hours>,
}

/// Who is told of one task.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// At once.
    pub(super) now: Vec<String>,
    /// So many milliseconds after the request, where nobody has decided.
    pub(super) later: Vec<(i64, String)>,
    /// Who is told at once is told again so many milliseconds before it runs out.
    pub(super) remind: Option<i64>,
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
        notify: Vec<RouteAt>,
        apps: &Apps,
    ) -> Result<Self, StartError> {
        let mut channels = BTreeMap::new();
        for (name, at) in typed {
            let channel = Channel::compile(&name, at, apps)
                .map_err(|why| StartError(format!("channel `{name}`: {why}")))?;
            channels.insert(name, channel);
        }
        let mut routes = Vec::new();
        for (place, at) in (1..).zip(notify) {
            let route = Route::compile(at, &channels)
                .map_err(|why| StartError(format!("`notify`, route {place}: {why}")))?;
            routes.push(route);
        }
        Ok(Self { channels: Arc::new(channels), notify: Arc::new(routes), clock: Arc::new(System) })
    }

    /// The same by another clock.
    pub(crate) fn at(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The channels by name.
    pub(crate) fn channels(&self) -> Arc<BTreeMap<String, Channel>> {
        self.channels.clone()
    }

    /// Whether anything is ever told to this channel.
    pub(crate) fn names(&self, channel: &str) -> bool {
        let later = |at: &RouteAt| {
            at.escalate.iter().any(|escalate| escalate.channels.iter().any(|name| name == channel))
        };
        self.notify.is_empty()
            || self.notify.iter().any(|route| {
                route.at.channels.iter().chain(&route.at.outside).any(|name| name == channel)
                    || later(&route.at)
            })
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Whether nobody is ever told.
    pub(crate) fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// What the first route that fits says; every channel at once where there are no routes at all.
    pub(super) fn plan(&self, submission: &Submission, now: i64) -> Plan {
        if self.notify.is_empty() {
            return Plan { now: self.channels.keys().cloned().collect(), ..Plan::default() };
        }
        let route = self.notify.iter().find(|route| route.fits(submission));
        route.map(|route| route.plan(now)).unwrap_or_default()
    }
}

impl Route {
    fn compile(at: RouteAt, channels: &BTreeMap<String, Channel>) -> Result<Self, String> {
        if at.channels.is_empty() {
            return Err("`channels` is empty".to_owned());
        }
        let later = at.escalate.iter().flat_map(|escalate| &escalate.channels);
        let mut named = at.channels.iter().chain(&at.outside).chain(later);
        if let Some(stranger) = named.find(|name| !channels.contains_key(*name)) {
            return Err(format!("no channel is called `{stranger}`"));
        }
        if at.escalate.iter().any(|escalate| escalate.channels.is_empty()) {
            return Err("an `escalate` without channels tells nobody".to_owned());
        }
        let hours =
            at.hours.as_ref().map(Hours::compile).transpose().map_err(|why| format!("`hours`: {why}"))?;
        if hours.is_some() && at.outside.is_empty() {
            return Err(
                "`hours` without `outside` tells nobody at night; name the channels for it".to_owned()
            );
        }
        if hours.is_none() && !at.outside.is_empty() {
            return Err("`outside` without `hours` is never used; say when".to_owned());
        }
        Ok(Self { at, hours })
    }

    /// Whether a task is told by this route.
    fn fits(&self, submission: &Submission) -> bool {
        let v1 = &submission.context.v1;
        let one_of = |list: &Option<BTreeSet<String>>, name: &str| {
            list.as_ref().is_none_or(|list| list.contains(name))
        };
        let asks = |list: &BTreeSet<String>| v1.quorum.groups.iter().any(|group| list.contains(group));
        one_of(&self.at.policy, &v1.policy.id)
            && one_of(&self.at.rule, &v1.policy.rule)
            && one_of(&self.at.class, &submission.action.name)
            && self.at.group.as_ref().is_none_or(asks)
    }

    fn plan(&self, now: i64) -> Plan {
        let at = &self.at;
        let told = match self.hours.as_ref().map_or(Working::Yes, |hours| hours.at(now)) {
            Working::Yes => &at.channels,
            Working::No => &at.outside,
        };
        let millis =
            |span: &crate::config::document::Span| i64::try_from(span.0.as_millis()).unwrap_or(i64::MAX);
        let later = at.escalate.iter().flat_map(|escalate| {
            let after = millis(&escalate.after);
            escalate
                .channels
                .iter()
                .filter(|name| !told.contains(name))
                .map(move |name| (after, name.clone()))
        });
        Plan { now: told.clone(), later: later.collect(), remind: at.remind.as_ref().map(millis) }
    }
}
