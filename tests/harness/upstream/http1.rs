//! The upstream's HTTP/1.1 side, on bare bytes.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Entry, Extent, Memory, Received, Version};
use crate::http1::{Body, Head, Reader};
use crate::message::{Answer, Fields};

/// Serves one connection until the peer closes it.
pub(super) async fn talk(mut stream: TcpStream, memory: Arc<Memory>) -> Result<()> {
    let mut reader = Reader::default();
    while let Some(head) = reader.head(&mut stream).await? {
        let entry = Entry::new(&memory, received(&head)?);
        let connect = head.first_line.starts_with("CONNECT ");
        if connect {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            return tunnel(stream, reader, &entry).await;
        }
        let mut body = head.request_body();
        let mut trailers = Fields::default();
        while let Some(piece) = reader.piece(&mut stream, &mut body, &mut trailers).await? {
            entry.change(|received| received.body.extend_from_slice(&piece));
        }
        entry.change(|received| {
            received.trailers = trailers;
            received.extent = Extent::Whole;
        });
        let authority = head.fields.get("host").unwrap_or_default();
        let answer = memory.answer(authority).unwrap_or_else(|| Answer::new(200, "{\"ok\":true}\n"));
        let bodiless = head.first_line.starts_with("HEAD ") || matches!(answer.status, 204 | 304);
        stream.write_all(&head_bytes(&answer, bodiless)).await?;
        match (bodiless, answer.chunk) {
            (true, _) => {}
            (false, 0) => stream.write_all(&answer.body).await?,
            (false, size) => chunks(&mut stream, &answer, size).await?,
        }
    }
    Ok(())
}

/// Sends a body in pieces that arrive apart.
async fn chunks(stream: &mut TcpStream, answer: &Answer, size: usize) -> Result<()> {
    for chunk in answer.body.chunks(size) {
        let line = format!("{:x}\r\n", chunk.len());
        stream.write_all(&[line.as_bytes(), chunk, b"\r\n"].concat()).await?;
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    let mut end = b"0\r\n".to_vec();
    for (name, value) in answer.trailers.iter() {
        end.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    end.extend(b"\r\n");
    Ok(stream.write_all(&end).await?)
}

/// After CONNECT: all bytes are the body.
async fn tunnel(mut stream: TcpStream, mut reader: Reader, entry: &Entry) -> Result<()> {
    loop {
        let bytes = reader.take();
        entry.change(|received| received.body.extend_from_slice(&bytes));
        stream.write_all(&bytes).await?;
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        reader.give(buffer.get(..count).unwrap_or_default());
    }
}

fn received(head: &Head) -> Result<Received> {
    let mut words = head.first_line.split(' ');
    let method = words.next().context("no method")?.to_owned();
    let target = words.next().context("no target")?.to_owned();
    ensure!(words.next() == Some("HTTP/1.1"), "not HTTP/1.1: `{}`", head.first_line);
    Ok(Received {
        version: Version::Http1,
        method,
        target,
        authority: head.fields.get("host").unwrap_or_default().to_owned(),
        head: head.bytes.clone(),
        headers: head.fields.clone(),
        ..Received::default()
    })
}

fn head_bytes(answer: &Answer, bodiless: bool) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {} Answer\r\n", answer.status).into_bytes();
    for (name, value) in answer.headers.iter() {
        bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    match (answer.chunk, bodiless && answer.status != 200) {
        (_, true) => bytes.extend(b"\r\n"),
        (0, false) => bytes.extend([Body::length_line(answer.body.len()).as_bytes(), b"\r\n"].concat()),
        (_, false) => bytes.extend(b"transfer-encoding: chunked\r\n\r\n"),
    }
    bytes
}
