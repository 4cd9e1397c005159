//! A load of one small request over kept connections. It wants nothing but answers with status 200.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};

/// Connections in parallel.
const CONNECTIONS: u32 = 4;

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A GET without a body.
    Get,
    /// A JSON-RPC message of 4 KiB that reads.
    Message,
}

/// The bytes of a JSON-RPC body.
const MESSAGE_BYTES: usize = 4096;

/// Sends `requests` of a kind to `host` through the proxy at `address`.
pub(super) fn run(address: SocketAddr, host: &str, kind: Kind, requests: u32) -> Result<()> {
    let request = match kind {
        Kind::Get => get(host),
        Kind::Message => message(host),
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..CONNECTIONS)
            .map(|_| scope.spawn(|| connection(address, &request, requests / CONNECTIONS)))
            .collect();
        for worker in workers {
            worker.join().map_err(|_| anyhow!("a connection of the load broke"))??;
        }
        Ok(())
    })
}

/// As an agent's HTTP client would send it.
fn get(host: &str) -> String {
    format!(
        "GET /v1/items/4711?fields=name,state HTTP/1.1\r\nhost: {host}\r\nuser-agent: agent/1.0\r\naccept: application/json\r\n\
         accept-encoding: gzip\r\nauthorization: Bearer 0123456789abcdef0123456789abcdef\r\nx-request-source: bench\r\n\
         traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n"
    )
}

/// As an MCP client would send it: a search with a long text.
fn message(host: &str) -> String {
    let (before, after) = (
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"search_documents","arguments":{"limit":10,"filters":[{"field":"team","value":"payments"},{"field":"state","value":"open"}],"text":""#,
        r#""}}}"#,
    );
    let words = "quarterly reconciliation of vendor invoices ";
    let length = MESSAGE_BYTES.saturating_sub(before.len() + after.len());
    let text: String = words.chars().cycle().take(length).collect();
    let body = format!("{before}{text}{after}");
    format!(
        "POST /mcp HTTP/1.1\r\nhost: {host}\r\nuser-agent: agent/1.0\r\naccept: application/json, text/event-stream\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nauthorization: Bearer 0123456789abcdef0123456789abcdef\r\n\
         traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n{body}",
        body.len()
    )
}

fn connection(address: SocketAddr, request: &str, requests: u32) -> Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut buffer = vec![0; 16_384];
    for _ in 0..requests {
        stream.write_all(request.as_bytes())?;
        let mut filled = 0;
        loop {
            let count = stream.read(buffer.get_mut(filled..).unwrap_or_default())?;
            ensure!(count > 0, "the proxy closed a connection");
            filled += count;
            let answer = buffer.get(..filled).unwrap_or_default();
            if is_whole(answer)? {
                break;
            }
        }
    }
    Ok(())
}

/// Whether an answer has arrived up to its last byte.
fn is_whole(answer: &[u8]) -> Result<bool> {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(false) };
    let head = String::from_utf8_lossy(answer.get(..end).unwrap_or_default()).to_lowercase();
    ensure!(head.starts_with("http/1.1 200 "), "answered `{}`", head.lines().next().unwrap_or_default());
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    Ok(answer.len() >= end + 4 + length.context("an answer without a length")?)
}
