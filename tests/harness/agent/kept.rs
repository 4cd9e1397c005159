//! An agent that keeps its connections, as HTTP clients do, and opens one anew when it finds that the peer closed it.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Request, http1};
use crate::http1::Reader;
use crate::message::Answer;
use crate::process::lock;

/// Connections that are open and idle.
#[derive(Default)]
pub struct Keeper {
    idle: Mutex<Vec<Connection>>,
}

struct Connection {
    peer: SocketAddr,
    stream: TcpStream,
    reader: Reader,
}

/// How an answer was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// At the first attempt.
    AtOnce,
    /// The connection that had been kept was closed by the peer without a byte of answer, so the request was sent again on
    /// a new one, as RFC 9110 lets a client do with what is safe to repeat.
    Reopened,
}

impl Keeper {
    /// Sends a request over HTTP/1.1, on a kept connection if there is one, and waits for the answer.
    ///
    /// # Errors
    /// When nobody listens, the connection breaks before the answer is whole, or none comes in time.
    pub async fn send(
        &self,
        peer: SocketAddr,
        request: &Request,
        patience: Duration,
    ) -> Result<(Answer, Reached)> {
        tokio::time::timeout(patience, self.exchange(peer, &http1::bytes(request))).await?
    }

    async fn exchange(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(Answer, Reached)> {
        let kept = lock(&self.idle).pop().filter(|connection| connection.peer == peer);
        let mut reached = Reached::AtOnce;
        if let Some(mut connection) = kept {
            let answer = connection.ask(bytes).await;
            match answer {
                Ok(answer) if answer.status != 0 => return Ok((self.keep(connection, answer), reached)),
                Ok(_) => reached = Reached::Reopened,
                // A reset before the first byte; with a part of an answer it would be a loss.
                Err(fault) if connection.reader.is_empty() && is_reset(&fault) => reached = Reached::Reopened,
                Err(fault) => return Err(fault),
            }
        }
        let stream = TcpStream::connect(peer).await?;
        stream.set_nodelay(true)?;
        let mut connection = Connection { peer, stream, reader: Reader::default() };
        let answer = connection.ask(bytes).await?;
        ensure!(answer.status != 0, "the peer closed a new connection without an answer");
        Ok((self.keep(connection, answer), reached))
    }

    /// Keeps the connection for the next request, unless the peer means to close it.
    fn keep(&self, connection: Connection, answer: Answer) -> Answer {
        if answer.headers.get("connection").is_none_or(|word| !word.eq_ignore_ascii_case("close")) {
            lock(&self.idle).push(connection);
        }
        answer
    }
}

fn is_reset(fault: &anyhow::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset};
    let kind = fault.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    matches!(kind, Some(BrokenPipe | ConnectionReset))
}

impl Connection {
    async fn ask(&mut self, bytes: &[u8]) -> Result<Answer> {
        self.stream.write_all(bytes).await?;
        http1::answer(&mut self.reader, &mut self.stream).await
    }
}
