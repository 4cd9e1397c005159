//! An upstream that remembers every request from its first byte, over HTTP/1.1 and clear-text HTTP/2.
//!
//! A request is on the list as soon as its head has arrived, and its body grows there: what leaks without being finished is
//! seen too. Answers are 200 with a small body unless told otherwise for an authority.

mod http1;
mod http2;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::Result;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::message::{Answer, Fields};
use crate::process::lock;
use crate::{block_on, eventually, spawn};

/// The version a request came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.1
    #[default]
    Http1,
    /// HTTP/2
    Http2,
}

/// Whether a request has arrived whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// More may come.
    #[default]
    Begun,
    /// Body and trailers are complete.
    Whole,
}

/// A request as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// The version.
    pub version: Version,
    /// The method.
    pub method: String,
    /// The request target as sent.
    pub target: String,
    /// `:authority`, or `host`.
    pub authority: String,
    /// The head byte for byte; only of HTTP/1.1.
    pub head: Vec<u8>,
    /// Header fields, without pseudo-headers.
    pub headers: Fields,
    /// The body so far, without chunk framing.
    pub body: Vec<u8>,
    /// Trailer fields.
    pub trailers: Fields,
    /// Whether it is complete.
    pub extent: Extent,
}

/// What is called when a request's head has arrived, before anything is answered.
pub type Notice = Arc<dyn Fn(&Received) + Send + Sync>;

#[derive(Default)]
struct Memory {
    notice: Option<Notice>,
    received: Mutex<Vec<Received>>,
    answers: Mutex<HashMap<String, Answer>>,
    connections: AtomicUsize,
}

/// The list entry of one request.
#[derive(Clone)]
struct Entry {
    memory: Arc<Memory>,
    index: usize,
}

/// A running upstream.
pub struct Upstream {
    address: SocketAddr,
    memory: Arc<Memory>,
    listening: JoinHandle<()>,
}

impl Upstream {
    /// Listens on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub fn start() -> Result<Self> {
        Self::begin(Memory::default())
    }

    /// Listens on a free port and says of each request that it has begun to arrive.
    ///
    /// # Errors
    /// When there is none.
    pub fn watched(notice: Notice) -> Result<Self> {
        Self::begin(Memory { notice: Some(notice), ..Memory::default() })
    }

    fn begin(memory: Memory) -> Result<Self> {
        let memory = Arc::new(memory);
        let listener = block_on(async { Ok(TcpListener::bind("127.0.0.1:0").await?) })?;
        let address = listener.local_addr()?;
        let listening = spawn(listen(listener, Arc::clone(&memory)))?;
        Ok(Self { address, memory, listening })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests to `authority` so from now on.
    pub fn answer(&self, authority: &str, answer: Answer) {
        lock(&self.memory.answers).insert(authority.to_owned(), answer);
    }

    /// Everything that came.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.memory.received).clone()
    }

    /// What came for one authority.
    pub fn about(&self, authority: &str) -> Vec<Received> {
        lock(&self.memory.received)
            .iter()
            .filter(|received| received.authority == authority)
            .cloned()
            .collect()
    }

    /// How many requests came for one authority.
    pub fn count(&self, authority: &str) -> usize {
        lock(&self.memory.received).iter().filter(|received| received.authority == authority).count()
    }

    /// The one request that came for an authority, complete, waiting for it.
    ///
    /// # Errors
    /// When none came in time, or more than one.
    pub fn only(&self, authority: &str) -> Result<Received> {
        eventually(&format!("a whole request to `{authority}` at the upstream"), || {
            self.about(authority).iter().any(|received| received.extent == Extent::Whole)
        })?;
        let mut about = self.about(authority);
        anyhow::ensure!(about.len() == 1, "`{authority}` was asked {} times", about.len());
        about.pop().ok_or_else(|| anyhow::anyhow!("the request is gone"))
    }

    /// How many connections were ever accepted.
    pub fn connections(&self) -> usize {
        self.memory.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Memory {
    fn answer(&self, authority: &str) -> Option<Answer> {
        lock(&self.answers).get(authority).cloned()
    }
}

impl Entry {
    fn new(memory: &Arc<Memory>, received: Received) -> Self {
        if let Some(notice) = &memory.notice {
            notice(&received);
        }
        let mut list = lock(&memory.received);
        list.push(received);
        Self { memory: Arc::clone(memory), index: list.len() - 1 }
    }

    fn change(&self, change: impl FnOnce(&mut Received)) {
        if let Some(received) = lock(&self.memory.received).get_mut(self.index) {
            change(received);
        }
    }
}

async fn listen(listener: TcpListener, memory: Arc<Memory>) {
    while let Ok((stream, _)) = listener.accept().await {
        memory.connections.fetch_add(1, Ordering::SeqCst);
        let memory = Arc::clone(&memory);
        // A connection that fails is Envoy's to report.
        tokio::spawn(async move { talk(stream, memory).await.ok() });
    }
}

async fn talk(stream: TcpStream, memory: Arc<Memory>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut first = [0; 3];
    // Only HTTP/2's preface begins with these letters.
    while stream.peek(&mut first).await? < first.len() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    if &first == b"PRI" { http2::talk(stream, memory).await } else { http1::talk(stream, memory).await }
}
