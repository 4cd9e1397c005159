//! Microsoft Teams against the real service: stand-ins for the login, the Bot Connector and its keys on loopback answer as
//! Microsoft's pages say; cards are read by Microsoft's own library.

mod cards;
mod cloud;
mod flow;
mod forged;
mod workflow;
