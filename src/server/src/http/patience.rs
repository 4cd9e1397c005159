//! A connection that does not wait for ever: neither for its first bytes, nor for the next ones.
//!
//! Which protocol a peer speaks is known after the first bytes, and only then the protocol's own limits begin; so those bytes
//! have a time of their own. After that, a connection on which nothing moves in either direction ends.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// How many bytes tell the protocol: as many as HTTP/2's preface has.
const TELLING: usize = 24;

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// For the first bytes.
    pub(super) first: Duration,
    /// For any byte after that.
    pub(super) idle: Duration,
}

/// A connection with limits.
pub(super) struct Patient<S> {
    stream: S,
    limits: Limits,
    seen: usize,
    timer: Pin<Box<Sleep>>,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, limits: Limits) -> Self {
        Self { stream, limits, seen: 0, timer: Box::pin(sleep(limits.first)) }
    }

    fn moved(&mut self) {
        if self.seen >= TELLING {
            self.timer.as_mut().reset(Instant::now() + self.limits.idle);
        }
    }

    /// Pending, unless the time is over.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        match self.timer.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Pending => self.wait(context),
            Poll::Ready(read) => {
                self.seen = self.seen.saturating_add(buffer.filled().len() - before);
                self.moved();
                Poll::Ready(read)
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(context, bytes) {
            Poll::Pending => self.wait(context),
            Poll::Ready(written) => {
                self.moved();
                Poll::Ready(written)
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write_vectored(context, parts) {
            Poll::Pending => self.wait(context),
            Poll::Ready(written) => {
                self.moved();
                Poll::Ready(written)
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const LIMITS: Limits = Limits { first: Duration::from_millis(300), idle: Duration::from_millis(600) };

    async fn read(patient: &mut Patient<tokio::io::DuplexStream>) -> io::Result<usize> {
        patient.read(&mut [0; 64]).await
    }

    #[tokio::test]
    async fn a_peer_that_says_nothing_is_cut_off() {
        let (_peer, stream) = tokio::io::duplex(64);
        let begun = Instant::now();
        let error = read(&mut Patient::new(stream, LIMITS)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() >= LIMITS.first, "too early");
    }

    #[tokio::test]
    async fn a_peer_that_feeds_the_first_bytes_slowly_is_cut_off() {
        let (mut peer, stream) = tokio::io::duplex(64);
        let mut patient = Patient::new(stream, LIMITS);
        let feeding = tokio::spawn(async move {
            for byte in *b"PRI * HTTP/2.0" {
                tokio::time::sleep(LIMITS.first / 3).await;
                if peer.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
            // The other end must not hear that we hung up.
            std::future::pending::<()>().await;
        });
        let mut bytes = 0;
        let error = loop {
            match read(&mut patient).await {
                Ok(some) => bytes += some,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(bytes < 6, "{bytes} bytes bought time");
        feeding.abort();
    }

    #[tokio::test]
    async fn a_connection_on_which_something_moves_stays() {
        let (mut peer, stream) = tokio::io::duplex(64);
        let mut patient = Patient::new(stream, LIMITS);
        for _ in 0..4 {
            peer.write_all(&[b'x'; 24]).await.unwrap();
            assert_eq!(read(&mut patient).await.unwrap(), 24);
            tokio::time::sleep(LIMITS.first).await;
        }
        assert!(read(&mut patient).await.is_err(), "it waits for ever");
    }
}
