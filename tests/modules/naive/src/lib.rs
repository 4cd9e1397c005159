//! A filter that holds requests the way the SDK invites one to, and therefore leaks or falls over.
//!
//! The bypass tests run against it too, and must catch it: a test that this module passes proves nothing about countersign.
//! Its configuration is one word, the mistake to make. It asks the cluster `approvals` at `/naive` and waits for a verdict.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType};

mod entry {
    use std::rc::Rc;

    use proxy_wasm::types::LogLevel;

    use super::{Mistake, Root};

    proxy_wasm::main! {{
        proxy_wasm::set_log_level(LogLevel::Info);
        proxy_wasm::set_root_context(|_| Box::new(Root { mistake: Mistake::Body, held: Rc::default() }));
    }}
}

/// Larger bodies than this are waved through by [`Mistake::Oversized`].
const LIMIT: usize = 1 << 16;
/// How long the approval service may take.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Copy)]
enum Mistake {
    /// Holds at the headers, and leaves `on_http_request_body` as the SDK has it.
    Body,
    /// Holds headers and body, and leaves `on_http_request_trailers` as the SDK has it.
    Trailers,
    /// Lets the headers go and holds the body.
    Headers,
    /// Holds everything that fits, and lets go what does not.
    Oversized,
    /// Answers all that is held in one callback.
    Bulk,
    /// Reads the headers of an answer that has none.
    LostAnswer,
}

impl Mistake {
    fn named(name: &str) -> Option<Self> {
        match name {
            "body" => Some(Self::Body),
            "trailers" => Some(Self::Trailers),
            "headers" => Some(Self::Headers),
            "oversized" => Some(Self::Oversized),
            "bulk" => Some(Self::Bulk),
            "lost-answer" => Some(Self::LostAnswer),
            _ => None,
        }
    }
}

/// Streams held on this worker.
type Held = Rc<RefCell<Vec<u32>>>;

struct Root {
    mistake: Mistake,
    held: Held,
}

impl Context for Root {
    fn on_http_call_response(&mut self, _: u32, headers: usize, _: usize, _: usize) {
        if headers == 0 || self.get_http_call_response_header(":status").as_deref() != Some("200") {
            return;
        }
        for id in self.held.take() {
            if hostcalls::set_effective_context(id).is_ok() {
                refuse();
            }
        }
    }
}

/// Answers the current stream with 403, unless it is gone.
fn refuse() {
    hostcalls::send_http_response(403, vec![], Some(b"denied")).ok();
}

impl RootContext for Root {
    fn on_configure(&mut self, _: usize) -> bool {
        let name = self.get_plugin_configuration().and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(mistake) = name.as_deref().and_then(Mistake::named) else { return false };
        self.mistake = mistake;
        if let Mistake::Bulk = mistake {
            self.set_tick_period(Duration::from_millis(200));
        }
        true
    }

    fn on_tick(&mut self) {
        if !self.held.borrow().is_empty() {
            ask(self, "bulk");
        }
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream {
            id,
            mistake: self.mistake,
            held: Rc::clone(&self.held),
            guard: Guard::Guarded,
        }))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

/// Asks the approval service about a request to `authority`.
fn ask(context: &dyn Context, authority: &str) {
    let headers =
        vec![(":method", "GET"), (":path", "/naive"), (":authority", "naive"), ("x-about", authority)];
    if context.dispatch_http_call("approvals", headers, None, vec![], PATIENCE).is_err() {
        // Nobody will ever answer; the stream stays held.
    }
}

struct Stream {
    id: u32,
    mistake: Mistake,
    held: Held,
    guard: Guard,
}

/// Whether a request needs approval.
#[derive(Clone, Copy)]
enum Guard {
    Guarded,
    Open,
}

impl Context for Stream {
    fn on_http_call_response(&mut self, _: u32, headers: usize, _: usize, _: usize) {
        // With no headers at all this wrapper of the SDK panics, and the worker's whole VM is gone.
        if let (1.., _) | (_, Mistake::LostAnswer) = (headers, self.mistake) {
            let status = self.get_http_call_response_header(":status");
            if status.as_deref() == Some("200") {
                self.resume_http_request();
            }
        }
    }
}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _: usize, end: bool) -> Action {
        let Some(authority) = self.get_http_request_header(":authority") else { return Action::Pause };
        // The `open.` hosts are not guarded.
        if authority.starts_with("open.") {
            self.guard = Guard::Open;
            return Action::Continue;
        }
        if let Mistake::Bulk = self.mistake {
            self.held.borrow_mut().push(self.id);
        } else {
            ask(self, &authority);
        }
        match self.mistake {
            Mistake::Headers if !end => Action::Continue,
            Mistake::Headers
            | Mistake::Body
            | Mistake::Trailers
            | Mistake::Oversized
            | Mistake::Bulk
            | Mistake::LostAnswer => Action::Pause,
        }
    }

    fn on_http_request_body(&mut self, size: usize, _: bool) -> Action {
        match (self.guard, self.mistake) {
            (Guard::Open, _) | (Guard::Guarded, Mistake::Body) => Action::Continue,
            (Guard::Guarded, Mistake::Oversized) if size > LIMIT => Action::Continue,
            (
                Guard::Guarded,
                Mistake::Headers
                | Mistake::Trailers
                | Mistake::Oversized
                | Mistake::Bulk
                | Mistake::LostAnswer,
            ) => Action::Pause,
        }
    }

    fn on_http_request_trailers(&mut self, _: usize) -> Action {
        match (self.guard, self.mistake) {
            (Guard::Open, _) | (Guard::Guarded, Mistake::Body | Mistake::Trailers) => Action::Continue,
            (Guard::Guarded, Mistake::Headers | Mistake::Oversized | Mistake::Bulk | Mistake::LostAnswer) => {
                Action::Pause
            }
        }
    }
}
