//! One request over one HTTP/2 connection.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use bytes::Bytes;
use h2::SendStream;
use http::Uri;
use tokio::net::TcpStream;

use super::Request;
use crate::message::{Answer, Fields};

/// Whether a request is said to be complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Sent,
    Never,
}

pub(super) async fn exchange(address: SocketAddr, request: Request, end: End) -> Result<Answer> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (client, connection) =
        h2::client::Builder::new().initial_window_size(1 << 24).handshake(stream).await?;
    let connection = async {
        connection.await.ok();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        answer = send(client, request, end) => answer,
        () = connection => Ok(Answer::default()),
    }
}

async fn send(client: h2::client::SendRequest<Bytes>, request: Request, end: End) -> Result<Answer> {
    let mut client = client.ready().await?;
    let trailers = request.trailers.to_map();
    // A tunnel has no end of its own either.
    let end = if request.method == "CONNECT" { End::Never } else { end };
    let ends_at_head = request.body.is_empty() && trailers.is_empty() && end == End::Sent;
    let (response, mut body) = client.send_request(head(&request)?, ends_at_head)?;
    // Envoy may answer, and reset the rest, before it has read everything.
    let write = async {
        if !ends_at_head {
            write(&mut body, Bytes::from(request.body.clone()), trailers, end).await.ok();
        }
        std::future::pending::<()>().await;
    };
    let read = read(response);
    tokio::select! {
        answer = read => answer,
        () = write => Ok(Answer::default()),
    }
}

fn head(request: &Request) -> Result<http::Request<()>> {
    let uri = if request.method == "CONNECT" {
        Uri::builder().authority(request.authority.as_str()).build()
    } else {
        Uri::builder()
            .scheme("http")
            .authority(request.authority.as_str())
            .path_and_query(request.target.as_str())
            .build()
    };
    let mut head = http::Request::builder()
        .method(request.method.as_str())
        .uri(uri?)
        .version(http::Version::HTTP_2)
        .body(())?;
    *head.headers_mut() = request.headers.to_map();
    Ok(head)
}

async fn write(
    stream: &mut SendStream<Bytes>,
    mut body: Bytes,
    trailers: http::HeaderMap,
    end: End,
) -> Result<()> {
    while !body.is_empty() {
        stream.reserve_capacity(body.len());
        let capacity = std::future::poll_fn(|context| stream.poll_capacity(context)).await;
        let size = capacity.context("the stream is gone")??.min(body.len());
        let last = size == body.len() && trailers.is_empty() && end == End::Sent;
        stream.send_data(body.split_to(size), last)?;
    }
    if !trailers.is_empty() {
        stream.send_trailers(trailers)?;
    }
    Ok(())
}

async fn read(response: h2::client::ResponseFuture) -> Result<Answer> {
    let (head, mut stream) = response.await?.into_parts();
    let mut answer =
        Answer { status: head.status.as_u16(), headers: Fields::of(&head.headers), ..Answer::default() };
    while let Some(piece) = stream.data().await {
        // A reset after a whole answer is how HTTP/2 says that it needs no more of the request.
        let Ok(piece) = piece else { return Ok(answer) };
        stream.flow_control().release_capacity(piece.len())?;
        answer.body.extend_from_slice(&piece);
    }
    answer.trailers = stream.trailers().await.ok().flatten().as_ref().map(Fields::of).unwrap_or_default();
    Ok(answer)
}
