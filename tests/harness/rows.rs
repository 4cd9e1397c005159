//! Requests with labels: rows of the corpus beside the project, and of the traffic of real clients that is part of it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

use crate::agent::Request;
use crate::place;

/// A request, and what people say of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// Its name.
    pub id: String,
    /// Which collection it is from.
    #[serde(default)]
    pub source: String,
    /// The client that sent it.
    #[serde(default)]
    pub client: String,
    /// The request.
    pub request: Sent,
    /// What it does.
    pub label: Label,
    /// Whether servers do what the spelling of an evasion wants.
    #[serde(default)]
    pub honoured: String,
}

/// What a request does, by its label.
#[derive(Clone, Debug, Deserialize)]
pub struct Label {
    /// Whether it needs anybody's consent.
    pub privileged: bool,
    /// Its class.
    pub class: String,
    /// The classes that a fair reader might choose, too.
    #[serde(default)]
    pub acceptable_classes: Vec<String>,
    /// How the label was found.
    #[serde(default)]
    pub privileged_basis: String,
    /// Whether fair readers differ.
    #[serde(default)]
    pub debatable: bool,
}

/// A request as rows write it.
#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// `https`, where nothing else is said.
    #[serde(default)]
    pub scheme: String,
    /// `:authority`.
    pub authority: String,
    /// Path and query.
    pub path: String,
    /// Header fields in order.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    #[serde(default)]
    body_utf8: Option<String>,
    #[serde(default)]
    body_b64: Option<String>,
    #[serde(default)]
    body_chunks_b64: Option<Vec<String>>,
}

impl Sent {
    /// The body; `None` where there is none.
    ///
    /// # Errors
    /// When it is no base64.
    pub fn body(&self) -> Result<Option<Vec<u8>>> {
        Ok(match (&self.body_utf8, &self.body_b64, &self.body_chunks_b64) {
            (Some(text), _, _) => Some(text.clone().into_bytes()),
            (None, Some(text), _) => Some(STANDARD.decode(text)?),
            (None, None, Some(chunks)) => {
                let chunks = chunks.iter().map(|chunk| STANDARD.decode(chunk));
                Some(chunks.collect::<Result<Vec<_>, _>>()?.concat())
            }
            (None, None, None) => None,
        })
    }

    /// The same as an agent sends it: what marks off the message is its own business.
    ///
    /// # Errors
    /// When the body is no base64.
    pub fn request(&self) -> Result<Request> {
        let framing = ["host", "content-length", "transfer-encoding", "connection", "expect"];
        let mut request = Request::new(&self.method, &self.authority, &self.path);
        for (name, value) in &self.headers {
            if !framing.iter().any(|own| name.eq_ignore_ascii_case(own)) {
                request = request.header(name, value);
            }
        }
        Ok(request.body(self.body()?.unwrap_or_default()))
    }
}

/// The corpus beside the project; `None` on a machine without it.
pub fn corpus() -> Option<PathBuf> {
    let corpus = place::root().parent()?.join("shared/corpus/actions");
    corpus.is_dir().then_some(corpus)
}

/// The rows of a file, or of every file in a folder.
///
/// # Errors
/// When one cannot be read.
pub fn read(path: &Path) -> Result<Vec<Row>> {
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        files = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
        files.sort();
    }
    let mut rows = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let row = serde_json::from_str(line);
            rows.push(row.with_context(|| format!("`{}` line {}", file.display(), number + 1))?);
        }
    }
    Ok(rows)
}
