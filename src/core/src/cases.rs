//! One way to write a test that runs natively and, compiled to wasm32-unknown-unknown, under Node.

/// Declares a test for both.
macro_rules! test {
    ($(#[$attribute:meta])* fn $name:ident() $body:block) => {
        $(#[$attribute])*
        #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
        #[cfg_attr(not(target_arch = "wasm32"), core::prelude::v1::test)]
        fn $name() $body
    };
}
pub(crate) use test;
