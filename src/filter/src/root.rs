//! The root context: configuration, time, the shipping of records, and waking calls that the watch names.

use crate::{
    effects::{self, Active},
    host::{self, Buffer, Level},
    shared::{Callee, Shared, answer},
    stream::Stream,
};
use countersign_core::{config::Config, session::Event};
use proxy_wasm::{
    traits::{Context, HttpContext, RootContext},
    types::ContextType,
};
use std::rc::Rc;

/// Short, because deadlines and the watch run on it; it costs nothing to speak of while nothing is held.
const TICK_MS: u32 = 100;
/// Local replies in one callback pile up in the host's stack and kill the VM at some 300 (`envoy.md` 2).
const MOST_AT_ONCE: usize = 50;

/// The root of one plugin configuration.
pub(crate) struct Root {
    id: u32,
    shared: Option<Rc<Shared>>,
}

impl Root {
    pub(crate) fn new(id: u32) -> Self {
        Self { id, shared: None }
    }

    fn configure(&mut self, size: usize) -> Result<(), String> {
        let refused = |what: &str| format!("the proxy did not give {what}");
        let bytes =
            host::buffer(Buffer::PluginConfiguration, size).map_err(|_| refused("the configuration"))?;
        let config =
            Config::load(&bytes, &|name| std::env::var(name).ok()).map_err(|error| error.to_string())?;
        let seed = host::random().map_err(|_| refused("randomness"))?;
        host::tick_every(TICK_MS).map_err(|_| refused("a timer"))?;
        self.shared = Some(Rc::new(Shared::new(self.id, config, seed)));
        Ok(())
    }
}

impl Context for Root {
    fn on_http_call_response(
        &mut self,
        token: u32,
        num_headers: usize,
        body_size: usize,
        _num_trailers: usize,
    ) {
        let Some(shared) = &self.shared else { return };
        let callee = shared.calls.borrow_mut().remove(&token);
        let answer = answer(num_headers, body_size);
        let now = shared.now();
        match callee {
            Some(Callee::Session(stream, serial)) => {
                effects::deliver(shared, stream, Active::Root, serial, answer);
            }
            Some(Callee::Records) => shared.worker.borrow_mut().shipped(now, &answer),
            Some(Callee::Watch) => shared.worker.borrow_mut().watch.answered(now, &answer),
            Some(Callee::Withdrawal) => {
                let cancel = shared.worker.borrow_mut().withdrawn(now, &answer);
                if let Some(cancel) = cancel
                    && effects::send(shared, Active::Root, &cancel, Callee::Nobody).is_err()
                {
                    host::log(
                        Level::Error,
                        "countersign: the task of an agent that left could not be withdrawn",
                    );
                }
            }
            Some(Callee::Nobody) | None => {}
        }
    }

    fn on_done(&mut self) -> bool {
        if let Some(shared) = &self.shared {
            let now = shared.now();
            let printed = {
                let mut worker = shared.worker.borrow_mut();
                let worker = &mut *worker;
                worker.journal.close(now, &mut worker.entropy);
                worker.journal.take_printed()
            };
            for line in &printed {
                host::log(Level::Info, line);
            }
        }
        true
    }
}

impl RootContext for Root {
    fn on_configure(&mut self, size: usize) -> bool {
        match self.configure(size) {
            Ok(()) => true,
            Err(sentence) => {
                host::log(Level::Error, &format!("countersign: {sentence}"));
                false
            }
        }
    }

    fn on_tick(&mut self) {
        let Some(shared) = self.shared.clone() else { return };
        let now = shared.now();
        let (batch, watch, printed, woken) = {
            let mut worker = shared.worker.borrow_mut();
            let (batch, watch) = (worker.ship(now), worker.watch(now));
            let woken: Vec<u32> =
                std::iter::from_fn(|| worker.watch.next_ready()).take(MOST_AT_ONCE).collect();
            (batch, watch, worker.journal.take_printed(), woken)
        };
        for line in &printed {
            host::log(Level::Info, line);
        }
        for (dispatch, callee) in [(batch, Callee::Records), (watch, Callee::Watch)] {
            let Some(dispatch) = dispatch else { continue };
            if effects::send(&shared, Active::Root, &dispatch, callee).is_err() {
                let lost = countersign_core::service::Answer::Lost;
                let mut worker = shared.worker.borrow_mut();
                match callee {
                    Callee::Records => worker.shipped(now, &lost),
                    Callee::Watch => worker.watch.answered(now, &lost),
                    Callee::Session(..) | Callee::Withdrawal | Callee::Nobody => {}
                }
            }
        }
        for dispatch in shared.later.take() {
            if effects::send(&shared, Active::Root, &dispatch, Callee::Withdrawal).is_err() {
                host::log(Level::Error, "countersign: the task of an agent that left could not be found");
            }
        }
        let left = MOST_AT_ONCE.saturating_sub(woken.len());
        for stream in woken {
            effects::handle(&shared, stream, Active::Root, Event::Woken);
        }
        let due: Vec<u32> = {
            let sessions = shared.sessions.borrow();
            sessions
                .iter()
                .filter(|(_, e)| e.session.is_due(now.mono_ms))
                .map(|(id, _)| *id)
                .take(left)
                .collect()
        };
        for stream in due {
            effects::handle(&shared, stream, Active::Root, Event::Tick);
        }
        shared.metrics.passed(shared.passed.replace(0));
        let waiting = shared.worker.borrow().journal.waiting();
        let before = shared.unacknowledged.replace(waiting);
        let signed = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        shared.metrics.unacknowledged(signed(waiting) - signed(before));
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream::new(id, self.shared.clone())))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}
