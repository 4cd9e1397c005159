//! Envoy's admin interface.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::agent::{Agent, Request};

pub(super) fn ask(admin: SocketAddr, method: &str, target: &str) -> Result<String> {
    let answer = Agent::new(admin).http1(&Request::new(method, "admin", target))?.answer()?;
    ensure!(answer.status == 200, "the admin interface answered {} {}", answer.status, answer.text());
    Ok(answer.text())
}

/// The address of the first listener.
pub(super) fn listener(admin: SocketAddr) -> Result<SocketAddr> {
    let listeners: Value = serde_json::from_str(&ask(admin, "GET", "/listeners?format=json")?)?;
    let socket =
        listeners.pointer("/listener_statuses/0/local_address/socket_address").context("no listener")?;
    let port = socket["port_value"].as_u64().and_then(|port| u16::try_from(port).ok()).context("no port")?;
    Ok(SocketAddr::from(([127, 0, 0, 1], port)))
}

pub(super) fn stats(admin: SocketAddr, part: &str) -> Result<Vec<(String, u64)>> {
    let text = ask(admin, "GET", "/stats?type=All")?;
    let line = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        name.contains(part).then(|| Some((name.to_owned(), value.trim().parse().ok()?)))?
    };
    Ok(text.lines().filter_map(line).collect())
}

pub(super) fn stat(admin: SocketAddr, name: &str) -> Result<u64> {
    Ok(stats(admin, name)?.into_iter().find(|(known, _)| known == name).map_or(0, |(_, value)| value))
}
