//! Microsoft Teams: a Workflows webhook that tells ([`workflow`]), and a single-tenant bot that takes decisions ([`inbound`],
//! [`act`]) and keeps its cards up to date ([`outbound`]).
//!
//! Promises: nobody but the Bot Connector moves anything, and only for a person of an allowed tenant who linked their account;
//! a decision goes through [`crate::service::Service::decide`] like any other; agents' text is inert in a card ([`card`]); no
//! secret is in a card, a log or a sentence. What to click is in `TEAMS.md`.

mod act;
mod activity;
mod bot;
mod card;
pub(crate) mod config;
mod deliver;
pub(crate) mod doctor;
mod inbound;
mod keys;
mod outbound;
mod rows;
mod text;
mod token;
mod workflow;

pub(crate) use bot::Bot;
pub(crate) use config::Conversation;
pub(crate) use inbound::router;
pub(crate) use workflow::Workflow;

use crate::service::Service;

/// The page of a request in the inbox.
fn link(service: &Service, id: &str) -> String {
    format!("{}/r/{id}", service.config().issuer())
}
