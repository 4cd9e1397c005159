//! Agents: they send exactly what they are told, over HTTP/1.1, clear-text HTTP/2 or gRPC, and may leave at any moment.

mod http1;
mod http2;
mod kept;
mod raw;
mod request;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::task::JoinHandle;

use crate::message::Answer;
use crate::{block_on, spawn};

pub use kept::{Keeper, Reached};
pub use raw::Raw;
pub use request::{Framing, Request};

/// Someone who sends requests to one address.
#[derive(Clone, Copy, Debug)]
pub struct Agent {
    address: SocketAddr,
}

impl Agent {
    /// An agent whose proxy is at `address`.
    pub fn new(address: SocketAddr) -> Self {
        Self { address }
    }

    /// Sends a request over a new HTTP/1.1 connection.
    ///
    /// # Errors
    /// When there is no runtime; what goes wrong on the way comes with the answer.
    pub fn http1(&self, request: &Request) -> Result<Exchange> {
        Ok(Exchange { running: spawn(http1::exchange(self.address, request.clone()))? })
    }

    /// Sends a request over a new HTTP/2 connection.
    ///
    /// # Errors
    /// When there is no runtime; what goes wrong on the way comes with the answer.
    pub fn http2(&self, request: &Request) -> Result<Exchange> {
        Ok(Exchange { running: spawn(http2::exchange(self.address, request.clone(), http2::End::Sent))? })
    }

    /// Sends head and body over a new HTTP/2 connection and never says that this is all, as a streaming call does.
    ///
    /// # Errors
    /// When there is no runtime; what goes wrong on the way comes with the answer.
    pub fn http2_stream(&self, request: &Request) -> Result<Exchange> {
        Ok(Exchange { running: spawn(http2::exchange(self.address, request.clone(), http2::End::Never))? })
    }

    /// A bare connection, for bytes that no HTTP client would send.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn raw(&self) -> Result<Raw> {
        block_on(Raw::connect(self.address))
    }
}

/// A request on its way. Dropping it lets it go on; [`Exchange::leave`] ends it.
#[derive(Debug)]
pub struct Exchange {
    running: JoinHandle<Result<Answer>>,
}

impl Exchange {
    /// Whether there is no answer yet.
    pub fn is_waiting(&self) -> bool {
        !self.running.is_finished()
    }

    /// The answer, waiting at most 30 seconds for it.
    ///
    /// # Errors
    /// When none came, or the connection failed.
    pub fn answer(self) -> Result<Answer> {
        self.answer_within(Duration::from_secs(30))
    }

    /// The answer, waiting for it.
    ///
    /// # Errors
    /// When none came in time, or the connection failed.
    pub fn answer_within(self, patience: Duration) -> Result<Answer> {
        block_on(async move {
            tokio::time::timeout(patience, self.running)
                .await
                .with_context(|| format!("the agent got no answer within {patience:?}"))??
        })
    }

    /// As [`Exchange::answer_within`], inside a future; `None` when none came in time, and the agent still waits.
    pub(crate) async fn wait(&mut self, patience: Duration) -> Option<Result<Answer>> {
        let ended = tokio::time::timeout(patience, &mut self.running).await.ok()?;
        Some(ended.context("the agent broke").and_then(|answer| answer))
    }

    /// The agent goes away: its connection is closed at once.
    pub fn leave(self) {
        self.running.abort();
    }
}
