//! The least a useful filter can do: read the header map once, as bytes, and continue.
//!
//! `cargo xtask bench` measures countersign against it. It decides nothing.

use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, MapType};

mod entry {
    use proxy_wasm::types::LogLevel;

    use super::Root;

    proxy_wasm::main! {{
        proxy_wasm::set_log_level(LogLevel::Warn);
        proxy_wasm::set_root_context(|_| Box::new(Root));
    }}
}

struct Root;

impl Context for Root {}

impl RootContext for Root {
    fn create_http_context(&self, _: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

struct Stream;

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        match hostcalls::get_map_bytes(MapType::HttpRequestHeaders) {
            Ok(_) | Err(_) => Action::Continue,
        }
    }
}
