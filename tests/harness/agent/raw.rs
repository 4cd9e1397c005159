//! A bare connection.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Request, http1};
use crate::block_on;
use crate::http1::Reader;
use crate::message::Answer;

/// A connection on which anything may be written, whole messages or parts of them.
#[derive(Debug)]
pub struct Raw {
    stream: TcpStream,
    reader: Reader,
}

impl Raw {
    pub(super) async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, reader: Reader::default() })
    }

    /// Writes bytes.
    ///
    /// # Errors
    /// When the peer has closed.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        block_on(async { Ok(self.stream.write_all(bytes).await?) })
    }

    /// Writes a whole request.
    ///
    /// # Errors
    /// When the peer has closed.
    pub fn send(&mut self, request: &Request) -> Result<()> {
        self.write(&http1::bytes(request))
    }

    /// Says that nothing more will be written, and stays to read.
    ///
    /// # Errors
    /// When the peer has closed.
    pub fn half_close(&mut self) -> Result<()> {
        block_on(async { Ok(self.stream.shutdown().await?) })
    }

    /// The next answer, `100 Continue` included; status 0 when the peer closed instead.
    ///
    /// # Errors
    /// When none came in time, or what came is no HTTP.
    pub fn answer(&mut self, patience: Duration) -> Result<Answer> {
        block_on(async {
            let answer = http1::answer(&mut self.reader, &mut self.stream);
            tokio::time::timeout(patience, answer).await.context("no answer on this connection in time")?
        })
    }
}
