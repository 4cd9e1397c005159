//! The commands of a reviewer, run as a person runs them.

#[cfg(test)]
mod commands;
#[cfg(test)]
mod login;
