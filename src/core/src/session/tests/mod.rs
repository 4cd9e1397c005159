//! The session against its promises: one behaviour each, and the walk over every state and event.

mod anonymised;
mod promises;
mod secrets;
mod stage;
mod walk;
