//! The real approval service: `countersign serve --dev`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::agent::{Agent, Request};
use crate::message::Answer;
use crate::place;
use crate::process::Process;

const PATIENCE: Duration = Duration::from_secs(30);

/// A running service, on a free port and a fresh state directory.
pub struct Service {
    process: Process,
    ready: Value,
    folder: TempDir,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

/// A reviewer who is logged in.
#[derive(Clone, Debug)]
pub struct Reviewer {
    name: String,
    session: String,
    service: SocketAddr,
}

impl Service {
    /// Starts it and waits until it is ready.
    ///
    /// # Errors
    /// When it does not become ready; the error ends with what it said.
    pub fn start() -> Result<Self> {
        Self::with(&[])
    }

    /// Starts it with another log level than `info`.
    ///
    /// # Errors
    /// When it does not become ready; the error ends with what it said.
    pub fn logging(level: &str) -> Result<Self> {
        Self::begin(&[], &[("COUNTERSIGN_LOG".to_owned(), level.to_owned())])
    }

    /// Starts it with more arguments.
    ///
    /// # Errors
    /// When it does not become ready; the error ends with what it said.
    pub fn with(arguments: &[&str]) -> Result<Self> {
        Self::begin(arguments, &[])
    }

    /// Starts it with this `server.yaml` and these variables.
    ///
    /// # Errors
    /// When it does not become ready; the error ends with what it said.
    pub fn configured(config: &Path, environment: &[(String, String)]) -> Result<Self> {
        Self::begin(&["--config", &config.to_string_lossy()], environment)
    }

    fn begin(arguments: &[&str], environment: &[(String, String)]) -> Result<Self> {
        let folder = private()?;
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let (process, ready) = serve(folder.path(), "127.0.0.1:0", &arguments, environment)?;
        Ok(Self { process, ready, folder, arguments, environment: environment.to_vec() })
    }

    /// Starts it with a clock that can be put wrong: see [`Service::skew`].
    ///
    /// # Errors
    /// When it does not become ready; the error ends with what it said.
    pub fn with_a_clock() -> Result<Self> {
        let folder = private()?;
        let arguments =
            ["--dev-clock".to_owned(), folder.path().join("clock").to_string_lossy().into_owned()];
        let (process, ready) = serve(folder.path(), "127.0.0.1:0", &arguments, &[])?;
        Ok(Self { process, ready, folder, arguments: arguments.to_vec(), environment: Vec::new() })
    }

    /// Puts its clock wrong by so many seconds, at once.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn skew(&self, seconds: i64) -> Result<()> {
        let part = self.folder.path().join("clock.part");
        std::fs::write(&part, seconds.to_string())?;
        Ok(std::fs::rename(part, self.folder.path().join("clock"))?)
    }

    /// Where its database is.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("countersign.db")
    }

    /// Kills it without a warning, waits, and starts it again on the same port and state.
    ///
    /// # Errors
    /// When it does not become ready again.
    pub fn crash(&mut self, pause: Duration) -> Result<()> {
        let address = self.address()?.to_string();
        self.process.kill();
        std::thread::sleep(pause);
        (self.process, self.ready) = serve(self.folder.path(), &address, &self.arguments, &self.environment)?;
        Ok(())
    }

    /// What it said when it was ready.
    pub fn ready(&self) -> &Value {
        &self.ready
    }

    /// A text of the ready line.
    ///
    /// # Errors
    /// When it is not there.
    pub fn said(&self, name: &str) -> Result<&str> {
        self.ready[name].as_str().with_context(|| format!("the ready line has no `{name}`: {}", self.ready))
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the ready line has no address.
    pub fn address(&self) -> Result<SocketAddr> {
        Ok(self.said("url")?.trim_start_matches("http://").trim_end_matches('/').parse()?)
    }

    /// The key it shares with its filter, as 64 hexadecimal digits.
    ///
    /// # Errors
    /// When it has left none.
    pub fn pep_key(&self) -> Result<String> {
        let path = self.folder.path().join("pep.key");
        let key =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        Ok(key.trim().to_owned())
    }

    /// Where it keeps its state.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Every file it keeps, by name and with its bytes.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn state(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(self.folder.path())? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                files.push((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?));
            }
        }
        Ok(files)
    }

    /// Logs a reviewer in.
    ///
    /// # Errors
    /// When the service refuses.
    pub fn reviewer(&self, name: &str) -> Result<Reviewer> {
        let service = self.address()?;
        let login = Request::post(&service.to_string(), "/login/dev", json!({"name": name}).to_string());
        let answer = Agent::new(service).http1(&login)?.answer()?;
        anyhow::ensure!(answer.status == 200, "`{name}` cannot log in: {} {}", answer.status, answer.text());
        let session = answer.json()?["session"].as_str().context("no session")?.to_owned();
        Ok(Reviewer { name: name.to_owned(), session, service })
    }

    /// What it printed.
    pub fn lines(&self) -> Vec<String> {
        self.process.lines()
    }

    /// The running program.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Asks it anything, as nobody in particular.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn get(&self, target: &str) -> Result<Answer> {
        let address = self.address()?;
        Agent::new(address).http1(&Request::get(&address.to_string(), target))?.answer()
    }
}

/// A folder for the state that nobody else may read.
fn private() -> Result<tempfile::TempDir> {
    let owner = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    Ok(tempfile::Builder::new().prefix("countersign-").permissions(owner).tempdir()?)
}

fn serve(
    state: &Path,
    listen: &str,
    more: &[String],
    environment: &[(String, String)],
) -> Result<(Process, Value)> {
    let state = state.to_string_lossy();
    let fixed = ["serve", "--dev", "--state", &state, "--listen", listen];
    let arguments: Vec<String> =
        fixed.iter().map(|&argument| argument.to_owned()).chain(more.iter().cloned()).collect();
    let process = Process::start(&place::command()?.to_string_lossy(), &arguments, environment)?;
    let line = process.line(PATIENCE, |line| line.starts_with('{') && line.contains("\"ready\""))?;
    let ready = serde_json::from_str(&line).with_context(|| format!("the ready line is no JSON: {line}"))?;
    Ok((process, ready))
}

impl Reviewer {
    /// Who it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn ask(&self, request: Request) -> Result<Answer> {
        let request = request.header("authorization", &format!("Bearer {}", self.session));
        Agent::new(self.service).http1(&request)?.answer()
    }

    /// A page or document as it is served to the reviewer.
    ///
    /// # Errors
    /// When the service does not answer.
    pub fn read(&self, target: &str) -> Result<Answer> {
        self.ask(Request::get(&self.service.to_string(), target))
    }

    /// The requests that wait for someone.
    ///
    /// # Errors
    /// When the service does not answer with a list.
    pub fn waiting(&self) -> Result<Vec<Value>> {
        let answer =
            self.ask(Request::get(&self.service.to_string(), "/approver/v1/requests?status=pending"))?;
        let body = answer.json()?;
        let list = body.as_array().or_else(|| body["requests"].as_array());
        list.cloned().with_context(|| format!("no list: {} {}", answer.status, answer.text()))
    }

    /// One request as the inbox shows it.
    ///
    /// # Errors
    /// When the service does not answer with one.
    pub fn request(&self, id: &str) -> Result<Value> {
        self.ask(Request::get(&self.service.to_string(), &format!("/approver/v1/requests/{id}")))?.json()
    }

    /// Looks a second time at what somebody decided alone, echoing what was shown.
    ///
    /// # Errors
    /// When the service does not answer; a refusal is an answer.
    pub fn look_again(&self, shown: &Value, verdict: &str, reason: &str) -> Result<Answer> {
        let id = shown["id"].as_str().context("a request without an id")?;
        let body = json!({"verdict": verdict, "reason": reason, "display_digest": shown["display_digest"]});
        let target = format!("/approver/v1/requests/{id}/second-looks");
        self.ask(Request::post(&self.service.to_string(), &target, body.to_string()))
    }

    /// Decides, echoing what was shown.
    ///
    /// # Errors
    /// When the service does not answer; a refusal is an answer.
    pub fn decide(&self, shown: &Value, decision: &str, reason: &str) -> Result<Answer> {
        let id = shown["id"].as_str().context("a request without an id")?;
        let body = json!({"decision": decision, "reason": reason, "display_digest": shown["display_digest"],
            "code": shown["code"]});
        let target = format!("/approver/v1/requests/{id}/decisions");
        self.ask(Request::post(&self.service.to_string(), &target, body.to_string()))
    }

    /// Approves, and agrees to the same again: so often, this request included, and for so many seconds.
    ///
    /// # Errors
    /// When the service does not answer; a refusal is an answer.
    pub fn decide_and_again(&self, shown: &Value, uses: usize, seconds: u64) -> Result<Answer> {
        let id = shown["id"].as_str().context("a request without an id")?;
        let body = json!({"decision": "approve", "reason": "as often as needed",
            "display_digest": shown["display_digest"], "code": shown["code"],
            "again": {"uses": uses, "seconds": seconds}});
        let target = format!("/approver/v1/requests/{id}/decisions");
        self.ask(Request::post(&self.service.to_string(), &target, body.to_string()))
    }

    /// The standing approvals, newest first.
    ///
    /// # Errors
    /// When the service does not answer with a list.
    pub fn standing(&self) -> Result<Value> {
        let answer = self.ask(Request::get(&self.service.to_string(), "/approver/v1/standing"))?;
        Ok(answer.json()?["standing"].take())
    }

    /// Takes a standing approval back.
    ///
    /// # Errors
    /// When the service does not answer; a refusal is an answer.
    pub fn take_back(&self, id: &str) -> Result<Answer> {
        let target = format!("/approver/v1/standing/{id}/revoke");
        let body = json!({"reason": "enough"});
        self.ask(Request::post(&self.service.to_string(), &target, body.to_string()))
    }

    /// Says whether a request whose outcome is unknown was executed: `yes`, `no` or `cannot_tell`.
    ///
    /// # Errors
    /// When the service does not answer; a refusal is an answer.
    pub fn settle(&self, id: &str, executed: &str) -> Result<Answer> {
        let target = format!("/approver/v1/requests/{id}/outcome");
        let body = json!({"executed": executed, "reason": "asked them"});
        self.ask(Request::post(&self.service.to_string(), &target, body.to_string()))
    }
}
