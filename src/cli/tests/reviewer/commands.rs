//! The reviewer's commands against a served process: what they print, what they refuse, and with which exit code.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use countersign_wire::{
    digest::{Secret, content_digest, tagged},
    signature::{Covered, PepKey},
    submission::Submission,
};
use serde_json::{Value, json};

/// `countersign serve --dev` on a free port, and a home of its own for the commands.
pub(crate) struct Served {
    child: Child,
    ready: Value,
    pub(crate) home: tempfile::TempDir,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

pub(crate) fn countersign(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command
        .env_clear()
        .env("XDG_STATE_HOME", home.join("state"))
        .env("COUNTERSIGN_LOG", "warn")
        .stdin(Stdio::null());
    command
}

impl Served {
    pub(crate) fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut child = countersign(home.path())
            .args(["serve", "--dev", "--listen", "127.0.0.1:0", "--state"])
            .arg(home.path().join("server"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap(), home }
    }

    pub(crate) fn url(&self) -> &str {
        self.ready["url"].as_str().unwrap()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        Said::of(
            &countersign(self.home.path())
                .args(arguments)
                .env("COUNTERSIGN_URL", self.url())
                .output()
                .unwrap(),
        )
    }

    /// A filter asks; returns the task's id.
    fn task(&self, number: u32) -> String {
        let mut body: Value =
            serde_json::from_str(include_str!("../../../wire/vectors/approval-request.body").trim_end())
                .unwrap();
        body["context"]["urn:countersign:request_digest"] = tagged("", &number.to_be_bytes()).into();
        body["client"]["id"] = self.ready["client_id"].clone();
        body["denial"]["expires_at"] = "2096-01-01T00:00:00Z".into();
        body.as_object_mut().unwrap().remove("requested_access");
        body["context"]["business_justification"] = "quick \u{1b}[2J\u{202e}look".into();
        let v1 = &mut body["context"]["urn:countersign:v1"];
        v1["quorum"] = json!({"required": 1, "groups": ["security"], "distinct": true, "veto": true,
            "break_glass": ["security"]});
        // A service without a configuration has none.
        v1["secrets"] = json!([]);
        v1["code"] = format!("CEDAR-{number:02}").into();
        let typed: Submission = serde_json::from_value(body.clone()).unwrap();
        body["context"]["urn:countersign:v1"]["payload"]["display_digest"] = typed.display_digest().into();
        let body = body.to_string();

        let secret = std::fs::read_to_string(self.home.path().join("server/pep.key")).unwrap();
        let key = PepKey { keyid: "dev".into(), secret: Secret::from_hex(secret.trim()).unwrap() };
        let (digest, idempotency) = (content_digest(body.as_bytes()), format!("\"key-{number}\""));
        let covered = Covered {
            method: "POST",
            authority: self.url().strip_prefix("http://").unwrap(),
            path: "/access/v1/requests",
            query: "",
            content_digest: Some(&digest),
            idempotency_key: Some(&idempotency),
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let signed = key.sign(&covered, i64::try_from(now).unwrap(), &format!("nonce-{number:010}"));
        let mut answer = ureq::post(format!("{}/access/v1/requests", self.url()))
            .header("content-type", "application/json")
            .header("content-digest", &digest)
            .header("idempotency-key", &idempotency)
            .header("signature-input", &signed.input)
            .header("signature", &signed.signature)
            .send(body.as_bytes())
            .unwrap();
        let answer: Value = answer.body_mut().read_json().unwrap();
        answer["task"]["id"].as_str().unwrap().to_owned()
    }
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
    code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        if code != 0 {
            assert!(
                self.err.starts_with("countersign: ") && self.err.trim_end().lines().count() == 1,
                "{self:?}"
            );
        }
        self
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

#[test]
fn the_ready_line_says_everything_a_filter_and_a_reviewer_need() {
    let served = Served::start();
    let ready = &served.ready;
    assert_eq!((&ready["event"], &ready["issuer"]), (&json!("ready"), &ready["url"]));
    assert_eq!((&ready["client_id"], &ready["keyid"]), (&json!("urn:countersign:pep:dev"), &json!("dev")));
    assert_eq!(ready["jwks"]["keys"][0]["alg"], "Ed25519");
    assert_eq!(ready["reviewers"][0]["name"], "bob");
    assert_eq!(ready["reviewers"][0]["login"], format!("{}/login?as=bob", served.url()));
}

#[test]
fn a_reviewer_sees_what_waits_looks_at_it_and_approves_exactly_that() {
    let served = Served::start();
    assert_eq!(served.run(&["inbox", "--as", "bob"]).expect(0).out, "Nothing waits for you.\n");
    let id = served.task(1);
    let list = served.run(&["inbox"]).expect(0).out;
    assert!(
        list.contains("Export prod.public.customers to api.thirdparty.example") && list.contains("CEDAR-01"),
        "{list}"
    );

    let shown = served.run(&["show", "CEDAR-01"]).expect(0).out;
    for fact in [
        "report-bot for alice@example.com",
        "said by the agent, not verified",
        "exactly these 63 bytes",
        "\n  reads     ",
        "\n  writes    ",
        &id,
    ] {
        assert!(shown.contains(fact), "no `{fact}`: {shown}");
    }
    assert!(
        !shown.contains('\u{1b}') && !shown.contains('\u{202e}'),
        "the agent wrote to the terminal: {shown}"
    );
    let digest = shown.lines().find_map(|line| line.trim().strip_prefix("digest")).unwrap().trim().to_owned();

    let other = ["approve", &id, "--yes", "--reason", "ok", "--digest", "sha-256:somethingelse"];
    assert!(served.run(&other).expect(4).err.contains("not what you were shown"));
    let unseen = served.run(&["approve", &id, "--reason", "ok"]).expect(2);
    assert!(unseen.err.contains("nobody is at a terminal"), "{unseen:?}");
    let done =
        served.run(&["approve", &id, "--yes", "--reason", "DPA-114", "--digest", &digest]).expect(0).out;
    assert!(done.starts_with("You approved: Export prod.public.customers"), "{done}");

    let after = served.run(&["show", &id, "--json"]).expect(0).json();
    assert_eq!(after["state"], "approved");
    let vote = &after["votes"][0];
    assert_eq!(
        (&vote["person"], &vote["channel"], &vote["reason"]),
        (&json!("bob"), &json!("cli"), &json!("DPA-114"))
    );
    let again = served.run(&["deny", &id, "--reason", "too late"]).expect(4);
    assert!(again.err.contains("already approved"), "{again:?}");
}

#[test]
fn a_reviewer_asks_and_another_denies() {
    let served = Served::start();
    let id = served.task(2);
    let asked = served.run(&["ask", &id, "--question", "Which vendor?", "--as", "carol"]).expect(0).out;
    assert!(asked.contains("waits for an answer"), "{asked}");
    assert!(served.run(&["show", &id]).expect(0).out.contains("Which vendor? (carol"));
    let denied = served.run(&["deny", &id, "--reason", "no DPA", "--as", "bob", "--json"]).expect(0).json();
    assert_eq!(denied["state"], "denied");
    let listed = served.run(&["inbox", "--status", "denied", "--json"]).expect(0).json();
    assert_eq!(listed["requests"][0]["id"], id);
}

#[test]
fn an_approval_is_taken_back_before_it_is_used() {
    let served = Served::start();
    let id = served.task(3);
    let early = served.run(&["revoke", &id, "--reason", "oops", "--as", "bob"]).expect(4);
    assert!(early.err.contains("no grant"), "{early:?}");
    served.run(&["approve", &id, "--yes", "--reason", "fine", "--as", "bob"]).expect(0);
    let done = served.run(&["revoke", &id, "--reason", "wrong vendor", "--as", "carol"]).expect(0).out;
    assert!(done.starts_with("You took the approval back: Export"), "{done}");
    let shown = served.run(&["show", &id, "--json"]).expect(0).json();
    assert_eq!((&shown["state"], &shown["revoked"]["reason"]), (&json!("revoked"), &json!("wrong vendor")));
    let known =
        served.run(&["settle", &id, "--executed", "no", "--reason", "saw it", "--as", "bob"]).expect(4);
    assert!(known.err.contains("not unknown"), "{known:?}");
}

#[test]
fn who_decided_alone_is_looked_at_by_another() {
    let served = Served::start();
    let id = served.task(4);
    let alone =
        ["approve", &id, "--break-glass", "--yes", "--reason", "3 a.m., customers are down", "--as", "bob"];
    assert!(served.run(&alone).expect(0).out.starts_with("You decided alone on: Export"));
    let shown = served.run(&["show", &id]).expect(0).out;
    assert!(shown.contains("alone") && shown.contains("3 a.m., customers are down"), "{shown}");
    served.run(&["look", &id, "--confirm", "--reason", "I was there", "--as", "bob"]).expect(4);
    assert_eq!(served.run(&["look", &id, "--reason", "neither", "--as", "carol"]).code, Some(2));
    let done =
        served.run(&["look", &id, "--contest", "--reason", "they were not", "--as", "carol"]).expect(0).out;
    assert!(done.starts_with("You contested: Export"), "{done}");
    let after = served.run(&["show", &id, "--json"]).expect(0).json();
    assert_eq!((&after["state"], &after["break_glass"]["state"]), (&json!("revoked"), &json!("contested")));
}

#[test]
fn each_failure_is_one_sentence_and_a_stable_code() {
    let served = Served::start();
    for (arguments, code, why) in [
        (&["inbox"][..], 2, "who are you?"),
        (&["inbox", "--as", "mallory"], 4, "there is no reviewer `mallory`"),
        (&["show", "arq_none", "--as", "bob"], 4, "there is no task `arq_none`"),
        (&["show", "OAK-99", "--as", "bob"], 4, "no request that waits"),
        (&["approve", "arq_none", "--reason", " ", "--yes"], 2, "says something"),
        (&["inbox", "--url", "http://approvals.example.com"], 2, "in the clear"),
        (&["inbox", "--url", "http://127.0.0.1:1", "--as", "bob"], 5, "cannot reach"),
    ] {
        let said = served.run(arguments).expect(code);
        assert!(said.err.contains(why), "{arguments:?}: {said:?}");
    }
    let unknown = served.run(&["inbox", "--colour"]);
    assert_eq!(unknown.code, Some(2));
    let ended = countersign(served.home.path())
        .args(["inbox", "--url", served.url()])
        .env("COUNTERSIGN_SESSION", "ended")
        .output()
        .unwrap();
    let ended = Said::of(&ended).expect(4);
    assert!(ended.err.contains("your session ended"), "{ended:?}");
}

#[test]
fn a_session_is_kept_for_its_owner_alone() {
    let served = Served::start();
    served.run(&["inbox", "--as", "bob"]).expect(0);
    let kept = served.home.path().join("state/countersign/sessions.json");
    assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&kept, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(served.run(&["inbox"]).expect(2).err.contains("others can read"));
}

#[test]
fn without_an_identity_provider_or_off_loopback_it_does_not_start() {
    let home = tempfile::tempdir().unwrap();
    let serve = |arguments: &[&str]| {
        Said::of(&countersign(home.path()).arg("serve").args(arguments).output().unwrap()).expect(2)
    };
    assert!(serve(&["--listen", "127.0.0.1:0"]).err.contains("no identity provider is configured"));
    assert!(serve(&["--dev", "--listen", "0.0.0.0:0"]).err.contains("listens on loopback only"));
    assert!(
        serve(&["--dev", "--listen", "127.0.0.1:0", "--config", "/nonexistent.yaml"])
            .err
            .contains("cannot read")
    );
}

#[test]
fn it_stops_when_told_to() {
    let mut served = Served::start();
    let pid = served.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
}
