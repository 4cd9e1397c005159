//! What is said of a fault of our own.
//!
//! A panic's message may quote what was being worked on: the standard library quotes the text that it would not cut, and an
//! error that nobody expected is printed whole. The proxy writes what a module prints to its log. So the filter says where it
//! broke and never why, and the line is all that a core dump's message holds.

use std::panic::{Location, PanicHookInfo};

/// What goes to the log in place of a panic's message.
pub fn sentence(panic: &PanicHookInfo<'_>) -> String {
    place(panic.location())
}

fn place(location: Option<&Location<'_>>) -> String {
    let (file, line) = location.map_or(("an unknown place", 0), |place| (place.file(), place.line()));
    format!("countersign: a fault of the filter's own at {file}:{line}; what this worker held is refused")
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(not(target_arch = "wasm32"))]
    use std::panic;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_place_is_all_that_is_said() {
        let said = place(Some(Location::caller()));
        assert!(said.contains("fault.rs:") && place(None).contains("an unknown place"), "{said}");
    }

    // Where a panic ends the program there is nothing to look at afterwards.
    #[cfg(not(target_arch = "wasm32"))]
    #[test]
    fn a_panic_says_nothing_of_what_it_was_about() {
        use std::sync::{Arc, Mutex};

        const CANARY: &str = "hunter2-canary-9Kd4é";
        let said = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&said);
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            kept.lock().unwrap().push((sentence(panic), panic.to_string()));
        }));
        let cut = CANARY.len() - 1;
        let quoting: [fn(usize); 3] = [
            |_| panic!("{CANARY}"),
            |cut| assert!(CANARY.split_at(cut).0.is_empty()),
            |_| assert_eq!(Err::<(), _>(CANARY), Ok(())),
        ];
        let ended = quoting.map(|quote| panic::catch_unwind(|| quote(cut)));
        panic::set_hook(before);
        assert!(ended.iter().all(Result::is_err));
        let said = said.lock().unwrap();
        let ours: Vec<_> = said.iter().filter(|(_, whole)| whole.contains(CANARY)).collect();
        assert_eq!(ours.len(), 3, "each of these quotes what it was about: {said:?}");
        assert!(said.iter().all(|(line, _)| !line.contains(CANARY)), "{said:?}");
    }
}
