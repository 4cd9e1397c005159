//! The upstream's HTTP/2 side.

use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;
use http::{Request, Response};
use tokio::net::TcpStream;

use super::{Entry, Extent, Memory, Received, Version};
use crate::message::{Answer, Fields};

/// Serves one connection until the peer closes it.
pub(super) async fn talk(stream: TcpStream, memory: Arc<Memory>) -> Result<()> {
    let mut connection = h2::server::Builder::new()
        .initial_window_size(1 << 24)
        .initial_connection_window_size(1 << 26)
        .max_concurrent_streams(20_000)
        .enable_connect_protocol()
        .handshake(stream)
        .await?;
    while let Some(stream) = connection.accept().await {
        let (request, respond) = stream?;
        let memory = Arc::clone(&memory);
        tokio::spawn(async move { exchange(request, respond, &memory).await.ok() });
    }
    Ok(())
}

async fn exchange(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    memory: &Arc<Memory>,
) -> Result<()> {
    let (head, mut body) = request.into_parts();
    let authority = head.uri.authority().map(ToString::to_string).unwrap_or_default();
    let headers = Fields::of(&head.headers);
    let grpc = headers.get("content-type").is_some_and(|media| media.starts_with("application/grpc"));
    let entry = Entry::new(
        memory,
        Received {
            version: Version::Http2,
            method: head.method.to_string(),
            target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            authority: authority.clone(),
            headers,
            ..Received::default()
        },
    );
    while let Some(piece) = body.data().await {
        let piece = piece?;
        body.flow_control().release_capacity(piece.len())?;
        entry.change(|received| received.body.extend_from_slice(&piece));
    }
    let trailers = body.trailers().await?;
    entry.change(|received| {
        received.trailers = trailers.as_ref().map(Fields::of).unwrap_or_default();
        received.extent = Extent::Whole;
    });
    let answer = memory.answer(&authority).unwrap_or_else(|| default_answer(grpc));
    let bodiless = head.method == http::Method::HEAD || matches!(answer.status, 204 | 304);
    send(&mut respond, &answer, bodiless)
}

fn default_answer(grpc: bool) -> Answer {
    if !grpc {
        return Answer::new(200, "{\"ok\":true}\n");
    }
    let mut answer =
        Answer::new(200, vec![0, 0, 0, 0, 2, b'o', b'k']).header("content-type", "application/grpc");
    answer.trailers.push("grpc-status", "0");
    answer
}

fn send(respond: &mut SendResponse<Bytes>, answer: &Answer, bodiless: bool) -> Result<()> {
    let mut response = Response::builder().status(answer.status).body(())?;
    *response.headers_mut() = answer.headers.to_map();
    let trailers = answer.trailers.to_map();
    let mut stream = respond.send_response(response, bodiless)?;
    if bodiless {
        return Ok(());
    }
    stream.send_data(Bytes::copy_from_slice(&answer.body), trailers.is_empty())?;
    if !trailers.is_empty() {
        stream.send_trailers(trailers)?;
    }
    Ok(())
}
