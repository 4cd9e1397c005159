//! HashiCorp Vault's key-value engine, versions 1 and 2, by its HTTP API: one read, nothing else.
//!
//! The token goes only to the configured address, over TLS unless that is this machine; redirects are not followed, since they
//! would take the token elsewhere. What Vault answers is never repeated in an error.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use countersign_wire::sealed::Plain;
use serde::Deserialize;
use ureq::http::Request;

use super::{Mode, VaultAt, VaultField, file};
use crate::{
    config::document::SecretFrom,
    outward::{Outward, is_this_machine},
    service::StartError,
};

const TIMEOUT: Duration = Duration::from_secs(3);

/// A Vault and how to talk to it. Does not hold its token.
pub(super) struct Vault {
    outward: Outward,
    address: String,
    token: Token,
    namespace: Option<String>,
    mount: String,
    engine: Engine,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({}, {:?})", self.address, self.engine)
    }
}

enum Token {
    Env(String),
    File(PathBuf),
}

/// The key-value engine's version.
#[derive(Clone, Copy, Debug)]
enum Engine {
    V1,
    V2,
}

/// Where a value is in Vault.
#[derive(Debug)]
pub(super) struct Field {
    path: String,
    field: String,
}

/// An answer of either engine; what else Vault says is not looked at.
#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Versioned {
    data: Option<BTreeMap<String, serde_json::Value>>,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    version: u64,
}

impl Vault {
    pub(super) fn new(typed: VaultAt) -> Result<Self, StartError> {
        let broken = |why: String| StartError(format!("vault: {why}"));
        let address = typed.address.trim_end_matches('/').to_owned();
        let host = match (address.strip_prefix("https://"), address.strip_prefix("http://")) {
            (Some(host), _) => host,
            (None, Some(host)) if is_this_machine(host) => host,
            (None, Some(_)) => {
                let why = "the token would go over the network in the clear; use `https`";
                return Err(broken(format!("address `{address}`: {why}")));
            }
            (None, None) => return Err(broken(format!("address `{address}` is no http or https URL"))),
        };
        if host.is_empty() || host.contains(['/', '?', '#', '@']) {
            return Err(broken(format!("address `{address}` is more than scheme, host and port")));
        }
        let token = match typed.token {
            SecretFrom::Env(variable) => Token::Env(variable),
            SecretFrom::File(path) => Token::File(path.into()),
        };
        let engine = match typed.version {
            Some(1) => Engine::V1,
            None | Some(2) => Engine::V2,
            Some(other) => {
                return Err(broken(format!("version {other} of the key-value engine is neither 1 nor 2")));
            }
        };
        let mount = typed.mount.unwrap_or_else(|| "secret".to_owned());
        for (name, path) in [("mount", Some(&mount)), ("namespace", typed.namespace.as_ref())] {
            if path.is_some_and(|path| !is_path(path)) {
                return Err(broken(format!("bad {name} `{}`", path.map_or("", String::as_str))));
            }
        }
        let outward = Outward::new(typed.timeout.map_or(TIMEOUT, |span| span.0), typed.ca.as_deref());
        let outward = outward.map_err(broken)?;
        Ok(Self { outward, address, token, namespace: typed.namespace, mount, engine })
    }

    /// Checks a path.
    pub(super) fn field(&self, typed: VaultField) -> Result<Field, String> {
        let VaultField { path, field } = typed;
        if !is_path(&path) {
            return Err(format!(
                "bad path `{path}` in vault: names of letters, digits, `-`, `_` and `.` between `/`"
            ));
        }
        let inner = format!("{}/", self.mount);
        if matches!(self.engine, Engine::V2) && (path.starts_with("data/") || path.starts_with(&inner)) {
            return Err(format!("path `{path}` in vault is written without the mount and without `data`"));
        }
        Ok(Field { path, field })
    }

    /// The value and its version.
    pub(super) fn read(&self, field: &Field) -> Result<(Vec<u8>, String), String> {
        let Self { address, mount, engine, .. } = self;
        let path = &field.path;
        let url = match engine {
            Engine::V1 => format!("{address}/v1/{mount}/{path}"),
            Engine::V2 => format!("{address}/v1/{mount}/data/{path}"),
        };
        let token = self.token()?;
        let mut request =
            Request::get(&url).header("x-vault-token", token.expose()).header("x-vault-request", "true");
        if let Some(namespace) = &self.namespace {
            request = request.header("x-vault-namespace", namespace);
        }
        let request =
            request.body(Vec::new()).map_err(|_| "vault's token or namespace is no header".to_owned())?;
        let came = self.outward.call_now(request).map_err(|why| format!("vault: {why}"))?;
        let (status, body) = (came.status, came.body);
        match status {
            200 => {}
            403 => {
                return Err(format!(
                    "vault refuses to read `{mount}/{path}`: the token may not, or has ended"
                ));
            }
            404 => {
                return Err(format!("vault has nothing at `{mount}/{path}`, or its last version is deleted"));
            }
            503 => return Err("vault is sealed or under maintenance".to_owned()),
            300..=399 => {
                return Err(
                    "vault sends elsewhere, and the token does not follow; give the active node's address"
                        .to_owned(),
                );
            }
            other => return Err(format!("vault answers {other} for `{mount}/{path}`")),
        }
        let unreadable =
            |_| format!("vault's answer for `{mount}/{path}` is not of version {engine:?} of the engine");
        let (mut fields, version) = match engine {
            Engine::V1 => {
                let answer: Answer<BTreeMap<String, serde_json::Value>> =
                    serde_json::from_slice(&body).map_err(unreadable)?;
                (answer.data, "kv1".to_owned())
            }
            Engine::V2 => {
                let answer: Answer<Versioned> = serde_json::from_slice(&body).map_err(unreadable)?;
                let version = answer.data.metadata.version;
                let gone = || format!("version {version} of `{mount}/{path}` in vault is deleted");
                (answer.data.data.ok_or_else(gone)?, version.to_string())
            }
        };
        drop(Plain::from(String::from_utf8(body).unwrap_or_default()));
        match fields.remove(&field.field) {
            Some(serde_json::Value::String(value)) => Ok((value.into_bytes(), version)),
            Some(_) => Err(format!("field `{}` of `{mount}/{path}` in vault is no text", field.field)),
            None => Err(format!("`{mount}/{path}` in vault has no field `{}`", field.field)),
        }
    }

    fn token(&self) -> Result<Plain, String> {
        let token = match &self.token {
            Token::Env(variable) => std::env::var(variable)
                .map_err(|_| format!("vault's token: environment variable `{variable}` is not set"))?
                .into_bytes(),
            Token::File(path) => file(path, Mode::Private).map_err(|why| format!("vault's token: {why}"))?.0,
        };
        Plain::value(token).map_err(|why| format!("vault's token: {why}"))
    }
}

/// Names between slashes, none of which leads elsewhere.
fn is_path(path: &str) -> bool {
    let name = |name: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        !name.is_empty() && name.bytes().all(plain) && !name.bytes().all(|b| b == b'.')
    };
    path.len() <= 512 && path.split('/').all(name)
}
