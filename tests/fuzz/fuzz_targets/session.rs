//! Sessions: any events in any order, with an approval service that has the real keys and may lie.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| countersign_fuzz::session::run(input));
