//! Requests as people have them at hand: curl's flags, a raw HTTP file, a HAR entry, a case, a corpus row.

use std::path::{Path, PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_core::{
    anonymise::preview,
    call::{Body, Call, Destinations, HeaderMap, Scheme},
    policy::{Anonymise, Policy},
};
use serde::Deserialize;
use serde_json::Value;

use super::{Fault, read};

/// A request, before it is a call.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) scheme: Scheme,
    pub(super) authority: String,
    /// Path and query as sent; `None` for CONNECT.
    pub(super) target: Option<String>,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Option<Vec<u8>>,
}

impl Request {
    /// A request to a URL.
    pub(super) fn to(method: &str, url: &str) -> Result<Self, Fault> {
        let bad = |why: &str| Fault::Usage(format!("bad URL `{url}`: {why}"));
        let (scheme, rest) = match url.split_once("://") {
            Some(("https", rest)) => (Scheme::Https, rest),
            Some(("http", rest)) => (Scheme::Http, rest),
            Some(_) => return Err(bad("it is `https://` or `http://`")),
            None => return Err(bad("it starts with `https://` or `http://`")),
        };
        let rest = rest.split('#').next().unwrap_or(rest);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if authority.is_empty() {
            return Err(bad("it names no host"));
        }
        let target = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let target = (method != "CONNECT").then_some(target);
        let authority = authority.to_owned();
        Ok(Self { method: method.to_owned(), scheme, authority, target, headers: Vec::new(), body: None })
    }

    /// The call that the filter would see.
    pub(super) fn call(&self) -> Result<Call, Fault> {
        let target = self.target.as_deref();
        let mut pairs: Vec<(&str, &[u8])> = vec![(":method", self.method.as_bytes())];
        pairs.push((":authority", self.authority.as_bytes()));
        pairs.extend(target.map(|target| (":path", target.as_bytes())));
        pairs.extend(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())));
        let destinations = self.destinations()?;
        Call::read(HeaderMap::from_pairs(pairs), &destinations)
            .map_err(|fault| Fault::Usage(fault.to_string()))
    }

    /// The body as the filter would see it.
    /// Path with query and body as they would leave, anonymised where a rule says so; inside is a sentence where they would
    /// not.
    pub(super) fn sent(
        &self,
        anonymise: Option<&Anonymise>,
        policy: &Policy,
        call: &Call,
    ) -> Result<Result<(String, Vec<u8>), String>, Fault> {
        let body = self.body.as_deref().unwrap_or_default();
        let Some(anonymise) = anonymise else {
            return Ok(Ok((format!("{}{}", call.raw_path(), call.query()), body.to_vec())));
        };
        Ok(preview(anonymise, policy, &self.destinations()?, call, body))
    }

    fn destinations(&self) -> Result<Destinations, Fault> {
        let none: [&str; 0] = [];
        Destinations::new(self.scheme, none).map_err(|bad| Fault::Usage(bad.to_string()))
    }

    pub(super) fn body(&self) -> Body<'_> {
        match self.body.as_deref() {
            None => Body::Absent,
            Some(bytes) => Body::Read(bytes),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
    }
}

/// Flags as curl has them.
#[derive(clap::Args, Debug, Default)]
#[group(id = "curl")]
pub(super) struct Curl {
    /// The method; POST where there is data, else GET.
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    method: Option<String>,
    /// A header, `Name: value`.
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// Data of a form, or `@FILE` without its line breaks; several are joined by `&`.
    #[arg(short = 'd', long = "data", value_name = "DATA")]
    data: Vec<String>,
    /// Data exactly as given, or `@FILE`.
    #[arg(long, value_name = "DATA", conflicts_with = "data")]
    data_binary: Option<String>,
    /// Where to.
    url: Option<String>,
}

impl Curl {
    /// The request that curl would send; `None` without a URL.
    pub(super) fn request(&self) -> Result<Option<Request>, Fault> {
        let Some(url) = &self.url else { return Ok(None) };
        let body = self.body()?;
        let method = self.method.as_deref().unwrap_or(if body.is_some() { "POST" } else { "GET" });
        let mut request = Request::to(method, url)?;
        for header in &self.headers {
            let (name, value) = header
                .split_once(':')
                .ok_or_else(|| Fault::Usage(format!("bad header `{header}`: write `Name: value`")))?;
            request.headers.push((name.trim().to_owned(), value.trim().as_bytes().to_vec()));
        }
        if body.is_some() && !request.has("content-type") {
            let form = ("content-type".to_owned(), b"application/x-www-form-urlencoded".to_vec());
            request.headers.push(form);
        }
        request.body = body;
        Ok(Some(request))
    }

    fn body(&self) -> Result<Option<Vec<u8>>, Fault> {
        if let Some(data) = &self.data_binary {
            return match data.strip_prefix('@') {
                Some(file) => read(Path::new(file)).map(Some),
                None => Ok(Some(data.clone().into_bytes())),
            };
        }
        let mut parts = Vec::new();
        for data in &self.data {
            parts.push(match data.strip_prefix('@') {
                Some(file) => {
                    let bytes = read(Path::new(file))?;
                    bytes.into_iter().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect()
                }
                None => data.clone().into_bytes(),
            });
        }
        Ok((!parts.is_empty()).then(|| parts.join(&b'&')))
    }
}

/// A raw HTTP/1.1 request: a request line, headers, an empty line, the body.
pub(super) fn raw(path: &Path) -> Result<Request, Fault> {
    let bytes = read(path)?;
    let bad = |why: &str| Fault::Usage(format!("`{}` is no raw HTTP request: {why}", path.display()));
    let split = |mark: &[u8]| {
        let at = bytes.windows(mark.len()).position(|window| window == mark)?;
        Some((bytes.get(..at)?, bytes.get(at + mark.len()..)?))
    };
    let (head, body) = [split(b"\r\n\r\n"), split(b"\n\n")]
        .into_iter()
        .flatten()
        .min_by_key(|(head, _)| head.len())
        .unwrap_or((&bytes, b""));
    let head = std::str::from_utf8(head).map_err(|_| bad("its head is not UTF-8"))?;
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target)) = (words.next().filter(|word| !word.is_empty()), words.next()) else {
        return Err(bad("its first line is `METHOD target HTTP/1.1`"));
    };
    let mut headers = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(|| bad("a header is `Name: value`"))?;
        headers.push((name.to_owned(), value.trim().as_bytes().to_vec()));
    }
    let body = (!body.is_empty()).then(|| body.to_vec());
    if target.contains("://") {
        return Ok(Request { headers, body, ..Request::to(method, target)? });
    }
    let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
    let authority = match host {
        _ if method == "CONNECT" => target.to_owned(),
        Some((_, value)) => String::from_utf8_lossy(value).into_owned(),
        None => return Err(bad("it has no `Host`")),
    };
    let target = (method != "CONNECT").then(|| target.to_owned());
    Ok(Request { method: method.to_owned(), scheme: Scheme::Https, authority, target, headers, body })
}

/// The request of one entry of a HAR file (HTTP Archive 1.2), counted from 0.
pub(super) fn har(path: &Path, entry: usize) -> Result<Request, Fault> {
    #[derive(Deserialize)]
    struct Pair {
        name: String,
        value: String,
    }
    #[derive(Deserialize)]
    struct Data {
        #[serde(default)]
        text: String,
        encoding: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Sent {
        method: String,
        url: String,
        #[serde(default)]
        headers: Vec<Pair>,
        post_data: Option<Data>,
    }
    let bad = |why: String| Fault::Usage(format!("`{}` is no HAR file: {why}", path.display()));
    let whole: Value = serde_json::from_slice(&read(path)?).map_err(|error| bad(error.to_string()))?;
    let entries = whole
        .pointer("/log/entries")
        .and_then(Value::as_array)
        .ok_or_else(|| bad("it has no entries".into()))?;
    let count = entries.len();
    let sent = entries.get(entry).and_then(|entry| entry.get("request")).ok_or_else(|| {
        Fault::Usage(format!("`{}` has no entry {entry}: it has {count}, counted from 0", path.display()))
    })?;
    let sent = Sent::deserialize(sent).map_err(|error| bad(error.to_string()))?;
    let mut request = Request::to(&sent.method, &sent.url)?;
    // Browsers write HTTP/2 pseudo-headers into the archive; the URL has said them.
    let plain = sent.headers.into_iter().filter(|pair| !pair.name.starts_with(':'));
    request.headers = plain.map(|pair| (pair.name, pair.value.into_bytes())).collect();
    request.body = match sent.post_data {
        None => None,
        Some(Data { text, encoding: Some(encoding) }) if encoding == "base64" => {
            Some(STANDARD.decode(text).map_err(|error| bad(error.to_string()))?)
        }
        Some(Data { text, .. }) => Some(text.into_bytes()),
    };
    Ok(request)
}

/// The request of a case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseRequest {
    #[serde(default = "get")]
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// The body as text.
    body: Option<String>,
    /// The body as JSON; the content type is `application/json` where none is written.
    json: Option<Value>,
    /// The body as a file beside the cases.
    body_file: Option<PathBuf>,
}

fn get() -> String {
    "GET".to_owned()
}

impl CaseRequest {
    /// The request; files are looked for in `folder`.
    pub(super) fn request(&self, folder: &Path) -> Result<Request, Fault> {
        let mut request = Request::to(&self.method, &self.url)?;
        let header = |(name, value): &(String, String)| (name.clone(), value.clone().into_bytes());
        request.headers = self.headers.iter().map(header).collect();
        request.body = match (&self.body, &self.json, &self.body_file) {
            (None, None, None) => None,
            (Some(text), None, None) => Some(text.clone().into_bytes()),
            (None, Some(value), None) => {
                if !request.has("content-type") {
                    request.headers.push(("content-type".to_owned(), b"application/json".to_vec()));
                }
                Some(value.to_string().into_bytes())
            }
            (None, None, Some(file)) => Some(read(&folder.join(file))?),
            _ => return Err(Fault::Usage("a request has one of `body`, `json`, `body_file`".to_owned())),
        };
        Ok(request)
    }
}

/// The request of a corpus row.
#[derive(Debug, Deserialize)]
pub(super) struct RowRequest {
    method: String,
    #[serde(default = "https")]
    scheme: String,
    authority: String,
    path: Option<String>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body_utf8: Option<String>,
    body_b64: Option<String>,
    body_chunks_b64: Option<Vec<String>>,
}

fn https() -> String {
    "https".to_owned()
}

impl RowRequest {
    /// The request; `None` where its body is no base64.
    pub(super) fn request(self) -> Option<Request> {
        let chunks = self.body_chunks_b64.or(self.body_b64.map(|body| vec![body]));
        let body = match (self.body_utf8, chunks) {
            (Some(text), _) => Some(text.into_bytes()),
            (None, Some(chunks)) => {
                let chunks: Result<Vec<Vec<u8>>, _> =
                    chunks.iter().map(|chunk| STANDARD.decode(chunk)).collect();
                Some(chunks.ok()?.concat())
            }
            (None, None) => None,
        };
        let scheme = if self.scheme == "http" { Scheme::Http } else { Scheme::Https };
        let headers = self.headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
        Some(Request {
            method: self.method,
            scheme,
            authority: self.authority,
            target: self.path,
            headers,
            body,
        })
    }
}
