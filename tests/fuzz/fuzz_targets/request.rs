//! Any request: the index, and whichever decoder it picks.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| countersign_fuzz::request(input));
