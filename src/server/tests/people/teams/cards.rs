//! Cards as Microsoft's own library reads and shows them, and what an agent writes to fool a reviewer (threats, row 11).
//!
//! `cargo xtask test` installs the library into `.tools`. Where it is missing the tests that need it say so and pass, except
//! under `CI`.

use std::{io::Write as _, path::Path, process};

use axum::http::Method;
use serde_json::{Value, json};

use super::cloud::Cloud;
use crate::{
    hostile::{LURES, everywhere},
    support::{security_alone, submission, v1},
};

/// What the library makes of cards; `None` where it is not installed.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn looked_at(cards: &[Value]) -> Option<Vec<Value>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let packages = here.join("../../.tools/cards/node_modules");
    if !packages.join("adaptivecards").is_dir() {
        assert!(std::env::var_os("CI").is_none(), "no `adaptivecards` in `{}`", packages.display());
        println!("skipped: `adaptivecards` is not installed (`cargo xtask test` does)");
        return None;
    }
    let mut node = process::Command::new("node")
        .arg(here.join("tests/people/teams/render.cjs"))
        .env("NODE_PATH", packages)
        .stdin(process::Stdio::piped())
        .stdout(process::Stdio::piped())
        .spawn()
        .unwrap();
    node.stdin.take().unwrap().write_all(json!(cards).to_string().as_bytes()).unwrap();
    let done = node.wait_with_output().unwrap();
    assert!(done.status.success());
    Some(serde_json::from_slice(&done.stdout).unwrap())
}

/// The card that a request gets in Teams.
async fn card(cloud: &Cloud, id: &str) -> Value {
    cloud.card(|call| call.method == Method::POST && call.body.contains(id)).await.card()
}

#[tokio::test]
async fn microsofts_own_library_shows_every_card_without_a_complaint() {
    let cloud = Cloud::new().await;
    let plain = cloud.inbox.task(security_alone).await;
    let mut cards = vec![card(&cloud, &plain).await];
    let dave = cloud.inbox.session("dave").await;
    cloud.inbox.decide(&dave, &plain, "deny").await;
    cards.push(cloud.card(|call| call.method == Method::PUT && call.body.contains("Denied")).await.card());
    let Some(looks) = looked_at(&cards) else { return };
    for look in &looks {
        assert_eq!(look["complaints"], json!([]), "{look:#}");
    }
    let [open, closed] = looks.as_slice() else { panic!("{looks:#?}") };
    assert_eq!(open["buttons"], json!(["Approve", "Deny", "Ask for context", "Open in the inbox"]));
    assert_eq!(open["inputs"], 2);
    for word in [
        "Approval wanted · cannot be undone",
        "prod.public.customers",
        "MAPLE-42",
        "said by the agent, not verified",
        "48210",
    ] {
        assert!(open["text"].as_str().unwrap().contains(word), "{word}: {open:#}");
    }
    assert_eq!((&closed["buttons"], &closed["inputs"]), (&json!(["Open in the inbox"]), &json!(0)));
}

#[tokio::test]
async fn no_lure_becomes_markup_a_link_or_a_button_in_a_card() {
    let cloud = Cloud::new().await;
    let mut cards = Vec::new();
    let more = [
        "**bold** _em_ # head\n- item\n1. item ![i](https://evil.example/i.png)",
        "{{DATE(2026-11-25T00:00:00Z, SHORT)}}",
        "<at>everyone</at> ${title} {{TIME(2026-11-25T00:00:00Z)}}",
    ];
    for lure in LURES.into_iter().chain(more) {
        let submission = submission(|value| everywhere(value, lure));
        let Some(id) = cloud.inbox.offer(&submission).await.json["task"]["id"].as_str().map(str::to_owned)
        else {
            continue;
        };
        let card = card(&cloud, &id).await;
        let text = card.to_string();
        let hidden = text.chars().find(|c| c.is_control() || matches!(u32::from(*c), 0xAD | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF));
        assert_eq!(hidden, None, "{lure}");
        cards.push((lure, id, card));
    }
    assert!(cards.len() >= 8, "too few lures were shown to say anything: {}", cards.len());
    let own = |url: &str, id: &str| url == format!("https://approvals.example.com/r/{id}");
    for (lure, id, card) in &cards {
        ours_only(card, &|url| own(url, id), lure);
    }
    let all: Vec<Value> = cards.iter().map(|(_, _, card)| card.clone()).collect();
    let Some(looks) = looked_at(&all) else { return };
    for ((lure, _, _), look) in cards.iter().zip(looks) {
        assert_eq!(look["complaints"], json!([]), "{lure}");
        assert_eq!(look["marks"], 0, "{lure}: {look:#}");
        assert_eq!(look["buttons"].as_array().unwrap().len(), 4, "{lure}: {look:#}");
        if lure.starts_with("{{DATE") {
            assert!(
                look["text"].as_str().unwrap().contains("{{DATE(2026"),
                "a template was filled in: {look:#}"
            );
        }
    }
}

/// Nothing but our own address is a link, and what Markdown reads is ours.
fn ours_only(part: &Value, own: &dyn Fn(&str) -> bool, lure: &str) {
    match part {
        Value::Object(members) => {
            for (name, value) in members {
                if matches!(name.as_str(), "url" | "iconUrl" | "backgroundImage" | "selectAction") {
                    assert!(value.as_str().is_some_and(own), "{lure}: {name} is {value}");
                }
                if name == "text" && members["type"] == "TextBlock" {
                    assert!(
                        !value.as_str().unwrap().contains("evil") && !value.as_str().unwrap().contains(lure),
                        "{lure}: {value}"
                    );
                }
                assert_ne!(name, "facts", "{lure}: the values of a FactSet are Markdown");
                ours_only(value, own, lure);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| ours_only(item, own, lure)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The worst card we can think of, read by eye. Written anew with `UPDATE_GOLDEN=1 cargo test -p countersign-server --test people`.
#[tokio::test]
async fn a_hostile_card_looks_as_it_did_when_it_was_read_by_eye() {
    let cloud = Cloud::new().await;
    let id = cloud
        .inbox
        .task(|value| {
            security_alone(value);
            let lure = LURES.join(" ");
            value["context"]["business_justification"] = lure.clone().into();
            value["resource"]["id"] = "**customers** [x](https://evil.example)".into();
            value["client"]["actor"]["id"] = "report-bot\u{202e} (approved)".into();
            v1(value)["payload"]["masked_excerpt"] = json!({"note": lure}).to_string().into();
        })
        .await;
    let mut card = card(&cloud, &id).await;
    let until = card["body"]
        .as_array()
        .unwrap()
        .iter()
        .position(|part| part["columns"][0]["items"][0]["text"] == "Expires")
        .unwrap();
    card["body"][until]["columns"][1]["items"][0]["inlines"][0]["text"] = "WHEN".into();
    let mac = super::cloud::button(&card, "approve")["data"]["mac"].as_str().unwrap().to_owned();
    let digest =
        super::cloud::button(&card, "approve")["data"]["display_digest"].as_str().unwrap().to_owned();
    let seen = serde_json::to_string_pretty(&card).unwrap() + "\n";
    let seen = seen.replace(&id, "ID").replace(&mac, "MAC").replace(&digest, "DIGEST");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/people/teams/hostile.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &seen).unwrap();
    }
    assert_eq!(seen, std::fs::read_to_string(path).unwrap());
}

/// What TEAMS.md tells people to upload has what Teams wants of an app with a bot (its manifest, version 1.17).
#[test]
fn the_manifest_in_the_docs_is_one() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/TEAMS.md")).unwrap();
    let (_, rest) = page.split_once("```json").unwrap();
    let (json, _) = rest.split_once("```").unwrap();
    let manifest: Value = serde_json::from_str(json).unwrap();
    for name in [
        "$schema",
        "manifestVersion",
        "version",
        "id",
        "developer",
        "name",
        "description",
        "icons",
        "accentColor",
    ] {
        assert!(!manifest[name].is_null(), "{name} is missing");
    }
    for name in ["name", "websiteUrl", "privacyUrl", "termsOfUseUrl"] {
        assert!(manifest["developer"][name].is_string(), "developer.{name}");
    }
    assert!(manifest["$schema"].as_str().unwrap().contains(manifest["manifestVersion"].as_str().unwrap()));
    assert!(manifest["name"]["short"].as_str().unwrap().len() <= 30);
    assert!(manifest["description"]["short"].as_str().unwrap().len() <= 80);
    let bot = &manifest["bots"][0];
    assert_eq!(bot["scopes"], json!(["team", "groupChat"]));
    for id in [&manifest["id"], &bot["botId"]] {
        assert!(uuid::Uuid::parse_str(id.as_str().unwrap()).is_ok(), "{id}");
    }
    assert_ne!(manifest["id"], bot["botId"]);
}
