//! The plugin configuration and the policy in it, as any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| countersign_fuzz::configuration::run(input));
