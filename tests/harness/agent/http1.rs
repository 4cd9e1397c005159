//! One request over one HTTP/1.1 connection.

use std::net::SocketAddr;

use anyhow::Result;
use tokio::io::{AsyncWriteExt, split};
use tokio::net::TcpStream;

use super::{Framing, Request};
use crate::http1::{Body, Reader};
use crate::message::{Answer, Fields};

/// How much of a chunked body goes into one chunk.
const CHUNK: usize = 1000;

pub(super) async fn exchange(address: SocketAddr, request: Request) -> Result<Answer> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut reading, mut writing) = split(stream);
    let bytes = bytes(&request);
    // Envoy may answer, and close, before it has read everything.
    let write = async {
        writing.write_all(&bytes).await.ok();
        std::future::pending::<()>().await;
    };
    let mut reader = Reader::default();
    tokio::select! {
        answer = async {
            match request.method.as_str() {
                "HEAD" => head(&mut reader, &mut reading).await,
                _ => answer(&mut reader, &mut reading).await,
            }
        } => answer,
        () = write => Ok(Answer::default()),
    }
}

/// The answer to a HEAD: it says how long a body would be, and has none.
async fn head(reader: &mut Reader, stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Result<Answer> {
    let Some(head) = reader.head(stream).await? else { return Ok(Answer::default()) };
    Ok(Answer { status: head.status()?, headers: head.fields, ..Answer::default() })
}

/// The next answer; one with status 0 when the peer closed instead.
pub(super) async fn answer(
    reader: &mut Reader,
    stream: &mut (impl tokio::io::AsyncRead + Unpin),
) -> Result<Answer> {
    let Some(head) = reader.head(stream).await? else { return Ok(Answer::default()) };
    let mut answer = Answer { status: head.status()?, headers: head.fields.clone(), ..Answer::default() };
    let mut body = head.response_body()?;
    let mut trailers = Fields::default();
    while let Some(piece) = reader.piece(stream, &mut body, &mut trailers).await? {
        answer.body.extend_from_slice(&piece);
    }
    answer.trailers = trailers;
    Ok(answer)
}

/// The request byte for byte.
pub(super) fn bytes(request: &Request) -> Vec<u8> {
    let mut bytes =
        format!("{} {} HTTP/1.1\r\nhost: {}\r\n", request.method, request.target, request.authority)
            .into_bytes();
    for (name, value) in request.headers.iter() {
        bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    match request.framing {
        Framing::Length if request.body.is_empty() && request.method == "GET" => bytes.extend(b"\r\n"),
        Framing::Length => {
            bytes.extend(Body::length_line(request.body.len()).as_bytes());
            bytes.extend([b"\r\n", request.body.as_slice()].concat());
        }
        Framing::Chunked => {
            bytes.extend(b"transfer-encoding: chunked\r\n\r\n");
            for chunk in request.body.chunks(CHUNK) {
                bytes.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
                bytes.extend([chunk, b"\r\n"].concat());
            }
            bytes.extend(b"0\r\n");
            for (name, value) in request.trailers.iter() {
                bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
            }
            bytes.extend(b"\r\n");
        }
    }
    bytes
}
