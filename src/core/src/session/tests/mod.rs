//! The session against its promises: one behaviour each, and the walk over every state and event.

mod promises;
mod stage;
mod walk;
