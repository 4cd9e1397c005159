//! One request, one task: what is joined, what is refused, what is masked again.

use axum::http::StatusCode;
use countersign_server::service::{Choice, Filter};
use serde_json::{Value, json};

use crate::support::{Bench, DIGEST, REQUESTS, START, at, number, redigest, submission, v1};

/// Changes a submission.
type Change = fn(&mut Value);

fn scoped(value: &mut Value, ask: &Value) {
    value["requested_access"]["urn:countersign:scoped"] = ask.clone();
}

const DUPLICATE: &str = "urn:openid:authzen:access-request:error:duplicate_request";
const MALFORMED: &str = "urn:countersign:problem:malformed";

#[tokio::test]
async fn a_new_task_is_pending_and_says_where_to_look() {
    let bench = Bench::new().await;
    let reply = bench.submit(|_| {}).await.expect(StatusCode::ACCEPTED);
    let (task, id) = (&reply.json["task"], reply.task_id());
    assert_eq!(reply.headers["location"], format!("https://approvals.example.com{REQUESTS}/{id}"));
    assert_eq!(reply.headers["retry-after"], "5");
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert_eq!(task["status"], "pending");
    assert_eq!(task["expires_at"], "2026-11-21T06:18:00Z");
    assert_eq!(task["progress"]["awaiting"], json!(["data-owners", "security"]));
    assert_eq!((&task["progress"]["current_step"], &task["progress"]["total_steps"]), (&json!(0), &json!(2)));
    assert_eq!(task["links"]["ticket"], format!("https://approvals.example.com/r/{id}"));
    assert_eq!(task["display"]["urn:countersign:v1"]["code"], "MAPLE-42");
    assert!(task.get("result").is_none());
    assert!(countersign_wire::names::is_task_id(&id));
    assert!(countersign_wire::task::Task::read(reply.text.as_bytes()).is_some());
}

#[tokio::test]
async fn the_same_request_again_joins_its_task() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let again = bench
        .submit(|value| {
            value["context"]["business_justification"] = "Please, it is urgent".into();
            value["denial"]["evaluation_id"] = "eval_another".into();
            v1(value)["code"] = "OAK-11".into();
            v1(value)["audit"]["seq"] = 7.into();
        })
        .await
        .expect(StatusCode::ACCEPTED);
    assert_eq!(again.task_id(), id);
    assert_eq!(again.json["task"]["display"]["urn:countersign:v1"]["code"], "MAPLE-42");
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    bench.decide("carol", &id, Choice::Approve).await.unwrap();
    let approved = bench.submit(|_| {}).await.expect(StatusCode::CREATED);
    assert_eq!((approved.task_id(), approved.task_status()), (id, "approved"));
}

#[tokio::test]
async fn another_request_subject_actor_or_display_makes_another_task() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let changes: [(&str, Change); 4] = [
        ("request", |value| number(value, 1)),
        ("subject", |value| value["subject"]["id"] = "spiffe://prod.example/ns/agents/sa/other".into()),
        ("human", |value| value["client"]["actor"]["act"]["sub"] = "frank@example.com".into()),
        ("display", |value| v1(value)["payload"]["size"] = 64.into()),
    ];
    for (what, change) in changes {
        let reply = bench
            .submit(|value| {
                change(value);
                redigest(value);
            })
            .await
            .expect(StatusCode::ACCEPTED);
        assert_ne!(reply.task_id(), id, "{what}");
    }
}

#[tokio::test]
async fn a_used_or_ended_grant_is_not_joined() {
    let bench = Bench::new().await;
    let id = bench.granted().await.id;
    bench.pass(299_000);
    assert_eq!(bench.submit(|value| alive(&bench, value)).await.expect(StatusCode::CREATED).task_id(), id);
    bench.pass(2_000);
    assert_ne!(bench.submit(|value| alive(&bench, value)).await.expect(StatusCode::ACCEPTED).task_id(), id);
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    bench
        .post(crate::support::EVALUATION, &granted.redeem(crate::support::NONCE))
        .await
        .expect(StatusCode::OK);
    assert_ne!(bench.submit(|_| {}).await.expect(StatusCode::ACCEPTED).task_id(), granted.id);
}

/// Moves the submission's times to now.
fn alive(bench: &Bench, value: &mut Value) {
    value["denial"]["expires_at"] = at(bench.now() + 300_000);
    value["requested_access"]["requested_until"] = at(bench.now() + 900_000);
}

#[tokio::test]
async fn a_denial_is_remembered_for_a_minute_however_the_request_is_described() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    bench.decide("bob", &id, Choice::Deny).await.unwrap();
    let described = |value: &mut Value| {
        v1(value)["lineage"]["source"] = "claimed".into();
        redigest(value);
    };
    bench.pass(59_000);
    let reply = bench.submit(described).await.expect(StatusCode::CREATED);
    assert_eq!((reply.task_id(), reply.task_status()), (id.clone(), "denied"));
    bench.pass(2_000);
    assert_ne!(bench.submit(|_| {}).await.expect(StatusCode::ACCEPTED).task_id(), id);
}

#[tokio::test]
async fn a_repeated_key_gets_the_same_task_and_another_body_is_refused() {
    let bench = Bench::new().await;
    let key = "\"9a6f2c1e-5b7d-4c1a-8e21-0f0e0d0c0b0a\"";
    let body = submission(|_| {}).to_string();
    let send = |body: String| {
        let request = bench.pep.post_keyed(REQUESTS, body.as_bytes(), bench.now(), key);
        bench.send(request)
    };
    let id = send(body.clone()).await.expect(StatusCode::ACCEPTED).task_id();
    bench.decide("bob", &id, Choice::Deny).await.unwrap();
    let reply = send(body.clone()).await.expect(StatusCode::CREATED);
    assert_eq!((reply.task_id(), reply.task_status()), (id, "denied"));
    send(body.replace("DPA-114", "DPA-115")).await.problem(409, DUPLICATE);
}

#[tokio::test]
async fn a_filter_cannot_submit_for_another_client() {
    let bench = Bench::new().await;
    let reply = bench.submit(|value| value["client"]["id"] = "urn:countersign:pep:other".into()).await;
    reply.problem(403, "urn:openid:authzen:access-request:error:invalid_denial_binding");
}

#[tokio::test]
async fn a_display_that_is_not_what_its_digest_says_is_refused() {
    let bench = Bench::new().await;
    for change in [
        (|value: &mut Value| v1(value)["payload"]["masked_excerpt"] = "{\"rows\":1}".into()) as Change,
        |value| v1(value)["destination"]["authority"] = "api.harmless.example".into(),
        |value| value["resource"]["id"] = "harmless".into(),
        |value| v1(value)["payload"]["masked"] = json!([]),
    ] {
        bench.submit(change).await.problem(409, "urn:countersign:problem:digest-mismatch");
    }
    assert!(bench.service.list(Filter::default()).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_the_filter_should_have_masked_no_reviewer_sees() {
    let bench = Bench::new().await;
    let secret = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let reply = bench
        .submit(|value| {
            v1(value)["payload"]["masked_excerpt"] = format!("{{\"note\":\"{secret}\"}}").into();
            value["context"]["business_justification"] = format!("my token is {secret}").into();
            redigest(value);
        })
        .await
        .expect(StatusCode::ACCEPTED);
    let view = bench.view(&reply.task_id()).await;
    assert!(!format!("{view:?}").contains(&secret), "{view:?}");
    assert!(view.submission.context.v1.payload.masked.len() > 1, "what was masked again is not listed");
    let incident = bench.log().await.into_iter().find(|record| record["event"] == "verify.failed").unwrap();
    assert_eq!(incident["reason_code"], "unmasked-content");
    if !bench.is_a_file() {
        return;
    }
    let everything = std::fs::read(bench.state.join("countersign.db")).unwrap();
    let wal = std::fs::read(bench.state.join("countersign.db-wal")).unwrap_or_default();
    for bytes in [everything, wal] {
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "the secret is on disk");
    }
}

#[tokio::test]
async fn what_the_policy_lets_stay_is_no_incident_where_the_filter_says_so() {
    let bench = Bench::new().await;
    let note = "{\"note\":\"mail help@example.com\"}";
    let reply = bench
        .submit(|value| {
            v1(value)["payload"]["masked_excerpt"] = note.into();
            v1(value)["payload"]["allowed"] = json!([{"path": "$.note", "detector": "email"}]);
            redigest(value);
        })
        .await
        .expect(StatusCode::ACCEPTED);
    let view = bench.view(&reply.task_id()).await;
    assert_eq!(view.submission.context.v1.payload.masked_excerpt, note);
    assert!(bench.log().await.iter().all(|record| record["event"] != "verify.failed"));
}

#[tokio::test]
async fn a_rule_that_nobody_could_satisfy_is_not_asked() {
    let bench = Bench::new().await;
    let reply = bench.submit(|value| v1(value)["quorum"]["groups"] = json!(["security", "nobody"])).await;
    reply.problem(422, "urn:openid:authzen:access-request:error:not_requestable");
    assert!(reply.json["detail"].as_str().unwrap().contains("`nobody`"));
    let reply = bench.submit(|value| v1(value)["quorum"]["required"] = 1.into()).await;
    reply.problem(422, "urn:openid:authzen:access-request:error:not_requestable");
}

#[tokio::test]
async fn an_old_denial_or_a_past_deadline_is_not_asked() {
    let bench = Bench::new().await;
    let expired = "urn:openid:authzen:access-request:error:expired_denial";
    bench.submit(|value| value["denial"]["expires_at"] = at(START - 31_000)).await.problem(422, expired);
    bench
        .submit(|value| value["requested_access"]["requested_until"] = at(START))
        .await
        .problem(422, expired);
    bench
        .submit(|value| value["denial"]["expires_at"] = at(START - 29_000))
        .await
        .expect(StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_task_lives_a_quarter_of_an_hour_if_nobody_says_and_a_day_at_most() {
    let bench = Bench::new().await;
    let reply =
        bench.submit(|value| value["requested_access"] = json!({})).await.expect(StatusCode::ACCEPTED);
    assert_eq!(bench.view(&reply.task_id()).await.expires_at_ms, START + 15 * 60 * 1000);
    let long = |value: &mut Value| {
        number(value, 1);
        value["requested_access"]["requested_until"] = at(START + 100 * 3_600_000);
    };
    let reply = bench.submit(long).await.expect(StatusCode::ACCEPTED);
    assert_eq!(bench.view(&reply.task_id()).await.expires_at_ms, START + 24 * 3_600_000);
}

#[tokio::test]
async fn what_is_not_of_the_schema_is_refused() {
    let bench = Bench::new().await;
    let changes: Vec<(&str, Change)> = vec![
        ("no subject", |value| drop(value.as_object_mut().unwrap().remove("subject"))),
        ("no client", |value| drop(value.as_object_mut().unwrap().remove("client"))),
        ("long subject", |value| value["subject"]["id"] = "x".repeat(513).into()),
        ("long resource", |value| value["resource"]["id"] = "x".repeat(513).into()),
        ("bad digest", |value| value["context"]["urn:countersign:request_digest"] = "sha-256:short".into()),
        ("long why", |value| value["context"]["business_justification"] = "x".repeat(1001).into()),
        ("scheme", |value| v1(value)["destination"]["scheme"] = "ftp".into()),
        ("authority", |value| v1(value)["destination"]["authority"] = "x".repeat(254).into()),
        ("path", |value| v1(value)["destination"]["path"] = "x".repeat(2049).into()),
        ("commit", |value| v1(value)["policy"]["commit"] = "main".into()),
        ("rule digest", |value| v1(value)["policy"]["rule_digest"] = "x".into()),
        ("excerpt", |value| v1(value)["payload"]["masked_excerpt"] = "x".repeat(4097).into()),
        ("size", |value| v1(value)["payload"]["size"] = (-1).into()),
        ("lineage", |value| v1(value)["lineage"]["source"] = "hearsay".into()),
        ("nobody required", |value| v1(value)["quorum"]["required"] = 0.into()),
        ("eleven required", |value| v1(value)["quorum"]["required"] = 11.into()),
        ("no group", |value| v1(value)["quorum"]["groups"] = json!([])),
        ("a group twice", |value| v1(value)["quorum"]["groups"] = json!(["security", "security"])),
        ("not distinct", |value| v1(value)["quorum"]["distinct"] = false.into()),
        ("code", |value| v1(value)["code"] = "<b>APPROVED</b>".into()),
        ("scoped once", |value| scoped(value, &json!({"uses": 1, "seconds": 60, "digest": DIGEST}))),
        ("scoped for ever", |value| scoped(value, &json!({"uses": 2, "seconds": 86_401, "digest": DIGEST}))),
        ("scoped to nothing", |value| scoped(value, &json!({"uses": 2, "seconds": 60, "digest": "all"}))),
        ("scoped by more", |value| {
            scoped(value, &json!({"uses": 2, "seconds": 60, "digest": DIGEST, "bodies": "*"}));
        }),
        ("audit chain", |value| v1(value)["audit"]["chain"] = "x".into()),
        ("audit hash", |value| v1(value)["audit"]["hash"] = "x".into()),
        ("denial time", |value| value["denial"]["expires_at"] = "soon".into()),
        ("until", |value| value["requested_access"]["requested_until"] = "later".into()),
    ];
    for (what, change) in changes {
        let reply = bench.submit(change).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{what}: {}", reply.text);
        reply.problem(400, MALFORMED);
    }
    let body = submission(|_| {}).to_string();
    let doubled = body.replacen('{', "{\"subject\":{\"type\":\"user\",\"id\":\"root\"},", 1);
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    for text in [doubled, deep, format!("{body}{body}"), "garbage".into(), String::new()] {
        bench.send(bench.pep.post(REQUESTS, text.as_bytes(), bench.now())).await.problem(400, MALFORMED);
    }
    assert!(bench.service.list(Filter::default()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_body_over_64_kib_is_refused() {
    let bench = Bench::new().await;
    let body =
        submission(|value| value["client"]["source"]["session_id"] = "x".repeat(70_000).into()).to_string();
    let reply = bench.send(bench.pep.post(REQUESTS, body.as_bytes(), bench.now())).await;
    reply.problem(413, "urn:countersign:problem:too-large");
}

#[tokio::test]
async fn a_subject_cannot_flood_the_reviewers() {
    let bench = Bench::new().await;
    for n in 0..40 {
        bench.submit(|value| number(value, n)).await.expect(StatusCode::ACCEPTED);
    }
    let reply = bench.submit(|value| number(value, 40)).await;
    reply.problem(429, "urn:countersign:problem:too-many-requests");
    assert_eq!(reply.headers["retry-after"], "60");
    bench.submit(|value| number(value, 7)).await.expect(StatusCode::ACCEPTED);
    let other = |value: &mut Value| {
        value["subject"]["id"] = "spiffe://prod.example/ns/agents/sa/other".into();
        redigest(value);
    };
    bench.submit(other).await.expect(StatusCode::ACCEPTED);
}
