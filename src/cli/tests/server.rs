//! `countersign serve`, `keys` and `backup` as an operator runs them.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use countersign_wire::{
    digest::{Secret, content_digest},
    record::{Chain, Event},
    signature::{Covered, PepKey},
    submission::Submission,
};
use serde_json::{Value, json};

fn countersign(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear().stdin(Stdio::null()).args(arguments);
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A service on a free port that writes down everything it has to say.
struct Served {
    child: Child,
    ready: Value,
    state: PathBuf,
    log: PathBuf,
    calls: std::cell::Cell<u32>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

impl Served {
    fn start(folder: &Path, more: &[&str]) -> Self {
        let (state, log) = (folder.join("state"), folder.join("log"));
        let mut child = countersign(&["serve", "--dev", "--listen", "127.0.0.1:0", "--state"])
            .arg(&state)
            .args(more)
            .env("COUNTERSIGN_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(fs::OpenOptions::new().create(true).append(true).open(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("not ready: {}", fs::read_to_string(&log).unwrap()));
        Self { child, ready, state, log, calls: std::cell::Cell::new(0) }
    }

    fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }

    fn authority(&self) -> &str {
        self.ready["url"].as_str().unwrap().trim_start_matches("http://")
    }

    /// Sends a request with these headers and returns the whole answer as text.
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        use std::io::Write as _;
        let mut stream = std::net::TcpStream::connect(self.authority()).unwrap();
        let mut text =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.authority());
        for (name, value) in headers {
            text.extend([name, ": ", value, "\r\n"]);
        }
        write!(stream, "{text}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The same, signed by the filter; the answer's JSON.
    fn call(&self, path: &str, body: &str) -> (Value, String) {
        let secret = fs::read_to_string(self.state.join("pep.key")).unwrap();
        let key = PepKey { keyid: "dev".into(), secret: Secret::from_hex(secret.trim()).unwrap() };
        self.calls.set(self.calls.get() + 1);
        let number = format!("{}-{}", self.child.id(), self.calls.get());
        let (digest, idempotency) = (content_digest(body.as_bytes()), format!("\"key-{number}\""));
        let covered = Covered {
            method: "POST",
            authority: self.authority(),
            path,
            query: "",
            content_digest: Some(&digest),
            idempotency_key: Some(&idempotency),
        };
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let signed = key.sign(&covered, now.as_secs().cast_signed(), &format!("nonce-{number}"));
        let headers = [
            ("content-type", "application/json"),
            ("content-digest", &digest),
            ("idempotency-key", &idempotency),
            ("signature-input", &signed.input),
            ("signature", &signed.signature),
        ];
        let answer = self.send("POST", path, &headers, body);
        let (_, json) = answer.split_once("\r\n\r\n").unwrap();
        (serde_json::from_str(json).unwrap_or_else(|_| panic!("{answer}")), signed.signature)
    }

    fn login(&self, name: &str) -> (Value, String) {
        let body = json!({"name": name}).to_string();
        let answer = self.send("POST", "/login/dev", &[("content-type", "application/json")], &body);
        let (head, json) = answer.split_once("\r\n\r\n").unwrap();
        let cookie = head.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
        (serde_json::from_str(json).unwrap(), cookie.split(['=', ';']).nth(1).unwrap().to_owned())
    }

    fn submission(&self) -> Value {
        let mut body: Value =
            serde_json::from_str(include_str!("../../wire/vectors/approval-request.body").trim_end())
                .unwrap();
        body["client"]["id"] = self.ready["client_id"].clone();
        body["denial"]["expires_at"] = "2096-01-01T00:00:00Z".into();
        body.as_object_mut().unwrap().remove("requested_access");
        let v1 = &mut body["context"]["urn:countersign:v1"];
        // No secret is kept here that could be asked for.
        v1["secrets"] = json!([]);
        v1["quorum"] = json!({"required": 1, "groups": ["security"], "distinct": true, "veto": true});
        let typed: Submission = serde_json::from_value(body.clone()).unwrap();
        body["context"]["urn:countersign:v1"]["payload"]["display_digest"] = typed.display_digest().into();
        body
    }

    /// Submits, has somebody approve, and returns the task's id and its grant.
    fn granted(&self, bearer: &str) -> (String, Value) {
        let body = self.submission();
        let (task, _) = self.call("/access/v1/requests", &body.to_string());
        let id = task["task"]["id"].as_str().unwrap_or_else(|| panic!("{task}")).to_owned();
        let decision = json!({"decision": "approve", "reason": "because",
            "display_digest": body["context"]["urn:countersign:v1"]["payload"]["display_digest"]});
        let headers = [("content-type", "application/json"), ("authorization", &*format!("Bearer {bearer}"))];
        let answer = self.send(
            "POST",
            &format!("/approver/v1/requests/{id}/decisions"),
            &headers,
            &decision.to_string(),
        );
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        // The same submission finds its task.
        let (task, _) = self.call("/access/v1/requests", &body.to_string());
        (id, task["task"]["result"]["approval"].clone())
    }

    fn redeem(&self, id: &str, approval: &Value) -> (Value, String) {
        let body = self.submission();
        let digest = &body["context"]["urn:countersign:request_digest"];
        let now = 1_795_240_980_000;
        self.calls.set(self.calls.get() + 1);
        let mut chain =
            Chain::new(format!("019aa3e4-9c7b-7c1d-8f00-{:08x}{:04x}", self.child.id(), self.calls.get()));
        let open = chain.append(Event::ChainOpen, now, serde_json::Map::new());
        self.call("/audit/v1/records", &format!("{}\n", open.line()));
        let members = json!({"tid": id, "jti": approval["id"], "request_digest": digest});
        let record = chain.append(Event::ActionReleasing, now, members.as_object().unwrap().clone());
        let nonce = format!("AAECAwQFBgcICQoLDA-{:08}", self.calls.get());
        let ask = json!({"subject": body["subject"], "action": body["action"], "resource": body["resource"],
            "context": {"urn:countersign:request_digest": digest, "approval": approval,
                "urn:countersign:v1": {"nonce": nonce, "record": record.value()}}});
        self.call("/access/v1/evaluation", &ask.to_string())
    }
}

#[test]
fn the_local_login_listens_on_loopback_only() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    for listen in
        ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:192.0.2.1]:0", "[2001:db8::1]:0", "10.0.0.1:8700"]
    {
        let output =
            countersign(&["serve", "--dev", "--listen", listen, "--state"]).arg(&state).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{listen}");
        assert!(said(&output).contains("listens on loopback only"), "{listen}: {}", said(&output));
    }
    // A name may mean anything tomorrow.
    for listen in ["localhost:0", "evil.example:0", "127.0.0.1.evil.example:0", "0:0", "2130706433:0"] {
        let output =
            countersign(&["serve", "--dev", "--listen", listen, "--state"]).arg(&state).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{listen}: {}", said(&output));
    }
    assert!(!state.exists(), "it began to serve");
}

#[test]
fn the_local_login_may_listen_on_the_loopback_of_ipv6() {
    let folder = tempfile::tempdir().unwrap();
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let mut child = countersign(&["serve", "--dev", "--listen", "[::1]:0", "--state"])
        .arg(folder.path().join("state"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert!(ready["url"].as_str().unwrap().starts_with("http://[::1]:"), "{ready}");
}

/// Everything that opens something, used once, and the log of it at its most talkative.
#[test]
fn no_key_token_cookie_or_grant_stands_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &[]);
    let (login, cookie) = served.login("bob");
    let bearer = login["session"].as_str().unwrap().to_owned();
    let csrf = login["csrf"].as_str().unwrap().to_owned();
    let by_cookie = [("cookie", &*format!("countersign_session={cookie}"))];
    assert!(served.send("GET", "/inbox", &by_cookie, "").starts_with("HTTP/1.1 200"));
    let (id, approval) = served.granted(&bearer);
    let (answer, signature) = served.redeem(&id, &approval);
    assert_eq!(answer["decision"], true, "{answer}");
    let receipt = answer["context"]["urn:countersign:v1"]["receipt"].as_str().unwrap().to_owned();
    // Mistakes are where logs talk most.
    served.send("GET", "/approver/v1/me", &[("authorization", &*format!("Bearer {bearer}x"))], "");
    served.send(
        "POST",
        "/approver/v1/requests/x/decisions",
        &[("authorization", &*format!("Bearer {bearer}"))],
        &csrf,
    );
    served.send(
        "POST",
        "/access/v1/requests",
        &[("signature", &*signature), ("signature-input", "pep=()")],
        "{}",
    );
    let secrets: Vec<(&str, String)> = vec![
        ("the filter's key", fs::read_to_string(served.state.join("pep.key")).unwrap()),
        ("the signing key", fs::read_to_string(served.state.join("signing.key")).unwrap()),
        ("the bearer token", bearer),
        ("the cookie", cookie),
        ("the form token", csrf),
        ("the grant", approval["state"].as_str().unwrap().to_owned()),
        ("the receipt", receipt),
        ("a signature", signature.trim_start_matches("pep=:").trim_end_matches(':').to_owned()),
    ];
    let log = served.log.clone();
    served.stop();
    let log = fs::read_to_string(log).unwrap();
    assert!(log.contains("DEBUG") && log.contains("a call was refused"), "the log says nothing:\n{log}");
    for (what, secret) in secrets {
        let secret = secret.trim();
        assert!(secret.len() > 20, "{what} is no secret");
        assert!(!log.contains(secret), "{what} stands in the log");
        // Nor most of it.
        let half: String = secret.chars().take(secret.len().min(40) / 2).collect();
        assert!(
            what == "the grant" || what == "the receipt" || !log.contains(&half),
            "half of {what} stands in the log"
        );
    }
}

#[test]
fn an_operator_backs_up_puts_back_and_must_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &[]);
    let state = served.state.clone();
    let (bearer, backup) =
        (served.login("bob").0["session"].as_str().unwrap().to_owned(), folder.path().join("copy.db"));
    let (id, approval) = served.granted(&bearer);
    let arguments = ["backup", "--state", state.to_str().unwrap(), "--to", backup.to_str().unwrap()];
    let output = countersign(&arguments).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    let (answer, _) = served.redeem(&id, &approval);
    assert_eq!(answer["decision"], true, "{answer}");
    served.stop();

    for name in ["countersign.db", "countersign.db-wal", "countersign.db-shm"] {
        fs::remove_file(state.join(name)).unwrap_or_default();
    }
    fs::copy(&backup, state.join("countersign.db")).unwrap();
    let refused =
        countersign(&["serve", "--dev", "--listen", "127.0.0.1:0", "--state"]).arg(&state).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("--accept-restored"), "{}", said(&refused));
    let served = Served::start(folder.path(), &["--accept-restored"]);
    let (answer, _) = served.redeem(&id, &approval);
    assert_eq!(answer["decision"], false, "{answer}");
    assert_eq!(answer["context"]["urn:countersign:v1"]["detail"], "revoked");
}

#[test]
fn an_operator_rotates_and_revokes_while_the_service_runs() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &[]);
    let old = served.ready["jwks"]["keys"][0]["kid"].as_str().unwrap().to_owned();
    let keys = |arguments: &[&str]| {
        let output =
            countersign(&["keys"]).args(arguments).arg("--state").arg(&served.state).output().unwrap();
        (output.status.code(), said(&output))
    };
    let published = |wanted: usize| {
        let begun = Instant::now();
        loop {
            let answer = served.send("GET", "/access/v1/jwks", &[], "");
            let set: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
            let kids: Vec<String> = set["keys"]
                .as_array()
                .unwrap()
                .iter()
                .map(|key| key["kid"].as_str().unwrap().to_owned())
                .collect();
            if kids.len() == wanted {
                return kids;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{kids:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    let (code, text) = keys(&["rotate"]);
    assert!(code == Some(2) && text.contains("keys prepare"), "{text}");
    let (code, text) = keys(&["prepare"]);
    assert!(code == Some(0) && text.contains("\"kid\""), "{text}");
    let next = published(2).into_iter().find(|kid| *kid != old).unwrap();
    assert!(text.contains(&next), "{text}");
    let (code, text) = keys(&["rotate"]);
    assert!(code == Some(2) && text.contains("24 hours"), "{text}");
    let (code, text) = keys(&["rotate", "--now"]);
    assert!(code == Some(0) && text.contains(&next), "{text}");
    let begun = Instant::now();
    while !keys(&["list"]).1.contains(&format!("{old}  retired")) {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", keys(&["list"]).1);
        std::thread::sleep(Duration::from_millis(100));
    }
    let (code, text) = keys(&["revoke", &old]);
    assert!(code == Some(0) && text.starts_with("revoked; 0 unused grants"), "{text}");
    assert_eq!(published(1), std::slice::from_ref(&next));
    let (code, text) = keys(&["list"]);
    assert!(
        code == Some(0) && text.contains(&format!("{next}  current")) && text.contains("revoked"),
        "{text}"
    );
    let secret = fs::read_to_string(served.state.join("signing.key")).unwrap();
    assert!(!text.contains(secret.trim()));
}

#[test]
fn a_service_that_is_told_to_stop_says_so_first_goes_on_serving_and_then_ends_what_is_open() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("server.yaml");
    fs::write(&config, "observe: 127.0.0.1:0\ndrain: 3s\n").unwrap();
    let mut served = Served::start(folder.path(), &["--config", config.to_str().unwrap()]);
    let observe = served.ready["observe"].as_str().unwrap().to_owned();
    let readyz = || {
        let answer =
            ureq::get(format!("{observe}/readyz")).config().http_status_as_error(false).build().call();
        answer.unwrap().status().as_u16()
    };
    assert_eq!(readyz(), 200);
    assert!(served.send("GET", "/readyz", &[], "").starts_with("HTTP/1.1 404"), "strangers can ask");
    let bearer = served.login("bob").1;
    let mut live = std::net::TcpStream::connect(served.authority()).unwrap();
    live.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(
        live,
        "GET /approver/v1/events HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {bearer}\r\n\r\n",
        served.authority()
    )
    .unwrap();
    let mut some = [0; 16];
    live.read_exact(&mut some).unwrap();

    let pid = served.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let until = Instant::now() + Duration::from_secs(2);
    while readyz() != 503 {
        assert!(Instant::now() < until, "it still says that it is ready");
        std::thread::sleep(Duration::from_millis(20));
    }
    // What comes before the load balancer noticed is taken, and kept.
    let (task, _) = served.call("/access/v1/requests", &served.submission().to_string());
    let id = task["task"]["id"].as_str().unwrap().to_owned();
    let mut rest = String::new();
    live.read_to_string(&mut rest).unwrap();
    assert!(
        rest.contains(&id) && rest.ends_with("0\r\n\r\n"),
        "the live list did not end as it should: {rest}"
    );
    assert!(served.child.wait().unwrap().success());
    let again = Served::start(folder.path(), &[]);
    let (task, _) = again.call("/access/v1/requests", &again.submission().to_string());
    assert_eq!(task["task"]["id"], *id, "what was taken while it stopped is lost");
    again.stop();
}
