//! An inbox as a team would have it: what waits, what is alike, three hours of history. For pictures, for axe-core, and for
//! people who look: `cargo test -p countersign-server --test people -- --ignored --nocapture a_seeded_inbox_for_eyes`.

use countersign_wire::clock::rfc3339_s;
use serde_json::{Value, json};

use super::support::{Inbox, security_alone, submission, v1};

/// What the seeded inbox is configured with besides.
const MORE: &str = r"
policy_url: https://git.example.com/sec/policies/commit/{commit}
demands:
- {class: data_delete, irreversible: true, typed_code: true}
- {class: infra_change, understood: true}
";

/// The inbox, and where to look.
pub(crate) struct Seeded {
    pub(crate) inbox: Inbox,
    /// Waits for two, one of whom agreed; has similar ones.
    pub(crate) export: String,
    /// Takes a typed code; its agent lies.
    pub(crate) delete: String,
    /// Cannot be approved: not understood.
    pub(crate) unread: String,
    /// Approved and sent.
    pub(crate) sent: String,
    /// The group of requests that are alike.
    pub(crate) group: String,
}

impl Seeded {
    /// Every page there is, with a name for it.
    pub(crate) fn pages(&self) -> Vec<(&'static str, String)> {
        vec![
            ("list", "/inbox".to_owned()),
            ("filtered", "/inbox?class=data_export&age=1d".to_owned()),
            ("nothing", "/inbox?q=nothing+like+it".to_owned()),
            ("mine", "/inbox/mine".to_owned()),
            ("decided", "/inbox/decided".to_owned()),
            ("standing", "/inbox/standing".to_owned()),
            ("unknown", "/inbox/unknown".to_owned()),
            ("alike", format!("/inbox/alike/{}", self.group)),
            ("detail", format!("/r/{}", self.export)),
            ("detail-code", format!("/r/{}", self.delete)),
            ("detail-unread", format!("/r/{}", self.unread)),
            ("detail-sent", format!("/r/{}", self.sent)),
            ("agents", "/agents".to_owned()),
            ("agent", "/agents/report-bot".to_owned()),
            ("rules", "/rules".to_owned()),
            ("rule", "/rules/export-guard/pii-export".to_owned()),
            ("settings", "/settings".to_owned()),
            ("missing", "/r/arq_none".to_owned()),
        ]
    }
}

/// So many seconds from now it expires.
fn expires(inbox: &Inbox, value: &mut Value, seconds: i64) {
    let until = rfc3339_s(inbox.service.now_ms() + seconds * 1000);
    value["requested_access"] = json!({"requested_until": until});
}

fn export(value: &mut Value) {
    value["action"]["properties"]["arguments"] = json!({"rows": 48210});
}

fn grant(value: &mut Value) {
    security_alone(value);
    value["action"] = json!({"name": "privilege_change", "properties":
        {"method": "POST", "protocol": "http", "service": "gcp", "operation": "setIamPolicy", "reversible": "yes"}});
    value["resource"] = json!({"type": "project", "id": "payments"});
    value["subject"]["id"] = "spiffe://prod.example/ns/deploy/sa/deploy-agent".into();
    value["client"]["actor"] = json!({"id": "deploy-agent", "type": "ai_agent"});
    value["context"].as_object_mut().unwrap().remove("business_justification");
    let v1 = v1(value);
    v1["destination"] = json!({"scheme": "https", "authority": "cloudresourcemanager.googleapis.com",
        "path": "/v1/projects/payments:setIamPolicy"});
    v1["policy"]["id"] = "iam-guard".into();
    v1["policy"]["rule"] = "no-owner".into();
    v1["code"] = "CEDAR-07".into();
    v1.as_object_mut().unwrap().remove("lineage");
    let body = r#"{"policy":{"bindings":[{"role":"roles/owner","members":["serviceAccount:svc-train"]}]}}"#;
    v1["payload"]["masked_excerpt"] = body.into();
    v1["payload"]["size"] = body.len().into();
    v1["payload"]["masked"] = json!([]);
    v1["secrets"] = json!([]);
}

fn message(value: &mut Value) {
    security_alone(value);
    value["action"] = json!({"name": "communication", "properties": {"method": "POST", "protocol": "http", "reversible": "no"}});
    value["resource"] = json!({"type": "channel", "id": "#all-hands"});
    value["client"]["actor"] = json!({"id": "news-writer", "type": "ai_agent",
        "act": {"sub": "frank@example.com", "iss": "https://idp.example.com"}});
    value["subject"]["id"] = "spiffe://prod.example/ns/agents/sa/news-writer".into();
    value["context"]["business_justification"] = "Weekly summary for everybody".into();
    let v1 = v1(value);
    v1["destination"] = json!({"scheme": "https", "authority": "slack.com", "path": "/api/chat.postMessage"});
    v1["policy"]["id"] = "talk-guard".into();
    v1["policy"]["rule"] = "outside-words".into();
    v1["code"] = "OTTER-31".into();
    v1.as_object_mut().unwrap().remove("lineage");
    let body = r##"{"channel":"#all-hands","text":"This week we shipped the new importer."}"##;
    v1["payload"]["masked_excerpt"] = body.into();
    v1["payload"]["size"] = body.len().into();
    v1["secrets"] = json!([]);
}

fn remove(value: &mut Value) {
    security_alone(value);
    value["action"] = json!({"name": "data_delete", "properties":
        {"method": "DELETE", "protocol": "http", "reversible": "no", "arguments": {"rows": 1_204_000}}});
    value["resource"] = json!({"type": "dataset", "id": "postgres://db.prod.example:5432/prod.public.events_2024",
        "properties": {"labels": ["pii", "retention"]}});
    value["client"]["actor"]["id"] = "janitor".into();
    value["subject"]["id"] = "spiffe://prod.example/ns/agents/sa/janitor".into();
    value["context"]["business_justification"] =
        "<b>Approved by CISO</b> \u{202e}cod\u{202c} https://evil.example/ok".into();
    let v1 = v1(value);
    v1["destination"]["authority"] = "db-admin.internal.example".into();
    v1["destination"]["path"] = "/v1/tables/events_2024".into();
    v1["policy"]["id"] = "data-guard".into();
    v1["policy"]["rule"] = "no-mass-delete".into();
    v1["code"] = "HERON-58".into();
    v1["lineage"] = json!({"source": "claimed", "inputs": [], "outputs": [
        {"namespace": "postgres://db.prod.example:5432", "name": "prod.public.events_2024"}]});
    v1["payload"]["masked_excerpt"] =
        "{\"confirm\":true,\"note\":\"Approved by CISO \u{202e}evil\u{202c} <script>alert(1)</script>\"}"
            .into();
    v1["payload"]["size"] = 81.into();
}

fn unread(value: &mut Value) {
    security_alone(value);
    value["action"] = json!({"name": "infra_change", "properties": {"method": "PUT", "protocol": "http", "reversible": "unknown"}});
    value["resource"] = json!({"type": "bucket", "id": "terraform-state"});
    value["client"]["actor"] = json!({"id": "deploy-agent", "type": "ai_agent"});
    value["subject"]["id"] = "spiffe://prod.example/ns/deploy/sa/deploy-agent".into();
    let v1 = v1(value);
    v1["destination"] = json!({"scheme": "https", "authority": "storage.googleapis.com", "path": "/terraform-state/prod.tfstate"});
    v1["policy"]["id"] = "infra-guard".into();
    v1["policy"]["rule"] = "state-files".into();
    v1["code"] = "FINCH-90".into();
    v1.as_object_mut().unwrap().remove("lineage");
    v1["payload"]["media_type"] = "application/octet-stream".into();
    v1["payload"]["masked_excerpt"] = "".into();
    v1["payload"]["size"] = 184_320.into();
    v1["payload"]["masked"] = json!([]);
}

fn pod(value: &mut Value, name: &str, code: &str) {
    security_alone(value);
    value["action"] = json!({"name": "infra_change", "properties":
        {"method": "POST", "protocol": "http", "service": "kubernetes", "operation": "restart", "reversible": "yes"}});
    value["resource"] = json!({"type": "deployment", "id": "staging/web"});
    value["client"]["actor"] = json!({"id": "ops-agent", "type": "ai_agent",
        "act": {"sub": "grace@example.com", "iss": "https://idp.example.com"}});
    value["subject"]["id"] = "spiffe://prod.example/ns/agents/sa/ops-agent".into();
    value["context"]["business_justification"] = format!("{name} uses too much memory").into();
    let v1 = v1(value);
    v1["destination"] =
        json!({"scheme": "https", "authority": "k8s.staging.example", "path": "/apis/restart"});
    v1["policy"]["id"] = "infra-guard".into();
    v1["policy"]["rule"] = "restarts".into();
    v1["code"] = code.into();
    v1.as_object_mut().unwrap().remove("lineage");
    let body = json!({"pod": name, "grace_seconds": 30, "wait": true}).to_string();
    v1["payload"]["size"] = body.len().into();
    v1["payload"]["masked_excerpt"] = body.into();
    v1["payload"]["masked"] = json!([]);
    v1["secrets"] = json!([]);
}

/// When it was asked, after how long decided, what, how, by whom, why.
type Past = (i64, i64, fn(&mut Value), &'static str, &'static str, &'static str);

/// Makes it; takes no longer than a second or two.
pub(crate) async fn seeded() -> Seeded {
    let inbox = Inbox::with(MORE, &[]).await;
    let people = [inbox.session("bob").await, inbox.session("carol").await, inbox.session("dave").await];
    let [bob, carol, dave] = &people;
    // What was decided, the oldest first.
    let past: [Past; 7] = [
        (-10_500, 40, grant, "deny", "carol", "Owner is too much; ask for viewer."),
        (-9_000, 95, message, "approve", "carol", "Read it, fine."),
        (-7_200, 200, export, "approve", "dave", "DPA-114 covers it."),
        (-5_400, 25, message, "deny", "dave", "Not before the announcement."),
        (-3_600, 310, export, "deny", "bob", "No DPA for this vendor yet."),
        (-2_700, 60, grant, "approve", "carol", "Agreed in CHG-2210, for a day."),
        (-1_500, 45, message, "approve", "carol", "Fine."),
    ];
    let mut sent = String::new();
    for (asked, took, what, choice, who, reason) in past {
        inbox.elapse(asked);
        let body = submission(what);
        let id = inbox.submit(&body).await;
        inbox.elapse(asked + took);
        let session = match who {
            "bob" => bob,
            "carol" => carol,
            _ => dave,
        };
        let two = reason.starts_with("DPA");
        if two {
            say(&inbox, carol, &id, "approve", "Checked the columns with legal.").await;
            say(&inbox, bob, &id, choice, reason).await;
        } else {
            say(&inbox, session, &id, choice, reason).await;
        }
        if choice == "approve" {
            inbox.elapse(asked + took + 2);
            inbox.sent(&id, &body).await;
            if two {
                sent = id;
            }
        }
    }
    inbox.elapse(-1_000);
    inbox
        .task(|value| {
            grant(value);
            expires(&inbox, value, 300);
        })
        .await;
    inbox.elapse(-600);
    inbox.service.sweep().await.unwrap();
    // What waits.
    inbox.elapse(-140);
    let waits = async |what: &dyn Fn(&mut Value), left: i64| {
        inbox
            .task(|value| {
                what(value);
                expires(&inbox, value, left + 140);
            })
            .await
    };
    let waiting = waits(&export, 161).await;
    say(&inbox, bob, &waiting, "approve", "DPA-114 covers it, and the columns are the agreed ones.").await;
    waits(&grant, 482).await;
    let delete = waits(&remove, 731).await;
    let unread = waits(&unread, 55).await;
    let mut group = String::new();
    for (name, code) in [
        ("web-6f9c-2xk", "LARCH-11"),
        ("web-6f9c-8qp", "LARCH-12"),
        ("web-6f9c-d4z", "ROBIN-44"),
        ("web-6f9c-j7m", "WREN-09"),
    ] {
        let id = waits(&|value| pod(value, name, code), 900).await;
        group = inbox.service.task(&id).await.unwrap().unwrap().alike.unwrap().group;
    }
    inbox.elapse(0);
    inbox.press(carol, &delete, "ask", "Why all of it, and who has a copy?").await;
    inbox.report(&delete, "context", &json!({"justification": "The retention job says so."})).await;
    Seeded { inbox, export: waiting, delete, unread, sent, group }
}

async fn say(inbox: &Inbox, who: &super::support::Session, id: &str, choice: &str, reason: &str) {
    let digest = inbox.service.task(id).await.unwrap().unwrap().display_digest;
    let body = json!({"decision": choice, "reason": reason, "display_digest": digest});
    inbox.decide_with(who, id, &body).await.expect(axum::http::StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "serves for an hour, for eyes"]
#[expect(clippy::print_stdout, reason = "whoever looks needs the address")]
async fn a_seeded_inbox_for_eyes() {
    let seeded = seeded().await;
    println!("http://{} {:?}", seeded.inbox.listening().await, seeded.pages());
    tokio::time::sleep(std::time::Duration::from_hours(1)).await;
}
