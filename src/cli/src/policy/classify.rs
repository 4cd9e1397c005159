//! `countersign classify`: JSON Lines of requests in, JSON Lines of what they do out.
//!
//! Of a row only `id` and `request` are read. It never stops at a row: what cannot be read is privileged.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::ExitCode,
};

use countersign_core::action::{Action, Basis, Class, Decoded, Decoders};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Fault, document, finish, request::RowRequest};
use crate::exit;

/// `countersign classify [FILE...]`
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Files of rows; stdin where there are none.
    files: Vec<PathBuf>,
    /// A policy whose endpoints and catalogs count.
    #[arg(short, long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Row {
    id: Value,
    request: RowRequest,
}

#[derive(Serialize)]
struct Answer {
    id: Value,
    privileged: bool,
    class: &'static str,
    service: String,
    operation: String,
    resource: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<Basis>,
}

/// Classifies every row.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    finish(classify(arguments).map(|()| exit::OK))
}

fn classify(arguments: &Arguments) -> Result<(), Fault> {
    let policy = arguments.policy.as_deref().map(document::load).transpose()?;
    let default = Decoders::default();
    let decoders = policy.as_ref().map_or(&default, |(_, policy)| policy.decoders());
    if arguments.files.is_empty() {
        return lines(std::io::stdin().lock(), decoders);
    }
    for file in &arguments.files {
        let open = std::fs::File::open(file).map_err(|error| Fault::file(file, &error))?;
        lines(BufReader::new(open), decoders)?;
    }
    Ok(())
}

fn lines(mut rows: impl BufRead, decoders: &Decoders) -> Result<(), Fault> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let failed = |error: std::io::Error| Fault::Usage(format!("cannot read or write rows: {error}"));
    let mut row = Vec::new();
    loop {
        row.clear();
        if rows.read_until(b'\n', &mut row).map_err(failed)? == 0 {
            return out.flush().map_err(failed);
        }
        if row.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = answer(&row, decoders);
        let mut line = serde_json::to_vec(&answer).map_err(|error| Fault::Usage(error.to_string()))?;
        line.push(b'\n');
        match out.write_all(&line) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
            written => written.map_err(failed)?,
        }
    }
}

fn answer(row: &[u8], decoders: &Decoders) -> Answer {
    let Ok(Row { id, request }) = serde_json::from_slice::<Row>(row) else {
        let id = serde_json::from_slice::<Value>(row).ok().and_then(|row| row.get("id").cloned());
        return unreadable(id.unwrap_or(Value::Null));
    };
    let Some(action) = action(request, decoders) else { return unreadable(id) };
    Answer {
        id,
        privileged: action.class != Class::ReadOnly,
        class: action.class.as_str(),
        service: action.service,
        operation: action.operation,
        resource: action.resource.id,
        basis: Some(action.basis),
    }
}

/// What the request does: the strictest member of a batch. `None` where it cannot be read.
fn action(request: RowRequest, decoders: &Decoders) -> Option<Action> {
    let request = request.request()?;
    let call = request.call().ok()?;
    match decoders.decode(&call, request.body()) {
        Decoded::Known(members) => {
            members.into_iter().map(|member| member.action).max_by_key(|action| action.class)
        }
        Decoded::Undecodable(opaque) => Some(opaque.action),
        Decoded::Contradiction(_) | Decoded::NeedsBody => None,
    }
}

fn unreadable(id: Value) -> Answer {
    Answer {
        id,
        privileged: true,
        class: Class::DataWrite.as_str(),
        service: String::new(),
        operation: "unreadable".to_owned(),
        resource: String::new(),
        basis: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_makes_it_stop_and_what_cannot_be_read_is_privileged() {
        for row in [
            "",
            "{",
            "7",
            "null",
            "[]",
            r#"{"id":1}"#,
            r#"{"id":"a","request":{}}"#,
            r#"{"id":"a","request":{"method":"GET","authority":"a","path":"/","headers":[["x"]]}}"#,
            r#"{"id":"a","request":{"method":"","authority":"a","path":"/"}}"#,
            r#"{"id":"a","request":{"method":"GET","authority":"a","path":"/","body_b64":"!"}}"#,
            r#"{"id":"a","request":{"method":"GET","authority":"a"}}"#,
        ] {
            assert!(answer(row.as_bytes(), &Decoders::default()).privileged, "{row}");
        }
        assert!(answer(b"\xff\xfe", &Decoders::default()).privileged);
    }

    #[test]
    fn a_row_says_what_its_request_does_and_keeps_its_id() {
        let row = br#"{"id":"r1","service":"leak","request":{"method":"GET","scheme":"https","authority":"a.example",
            "path":"/x","headers":[["Host","a.example"]]}}"#;
        let found = answer(row, &Decoders::default());
        assert_eq!((found.id, found.privileged, found.class), (Value::from("r1"), false, "read_only"));
        assert_eq!((found.service.as_str(), found.resource.as_str()), ("a.example", "https://a.example/x"));
        let chunks = br#"{"id":2,"request":{"method":"POST","authority":"t","path":"/mcp","headers":[["Content-Type","application/json"]],
            "body_chunks_b64":["eyJqc29ucnBjIjoiMi4wIiwi","aWQiOjEsIm1ldGhvZCI6InBpbmcifQ=="]}}"#;
        assert!(!answer(chunks, &Decoders::default()).privileged);
    }
}
