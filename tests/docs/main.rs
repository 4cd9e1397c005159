//! The documentation is run: its commands, its policies, its configuration, the files it names, the answers it shows. What a
//! page says and the program does not is an error of either.

#![expect(clippy::indexing_slicing, reason = "JSON is read by name, which gives null where there is nothing")]

mod answers;
mod commands;
mod configuration;
mod files;
mod openapi;
mod page;
mod policies;
mod script;
mod statistics;
mod threats;
