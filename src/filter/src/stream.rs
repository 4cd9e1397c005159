//! One HTTP stream: its callbacks as events, and the one gate.

use crate::{
    effects::{self, Active},
    host::{self, Buffer, Map},
    shared::{Entry, HostFacts, Shared, answer},
};
use countersign_core::{
    ask::Surroundings,
    call::HeaderMap,
    session::{Effect, End, Event, Flow, Session, Wants},
};
use proxy_wasm::{
    traits::{Context, HttpContext},
    types::Action,
};
use std::rc::Rc;

/// One stream.
pub(crate) struct Stream {
    id: u32,
    /// `None` where the root has no configuration; then nothing passes.
    shared: Option<Rc<Shared>>,
    local: Local,
}

/// What the shell knows without asking the core.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Local {
    /// Not judged yet.
    New,
    /// The core let it pass and wants nothing more of it.
    Passed,
    /// The core follows it.
    Tracked,
}

impl Stream {
    pub(crate) fn new(id: u32, shared: Option<Rc<Shared>>) -> Self {
        Self { id, shared, local: Local::New }
    }

    /// Whether the stream may go on: the one answer for head, body and trailers.
    fn gate(&self) -> Action {
        let flow = match (self.local, &self.shared) {
            (Local::Passed, _) => Flow::Pass,
            (Local::New, _) | (Local::Tracked, None) => Flow::Hold,
            (Local::Tracked, Some(shared)) => {
                shared.sessions.borrow().get(&self.id).map_or(Flow::Hold, |entry| entry.session.flow())
            }
        };
        match flow {
            Flow::Pass => Action::Continue,
            Flow::Hold => Action::Pause,
        }
    }

    fn wants(&self) -> Option<(&Rc<Shared>, Wants)> {
        let shared = self.shared.as_ref().filter(|_| self.local == Local::Tracked)?;
        let wants = shared.sessions.borrow().get(&self.id)?.session.wants();
        Some((shared, wants))
    }

    fn begin(&mut self, shared: &Rc<Shared>, end: End) {
        let mut session = Session::new(self.id);
        let now = shared.recently();
        let headers = host::header_pairs(Map::Request).ok().and_then(|bytes| HeaderMap::from_abi(bytes).ok());
        let effects = {
            let mut worker = shared.worker.borrow_mut();
            match headers {
                Some(headers) => {
                    let event = Event::Head(headers, Surroundings::default(), end);
                    let facts =
                        HostFacts { active: Active::Stream(self.id), root: shared.root, stream: self.id };
                    session.handle(&mut worker, &facts, now, event)
                }
                None => session.garbled(&mut worker, now),
            }
        };
        // What the host may refuse to do is followed up.
        let changes =
            effects.iter().any(|effect| matches!(effect, Effect::Header(..) | Effect::ReplaceBody(..)));
        self.local = match (session.wants(), session.flow()) {
            (Wants::Nothing, Flow::Pass) if !changes => {
                shared.passed.set(shared.passed.get().saturating_add(1));
                Local::Passed
            }
            (
                Wants::Nothing
                | Wants::Head
                | Wants::Body
                | Wants::Answers
                | Wants::Response
                | Wants::WholeResponse,
                _,
            ) => {
                shared.sessions.borrow_mut().insert(self.id, Entry { session, pending: None });
                Local::Tracked
            }
        };
        effects::perform(shared, self.id, Active::Stream(self.id), effects);
    }

    /// Whether the answer may go on: the one answer for its head, body and trailers.
    fn response_gate(&self) -> Action {
        let flow = match (self.local, &self.shared) {
            (Local::Tracked, Some(shared)) => shared
                .sessions
                .borrow()
                .get(&self.id)
                .map_or(Flow::Pass, |entry| entry.session.response_flow()),
            (Local::New | Local::Passed | Local::Tracked, _) => Flow::Pass,
        };
        match flow {
            Flow::Pass => Action::Continue,
            Flow::Hold => Action::Pause,
        }
    }

    fn answered(&self, shared: &Shared, body: &[u8]) {
        effects::handle(shared, self.id, Active::Stream(self.id), Event::ResponseEnds(body));
    }

    /// A body that the host will not hand over cannot be judged.
    fn unreadable(&self, shared: &Shared) {
        let now = shared.now();
        let effects = {
            let mut sessions = shared.sessions.borrow_mut();
            let Some(entry) = sessions.get_mut(&self.id) else { return };
            entry.session.garbled(&mut shared.worker.borrow_mut(), now)
        };
        effects::perform(shared, self.id, Active::Stream(self.id), effects);
    }
}

impl Context for Stream {
    fn on_http_call_response(
        &mut self,
        token: u32,
        num_headers: usize,
        body_size: usize,
        _num_trailers: usize,
    ) {
        if let Some(shared) = &self.shared {
            effects::answered_in_stream(shared, self.id, token, answer(num_headers, body_size));
        }
    }
}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _num_headers: usize, end_of_stream: bool) -> Action {
        let end = if end_of_stream { End::Yes } else { End::No };
        match (self.local, self.shared.clone()) {
            (Local::New, Some(shared)) => self.begin(&shared, end),
            (Local::New | Local::Passed | Local::Tracked, _) => {}
        }
        self.gate()
    }

    fn on_http_request_body(&mut self, body_size: usize, end_of_stream: bool) -> Action {
        if let Some((shared, Wants::Body)) = self.wants() {
            let event_size = Event::BodyGrows(body_size);
            if end_of_stream {
                // While the stream is paused the buffer holds the whole body, and `body_size` is its size.
                match host::buffer(Buffer::RequestBody, body_size) {
                    Ok(body) if body.len() == body_size => {
                        effects::handle(shared, self.id, Active::Stream(self.id), Event::BodyEnds(&body));
                    }
                    Ok(_) | Err(host::Refused) => self.unreadable(shared),
                }
            } else {
                effects::handle(shared, self.id, Active::Stream(self.id), event_size);
            }
        }
        self.gate()
    }

    fn on_http_request_trailers(&mut self, num_trailers: usize) -> Action {
        if let Some((shared, Wants::Body)) = self.wants() {
            // A request without a body has no buffer to hand over.
            let body = host::buffer(Buffer::RequestBody, host::ALL).unwrap_or_default();
            effects::handle(shared, self.id, Active::Stream(self.id), Event::Trailers(num_trailers, &body));
        }
        self.gate()
    }

    fn on_http_response_headers(&mut self, _num_headers: usize, end_of_stream: bool) -> Action {
        if let Some((shared, Wants::Response)) = self.wants() {
            let headers = host::header_pairs(Map::Response).ok().and_then(|b| HeaderMap::from_abi(b).ok());
            let end = if end_of_stream { End::Yes } else { End::No };
            let event = Event::ResponseHead(headers, end);
            effects::handle(shared, self.id, Active::Stream(self.id), event);
        }
        self.response_gate()
    }

    fn on_http_response_body(&mut self, body_size: usize, end_of_stream: bool) -> Action {
        match self.wants() {
            // While pieces wait, each call shows all that waits.
            Some((shared, Wants::Response)) if body_size > 0 => {
                let piece = host::buffer(Buffer::ResponseBody, body_size);
                let event = match &piece {
                    Ok(piece) if piece.len() != body_size => Event::Undone,
                    Ok(piece) if end_of_stream => Event::ResponseRest(piece),
                    Ok(piece) => Event::ResponseBody(piece),
                    Err(host::Refused) => Event::Undone,
                };
                effects::handle(shared, self.id, Active::Stream(self.id), event);
            }
            // While the response is paused `body_size` is that of all that is buffered.
            Some((shared, Wants::WholeResponse)) if end_of_stream => {
                match host::buffer(Buffer::ResponseBody, body_size) {
                    Ok(body) if body.len() == body_size => self.answered(shared, &body),
                    Ok(_) | Err(host::Refused) => {
                        effects::handle(shared, self.id, Active::Stream(self.id), Event::Undone);
                    }
                }
            }
            Some((shared, Wants::WholeResponse)) => {
                effects::handle(shared, self.id, Active::Stream(self.id), Event::ResponseGrows(body_size));
            }
            Some((_, Wants::Response | Wants::Nothing | Wants::Head | Wants::Body | Wants::Answers))
            | None => {}
        }
        self.response_gate()
    }

    fn on_http_response_trailers(&mut self, _num_trailers: usize) -> Action {
        // An answer of trailers only has no buffer to hand over.
        let waits = || host::buffer(Buffer::ResponseBody, host::ALL).unwrap_or_default();
        match (self.wants(), self.response_gate()) {
            (Some((shared, Wants::WholeResponse)), _) => self.answered(shared, &waits()),
            (Some((shared, Wants::Response)), Action::Pause) => {
                let event = &waits();
                effects::handle(shared, self.id, Active::Stream(self.id), Event::ResponseRest(event));
            }
            (
                Some((_, Wants::Response | Wants::Nothing | Wants::Head | Wants::Body | Wants::Answers))
                | None,
                _,
            ) => {}
        }
        if let Some((shared, Wants::Response)) = self.wants() {
            let pairs = host::header_pairs(Map::ResponseTrailers);
            let trailers = pairs.ok().and_then(|bytes| HeaderMap::from_abi(bytes).ok());
            effects::handle(shared, self.id, Active::Stream(self.id), Event::ResponseTrailers(trailers));
        }
        self.response_gate()
    }

    fn on_log(&mut self) {
        if self.local != Local::Tracked {
            return;
        }
        if let Some(shared) = &self.shared {
            effects::handle(shared, self.id, Active::Stream(self.id), Event::Gone);
            shared.sessions.borrow_mut().remove(&self.id);
        }
    }
}
