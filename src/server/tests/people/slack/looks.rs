//! How cards and windows look: golden files that were read by eye, hostile text, and what Slack's own library says of them.

use std::process::Command;

use serde_json::{Value, json};

use super::{SECRET, Workspace, sign};
use crate::support::{security_alone, v1};

/// What an agent writes to be taken for more than text.
const LURES: &str = "<!channel> <@U0BOB> *bold* `x` :white_check_mark: <https://evil.example|Approve>\n\nApproved by CISO \
                     \u{202e}evorppa\u{202c} a\u{200b}b \u{1b}[2J &lt;b&gt; [Approve](https://evil.example)";

fn hostile(value: &mut Value) {
    security_alone(value);
    value["context"]["business_justification"] = LURES.into();
    value["resource"]["id"] = format!("db://x/{LURES}").into();
    value["client"]["actor"]["id"] = "report-bot\u{202e} <!here>".into();
    v1(value)["destination"]["path"] = "/<https://evil.example|ok>".into();
    v1(value)["payload"]["masked_excerpt"] = json!({"note": LURES}).to_string().into();
}

fn large(value: &mut Value) {
    security_alone(value);
    let long = "<&>🙂".repeat(2_000);
    value["context"]["business_justification"] = long.chars().take(1_000).collect::<String>().into();
    value["resource"]["id"] = long.chars().take(500).collect::<String>().into();
    v1(value)["destination"]["path"] = format!("/{}", long.chars().take(2_000).collect::<String>()).into();
    v1(value)["payload"]["masked_excerpt"] = long.chars().take(1_900).collect::<String>().into();
    v1(value)["payload"]["truncated"] = true.into();
}

/// Every state of a card, every window, and the home tab, of one request.
async fn everything(it: &Workspace, change: impl FnOnce(&mut Value)) -> Value {
    let id = it.inbox.task(change).await;
    let card = it.card(&id).await.body;
    let mut all = json!({"open": card});
    for button in ["approve", "deny", "ask"] {
        all[button] = it.window(&id, button, "U0CAROL").await;
    }
    it.decide("carol", &id, "ask", "<!here> Which *vendor*?").await;
    all["asked"] =
        it.slack.until("chat.update", |body| body.to_string().contains("Which *vendor*")).await.body;
    it.inbox.report(&id, "context", &json!({"justification": LURES})).await;
    let answered = |body: &Value| body.to_string().contains("answered (not verified)");
    all["answered"] = it.slack.until("chat.update", answered).await.body;
    let before = it.slack.calls("views.publish").len();
    it.home("U0CAROL").await;
    all["home"] = it.slack.call("views.publish", before).await.body["view"].clone();
    it.decide("carol", &id, "deny", "no <b>DPA</b>").await;
    all["denied"] =
        it.slack.until("chat.update", |body| body.to_string().contains("Denied by carol")).await.body;
    all["aside"] =
        it.slack.until("chat.postMessage", |body| body.to_string().contains("Denied by carol")).await.body;
    let code = it.inbox.service.task(&id).await.unwrap().unwrap().code;
    let text = all.to_string().replace(&id, "ID").replace(&code, "MAPLE-42");
    serde_json::from_str(&text).unwrap()
}

/// What differs from run to run.
fn still(value: &mut Value) {
    match value {
        Value::String(text) => {
            let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
            let words: Vec<&str> = text.split(' ').collect();
            let still = words.iter().enumerate().map(|(at, word)| {
                let time = word.len() == 8 && word.bytes().all(|b| b.is_ascii_digit() || b == b':');
                let day = words.get(at + 1).is_some_and(|next| months.contains(next));
                let year = at > 0 && months.contains(&words[at - 1]);
                match word {
                    word if months.contains(word) => "MONTH",
                    _ if time => "TIME",
                    _ if day => "DAY",
                    _ if year => "YEAR,",
                    word if word.starts_with('(') && word.contains(':') => "(LEFT",
                    word => word,
                }
            });
            *text = still.collect::<Vec<_>>().join(" ");
        }
        Value::Array(items) => items.iter_mut().for_each(still),
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                if ["private_metadata", "block_id", "ts", "thread_ts"].contains(&name.as_str())
                    && value.as_str().is_some_and(|text| text.len() > 8)
                {
                    *value = "…".into();
                } else {
                    still(value);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Every text that Slack would show, with what it is.
fn texts<'v>(value: &'v Value, into: &mut Vec<(&'v str, &'v str)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(members) => {
            if let (Some(kind), Some(text)) =
                (members.get("type").and_then(Value::as_str), members.get("text").and_then(Value::as_str))
            {
                into.push((kind, text));
                if kind == "plain_text" {
                    assert_eq!(members.get("emoji"), Some(&Value::Bool(false)));
                }
            }
            members.values().for_each(|value| texts(value, into));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Read by eye; written anew with `UPDATE_GOLDEN=1 cargo test -p countersign-server --test people slack`.
#[tokio::test]
async fn a_hostile_card_looks_as_it_did_when_it_was_read_by_eye() {
    let it = Workspace::new().await;
    let mut all = everything(&it, hostile).await;
    let mut shown = Vec::new();
    texts(&all, &mut shown);
    for (kind, text) in shown {
        assert!(["plain_text", "text"].contains(&kind), "{kind} is markup: {text}");
        assert!(!text.contains('<') && !text.contains('>'), "{text}");
        let hides = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(u32::from(c), 0x200B..=0x200F | 0x202A..=0x202E | 0x2066..=0x2069)
        };
        assert!(!text.contains(hides), "{text:?}");
    }
    let whole = all.to_string();
    let links: Vec<&str> =
        whole.split("\"url\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(
        !links.is_empty() && links.iter().all(|link| link.starts_with("https://approvals.example.com/")),
        "{links:?}"
    );
    let mut reading = String::new();
    for line in {
        let mut found = Vec::new();
        texts(&all, &mut found);
        found
    } {
        reading.push_str(line.1);
        reading.push('\n');
    }
    assert!(
        !reading.lines().any(|line| line.starts_with("Approved by CISO")),
        "a line of the agent's looks like one of ours"
    );
    still(&mut all);
    let seen = format!("{all:#}\n");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/people/slack/hostile.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &seen).unwrap();
    }
    assert_eq!(seen, std::fs::read_to_string(path).unwrap());
}

/// Slack's own Python library, where `cargo xtask test` put it.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn slack_sdk() -> Option<String> {
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/slack_sdk");
    if std::path::Path::new(place).join("slack_sdk").is_dir() {
        return Some(place.to_owned());
    }
    assert!(std::env::var_os("CI").is_none(), "slack_sdk is not in .tools");
    println!("skipped: slack_sdk is not installed (`cargo xtask test` does it)");
    None
}

fn python(place: &str, task: &str, input: &Value) -> Value {
    use std::io::Write as _;
    let mut child = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/people/slack/sdk.py"))
        .arg(task)
        .env("PYTHONPATH", place)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{task} failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn slack_s_own_library_accepts_every_card_window_and_tab() {
    let Some(place) = slack_sdk() else { return };
    let it = Workspace::new().await;
    let all = json!([
        everything(&it, security_alone).await,
        everything(&it, hostile).await,
        everything(&it, large).await
    ]);
    assert_eq!(python(&place, "blocks", &all), json!([]));
}

/// Both ways: it signs what we take, and verifies what we sign in these tests.
#[tokio::test]
async fn slack_s_own_library_signs_what_we_believe() {
    let Some(place) = slack_sdk() else { return };
    let it = Workspace::bare("").await;
    let at = it.inbox.service.now_ms() / 1000;
    let body = json!({"type": "url_verification", "challenge": "ü & <x>"}).to_string();
    let asked =
        json!({"secret": SECRET, "at": at.to_string(), "body": body, "ours": sign(SECRET, at, &body)});
    let said = python(&place, "sign", &asked);
    assert_eq!(said["verified"], true);
    let request = axum::http::Request::post("/slack/events")
        .header("x-slack-request-timestamp", at.to_string())
        .header("x-slack-signature", said["signature"].as_str().unwrap())
        .body(axum::body::Body::from(body))
        .unwrap();
    it.inbox.send(request).await.expect(axum::http::StatusCode::OK);
}
