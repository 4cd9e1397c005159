//! Telling people by e-mail, at a real mail server on loopback (`mail.py`, Debian's aiosmtpd).

use std::{
    io::{BufRead as _, BufReader, Lines},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use countersign_server::service::Choice;
use serde_json::Value;

use crate::support::{Bench, v1};

/// A mail server and what it took.
struct Server {
    child: Child,
    port: u64,
    took: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    /// Starts one. Where the machine has none, tests say so and pass, except under `CI`, where that is a failure.
    #[expect(clippy::print_stdout, reason = "a skipped test says so")]
    fn start(tls: &[&str]) -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/service/mail.py");
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .args(tls)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut lines = BufReader::new(child.stdout.take()?).lines();
        let Some(Ok(first)) = lines.next() else {
            child.wait().ok();
            assert!(std::env::var_os("CI").is_none(), "the mail server does not start");
            println!("skipped: there is no mail server (apt-get install python3-aiosmtpd)");
            return None;
        };
        let first: Value = serde_json::from_str(&first).unwrap();
        let took: Arc<Mutex<Vec<Value>>> = Arc::default();
        keep(lines, took.clone());
        Some(Self { child, port: first["port"].as_u64().unwrap(), took })
    }

    async fn until(&self, count: usize) -> Vec<Value> {
        for _ in 0..1_000 {
            let took = self.took.lock().unwrap().clone();
            if took.len() >= count {
                return took;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the mail server took only {:?}", self.took.lock().unwrap());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn keep(lines: Lines<BufReader<ChildStdout>>, took: Arc<Mutex<Vec<Value>>>) {
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            took.lock().unwrap().push(serde_json::from_str(&line).unwrap());
        }
    });
}

/// The decoded text of a mail's first part, whatever its transfer encoding.
fn words(mail: &Value) -> String {
    let data = mail["data"].as_str().unwrap();
    data.replace("=\r\n", "").replace("=3D", "=")
}

#[tokio::test]
async fn a_mail_says_what_waits_and_links_to_where_a_human_decides() {
    let Some(server) = Server::start(&[]) else { return };
    let yaml = format!(
        "channels: {{mail: {{email: {{server: 127.0.0.1, port: {}, tls: none, from: \"Countersign <approvals@example.com>\", \
         to: [bob@example.com, \"Carol <carol@example.com>\"]}}}}}}\n",
        server.port
    );
    let bench = Bench::with(&yaml, &[]).await;
    let reply = bench
        .submit(|value| {
            value["context"]["business_justification"] = "see http://evil.example/approve".into();
            v1(value)["policy"]["rule"] = "pii\r\nBcc: eve@evil.example\r\n\r\n<b>hi</b>".into();
            crate::support::redigest(value);
        })
        .await;
    let id = reply.task_id();
    bench.decide("bob", &id, Choice::Deny).await.unwrap();
    let mails = server.until(2).await;
    let (first, second) = (words(&mails[0]), words(&mails[1]));
    assert_eq!(mails[0]["to"], serde_json::json!(["bob@example.com", "carol@example.com"]));
    assert!(first.contains("Subject: Approval needed: "), "{first}");
    assert!(first.contains(&format!("/r/{id}")) && second.contains("Subject: Denied: "), "{first}\n{second}");
    // What an agent or a policy writes can be neither a header, nor a link, nor markup.
    for mail in [&first, &second] {
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("eve@"), "{head}");
        let (_, markup) = mail.split_once("<!doctype html>").unwrap();
        assert!(!mail.contains("evil.example/approve") && !markup.contains("<b>"), "{markup}");
        assert_eq!(mail.matches("href=").count(), 1, "one link");
    }
    // Both belong to one conversation.
    let thread = format!("<{id}@example.com>");
    assert!(first.contains(&format!("Message-ID: {thread}")), "{first}");
    assert!(second.contains(&format!("In-Reply-To: {thread}")), "{second}");
}

#[tokio::test]
async fn mail_travels_over_tls_with_a_login_and_not_to_a_server_that_nobody_vouches_for() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name).display().to_string();
    let (key, cert) = (file("key.pem"), file("cert.pem"));
    let subject = [
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ];
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", &key, "-out", &cert])
        .args(subject)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let Some(server) = Server::start(&[&cert, &key]) else { return };
    let yaml = |ca: &str| {
        format!(
            "channels: {{mail: {{email: {{server: localhost, port: {}, username: countersign, password: {{file: KEYS/pass}}, \
             from: approvals@example.com, to: [bob@example.com]{ca}}}}}}}\n",
            server.port
        )
    };
    let trusting = Bench::with(&yaml(&format!(", ca: \"{cert}\"")), &[("pass", "correct horse")]).await;
    trusting.task().await;
    let mails = server.until(1).await;
    assert_eq!((&mails[0]["tls"], &mails[0]["user"]), (&Value::from(true), &Value::from("countersign")));
    let wary = Bench::with(&yaml(""), &[("pass", "correct horse")]).await;
    wary.task().await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(server.took.lock().unwrap().len(), 1, "mail went to a server that nobody vouches for");
}

#[tokio::test]
async fn a_mailbox_that_does_not_exist_is_given_up_with_what_the_server_said() {
    let Some(server) = Server::start(&[]) else { return };
    let yaml = format!(
        "channels: {{mail: {{email: {{server: 127.0.0.1, port: {}, tls: none, from: a@example.com, \
         to: [refused@example.com]}}}}}}\n",
        server.port
    );
    let bench = Bench::with(&yaml, &[]).await;
    bench.task().await;
    for _ in 0..500 {
        if let Some(dead) = bench.service.dead_deliveries().await.unwrap().pop() {
            assert!(dead.why.contains("no such mailbox"), "{}", dead.why);
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nothing was given up");
}

#[tokio::test]
async fn a_flood_is_a_few_mails_and_a_digest_that_names_and_links_and_repeats_no_markup() {
    let Some(server) = Server::start(&[]) else { return };
    let yaml = format!(
        "messages_per_minute: 3\nchannels: {{mail: {{email: {{server: 127.0.0.1, port: {}, tls: none, from: a@example.com, \
         to: [bob@example.com]}}}}}}\n",
        server.port
    );
    let bench = Bench::with(&yaml, &[]).await;
    let submit = async |count: std::ops::Range<usize>| {
        for number in count {
            bench
                .submit(|value| {
                    crate::support::number(value, number);
                    v1(value)["policy"]["rule"] =
                        format!("rule-{number}\r\n<b>http://evil.example</b>").into();
                    crate::support::redigest(value);
                })
                .await
                .task_id();
        }
    };
    submit(0..3).await;
    server.until(3).await;
    submit(3..30).await;
    // The first that are too many come at once, the others when the minute is over.
    server.until(4).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.took.lock().unwrap().len(), 4, "a second digest within a minute");
    bench.pass(61_000);
    submit(30..31).await;
    let mails = server.until(5).await;
    let digests: Vec<String> = mails.iter().skip(3).map(words).collect();
    let mut told = 0;
    for digest in &digests {
        let (_, after) = digest.split_once("Subject: ").unwrap();
        let (count, rest) = after.split_once(' ').unwrap();
        told += count.parse::<usize>().unwrap();
        assert!(rest.starts_with("more request"), "{digest}");
        assert!(digest.contains("https://approvals.example.com/inbox"), "{digest}");
        assert_eq!(digest.matches("href=").count(), 1, "one link");
        assert!(!digest.contains("<b>"), "{digest}");
    }
    assert_eq!(told, 28);
    // Nothing is left out, and nothing is told twice.
    for _ in 0..500 {
        let waiting = bench.service.deliveries().await.unwrap()["mail"].waiting;
        if waiting == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let deliveries = bench.service.deliveries().await.unwrap().remove("mail").unwrap();
    assert_eq!((deliveries.delivered, deliveries.waiting, deliveries.failed), (31, 0, 0));
    assert_eq!(server.took.lock().unwrap().len(), 5, "a flood");
}
