//! The session against its promises: one behaviour each, and the walk over every state and event.

mod anonymised;
mod changed;
mod limits;
mod promises;
mod secrets;
mod stage;
mod walk;
mod work;
