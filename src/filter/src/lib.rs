//! The proxy-wasm shell of countersign: callbacks become events, effects become host calls. It decides nothing.
//!
//! What passes and what is held is said by [`countersign_core::session::Session::flow`] alone, in one place for head, body
//! and trailers ([`stream::Stream::gate`]); whatever the shell cannot bring to the core (a head or body that the host will
//! not hand over, an answer that was lost) it brings as just that.
//!
//! Nothing here may panic: a panic kills the VM of the worker and orphans every call it holds (`envoy.md` 5). So no host call
//! goes through the SDK's wrappers, which panic on statuses they do not expect, but through [`host`], where each returns a
//! `Result`. The one exception is the SDK's `dispatch_http_call`, which its dispatcher must see; it panics only for statuses
//! that the host does not return for it (see [`host::dispatch`]).

// On other targets this is an empty library, so that the workspace can be checked as a whole.
#![cfg(target_arch = "wasm32")]
#![cfg_attr(
    target_arch = "wasm32",
    expect(missing_docs, reason = "the SDK's macro makes an undocumented entry point")
)]

mod effects;
mod host;
mod metrics;
mod root;
mod shared;
mod stream;

proxy_wasm::main! {{
    // What a panic would say may quote the request; see `countersign_core::fault`.
    std::panic::set_hook(Box::new(|panic| host::log(host::Level::Error, &countersign_core::fault::sentence(panic))));
    proxy_wasm::set_root_context(|id| Box::new(root::Root::new(id)));
}}
