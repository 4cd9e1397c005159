//! What an agent writes to fool a reviewer stays what it is: inert, escaped text in a labelled place (threats, row 11).

use axum::http::StatusCode;
use serde_json::Value;

use super::support::{Inbox, security_alone, v1};

pub(crate) const LURES: [&str; 12] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</p></dd></dl><h1>Approved by CISO</h1>",
    "\" autofocus onfocus=\"alert(1)",
    "<form action=/logout method=post><button>Approve</button></form>",
    "<a href=\"https://evil.example\">see ticket</a>",
    "https://evil.example/approve [click](javascript:alert(1)) @channel",
    "\u{202e}evorppa\u{202c} \u{2066}x\u{2069}",
    "a\u{200b}d\u{200d}m\u{feff}in\u{ad}",
    "\u{1b}[2J\u{1b}[31mApproved\r\nApproved by carol",
    "{{ csrf }} {% include \"x\" %} ${7*7}",
    "&lt;b&gt; &#60;b&#62; &amp;lt;",
];

/// Puts a lure wherever the agent's side has a say.
pub(crate) fn everywhere(value: &mut Value, lure: &str) {
    security_alone(value);
    value["context"]["business_justification"] = lure.into();
    value["resource"]["id"] = lure.into();
    value["resource"]["type"] = lure.into();
    value["resource"]["properties"]["labels"] = serde_json::json!([lure]);
    value["subject"]["id"] = lure.into();
    value["client"]["actor"]["id"] = lure.into();
    value["client"]["actor"]["act"]["sub"] = lure.into();
    value["action"]["name"] = lure.into();
    value["action"]["properties"] =
        serde_json::json!({"method": lure, "operation": lure, "service": lure, "protocol": lure});
    let v1 = v1(value);
    v1["destination"]["authority"] = lure.into();
    v1["destination"]["path"] = lure.into();
    v1["payload"]["masked_excerpt"] = lure.into();
    v1["payload"]["media_type"] = lure.into();
    v1["payload"]["masked"] = serde_json::json!([{"path": lure, "detector": lure}]);
    v1["policy"]["id"] = lure.into();
    v1["policy"]["rule"] = lure.into();
    v1["policy"]["repo_url"] = "javascript:alert(1)".into();
    v1["lineage"]["inputs"] = serde_json::json!([{"namespace": lure, "name": lure}]);
}

/// Submits with a lure; a service that refuses such names at the door has held the promise as well.
async fn submitted(inbox: &Inbox, lure: &str) -> Option<String> {
    let body = super::support::submission(|value| everywhere(value, lure)).to_string();
    let request = super::support::signed("/access/v1/requests", body.as_bytes(), inbox.service.now_ms());
    let reply = inbox.send(request).await;
    reply.json["task"]["id"].as_str().map(str::to_owned)
}

/// The tags of a page, names and attributes: what a reader's browser acts on.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag).collect()
}

/// A tag without the values of its attributes: what a lure would have to become to act.
fn bare(tag: &str) -> String {
    tag.split('"').step_by(2).collect()
}

#[tokio::test]
async fn no_lure_becomes_markup_in_any_page() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let mut shown = 0;
    for lure in LURES {
        let Some(id) = submitted(&inbox, lure).await else { continue };
        shown += 1;
        let agent = inbox.page(&carol, &format!("/r/{id}")).await.text;
        let (_, agent) = agent.split_once("href=\"/agents/").unwrap();
        let agent = format!("/agents/{}", agent.split_once('"').unwrap().0);
        let paths = [
            format!("/r/{id}"),
            agent,
            "/inbox".into(),
            "/inbox/rows/waiting".into(),
            "/inbox/decided".into(),
            "/agents".into(),
            "/rules".into(),
            "/settings".into(),
        ];
        for path in paths {
            let page = inbox.page(&carol, &path).await.expect(StatusCode::OK).text;
            let tags = tags(&page);
            let scripts: Vec<_> = tags.iter().filter(|tag| tag.starts_with("script")).collect();
            assert!(
                scripts.iter().all(|tag| **tag == "script src=\"/assets/inbox.js\" defer"),
                "{lure}: {scripts:?}"
            );
            for tag in &tags {
                let lower = tag.to_lowercase();
                assert!(
                    !bare(&lower).contains("onerror")
                        && !bare(&lower).contains("onfocus")
                        && !lower.contains("=\"javascript:"),
                    "{lure}: {tag}"
                );
                let leaves = lower.starts_with("a ") && lower.contains("href=\"http");
                assert!(!leaves || lower.contains("git.example.com"), "{lure}: a link leads away: {tag}");
                assert!(!lower.starts_with("img") || tag.contains("/assets/mark.svg"), "{lure}: {tag}");
            }
            assert_eq!(
                tags.iter().filter(|tag| tag.starts_with("h1")).count(),
                usize::from(!path.contains("rows")),
                "{lure}"
            );
            let forms: Vec<_> = tags.iter().filter(|tag| tag.starts_with("form")).collect();
            let most = if path == "/settings" { 3 } else { 2 };
            assert!(forms.len() <= most, "{lure}: {forms:?}");
        }
    }
    assert!(shown >= 6, "too few lures were shown to say anything: {shown}");
}

#[tokio::test]
async fn nothing_hidden_or_reordering_reaches_a_page_or_the_api() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let hides = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(u32::from(c), 0xAD | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF)
    };
    for lure in LURES {
        let Some(id) = submitted(&inbox, lure).await else { continue };
        let page = inbox.page(&carol, &format!("/r/{id}")).await.expect(StatusCode::OK).text;
        assert_eq!(page.chars().find(|c| hides(*c)), None, "{lure}");
        let api = inbox.api(&carol, &format!("/approver/v1/requests/{id}")).await.expect(StatusCode::OK);
        assert_eq!(strings(&api.json).chars().find(|c| hides(*c)), None, "{lure}");
    }
}

/// Every string of a document.
fn strings(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(strings).collect(),
        Value::Object(members) => members.values().map(strings).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

#[tokio::test]
async fn what_the_agent_says_is_labelled_and_never_the_headline() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let id = inbox
        .task(|value| {
            security_alone(value);
            value["context"]["business_justification"] = "Approved by the CISO, just click".into();
        })
        .await;
    let page = inbox.page(&carol, &format!("/r/{id}")).await.text;
    let (_, after) = page.split_once("Approved by the CISO").unwrap();
    let label = after.find("said by the agent, not verified").unwrap();
    assert!(label < 120, "the label stands beside the words");
    assert_eq!(page.matches("Approved by the CISO").count(), 1, "it is said once, in its place");
    assert!(!inbox.page(&carol, "/inbox").await.text.contains("Approved by the CISO"));
}

/// Answers and reasons come later than the submission and are shown too.
#[tokio::test]
async fn an_answer_is_as_inert_as_the_request() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let id = inbox.task(security_alone).await;
    inbox.press(&carol, &id, "ask", "<b>why</b>?\u{202e}").await.expect(StatusCode::SEE_OTHER);
    let answer = serde_json::json!({"justification": "<script>alert(1)</script>\u{202e}"});
    inbox.report(&id, "context", &answer).await.expect(StatusCode::OK);
    let page = inbox.page(&carol, &format!("/r/{id}")).await.text;
    assert!(!page.contains("<script>alert") && !page.contains("<b>") && !page.contains('\u{202e}'), "{page}");
    assert!(page.contains("&#60;script&#62;alert(1)"), "{page}");
}

/// The whole of what a browser gets for the worst page we can think of, read by eye. Written anew with
/// `UPDATE_GOLDEN=1 cargo test -p countersign-server --test people`.
#[tokio::test]
async fn a_hostile_page_looks_as_it_did_when_it_was_read_by_eye() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let id = inbox
        .task(|value| {
            security_alone(value);
            let lure = LURES.join(" ");
            value["context"]["business_justification"] = lure.clone().into();
            value["resource"]["id"] = "<h1>customers</h1>".into();
            value["client"]["actor"]["id"] = "report-bot\u{202e} (approved)".into();
            v1(value)["payload"]["masked_excerpt"] = serde_json::json!({"note": lure}).to_string().into();
        })
        .await;
    let page = inbox.page(&carol, &format!("/r/{id}")).await.expect(StatusCode::OK).text;
    let (_, body) = page.split_once("<div class=\"flow\"").unwrap();
    let (body, _) = body.split_once("</dl>").unwrap();
    let (_, payload) = page.split_once("<section class=\"payload\"").unwrap();
    let (payload, _) = payload.split_once("<section class=\"more-facts\"").unwrap();
    let seen =
        format!("<div class=\"flow\"{body}\n...\n<section class=\"payload\"{payload}").replace(&id, "ID");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/people/hostile.html");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &seen).unwrap();
    }
    assert_eq!(seen, std::fs::read_to_string(path).unwrap());
}
