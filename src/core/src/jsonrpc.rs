//! The form of a JSON-RPC or MCP body that is bound: canonical, without the members that change from retry to retry.
//!
//! Volatile are the request's `id`, MCP's `requestState`, `inputResponses` and `_meta.progressToken` (protocol 1.4).
//! Everything else is bound, whatever it is. A body that two readers may read differently has no such form.

use countersign_wire::json::{JsonFault, Limits, jcs, strict};
use serde_json::Value;

const LIMITS: Limits = Limits { size: 64 * 1024 * 1024, depth: 64 };

/// The canonical bytes that are bound.
///
/// # Errors
/// [`JsonFault`] where the body is no unambiguous JSON.
pub fn stable_form(body: &[u8]) -> Result<Vec<u8>, JsonFault> {
    let mut value = strict(body, &LIMITS)?;
    match &mut value {
        Value::Array(members) => members.iter_mut().for_each(drop_volatile),
        single => drop_volatile(single),
    }
    Ok(jcs(&value))
}

fn drop_volatile(message: &mut Value) {
    let Some(message) = message.as_object_mut() else { return };
    message.remove("id");
    let Some(params) = message.get_mut("params").and_then(Value::as_object_mut) else { return };
    params.remove("requestState");
    params.remove("inputResponses");
    let Some(meta) = params.get_mut("_meta").and_then(Value::as_object_mut) else { return };
    meta.remove("progressToken");
    if meta.is_empty() {
        params.remove("_meta");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn form(body: &str) -> Result<String, JsonFault> {
        stable_form(body.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn a_retry_with_a_new_id_and_state_is_the_same_call() {
        let first =
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"a":1}}}"#;
        let again = r#"{"id":"two","params":{"arguments":{"a":1.0},"name":"x","requestState":"s",
            "_meta":{"progressToken":9}},"method":"tools/call","jsonrpc":"2.0"}"#;
        assert_eq!(form(first), form(again));
    }

    #[test]
    fn an_argument_is_never_volatile() {
        let with = |id: &str| format!(r#"{{"method":"m","params":{{"arguments":{{"id":{id}}}}}}}"#);
        assert_ne!(form(&with("1")), form(&with("2")));
        assert_ne!(form(r#"[{"method":"m"}]"#), form(r#"{"method":"m"}"#));
    }

    #[test]
    fn what_two_readers_may_read_differently_has_no_form() {
        assert_eq!(form(r#"{"params":{"a":1,"a":2}}"#), Err(JsonFault::Duplicate));
        assert_eq!(form(r#"{"params":{"a":9007199254740993}}"#), Err(JsonFault::Inexact));
        assert_eq!(form(r#"{"params":{"a":"\ud800"}}"#), Err(JsonFault::Malformed));
    }
}
