//! Just enough HTTP/1.1 to read what Envoy sends, without losing a byte on the way.

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::message::Fields;

/// The first line and the fields of a message.
pub(crate) struct Head {
    pub(crate) first_line: String,
    pub(crate) fields: Fields,
    pub(crate) bytes: Vec<u8>,
}

/// How much body is still to come.
pub(crate) enum Body {
    Length(usize),
    Chunked,
    /// Until the peer closes.
    Rest,
}

impl Body {
    pub(crate) fn length_line(length: usize) -> String {
        format!("content-length: {length}\r\n")
    }
}

impl Head {
    fn parse(bytes: Vec<u8>) -> Self {
        let text = String::from_utf8_lossy(&bytes);
        let first_line = text.split("\r\n").next().unwrap_or_default().to_owned();
        let mut fields = Fields::default();
        for line in bytes.split(|byte| *byte == b'\n').skip(1) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let (name, value) = line.split_at(colon);
            fields.push(&String::from_utf8_lossy(name), value.get(1..).unwrap_or_default().trim_ascii());
        }
        Self { first_line, fields, bytes }
    }

    fn framing(&self) -> Option<Body> {
        if self.fields.get("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            return Some(Body::Chunked);
        }
        self.fields.get("content-length").and_then(|length| length.parse().ok()).map(Body::Length)
    }

    /// A request without framing has no body.
    pub(crate) fn request_body(&self) -> Body {
        self.framing().unwrap_or(Body::Length(0))
    }

    /// A response without framing goes on until the end, if it has a body at all.
    pub(crate) fn response_body(&self) -> Result<Body> {
        let status = self.status()?;
        let bodiless = status < 200 || status == 204 || status == 304;
        Ok(if bodiless { Body::Length(0) } else { self.framing().unwrap_or(Body::Rest) })
    }

    pub(crate) fn status(&self) -> Result<u16> {
        let code = self.first_line.split(' ').nth(1).context("no status code")?;
        code.parse().with_context(|| format!("no status code in `{}`", self.first_line))
    }
}

/// Bytes read and not yet used.
#[derive(Debug, Default)]
pub(crate) struct Reader(Vec<u8>);

impl Reader {
    /// Whether every byte read was used.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All bytes not yet used.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }

    /// Puts bytes read elsewhere behind those not yet used.
    pub(crate) fn give(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Reads more; 0 at the end.
    async fn more(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> Result<usize> {
        let mut buffer = vec![0; 65_536];
        let count = stream.read(&mut buffer).await?;
        self.0.extend_from_slice(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }

    /// The bytes up to and including `end`; nothing when the stream ends before the first byte.
    async fn until(&mut self, stream: &mut (impl AsyncRead + Unpin), end: &[u8]) -> Result<Option<Vec<u8>>> {
        loop {
            if let Some(at) = self.0.windows(end.len()).position(|window| window == end) {
                let rest = self.0.split_off(at + end.len());
                return Ok(Some(std::mem::replace(&mut self.0, rest)));
            }
            if self.more(stream).await? == 0 {
                ensure!(self.0.is_empty(), "the stream ended in the middle of a message");
                return Ok(None);
            }
        }
    }

    /// The next head; nothing when the peer has closed.
    pub(crate) async fn head(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<Head>> {
        Ok(self.until(stream, b"\r\n\r\n").await?.map(Head::parse))
    }

    /// The next piece of a body; nothing at its end.
    pub(crate) async fn piece(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        body: &mut Body,
        trailers: &mut Fields,
    ) -> Result<Option<Vec<u8>>> {
        match body {
            Body::Length(0) => Ok(None),
            Body::Length(left) => {
                if self.0.is_empty() && self.more(stream).await? == 0 {
                    bail!("the stream ended {left} bytes early");
                }
                let rest = self.0.split_off(self.0.len().min(*left));
                let piece = std::mem::replace(&mut self.0, rest);
                *left -= piece.len();
                Ok(Some(piece))
            }
            Body::Rest => {
                if self.0.is_empty() && self.more(stream).await? == 0 {
                    return Ok(None);
                }
                Ok(Some(self.take()))
            }
            Body::Chunked => self.chunk(stream, trailers).await,
        }
    }

    async fn chunk(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        trailers: &mut Fields,
    ) -> Result<Option<Vec<u8>>> {
        let line = self.until(stream, b"\r\n").await?.context("the stream ended between chunks")?;
        let line = String::from_utf8_lossy(&line);
        let size = line.trim().split(';').next().unwrap_or_default();
        let size =
            usize::from_str_radix(size, 16).with_context(|| format!("bad chunk size `{}`", line.trim()))?;
        if size == 0 {
            loop {
                let line = self.until(stream, b"\r\n").await?.context("the stream ended in the trailers")?;
                let Some((name, value)) = std::str::from_utf8(&line)?.trim().split_once(':') else {
                    return Ok(None);
                };
                trailers.push(name, value.trim());
            }
        }
        while self.0.len() < size + 2 {
            ensure!(self.more(stream).await? > 0, "the stream ended in a chunk");
        }
        let rest = self.0.split_off(size + 2);
        let mut piece = std::mem::replace(&mut self.0, rest);
        piece.truncate(size);
        Ok(Some(piece))
    }
}
