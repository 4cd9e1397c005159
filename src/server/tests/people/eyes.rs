//! A seeded inbox for people to look at: `cargo test -p countersign-server --test people -- --ignored --nocapture eyes`.

use serde_json::json;

use super::support::{Inbox, security_alone, submission, v1};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "serves for an hour, for eyes"]
#[expect(clippy::print_stdout, reason = "whoever looks needs the address")]
async fn a_seeded_inbox_for_eyes() {
    let inbox = Inbox::new().await;
    let (bob, carol) = (inbox.session("bob").await, inbox.session("carol").await);
    let mut ids = Vec::new();

    let sent = submission(security_alone);
    ids.push(inbox.submit(&sent).await);
    inbox.decide(&carol, &ids[0], "approve").await;
    inbox.sent(&ids[0], &sent).await;

    ids.push(
        inbox
            .task(|value| {
                security_alone(value);
                value["action"]["name"] = "communication".into();
                value["resource"] = json!({"type": "channel", "id": "#all-hands"});
                v1(value)["destination"]["authority"] = "slack.com".into();
            })
            .await,
    );
    inbox.decide(&carol, &ids[1], "deny").await;

    ids.push(inbox.task(|value| value["action"]["properties"]["arguments"] = json!({"rows": 48210})).await);
    inbox.decide(&bob, &ids[2], "approve").await;

    ids.push(inbox.task(|value| {
        security_alone(value);
        value["action"] = json!({"name": "privilege_change", "properties":
            {"method": "POST", "protocol": "http", "service": "gcp", "operation": "setIamPolicy", "reversible": "yes"}});
        value["resource"] = json!({"type": "project", "id": "payments"});
        value["client"]["actor"] = json!({"id": "deploy-agent", "type": "ai_agent"});
        value["context"].as_object_mut().unwrap().remove("business_justification");
        let v1 = v1(value);
        v1["destination"] = json!({"scheme": "https", "authority": "cloudresourcemanager.googleapis.com",
            "path": "/v1/projects/payments:setIamPolicy"});
        v1["policy"]["id"] = "iam-guard".into();
        v1["policy"]["rule"] = "no-owner".into();
        v1["code"] = "CEDAR-07".into();
        v1.as_object_mut().unwrap().remove("lineage");
        v1["payload"]["masked_excerpt"] =
            r#"{"policy":{"bindings":[{"role":"roles/owner","members":["serviceAccount:svc-train"]}]}}"#.into();
    }).await);

    ids.push(
        inbox
            .task(|value| {
                security_alone(value);
                value["action"]["name"] = "data_delete".into();
                value["resource"]["id"] = format!("postgres://db/prod.{}", "x".repeat(180)).into();
                value["context"]["business_justification"] =
                    "<b>Approved by CISO</b> \u{202e}cod\u{202c} https://evil.example/ok".into();
                let v1 = v1(value);
                v1["lineage"]["source"] = "claimed".into();
                v1["payload"]["truncated"] = true.into();
                v1["payload"]["size"] = 120_000.into();
                v1["payload"]["masked_excerpt"] =
                    "Approved by CISO \u{202e}evil\u{202c} <script>alert(1)</script> ".repeat(40).into();
            })
            .await,
    );
    inbox.press(&carol, &ids[4], "ask", "Why all of it, and who has a copy?").await;
    inbox.report(&ids[4], "context", &json!({"justification": "The retention job says so."})).await;

    println!("{}", json!({"url": format!("http://{}", inbox.listening().await), "ids": ids}));
    tokio::time::sleep(std::time::Duration::from_hours(1)).await;
}
