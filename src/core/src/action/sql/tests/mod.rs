mod requests;
mod texts;

use super::{effect::looks_like, *};
use crate::{action::Decoders, call::sample::call};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const JSON: (&str, &str) = ("content-type", "application/json");
const TEXT: (&str, &str) = ("content-type", "text/plain");

#[test]
fn a_long_or_deep_text_is_read_in_time_that_grows_with_it() {
    for unit in [
        "(",
        "SELECT ",
        "'",
        "/*",
        "a.",
        ";",
        "$a",
        "[",
        "\\'",
        "WITH x AS (",
        "EXECUTE '",
        "q'",
        "BEGIN ",
        "EXPLAIN ANALYZE ",
        "{{",
        "-- \r",
        "\"\"\"",
    ] {
        let text = unit.repeat(200 * 1024 / unit.len());
        let _ = (effect::of(&text), looks_like(&text), steps::of(&text));
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod any {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_text_is_too_odd_to_read(text in "(?s).{0,200}") {
            let _ = (effect::of(&text), steps::of(&text), looks_like(&text));
        }

        #[test]
        fn a_write_stays_one_behind_any_comment(comment in "[a-z '\"\\\\`$#\\[]{0,20}") {
            prop_assert_ne!(effect::of(&format!("/*{comment}*/ DELETE FROM t")).class, Class::ReadOnly);
            prop_assert_ne!(effect::of(&format!("SELECT 1; -- {comment}\nDELETE FROM t")).class, Class::ReadOnly);
        }

        #[test]
        fn no_body_is_too_odd_to_read(body in "[\\[\\]{}\":,a-zA-Z'; ]{0,120}", path in "/[a-z_/]{0,12}(sql|query|statement)?") {
            let _ = Decoders::default().decode(&call("POST", "h.example", &path, &[JSON]), Body::Read(body.as_bytes()));
        }
    }
}
